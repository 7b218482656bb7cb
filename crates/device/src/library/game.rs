//! A game on this machine and the place of its save: what every kind of installation says alike.
//!
//! Values only. Nothing here reads a disk.

use std::fmt;
use std::path::{Path, PathBuf};

use keepsave_core::layouts::{self, Part};
use keepsave_core::states::{Ending, Loader};
use serde::Serialize;

pub use crate::files::Form;

/// A game on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Game {
    /// The ROM.
    pub path: PathBuf,
    /// By which its saves are named here; never more than the ROM's file name.
    pub stem: String,
    /// Its platform's folder as it is called here: `gba`, `Game Boy Advance (GBA)`.
    pub folder: String,
    /// What that folder may mean on a server: slugs, best first.
    pub platforms: Vec<String>,
    /// To what it belongs: `RetroDECK`.
    pub installation: String,
    /// How it was found.
    pub known_by: KnownBy,
    /// What its saves say they were made by: `retroarch-mgba`, or `retroarch` when the core is not
    /// known.
    pub emulator: Option<String>,
    /// The core that plays it: `mgba_libretro`.
    pub core: Option<String>,
    /// Where its save is, or would be.
    pub save: SavePlace,
    /// Every place where it may stand while a change of layout is not settled, the last of which is
    /// the one where it belongs now. Empty where nothing changed.
    pub moving: Vec<SavePlace>,
}

/// How a game was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum KnownBy {
    /// It is in a folder for games.
    RomFolder,
    /// A playlist names it.
    Playlist,
    /// It was played.
    History,
    /// A person added its folder.
    Added,
}

/// Where a game's save is, or would be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SavePlace {
    /// A save is written here; may not be there yet.
    pub directory: PathBuf,
    /// Its files are named after it.
    pub stem: String,
    /// How the save itself is called after the stem and a dot: `srm`, `sav`, `gba.sav`.
    pub ending: String,
    /// How this layout writes new files.
    pub form: Form,
    /// The save as it is now: the save itself and its companions. Empty when there is none.
    pub files: Vec<SaveFile>,
    /// Where else a save of this game stands. When there is one, a person has to be asked.
    pub elsewhere: Vec<PathBuf>,
    /// Whether its save surely stands where no emulator here looks for it: settings led there once.
    pub astray: bool,
    /// What holds progress of this game together with that of other games: never synced as the
    /// save of one of them.
    pub shared: Vec<SharedFile>,
    /// The files of a save as new ones are written here; none where only the ending is known.
    pub would_be: Option<Vec<SaveFile>>,
    /// Why its save must not be touched.
    pub stopped: Option<Stopped>,
    /// Where its save states are, where these are looked for and `RetroArch` plays it.
    pub states: Option<StatePlace>,
    /// How the place was found, sentence by sentence.
    pub why: Vec<String>,
}

/// Where a game's save states are, or would be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatePlace {
    /// A state is written here; may not be there yet.
    pub directory: PathBuf,
    /// Its states are named after it.
    pub stem: String,
    /// What makes and loads them; none where that is not known.
    pub loader: Option<Loader>,
    /// How new ones are written here.
    pub form: Form,
    /// Whether one that was made when the game was closed is loaded when it is started.
    pub loads_by_itself: bool,
    /// Those that are here.
    pub files: Vec<StateFile>,
    /// Why they must not be touched.
    pub stopped: Option<Stopped>,
}

impl StatePlace {
    /// Where a state would be written.
    pub fn path(&self, ending: Ending) -> PathBuf {
        self.directory.join(format!("{}{ending}", self.stem))
    }
}

/// A save state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateFile {
    /// Which of the game's it is.
    pub ending: Ending,
    /// Where it is.
    pub path: PathBuf,
}

impl SavePlace {
    /// Where the save itself would be written.
    pub fn path(&self) -> PathBuf {
        let ending = if self.ending.is_empty() { "" } else { "." };
        let name = format!("{}{ending}{}", self.stem, self.ending);
        self.directory.join(name)
    }

    /// The file that syncs though no emulator here touches it.
    pub fn untouched(&self) -> Option<&Path> {
        let save = self.files.iter().find(|file| file.part.is_save())?;
        (self.astray && self.stopped.is_none()).then_some(save.path.as_path())
    }

    /// Whether a save with this extension on the wire can stand here, in the place of `file`.
    pub fn reads(&self, extension: &str, file: &Path) -> bool {
        if self.form.is_folder() {
            return extension.eq_ignore_ascii_case("zip");
        }
        let ours = file.extension().unwrap_or_default().to_string_lossy();
        layouts::are_one_kind(extension, &ours)
    }

    /// Where a file that only a server has would be written, and what it is called there if that is
    /// known. None where no emulator here would look for it.
    pub fn place_of(&self, part: &Part, extension: &str) -> Option<(PathBuf, Option<&str>)> {
        if let Some(would_be) = &self.would_be {
            let file = would_be.iter().find(|file| file.part == *part)?;
            return Some((file.path.clone(), Some(&file.wire_name)));
        }
        if part.is_save() {
            return Some((self.path_for(extension), None));
        }
        Some((self.companion(part)?, None))
    }

    /// The save itself where it is, or where it would be written.
    pub fn main(&self) -> PathBuf {
        let main = self.files.iter().find(|file| file.part.is_save());
        main.map_or_else(|| self.path(), |file| file.path.clone())
    }

    /// Where a save with this extension on the wire would be written: as it is called here.
    fn path_for(&self, extension: &str) -> PathBuf {
        let ending = layouts::ending_here(extension, &self.ending);
        let here = Self {
            ending,
            ..self.named()
        };
        here.path()
    }

    /// Where a companion of the save would be written; none where it is not known how it is called.
    fn companion(&self, part: &Part) -> Option<PathBuf> {
        let before = match self.ending.rsplit_once('.') {
            Some((before, _)) => format!(".{before}"),
            None => String::new(),
        };
        let ending = part.ending()?;
        Some(
            self.directory
                .join(format!("{}{before}{ending}", self.stem)),
        )
    }

    fn named(&self) -> Self {
        Self {
            directory: self.directory.clone(),
            stem: self.stem.clone(),
            ..Self::default()
        }
    }
}

/// One file of a save.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SaveFile {
    /// Where it is.
    pub path: PathBuf,
    /// What it is called on a server: the ROM's stem and an extension.
    pub wire_name: String,
    /// The save itself, or which companion.
    pub part: Part,
    /// Whether it is a file or folders. Whether a file is packed is seen when it is read.
    pub form: Form,
}

/// A file in which several games keep their progress.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharedFile {
    /// Where it is, or would be.
    pub path: PathBuf,
    /// Why it is shared, in a sentence.
    pub why: String,
}

/// Why a game's save must not be touched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// The directory that settings name for saves is not there: perhaps a card that is not in.
    RootMissing {
        /// Which.
        root: PathBuf,
    },
    /// What says where the saves are cannot be read.
    Unreadable {
        /// Which.
        path: PathBuf,
        /// What the system says.
        why: String,
    },
    /// The save is in a folder with those of other games, and which are its own is not known.
    Folder {
        /// Which.
        path: PathBuf,
    },
    /// A game of another platform keeps its save in the same file.
    SameFile {
        /// The other game.
        other: PathBuf,
    },
    /// All that the game saves lies in files that other games share.
    OnlyShared {
        /// What to choose for files of its own, where one can.
        change: Option<&'static str>,
    },
    /// The core keeps saves in a way that is not known well enough.
    OwnNames {
        /// What is known, in a sentence.
        why: String,
    },
}

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RootMissing { root } => write!(
                f,
                "{} is where saves are kept, and it is not there: if it is on a card or a share, \
                 put it in",
                root.display()
            ),
            Self::Unreadable { path, why } => write!(
                f,
                "{} says where saves are kept, and cannot be read ({why})",
                path.display()
            ),
            Self::Folder { path } => write!(
                f,
                "its save is somewhere in {}, and which of the files there are its own is not known, \
                 so it is not synced",
                path.display()
            ),
            Self::SameFile { other } => write!(
                f,
                "{} has its save in the same file, and whose progress that holds cannot be told: \
                 have saves sorted by folder, or give one of the games another name",
                other.display()
            ),
            Self::OnlyShared { change } => {
                f.write_str("all that it saves is in files that other games share: ")?;
                f.write_str(change.unwrap_or("its core has no setting that changes that"))
            }
            Self::OwnNames { why } => f.write_str(why),
        }
    }
}

/// Something that was looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Looked {
    /// What it is: `settings of RetroArch`.
    pub what: String,
    /// Where it was looked for.
    pub path: PathBuf,
    /// Whether it is there.
    pub found: Found,
}

/// Whether something is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// It is, and was read.
    Yes,
    /// It is not.
    No,
    /// It is, and says this when it is read.
    Unreadable(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_save_is_called_after_its_stem_and_an_ending_that_may_be_empty() {
        for (ending, name) in [
            ("srm", "saves/Hack v1.1.srm"),
            ("gba.sav", "saves/Hack v1.1.gba.sav"),
            ("", "saves/Hack v1.1"),
        ] {
            let place = SavePlace {
                directory: "saves".into(),
                stem: "Hack v1.1".to_owned(),
                ending: ending.to_owned(),
                ..SavePlace::default()
            };
            assert_eq!(place.path(), PathBuf::from(name));
            let rtc = name.replace(".srm", "").replace(".sav", "") + ".rtc";
            assert_eq!(place.companion(&Part::stored("rtc")), Some(rtc.into()));
        }
    }
}
