//! One line of a plan: one file of this device, one save of the server, or both.

use keepsave_core::content::ContentHash;
use keepsave_core::decide::{self, Choice, Entry, Head, Local, Step};
use keepsave_core::ids::{RomId, SaveId};
use keepsave_core::time::Time;
use serde::Serialize;

use crate::files::{ReadError, Snapshot};
use crate::manifest;
use crate::server::seen::SeenOperation;
use crate::state::Baseline;

/// A file that is synced, as it is now.
#[derive(Debug)]
pub struct Item {
    /// Which file it is, of which game and slot.
    pub entry: manifest::Entry,
    /// Whether the manifest lists it; else an earlier run fetched it beside what was listed.
    pub listed: bool,
    /// What stands at its path.
    pub found: Found,
    /// What was last in sync there.
    pub baseline: Option<Baseline>,
}

/// What stands at a path.
#[derive(Debug)]
pub enum Found {
    /// A file.
    File(Box<Snapshot>),
    /// Nothing: a place to download into.
    Nothing,
    /// Something that cannot be read.
    Unreadable(ReadError),
}

impl Item {
    /// The file, if there is one.
    pub fn file(&self) -> Option<&Snapshot> {
        match &self.found {
            Found::File(file) => Some(file),
            Found::Nothing | Found::Unreadable(_) => None,
        }
    }

    /// Why it cannot be read.
    pub(super) fn trouble(&self) -> String {
        match &self.found {
            Found::Unreadable(error) => error.to_string(),
            Found::File(_) | Found::Nothing => String::new(),
        }
    }

    /// Whether both are files of one game and slot, which are one save where files go together.
    pub(super) fn is_of_one_save_with(&self, other: &Self) -> bool {
        let (one, other) = (&self.entry, &other.entry);
        (one.rom, &one.slot) == (other.rom, &other.slot)
    }

    /// Whether something is there that cannot be read.
    pub(super) fn is_unreadable(&self) -> bool {
        matches!(self.found, Found::Unreadable(_))
    }

    /// The file, as core wants to know it.
    pub(super) fn local(&self) -> Option<Local> {
        self.file().map(local)
    }

    /// What was last in sync, as core wants to know it.
    pub(super) fn last_in_sync(&self) -> Option<decide::Baseline> {
        self.baseline.as_ref().and_then(Baseline::facts)
    }
}

/// A file, as core wants to know it.
pub(super) fn local(file: &Snapshot) -> Local {
    Local {
        content: file.content,
        size: file.size,
        blank: file.blank,
        modified: file.mtime,
    }
}

/// The newest save of one slot and part on the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerSave {
    /// Its id.
    pub id: SaveId,
    /// Its name there, with its tag.
    pub file_name: String,
    /// What it was made with.
    pub emulator: Option<String>,
    /// The hash that the server computed.
    pub hash: Option<ContentHash>,
    /// How many bytes it has, where the server says so.
    pub size: Option<u64>,
    /// When it was stored.
    pub updated_at: Option<Time>,
    /// What is known of this device: what the server says, unless the baseline knows better.
    pub entry: Entry,
    /// Whether the server itself takes the device for one that holds the save.
    pub confirmed: bool,
    /// The device opted out of it.
    pub untracked: bool,
}

impl ServerSave {
    /// The save, as core wants to know it.
    pub(super) fn head(&self) -> Head {
        Head {
            hash: self.hash,
            updated_at: self.updated_at.unwrap_or(Time::EPOCH),
            entry: self.entry,
        }
    }
}

/// What is to be done about one file, one save, or both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Which item of the plan; none for a save that the manifest does not list.
    pub item: Option<usize>,
    /// The game.
    pub rom: RomId,
    /// The slot.
    pub slot: Option<String>,
    /// The name that the server, or where it has no save the device, gives it.
    pub file_name: String,
    /// What it was made with.
    pub emulator: Option<String>,
    /// The server's save; none where it has none.
    pub save: Option<ServerSave>,
    /// What is to be done.
    pub todo: Todo,
    /// Why, in one sentence.
    pub reason: String,
    /// What the server said, where this device decided otherwise.
    pub overruled: Option<Said>,
}

/// What a server said about one line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Said {
    /// What to do: its word.
    pub action: String,
    /// Why.
    pub reason: String,
}

impl Line {
    /// It was decided anew.
    pub(super) fn decide(&mut self, choice: Choice) {
        self.todo = Todo::Step(choice.step);
        self.reason = choice.reason.to_string();
    }

    /// The step, if it is one that this program knows.
    pub const fn step(&self) -> Option<Step> {
        match self.todo {
            Todo::Step(step) => Some(step),
            Todo::Unknown(_) | Todo::Unreadable | Todo::Held | Todo::Leave => None,
        }
    }
}

impl Said {
    /// What an operation says.
    pub(super) fn of(operation: &SeenOperation) -> Self {
        Self {
            action: operation.action.word().to_owned(),
            reason: operation.reason.clone(),
        }
    }
}

/// What is to be done about a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Todo {
    /// A step that this program knows.
    Step(Step),
    /// The server told something that this program does not know: its word. It is left out.
    Unknown(String),
    /// The file cannot be read: it is left out.
    Unreadable,
    /// It would come down, and nothing does while saves are to be moved.
    Held,
    /// The save that comes has no such file: this one leaves its place with it.
    Leave,
}

impl Todo {
    /// The word on the wire.
    pub fn word(&self) -> &str {
        match self {
            Self::Step(step) => step.action().as_str(),
            Self::Unknown(word) => word,
            Self::Unreadable | Self::Held | Self::Leave => "no_op",
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use keepsave_core::content::Digest;
    use keepsave_core::time::Time;

    use crate::files::{Form, Snapshot, Stamp};

    /// A file with these bytes, written at noon of the first day.
    pub fn file_of(bytes: &[u8]) -> Snapshot {
        let digest = Digest::of(bytes);
        Snapshot {
            path: "zelda.srm".into(),
            real: "/zelda.srm".into(),
            size: digest.size,
            content: digest.content(keepsave_core::content::ZipVerdict::NotZip),
            blank: digest.blank,
            form: Form::Raw,
            packed: None,
            mtime: Time::EPOCH.plus_seconds(12 * 60 * 60),
            stamp: Stamp {
                size: digest.size,
                mtime_ns: 0,
                ctime_ns: 0,
                inode: 1,
                device: 1,
            },
        }
    }
}
