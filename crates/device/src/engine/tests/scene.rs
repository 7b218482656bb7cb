//! A server, and two machines of one account on which the same game is.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use keepsave_core::ids::{DeviceId, RomId, SaveId, UserId};
use keepsave_core::layouts::part_of;
use keepsave_core::time::{Clock, Time};
use keepsave_testkit::faults::Proxy;
use keepsave_testkit::romm::{Release, StandIn};
use keepsave_testkit::server::TestServer;
use keepsave_wire::devices::DeviceCreatePayload;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::life::Life;
use crate::engine::run::OnConflict;
use crate::engine::sync::Errand;
use crate::engine::wishes::Wishes;
use crate::engine::{Engine, stop};
use crate::files::disk::{Disk, RealDisk};
use crate::games::{Present, Standing};
use crate::journal::Journal;
use crate::library::{self, Form, Game, KnownBy, SaveFile, SavePlace};
use crate::lock::Locks;
use crate::server::{Address, Connection, Credential, Secret, Server, Timing};
use crate::state::{Identity, MatchedBy, State};

/// A server behind a proxy.
pub struct World {
    host: Host,
    proxy: Proxy,
    games: AtomicI64,
}

enum Host {
    Keepsave(Box<TestServer>),
    Romm(Box<StandIn>, i64),
}

/// A clock that is later whenever it is looked at.
struct Later(AtomicI64);

impl Clock for Later {
    fn now(&self) -> Time {
        let looks = self.0.fetch_add(1, Ordering::SeqCst);
        Time::from_micros(1_763_600_000_000_000 + looks * 1_100_000)
    }
}

impl World {
    pub async fn keepsave() -> Self {
        let server = TestServer::start().await;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = server.router();
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self {
            host: Host::Keepsave(Box::new(server)),
            proxy: Proxy::before(address),
            games: AtomicI64::new(0),
        }
    }

    pub fn romm(release: Release) -> Self {
        let server = StandIn::start(release);
        let user = server.user("admin", "RefAdmin123");
        server.use_clock(Arc::new(Later(AtomicI64::new(0))));
        let proxy = Proxy::before(server.address());
        Self {
            host: Host::Romm(Box::new(server), user),
            proxy,
            games: AtomicI64::new(0),
        }
    }

    fn server(&self) -> Server {
        let connection = Connection {
            timing: Timing {
                connect: Duration::from_secs(5),
                stall: Duration::from_secs(30),
                pause: Duration::from_micros(10),
            },
            ca_file: None,
            agent: "keepsave/9.9".to_owned(),
        };
        let credential = Credential::Password {
            user: "admin".into(),
            password: Secret::new("RefAdmin123"),
        };
        let address = Address::parse(&self.proxy.url()).unwrap();
        Server::new(address, credential, &connection).unwrap()
    }

    /// A game that no one has played yet, on two machines.
    pub async fn scene(&self) -> Scene<'_> {
        self.proxy.judge(None);
        let number = self.games.fetch_add(1, Ordering::SeqCst);
        let stem = format!("Shining Force {number}");
        let file_name = format!("{stem}.chd");
        let rom = match &self.host {
            Host::Keepsave(server) => {
                let game = json!({ "platform": "saturn", "file_name": file_name });
                let added = server.admin().post("/api/roms", game).await.expect(201);
                added["id"].as_i64().unwrap()
            }
            Host::Romm(server, _) => server.rom("saturn", &file_name),
        };
        Scene {
            home: self.machine("Home").await,
            away: self.machine("Away").await,
            world: self,
            rom: RomId(rom),
            stem,
        }
    }

    async fn machine(&self, name: &str) -> Machine {
        let device = DeviceCreatePayload {
            name: Some(name.to_owned()),
            ..DeviceCreatePayload::default()
        };
        let device = self.server().register_device(&device).await.unwrap();
        let room = room();
        std::fs::create_dir(room.path().join("saves")).unwrap();
        Machine {
            room,
            device: device.seen.device_id,
        }
    }
}

/// A directory in memory where there is one: no power goes off here, and there are many of them.
fn room() -> TempDir {
    tempfile::tempdir_in("/dev/shm").unwrap_or_else(|_| tempfile::tempdir().unwrap())
}

/// Where a game is played.
pub struct Machine {
    room: TempDir,
    device: DeviceId,
}

impl Machine {
    /// What stands where the saves are.
    pub fn files(&self) -> BTreeMap<String, String> {
        let saves = std::fs::read_dir(self.room.path().join("saves")).unwrap();
        let read = |file: std::io::Result<std::fs::DirEntry>| {
            let path = file.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, std::fs::read_to_string(path).unwrap())
        };
        saves.map(read).collect()
    }
}

/// A game and where it is played.
pub struct Scene<'w> {
    world: &'w World,
    pub home: Machine,
    pub away: Machine,
    pub rom: RomId,
    stem: String,
}

/// How all stands: what each slot shows, what is here, and what the game syncs with.
#[derive(Debug, PartialEq, Eq)]
pub struct How {
    pub heads: BTreeMap<String, String>,
    pub files: BTreeMap<String, String>,
    pub slot: Option<String>,
    pub confirmed: bool,
}

impl Scene<'_> {
    /// The engine of a machine, as long as it lives.
    pub fn engine(&self, machine: &Machine, life: Option<&Arc<Life>>) -> Engine {
        let at = |below: &str| machine.room.path().join(below);
        let identity = Identity {
            origin: "http://keepsave.test".to_owned(),
            user: UserId(1),
        };
        let clock: Arc<dyn Clock> = Arc::new(Later(AtomicI64::new(0)));
        let state = State::open(&at("state"), &identity, clock.clone()).unwrap();
        let disk: Arc<dyn Disk> = match life {
            Some(life) => life.disk(),
            None => Arc::new(RealDisk),
        };
        // A journal that is not there yet is begun before anything is counted.
        Journal::open(&at("journal")).unwrap();
        self.world.proxy.judge(None);
        if let Some(life) = life {
            let of_state = Arc::clone(life);
            state.ends_with(move || of_state.goes_on());
            let of_server = Arc::clone(life);
            let judge = move |line: &str| of_server.request(line);
            self.world.proxy.judge(Some(Box::new(judge)));
        }
        Engine {
            server: self.world.server(),
            account: "admin".to_owned(),
            device: machine.device.clone(),
            state: Arc::new(state),
            journal: Journal::on(disk, &at("journal")).unwrap(),
            locks: Locks::open(&at("state"), &identity).unwrap(),
            machine: library::Machine::new(machine.room.path(), "/", HashMap::new()),
            clock,
        }
    }

    fn path(&self, machine: &Machine, ending: &str) -> PathBuf {
        let name = format!("{}.{ending}", self.stem);
        machine.room.path().join("saves").join(name)
    }

    /// Plays: both files of the save change.
    pub fn play(&self, machine: &Machine, round: &str) {
        for ending in ENDINGS {
            let content = format!("{round}: {ending} of a long evening");
            std::fs::write(self.path(machine, ending), content).unwrap();
        }
    }

    /// The game as the library would find it.
    pub fn present(&self, machine: &Machine) -> Present {
        let files = ENDINGS.iter().filter_map(|ending| {
            let path = self.path(machine, ending);
            let wire_name = format!("{}.{ending}", self.stem);
            path.exists().then(|| SaveFile {
                part: part_of(&wire_name),
                path,
                wire_name,
                form: Form::Raw,
            })
        });
        let save = SavePlace {
            directory: machine.room.path().join("saves"),
            stem: self.stem.clone(),
            ending: ENDINGS[0].to_owned(),
            files: files.collect(),
            ..SavePlace::default()
        };
        Present {
            game: Arc::new(Game {
                path: machine.room.path().join(format!("{}.chd", self.stem)),
                stem: self.stem.clone(),
                folder: "saturn".to_owned(),
                platforms: vec!["saturn".to_owned()],
                installation: "RetroDECK".to_owned(),
                known_by: KnownBy::RomFolder,
                emulator: Some("retroarch-mednafen_saturn".to_owned()),
                core: Some("mednafen_saturn_libretro".to_owned()),
                save,
                moving: Vec::new(),
            }),
            standing: Standing::Known {
                rom: self.rom,
                by: MatchedBy::Name,
            },
        }
    }

    /// A new process puts in order what the one before left, as each does before anything else.
    pub async fn start(&self, machine: &Machine) {
        let engine = self.engine(machine, None);
        let present = [self.present(machine)];
        engine.put_in_order(&present).await.unwrap();
    }

    /// Syncs, whatever comes of it.
    pub async fn sync(&self, machine: &Machine, life: Option<&Arc<Life>>, how: OnConflict) {
        let engine = self.engine(machine, life);
        let present = vec![self.present(machine)];
        let errand = errand(how);
        let synced = engine.sync(present, &errand, Arc::new(()), stop::never());
        let _whatever = synced.await;
    }

    /// Plays and syncs, with nothing in the way.
    pub async fn played(&self, machine: &Machine, round: &str) {
        self.play(machine, round);
        self.sync_well(machine).await;
    }

    /// Syncs with nothing in the way.
    pub async fn sync_well(&self, machine: &Machine) {
        let engine = self.engine(machine, None);
        let present = vec![self.present(machine)];
        let errand = errand(OnConflict::Fail);
        let synced = engine.sync(present, &errand, Arc::new(()), stop::never());
        let synced = synced.await.unwrap();
        let outcomes = &synced.report.outcomes;
        assert!(
            outcomes.iter().all(|outcome| outcome.result.is_settled()),
            "{outcomes:#?}"
        );
    }

    /// Every content that someone can reach: on the server, in the journal of the machine, in place.
    pub async fn reachable(&self) -> Vec<String> {
        let mut contents = self.on_the_server().await;
        contents.extend(self.home.files().into_values());
        let objects = self.home.room.path().join("journal/objects");
        for shelf in std::fs::read_dir(objects).into_iter().flatten() {
            for object in std::fs::read_dir(shelf.unwrap().path()).unwrap() {
                contents.push(std::fs::read_to_string(object.unwrap().path()).unwrap());
            }
        }
        contents.sort();
        contents.dedup();
        contents
    }

    async fn on_the_server(&self) -> Vec<String> {
        let server = match &self.world.host {
            Host::Romm(server, _) => {
                let saves = server.saves().into_iter();
                let saves = saves.filter(|save| save.rom_id == self.rom.0);
                let content = |save: keepsave_testkit::romm::Asset| {
                    String::from_utf8(server.content(save.id).unwrap()).unwrap()
                };
                return saves.map(content).collect();
            }
            Host::Keepsave(server) => server,
        };
        let get = async |path: String| server.admin().get(&path).await;
        let path = format!("/api/keepsave/timelines?rom_id={}", self.rom);
        let mut contents = Vec::new();
        for timeline in array(get(path).await.expect(200)) {
            let path = format!("/api/keepsave/timelines/{}/versions", timeline["id"]);
            for version in array(get(path).await.expect(200)) {
                let path = format!("/api/keepsave/versions/{}/content", version["id"]);
                contents.push(get(path).await.text());
            }
        }
        contents
    }

    /// How all stands.
    pub async fn how(&self) -> How {
        let engine = self.engine(&self.home, None);
        let listing = engine.listing_of(&self.present(&self.home)).await.unwrap();
        let mut heads = BTreeMap::new();
        for save in listing.newest_of(self.rom) {
            let place = format!("{:?} {}", save.slot, part_of(&save.file_name));
            heads.insert(place, format!("{:?}", save.content_hash));
        }
        let game = engine.state.game(self.rom).unwrap().unwrap_or_default();
        let stem = |name: String| name.replace(&self.stem, "save");
        let files = self.home.files().into_iter();
        How {
            heads,
            files: files.map(|(name, content)| (stem(name), content)).collect(),
            slot: game.active_slot,
            confirmed: game.slot_confirmed,
        }
    }

    /// Another app sent a save without a slot.
    pub async fn put_in_no_slot(&self, content: &str) {
        let name = format!("{}.bkr", self.stem);
        let content = content.as_bytes();
        match &self.world.host {
            Host::Romm(server, user) => {
                server.put_save((*user, self.rom.0), None, &name, content);
            }
            Host::Keepsave(server) => {
                let path = format!("/api/saves?rom_id={}", self.rom);
                let files = [("saveFile", name.as_str(), content)];
                server.admin().upload(&path, &files).await.expect(200);
            }
        }
    }

    /// The save of the first slot that was stored first.
    pub async fn oldest_save(&self) -> SaveId {
        let engine = self.engine(&self.home, None);
        let listing = engine.listing_of(&self.present(&self.home)).await.unwrap();
        let saves = listing.saves_of(self.rom).iter();
        let of_slot = saves.filter(|save| save.slot.as_deref() == Some("autosave"));
        let of_save = of_slot.filter(|save| part_of(&save.file_name).is_save());
        of_save.map(|save| save.id).min().unwrap()
    }
}

impl How {
    /// Whether the files here are of one round.
    pub fn is_one_save(&self) -> bool {
        let round = |content: &String| content.split(':').next().map(str::to_owned);
        let rounds: Vec<_> = self.files.values().map(round).collect();
        rounds.windows(2).all(|two| two[0] == two[1])
    }
}

/// The save, and its companion that is no clock.
const ENDINGS: [&str; 2] = ["bkr", "bcr"];

/// How games are synced here.
pub fn errand(on_conflict: OnConflict) -> Errand {
    Errand {
        wishes: Wishes {
            in_sets: true,
            ..Wishes::default()
        },
        on_conflict,
        default_slot: "autosave".to_owned(),
        autocleanup: Some(10),
        at_once: 1,
        looked_at: None,
        states: false,
    }
}

fn array(json: Value) -> Vec<Value> {
    match json {
        Value::Array(all) => all,
        other => panic!("{other}"),
    }
}
