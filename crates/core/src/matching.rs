//! Which game of the server a game on this machine is.
//!
//! By its content where that is known, else by its platform and file name, else by its title
//! without tags. Never guessed between two: where more than one fits, or two games here would be
//! one there, a person is asked.

#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, HashMap};

use serde::Serialize;
use unicode_normalization::UnicodeNormalization;

use crate::ids::RomId;
use crate::names::NameParts;
use crate::reasons::reasons;

/// A game on this machine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LocalGame {
    /// What its folder may mean on a server: slugs, and the folder's own name.
    pub platforms: Vec<String>,
    /// The name of its file or folder.
    pub file_name: String,
    /// MD5, SHA-1 and CRC-32 of its file, as far as they are known, in hexadecimal.
    pub hashes: Vec<String>,
}

/// A game of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerGame {
    /// Its id.
    pub id: RomId,
    /// The slug of its platform, and the name of the platform's folder.
    pub platforms: Vec<String>,
    /// The name of its file or folder.
    pub file_name: String,
    /// Hashes of its files.
    pub hashes: Vec<String>,
}

/// By what two games were found to be one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// Their content.
    Hash,
    /// Platform and file name.
    Name,
    /// Platform and title, tags aside.
    Title,
}

/// Which game it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Match {
    /// This one.
    Sure {
        /// Its id.
        rom: RomId,
        /// By what it was found.
        by: By,
    },
    /// One of these, or none: a person must say.
    Unsure {
        /// In the order of their ids.
        roms: Vec<RomId>,
        /// Why it is not known.
        reason: Doubt,
    },
    /// None that the server knows.
    Unknown,
}

reasons! {
    /// Why it is not known which game it is.
    pub enum Doubt {
        /// Several fit.
        Several => "Several games of the server fit",
        /// Two games here would be one there.
        Shared => "Another game here is this game of the server, too",
    }
}

/// What the games of a server can be found by.
#[derive(Debug, Default)]
pub struct Catalogue {
    hashes: HashMap<String, Fitting>,
    names: HashMap<Place, Fitting>,
    stems: HashMap<Place, Fitting>,
    titles: HashMap<Place, Fitting>,
}

/// A platform, and a name there.
type Place = (String, String);

/// In the order of their ids, each once.
type Fitting = BTreeSet<RomId>;

impl Catalogue {
    /// The catalogue of these games.
    pub fn of<'a>(games: impl IntoIterator<Item = &'a ServerGame>) -> Self {
        let mut catalogue = Self::default();
        for game in games {
            catalogue.add(game);
        }
        catalogue
    }

    fn add(&mut self, game: &ServerGame) {
        for hash in &game.hashes {
            let fitting = self.hashes.entry(hash.to_ascii_lowercase());
            fitting.or_default().insert(game.id);
        }
        let names = Names::of(&game.file_name);
        for platform in &game.platforms {
            let platform = folded(platform);
            let entries = [
                (&mut self.names, &names.full),
                (&mut self.stems, &names.stem),
                (&mut self.titles, &names.title),
            ];
            for (map, name) in entries {
                if !name.is_empty() {
                    let place = (platform.clone(), name.clone());
                    map.entry(place).or_default().insert(game.id);
                }
            }
        }
    }

    /// Which game each of these is. All at once, because what two of them would share is neither's.
    pub fn find(&self, locals: &[LocalGame]) -> Vec<Match> {
        let found: Vec<Match> = locals.iter().map(|local| self.find_one(local)).collect();
        let mut claims: HashMap<RomId, (By, usize)> = HashMap::new();
        for found in &found {
            let Match::Sure { rom, by } = *found else {
                continue;
            };
            let claim = claims.entry(rom).or_insert((by, 0));
            match by.cmp(&claim.0) {
                std::cmp::Ordering::Less => *claim = (by, 1),
                std::cmp::Ordering::Equal => claim.1 += 1,
                std::cmp::Ordering::Greater => {}
            }
        }
        let settle = |found| match found {
            Match::Sure { rom, by } if claims.get(&rom) != Some(&(by, 1)) => Match::Unsure {
                roms: vec![rom],
                reason: Doubt::Shared,
            },
            settled => settled,
        };
        found.into_iter().map(settle).collect()
    }

    fn find_one(&self, local: &LocalGame) -> Match {
        let names = Names::of(&local.file_name);
        let hashes = local.hashes.iter().map(|hash| hash.to_ascii_lowercase());
        let by_hash: Fitting = hashes
            .filter_map(|hash| self.hashes.get(&hash))
            .flatten()
            .copied()
            .collect();
        let ways = [
            (By::Name, at(&self.names, local, &names.full)),
            (By::Name, at(&self.stems, local, &names.stem)),
            (By::Title, at(&self.titles, local, &names.title)),
        ];
        if by_hash.is_empty() {
            let first = ways.into_iter().find(|(_, fitting)| !fitting.is_empty());
            return first.map_or(Match::Unknown, |(by, fitting)| settled(&fitting, by));
        }
        // One content may be several games of the server: the name tells which.
        for (_, fitting) in ways {
            let both: Fitting = by_hash.intersection(&fitting).copied().collect();
            if both.len() == 1 {
                return settled(&both, By::Hash);
            }
        }
        settled(&by_hash, By::Hash)
    }
}

fn at(map: &HashMap<Place, Fitting>, local: &LocalGame, name: &str) -> Fitting {
    if name.is_empty() {
        return Fitting::new();
    }
    let places = local.platforms.iter();
    let places = places.map(|platform| (folded(platform), name.to_owned()));
    let fitting = places.filter_map(|place| map.get(&place));
    fitting.flatten().copied().collect()
}

fn settled(fitting: &Fitting, by: By) -> Match {
    let mut roms = fitting.iter();
    match (roms.next(), roms.next()) {
        (Some(&rom), None) => Match::Sure { rom, by },
        _ => Match::Unsure {
            roms: fitting.iter().copied().collect(),
            reason: Doubt::Several,
        },
    }
}

/// What a file name is compared by, from the strictest to the loosest.
struct Names {
    full: String,
    stem: String,
    title: String,
}

impl Names {
    fn of(file_name: &str) -> Self {
        let parts = NameParts::of(file_name);
        Self {
            full: folded(file_name),
            stem: folded(&parts.no_ext),
            title: folded(&parts.no_tags),
        }
    }
}

/// Neither case nor the way a letter is composed matters: file systems differ in both.
fn folded(name: &str) -> String {
    if name.is_ascii() {
        return name.to_ascii_lowercase();
    }
    name.nfc().collect::<String>().to_lowercase()
}
