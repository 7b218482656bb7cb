//! A stand-in for RomM: what releases 4.8.1, 4.9 and 5.1 answer, and what they lose on the way.
//!
//! It is made from the contract alone. It shares no type of the wire with server and device, so
//! that it cannot agree with them by accident, and replays the recorded exchanges in its own tests.
//! Everything is in memory: it is someone else's server, seen from outside.
//!
//! It runs in a thread of its own, so that tests may block, and what they wait for are events.

mod accounts;
mod assets;
mod call;
mod content;
mod device_auth;
mod devices;
mod fields;
mod forms;
mod gate;
mod library;
mod marks;
mod notes;
mod play_sessions;
mod release;
mod routes;
mod saves;
mod screenshots;
mod states;
mod sync;
mod upload;
mod world;

use std::sync::{Arc, MutexGuard};

use bytes::Bytes;
use keepsave_server::environment::{Clock, Environment};
use keepsave_server::logs::RecentLines;
use serde_json::Value;
use sha2::{Digest, Sha256};

pub use self::release::{Quirks, Release};
pub use self::routes::Seen;
use self::routes::Shared;
pub use self::world::{Asset, PlaySession, Session, SyncRow};
use self::world::{User, World};
use crate::SEED_FILES;
use crate::background::Listening;
use crate::server::{FakeClock, SeededRandomness};

/// A RomM that is none.
pub struct StandIn {
    /// Its clock, which stands still until a test moves it.
    pub clock: Arc<FakeClock>,
    shared: Arc<Shared>,
    listening: Listening,
}

impl StandIn {
    /// A server with nothing in it, on a port of its own.
    pub fn start(release: Release) -> Self {
        let clock = Arc::new(FakeClock::new());
        let environment = Environment {
            clock: clock.clone(),
            randomness: Arc::<SeededRandomness>::default(),
            log: RecentLines::default(),
        };
        let shared = Arc::new(Shared::new(World::new(release, environment)));
        let router = routes::router(&shared);
        let listening = Listening::serve(router);
        Self {
            clock,
            shared,
            listening,
        }
    }

    /// `http://127.0.0.1:40123`
    pub fn url(&self) -> String {
        self.listening.url()
    }

    /// Where it listens.
    pub fn address(&self) -> std::net::SocketAddr {
        self.listening.address()
    }

    /// The same server without a connection.
    pub fn router(&self) -> axum::Router {
        routes::router(&self.shared)
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.shared.world()
    }

    /// Takes the time from another clock.
    pub fn use_clock(&self, clock: Arc<dyn Clock>) {
        self.world().environment.clock = clock;
    }

    /// What the heartbeat says: `5.1.0`, `development`, `5.2.0-beta.1`, or no text at all.
    pub fn say_version(&self, version: impl Into<Value>) {
        self.world().version = version.into();
    }

    /// Switches quirks.
    pub fn quirks(&self, change: impl FnOnce(&mut Quirks)) {
        change(&mut self.world().quirks);
    }

    /// Adds a user and gives the id.
    pub fn user(&self, name: &str, password: &str) -> i64 {
        self.add_user(name, password, false)
    }

    /// Adds a user who may do everything.
    pub fn admin(&self, name: &str, password: &str) -> i64 {
        self.add_user(name, password, true)
    }

    fn add_user(&self, name: &str, password: &str, is_admin: bool) -> i64 {
        let mut world = self.world();
        let (id, now) = (world.next_id("user"), world.stamp());
        world.users.push(User {
            id,
            name: name.to_owned(),
            email: format!("{name}@example.com"),
            password: password.to_owned(),
            is_admin,
            created: now,
            updated: now,
            last_active: None,
        });
        id
    }

    /// A token of a user, with these scopes or all that the user has.
    pub fn token(&self, user_id: i64, scopes: Option<&[&str]>) -> String {
        let mut world = self.world();
        let all = accounts::scopes_of(world.user(user_id).is_admin);
        let scopes = scopes
            .unwrap_or(all)
            .iter()
            .map(|scope| (*scope).to_owned());
        let named = ("a test's".to_owned(), scopes.collect());
        let at = accounts::add_token(&mut world, user_id, named, None, None);
        world.tokens[at].secret.clone()
    }

    /// From now on a token is a device's, as it is of one that was let in by a code.
    pub fn bind(&self, token: &str, device_id: &str) {
        for known in &mut self.world().tokens {
            if known.secret == token {
                known.device_id = Some(device_id.to_owned());
            }
        }
    }

    /// Ends a token, as a user does who deletes it.
    pub fn revoke(&self, token: &str) {
        self.world().tokens.retain(|known| known.secret != token);
    }

    /// How many tokens a user has.
    pub fn tokens(&self, user_id: i64) -> usize {
        let world = self.world();
        world
            .tokens
            .iter()
            .filter(|token| token.user_id == user_id)
            .count()
    }

    /// A pairing code for a new token of the user.
    pub fn pairing_code(&self, user_id: i64) -> String {
        let secret = self.token(user_id, None);
        let mut world = self.world();
        let token = world
            .tokens
            .iter()
            .find(|token| token.secret == secret)
            .unwrap()
            .id;
        accounts::add_pairing(&mut world, token)
    }

    /// The codes that devices show, of the questions no one answered yet.
    pub fn user_codes(&self) -> Vec<String> {
        let world = self.world();
        let open = world
            .authorizations
            .iter()
            .filter(|asked| matches!(asked.state, world::AuthorizationState::Pending));
        open.map(|asked| asked.user_code.clone()).collect()
    }

    /// The user lets the device with that code in, with all that it asked for. Gives its id.
    pub fn approve(&self, user_code: &str, user_id: i64) -> String {
        device_auth::answer(&mut self.world(), user_code, Some(user_id)).unwrap()
    }

    /// Someone turns the device with that code away.
    pub fn deny(&self, user_code: &str) {
        device_auth::answer(&mut self.world(), user_code, None);
    }

    /// No one answered in time.
    pub fn expire(&self, user_code: &str) {
        let mut world = self.world();
        let now = world.now();
        for asked in &mut world.authorizations {
            if asked.user_code == user_code {
                asked.expires = now;
            }
        }
    }

    /// A game of one file, whose bytes are made from its name. Gives its id.
    pub fn rom(&self, platform: &str, file_name: &str) -> i64 {
        let file = [(file_name, seed_bytes(file_name))];
        library::add_rom(&mut self.world(), platform, file_name, &file)
    }

    /// Takes a game away with its saves, as a library does that is scanned anew without it.
    pub fn remove_rom(&self, id: i64) {
        let mut world = self.world();
        world.roms.retain(|rom| rom.id != id);
        world.saves.retain(|save| save.rom_id != id);
    }

    /// The games of the seed library.
    pub fn seed_library(&self) {
        let mut world = self.world();
        let mut folders: Vec<(&str, &str)> = Vec::new();
        for (platform, path) in SEED_FILES {
            let name = path.split('/').next().unwrap();
            if folders.contains(&(platform, name)) {
                continue;
            }
            folders.push((platform, name));
            let of = SEED_FILES
                .iter()
                .filter(|(of, other)| *of == platform && other.split('/').next() == Some(name));
            let files: Vec<(&str, Bytes)> = of
                .map(|(_, path)| (path.rsplit('/').next().unwrap(), seed_bytes(path)))
                // As the folder listed them when the exchanges were recorded.
                .rev()
                .collect();
            library::add_rom(&mut world, platform, name, &files);
        }
    }

    /// Every save there is, in the order they were made.
    pub fn saves(&self) -> Vec<Asset> {
        self.world().saves.clone()
    }

    /// Every state there is.
    pub fn states(&self) -> Vec<Asset> {
        self.world().states.clone()
    }

    /// What lies where a save's row says, when something does.
    pub fn content(&self, save_id: i64) -> Option<Vec<u8>> {
        let world = self.world();
        let save = world.saves.iter().find(|save| save.id == save_id)?;
        let file = world.files.get(&save.full_path())?;
        Some(file.content.to_vec())
    }

    /// Puts a save there as another device would, at the clock's moment. Gives the row's id.
    pub fn put_save(
        &self,
        (user_id, rom_id): (i64, i64),
        slot: Option<&str>,
        name: &str,
        content: &[u8],
    ) -> i64 {
        upload::put(&mut self.world(), (user_id, rom_id), slot, name, content)
    }

    /// Changes a row behind everyone's back.
    pub fn change_save(&self, save_id: i64, change: impl FnOnce(&mut Asset)) {
        let mut world = self.world();
        change(
            world
                .saves
                .iter_mut()
                .find(|save| save.id == save_id)
                .unwrap(),
        );
    }

    /// What is known of devices and saves.
    pub fn sync_rows(&self) -> Vec<SyncRow> {
        self.world().syncs.clone()
    }

    /// Every sync session.
    pub fn sessions(&self) -> Vec<Session> {
        self.world().sessions.clone()
    }

    /// Every play session.
    pub fn play_sessions(&self) -> Vec<PlaySession> {
        self.world().play_sessions.clone()
    }

    /// What the notes on a game say, by their titles.
    pub fn notes(&self, rom_id: i64) -> Vec<(String, String)> {
        let world = self.world();
        let own = world.notes.iter().filter(|note| note.rom_id == rom_id);
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        own.map(|note| (text(&note.said["title"]), text(&note.said["content"])))
            .collect()
    }

    /// A user writes a note on a game.
    pub fn write_note(&self, (user_id, rom_id): (i64, i64), title: &str, content: &str) {
        let mut world = self.world();
        let (id, now) = (world.next_id("note"), world.stamp());
        let said = serde_json::json!({
            "title": title, "content": content, "is_public": false, "tags": [],
        });
        let note = world::Note {
            id,
            user_id,
            rom_id,
            said,
            created: now,
            updated: now,
        };
        world.notes.retain(|other| {
            (other.user_id, other.rom_id, &other.said["title"])
                != (user_id, rom_id, &note.said["title"])
        });
        world.notes.push(note);
    }

    /// When a user last played a game.
    pub fn last_played(&self, user_id: i64, rom_id: i64) -> Option<keepsave_core::time::Time> {
        let world = self.world();
        let mut rows = world.played.iter();
        let row = rows.find(|row| (row.user_id, row.rom_id) == (user_id, rom_id));
        row.and_then(|row| row.last_played)
    }

    /// The ids of a user's devices.
    pub fn devices(&self, user_id: i64) -> Vec<String> {
        let world = self.world();
        let own = world
            .devices
            .iter()
            .filter(|device| device.user_id == user_id);
        own.map(|device| device.id.clone()).collect()
    }

    /// Every request so far.
    pub fn log(&self) -> Vec<Seen> {
        self.shared.log.now().clone()
    }

    /// How often something was asked: `POST /api/saves`.
    pub fn asked(&self, line: &str) -> usize {
        self.shared
            .log
            .now()
            .iter()
            .filter(|seen| seen.line() == line)
            .count()
    }

    /// Waits until the list of requests is as wanted.
    pub fn until(&self, holds: impl Fn(&[Seen]) -> bool) {
        self.shared.log.until(|log| holds(log));
    }

    /// From now on uploads wait between the check for a conflict and the writing.
    pub fn hold_uploads(&self) {
        self.shared.gate.close();
    }

    /// Waits until so many uploads wait there.
    pub fn until_held(&self, uploads: usize) {
        self.shared.gate.until_waiting(uploads);
    }

    /// Lets them all go on.
    pub fn release_uploads(&self) {
        self.shared.gate.open();
    }
}

fn seed_bytes(path: &str) -> Bytes {
    Sha256::digest(path.as_bytes()).repeat(64).into()
}
