//! A server over a directory, for as long as its process lives.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::body::Body;
use http::{Method, Request, StatusCode, header};
use http_body_util::BodyExt;
use keepsave_core::content::BlobHash;
use keepsave_disk::Disk;
use keepsave_server::app::App;
use keepsave_server::auth::scope::Role;
use keepsave_server::auth::secret;
use keepsave_server::config::Settings;
use keepsave_server::environment::Environment;
use keepsave_server::library::register::{Registration, register};
use keepsave_server::logs::RecentLines;
use keepsave_server::maintenance::{tree, verify};
use keepsave_server::vault::tokens::{self, NewToken};
use keepsave_server::vault::{Fault, Tx, Vault, users};
use keepsave_testkit::server::{FakeClock, SeededRandomness, multipart_body};
use serde_json::Value;
use tower::ServiceExt;

/// What came of something that was done: an error when it was not acknowledged.
pub type Done = Result<(), String>;

const TOKEN: &str = "rmm_that_everyone_here_knows";

/// A server whose process lives.
pub struct Life {
    pub app: App,
    clock: Arc<FakeClock>,
}

/// What people and devices see of the saves: rows and versions, each with its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    rows: Vec<(i64, String, BlobHash)>,
    versions: Vec<(i64, BlobHash, bool, bool, bool)>,
    states: Vec<(String, BlobHash)>,
    games: Vec<(String, String)>,
}

/// The data directory of a room.
pub fn data(room: &Path) -> PathBuf {
    room.join("data")
}

/// A directory in memory where there is such a place, for there are many of them.
pub fn room() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").unwrap_or_else(|_| tempfile::tempdir().unwrap())
}

impl Life {
    /// Starts as the server does, down to the jobs of the start.
    pub fn begin(disk: Arc<dyn Disk>, room: &Path) -> Result<Self, Fault> {
        let clock = Arc::new(FakeClock::new());
        let environment = Environment {
            clock: clock.clone(),
            randomness: Arc::<SeededRandomness>::default(),
            log: RecentLines::default(),
        };
        let mut settings = Settings::for_data(&data(room));
        settings.library = room.join("library");
        settings.retention_keep_last = 1;
        settings.retention_keep_listed = false;
        let vault = Vault::open_on(disk, &settings.data)?;
        vault.blobs().discard_unfinished()?;
        let app = App::with(settings, vault, environment);
        tree::reconcile(&app)?;
        Ok(Self { app, clock })
    }

    /// One user with a token, and one game.
    pub async fn settle_in(&self) {
        let (hash, now) = (secret::hash(TOKEN), self.app.now());
        let user = self.app.vault.write(move |tx| {
            let user = users::add(tx, "player", None, "nobody signs in", Role::Admin, now)?;
            let token = NewToken {
                user,
                device: None,
                name: "household".to_owned(),
                scopes: Role::Admin.scopes().names().join(" "),
                hash,
                expires_at: None,
            };
            tokens::add(tx, &token, now).map(drop)
        });
        let added: Result<(), Fault> = user.await;
        added.unwrap();
        let game = Registration {
            platform: "gba".to_owned(),
            file_name: "Game.gba".to_owned(),
            name: None,
        };
        register(&self.app, game).await.unwrap();
    }

    /// Sends files.
    pub async fn send(&self, method: Method, path: &str, (field, bytes): (&str, &[u8])) -> Done {
        let (kind, body) = multipart_body(&[(field, "g.srm", bytes)]);
        self.ask(method, path, &kind, body).await.map(drop)
    }

    /// Uploads a save.
    pub async fn upload(&self, bytes: &[u8]) -> Done {
        let path = "/api/saves?rom_id=1&slot=autosave&emulator=mgba";
        self.send(Method::POST, path, ("saveFile", bytes)).await
    }

    /// Sends JSON.
    pub async fn post(&self, path: &str, body: Value) -> Done {
        let body = body.to_string().into();
        let asked = self.ask(Method::POST, path, "application/json", body);
        asked.await.map(drop)
    }

    async fn ask(
        &self,
        method: Method,
        path: &str,
        kind: &str,
        body: Vec<u8>,
    ) -> Result<Vec<u8>, String> {
        self.clock.advance_millis(60_000);
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::AUTHORIZATION, format!("Bearer {TOKEN}"))
            .header(header::CONTENT_TYPE, kind)
            .header(header::CONTENT_LENGTH, body.len())
            .body(Body::from(body))
            .unwrap();
        let answer = self.app.router().oneshot(request).await.unwrap();
        let status = answer.status();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        if status == StatusCode::OK || status == StatusCode::CREATED {
            return Ok(body.to_vec());
        }
        Err(format!("{status}: {}", String::from_utf8_lossy(&body)))
    }

    /// The id of the only device.
    pub fn device(&self) -> String {
        let read = |tx: &Tx<'_>| tx.one("SELECT id FROM devices", &[], |row| row.get());
        let device: Result<String, Fault> = self.app.vault.read(read);
        device.unwrap()
    }

    /// What is seen of it.
    pub fn seen(&self) -> Seen {
        let read = |tx: &Tx<'_>| {
            Ok(Seen {
                rows: tx.all(
                    "SELECT id, COALESCE(slot, ''), blob FROM saves WHERE hidden IS NULL \
                     ORDER BY updated_at",
                    &[],
                    |row| Ok((row.get()?, row.get()?, row.get()?)),
                )?,
                versions: tx.all(
                    "SELECT ordinal, blob, deleted_at IS NOT NULL, purged_at IS NOT NULL, \
                     refused FROM versions ORDER BY id",
                    &[],
                    |row| Ok((row.get()?, row.get()?, row.get()?, row.get()?, row.get()?)),
                )?,
                states: tx.all(
                    "SELECT file_name, blob FROM states ORDER BY id",
                    &[],
                    |row| Ok((row.get()?, row.get()?)),
                )?,
                games: tx.all(
                    "SELECT fs_name, sha1_hash FROM roms ORDER BY fs_name",
                    &[],
                    |row| Ok((row.get()?, row.get()?)),
                )?,
            })
        };
        let seen: Result<Seen, Fault> = self.app.vault.read(read);
        seen.unwrap()
    }

    /// Metadata, blobs and tree agree, and nothing is left of what was under way.
    pub fn is_whole(&self) -> Result<(), String> {
        let report = verify::verify(&self.app, false, &|_, _| {}).map_err(|it| it.to_string())?;
        if !report.findings.is_empty() {
            let findings = report.findings.iter().map(ToString::to_string);
            return Err(findings.collect::<Vec<_>>().join(" "));
        }
        let staging = self.app.settings.data.join("staging");
        match std::fs::read_dir(staging).unwrap().count() {
            0 => Ok(()),
            left => Err(format!("{left} files are left in staging")),
        }
    }
}
