//! The files in which decky-romm-sync keeps what it knows: `save_sync_state.json` (version 1, and
//! every form it had before) and `settings.json`. Read, and written in their newest form.
//!
//! Knows nothing of where they are, of a server, or of what is done with what they say.

mod reading;
mod settings;
mod state;

use std::collections::BTreeMap;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use keepsave_core::ids::{RomId, SaveId};
use keepsave_core::limits;
use keepsave_core::time::Time;
use serde_json::Value as Json;

use self::reading::{Cursor, Wrong};
use super::{Baseline, Game, Machine, Playtime, SlotEntry};
use crate::settings::{Setting, Value};

/// The choices that the plugin has and this program too, by the names of both.
pub const SHARED_SETTINGS: [&str; 6] = [
    "save_sync_enabled",
    "sync_before_launch",
    "sync_after_exit",
    "default_slot",
    "autocleanup_limit",
    "device_name",
];

/// One of the files.
#[derive(Clone, Debug, PartialEq)]
pub enum Document {
    /// `save_sync_state.json`.
    State(Box<StateDocument>),
    /// `settings.json`.
    Settings(SettingsDocument),
}

/// What `save_sync_state.json` says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StateDocument {
    /// Which machine it was.
    pub machine: Machine,
    /// Its games.
    pub games: BTreeMap<RomId, GameDocument>,
    /// How long each was played.
    pub playtime: BTreeMap<RomId, Playtime>,
    /// Choices that older forms had there.
    pub chosen: Chosen,
}

/// What it says of a game.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GameDocument {
    /// Its slot and core.
    pub game: Game,
    /// The saves that were uploaded from there; none where that was not written down yet.
    pub own_uploads: Option<Vec<SaveId>>,
    /// Its slots.
    pub slots: Vec<SlotEntry>,
    /// Its files in the active slot, by name.
    pub files: BTreeMap<String, Baseline>,
}

/// What `settings.json` says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SettingsDocument {
    /// Its version: before 4 the choices stood in `save_sync_state.json`.
    pub version: i64,
    /// The server, as it was written there.
    pub server: Option<String>,
    /// The user there, in forms that sign in with a password.
    pub user: Option<String>,
    /// What was chosen.
    pub chosen: Chosen,
}

/// What was chosen in the plugin.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Chosen {
    /// Each choice that is there.
    pub values: Vec<(&'static Setting, Value)>,
    /// The plugin once could upload to no slot at all, which this program does not.
    pub had_no_slot: bool,
}

/// A file that cannot be taken. Nothing was changed, the file neither.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// It cannot be read.
    #[error("{}: {error}. Nothing was imported", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why not.
        error: io::Error,
    },
    /// It is damaged.
    #[error(
        "{}: {why}. Nothing was imported and the file was left as it is: repair it, or import a \
         copy from before it was damaged",
        path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// It is something else.
    #[error(
        "{}: is neither a save_sync_state.json nor a settings.json of decky-romm-sync. Nothing was \
         imported",
        path.display()
    )]
    Unknown {
        /// The file.
        path: PathBuf,
    },
    /// It is of a plugin that came later.
    #[error(
        "{}: is of version {version}, which is newer than what is known here ({known}). Nothing \
         was imported",
        path.display()
    )]
    TooNew {
        /// The file.
        path: PathBuf,
        /// Its version.
        version: i64,
        /// The newest that is known.
        known: i64,
    },
}

impl Document {
    /// Reads a file, and sees from what it holds which of the two it is.
    pub fn read(path: &Path) -> Result<Self, DocumentError> {
        let failed = |error| DocumentError::Io {
            path: path.to_owned(),
            error,
        };
        let mut text = Vec::new();
        let file = std::fs::File::open(path).map_err(failed)?;
        let mut file = file.take(limits::FOREIGN_STATE_BYTES + 1);
        file.read_to_end(&mut text).map_err(failed)?;
        if text.len() as u64 > limits::FOREIGN_STATE_BYTES {
            let why = format!("it is longer than {} bytes", limits::FOREIGN_STATE_BYTES);
            return Err(failed(io::Error::other(why)));
        }
        Self::parse(path, &text)
    }

    /// Reads what a file of that name holds.
    pub fn parse(path: &Path, text: &[u8]) -> Result<Self, DocumentError> {
        let damaged = |why: String| DocumentError::Damaged {
            path: path.to_owned(),
            why,
        };
        let json: Json =
            serde_json::from_slice(text).map_err(|error| damaged(error.to_string()))?;
        let root = Cursor::root(&json);
        let has = |names: &[&str]| names.iter().any(|name| json.get(*name).is_some());
        let wrong = |Wrong { at, expected }| damaged(format!("`{at}` must be {expected}"));
        let too_new = |known| {
            move |version| DocumentError::TooNew {
                path: path.to_owned(),
                version,
                known,
            }
        };
        if has(&["saves", "playtime", "server_device_id"]) {
            let version = root.read("version", Cursor::integer).map_err(wrong)?;
            if let Some(newer) = version.filter(|version| *version > state::VERSION) {
                return Err(too_new(state::VERSION)(newer));
            }
            let document = state::read(&root).map_err(wrong)?;
            return Ok(Self::State(Box::new(document)));
        }
        if has(&[
            "romm_url",
            "enabled_platforms",
            "save_sync_enabled",
            "steam_input_mode",
        ]) {
            return Ok(Self::Settings(settings::read(&root).map_err(wrong)?));
        }
        Err(DocumentError::Unknown {
            path: path.to_owned(),
        })
    }

    /// The file's name.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::State(_) => "save_sync_state.json",
            Self::Settings(_) => "settings.json",
        }
    }

    /// As the plugin writes it today.
    pub fn json(&self) -> Json {
        match self {
            Self::State(document) => state::json(document),
            Self::Settings(document) => settings::json(document),
        }
    }
}

/// A moment as Python writes it: a fraction only where there is one.
fn moment(at: Time) -> Json {
    at.to_string().replacen(".000000", "", 1).into()
}
