//! Which game on the disk is which game that is known: decided here, from facts alone.
//!
//! A game keeps its id, and with it its saves, when its file is renamed or moved, because it is
//! known by its content. Two games are never made one, and where contents do not tell two games
//! apart, only names do. In this order:
//!
//! 1. the same place with the same files, by size and time: the same game, nothing to read;
//! 2. the same content: the same game, wherever it is now;
//! 3. the same place with other content: the same game in another version;
//! 4. the same name but for case and the writing of accents, where only one on either side has it;
//! 5. everything else on the disk is new, everything else that was known is gone.

use std::collections::HashMap;
use std::hash::Hash;

use super::naming::fold;
use super::reading::ReadGame;
use super::walk::{SeenFile, SeenGame};
use crate::vault::roms::files::RomFile;
use crate::vault::roms::scanning::{Identity, KnownGame};
use keepsave_core::limits;
use keepsave_core::time::Time;

/// A game on the disk.
#[derive(Debug)]
pub struct FoundGame {
    /// Its platform's folder.
    pub platform: String,
    /// What the walk saw.
    pub seen: SeenGame,
    /// How many bytes its identity is made of.
    pub identity_size: u64,
    /// What reading it showed, where it had to be read to be known again.
    pub read: Option<ReadGame>,
}

impl FoundGame {
    fn identity(&self) -> Option<Identity> {
        self.read.as_ref().and_then(|read| read.identity)
    }

    fn place(&self) -> (&str, &str) {
        (&self.platform, &self.seen.fs_name)
    }
}

impl KnownGame {
    fn place(&self) -> (&str, &str) {
        (&self.platform, &self.fs_name)
    }

    /// The folders between the game's folder and one of its files.
    pub(super) fn within<'a>(&self, file: &'a RomFile) -> &'a str {
        if !self.is_folder {
            return "";
        }
        let folder = format!("{}/{}", self.fs_path, self.fs_name);
        let within = file.file_path.strip_prefix(&folder).unwrap_or_default();
        within.trim_start_matches('/')
    }

    /// Whether its files are those that were seen, by name, size and time, and those that have a
    /// twin by their number, too.
    pub(super) fn has_files_of(&self, seen: &SeenGame) -> bool {
        self.is_folder == seen.is_folder
            && self.files.len() == seen.files.len()
            && self.files.iter().zip(&seen.files).all(|(known, seen)| {
                known.file_name == seen.name
                    && is_as_it_was(known, seen)
                    && self.within(known) == seen.within
            })
    }
}

/// Whether a file that was seen has the bytes of a known one, as far as that shows without reading.
pub(super) fn is_as_it_was(known: &RomFile, seen: &SeenFile) -> bool {
    known.size == seen.size
        && known.modified_at == seen.modified_at
        && (!seen.has_twin || known.inode == seen.inode)
}

/// Marks the files that have a size and time in common with another one, be it there or known.
/// Archives unpack with the times that stand in them, and cartridges come in few sizes.
pub fn mark_twins(known: &[KnownGame], found: &mut [FoundGame]) {
    let known_files = known.iter().flat_map(|game| &game.files);
    let known = counted(known_files.map(|file| (file.size, file.modified_at)));
    let seen_files = found.iter().flat_map(|game| &game.seen.files);
    let seen = counted(seen_files.map(|file| (file.size, file.modified_at)));
    for file in found.iter_mut().flat_map(|game| &mut game.seen.files) {
        let shape = (file.size, file.modified_at);
        let is_shared = |counts: &HashMap<_, u64>| counts.get(&shape).is_some_and(|&many| many > 1);
        file.has_twin = is_shared(&known) || is_shared(&seen);
    }
}

fn counted(shapes: impl Iterator<Item = (u64, Time)>) -> HashMap<(u64, Time), u64> {
    let mut counts = HashMap::new();
    for shape in shapes {
        *counts.entry(shape).or_default() += 1;
    }
    counts
}

/// Who is who, as far as it is settled.
#[derive(Debug)]
pub struct Pairs<'a> {
    known: &'a [KnownGame],
    /// For each game on the disk, the known one that it is.
    of_found: Vec<Option<usize>>,
    taken: Vec<bool>,
}

impl<'a> Pairs<'a> {
    /// Begins with what is where it was and as it was.
    pub fn unchanged(known: &'a [KnownGame], found: &[FoundGame]) -> Self {
        let mut pairs = Self {
            known,
            of_found: vec![None; found.len()],
            taken: vec![false; known.len()],
        };
        let places = pairs.places();
        for (at, game) in found.iter().enumerate() {
            let same = places
                .get(&game.place())
                .into_iter()
                .flatten()
                .find(|&&one| !pairs.taken[one] && known[one].has_files_of(&game.seen));
            if let Some(&same) = same {
                pairs.settle(at, same);
            }
        }
        pairs
    }

    /// The games on the disk that must be read, because one that is not where it was could be it.
    pub fn to_read(&self, found: &[FoundGame]) -> Vec<usize> {
        let by_size = group(self.unsettled_known().filter_map(|one| {
            let known = &self.known[one];
            known.identity.map(|_| (known.identity_size, one))
        }));
        self.unsettled_found()
            .filter(|&at| {
                let game = &found[at];
                by_size.get(&game.identity_size).is_some_and(|all| {
                    all.iter()
                        .any(|&one| self.known[one].place() != game.place())
                })
            })
            .collect()
    }

    /// Pairs the rest: by content, then by name.
    pub fn settle_rest(&mut self, found: &[FoundGame]) {
        self.by_content(found);
        self.by_files(found);
        self.by_place(found);
        self.by_folded_name(found);
    }

    fn by_content(&mut self, found: &[FoundGame]) {
        let known = self.known;
        let identity_of = |one: usize| known[one].identity;
        let name_of = |one: usize| fold(&known[one].fs_name);
        let found_name = |at: usize| fold(&found[at].seen.fs_name);
        // From the surest to the last that is sure.
        self.pair(
            |one| Some((identity_of(one)?, known[one].platform.clone(), name_of(one))),
            |at| {
                Some((
                    found[at].identity()?,
                    found[at].platform.clone(),
                    found_name(at),
                ))
            },
        );
        self.pair(
            |one| Some((identity_of(one)?, name_of(one))),
            |at| Some((found[at].identity()?, found_name(at))),
        );
        self.pair(
            |one| Some((identity_of(one)?, known[one].platform.clone())),
            |at| Some((found[at].identity()?, found[at].platform.clone())),
        );
        self.pair(identity_of, |at| found[at].identity());
    }

    /// A game that was renamed before it was ever read is known by its files' sizes and times.
    fn by_files(&mut self, found: &[FoundGame]) {
        let known = self.known;
        self.pair(
            |one| {
                let files = known[one].files.iter();
                let unread = !known[one].hashed && known[one].identity.is_none();
                let shape = files.map(|file| (file.size, file.modified_at)).collect();
                unread.then(|| sized(shape)).flatten()
            },
            |at| {
                let files = found[at].seen.files.iter();
                sized(files.map(|file| (file.size, file.modified_at)).collect())
            },
        );
    }

    fn by_place(&mut self, found: &[FoundGame]) {
        let places = self.places();
        for at in self.unsettled_found().collect::<Vec<_>>() {
            let same = places
                .get(&found[at].place())
                .into_iter()
                .flatten()
                .find(|&&one| !self.taken[one]);
            if let Some(&same) = same {
                self.settle(at, same);
            }
        }
    }

    fn by_folded_name(&mut self, found: &[FoundGame]) {
        let known = self.known;
        self.pair(
            |one| Some((known[one].platform.clone(), fold(&known[one].fs_name))),
            |at| Some((found[at].platform.clone(), fold(&found[at].seen.fs_name))),
        );
    }

    /// Pairs what has the same key, where one on either side has it and no more.
    fn pair<K: Hash + Eq>(
        &mut self,
        known_key: impl Fn(usize) -> Option<K>,
        found_key: impl Fn(usize) -> Option<K>,
    ) {
        let known = group(
            self.unsettled_known()
                .filter_map(|one| Some((known_key(one)?, one))),
        );
        let found = group(
            self.unsettled_found()
                .filter_map(|at| Some((found_key(at)?, at))),
        );
        for (key, all) in found {
            if let ([at], Some([one])) = (all.as_slice(), known.get(&key).map(Vec::as_slice)) {
                self.settle(*at, *one);
            }
        }
    }

    fn settle(&mut self, found: usize, known: usize) {
        self.of_found[found] = Some(known);
        self.taken[known] = true;
    }

    /// The known games of each place: one whose files were there last, before those long gone.
    fn places(&self) -> HashMap<(&'a str, &'a str), Vec<usize>> {
        let known = self.known;
        let mut places = group((0..known.len()).map(|one| (known[one].place(), one)));
        for all in places.values_mut() {
            all.sort_by_key(|&one| (known[one].missing, known[one].id));
        }
        places
    }

    fn unsettled_found(&self) -> impl Iterator<Item = usize> {
        let of_found = &self.of_found;
        (0..of_found.len()).filter(|&at| of_found[at].is_none())
    }

    fn unsettled_known(&self) -> impl Iterator<Item = usize> {
        (0..self.known.len()).filter(|&one| !self.taken[one])
    }

    /// The known game that a game on the disk is.
    pub fn known_of(&self, found: usize) -> Option<&'a KnownGame> {
        self.of_found[found].map(|one| &self.known[one])
    }

    /// The known games that are not on the disk.
    pub fn gone(&self) -> impl Iterator<Item = &'a KnownGame> {
        self.unsettled_known().map(|one| &self.known[one])
    }
}

/// Files' sizes and times, where there is enough of them to tell games apart.
fn sized(mut files: Vec<(u64, Time)>) -> Option<Vec<(u64, Time)>> {
    files.sort_unstable();
    let size: u64 = files.iter().map(|(size, _)| size).sum();
    (size >= limits::IDENTITY_BYTES).then_some(files)
}

fn group<K: Hash + Eq>(pairs: impl Iterator<Item = (K, usize)>) -> HashMap<K, Vec<usize>> {
    let mut groups: HashMap<K, Vec<usize>> = HashMap::new();
    for (key, one) in pairs {
        groups.entry(key).or_default().push(one);
    }
    groups
}

#[cfg(test)]
mod tests;
