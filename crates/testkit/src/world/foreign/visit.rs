//! One visit of a client to its server: how it asks, what it reads of an answer, what it writes on
//! its machine. Only what is common to all; which requests there are and in which order is each
//! client's own.

use std::cell::RefCell;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use http::{Method, Request, header};
use keepsave_core::content::ContentHash;
use keepsave_core::time::Time;
use keepsave_device::files::disk::Disk as _;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::deed::{Deed, What, hash_of};
use crate::server::multipart_body;
use crate::world::machine::{Game, Machine};

/// Why a client stopped what it was doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// An answer did not come, or not all of it.
    Lost,
    /// The server's answer was no.
    Refused(u16),
    /// The server's answer is not what the client can read.
    Unreadable(String),
    /// Something that it needs is not there.
    Missing(String),
    /// The machine's disk.
    Disk(String),
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Disk(error.to_string())
    }
}

/// A client on its machine, for the time of one sync.
pub struct Visit<'a> {
    pub machine: &'a Machine,
    /// The id under which the server knows it.
    pub device: String,
    /// How often it tries what changes nothing.
    pub tries: u8,
    pub deeds: &'a RefCell<Vec<Deed>>,
}

/// A file of a game's save.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Save {
    pub rom: i64,
    pub ending: &'static str,
    /// Its name on the machine: `Zelda.srm`.
    pub name: String,
    pub slot: &'static str,
    /// What its save is sent as: `mgba`.
    pub core: &'static str,
}

/// An answer with its whole body.
pub struct Answer {
    pub status: u16,
    pub body: Bytes,
}

/// What clients read of a save.
#[derive(Clone, Debug, Deserialize)]
pub struct Row {
    pub id: i64,
    pub slot: Option<String>,
    pub file_name: String,
    pub file_extension: String,
    pub updated_at: String,
    pub content_hash: Option<ContentHash>,
    pub device_syncs: Vec<Standing>,
}

/// What clients read of where a device stands.
#[derive(Clone, Debug, Deserialize)]
pub struct Standing {
    pub device_id: String,
    pub is_current: bool,
}

/// A plan.
#[derive(Clone, Debug, Deserialize)]
pub struct Plan {
    pub session_id: i64,
    pub operations: Vec<Operation>,
}

/// One line of it.
#[derive(Clone, Debug, Deserialize)]
pub struct Operation {
    pub action: String,
    pub rom_id: i64,
    pub save_id: Option<i64>,
    pub file_name: String,
    pub slot: Option<String>,
    pub reason: String,
    pub server_content_hash: Option<ContentHash>,
}

impl Save {
    /// The files of a game's save that a client knows, the save itself first.
    pub fn files_of(game: &Game) -> impl Iterator<Item = Self> + '_ {
        game.endings.iter().map(|&ending| Self {
            rom: game.rom,
            ending,
            name: format!("{}.{ending}", game.stem),
            slot: game.slot,
            core: game.emulator.trim_start_matches("retroarch-"),
        })
    }

    /// The one file of a game that most clients know.
    pub fn main_of(game: &Game) -> Self {
        let mut files = Self::files_of(game);
        files.next().unwrap()
    }

    /// The one file of each game.
    pub fn mains(machine: &Machine) -> Vec<Self> {
        machine.games.iter().map(Self::main_of).collect()
    }
}

impl Row {
    /// When it last changed; what cannot be read is oldest.
    pub fn updated_at(&self) -> Option<Time> {
        Time::parse(&self.updated_at)
    }

    /// Whether it is current on a device.
    pub fn is_current(&self, device: &str) -> bool {
        let mut standings = self.device_syncs.iter();
        let own = standings.find(|standing| standing.device_id == device);
        own.is_some_and(|own| own.is_current)
    }
}

impl Answer {
    /// The body, if the answer is yes.
    pub fn ok(self) -> Result<Bytes, Stop> {
        match self.status {
            200..=299 => Ok(self.body),
            status => Err(Stop::Refused(status)),
        }
    }

    /// The body as JSON, if the answer is yes.
    pub fn read<T: DeserializeOwned>(self) -> Result<T, Stop> {
        let body = self.ok()?;
        serde_json::from_slice(&body).map_err(|error| Stop::Unreadable(error.to_string()))
    }
}

impl Visit<'_> {
    /// Makes a device of the machine: `POST /api/devices` with this body.
    pub async fn register(&mut self, body: &Value) -> Result<(), Stop> {
        #[derive(Deserialize)]
        struct Registered {
            device_id: String,
        }
        let answer = self.post("/api/devices", body).await?;
        self.device = answer.read::<Registered>()?.device_id;
        Ok(())
    }

    /// GET, which may be tried again.
    pub async fn get(&self, path: &str) -> Result<Answer, Stop> {
        let mut left = self.tries;
        loop {
            left -= 1;
            match self.send(Method::GET, path, None).await {
                Err(Stop::Lost) if left > 0 => {}
                Ok(Answer { status, .. }) if status >= 500 && left > 0 => {}
                answer => return answer,
            }
        }
    }

    /// POST of JSON.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Answer, Stop> {
        let body = ("application/json".to_owned(), body.to_string().into());
        self.send(Method::POST, path, Some(body)).await
    }

    /// PUT of JSON.
    pub async fn put(&self, path: &str, body: &Value) -> Result<Answer, Stop> {
        let body = ("application/json".to_owned(), body.to_string().into());
        self.send(Method::PUT, path, Some(body)).await
    }

    /// A file goes up, into a new row or over one: the answer, whatever it is.
    pub async fn upload(
        &self,
        (method, path): (Method, &str),
        save: &Save,
        content: &Bytes,
        overwrite: bool,
    ) -> Result<Answer, Stop> {
        let files = [("saveFile", save.name.as_str(), &content[..])];
        let (kind, body) = multipart_body(&files);
        let sent = self.send(method, path, Some((kind, body.into()))).await;
        let what = What::Sent {
            content: content.clone(),
            overwrite,
            status: sent.as_ref().ok().map(|answer| answer.status),
        };
        self.note(save, what);
        sent
    }

    /// All of a row's bytes come down.
    pub async fn content(
        &self,
        save: &Save,
        (row, file_name): (i64, &str),
        query: &str,
    ) -> Result<Bytes, Stop> {
        let path = format!("/api/saves/{row}/content?device_id={}{query}", self.device);
        let content = self.get(&path).await?.ok()?;
        let what = What::Received {
            row,
            file_name: file_name.to_owned(),
            content: content.clone(),
            optimistic: !query.contains("optimistic=false"),
        };
        self.note(save, what);
        Ok(content)
    }

    /// Says that what was sent is held. A client goes on when that is not heard.
    pub async fn confirm(&self, save: &Save, row: i64) {
        let path = format!("/api/saves/{row}/downloaded");
        let answer = self.post(&path, &json!({ "device_id": self.device })).await;
        let heard = answer.is_ok_and(|answer| answer.status < 300);
        self.note(save, What::Confirmed(heard));
    }

    /// Shows an inventory.
    pub async fn negotiate(&self, saves: Vec<Value>) -> Result<Plan, Stop> {
        let body = json!({ "device_id": self.device, "saves": saves });
        self.post("/api/sync/negotiate", &body).await?.read()
    }

    /// Ends a session, and says how many operations were done, of how many.
    pub async fn complete(&self, session: i64, (done, all): (usize, usize)) -> Result<(), Stop> {
        let path = format!("/api/sync/sessions/{session}/complete");
        let body = json!({ "operations_completed": done, "operations_failed": all - done });
        self.post(&path, &body).await?.ok().map(drop)
    }

    /// The rows of a save's slot as the device sees them, newest first.
    pub async fn rows(&self, save: &Save, query: &str) -> Result<Vec<Row>, Stop> {
        let (rom, device) = (save.rom, &self.device);
        let path = format!("/api/saves?rom_id={rom}{query}&device_id={device}");
        let mut rows: Vec<Row> = self.get(&path).await?.read()?;
        rows.retain(|row| row.slot.as_deref() == Some(save.slot));
        rows.sort_by_key(|row| std::cmp::Reverse(row.updated_at()));
        Ok(rows)
    }

    /// What a save's file holds.
    pub fn held(&self, save: &Save) -> Option<Bytes> {
        let path = self.machine.saves().join(&save.name);
        self.machine.read(&path).map(Bytes::from)
    }

    /// When it was written, by the machine's clock.
    pub fn modified(&self, save: &Save) -> Time {
        let path = self.machine.saves().join(&save.name);
        let modified = path.metadata().and_then(|about| about.modified());
        let micros = |at: std::time::SystemTime| match at.duration_since(std::time::UNIX_EPOCH) {
            Ok(after) => i64::try_from(after.as_micros()).unwrap_or(i64::MAX),
            Err(before) => -i64::try_from(before.duration().as_micros()).unwrap_or(i64::MAX),
        };
        modified.map_or(Time::EPOCH, |at| Time::from_micros(micros(at)))
    }

    /// What an inventory says of it: its name, its time, its length.
    pub fn entry(&self, save: &Save, hash: Option<ContentHash>) -> Option<Value> {
        let content = self.held(save)?;
        Some(json!({
            "rom_id": save.rom, "file_name": save.name, "slot": save.slot, "emulator": save.core,
            "content_hash": hash, "updated_at": self.modified(save),
            "file_size_bytes": content.len(),
        }))
    }

    /// Keeps what a file holds in a folder beside the saves, under a name of its own; those that are
    /// kept there of it by now, oldest first.
    pub fn keep_beside(&self, save: &Save, folder: &str) -> Result<Vec<PathBuf>, Stop> {
        let folder = self.machine.saves().join(folder).join(&save.name);
        let Some(content) = self.held(save) else {
            return Ok(Vec::new());
        };
        let mut kept: Vec<_> = std::fs::read_dir(&folder)
            .into_iter()
            .flatten()
            .filter_map(|entry| Some(entry.ok()?.path()))
            .collect();
        kept.sort();
        let last = kept.last().and_then(|last| last.file_name()?.to_str());
        let last: u32 = last.and_then(|last| last.parse().ok()).unwrap_or(0);
        let to = folder.join(format!("{:08}", last + 1));
        self.machine.disk.write_beside(&to, &content)?;
        kept.push(to);
        Ok(kept)
    }

    /// Puts bytes in a file's place, and notes what was there.
    pub fn replace(&self, save: &Save, after: &Bytes) -> Result<(), Stop> {
        let before = self.held(save);
        let path = self.machine.saves().join(&save.name);
        self.machine.disk.write_beside(&path, after)?;
        let after = after.clone();
        self.note(save, What::Replaced { before, after });
        Ok(())
    }

    /// Removes what was kept beside.
    pub fn remove(&self, path: &Path) -> Result<(), Stop> {
        Ok(self.machine.disk.remove(path)?)
    }

    /// Notes what a client is told about a save.
    pub fn told(&self, save: &Save, shown: Option<ContentHash>, operation: &Operation) {
        let what = What::Told {
            shown,
            held: self.held(save),
            action: operation.action.clone(),
            reason: operation.reason.clone(),
        };
        self.note(save, what);
    }

    /// Notes what was done about a save.
    pub fn note(&self, save: &Save, what: What) {
        self.deeds.borrow_mut().push(Deed {
            rom: save.rom,
            file: save.name.clone(),
            what,
        });
    }

    /// The hash of what a file holds.
    pub fn hash(&self, save: &Save) -> Option<ContentHash> {
        hash_of(&self.held(save)?)
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<(String, Bytes)>,
    ) -> Result<Answer, Stop> {
        let mut request = Request::builder().method(method).uri(path);
        let bytes = match body {
            Some((kind, bytes)) => {
                request = request.header(header::CONTENT_TYPE, kind);
                bytes
            }
            None => Bytes::new(),
        };
        let sent = self.machine.network.send(request.body(bytes).unwrap());
        let answer = sent.await.map_err(|_| Stop::Lost)?;
        Ok(Answer {
            status: answer.status().as_u16(),
            body: answer.into_body(),
        })
    }
}

/// A value in a query.
pub fn quoted(text: &str) -> impl fmt::Display {
    utf8_percent_encode(text, NON_ALPHANUMERIC)
}
