//! `keepsave sync plan` and `sync run` between devices and a server.

/// Tells each story on every kind of server.
macro_rules! on_every_server {
    ($($story:ident,)*) => {
        on_every_server! { @keepsave World::keepsave().await; $($story,)* }
        on_every_server! { @romm_4_8_1 World::romm(keepsave_testkit::romm::Release::V4_8_1); $($story,)* }
        on_every_server! { @romm_4_9 World::romm(keepsave_testkit::romm::Release::V4_9); $($story,)* }
        on_every_server! { @romm_5_1 World::romm(keepsave_testkit::romm::Release::V5_1); $($story,)* }
    };
    (@$server:ident $world:expr; $($story:ident,)*) => {
        mod $server {
            use $crate::sync::World;

            $(
                #[tokio::test]
                async fn $story() {
                    super::$story($world).await;
                }
            )*
        }
    };
}

mod bad_manifests;
mod by_hand;
mod conflicts;
mod copying;
mod damaged;
mod devices;
mod disks;
mod faults;
mod folders;
pub mod games;
mod going_back;
mod hand_over;
mod hooks;
mod killed;
mod layout;
mod library;
mod migrating;
mod packed;
mod play;
mod playtime;
mod process;
mod requests;
mod slots;
pub mod states;
mod unlisted;
mod watch;
mod weaknesses;
mod wire_drift;

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use keepsave_core::ids::UserId;
use keepsave_core::time::{Clock, Time};
use keepsave_device::environment::SystemClock;
use keepsave_device::state::{Identity, State};
use keepsave_testkit::binary::{Client, Ran, Running, Sandbox};
use keepsave_testkit::faults::Proxy;
use keepsave_testkit::romm::{Release, Seen, StandIn};
use keepsave_testkit::server::FakeClock;
use serde_json::{Value, json};

use self::process::Process;
use crate::sandbox;

const GAMES: [&str; 2] = ["Zelda.gba", "Metroid.gba"];

/// A server with one user and the games `Zelda.gba` (1) and `Metroid.gba` (2).
pub struct World {
    host: Host,
}

/// A clock that is later whenever it is looked at.
struct Later(AtomicI64);

impl Clock for Later {
    fn now(&self) -> Time {
        let looks = self.0.fetch_add(1, Ordering::SeqCst);
        Time::from_micros(1_763_600_000_000_000 + looks * 1_100_000)
    }
}

enum Host {
    Keepsave(
        Running,
        #[expect(dead_code, reason = "the server's files are in it")] Sandbox,
    ),
    Romm(Box<StandIn>),
}

impl World {
    /// Of a Keepsave.
    pub async fn keepsave() -> Self {
        let sandbox = sandbox();
        let variables = [
            ("KEEPSAVE_ADMIN_USERNAME", "ada"),
            ("KEEPSAVE_ADMIN_PASSWORD", "secret1"),
        ];
        let server = sandbox.serve_with(&[], &variables);
        let world = Self {
            host: Host::Keepsave(server, sandbox),
        };
        for file_name in GAMES {
            let game = json!({ "platform": "gba", "file_name": file_name });
            world.ada().post("/api/roms", &game).await.expect(201);
        }
        world
    }

    /// Adds a game and gives its id.
    pub async fn game(&self, file_name: &str) -> u64 {
        self.game_of("gba", file_name).await
    }

    /// The same of a platform.
    pub async fn game_of(&self, platform: &str, file_name: &str) -> u64 {
        match &self.host {
            Host::Keepsave(..) => {
                let game = json!({ "platform": platform, "file_name": file_name });
                let added = self.ada().post("/api/roms", &game).await.expect(201);
                added["id"].as_u64().unwrap()
            }
            Host::Romm(server) => server.rom(platform, file_name).try_into().unwrap(),
        }
    }

    /// Of a RomM.
    pub fn romm(release: Release) -> Self {
        let server = StandIn::start(release);
        server.user("ada", "secret1");
        for (file_name, id) in GAMES.iter().zip(1..) {
            assert_eq!(server.rom("gba", file_name), id);
        }
        Self {
            host: Host::Romm(Box::new(server)),
        }
    }

    /// Lets the server's clock go as every clock does.
    pub fn let_time_pass(&self) {
        if let Host::Romm(server) = &self.host {
            server.use_clock(Arc::new(SystemClock));
        }
    }

    /// Has more than a second pass whenever the server looks at its clock: a RomM names saves by the
    /// second, and nobody plays on within one.
    pub fn let_every_look_be_later(&self) {
        if let Host::Romm(server) = &self.host {
            server.use_clock(Arc::new(Later(AtomicI64::new(0))));
        }
    }

    /// What a device knows of its saves, opened beside the program.
    pub async fn state_of(&self, device: &Device) -> State {
        let me = self.ada().get("/api/users/me").await.expect(200);
        let identity = Identity {
            origin: device.url.clone(),
            user: UserId(me["id"].as_i64().unwrap()),
        };
        let directory = device.path(".local/state/keepsave");
        State::open(&directory, &identity, Arc::new(SystemClock)).unwrap()
    }

    /// `127.0.0.1:34567`.
    fn address(&self) -> String {
        match &self.host {
            Host::Keepsave(server, _) => server.address().to_owned(),
            Host::Romm(server) => server.address().to_string(),
        }
    }

    /// `http://127.0.0.1:34567`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address())
    }

    /// Asks the server as its user.
    pub fn ada(&self) -> Client {
        Client::at(&self.address(), "ada", "secret1")
    }

    /// A proxy in front of it.
    pub fn proxy(&self) -> Proxy {
        Proxy::before(self.address().parse().unwrap())
    }

    /// A device that registered under that name and reaches the server through a proxy.
    pub async fn device_behind(&self, proxy: &Proxy, name: &str) -> Device {
        let device = self.device(name).await;
        Device {
            url: proxy.url(),
            ..device
        }
    }

    /// The stand-in, where it is one.
    pub fn romm_itself(&self) -> Option<&StandIn> {
        match &self.host {
            Host::Keepsave(..) => None,
            Host::Romm(server) => Some(server),
        }
    }

    /// Whether it opens a session for a sync.
    pub async fn negotiates(&self) -> bool {
        self.ada().get("/api/sync/sessions").await.status == 200
    }

    /// Its sync sessions, the newest first.
    pub async fn sessions(&self) -> Vec<Value> {
        let sessions = self.ada().get("/api/sync/sessions").await.expect(200);
        sessions.as_array().unwrap().clone()
    }

    /// Demands that no content is there twice, and that a RomM was never sent one twice.
    pub async fn assert_nothing_is_there_twice(&self) {
        let unique = |hashes: Vec<String>| {
            let mut once = hashes.clone();
            once.sort();
            once.dedup();
            assert_eq!(once.len(), hashes.len(), "{hashes:#?}");
        };
        let saves = self.ada().get("/api/saves").await.expect(200);
        let saves = saves.as_array().unwrap().iter();
        unique(
            saves
                .map(|save| {
                    format!(
                        "{} {} {}",
                        save["rom_id"], save["slot"], save["content_hash"]
                    )
                })
                .collect(),
        );
        let Some(romm) = self.romm_itself() else {
            return;
        };
        for save in romm.saves() {
            assert!(romm.content(save.id).is_some(), "{}", save.file_name);
        }
        let uploads = romm.log().into_iter();
        let stored = uploads.filter(|seen| {
            seen.line() == "POST /api/saves" && seen.body.is_some() && seen.status == Some(200)
        });
        let what = |seen: Seen| {
            let (_, name, content) = seen.files().swap_remove(0);
            let slot = seen.query("slot").unwrap_or_default();
            format!("{slot} {name} {}", blake3::hash(&content))
        };
        unique(stored.map(what).collect());
    }

    /// A device that registered under that name.
    pub async fn device(&self, name: &str) -> Device {
        let registered = self
            .ada()
            .post("/api/devices", &json!({ "name": name }))
            .await;
        Device {
            sandbox: sandbox(),
            url: self.url(),
            id: registered.expect(201)["device_id"]
                .as_str()
                .unwrap()
                .to_owned(),
            clock: match &self.host {
                Host::Keepsave(..) => None,
                Host::Romm(server) => Some(server.clock.clone()),
            },
            settings: Vec::new(),
        }
    }

    /// The newest save of a game's slot.
    pub async fn head(&self, game: u64, slot: &str) -> Value {
        let saves = self
            .ada()
            .get(&format!("/api/saves?rom_id={game}&slot={slot}"))
            .await;
        let saves = saves.expect(200);
        let newest = saves.as_array().unwrap().iter();
        newest
            .max_by_key(|save| save["updated_at"].to_string())
            .unwrap()
            .clone()
    }

    /// The bytes of the newest save of a game's slot.
    pub async fn head_content(&self, game: u64, slot: &str) -> String {
        let id = &self.head(game, slot).await["id"];
        self.ada()
            .get(&format!("/api/saves/{id}/content"))
            .await
            .text()
    }
}

/// A machine on which games are played.
pub struct Device {
    pub sandbox: Sandbox,
    url: String,
    pub id: String,
    /// Of a server whose clock stands still.
    clock: Option<Arc<FakeClock>>,
    /// Variables beside the usual ones.
    settings: Vec<(&'static str, String)>,
}

impl Device {
    /// Sets a variable for every run from now on.
    pub fn set(&mut self, name: &'static str, value: &str) {
        self.settings.push((name, value.to_owned()));
    }

    /// The program, signed in, not started yet. Each time two seconds pass on the server.
    pub fn command(&self, arguments: &[&str]) -> Command {
        if let Some(clock) = &self.clock {
            clock.advance_millis(2_000);
        }
        self.as_on_it(self.sandbox.command(arguments))
    }

    /// A program as it is run on this device.
    pub fn as_on_it(&self, mut command: Command) -> Command {
        command
            .env("HOME", self.sandbox.path())
            .env("API_BASE_URL", &self.url)
            .env("API_USERNAME", "ada")
            .env("API_PASSWORD", "secret1")
            .env("KEEPSAVE_RETRY_SECONDS", "0.01")
            .envs(self.settings.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs the program to its end.
    pub fn keepsave(&self, arguments: &[&str]) -> Ran {
        Process::start(self.command(arguments)).wait()
    }

    /// Begins the program.
    pub fn begin(&self, arguments: &[&str]) -> Process {
        Process::start(self.command(arguments))
    }

    /// `keepsave sync run` with these arguments, not started yet.
    pub fn run_command(&self, arguments: &[&str]) -> Command {
        self.command(&self.arguments("run", arguments))
    }

    /// Begins `keepsave sync run` with these arguments.
    pub fn start(&self, arguments: &[&str]) -> Process {
        Process::start(self.command(&self.arguments("run", arguments)))
    }

    fn arguments<'a>(&'a self, what: &'a str, more: &[&'a str]) -> Vec<&'a str> {
        let fixed = [
            "sync",
            what,
            "--manifest",
            "saves.json",
            "--json",
            "--device-id",
            &self.id,
        ];
        [&fixed, more].concat()
    }

    /// A file of the device.
    pub fn path(&self, name: &str) -> PathBuf {
        self.sandbox.path().join(name)
    }

    /// Writes a file, as a game would.
    pub fn write(&self, name: &str, content: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// Reads a file, as a game would.
    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// Lists saves in the manifest, each (game, path, slot).
    pub fn lists(&self, saves: &[(u64, &str, Option<&str>)]) {
        let saves: Vec<Value> = saves
            .iter()
            .map(|(game, path, slot)| json!({ "rom_id": game, "path": path, "slot": slot }))
            .collect();
        self.write("saves.json", &json!({ "saves": saves }).to_string());
    }

    /// Lists the save of the first game, `zelda.srm` in slot `autosave`.
    pub fn lists_zelda(&self) {
        self.lists(&[(1, "zelda.srm", Some("autosave"))]);
    }

    /// `keepsave sync run` with these arguments.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        self.keepsave(&self.arguments("run", arguments))
    }

    /// `keepsave sync plan` with these arguments.
    pub fn plan(&self, arguments: &[&str]) -> Ran {
        self.keepsave(&self.arguments("plan", arguments))
    }

    /// The names of all files in a directory of the device but the manifest and what the program
    /// keeps for itself.
    pub fn files(&self, directory: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path(directory)).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| {
                !matches!(
                    name.as_str(),
                    "saves.json" | ".local" | ".config" | ".cache"
                )
            })
            .collect();
        names.sort();
        names
    }

    /// What stands in the journal.
    pub fn journal(&self) -> Vec<String> {
        let objects = self.path(".local/share/keepsave/journal/objects");
        let mut contents = Vec::new();
        for shelf in fs::read_dir(objects).into_iter().flatten() {
            for object in fs::read_dir(shelf.unwrap().path()).unwrap() {
                contents.push(fs::read_to_string(object.unwrap().path()).unwrap());
            }
        }
        contents.sort();
        contents
    }
}

/// The results of a run, in order.
pub fn results(report: &Value) -> Vec<&str> {
    let results = report["results"].as_array().unwrap().iter();
    results
        .map(|result| result["result"].as_str().unwrap())
        .collect()
}
