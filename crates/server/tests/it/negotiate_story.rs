//! A few words to tell a story with, over the real routes: devices are letters, contents are
//! numbers, rows are numbered as they appear.

use std::collections::BTreeMap;

use keepsave_core::content::ContentHash;
use keepsave_core::ids::RomId;
use keepsave_server::vault::Fault;
use keepsave_testkit::server::{Asking, TestServer};
use md5::{Digest, Md5};
use serde_json::{Value, json};

use crate::game;

/// A device's name.
pub type Name = &'static str;

pub const A: Name = "A";
pub const B: Name = "B";
pub const C: Name = "C";

/// The save, where a story does not say which file it is about.
const SAVE: &str = "Game.srm";

/// The bytes of the content that is called `number`.
pub fn bytes(number: u8) -> Vec<u8> {
    format!("content {number}").into_bytes()
}

/// The hash that a client reports for that content.
pub fn hash(number: u8) -> String {
    hex::encode(Md5::digest(bytes(number)))
}

/// One line of a plan, as a client reads it.
pub fn action(operation: &Value) -> &str {
    operation["action"].as_str().unwrap()
}

/// Why it says so.
pub fn reason(operation: &Value) -> &str {
    operation["reason"].as_str().unwrap()
}

/// One game in slot `autosave`, and what happens to it.
pub struct Story {
    pub server: TestServer,
    pub rom: RomId,
    token: String,
    devices: BTreeMap<Name, String>,
    rows: Vec<i64>,
}

impl Story {
    /// A server with one game and nothing saved.
    pub async fn begin() -> Self {
        let server = TestServer::start().await;
        let rom = game::add(&server, "gba", "Game.gba").await;
        // A token costs no hashing of passwords.
        let scopes = [
            "assets.read",
            "assets.write",
            "devices.read",
            "devices.write",
        ];
        let asked = json!({ "name": "story", "scopes": scopes });
        let answer = server.admin().post("/api/client-tokens", asked).await;
        let token = answer.expect(201)["raw_token"].as_str().unwrap().to_owned();
        Self {
            server,
            rom,
            token,
            devices: BTreeMap::new(),
            rows: Vec::new(),
        }
    }

    /// Asks as the player whose devices these are.
    pub fn asking(&self) -> Asking<'_> {
        self.server.bearer(&self.token)
    }

    /// The device's id; it registers when it is first heard of.
    pub async fn id(&mut self, device: Name) -> String {
        if let Some(id) = self.devices.get(device) {
            return id.clone();
        }
        let body = json!({ "name": device });
        let answer = self.asking().post("/api/devices", body).await;
        let id = answer.expect(201)["device_id"].as_str().unwrap().to_owned();
        self.devices.insert(device, id.clone());
        id
    }

    /// The device uploads a content as a new version: the status.
    pub async fn post(&mut self, device: Name, number: u8) -> u16 {
        self.post_file(device, SAVE, number, "").await
    }

    /// The person at the device chose its content over the server's.
    pub async fn keep_local(&mut self, device: Name, number: u8) -> u16 {
        let overwrite = "&overwrite=true";
        self.post_file(device, SAVE, number, overwrite).await
    }

    /// The device uploads, and asks to list no more rows than that.
    pub async fn post_and_clean_up(&mut self, device: Name, number: u8, keep: u8) -> u16 {
        let clean_up = format!("&autocleanup=true&autocleanup_limit={keep}");
        self.post_file(device, SAVE, number, &clean_up).await
    }

    /// An upload that names no device.
    pub async fn post_by_nobody(&mut self, number: u8) -> u16 {
        self.upload(SAVE, number, "").await
    }

    /// The device uploads one of several files of a save.
    pub async fn post_file(&mut self, device: Name, file: &str, number: u8, more: &str) -> u16 {
        let id = self.id(device).await;
        let query = format!("&device_id={id}{more}");
        self.upload(file, number, &query).await
    }

    async fn upload(&mut self, file: &str, number: u8, query: &str) -> u16 {
        let path = format!("/api/saves?rom_id={}&slot=autosave{query}", self.rom);
        let content = bytes(number);
        let files = [("saveFile", file, content.as_slice())];
        let answer = self.asking().upload(&path, &files).await;
        let status = answer.status.as_u16();
        if let Some(row) = answer.json()["id"].as_i64()
            && !self.rows.contains(&row)
        {
            self.rows.push(row);
        }
        status
    }

    /// The id of the row that appeared as that one, counted from 1.
    pub fn row(&self, number: usize) -> i64 {
        self.rows[number - 1]
    }

    /// The device writes a row in place.
    pub async fn put(&mut self, device: Name, row: usize, number: u8) {
        let id = self.id(device).await;
        let path = format!("/api/saves/{}?device_id={id}", self.row(row));
        let content = bytes(number);
        let files = [("saveFile", SAVE, content.as_slice())];
        let asking = self.asking();
        let answer = asking.multipart(http::Method::PUT, &path, &files).await;
        answer.expect(200);
    }

    /// The device is sent a row's bytes, counted as held at once: the content's number.
    pub async fn get_optimistic(&mut self, device: Name, row: usize) -> u8 {
        self.fetch(device, row, true).await
    }

    /// The device is sent a row's bytes and will confirm them: the content's number.
    pub async fn get(&mut self, device: Name, row: usize) -> u8 {
        self.fetch(device, row, false).await
    }

    async fn fetch(&mut self, device: Name, row: usize, optimistic: bool) -> u8 {
        let id = self.id(device).await;
        let row = self.row(row);
        let path = format!("/api/saves/{row}/content?device_id={id}&optimistic={optimistic}");
        let answer = self.asking().get(&path).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        number(&answer.bytes)
    }

    /// The device confirms what it was sent from a row.
    pub async fn ack(&mut self, device: Name, row: usize) {
        let body = json!({ "device_id": self.id(device).await });
        let path = format!("/api/saves/{}/downloaded", self.row(row));
        self.asking().post(&path, body).await.expect(200);
    }

    /// The device downloads and confirms the head, as a client that does everything right.
    pub async fn take(&mut self, device: Name) {
        let head = self.list(device).await[0]["id"].as_i64().unwrap();
        let row = self.rows.iter().position(|row| *row == head).unwrap() + 1;
        self.get(device, row).await;
        self.ack(device, row).await;
    }

    /// The device opts out of the slot, or in again.
    pub async fn track(&mut self, device: Name, row: usize, verb: &str) {
        let body = json!({ "device_id": self.id(device).await });
        let path = format!("/api/saves/{}/{verb}", self.row(row));
        self.asking().post(&path, body).await.expect(200);
    }

    /// A person deletes a row.
    pub async fn delete(&mut self, row: usize) {
        let body = json!({ "saves": [self.row(row)] });
        let answer = self.asking().post("/api/saves/delete", body).await;
        answer.expect(200);
    }

    /// What the device is told when its save has this content.
    pub async fn ask(&mut self, device: Name, number: u8) -> String {
        let operations = self.show(device, &[(SAVE, Some(number))]).await;
        action(&operations[0]).to_owned()
    }

    /// What the device is told of each of the saves that it keeps in this slot.
    pub async fn ask_all(&mut self, device: Name, numbers: &[Option<u8>]) -> Vec<String> {
        let files: Vec<_> = numbers.iter().map(|number| (SAVE, *number)).collect();
        let operations = self.show(device, &files).await;
        operations.iter().map(|op| action(op).to_owned()).collect()
    }

    /// The plan for a device that shows these files of the slot.
    pub async fn show(&mut self, device: Name, files: &[(&str, Option<u8>)]) -> Vec<Value> {
        let saves: Vec<Value> = files
            .iter()
            .map(|(file, number)| self.entry(file, number.map(hash)))
            .collect();
        let plan = self.negotiate(device, saves).await;
        plan["operations"].as_array().unwrap().clone()
    }

    /// An entry of an inventory.
    pub fn entry(&self, file: &str, hash: Option<String>) -> Value {
        let hash = hash.map_or(Value::Null, Value::from);
        json!({
            "rom_id": self.rom, "file_name": file, "slot": "autosave", "emulator": "mgba",
            "content_hash": hash, "updated_at": "1970-01-01T00:00:00Z", "file_size_bytes": 9,
        })
    }

    /// The answer to any inventory.
    pub async fn negotiate(&mut self, device: Name, saves: Vec<Value>) -> Value {
        let body = json!({ "device_id": self.id(device).await, "saves": saves });
        let answer = self.asking().post("/api/sync/negotiate", body).await;
        answer.expect(200)
    }

    /// The rows of the slot as the device sees them, newest first.
    pub async fn list(&mut self, device: Name) -> Vec<Value> {
        let id = self.id(device).await;
        let path = format!("/api/saves?rom_id={}&device_id={id}", self.rom);
        let listed = self.asking().get(&path).await.expect(200);
        let mut rows = listed.as_array().unwrap().clone();
        rows.sort_by_key(|row| std::cmp::Reverse(row["updated_at"].to_string()));
        rows
    }

    /// The number of the head's content: what the newest row shows.
    pub async fn head(&mut self) -> Option<u8> {
        let rows = self.list(A).await;
        let hash_of_head = rows.first()?["content_hash"].as_str()?.to_owned();
        (0..=u8::MAX).find(|number| hash(*number) == hash_of_head)
    }

    /// Whether a listing shows the row as current on the device.
    pub async fn is_current(&mut self, device: Name, row: usize) -> bool {
        let id = self.row(row);
        let rows = self.list(device).await;
        let row = rows.iter().find(|row| row["id"] == id).unwrap();
        row["device_syncs"][0]["is_current"].as_bool().unwrap()
    }

    /// How many versions are stored, and how many of them are refused uploads.
    pub fn stored(&self) -> (i64, i64) {
        let sql = "SELECT COUNT(*), COALESCE(SUM(refused), 0) FROM versions";
        self.read(sql, |row| Ok((row.get()?, row.get()?)))[0]
    }

    /// The numbers of the versions that the newest version grew from.
    pub fn parents_of_newest(&self) -> Vec<i64> {
        self.read(
            "SELECT p.ordinal FROM version_parents e JOIN versions p ON p.id = e.parent_id \
             WHERE e.version_id = (SELECT MAX(id) FROM versions) ORDER BY p.ordinal",
            |row| row.get(),
        )
    }

    /// What the server remembers that a device showed and a person must settle.
    pub fn reported(&self, device: Name) -> Vec<ContentHash> {
        let id = &self.devices[device];
        let sql = format!(
            "SELECT reported_hash FROM holdings WHERE device_id = '{id}' \
             AND reported_hash IS NOT NULL"
        );
        self.read(&sql, |row| row.get())
    }

    fn read<T>(
        &self,
        sql: &str,
        read: impl FnMut(&mut keepsave_server::vault::Row<'_>) -> Result<T, Fault>,
    ) -> Vec<T> {
        let vault = &self.server.app.vault;
        vault.read(|tx| tx.all(sql, &[], read)).unwrap()
    }
}

/// The number of a content.
fn number(content: &[u8]) -> u8 {
    let text = std::str::from_utf8(content).unwrap();
    text.strip_prefix("content ").unwrap().parse().unwrap()
}
