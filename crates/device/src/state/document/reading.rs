//! Walks through JSON and knows where it is, so that what is wrong can be found by a person.

use keepsave_core::content::ContentHash;
use keepsave_core::time::Time;
use serde_json::Value as Json;

/// A place in a document.
pub(super) struct Cursor<'a> {
    value: &'a Json,
    at: String,
}

/// Something stands there that cannot be meant.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    /// `saves.42.files.game.srm.last_sync_hash`
    pub at: String,
    /// What should.
    pub expected: &'static str,
}

impl<'a> Cursor<'a> {
    pub fn root(value: &'a Json) -> Self {
        let at = String::new();
        Self { value, at }
    }

    pub fn wrong(&self, expected: &'static str) -> Wrong {
        let at = self.at.clone();
        Wrong { at, expected }
    }

    fn below(&self, name: &str, value: &'a Json) -> Self {
        let at = if self.at.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.at)
        };
        Self { value, at }
    }

    /// What stands under that name; a null is nothing.
    pub fn field(&self, name: &str) -> Option<Self> {
        let value = self.value.get(name).filter(|value| !value.is_null())?;
        Some(self.below(name, value))
    }

    /// Reads what stands under that name, if anything does.
    pub fn read<T>(
        &self,
        name: &str,
        read: impl FnOnce(&Self) -> Result<T, Wrong>,
    ) -> Result<Option<T>, Wrong> {
        self.field(name).map(|field| read(&field)).transpose()
    }

    /// Whether that name is there, with or without something under it.
    pub fn has(&self, name: &str) -> bool {
        self.value.get(name).is_some()
    }

    /// Everything under that name, by name.
    pub fn entries(&self, name: &str) -> Result<Vec<(&'a str, Self)>, Wrong> {
        let Some(field) = self.field(name) else {
            return Ok(Vec::new());
        };
        let object = field.value.as_object();
        let object = object.ok_or_else(|| field.wrong("an object"))?;
        let entries = object.iter();
        let entries = entries.map(|(name, value)| (name.as_str(), field.below(name, value)));
        Ok(entries.collect())
    }

    /// Itself, if it is an object.
    pub fn object(self) -> Result<Self, Wrong> {
        if self.value.is_object() {
            Ok(self)
        } else {
            Err(self.wrong("an object"))
        }
    }

    pub fn text(&self) -> Result<String, Wrong> {
        let text = self.value.as_str();
        Ok(text.ok_or_else(|| self.wrong("a text"))?.to_owned())
    }

    /// A text, or a number as one.
    pub fn text_or_number(&self) -> Result<String, Wrong> {
        match self.value {
            Json::Number(number) => Ok(number.to_string()),
            _ => self.text(),
        }
    }

    pub fn boolean(&self) -> Result<bool, Wrong> {
        let value = self.value.as_bool();
        value.ok_or_else(|| self.wrong("true or false"))
    }

    pub fn integer(&self) -> Result<i64, Wrong> {
        let number = self.value.as_i64();
        number.ok_or_else(|| self.wrong("a whole number"))
    }

    /// A number that counts something.
    pub fn count(&self) -> Result<i64, Wrong> {
        let number = self.value.as_i64().filter(|number| *number >= 0);
        number.ok_or_else(|| self.wrong("a whole number, 0 or more"))
    }

    pub fn integers(&self) -> Result<Vec<i64>, Wrong> {
        let numbers = self.value.as_array().and_then(|list| {
            let numbers = list.iter().map(Json::as_i64);
            numbers.collect::<Option<Vec<_>>>()
        });
        numbers.ok_or_else(|| self.wrong("a list of whole numbers"))
    }

    /// Seconds since 1970 with a fraction, as nanoseconds.
    pub fn nanoseconds(&self) -> Result<i64, Wrong> {
        let wrong = || self.wrong("a number of seconds");
        let seconds = self.value.as_f64().ok_or_else(wrong)?;
        nanoseconds_of(seconds).ok_or_else(wrong)
    }

    /// A moment; an empty text is none.
    pub fn moment(&self) -> Result<Option<Time>, Wrong> {
        let text = self.text()?;
        if text.is_empty() {
            return Ok(None);
        }
        let time = Time::parse(&text);
        Ok(Some(time.ok_or_else(|| self.wrong("a date and time"))?))
    }

    /// A hash; an empty text is none.
    pub fn hash(&self) -> Result<Option<ContentHash>, Wrong> {
        let text = self.text()?;
        if text.is_empty() {
            return Ok(None);
        }
        let hash = text
            .parse()
            .map_err(|_not_one| self.wrong("an MD5 of 32 hexadecimal digits"));
        hash.map(Some)
    }
}

/// Both ways go through whole seconds, so that a double comes back as it was.
#[expect(
    clippy::cast_possible_truncation,
    reason = "what does not fit was refused before"
)]
fn nanoseconds_of(seconds: f64) -> Option<i64> {
    const BEYOND: f64 = 9_000_000_000.0;
    if !(-BEYOND..=BEYOND).contains(&seconds) {
        return None;
    }
    let whole = seconds.floor();
    let rest = ((seconds - whole) * 1e9).round();
    Some(whole as i64 * 1_000_000_000 + rest as i64)
}

/// Nanoseconds as seconds with a fraction.
#[expect(clippy::cast_precision_loss, reason = "a double has what Python had")]
pub(super) fn seconds_of(nanoseconds: i64) -> f64 {
    let whole = nanoseconds.div_euclid(1_000_000_000) as f64;
    whole + nanoseconds.rem_euclid(1_000_000_000) as f64 / 1e9
}
