//! `RetroArch` as anyone may have installed it: the system's own, the Flatpak, Steam's, an
//! `AppImage`.

use std::path::Path;

use keepsave_core::platforms::Naming;
use keepsave_core::platforms::databases::platforms_of_database;

use super::Installation;
use super::es_de::Player;
use super::game::{Found, KnownBy};
use super::gather::{Gathering, Played};
use super::looking::Looking;
use super::machine::Machine;
use super::retroarch::RetroArch;
use super::retroarch::content::Content;
use super::retroarch::install::{self, FLATPAK, Install};
use super::retroarch::spelling::Spelling;

/// The program of the Flatpak.
pub const FLATPAK_PROGRAM: &str = "/var/lib/flatpak/exports/bin/org.libretro.RetroArch";

/// The installation that `program` starts, else the first that is here. Where there is none, one
/// that was never set up.
pub fn installed(machine: &Machine, program: Option<&Path>) -> RetroArch {
    let mut looking = Looking::default();
    let installs = install::find(machine, &mut looking);
    let is_flatpak = |install: &Install| {
        let mut parts = install.config.components();
        parts.any(|part| part.as_os_str() == FLATPAK)
    };
    let wanted = |install: &&Install| match program.and_then(Path::file_name) {
        Some(name) => (name == FLATPAK) == is_flatpak(install),
        None => true,
    };
    let found = installs.iter().find(wanted).or(installs.first()).cloned();
    let mut retroarch = RetroArch::read(found.unwrap_or_else(|| {
        let config = machine.home(".config/retroarch/retroarch.cfg");
        Install::beside("RetroArch", &config, Spelling::plain(machine))
    }));
    retroarch.looked.splice(0..0, looking.looked);
    retroarch
}

/// Every installation that anyone may have and that knows games by itself: those of its playlists
/// and of its history.
pub fn find(machine: &Machine, looking: &mut Looking) -> Vec<Installation> {
    let mut found = Vec::new();
    for install in install::find(machine, looking) {
        let installation = with_games(machine, install);
        if installation.games.is_empty() {
            looking.looked.extend(installation.looked);
        } else {
            found.push(installation);
        }
    }
    found
}

fn with_games(machine: &Machine, install: Install) -> Installation {
    let retroarch = RetroArch::read(install);
    let name = retroarch.install.name.clone();
    let mut gathering = Gathering::new(machine, &name, Naming::EsDe, KnownBy::Playlist);
    gathering.looked_first(&retroarch.looked);
    gathering.laid(&retroarch);
    for listed in retroarch.listed(&mut gathering.looking) {
        let Some(content) = Content::of(machine, &listed.path) else {
            continue;
        };
        if !content.file.exists() {
            gathering
                .looking
                .note("a game of a playlist", &content.file, Found::No);
            continue;
        }
        let folder = content.file.parent().and_then(Path::file_name);
        let folder = folder
            .and_then(|name| name.to_str())
            .unwrap_or_default()
            .to_owned();
        let mut platforms = listed
            .database
            .as_deref()
            .map(platforms_of_database)
            .unwrap_or_default();
        for platform in gathering.platforms(&folder) {
            if !platforms.contains(&platform) {
                platforms.push(platform);
            }
        }
        let player = listed
            .core
            .map_or(Player::Unknown, |core| Player::RetroArch {
                core,
                narrow: false,
            });
        let played = Played { player, why: None };
        gathering.known_by(listed.known_by);
        gathering.take(&folder, &platforms, &listed.path, played, &retroarch);
    }
    gathering.done()
}
