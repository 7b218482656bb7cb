//! The manifest's JSON, read so that every error says which entry, line and column it is about.

use std::ffi::OsString;
use std::fmt;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

use keepsave_core::ids::RomId;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Unexpected, Visitor};

/// An entry as it is written.
#[derive(Debug)]
pub(crate) struct Entry {
    pub rom: RomId,
    pub path: PathBuf,
    pub file_name: Option<String>,
    pub slot: Option<String>,
    pub emulator: Option<String>,
}

const KEYS: [&str; 5] = ["rom_id", "path", "file_name", "slot", "emulator"];

pub(super) fn parse(json: &[u8]) -> serde_json::Result<Vec<Entry>> {
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    let entries = deserializer.deserialize_map(Document)?;
    deserializer.end()?;
    Ok(entries)
}

/// `{"saves": [...]}`
struct Document;

impl<'de> Visitor<'de> for Document {
    type Value = Vec<Entry>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a manifest, which is an object with the key `saves`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut saves = None;
        while let Some(key) = map.next_key::<String>()? {
            if key != "saves" {
                let near = "; a manifest has only the key `saves`";
                return Err(A::Error::custom(format!("unknown key {key:?}{near}")));
            }
            if saves.is_some() {
                return Err(A::Error::custom("the key `saves` is there twice"));
            }
            saves = Some(map.next_value_seed(Saves)?);
        }
        saves.ok_or_else(|| A::Error::custom("the key `saves` is missing"))
    }
}

struct Saves;

impl<'de> DeserializeSeed<'de> for Saves {
    type Value = Vec<Entry>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Saves {
    type Value = Vec<Entry>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list as `saves`")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = list.next_element_seed(Number(entries.len() + 1))? {
            entries.push(entry);
        }
        Ok(entries)
    }
}

/// The entry with this number.
struct Number(usize);

impl<'de> DeserializeSeed<'de> for Number {
    type Value = Entry;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Entry, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Number {
    type Value = Entry;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object as entry {}", self.0)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entry, A::Error> {
        let Self(number) = self;
        let mut seen = [false; KEYS.len()];
        let (mut rom, mut path) = (None, None);
        let (mut file_name, mut slot, mut emulator) = (None, None, None);
        while let Some(key) = map.next_key::<String>()? {
            let Some(index) = KEYS.iter().position(|known| *known == key) else {
                return Err(A::Error::custom(unknown_key(number, &key)));
            };
            if std::mem::replace(&mut seen[index], true) {
                let message = format!("entry {number}: the key {key:?} is there twice");
                return Err(A::Error::custom(message));
            }
            let field = Field {
                number,
                key: KEYS[index],
            };
            match KEYS[index] {
                "rom_id" => rom = Some(map.next_value_seed(Rom(field))?),
                "path" => path = Some(map.next_value_seed(FilePath(field))?),
                "file_name" => file_name = map.next_value_seed(Text(field))?,
                "slot" => slot = map.next_value_seed(Text(field))?,
                _ => emulator = map.next_value_seed(Text(field))?,
            }
        }
        let missing = |key| A::Error::custom(format!("entry {number}: the key `{key}` is missing"));
        Ok(Entry {
            rom: rom.ok_or_else(|| missing("rom_id"))?,
            path: path.ok_or_else(|| missing("path"))?,
            file_name,
            slot,
            emulator,
        })
    }
}

fn unknown_key(number: usize, key: &str) -> String {
    let likeness = |known: &&str| strsim::normalized_damerau_levenshtein(known, key);
    let near = KEYS
        .iter()
        .max_by(|one, other| likeness(one).total_cmp(&likeness(other)));
    let near = near.copied().unwrap_or_default();
    let known = KEYS.join(", ");
    format!("entry {number}: unknown key {key:?}; the nearest known key is `{near}` of {known}")
}

/// A key of an entry.
#[derive(Clone, Copy)]
struct Field {
    number: usize,
    key: &'static str,
}

impl Field {
    fn expecting(self, what: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{what} as `{}` of entry {}", self.key, self.number)
    }
}

struct Rom(Field);

impl<'de> DeserializeSeed<'de> for Rom {
    type Value = RomId;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<RomId, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl Visitor<'_> for Rom {
    type Value = RomId;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting("a game's number, from 1,", f)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<RomId, E> {
        match i64::try_from(number) {
            Ok(number) if number > 0 => Ok(RomId(number)),
            _ => Err(E::invalid_value(Unexpected::Unsigned(number), &self)),
        }
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<RomId, E> {
        Err(E::invalid_value(Unexpected::Signed(number), &self))
    }
}

/// A text; null or nothing but space is as good as none.
struct Text(Field);

impl<'de> DeserializeSeed<'de> for Text {
    type Value = Option<String>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl Visitor<'_> for Text {
    type Value = Option<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting("a text or null", f)
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok((!text.trim().is_empty()).then(|| text.to_owned()))
    }
}

/// A path. Programs in Python write a byte that is no UTF-8 as a lone surrogate, `\udcXX`.
struct FilePath(Field);

impl<'de> DeserializeSeed<'de> for FilePath {
    type Value = PathBuf;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<PathBuf, D::Error> {
        deserializer.deserialize_bytes(self)
    }
}

impl Visitor<'_> for FilePath {
    type Value = PathBuf;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting("a text", f)
    }

    fn visit_bytes<E: Error>(self, text: &[u8]) -> Result<PathBuf, E> {
        if text.is_empty() {
            return Err(E::invalid_value(Unexpected::Str(""), &self));
        }
        Ok(OsString::from_vec(without_surrogates(text)).into())
    }
}

/// A lone surrogate comes as the three bytes that it would have in UTF-8.
fn without_surrogates(mut text: &[u8]) -> Vec<u8> {
    let mut path = Vec::with_capacity(text.len());
    while let Some((&first, rest)) = text.split_first() {
        if let [0xED, high @ 0xB2..=0xB3, low @ 0x80..=0xBF, ref after @ ..] = *text {
            path.push((high & 0x03) << 6 | low & 0x3F);
            text = after;
        } else {
            path.push(first);
            text = rest;
        }
    }
    path
}
