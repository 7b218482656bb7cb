//! The rows and files of the stand-in: what RomM keeps in its database, its cache and its folders.
//!
//! Knows no request.

use std::collections::{BTreeMap, HashMap};

use bytes::Bytes;
use keepsave_core::content::{Digest, ZipVerdict, zip_content_hash};
use keepsave_core::time::Time;
use keepsave_server::environment::Environment;
use serde_json::Value;

use super::release::{Quirks, Release};

/// Everything there is.
pub(super) struct World {
    pub release: Release,
    pub quirks: Quirks,
    /// What the heartbeat says: usually a text.
    pub version: Value,
    pub environment: Environment,
    pub users: Vec<User>,
    pub tokens: Vec<Token>,
    pub pairings: Vec<Pairing>,
    pub authorizations: Vec<Authorization>,
    /// When someone tried, by what they tried.
    pub tries: HashMap<&'static str, Vec<Time>>,
    pub devices: Vec<Device>,
    pub platforms: Vec<Platform>,
    pub roms: Vec<Rom>,
    pub played: Vec<RomUser>,
    pub notes: Vec<Note>,
    pub saves: Vec<Asset>,
    pub states: Vec<Asset>,
    pub screenshots: Vec<Asset>,
    pub syncs: Vec<SyncRow>,
    pub sessions: Vec<Session>,
    pub play_sessions: Vec<PlaySession>,
    pub files: BTreeMap<String, StoredFile>,
    ids: HashMap<&'static str, i64>,
}

pub(super) struct User {
    pub id: i64,
    pub name: String,
    pub email: String,
    pub password: String,
    pub is_admin: bool,
    pub created: Time,
    pub updated: Time,
    pub last_active: Option<Time>,
}

pub(super) struct Token {
    pub id: i64,
    pub user_id: i64,
    pub name: String,
    pub secret: String,
    pub scopes: Vec<String>,
    pub expires: Option<Time>,
    pub last_used: Option<Time>,
    pub created: Time,
    pub device_id: Option<String>,
}

/// A pairing code of a token.
pub(super) struct Pairing {
    pub code: String,
    pub token_id: i64,
    pub expires: Time,
}

/// A device that asked to be let in.
pub(super) struct Authorization {
    pub device_code: String,
    pub user_code: String,
    pub identifier: String,
    pub name: String,
    pub client: String,
    pub platform: Option<String>,
    pub client_version: Option<String>,
    pub scopes: Vec<String>,
    pub expires: Time,
    pub polled: Option<Time>,
    pub state: AuthorizationState,
}

pub(super) enum AuthorizationState {
    Pending,
    Denied,
    /// The token and its device.
    Approved {
        token: String,
        device_id: String,
    },
}

pub(super) struct Device {
    pub id: String,
    pub user_id: i64,
    /// The fields that a client may set, by their names on the wire.
    pub fields: BTreeMap<&'static str, Value>,
    pub client_device_identifier: Option<String>,
    pub last_seen: Time,
    pub created: Time,
    pub updated: Time,
}

impl Device {
    pub fn field(&self, name: &str) -> Value {
        self.fields.get(name).cloned().unwrap_or_default()
    }

    pub fn is_enabled(&self) -> bool {
        self.field("sync_enabled") == Value::Bool(true)
    }
}

pub(super) struct Platform {
    pub id: i64,
    pub slug: String,
    pub created: Time,
}

pub(super) struct Rom {
    pub id: i64,
    pub platform_id: i64,
    /// The file, or the folder of a game of several files.
    pub name: String,
    pub files: Vec<RomFile>,
    pub created: Time,
}

pub(super) struct RomFile {
    pub id: i64,
    pub name: String,
    pub content: Bytes,
}

/// What a user did with a game.
pub(super) struct RomUser {
    pub id: i64,
    pub user_id: i64,
    pub rom_id: i64,
    pub created: Time,
    pub updated: Time,
    pub last_played: Option<Time>,
    pub now_playing: bool,
    pub status: Option<&'static str>,
    /// What else the user said of it, by the names on the wire.
    pub marks: BTreeMap<&'static str, Value>,
}

/// What a user wrote about a game.
pub(super) struct Note {
    pub id: i64,
    pub user_id: i64,
    pub rom_id: i64,
    /// What the user says of it, by the names on the wire.
    pub said: Value,
    pub created: Time,
    pub updated: Time,
}

/// A row of a save, a state or a screenshot.
#[derive(Clone, Debug)]
pub struct Asset {
    /// Its id.
    pub id: i64,
    /// Whose it is.
    pub user_id: i64,
    /// The game's id.
    pub rom_id: i64,
    /// With the tag of a slot.
    pub file_name: String,
    /// The folder below the assets.
    pub file_path: String,
    /// What the row says of the size.
    pub file_size_bytes: u64,
    /// When it was made.
    pub created: Time,
    /// When it was last touched.
    pub updated: Time,
    /// The emulator's name.
    pub emulator: Option<String>,
    /// Saves have slots.
    pub slot: Option<String>,
    /// What the row says of the content.
    pub content_hash: Option<String>,
    /// Whether others may fetch it.
    pub is_public: bool,
    /// Screenshots that stand for themselves.
    pub is_gallery: bool,
    /// The device that made it.
    pub origin_device_id: Option<String>,
}

impl Asset {
    /// Where its file lies.
    pub fn full_path(&self) -> String {
        format!("{}/{}", self.file_path, self.file_name)
    }
}

/// That a device has a save.
#[derive(Clone, Debug)]
pub struct SyncRow {
    /// The device.
    pub device_id: String,
    /// The save's row.
    pub save_id: i64,
    /// When the row was updated that the device has.
    pub last_synced: Time,
    /// The device wants nothing of it.
    pub is_untracked: bool,
}

/// A sync session.
#[derive(Clone, Debug)]
pub struct Session {
    /// Its id.
    pub id: i64,
    /// The device it is of.
    pub device_id: String,
    /// The device's user.
    pub user_id: i64,
    /// `PENDING`, `IN_PROGRESS`, `COMPLETED`, `FAILED` or `CANCELLED`.
    pub status: &'static str,
    /// When it began.
    pub initiated: Time,
    /// When it ended.
    pub completed: Option<Time>,
    /// Operations to do.
    pub planned: i64,
    /// Operations done.
    pub done: i64,
    /// Operations that failed.
    pub failed: i64,
    /// Why it failed.
    pub error: Option<String>,
    /// When it last changed.
    pub updated: Time,
}

/// A play session.
#[derive(Clone, Debug, PartialEq)]
pub struct PlaySession {
    /// Its id.
    pub id: i64,
    /// Who played.
    pub user_id: i64,
    /// Where.
    pub device_id: Option<String>,
    /// What.
    pub rom_id: Option<i64>,
    /// The sync session that told of it.
    pub sync_session_id: Option<i64>,
    /// The slot that was played.
    pub save_slot: Option<String>,
    /// From.
    pub start: Time,
    /// To.
    pub end: Time,
    /// How long, without pauses.
    pub duration_ms: i64,
    /// When it was told.
    pub created: Time,
}

/// A file on disk.
pub(super) struct StoredFile {
    pub content: Bytes,
    pub modified: Time,
}

impl World {
    pub fn new(release: Release, environment: Environment) -> Self {
        Self {
            release,
            quirks: Quirks::of(release),
            version: release.version().into(),
            environment,
            users: Vec::new(),
            tokens: Vec::new(),
            pairings: Vec::new(),
            authorizations: Vec::new(),
            tries: HashMap::new(),
            devices: Vec::new(),
            platforms: Vec::new(),
            roms: Vec::new(),
            played: Vec::new(),
            notes: Vec::new(),
            saves: Vec::new(),
            states: Vec::new(),
            screenshots: Vec::new(),
            syncs: Vec::new(),
            sessions: Vec::new(),
            play_sessions: Vec::new(),
            files: BTreeMap::new(),
            ids: HashMap::new(),
        }
    }

    pub fn now(&self) -> Time {
        self.environment.now()
    }

    /// Now, as a row keeps it.
    pub fn stamp(&self) -> Time {
        self.kept(self.now())
    }

    /// A moment as a row keeps it.
    pub fn kept(&self, at: Time) -> Time {
        if self.quirks.keeps_whole_seconds {
            at.whole_seconds()
        } else {
            at
        }
    }

    /// The next id of a table.
    pub fn next_id(&mut self, table: &'static str) -> i64 {
        let last = self.ids.entry(table).or_default();
        *last += 1;
        *last
    }

    pub fn user(&self, id: i64) -> &User {
        self.users.iter().find(|user| user.id == id).unwrap()
    }

    pub fn rom(&self, id: i64) -> Option<&Rom> {
        self.roms.iter().find(|rom| rom.id == id)
    }

    pub fn platform_of(&self, rom: &Rom) -> &Platform {
        let mut platforms = self.platforms.iter();
        platforms.find(|known| known.id == rom.platform_id).unwrap()
    }

    /// A user's device.
    pub fn device(&mut self, user_id: i64, id: &str) -> Option<&mut Device> {
        let mut devices = self.devices.iter_mut();
        devices.find(|device| device.id == id && device.user_id == user_id)
    }

    pub fn sync_row(&self, device_id: &str, save_id: i64) -> Option<&SyncRow> {
        let mut rows = self.syncs.iter();
        rows.find(|row| row.device_id == device_id && row.save_id == save_id)
    }

    /// The device has what the save's row was at that moment, and wants to know of it again.
    pub fn synced(&mut self, device_id: &str, save_id: i64, at: Time) {
        let last_synced = self.kept(at);
        let mut rows = self.syncs.iter_mut();
        match rows.find(|row| row.device_id == device_id && row.save_id == save_id) {
            Some(row) => {
                row.last_synced = last_synced;
                row.is_untracked = false;
            }
            None => self.syncs.push(SyncRow {
                device_id: device_id.to_owned(),
                save_id,
                last_synced,
                is_untracked: false,
            }),
        }
    }

    /// A device showed up.
    pub fn saw(&mut self, user_id: i64, device_id: &str) {
        let now = self.stamp();
        if let Some(device) = self.device(user_id, device_id) {
            device.last_seen = now;
            device.updated = now;
        }
    }

    /// One operation of a session more is done, whatever the session's state.
    pub fn count_operation(&mut self, user_id: i64, session_id: Option<i64>) {
        let now = self.stamp();
        let of =
            |session: &&mut Session| Some(session.id) == session_id && session.user_id == user_id;
        if let Some(session) = self.sessions.iter_mut().find(of) {
            session.done += 1;
            session.updated = now;
        }
    }

    pub fn write_file(&mut self, path: String, content: Bytes) {
        let modified = self.now();
        self.files.insert(path, StoredFile { content, modified });
    }

    /// The row of what a user did with a game.
    pub fn played(&mut self, user_id: i64, rom_id: i64) -> &mut RomUser {
        let of = |row: &RomUser| row.user_id == user_id && row.rom_id == rom_id;
        let now = self.stamp();
        let at = self.played.iter().position(of).unwrap_or_else(|| {
            let id = self.next_id("played");
            self.played.push(RomUser {
                id,
                user_id,
                rom_id,
                created: now,
                updated: now,
                last_played: None,
                now_playing: false,
                status: None,
                marks: BTreeMap::new(),
            });
            self.played.len() - 1
        });
        let row = &mut self.played[at];
        row.updated = now;
        row
    }
}

/// RomM's hash of a content: a zip's is of its entries.
pub(super) fn content_hash(content: &[u8]) -> Option<String> {
    let verdict: ZipVerdict = zip_content_hash(std::io::Cursor::new(content));
    let hash = Digest::of(content).content(verdict).hash;
    hash.map(|hash| hash.to_string())
}

/// A moment as Python writes it: a fraction only where there is one.
pub(super) fn iso(at: Time) -> String {
    at.to_string().replacen(".000000", "", 1)
}

/// Null or a moment.
pub(super) fn iso_or_null(at: Option<Time>) -> Value {
    at.map_or(Value::Null, |at| iso(at).into())
}
