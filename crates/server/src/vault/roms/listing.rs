//! Lists of games: which, in which order, and what can be said about all of them at once.

mod clauses;

use std::collections::BTreeMap;

use keepsave_core::ids::{PlatformId, RomId, UserId};
use keepsave_core::time::Time;

use self::clauses::Clauses;
use super::files::{self, RomFile};
use super::{FROM, Rom, parse_texts, rom, select};
use crate::vault::{Fault, Tx};

/// Which games.
#[derive(Clone, Debug)]
pub struct Filter {
    /// Who asks. What this person hid is left out.
    pub user: UserId,
    /// Nothing can fit, whatever the rest says.
    pub nothing: bool,
    /// On one of these platforms; empty: on any.
    pub platforms: Vec<PlatformId>,
    /// What is searched for.
    pub search: Option<Search>,
    /// Whether its files are gone.
    pub missing: Option<bool>,
    /// Whether the person has played it.
    pub played: Option<bool>,
    /// Whether there are saves that the person can see.
    pub has_saves: Option<bool>,
    /// Whether there are states that the person can see.
    pub has_states: Option<bool>,
    /// What the person noted.
    pub statuses: Option<Choice<Status>>,
    /// Regions by name.
    pub regions: Option<Choice<String>>,
    /// Languages by name.
    pub languages: Option<Choice<String>>,
    /// Tags as they stand in the name.
    pub tags: Option<Choice<String>>,
    /// Changed after this moment.
    pub updated_after: Option<Time>,
    /// One of these games alone.
    pub only: Option<Vec<RomId>>,
    /// None of these games.
    pub except: Vec<RomId>,
}

impl Filter {
    /// Everything that a person has not hidden.
    pub fn all(user: UserId) -> Self {
        Self {
            user,
            nothing: false,
            platforms: Vec::new(),
            search: None,
            missing: None,
            played: None,
            has_saves: None,
            has_states: None,
            statuses: None,
            regions: None,
            languages: None,
            tags: None,
            updated_after: None,
            only: None,
            except: Vec::new(),
        }
    }
}

/// What is searched for: all words of one of the terms in the name, or one of the hashes.
#[derive(Clone, Debug)]
pub struct Search {
    /// Folded.
    pub terms: Vec<Vec<String>>,
    /// In lower case.
    pub hashes: Vec<String>,
}

/// Values, and how many of them a game must have.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "said above")]
pub struct Choice<T> {
    pub values: Vec<T>,
    pub logic: Logic,
}

/// How many of several values a game must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is its own text")]
pub enum Logic {
    Any,
    All,
    None,
}

/// Something that a person noted about a game.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is its own text")]
pub enum Status {
    NowPlaying,
    Backlogged,
    Hidden,
    Named(String),
}

/// What games are sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is its own text")]
pub enum OrderBy {
    Name,
    Id,
    FileName,
    Size,
    Platform,
    CreatedAt,
    UpdatedAt,
    /// Those played last first, then the others by name.
    Activity,
    /// What follows is what the person noted: games without a note are left out.
    LastPlayed,
    Rating,
    Difficulty,
    Completion,
    Status,
}

impl OrderBy {
    const fn column(self) -> &'static str {
        match self {
            Self::Name => "r.sort_key",
            Self::Id => "r.id",
            Self::FileName => "r.fs_name",
            Self::Size => "r.fs_size",
            Self::Platform => "r.platform_id",
            Self::CreatedAt => "r.created_at",
            Self::UpdatedAt => "r.updated_at",
            Self::Activity | Self::LastPlayed => "u.last_played",
            Self::Rating => "u.rating",
            Self::Difficulty => "u.difficulty",
            Self::Completion => "u.completion",
            Self::Status => "u.status",
        }
    }

    const fn is_noted(self) -> bool {
        matches!(
            self,
            Self::LastPlayed | Self::Rating | Self::Difficulty | Self::Completion | Self::Status
        )
    }
}

/// In which order.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "said above")]
pub struct Order {
    pub by: OrderBy,
    pub descending: bool,
}

impl Order {
    /// By name, as every list is when nothing else is asked for.
    pub const BY_NAME: Self = Self {
        by: OrderBy::Name,
        descending: false,
    };

    fn sql(self) -> String {
        let column = self.by.column();
        let direction = if self.descending { "DESC" } else { "ASC" };
        match self.by {
            OrderBy::Id => format!("r.id {direction}"),
            OrderBy::Activity => "u.last_played DESC NULLS LAST, r.sort_key, r.id".to_owned(),
            OrderBy::LastPlayed | OrderBy::Status => {
                format!("{column} {direction} NULLS LAST, r.id {direction}")
            }
            _ => format!("{column} {direction}, r.id {direction}"),
        }
    }
}

/// Every game of a list, in order.
#[derive(Clone, Debug, Default)]
pub struct Index {
    /// The games.
    pub ids: Vec<RomId>,
    /// How many there are under each first letter.
    pub letters: BTreeMap<String, u64>,
}

/// Every game that fits.
pub fn index(tx: &Tx<'_>, filter: &Filter, order: Order) -> Result<Index, Fault> {
    let wanted = Clauses::of(filter, order.by.is_noted());
    let letter = match order.by {
        OrderBy::FileName => "r.fs_name",
        _ => "r.sort_key",
    };
    let mut index = Index::default();
    tx.each(
        &format!(
            "SELECT r.id, SUBSTR({letter}, 1, 1) FROM roms r \
             LEFT JOIN rom_users u ON u.rom_id = r.id AND u.user_id = $1 {} ORDER BY {}",
            wanted.sql,
            order.sql()
        ),
        &wanted.values(),
        |row| {
            index.ids.push(row.get()?);
            let letter: String = row.get()?;
            match index.letters.get_mut(&letter) {
                Some(count) => *count += 1,
                None => {
                    index.letters.insert(letter, 1);
                }
            }
            Ok(())
        },
    )?;
    Ok(index)
}

/// How many games fit.
pub fn count(tx: &Tx<'_>, filter: &Filter, order: Order) -> Result<u64, Fault> {
    let wanted = Clauses::of(filter, order.by.is_noted());
    tx.one(
        &format!(
            "SELECT COUNT(*) FROM roms r \
             LEFT JOIN rom_users u ON u.rom_id = r.id AND u.user_id = $1 {}",
            wanted.sql
        ),
        &wanted.values(),
        |row| row.get(),
    )
}

/// Some of the games that fit.
pub fn page(
    tx: &Tx<'_>,
    filter: &Filter,
    order: Order,
    limit: i64,
    offset: i64,
) -> Result<Vec<Rom>, Fault> {
    let mut wanted = Clauses::of(filter, order.by.is_noted());
    let within = wanted.window(order, limit, offset);
    tx.all(
        &format!("{} {} {within}", select(), wanted.sql),
        &wanted.values(),
        rom,
    )
}

/// The files of the same games, game by game and then by name.
pub fn files_of_page(
    tx: &Tx<'_>,
    filter: &Filter,
    order: Order,
    limit: i64,
    offset: i64,
) -> Result<Vec<RomFile>, Fault> {
    let mut wanted = Clauses::of(filter, order.by.is_noted());
    let within = wanted.window(order, limit, offset);
    files::of_roms(
        tx,
        &format!("SELECT r.id {FROM} {} {within}", wanted.sql),
        &wanted.values(),
    )
}

/// The values that games can be filtered by.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "each is its own text")]
pub struct Values {
    pub platforms: Vec<PlatformId>,
    pub regions: Vec<String>,
    pub languages: Vec<String>,
    pub tags: Vec<String>,
}

/// What the games that fit have, sorted.
pub fn values(tx: &Tx<'_>, filter: &Filter) -> Result<Values, Fault> {
    let wanted = Clauses::of(filter, false);
    let mut found = Values::default();
    tx.each(
        &format!(
            "SELECT DISTINCT r.platform_id, r.regions, r.languages, r.tags FROM roms r \
             LEFT JOIN rom_users u ON u.rom_id = r.id AND u.user_id = $1 {}",
            wanted.sql
        ),
        &wanted.values(),
        |row| {
            found.platforms.push(row.get()?);
            found.regions.extend(parse_texts(&row.get::<String>()?));
            found.languages.extend(parse_texts(&row.get::<String>()?));
            found.tags.extend(parse_texts(&row.get::<String>()?));
            Ok(())
        },
    )?;
    found.platforms.sort_unstable();
    found.platforms.dedup();
    for texts in [&mut found.regions, &mut found.languages, &mut found.tags] {
        texts.sort_unstable();
        texts.dedup();
    }
    Ok(found)
}
