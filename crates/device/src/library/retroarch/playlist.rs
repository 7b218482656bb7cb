//! The games that an installation knows by itself: its playlists, and what was played.
//!
//! A playlist is JSON, or six lines for each game as older versions wrote it; either may be packed.
//! One entry that makes no sense is passed over, and the others count.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use keepsave_core::limits;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::RetroArch;
use super::cores;
use super::overrides::Layers;
use crate::files::Form;
use crate::files::rzip::Unpacker;
use crate::library::game::{Found, KnownBy};
use crate::library::looking::Looking;

/// A game that a playlist names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Where it is: a real path, with `#` and a name when it is in an archive.
    pub path: PathBuf,
    /// The core that plays it.
    pub core: Option<String>,
    /// The database that it is from: `Nintendo - Game Boy Advance`.
    pub database: Option<String>,
    /// Whether a list names it, or only that it was played.
    pub known_by: KnownBy,
}

/// An entry as it is written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Entry {
    path: Option<String>,
    core_path: Option<String>,
    core_name: Option<String>,
    db_name: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Playlist<'a> {
    default_core_path: Option<String>,
    default_core_name: Option<String>,
    #[serde(borrow)]
    items: Vec<&'a RawValue>,
}

impl RetroArch {
    /// The games of the installation's playlists and of what was played last, each once. What was
    /// played tells best which core plays a game.
    pub fn listed(&self, looking: &mut Looking) -> Vec<Listed> {
        let settings = Layers::plain(&self.settings);
        let spelling = &self.install.spelling;
        let default = self.install.tree.join("playlists");
        let playlists = settings
            .directory("playlist_directory", spelling, &default)
            .directory;
        let mut listed = Vec::new();
        let mut at = HashMap::new();
        for path in self.lists(&playlists) {
            self.take(looking, &path, KnownBy::Playlist, &mut listed, &mut at);
        }
        if let Some(path) = self.one_of(
            "content_favorites_path",
            "content_favorites.lpl",
            &playlists,
        ) {
            self.take(looking, &path, KnownBy::Playlist, &mut listed, &mut at);
        }
        if let Some(path) = self.one_of("content_history_path", "content_history.lpl", &playlists) {
            self.take(looking, &path, KnownBy::History, &mut listed, &mut at);
        }
        listed
    }

    /// The playlists in a directory, but for those that are found otherwise.
    fn lists(&self, playlists: &Path) -> Vec<PathBuf> {
        let folder = self.folders.of(playlists);
        let is_list = |name: &&str| {
            let extension = Path::new(name).extension();
            extension.is_some_and(|is| is == "lpl") && !name.starts_with("content_")
        };
        let names = folder.names().filter(is_list);
        names.map(|name| playlists.join(name)).collect()
    }

    /// Where one of its own lists is: as a setting says, or where it was in one version or another.
    fn one_of(&self, setting: &str, name: &str, playlists: &Path) -> Option<PathBuf> {
        let named = self.settings.get(setting).filter(|path| !path.is_empty());
        let named = named.and_then(|path| self.install.spelling.real(path));
        let builtin = playlists.join("builtin").join(name);
        let beside = self.config_directory().join(name);
        let candidates = named
            .into_iter()
            .chain([builtin, playlists.join(name), beside]);
        candidates.into_iter().find(|path| path.is_file())
    }

    fn take(
        &self,
        looking: &mut Looking,
        path: &Path,
        known_by: KnownBy,
        listed: &mut Vec<Listed>,
        at: &mut HashMap<PathBuf, usize>,
    ) {
        let Some(text) = text(looking, path) else {
            return;
        };
        let entries = match entries(&text) {
            Ok(entries) => entries,
            Err(why) => return looking.fault("a playlist", path, Some(why)),
        };
        let own = path.file_stem().and_then(|name| name.to_str());
        let mut played = Vec::new();
        for entry in entries {
            let spelled = entry.path.as_deref().unwrap_or_default();
            let Some(game) = self.install.spelling.real(spelled) else {
                continue;
            };
            let core = entry.core();
            let database = entry
                .db_name
                .as_deref()
                .filter(|name| !name.is_empty())
                .or(own);
            let database = database.map(|name| name.trim_end_matches(".lpl").to_owned());
            match at.get(&game).map(|at| &mut listed[*at]) {
                // Of what was played, the newest stands first.
                Some(known) if known_by == KnownBy::History && !played.contains(&game) => {
                    known.core = core.or(known.core.take());
                }
                Some(known) => known.core = known.core.take().or(core),
                None => {
                    at.insert(game.clone(), listed.len());
                    listed.push(Listed {
                        path: game.clone(),
                        core,
                        database,
                        known_by,
                    });
                }
            }
            if known_by == KnownBy::History {
                played.push(game);
            }
        }
    }
}

impl Entry {
    /// The core: a list may leave it to be found out when the game is started.
    pub(crate) fn core(&self) -> Option<String> {
        let is_said = |text: &&str| !matches!(*text, "" | "DETECT" | "builtin");
        let path = self
            .core_path
            .as_deref()
            .filter(is_said)
            .map(cores::file_of);
        let name = self.core_name.as_deref().filter(is_said);
        let core = path.or_else(|| name.and_then(cores::by_display).map(str::to_owned));
        core.map(|core| format!("{core}_libretro"))
    }
}

/// The text of a list, unpacked if it is packed.
fn text(looking: &mut Looking, path: &Path) -> Option<String> {
    if Form::of_file(path) == Form::Raw {
        return looking.text("a playlist", path);
    }
    let read = || -> io::Result<String> {
        let mut text = Vec::new();
        let mut unpacker = Unpacker::begin(File::open(path)?)?.take(limits::FRONTEND_FILE_BYTES);
        unpacker.read_to_end(&mut text)?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    };
    let read = read();
    let found = read
        .as_ref()
        .map_or_else(|error| Found::Unreadable(error.to_string()), |_| Found::Yes);
    looking.note("a playlist", path, found);
    read.ok()
}

pub(crate) fn entries(text: &str) -> Result<Vec<Entry>, String> {
    if !text.trim_start().starts_with('{') {
        return Ok(six_lines_each(text));
    }
    let playlist: Playlist<'_> = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let items = playlist.items.into_iter();
    let entries = items.filter_map(|item| serde_json::from_str::<Entry>(item.get()).ok());
    let usual = Entry {
        core_path: playlist.default_core_path,
        core_name: playlist.default_core_name,
        ..Entry::default()
    };
    Ok(entries.map(|entry| entry.or(&usual)).collect())
}

impl Entry {
    fn or(self, usual: &Self) -> Self {
        if self.core().is_some() {
            return self;
        }
        Self {
            core_path: usual.core_path.clone(),
            core_name: usual.core_name.clone(),
            ..self
        }
    }
}

/// Path, label, core, the core's name, a checksum, a database; what holds for all at the end.
fn six_lines_each(text: &str) -> Vec<Entry> {
    let lines: Vec<&str> = text.lines().collect();
    let is_common = |line: &&&str| line.starts_with("default_core_") && line.contains(" = ");
    let common = |key: &str| {
        let of_key = |line: &&&str| line.starts_with(key);
        let line = lines.iter().filter(is_common).find(of_key)?;
        Some(line.split_once(" = ")?.1.trim_matches('"').to_owned())
    };
    let usual = Entry {
        core_path: common("default_core_path"),
        core_name: common("default_core_name"),
        ..Entry::default()
    };
    let end = lines.iter().position(|line| is_common(&line));
    let games = lines[..end.unwrap_or(lines.len())].chunks_exact(6);
    let entry = |lines: &[&str]| {
        let line = |at: usize| Some(lines[at].to_owned());
        let entry = Entry {
            path: line(0),
            core_path: line(2),
            core_name: line(3),
            db_name: line(5),
        };
        entry.or(&usual)
    };
    games.map(entry).collect()
}

#[cfg(test)]
mod tests;
