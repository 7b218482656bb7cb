//! Ids as types, so that a save id is never handed over where a version id is meant.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! integer_id {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

integer_id! {
    /// A person with an account.
    UserId;
    /// A platform of the library, such as the Game Boy Advance.
    PlatformId;
    /// A game: `rom` on the wire.
    RomId;
    /// One file of a game.
    RomFileId;
    /// A save: the wire row.
    SaveId;
    /// An immutable version in a timeline.
    VersionId;
    /// A slot of one person's game: its timelines.
    SlotId;
    /// A timeline: (user, game, slot, part).
    TimelineId;
    /// A save state row.
    StateId;
    /// A screenshot row.
    ScreenshotId;
    /// A content that a state or a screenshot had before.
    EarlierContentId;
    /// A note on a game.
    NoteId;
    /// A client token.
    TokenId;
    /// A sync session, from negotiate to complete.
    SessionId;
    /// A play session.
    PlaySessionId;
}

/// A device's id: a UUID in its usual text form.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DeviceId(pub String);

impl fmt::Display for DeviceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl From<String> for DeviceId {
    fn from(text: String) -> Self {
        Self(text)
    }
}
