//! Lists of games: which, in which order, and what can be said about all of them at once.

use std::collections::BTreeMap;

use keepsave_core::ids::{PlatformId, RomId, UserId};
use keepsave_core::time::Time;

use super::files::{self, RomFile};
use super::{FROM, Rom, parse_texts, rom, select};
use crate::vault::sql::{ToValue, Value};
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
            Self::LastPlayed => "u.last_played",
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

/// A value that is bound to a statement made up here.
enum Bound {
    Integer(i64),
    Text(String),
}

/// A `WHERE` and its values; `$1` is the person who asks.
struct Clauses {
    sql: String,
    bound: Vec<Bound>,
}

impl Clauses {
    fn of(filter: &Filter, only_noted: bool) -> Self {
        let mut clauses = Self {
            sql: String::new(),
            bound: vec![Bound::Integer(filter.user.0)],
        };
        clauses.add(filter, only_noted);
        clauses
    }

    fn add(&mut self, filter: &Filter, only_noted: bool) {
        if filter.nothing {
            self.and("1 = 0");
        }
        if only_noted {
            self.and("u.id IS NOT NULL");
        }
        if !filter.platforms.is_empty() {
            let platforms = filter.platforms.iter().map(|id| Bound::Integer(id.0));
            let platforms = self.list(platforms);
            self.and(&format!("r.platform_id IN ({platforms})"));
        }
        if let Some(search) = &filter.search {
            self.search(search);
        }
        if let Some(missing) = filter.missing {
            self.and(&format!("r.missing = {}", i64::from(missing)));
        }
        if let Some(after) = filter.updated_after {
            let after = self.bind(Bound::Integer(after.micros()));
            self.and(&format!("r.updated_at > {after}"));
        }
        self.flag(filter.played, "u.last_played IS NOT NULL");
        self.flag(
            filter.has_saves,
            "r.id IN (SELECT rom_id FROM saves WHERE user_id = $1 AND hidden IS NULL \
             UNION SELECT rom_id FROM saves WHERE is_public = 1 AND hidden IS NULL)",
        );
        self.flag(
            filter.has_states,
            "r.id IN (SELECT rom_id FROM states WHERE user_id = $1 AND hidden_at IS NULL \
             UNION SELECT rom_id FROM states WHERE is_public = 1 AND hidden_at IS NULL)",
        );
        self.texts("r.regions", filter.regions.as_ref());
        self.texts("r.languages", filter.languages.as_ref());
        self.texts("r.tags", filter.tags.as_ref());
        self.statuses(filter.statuses.as_ref());
    }

    fn and(&mut self, condition: &str) {
        self.sql += if self.sql.is_empty() {
            "WHERE "
        } else {
            " AND "
        };
        self.sql += condition;
    }

    fn flag(&mut self, wanted: Option<bool>, condition: &str) {
        match wanted {
            None => {}
            Some(true) => self.and(condition),
            Some(false) => self.and(&format!("NOT ({condition})")),
        }
    }

    fn search(&mut self, search: &Search) {
        let mut ways = Vec::new();
        for words in &search.terms {
            let words: Vec<String> = words
                .iter()
                .map(|word| {
                    let pattern = self.bind(Bound::Text(containing(word)));
                    format!("r.search_text LIKE {pattern} ESCAPE '\\'")
                })
                .collect();
            ways.push(format!("({})", words.join(" AND ")));
        }
        for hash in &search.hashes {
            let hash = self.bind(Bound::Text(hash.clone()));
            let has = format!("(crc_hash = {hash} OR md5_hash = {hash} OR sha1_hash = {hash})");
            ways.push(format!(
                "r.id IN (SELECT id FROM roms WHERE {has} \
                 UNION SELECT rom_id FROM rom_files WHERE {has})"
            ));
        }
        if ways.is_empty() {
            self.and("1 = 0");
        } else {
            self.and(&format!("({})", ways.join(" OR ")));
        }
    }

    fn texts(&mut self, column: &str, choice: Option<&Choice<String>>) {
        let Some(Choice { values, logic }) = choice else {
            return;
        };
        let each: Vec<String> = values
            .iter()
            .map(|value| {
                let pattern = containing(&serde_json::Value::from(value.as_str()).to_string());
                let pattern = self.bind(Bound::Text(pattern));
                format!("{column} LIKE {pattern} ESCAPE '\\'")
            })
            .collect();
        self.choice(&each, *logic);
    }

    fn statuses(&mut self, choice: Option<&Choice<Status>>) {
        let none = Vec::new();
        let values = choice.map_or(&none, |choice| &choice.values);
        if !values.contains(&Status::Hidden) {
            self.and(
                "r.id NOT IN (SELECT rom_id FROM rom_users WHERE user_id = $1 AND hidden = 1)",
            );
        }
        let Some(Choice { values, logic }) = choice else {
            return;
        };
        let each: Vec<String> = values
            .iter()
            .map(|status| match status {
                Status::NowPlaying => "COALESCE(u.now_playing, 0) = 1".to_owned(),
                Status::Backlogged => "COALESCE(u.backlogged, 0) = 1".to_owned(),
                Status::Hidden => "COALESCE(u.hidden, 0) = 1".to_owned(),
                Status::Named(name) => {
                    let name = self.bind(Bound::Text(name.clone()));
                    format!("COALESCE(u.status, '') = {name}")
                }
            })
            .collect();
        self.choice(&each, *logic);
    }

    fn choice(&mut self, each: &[String], logic: Logic) {
        if each.is_empty() {
            return;
        }
        match logic {
            Logic::Any => self.and(&format!("({})", each.join(" OR "))),
            Logic::All => self.and(&each.join(" AND ")),
            Logic::None => self.and(&format!("NOT ({})", each.join(" OR "))),
        }
    }

    fn list(&mut self, values: impl Iterator<Item = Bound>) -> String {
        values
            .map(|value| self.bind(value))
            .collect::<Vec<_>>()
            .join(", ")
    }

    fn window(&mut self, order: Order, limit: i64, offset: i64) -> String {
        let limit = self.bind(Bound::Integer(limit));
        let offset = self.bind(Bound::Integer(offset));
        format!("ORDER BY {} LIMIT {limit} OFFSET {offset}", order.sql())
    }

    fn bind(&mut self, value: Bound) -> String {
        self.bound.push(value);
        format!("${}", self.bound.len())
    }

    fn values(&self) -> Vec<Value<'_>> {
        self.bound
            .iter()
            .map(|value| match value {
                Bound::Integer(integer) => integer.to_value(),
                Bound::Text(text) => text.to_value(),
            })
            .collect()
    }
}

/// A `LIKE` pattern for texts that contain this one, whatever characters it has.
fn containing(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 2);
    pattern.push('%');
    for character in text.chars() {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}
