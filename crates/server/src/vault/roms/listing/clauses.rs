//! A filter as a condition of SQL, and its values.

use super::{Choice, Filter, Logic, Order, Search, Status};
use crate::vault::sql::{ToValue, Value};

/// A value that is bound to a statement made up here.
enum Bound {
    Integer(i64),
    Text(String),
}

/// A `WHERE` and its values; `$1` is the person who asks.
pub(super) struct Clauses {
    pub(super) sql: String,
    bound: Vec<Bound>,
}

impl Clauses {
    pub(super) fn of(filter: &Filter, only_noted: bool) -> Self {
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
        if let Some(only) = &filter.only {
            let only = self.list(only.iter().map(|id| Bound::Integer(id.0)));
            self.and(&format!("r.id IN ({only})"));
        }
        if !filter.except.is_empty() {
            let except = self.list(filter.except.iter().map(|id| Bound::Integer(id.0)));
            self.and(&format!("r.id NOT IN ({except})"));
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

    pub(super) fn window(&mut self, order: Order, limit: i64, offset: i64) -> String {
        let limit = self.bind(Bound::Integer(limit));
        let offset = self.bind(Bound::Integer(offset));
        format!("ORDER BY {} LIMIT {limit} OFFSET {offset}", order.sql())
    }

    fn bind(&mut self, value: Bound) -> String {
        self.bound.push(value);
        format!("${}", self.bound.len())
    }

    pub(super) fn values(&self) -> Vec<Value<'_>> {
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
