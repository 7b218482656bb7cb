//! Folders of games that a person added.

use std::path::{Path, PathBuf};

use keepsave_core::platforms::Naming;

use super::Installation;
use super::desktop;
use super::es_de::{Chosen, Player};
use super::game::KnownBy;
use super::gather::{Gathering, Played, Shelf};
use super::machine::Machine;
use super::retroarch::RetroArch;
use super::retroarch::install::Install;
use super::retroarch::spelling::Spelling;

/// A folder that a person added.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Added {
    /// The games, or directories of games, one for each platform.
    pub games: PathBuf,
    /// The platform of all of them, as a server calls it.
    pub platform: Option<String>,
    /// Where their saves are: named after the games, without folders between. Beside the games when
    /// nothing is said and no `RetroArch` is here.
    pub saves: Option<PathBuf>,
}

/// Saves in one directory.
const FLAT: &str = "sort_savefiles_enable = \"false\"\n\
    sort_savefiles_by_content_enable = \"false\"\n\
    savefiles_in_content_dir = \"false\"\n";
/// Saves beside the games.
const BESIDE: &str = "sort_savefiles_enable = \"false\"\n\
    sort_savefiles_by_content_enable = \"false\"\n\
    savefiles_in_content_dir = \"true\"\n";

/// The games of folders that were added.
pub fn find(machine: &Machine, added: &[Added]) -> Option<Installation> {
    if added.is_empty() {
        return None;
    }
    let mut gathering = Gathering::new(machine, "added", Naming::EsDe, KnownBy::Added);
    for folder in added {
        take(&mut gathering, machine, folder);
    }
    Some(gathering.done())
}

fn take(gathering: &mut Gathering, machine: &Machine, added: &Added) {
    let games = machine.at(&added.games);
    if !gathering.looking.directory("games that were added", &games) {
        return;
    }
    let retroarch = retroarch(machine, added);
    gathering.laid(&retroarch);
    let shelves = match &added.platform {
        Some(platform) => vec![shelf(platform, &games)],
        None => gathering.directories(&games),
    };
    for shelf in shelves {
        gathering.take_shelf(&shelf, &retroarch, |_| Played {
            player: Player::Unknown,
            why: Some("its folder was added".to_owned()),
        });
    }
}

fn shelf(platform: &str, games: &Path) -> Shelf<'static> {
    Shelf {
        name: platform.to_owned(),
        directory: games.to_owned(),
        system: None,
        chosen: Chosen::default(),
    }
}

/// Where saves are kept: as was said, else as the `RetroArch` does that is here.
fn retroarch(machine: &Machine, added: &Added) -> RetroArch {
    let found = desktop::installed(machine, None);
    let decided = match &added.saves {
        Some(_) => FLAT,
        None if found.install.config.is_file() => return found,
        None => BESIDE,
    };
    RetroArch::read(Install {
        root: added.saves.as_deref().map(|saves| machine.at(saves)),
        decided,
        ..Install::beside(
            "no RetroArch",
            &machine.home(".config/retroarch/retroarch.cfg"),
            Spelling::plain(machine),
        )
    })
}
