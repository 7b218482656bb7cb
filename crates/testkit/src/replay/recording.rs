//! The recorded exchanges, as the fixtures hold them.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::time::Duration;
use std::{fs, io};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};
use serde_json::{Map, Value};

use super::Request;

/// Everything that was recorded.
pub struct Recordings {
    pub(super) groups: Vec<Group>,
    /// The uploaded contents by MD5; the exchanges name only that.
    contents: HashMap<String, Vec<u8>>,
}

pub(super) struct Group {
    pub name: String,
    pub exchanges: Vec<Exchange>,
}

/// A request and what RomM answered.
pub(super) struct Exchange {
    pub group: String,
    pub name: String,
    pub method: String,
    pub path: String,
    /// Whose credentials: `admin`, `bob`, `none` or the first characters of a header's value.
    pub auth: String,
    pub headers: Map<String, Value>,
    pub body: Value,
    pub raw_body: Option<String>,
    /// How long the answer took.
    pub elapsed: Duration,
    pub answer: Answer,
}

/// Status, headers by lower-case name (several of one name are lines of one value), and body.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Answer {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    pub payload: Payload,
}

/// A body, as readable as it can be.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Payload {
    Json(Value),
    Text(String),
    Bytes { len: u64, md5: String },
}

impl Payload {
    /// Reads a body the way the recording did: JSON, else short plain text, else bytes.
    pub fn of(bytes: &[u8]) -> Self {
        if let Ok(json) = serde_json::from_slice(bytes) {
            return Self::Json(json);
        }
        let plain = |byte: &u8| matches!(byte, b' '..=b'~' | b'\n' | b'\r' | b'\t');
        match std::str::from_utf8(bytes) {
            Ok(text) if text.len() < 2000 && bytes.iter().all(plain) => Self::Text(text.to_owned()),
            _ => Self::Bytes {
                len: bytes.len() as u64,
                md5: hex::encode(Md5::digest(bytes)),
            },
        }
    }

    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Text(text) if text.is_empty())
    }
}

impl Recordings {
    /// Reads the groups in `folder` and the uploaded contents in the file `contents`.
    pub fn load(folder: &Path, contents: &Path) -> io::Result<Self> {
        let mut files: Vec<_> = fs::read_dir(folder)?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<Result<_, _>>()?;
        files.retain(|file| file.extension().is_some_and(|ext| ext == "json"));
        files.sort();
        Ok(Self {
            groups: files
                .iter()
                .map(|file| Group::load(file))
                .collect::<io::Result<_>>()?,
            contents: load_contents(contents)?,
        })
    }

    #[cfg(test)]
    pub(super) fn of(groups: Vec<Group>) -> Self {
        Self {
            groups,
            contents: HashMap::new(),
        }
    }

    /// The uploaded content with this MD5.
    pub(super) fn content(&self, md5: &str) -> Option<&[u8]> {
        self.contents.get(md5).map(Vec::as_slice)
    }

    /// All exchanges in order.
    pub(super) fn exchanges(&self) -> impl Iterator<Item = &Exchange> {
        self.groups.iter().flat_map(|group| &group.exchanges)
    }
}

fn load_contents(file: &Path) -> io::Result<HashMap<String, Vec<u8>>> {
    let encoded: HashMap<String, String> = serde_json::from_slice(&fs::read(file)?)?;
    encoded
        .into_iter()
        .map(|(md5, content)| {
            let content = STANDARD.decode(content).map_err(io::Error::other)?;
            Ok((md5, content))
        })
        .collect()
}

impl Group {
    fn load(file: &Path) -> io::Result<Self> {
        let name = file
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let exchanges: Vec<Value> = serde_json::from_slice(&fs::read(file)?)?;
        let exchanges = exchanges
            .iter()
            .map(|value| {
                Exchange::read(&name, value)
                    .ok_or_else(|| io::Error::other(format!("{name}: not an exchange: {value}")))
            })
            .collect::<io::Result<_>>()?;
        Ok(Self { name, exchanges })
    }
}

impl Exchange {
    fn read(group: &str, value: &Value) -> Option<Self> {
        let request = &value["request"];
        let text = |value: &Value| value.as_str().map(str::to_owned);
        Some(Self {
            group: group.to_owned(),
            name: text(&value["name"])?,
            method: text(&request["method"])?,
            path: text(&request["path"])?,
            auth: text(&request["auth"])?,
            headers: request["headers"].as_object()?.clone(),
            body: request["body"].clone(),
            raw_body: text(&request["raw_body"]),
            elapsed: Duration::from_secs_f64(value["elapsed_ms"].as_f64()? / 1000.0),
            answer: Answer::read(value)?,
        })
    }

    /// The name that is unique over all groups.
    pub fn full_name(&self) -> String {
        format!("{}/{}", self.group, self.name)
    }

    /// What of it says whether a server has anything to do with it.
    pub fn request(&self) -> Request<'_> {
        Request {
            method: &self.method,
            path: self.route(),
            authorization: &self.auth,
            has_cookie: self.headers.contains_key("Cookie"),
        }
    }

    /// The path without its query.
    pub fn route(&self) -> &str {
        self.path.split('?').next().unwrap_or_default()
    }
}

impl Answer {
    fn read(value: &Value) -> Option<Self> {
        let headers = value["headers"].as_object()?;
        let payload = if let Some(body) = value.get("body") {
            Payload::Json(body.clone())
        } else if let Some(text) = value["text"].as_str() {
            Payload::Text(text.to_owned())
        } else {
            Payload::Bytes {
                len: value["body_len"].as_u64()?,
                md5: value["body_md5"].as_str()?.to_owned(),
            }
        };
        Some(Self {
            status: u16::try_from(value["status"].as_u64()?).ok()?,
            headers: headers
                .iter()
                .map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
                .collect::<Option<_>>()?,
            payload,
        })
    }
}
