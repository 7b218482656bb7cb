//! Looks through the library: lists of games, one game, what can be filtered by.

use keepsave_core::ids::{RomId, UserId};
use keepsave_core::limits;

use super::naming::fold;
use crate::app::App;
use crate::vault::Fault;
use crate::vault::roms::files::{self, RomFile};
use crate::vault::roms::listing::{self, Filter, Index, Order, OrderBy, Search, Values};
use crate::vault::roms::{self, Hashes, Rom};

/// What is wanted of a list of games.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of the request"
)]
pub struct Wanted {
    /// Which games.
    pub filter: Filter,
    /// Which games the values to filter by are taken from.
    pub scope: Filter,
    /// In which order.
    pub order: Order,
    /// How many games a page has.
    pub limit: i64,
    /// How many games come before the page.
    pub offset: i64,
    /// Where each first letter begins.
    pub letters: bool,
    /// The values to filter by.
    pub values: bool,
    /// The ids of all games, whatever the page.
    pub ids: bool,
    /// How many games there are.
    pub total: bool,
    /// The files of each game.
    pub files: bool,
}

/// A page of games, and what is said about all of them. What was not wanted is empty.
#[derive(Debug)]
pub struct Page {
    /// The games of the page.
    pub games: Vec<Listed>,
    /// How many games there are.
    pub total: Option<u64>,
    /// Every game, and how many there are under each first letter.
    pub index: Index,
    /// The values to filter by.
    pub values: Option<Values>,
}

/// A game of a page.
#[derive(Debug)]
pub struct Listed {
    /// The game.
    pub rom: Rom,
    /// Its files, where they were wanted.
    pub files: Vec<RomFile>,
}

/// Lists games, as of one moment.
pub fn list(app: &App, wanted: &Wanted) -> Result<Page, Fault> {
    let Wanted {
        filter,
        order,
        limit,
        offset,
        ..
    } = wanted;
    app.vault.read(|tx| {
        let mut index = if wanted.ids || wanted.letters {
            listing::index(tx, filter, *order)?
        } else {
            Index::default()
        };
        let total = if wanted.ids || wanted.letters && wanted.total {
            Some(index.ids.len() as u64)
        } else if wanted.total {
            Some(listing::count(tx, filter, *order)?)
        } else {
            None
        };
        if !wanted.ids {
            index.ids.clear();
        }
        if !wanted.letters {
            index.letters.clear();
        }
        let files = if wanted.files {
            listing::files_of_page(tx, filter, *order, *limit, *offset)?
        } else {
            Vec::new()
        };
        Ok(Page {
            games: with_files(listing::page(tx, filter, *order, *limit, *offset)?, &files),
            total,
            index,
            values: wanted
                .values
                .then(|| listing::values(tx, &wanted.scope))
                .transpose()?,
        })
    })
}

fn with_files(roms: Vec<Rom>, files: &[RomFile]) -> Vec<Listed> {
    roms.into_iter()
        .map(|rom| {
            // Sorted by game.
            let start = files.partition_point(|file| file.rom_id < rom.id);
            let end = files.partition_point(|file| file.rom_id <= rom.id);
            Listed {
                files: files[start..end].to_vec(),
                rom,
            }
        })
        .collect()
}

/// One game with its files, as a person sees it.
pub fn one(app: &App, id: RomId, user: UserId) -> Result<Option<Listed>, Fault> {
    app.vault.read(|tx| {
        let Some(rom) = roms::by_id(tx, id, user)? else {
            return Ok(None);
        };
        let files = files::of_rom(tx, id)?;
        Ok(Some(Listed { rom, files }))
    })
}

/// The first game that has one of these hashes.
pub fn by_hash(app: &App, hashes: &Hashes) -> Result<Option<RomId>, Fault> {
    app.vault.read(|tx| roms::by_hash(tx, hashes))
}

/// Every game that a person has not hidden, by name.
pub fn identifiers(app: &App, user: UserId) -> Result<Vec<RomId>, Fault> {
    app.vault
        .read(|tx| Ok(listing::index(tx, &Filter::all(user), Order::BY_NAME)?.ids))
}

/// Games that a person has not hidden, by id.
pub fn known_games(app: &App, user: UserId, limit: i64, offset: i64) -> Result<Vec<Rom>, Fault> {
    let order = Order {
        by: OrderBy::Id,
        descending: false,
    };
    app.vault
        .read(|tx| listing::page(tx, &Filter::all(user), order, limit, offset))
}

/// What all games of the server can be filtered by.
pub fn values(app: &App, user: UserId) -> Result<Values, Fault> {
    app.vault.read(|tx| listing::values(tx, &Filter::all(user)))
}

/// What a search term asks for; none when it asks for nothing.
///
/// Terms are divided by `|`, and a game fits when it has all words of one. A term that looks like
/// a hash also finds the game that has it.
pub fn search(term: &str) -> Option<Search> {
    let terms: Vec<&str> = term
        .split('|')
        .map(str::trim)
        .filter(|term| !term.is_empty())
        .collect();
    if terms.is_empty() {
        return None;
    }
    let mut left = limits::SEARCH_WORDS;
    let mut search = Search {
        terms: Vec::new(),
        hashes: Vec::new(),
    };
    for term in terms {
        if is_hash(term) {
            search.hashes.push(term.to_lowercase());
        }
        let words: Vec<String> = term.split_whitespace().take(left).map(fold).collect();
        left -= words.len();
        // No name has a word that is longer than names are.
        let can_fit = words
            .iter()
            .all(|word| word.len() <= limits::SEARCH_WORD_BYTES);
        if can_fit && !words.is_empty() {
            search.terms.push(words);
        }
    }
    search.hashes.truncate(limits::SEARCH_WORDS);
    Some(search)
}

/// Whether a term has as many hexadecimal digits as a CRC, an MD5 or a SHA-1.
fn is_hash(term: &str) -> bool {
    matches!(term.len(), 8 | 32 | 40) && term.bytes().all(|byte| byte.is_ascii_hexdigit())
}
