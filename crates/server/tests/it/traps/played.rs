//! A server on which a bit of everything was done, and ways to look through its answers.

use keepsave_testkit::server::{Answer, TestServer};
use md5::{Digest, Md5};
use serde_json::{Value, json};

/// A server with the seed library on which admin's device `A` did a bit of everything.
pub struct Played {
    pub server: TestServer,
    pub rom: i64,
    pub device: String,
    /// The row of the one save, in slot `autosave`.
    pub save: Value,
}

impl Played {
    pub async fn before() -> Self {
        let server = TestServer::seeded().await;
        let rom = rom_named(&server, "Pokemon Emerald").await;
        let device = device(&server, "A").await;
        let path =
            format!("/api/saves?rom_id={rom}&slot=autosave&emulator=mgba&device_id={device}");
        let file = [("saveFile", "Emerald.srm", b"first".as_slice())];
        let save = server.admin().upload(&path, &file).await.expect(200);
        Self {
            server,
            rom,
            device,
            save,
        }
    }

    pub async fn get(&self, path: &str) -> Value {
        self.server.admin().get(path).await.expect(200)
    }

    pub async fn post(&self, path: &str, body: Value) -> Value {
        let answer = self.server.admin().post(path, body).await;
        assert!(answer.status.is_success(), "{path}: {}", answer.text());
        answer.json()
    }

    /// An upload to the slot `autosave` for a device.
    pub async fn upload(&self, device: &str, bytes: &[u8]) -> Answer {
        let path = format!(
            "/api/saves?rom_id={}&slot=autosave&device_id={device}",
            self.rom
        );
        let file = [("saveFile", "Emerald.srm", bytes)];
        self.server.clock.advance_millis(1_500);
        self.server.admin().upload(&path, &file).await
    }

    /// Negotiates what a device has in the slot `autosave`.
    pub async fn negotiate(&self, device: &str, saves: Value) -> Value {
        let body = json!({"device_id": device, "saves": saves});
        self.post("/api/sync/negotiate", body).await
    }

    pub fn entry(&self, slot: &str, bytes: &[u8]) -> Value {
        json!({
            "rom_id": self.rom, "file_name": "Emerald.srm", "slot": slot,
            "content_hash": hex::encode(Md5::digest(bytes)),
            "updated_at": "1970-01-01T00:00:00Z", "file_size_bytes": bytes.len(),
        })
    }

    pub fn save_id(&self) -> i64 {
        self.save["id"].as_i64().unwrap()
    }

    /// Answers of every kind, by path.
    pub async fn everything(&self) -> Vec<(String, Value)> {
        let (rom, device, save) = (self.rom, &self.device, self.save_id());
        let shot = (
            "screenshotFile",
            "Emerald.png",
            b"\x89PNG\r\n\x1a\n".as_slice(),
        );
        let state = [("stateFile", "Emerald.state", b"state".as_slice()), shot];
        let states = format!("/api/states?rom_id={rom}");
        self.server
            .admin()
            .upload(&states, &state)
            .await
            .expect(200);
        let note = json!({"title": "Shiny", "content": "here"});
        self.post(&format!("/api/roms/{rom}/notes"), note).await;
        let token = json!({"name": "t", "scopes": ["me.read"], "expires_in": "30d"});
        self.post("/api/client-tokens", token).await;
        let played = json!({
            "rom_id": rom, "duration_ms": 1000,
            "start_time": "2026-02-01T10:00:00Z", "end_time": "2026-02-01T10:30:00Z",
        });
        let sessions = json!({"device_id": device, "sessions": [played]});
        self.post("/api/play-sessions", sessions).await;
        self.negotiate(device, json!([])).await;

        let paths = [
            "/api/users/me".to_owned(),
            "/api/devices".to_owned(),
            format!("/api/devices/{device}"),
            "/api/client-tokens".to_owned(),
            "/api/platforms".to_owned(),
            "/api/roms?with_files=true".to_owned(),
            format!("/api/roms/{rom}"),
            format!("/api/roms/{rom}/notes"),
            format!("/api/saves?device_id={device}"),
            format!("/api/saves/{save}?device_id={device}"),
            format!("/api/saves/summary?rom_id={rom}"),
            "/api/states".to_owned(),
            "/api/sync/sessions".to_owned(),
            "/api/play-sessions".to_owned(),
        ];
        let mut answers = vec![("POST /api/saves".to_owned(), self.save.clone())];
        for path in paths {
            let answer = self.get(&path).await;
            answers.push((path, answer));
        }
        answers
    }
}

pub async fn rom_named(server: &TestServer, name: &str) -> i64 {
    let path = format!("/api/roms?search_term={}", name.replace(' ', "%20"));
    server.admin().get(&path).await.expect(200)["items"][0]["id"]
        .as_i64()
        .unwrap()
}

pub async fn device(server: &TestServer, name: &str) -> String {
    let made = server
        .admin()
        .post("/api/devices", json!({"name": name}))
        .await
        .expect(201);
    made["device_id"].as_str().unwrap().to_owned()
}

/// Every object in an answer that has all of these fields.
pub fn objects_with<'a>(answer: &'a Value, keys: &[&str]) -> Vec<&'a Value> {
    let mut found = Vec::new();
    walk(answer, &mut |value| {
        if keys.iter().all(|key| value.get(key).is_some()) {
            found.push(value);
        }
    });
    found
}

pub fn walk<'a>(value: &'a Value, visit: &mut impl FnMut(&'a Value)) {
    visit(value);
    match value {
        Value::Object(fields) => fields.values().for_each(|inner| walk(inner, visit)),
        Value::Array(items) => items.iter().for_each(|inner| walk(inner, visit)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

pub fn keys(object: &Value) -> Vec<&str> {
    object
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect()
}

/// The saves of an answer: rows with a slot and a hash.
pub fn saves(answer: &Value) -> Vec<&Value> {
    objects_with(answer, &["slot", "content_hash", "device_syncs"])
}
