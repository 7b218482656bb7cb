//! Which id of ours stands for which recorded one, learned from the answers.

use std::collections::HashMap;

use keepsave_core::time::Time;
use serde_json::{Map, Value};

/// What an id names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    User,
    Token,
    Platform,
    Rom,
    RomFile,
    RomUser,
    Note,
    Device,
    Save,
    State,
    Screenshot,
    SyncSession,
    PlaySession,
    DeviceCode,
    UserCode,
    PairingCode,
    /// A file name with the moment that the server put into it.
    TaggedName,
    Etag,
}

impl Kind {
    /// What the number under `key` of `object` names.
    pub fn of_number(key: &str, object: &Map<String, Value>) -> Option<Self> {
        match key {
            "id" => Self::of_object(object),
            "user_id" => Some(Self::User),
            "platform_id" => Some(Self::Platform),
            "rom_id" => Some(Self::Rom),
            "save_id" => Some(Self::Save),
            "session_id" | "sync_session_id" => Some(Self::SyncSession),
            _ => None,
        }
    }

    /// What an object is, by the fields that only its kind has.
    pub fn of_object(object: &Map<String, Value>) -> Option<Self> {
        let kinds = [
            ("fs_name", Self::Rom),
            ("rom_count", Self::Platform),
            ("oauth_scopes", Self::User),
            ("scopes", Self::Token),
            ("initiated_at", Self::SyncSession),
            ("start_time", Self::PlaySession),
            ("index", Self::PlaySession),
            ("backlogged", Self::RomUser),
            ("title", Self::Note),
            ("is_top_level", Self::RomFile),
            ("is_gallery", Self::Screenshot),
            ("slot", Self::Save),
            ("emulator", Self::State),
        ];
        let known = kinds.into_iter().find(|(key, _)| object.contains_key(*key));
        known.map(|(_, kind)| kind)
    }

    /// What the string under `key` names, when it names something by its key alone.
    pub fn of_text(key: &str) -> Option<Self> {
        match key {
            "device_code" => Some(Self::DeviceCode),
            "user_code" => Some(Self::UserCode),
            "code" => Some(Self::PairingCode),
            _ => None,
        }
    }

    /// What the numbers of a list under `key` name; `route` answers or takes the list.
    pub fn of_list(key: &str, route: &str) -> Option<Self> {
        match key {
            "rom_id_index" => return Some(Self::Rom),
            "platforms" => return Some(Self::Platform),
            "saves" => return Some(Self::Save),
            "states" => return Some(Self::State),
            _ => {}
        }
        let (collection, last) = route.rsplit_once('/')?;
        if !key.is_empty() || !matches!(last, "identifiers" | "delete") {
            return None;
        }
        match collection.rsplit('/').next()? {
            "saves" => Some(Self::Save),
            "states" => Some(Self::State),
            "roms" => Some(Self::Rom),
            "platforms" => Some(Self::Platform),
            "notes" => Some(Self::Note),
            _ => None,
        }
    }
}

/// A one-to-one mapping per kind, and the newest `updated_at` seen of every save and state.
#[derive(Clone, Default)]
pub(super) struct Identities {
    ours: HashMap<(Kind, String), String>,
    recorded: HashMap<(Kind, String), String>,
    updated: HashMap<(Kind, String), Time>,
}

impl Identities {
    /// Notes that `ours` stands for `recorded`, or says with what that disagrees.
    pub fn learn(&mut self, kind: Kind, recorded: &str, ours: &str) -> Result<(), String> {
        if let Some(known) = self.ours.get(&(kind, recorded.to_owned())) {
            return if known == ours {
                Ok(())
            } else {
                Err(format!("{kind:?} {recorded} is {known}, here {ours}"))
            };
        }
        if let Some(other) = self.recorded.get(&(kind, ours.to_owned())) {
            return Err(format!(
                "{kind:?} {ours} is the recorded {other}, not {recorded}"
            ));
        }
        let (recorded, ours) = (recorded.to_owned(), ours.to_owned());
        self.recorded.insert((kind, ours.clone()), recorded.clone());
        self.ours.insert((kind, recorded), ours);
        Ok(())
    }

    /// Our id for a recorded one; one that no answer named stays as it is.
    pub fn ours<'a>(&'a self, kind: Kind, recorded: &'a str) -> &'a str {
        self.ours
            .get(&(kind, recorded.to_owned()))
            .map_or(recorded, String::as_str)
    }

    /// Notes when a row of ours was updated, or says that it went backwards.
    pub fn updated(&mut self, kind: Kind, id: &str, at: Time) -> Result<(), String> {
        let newest = self.updated.entry((kind, id.to_owned())).or_insert(at);
        if at < *newest {
            return Err(format!(
                "{kind:?} {id} was updated at {newest}, here at {at}"
            ));
        }
        *newest = at;
        Ok(())
    }
}
