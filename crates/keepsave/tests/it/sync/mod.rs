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
mod conflicts;
mod devices;
mod slots;
mod unlisted;

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use keepsave_device::environment::SystemClock;
use keepsave_testkit::binary::{Client, Ran, Running, Sandbox};
use keepsave_testkit::romm::{Release, StandIn};
use keepsave_testkit::server::FakeClock;
use serde_json::{Value, json};

use crate::sandbox;

const GAMES: [&str; 2] = ["Zelda.gba", "Metroid.gba"];

/// A server with one user and the games `Zelda.gba` (1) and `Metroid.gba` (2).
pub struct World {
    host: Host,
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

    /// `127.0.0.1:34567`.
    fn address(&self) -> String {
        match &self.host {
            Host::Keepsave(server, _) => server.address().to_owned(),
            Host::Romm(server) => server.address().to_string(),
        }
    }

    /// Asks the server as its user.
    pub fn ada(&self) -> Client {
        Client::at(&self.address(), "ada", "secret1")
    }

    /// A device that registered under that name.
    pub async fn device(&self, name: &str) -> Device {
        let registered = self
            .ada()
            .post("/api/devices", &json!({ "name": name }))
            .await;
        Device {
            sandbox: sandbox(),
            url: format!("http://{}", self.address()),
            id: registered.expect(201)["device_id"]
                .as_str()
                .unwrap()
                .to_owned(),
            clock: match &self.host {
                Host::Keepsave(..) => None,
                Host::Romm(server) => Some(server.clock.clone()),
            },
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
}

impl Device {
    /// Runs the program, signed in. Each time two seconds pass on the server.
    pub fn keepsave(&self, arguments: &[&str]) -> Ran {
        if let Some(clock) = &self.clock {
            clock.advance_millis(2_000);
        }
        let home = self.sandbox.path().display().to_string();
        let variables = [
            ("HOME", home.as_str()),
            ("API_BASE_URL", &self.url),
            ("API_USERNAME", "ada"),
            ("API_PASSWORD", "secret1"),
            ("KEEPSAVE_RETRY_SECONDS", "0.01"),
        ];
        self.sandbox.run_with(arguments, &variables, "")
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
        let fixed = [
            "sync",
            "run",
            "--manifest",
            "saves.json",
            "--json",
            "--device-id",
            &self.id,
        ];
        self.keepsave(&[&fixed, arguments].concat())
    }

    /// `keepsave sync plan` with these arguments.
    pub fn plan(&self, arguments: &[&str]) -> Ran {
        let fixed = [
            "sync",
            "plan",
            "--manifest",
            "saves.json",
            "--json",
            "--device-id",
            &self.id,
        ];
        self.keepsave(&[&fixed, arguments].concat())
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
