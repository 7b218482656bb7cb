//! The server of the household, and what it holds when one looks beneath the wire.

use std::sync::Arc;

use http::HeaderValue;
use keepsave_core::content::BlobHash;
use keepsave_core::ids::{RomId, UserId};
use keepsave_core::time::{Clock as _, Time};
use keepsave_server::app::App;
use keepsave_server::auth::scope::Role;
use keepsave_server::auth::secret;
use keepsave_server::config::Settings;
use keepsave_server::environment::Environment;
use keepsave_server::library::register::{self, Registration};
use keepsave_server::logs::RecentLines;
use keepsave_server::vault::tokens::{self, NewToken};
use keepsave_server::vault::{Fault, Row, Vault, users};

use super::disk::room;
use crate::server::{FakeClock, SeededRandomness};

/// A server.
pub struct Host {
    app: App,
    router: axum::Router,
    clock: Arc<FakeClock>,
    user: UserId,
    token: String,
    _data: tempfile::TempDir,
}

/// A content that the server holds, and as what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Of which game.
    pub rom: RomId,
    /// In which slot.
    pub slot: Option<String>,
    /// The save itself, or which companion.
    pub part: String,
    /// The bytes.
    pub blob: BlobHash,
    /// Whether it is what the timeline shows now.
    pub is_head: bool,
}

impl Host {
    /// A Keepsave with its store in memory and one user.
    pub async fn keepsave() -> Self {
        let data = room();
        let clock = Arc::new(FakeClock::new());
        let environment = Environment {
            clock: clock.clone(),
            randomness: Arc::<SeededRandomness>::default(),
            log: RecentLines::default(),
        };
        let settings = Settings::for_data(data.path());
        let app = App::with(settings, Vault::in_memory().unwrap(), environment);
        let token = secret::client_token(&app.environment);
        let (hash, now) = (secret::hash(&token), app.now());
        let user = app.vault.write(move |tx| {
            let user = users::add(tx, "player", None, "nobody signs in", Role::Admin, now)?;
            let token = NewToken {
                user,
                device: None,
                name: "household".to_owned(),
                scopes: Role::Admin.scopes().names().join(" "),
                hash,
                expires_at: None,
            };
            tokens::add(tx, &token, now)?;
            Ok::<_, Fault>(user)
        });
        Self {
            router: app.router(),
            user: user.await.unwrap(),
            app,
            clock,
            token,
            _data: data,
        }
    }

    /// What answers to requests.
    pub fn router(&self) -> axum::Router {
        self.router.clone()
    }

    /// What every machine shows.
    pub fn authorization(&self) -> HeaderValue {
        format!("Bearer {}", self.token).parse().unwrap()
    }

    /// Whose saves they are.
    pub fn user(&self) -> UserId {
        self.user
    }

    /// Makes a game known, and gives its id.
    pub async fn game(&self, platform: &str, file_name: &str) -> RomId {
        let game = Registration {
            platform: platform.to_owned(),
            file_name: file_name.to_owned(),
            name: None,
        };
        let registered = register::register(&self.app, game).await;
        registered.unwrap().id
    }

    /// Lets time pass on the server.
    pub fn pass(&self, micros: i64) {
        self.clock.advance_millis(micros / 1_000);
    }

    /// What the server takes the time to be, which is the World's.
    pub fn now(&self) -> Time {
        self.clock.now()
    }

    /// Every content that a person can reach, oldest first.
    pub fn held(&self) -> Vec<Held> {
        const HELD: &str = "SELECT s.rom_id, s.slot, t.part, v.blob, COALESCE(h.version_id, 0) = v.id \
             FROM versions v JOIN timelines t ON t.id = v.timeline_id \
             JOIN slots s ON s.id = t.slot_id LEFT JOIN saves h ON h.id = t.head_save_id \
             WHERE v.purged_at IS NULL ORDER BY v.id";
        let held = |row: &mut Row<'_>| {
            Ok(Held {
                rom: row.get()?,
                slot: row.get()?,
                part: row.get()?,
                blob: row.get()?,
                is_head: row.get()?,
            })
        };
        let read = self.app.vault.read(|tx| tx.all(HELD, &[], held));
        read.unwrap_or_else(|fault: Fault| unreachable!("{fault}"))
    }

    /// Every version's content, and whether a person deleted it.
    pub fn deleted_or_not(&self) -> Vec<(BlobHash, bool)> {
        const VERSIONS: &str = "SELECT blob, deleted_at IS NOT NULL FROM versions ORDER BY id";
        let version = |row: &mut Row<'_>| Ok((row.get()?, row.get()?));
        let read = self.app.vault.read(|tx| tx.all(VERSIONS, &[], version));
        read.unwrap_or_else(|fault: Fault| unreachable!("{fault}"))
    }
}
