//! What the device reads of answers: only what it needs is needed. All else may be missing, null,
//! of another type, or new.

use std::fmt;

use keepsave_core::content::ContentHash;
use keepsave_core::ids::{
    DeviceId, NoteId, PlaySessionId, RomId, SaveId, ScreenshotId, SessionId, StateId, TimelineId,
    TokenId, UserId, VersionId,
};
use keepsave_core::negotiate::Action;
use keepsave_core::time::Time;
use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer};
use serde_json::value::RawValue;

use super::Secret;
use super::error::shown;

/// The rows of a list that can be read, and those that cannot.
#[derive(Debug)]
pub struct Rows<T> {
    /// In the order of the answer.
    pub rows: Vec<T>,
    /// What could not be read.
    pub unreadable: Vec<UnreadableRow>,
}

/// A row that lacks what the device needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadableRow {
    /// Its place in the list, from 0.
    pub index: usize,
    /// What is wrong with it.
    pub why: String,
    /// How it begins.
    pub begins: String,
}

impl fmt::Display for UnreadableRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { index, why, begins } = self;
        write!(
            f,
            "row {index} of the answer cannot be read ({why}): {begins}"
        )
    }
}

impl<T> Default for Rows<T> {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            unreadable: Vec::new(),
        }
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Rows<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let texts = Vec::<&RawValue>::deserialize(deserializer)?;
        let mut rows = Vec::with_capacity(texts.len());
        let mut unreadable = Vec::new();
        for (index, text) in texts.iter().enumerate() {
            match serde_json::from_str(text.get()) {
                Ok(row) => rows.push(row),
                Err(error) => unreadable.push(UnreadableRow {
                    index,
                    why: error.to_string(),
                    begins: shown(text.get()),
                }),
            }
        }
        Ok(Self { rows, unreadable })
    }
}

/// A save, as far as the device needs it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[expect(missing_docs, reason = "RomM's fields")]
pub struct SeenSave {
    #[serde(deserialize_with = "lenient::number")]
    pub id: SaveId,
    #[serde(deserialize_with = "lenient::number")]
    pub rom_id: RomId,
    #[serde(default, deserialize_with = "lenient::any")]
    pub file_name: String,
    #[serde(default, deserialize_with = "lenient::any")]
    pub slot: Option<String>,
    #[serde(default, deserialize_with = "lenient::any")]
    pub emulator: Option<String>,
    #[serde(default, deserialize_with = "lenient::any")]
    pub content_hash: Option<ContentHash>,
    #[serde(default, deserialize_with = "lenient::any")]
    pub file_size_bytes: Option<u64>,
    #[serde(default, deserialize_with = "lenient::any")]
    pub updated_at: Option<Time>,
    #[serde(default, deserialize_with = "lenient::any")]
    pub created_at: Option<Time>,
    #[serde(default, deserialize_with = "lenient::any")]
    pub missing_from_fs: bool,
    #[serde(default, deserialize_with = "lenient::any")]
    pub origin_device_id: Option<DeviceId>,
    #[serde(default, deserialize_with = "lenient::each")]
    pub device_syncs: Vec<SeenSync>,
}

impl SeenSave {
    /// What the server knows of that device and this save.
    pub fn sync_of(&self, device: &DeviceId) -> Option<&SeenSync> {
        self.device_syncs
            .iter()
            .find(|sync| sync.device_id == *device)
    }
}

/// A timeline of a Keepsave, as far as the device needs it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[expect(missing_docs, reason = "Keepsave's fields")]
pub struct SeenTimeline {
    #[serde(deserialize_with = "lenient::number")]
    pub id: TimelineId,
}

/// A version of a Keepsave, as far as the device needs it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[expect(missing_docs, reason = "Keepsave's fields")]
pub struct SeenVersion {
    #[serde(deserialize_with = "lenient::number")]
    pub id: VersionId,
    pub ordinal: i64,
    #[serde(default, deserialize_with = "lenient::perhaps_number")]
    pub save_id: Option<SaveId>,
    #[serde(default, deserialize_with = "lenient::any")]
    pub content_hash: Option<ContentHash>,
    #[serde(default, deserialize_with = "lenient::any")]
    pub set_id: Option<String>,
}

/// What the server knows of a device and a save.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[expect(missing_docs, reason = "RomM's fields")]
pub struct SeenSync {
    #[serde(deserialize_with = "lenient::text")]
    pub device_id: DeviceId,
    #[serde(default, deserialize_with = "lenient::any")]
    pub device_name: Option<String>,
    #[serde(default, deserialize_with = "lenient::any")]
    pub last_synced_at: Option<Time>,
    #[serde(default, deserialize_with = "lenient::any")]
    pub is_untracked: bool,
    #[serde(default, deserialize_with = "lenient::any")]
    pub is_current: bool,
}

/// A game, as far as the device needs it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[expect(missing_docs, reason = "RomM's fields")]
pub struct SeenGame {
    #[serde(deserialize_with = "lenient::number")]
    pub id: RomId,
    #[serde(default, deserialize_with = "lenient::any")]
    pub fs_name: String,
    #[serde(default, deserialize_with = "lenient::any")]
    pub fs_name_no_ext: Option<String>,
    #[serde(default, deserialize_with = "lenient::any")]
    pub name: Option<String>,
    #[serde(default, deserialize_with = "lenient::any")]
    pub platform_slug: String,
    #[serde(default, deserialize_with = "lenient::any")]
    pub platform_fs_slug: String,
    #[serde(default, deserialize_with = "lenient::any")]
    pub md5_hash: Option<String>,
    #[serde(default, deserialize_with = "lenient::any")]
    pub missing_from_fs: bool,
}

/// One page of games.
#[derive(Debug, Deserialize)]
#[expect(missing_docs, reason = "RomM's fields")]
pub struct SeenGames {
    pub items: Rows<SeenGame>,
    #[serde(default, deserialize_with = "lenient::any")]
    pub total: Option<usize>,
}

/// A save state, as far as the device needs it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[expect(missing_docs, reason = "RomM's fields")]
pub struct SeenState {
    #[serde(deserialize_with = "lenient::number")]
    pub id: StateId,
    #[serde(deserialize_with = "lenient::number")]
    pub rom_id: RomId,
    #[serde(default, deserialize_with = "lenient::any")]
    pub file_name: String,
    #[serde(default, deserialize_with = "lenient::any")]
    pub emulator: Option<String>,
    #[serde(default, deserialize_with = "lenient::any")]
    pub file_size_bytes: Option<u64>,
    #[serde(default, deserialize_with = "lenient::any")]
    pub updated_at: Option<Time>,
    #[serde(default, deserialize_with = "lenient::any")]
    pub download_path: Option<String>,
    #[serde(default, deserialize_with = "lenient::any")]
    pub screenshot: Option<SeenPicture>,
}

/// The picture of a save state, as far as the device needs it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[expect(missing_docs, reason = "RomM's fields")]
pub struct SeenPicture {
    #[serde(deserialize_with = "lenient::number")]
    pub id: ScreenshotId,
    #[serde(default, deserialize_with = "lenient::any")]
    pub file_size_bytes: Option<u64>,
    #[serde(default, deserialize_with = "lenient::any")]
    pub download_path: Option<String>,
}

/// What a server tells a device to do with a save.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SeenAction {
    /// One that this device knows.
    Known(Action),
    /// Another: its word.
    Unknown(String),
}

impl SeenAction {
    /// The word on the wire.
    pub fn word(&self) -> &str {
        match self {
            Self::Known(action) => action.as_str(),
            Self::Unknown(word) => word,
        }
    }
}

impl<'de> Deserialize<'de> for SeenAction {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word: String = lenient::text(deserializer)?;
        Ok(Action::named(&word).map_or(Self::Unknown(word), Self::Known))
    }
}

/// A line of a server's plan.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[expect(missing_docs, reason = "RomM's fields")]
pub struct SeenOperation {
    pub action: SeenAction,
    #[serde(deserialize_with = "lenient::number")]
    pub rom_id: RomId,
    #[serde(default, deserialize_with = "lenient::perhaps_number")]
    pub save_id: Option<SaveId>,
    #[serde(default, deserialize_with = "lenient::any")]
    pub file_name: String,
    #[serde(default, deserialize_with = "lenient::any")]
    pub slot: Option<String>,
    #[serde(default, deserialize_with = "lenient::any")]
    pub emulator: Option<String>,
    #[serde(default, deserialize_with = "lenient::any")]
    pub reason: String,
    #[serde(default, deserialize_with = "lenient::any")]
    pub server_updated_at: Option<Time>,
    #[serde(default, deserialize_with = "lenient::any")]
    pub server_content_hash: Option<ContentHash>,
}

/// A server's plan.
#[derive(Debug, Deserialize)]
#[expect(missing_docs, reason = "RomM's fields")]
pub struct SeenPlan {
    /// Without it nothing can be completed, but everything can be done.
    #[serde(default, deserialize_with = "lenient::perhaps_number")]
    pub session_id: Option<SessionId>,
    pub operations: Rows<SeenOperation>,
}

/// A sync session.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[expect(missing_docs, reason = "RomM's fields")]
pub struct SeenSession {
    #[serde(deserialize_with = "lenient::number")]
    pub id: SessionId,
    #[serde(default, deserialize_with = "lenient::any")]
    pub device_id: Option<String>,
    #[serde(default, deserialize_with = "lenient::any")]
    pub status: String,
    #[serde(default, deserialize_with = "lenient::any")]
    pub initiated_at: Option<Time>,
    #[serde(default, deserialize_with = "lenient::any")]
    pub completed_at: Option<Time>,
    #[serde(default, deserialize_with = "lenient::any")]
    pub operations_planned: i64,
    #[serde(default, deserialize_with = "lenient::any")]
    pub operations_completed: i64,
    #[serde(default, deserialize_with = "lenient::any")]
    pub operations_failed: i64,
    #[serde(default, deserialize_with = "lenient::any")]
    pub error_message: Option<String>,
}

/// A device of the account.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[expect(missing_docs, reason = "RomM's fields")]
pub struct SeenDevice {
    #[serde(deserialize_with = "lenient::text")]
    pub id: DeviceId,
    #[serde(default, deserialize_with = "lenient::any")]
    pub name: Option<String>,
    #[serde(default, deserialize_with = "lenient::any")]
    pub platform: Option<String>,
    #[serde(default, deserialize_with = "lenient::any")]
    pub client: Option<String>,
    #[serde(default, deserialize_with = "lenient::any")]
    pub client_version: Option<String>,
    #[serde(default, deserialize_with = "lenient::any")]
    pub sync_mode: Option<String>,
    #[serde(default, deserialize_with = "lenient::any")]
    pub sync_enabled: Option<bool>,
    #[serde(default, deserialize_with = "lenient::any")]
    pub last_seen: Option<Time>,
}

/// A device that was registered.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[expect(missing_docs, reason = "RomM's fields")]
pub struct SeenRegistration {
    #[serde(deserialize_with = "lenient::text")]
    pub device_id: DeviceId,
    #[serde(default, deserialize_with = "lenient::any")]
    pub name: Option<String>,
}

/// Who is signed in.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[expect(missing_docs, reason = "RomM's fields")]
pub struct SeenUser {
    #[serde(deserialize_with = "lenient::number")]
    pub id: UserId,
    #[serde(deserialize_with = "lenient::text")]
    pub username: String,
    #[serde(default, deserialize_with = "lenient::any")]
    pub role: Option<String>,
    #[serde(default, deserialize_with = "lenient::each")]
    pub oauth_scopes: Vec<String>,
    #[serde(default, deserialize_with = "lenient::any")]
    pub current_device_id: Option<DeviceId>,
}

/// A token as its owner sees it later.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[expect(missing_docs, reason = "RomM's fields")]
pub struct SeenTokenRow {
    #[serde(deserialize_with = "lenient::number")]
    pub id: TokenId,
    #[serde(default, deserialize_with = "lenient::any")]
    pub device_id: Option<DeviceId>,
}

/// A token that a server gave away.
#[derive(Clone, Debug, Deserialize)]
#[expect(missing_docs, reason = "RomM's fields")]
pub struct SeenToken {
    /// What revokes it.
    #[serde(default, deserialize_with = "lenient::perhaps_number")]
    pub id: Option<TokenId>,
    #[serde(alias = "access_token")]
    pub raw_token: Secret,
    #[serde(default, deserialize_with = "lenient::any")]
    pub device_id: Option<DeviceId>,
    #[serde(default, deserialize_with = "lenient::each")]
    pub scopes: Vec<String>,
    #[serde(default, deserialize_with = "lenient::any")]
    pub expires_at: Option<Time>,
}

/// What a device shows to a person who lets it in.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[expect(missing_docs, reason = "RomM's fields")]
pub struct SeenDeviceCode {
    pub device_code: Secret,
    #[serde(deserialize_with = "lenient::text")]
    pub user_code: String,
    #[serde(default, deserialize_with = "lenient::any")]
    pub verification_path: Option<String>,
    #[serde(default, deserialize_with = "lenient::any")]
    pub verification_path_complete: Option<String>,
    #[serde(default, deserialize_with = "lenient::any")]
    pub expires_in: Option<u64>,
    #[serde(default, deserialize_with = "lenient::any")]
    pub interval: Option<u64>,
}

/// How fields are read.
pub mod lenient {
    use serde::de::Error as _;
    use serde_json::Value;

    use super::{Deserialize, DeserializeOwned, Deserializer};
    use super::{NoteId, PlaySessionId, RomId, SaveId, SessionId, StateId, TokenId, UserId};
    use super::{ScreenshotId, TimelineId, VersionId};

    /// A field that is not needed: what cannot be read counts as not there.
    pub fn any<'de, D: Deserializer<'de>, T: DeserializeOwned + Default>(
        deserializer: D,
    ) -> Result<T, D::Error> {
        let value = Value::deserialize(deserializer)?;
        Ok(serde_json::from_value(value).unwrap_or_default())
    }

    /// A list of which each element counts that can be read.
    pub fn each<'de, D: Deserializer<'de>, T: DeserializeOwned>(
        deserializer: D,
    ) -> Result<Vec<T>, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let Value::Array(elements) = value else {
            return Ok(Vec::new());
        };
        let read = elements.into_iter().map(serde_json::from_value);
        Ok(read.filter_map(Result::ok).collect())
    }

    /// An id that is a number, however it is written.
    pub fn number<'de, D: Deserializer<'de>, T: FromNumber>(
        deserializer: D,
    ) -> Result<T, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let number = whole(&value).map(T::from_number);
        number.ok_or_else(|| D::Error::custom(format!("{value} is not an id")))
    }

    /// An id that is a number, or none.
    pub fn perhaps_number<'de, D: Deserializer<'de>, T: FromNumber>(
        deserializer: D,
    ) -> Result<Option<T>, D::Error> {
        let value = Value::deserialize(deserializer)?;
        Ok(whole(&value).map(T::from_number))
    }

    /// A text that is needed; a number is its digits.
    pub fn text<'de, D: Deserializer<'de>, T: From<String>>(
        deserializer: D,
    ) -> Result<T, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::String(text) if !text.is_empty() => Ok(text.into()),
            Value::Number(number) => Ok(number.to_string().into()),
            other => Err(D::Error::custom(format!("{other} is not a text"))),
        }
    }

    fn whole(value: &Value) -> Option<i64> {
        match value {
            Value::String(text) => text.parse().ok(),
            _ => value.as_i64(),
        }
    }

    /// An id that is a number.
    pub trait FromNumber {
        /// The id of that number.
        fn from_number(number: i64) -> Self;
    }

    macro_rules! from_number {
        ($($id:ident),*) => {$(
            impl FromNumber for $id {
                fn from_number(number: i64) -> Self {
                    Self(number)
                }
            }
        )*};
    }

    from_number!(
        NoteId,
        PlaySessionId,
        RomId,
        SaveId,
        ScreenshotId,
        SessionId,
        StateId,
        TimelineId,
        TokenId,
        UserId,
        VersionId
    );
}
