//! Where our answers differ from RomM's, and what exactly they are.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::{fs, io};

use serde::Deserialize;
use serde_json::{Map, Value};

use super::recording::{Answer, Exchange, Payload, Recordings};

/// The table of deviations.
#[derive(Default)]
pub struct Deviations {
    by_exchange: HashMap<String, Deviation>,
}

/// How our answer to one exchange differs: the recorded answer with these changes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Deviation {
    /// `group/name`.
    exchange: String,
    /// The rows of `docs/deviations.md`.
    because: Vec<String>,
    status: Option<u16>,
    /// Headers to set, or with `null` to be absent.
    #[serde(default)]
    headers: BTreeMap<String, Option<String>>,
    /// The whole body.
    body: Option<Value>,
    /// The whole body, when it is no JSON.
    text: Option<String>,
    /// The whole body, when it is no text either.
    bytes: Option<Bytes>,
    /// List positions by pointer, in our order.
    #[serde(default)]
    order: BTreeMap<String, Vec<usize>>,
    /// Pointers to what we leave out, from the last to the first.
    #[serde(default)]
    remove: Vec<String>,
    /// Values by pointer; `-` as the last part appends to a list.
    #[serde(default)]
    set: Map<String, Value>,
}

/// A body that is known by its length and hash.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Bytes {
    len: u64,
    md5: String,
}

impl Deviations {
    /// Reads the table and checks it against the recordings: each entry names an exchange, once,
    /// and changes its answer.
    pub fn load(file: &Path, recordings: &Recordings) -> io::Result<Self> {
        // All crates of ours have one version, and it changes with every release.
        let table = fs::read_to_string(file)?.replace("$VERSION", env!("CARGO_PKG_VERSION"));
        let entries: Vec<Deviation> = serde_json::from_str(&table)?;
        let recorded: HashMap<_, _> = recordings
            .exchanges()
            .map(|exchange| (exchange.full_name(), &exchange.answer))
            .collect();
        let mut by_exchange = HashMap::new();
        for entry in entries {
            let name = entry.exchange.clone();
            let wrong = |what: &str| io::Error::other(format!("{name}: {what}"));
            let recorded = recorded
                .get(&name)
                .ok_or_else(|| wrong("no such exchange"))?;
            let ours = entry.answer(recorded).map_err(|error| wrong(&error))?;
            if ours == **recorded {
                return Err(wrong("deviates in nothing"));
            }
            if by_exchange.insert(name.clone(), entry).is_some() {
                return Err(wrong("stands here twice"));
            }
        }
        Ok(Self { by_exchange })
    }

    /// The rows of `docs/deviations.md` that the table names.
    pub fn reasons(&self) -> BTreeSet<&str> {
        let because = self.by_exchange.values().flat_map(|entry| &entry.because);
        because.map(String::as_str).collect()
    }

    pub(super) fn of(&self, exchange: &Exchange) -> Option<&Deviation> {
        self.by_exchange.get(&exchange.full_name())
    }
}

impl Deviation {
    /// Our answer, made from the recorded one.
    pub fn answer(&self, recorded: &Answer) -> Result<Answer, String> {
        let mut answer = recorded.clone();
        if let Some(status) = self.status {
            answer.status = status;
        }
        if let Some(text) = &self.text {
            answer.payload = Payload::Text(text.clone());
        }
        if let Some(Bytes { len, md5 }) = &self.bytes {
            let (len, md5) = (*len, md5.clone());
            answer.payload = Payload::Bytes { len, md5 };
        }
        if let Some(body) = &self.body {
            answer.payload = Payload::Json(body.clone());
            let json = "application/json".to_owned();
            answer.headers.insert("content-type".to_owned(), json);
        }
        for (name, value) in &self.headers {
            match value {
                Some(value) => answer.headers.insert(name.clone(), value.clone()),
                None => answer.headers.remove(name),
            };
        }
        if let Payload::Json(body) = &mut answer.payload {
            for (pointer, order) in &self.order {
                reorder(body, pointer, order)?;
            }
            for pointer in &self.remove {
                remove(body, pointer)?;
            }
            for (pointer, value) in &self.set {
                set(body, pointer, value)?;
            }
        }
        Ok(answer)
    }
}

fn reorder(body: &mut Value, pointer: &str, order: &[usize]) -> Result<(), String> {
    let list = body.pointer_mut(pointer).and_then(Value::as_array_mut);
    let list = list.ok_or_else(|| format!("no list at '{pointer}'"))?;
    let positions: BTreeSet<usize> = order.iter().copied().collect();
    if !positions.iter().copied().eq(0..list.len()) || order.len() != list.len() {
        return Err(format!("'{pointer}' has other positions"));
    }
    *list = order.iter().map(|index| list[*index].clone()).collect();
    Ok(())
}

fn remove(body: &mut Value, pointer: &str) -> Result<(), String> {
    let (parent, last) = parent(body, pointer)?;
    let removed = match parent {
        Value::Object(fields) => fields.shift_remove(last),
        Value::Array(items) => {
            let index = last.parse().ok();
            let index = index.filter(|index| *index < items.len());
            index.map(|index: usize| items.remove(index))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    };
    removed
        .map(drop)
        .ok_or_else(|| format!("nothing at '{pointer}'"))
}

fn set(body: &mut Value, pointer: &str, value: &Value) -> Result<(), String> {
    let (parent, last) = parent(body, pointer)?;
    if let Value::Object(fields) = parent {
        fields.insert(last.to_owned(), value.clone());
    } else if let (Value::Array(items), "-") = (&mut *parent, last) {
        items.push(value.clone());
    } else {
        let item = parent.pointer_mut(&format!("/{last}"));
        *item.ok_or_else(|| format!("nothing at '{pointer}'"))? = value.clone();
    }
    Ok(())
}

fn parent<'v, 'p>(
    body: &'v mut Value,
    pointer: &'p str,
) -> Result<(&'v mut Value, &'p str), String> {
    let (parent, last) = pointer
        .rsplit_once('/')
        .ok_or_else(|| format!("'{pointer}' is no pointer"))?;
    let parent = body.pointer_mut(parent);
    Ok((
        parent.ok_or_else(|| format!("nothing above '{pointer}'"))?,
        last,
    ))
}
