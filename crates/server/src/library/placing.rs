//! Writes down what a scan decided, one platform at a time.

use std::collections::{BTreeMap, BTreeSet};

use keepsave_core::ids::{PlatformId, RomId};
use keepsave_core::time::Time;

use super::matching::{FoundGame, is_as_it_was};
use super::naming::{fold, game_row};
use super::reading::Source;
use super::walk::{Layout, SeenFile, SeenGame};
use crate::vault::platforms::{self as platform_rows, Folder};
use crate::vault::roms::files::RomFile;
use crate::vault::roms::scanning::{self, FileRow, GameRow, KnownGame};
use crate::vault::{Fault, Tx};

/// What is to be written of one platform.
#[derive(Debug)]
pub struct PlatformPlan {
    /// Its folder.
    pub fs_slug: String,
    /// What to call it.
    pub name: String,
    /// The folder of its games, relative to the library.
    pub fs_path: String,
    /// Whether the folder is there.
    pub has_folder: bool,
    /// The games that are there, each with the known game that it is.
    pub games: Vec<(FoundGame, Option<KnownGame>)>,
    /// Known games that are nowhere.
    pub gone: Vec<RomId>,
    /// The games that text catalogues list; none when these could not be read.
    pub listed: Option<BTreeSet<String>>,
}

impl PlatformPlan {
    /// Whether there is anything to write. `known` is the platform as it was known, and
    /// `was_listed` whether catalogues listed games on it.
    pub fn has_work(&self, known: Option<&Folder>, was_listed: bool) -> bool {
        let lists = self
            .listed
            .as_ref()
            .is_some_and(|listed| !listed.is_empty());
        let is_settled = |(game, known): &(FoundGame, Option<KnownGame>)| {
            known
                .as_ref()
                .is_some_and(|known| self.is_settled(game, known))
        };
        known.is_none_or(|known| known.missing == self.has_folder)
            || was_listed
            || lists
            || !self.gone.is_empty()
            || !self.games.iter().all(is_settled)
    }

    /// Whether a game is where it was and as it was.
    fn is_settled(&self, game: &FoundGame, known: &KnownGame) -> bool {
        !known.missing && self.is_in_place(game, known) && known.has_files_of(&game.seen)
    }

    fn is_in_place(&self, game: &FoundGame, known: &KnownGame) -> bool {
        known.platform == self.fs_slug
            && known.fs_path == self.fs_path
            && known.fs_name == game.seen.fs_name
    }
}

/// Whether there may be something to write of a game that is nowhere: not if it is known to be
/// missing, nor if it was registered and had no file before.
pub fn can_be_lost(game: &KnownGame) -> bool {
    !game.missing && (game.listed || !game.registered || !game.files.is_empty())
}

/// How many games became what.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    pub added: u64,
    pub moved: u64,
    pub changed: u64,
    pub returned: u64,
    pub missing: u64,
    pub unchanged: u64,
}

impl Counts {
    fn changes(&self) -> u64 {
        self.added + self.moved + self.changed + self.returned + self.missing
    }
}

/// Writes one platform.
pub fn place(tx: &Tx<'_>, plan: &PlatformPlan, now: Time) -> Result<Counts, Fault> {
    let mut counts = Counts::default();
    let platform = platform_rows::ensure(tx, &plan.fs_slug, &plan.name, now)?;
    for (game, known) in &plan.games {
        let mut placing = Placing {
            tx,
            platform,
            plan,
            now,
            counts: &mut counts,
        };
        placing.game(game, known.as_ref())?;
    }
    if let Some(listed) = &plan.listed {
        counts.added += list(tx, platform, &plan.fs_path, listed, now)?;
    }
    for id in &plan.gone {
        if scanning::lose(tx, *id, now)? {
            counts.missing += 1;
        }
    }
    let is_missing = !plan.has_folder && !scanning::any_without_file(tx, platform)?;
    platform_rows::set_missing(tx, platform, is_missing, now)?;
    if counts.changes() > 0 {
        platform_rows::touch(tx, platform, now)?;
    }
    Ok(counts)
}

struct Placing<'a> {
    tx: &'a Tx<'a>,
    platform: PlatformId,
    plan: &'a PlatformPlan,
    now: Time,
    counts: &'a mut Counts,
}

impl Placing<'_> {
    fn game(&mut self, game: &FoundGame, known: Option<&KnownGame>) -> Result<(), Fault> {
        if known.is_some_and(|known| self.plan.is_settled(game, known)) {
            self.counts.unchanged += 1;
            return Ok(());
        }
        // As it is now: since the scan looked, someone may have renamed or registered it.
        let id = match known {
            Some(known) => Some(known.id),
            None => scanning::present_by_name(self.tx, self.platform, &game.seen.fs_name)?,
        };
        let known = match id {
            Some(id) => scanning::known_game(self.tx, id)?,
            None => None,
        };
        match &known {
            Some(known) if known.missing => self.counts.returned += 1,
            Some(known) if self.plan.is_in_place(game, known) => self.counts.changed += 1,
            Some(_) => self.counts.moved += 1,
            None => self.counts.added += 1,
        }
        let row = self.row(game, known.as_ref());
        let id = match &known {
            Some(known) => {
                scanning::place(self.tx, known.id, &row, self.now)?;
                if known.platform_id != self.platform {
                    platform_rows::touch(self.tx, known.platform_id, self.now)?;
                }
                known.id
            }
            None => scanning::add(self.tx, &row, self.now)?,
        };
        self.files(id, game, known.as_ref())
    }

    fn row(&self, game: &FoundGame, known: Option<&KnownGame>) -> GameRow {
        let chosen = known.filter(|known| known.named);
        let SeenGame {
            fs_name,
            is_folder,
            files,
        } = &game.seen;
        GameRow {
            size: files.iter().map(|file| file.size).sum(),
            is_folder: *is_folder,
            top_files: files.iter().filter(|file| file.within.is_empty()).count() as u64,
            ..game_row(
                self.platform,
                self.plan.fs_path.clone(),
                fs_name,
                chosen.map(|known| known.name.as_str()),
            )
        }
    }

    fn files(&self, id: RomId, game: &FoundGame, known: Option<&KnownGame>) -> Result<(), Fault> {
        let mut left: Vec<&RomFile> =
            known.map_or_else(Vec::new, |known| known.files.iter().collect());
        let mut all_as_before = true;
        let mut ids = Vec::with_capacity(game.seen.files.len());
        for seen in &game.seen.files {
            let folder = folder_of(&self.plan.fs_path, &game.seen, seen);
            let row = FileRow {
                file_name: &seen.name,
                file_path: &folder,
                size: seen.size,
                modified_at: seen.modified_at,
                inode: seen.inode,
            };
            let before = known.and_then(|known| counterpart(known, seen, &left));
            if let Some(file) = before.map(|at| left.swap_remove(at)) {
                let same_bytes = is_as_it_was(file, seen);
                all_as_before &= same_bytes;
                scanning::place_file(self.tx, file.id, &row, same_bytes, self.now)?;
                ids.push(file.id);
            } else {
                all_as_before = false;
                ids.push(scanning::add_file(self.tx, id, &row, self.now)?);
            }
        }
        all_as_before &= left.is_empty();
        for file in left {
            scanning::remove_file(self.tx, file.id)?;
        }
        if let Some(read) = &game.read {
            for ((id, seen), read) in ids.iter().zip(&game.seen.files).zip(&read.files) {
                scanning::set_file_hashes(self.tx, *id, seen.size, seen.modified_at, read)?;
            }
            let (hashes, identity) = (&read.hashes, read.identity);
            scanning::set_hashes(self.tx, id, hashes, identity, game.identity_size, self.now)
        } else if all_as_before {
            Ok(())
        } else {
            scanning::set_unhashed(self.tx, id)
        }
    }
}

/// The file that a file on the disk was: the one in its place, or else one with its size and time.
fn counterpart(known: &KnownGame, seen: &SeenFile, left: &[&RomFile]) -> Option<usize> {
    left.iter()
        .position(|file| file.file_name == seen.name && known.within(file) == seen.within)
        .or_else(|| left.iter().position(|file| is_as_it_was(file, seen)))
}

/// Brings the listed games of a platform in line with the catalogues. How many are new.
fn list(
    tx: &Tx<'_>,
    platform: PlatformId,
    fs_path: &str,
    listed: &BTreeSet<String>,
    now: Time,
) -> Result<u64, Fault> {
    let games = scanning::on_platform(tx, platform)?;
    let mut by_fold: BTreeMap<String, Vec<RomId>> = BTreeMap::new();
    for game in &games {
        by_fold
            .entry(fold(&game.fs_name))
            .or_default()
            .push(game.id);
    }
    let (mut in_catalogue, mut added) = (BTreeSet::new(), 0);
    for name in listed {
        let exact = games.iter().find(|game| game.fs_name == *name);
        let id = match (exact, by_fold.get(&fold(name)).map(Vec::as_slice)) {
            (Some(game), _) => game.id,
            (None, Some([only])) => *only,
            _ => {
                added += 1;
                let row = game_row(platform, fs_path.to_owned(), name, None);
                let id = scanning::add(tx, &row, now)?;
                scanning::set_listed(tx, id, true, now)?;
                continue;
            }
        };
        in_catalogue.insert(id);
    }
    for game in games {
        let is_listed = in_catalogue.contains(&game.id);
        if is_listed != game.listed || is_listed && game.missing {
            scanning::set_listed(tx, game.id, is_listed, now)?;
        }
        if is_listed && game.missing {
            // What is known of its files is of no use without them.
            scanning::lose(tx, game.id, now)?;
        }
    }
    Ok(added)
}

/// What there is to read of a game on the disk.
pub fn sources(layout: Layout, game: &FoundGame) -> Vec<Source> {
    let fs_path = layout.games_of(&game.platform);
    game.seen
        .files
        .iter()
        .map(|file| Source {
            path: format!("{}/{}", folder_of(&fs_path, &game.seen, file), file.name),
            size: file.size,
            modified_at: file.modified_at,
            is_top: file.within.is_empty(),
            known: None,
        })
        .collect()
}

/// The folder of a file, relative to the library.
fn folder_of(fs_path: &str, game: &SeenGame, file: &SeenFile) -> String {
    match (game.is_folder, file.within.as_str()) {
        (false, _) => fs_path.to_owned(),
        (true, "") => format!("{fs_path}/{}", game.fs_name),
        (true, within) => format!("{fs_path}/{}/{within}", game.fs_name),
    }
}
