//! Our own device: the real library, layouts, engine, state and journal on a machine of the World.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use keepsave_core::ids::{DeviceId, UserId};
use keepsave_device::engine::restore::Switched;
use keepsave_device::engine::run::{OnConflict, Report as Ran};
use keepsave_device::engine::status::Status;
use keepsave_device::engine::sync::{Errand, Hindrance, Synced};
use keepsave_device::engine::wishes::Wishes;
use keepsave_device::engine::{Engine, EngineError};
use keepsave_device::enrolment::Introduction;
use keepsave_device::games::Present;
use keepsave_device::journal::Journal;
use keepsave_device::layout::Located;
use keepsave_device::library::{self, Library};
use keepsave_device::lock::Locks;
use keepsave_device::server::{Address, Credential, Server, Timing};
use keepsave_device::state::{Identity, State};
use tokio::sync::watch;

use super::client::Choice;
use super::machine::{Game, Machine};

/// A machine with our client, of which one process may be alive.
pub struct Ours {
    user: UserId,
    device: DeviceId,
    process: RefCell<Option<Engine>>,
}

/// What our client says of one game.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Says {
    /// Which, by its place among the machine's games.
    pub game: usize,
    /// How it stands.
    pub status: Status,
    /// Why.
    pub why: String,
    /// Whether something was put in the place of its files.
    pub came_down: bool,
}

/// The address is never looked up: the network of a machine leads to one server.
const ADDRESS: &str = "http://keepsave.household";
/// What the machine calls its home.
const HOME: &str = "/player";

/// Waiting is free where no clock is real, and nothing is waited for in vain.
const TIMING: Timing = Timing {
    connect: Duration::from_secs(10),
    stall: Duration::from_mins(1),
    pause: Duration::from_secs(1),
};

impl Ours {
    /// Installs an emulator on the machine, and our client.
    pub async fn install(machine: &Machine, user: UserId) -> Self {
        install_retroarch(machine);
        let introduction = Introduction {
            name: machine.name.clone(),
            client_version: "9.9".to_owned(),
        };
        let device = introduction.enrol(&server(machine)).await.unwrap();
        Self {
            user,
            device,
            process: RefCell::new(None),
        }
    }

    /// The process is no more; the next thing that is done begins another.
    pub fn is_dead(&self) {
        self.process.take();
    }

    /// The engine of the process, which is begun if there is none.
    pub fn engine(&self, machine: &Machine) -> Result<Engine, String> {
        if let Some(engine) = &*self.process.borrow() {
            return Ok(engine.clone());
        }
        let engine = self.begin(machine).map_err(|error| error.to_string())?;
        self.process.replace(Some(engine.clone()));
        Ok(engine)
    }

    fn begin(&self, machine: &Machine) -> Result<Engine, Box<dyn std::error::Error>> {
        let identity = Identity {
            origin: ADDRESS.to_owned(),
            user: self.user,
        };
        let own = machine.own();
        let state = State::open(&own.join("state"), &identity, machine.clock.clone())?;
        Ok(Engine {
            server: server(machine),
            account: "player".to_owned(),
            device: self.device.clone(),
            state: Arc::new(state),
            journal: Journal::on(machine.disk.clone(), &own.join("journal"))?,
            locks: Locks::open(&own.join("state"), &identity)?,
            machine: library::Machine::new(&machine.root, HOME, HashMap::new()),
            clock: machine.clock.clone(),
        })
    }

    /// The games that are here, as the library finds them.
    pub async fn present(
        &self,
        machine: &Machine,
        engine: &Engine,
        only: Option<usize>,
    ) -> Result<Vec<Present>, String> {
        let library = Library::find(&engine.machine, &[]);
        let located = Located::of(library, &engine.machine, &[], &engine.state);
        let located = located.map_err(|error| error.to_string())?;
        let roll = match only.map(|game| &machine.games[game]) {
            None => Box::pin(engine.roll(located)).await,
            Some(game) => {
                let path = machine.root.join(rom_path(game));
                Box::pin(engine.roll_of(&located, &path, &game.stem)).await
            }
        };
        Ok(roll.map_err(|error| error.to_string())?.present)
    }

    /// Syncs the games of the machine, or one of them. Where it could not even be begun, why.
    pub async fn sync(
        &self,
        machine: &Machine,
        (only, choice): (Option<usize>, Choice),
    ) -> Result<Vec<Says>, String> {
        let engine = self.engine(machine)?;
        let present = self.present(machine, &engine, only).await?;
        let errand = errand(choice);
        let sync = |present| engine.sync(present, &errand, Arc::new(()), never());
        let told = |error: EngineError| error.to_string();
        let mut synced = Box::pin(sync(present.clone())).await.map_err(told)?;
        if choice != Choice::Later && answer_setups(&engine, &synced).await? {
            synced = Box::pin(sync(present)).await.map_err(told)?;
        }
        Ok(says(machine, &synced))
    }

    /// Makes an older version of a game's save the newest, of the versions that the slot shows the
    /// one with that number from the newest on.
    pub async fn restore(
        &self,
        machine: &Machine,
        game: usize,
        back: usize,
    ) -> Result<Switched, String> {
        let told = |error: &dyn std::fmt::Display| error.to_string();
        let engine = self.engine(machine)?;
        let present = self.present(machine, &engine, Some(game)).await?;
        let present = present.first().ok_or("the game is not here")?;
        let versions = engine
            .versions(present)
            .await
            .map_err(|error| told(&error))?;
        let version = versions.get(back).ok_or("there is no such version")?;
        let (errand, chosen) = (errand(Choice::Later), version.save.id);
        let restored = engine.restore(present, &errand, chosen, Arc::new(()), never());
        Box::pin(restored).await.map_err(|error| told(&error))
    }
}

/// A person who is asked with which slot a game is to be synced takes the first that is offered.
/// Whether somebody was asked.
async fn answer_setups(engine: &Engine, synced: &Synced<Ran>) -> Result<bool, String> {
    let mut was_asked = false;
    for game in &synced.games {
        if let Some(Hindrance::Unconfirmed { offers, .. }) = &game.hindrance
            && let Some(slot) = offers.first()
        {
            let chosen = engine.choose_slot(&game.present, slot);
            Box::pin(chosen).await.map_err(|error| error.to_string())?;
            was_asked = true;
        }
    }
    Ok(was_asked)
}

fn server(machine: &Machine) -> Server {
    let address = Address::parse(ADDRESS).unwrap();
    let network = Arc::new(machine.network.clone());
    Server::over(network, address, Credential::Nobody, TIMING)
}

fn never() -> watch::Receiver<bool> {
    watch::channel(false).1
}

fn errand(choice: Choice) -> Errand {
    Errand {
        wishes: Wishes {
            in_sets: true,
            ..Wishes::default()
        },
        on_conflict: match choice {
            Choice::Later => OnConflict::Fail,
            Choice::Local => OnConflict::KeepLocal,
            Choice::Server => OnConflict::KeepServer,
            Choice::Both => OnConflict::KeepBoth,
        },
        default_slot: "autosave".to_owned(),
        autocleanup: Some(10),
        at_once: 1,
        looked_at: None,
        states: false,
    }
}

fn says(machine: &Machine, synced: &Synced<Ran>) -> Vec<Says> {
    let mut said = Vec::new();
    for status in synced.statuses() {
        let stem = &status.game.present.game.stem;
        let game = machine.games.iter().position(|game| game.stem == *stem);
        let came_down = status.outcomes.iter();
        let came_down = came_down.map(|outcome| outcome.result.word());
        said.extend(game.map(|game| Says {
            game,
            status: status.status,
            came_down: came_down.clone().any(|word| word == "downloaded"),
            why: status.why.clone(),
        }));
    }
    said
}

fn rom_path(game: &Game) -> String {
    format!("roms/{}/{}", game.platform, game.file_name())
}

/// A `RetroArch` as a person sets it up on a desktop, with a playlist for each system.
fn install_retroarch(machine: &Machine) {
    let at = |below: &str| machine.root.join(below);
    let put = |path: &Path, text: &str| {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    put(
        &at("player/.config/retroarch/retroarch.cfg"),
        "savefile_directory = \"/saves\"\nsavefiles_in_content_dir = \"false\"\n\
         sort_savefiles_enable = \"false\"\nsort_savefiles_by_content_enable = \"false\"\n",
    );
    put(
        &at("player/.config/retroarch/retroarch-core-options.cfg"),
        "beetle_saturn_save_method = \"mednafen\"\n",
    );
    for game in &machine.games {
        put(&at(&rom_path(game)), &game.stem);
        let (core, database) = match game.platform {
            "gba" => ("mgba", "Nintendo - Game Boy Advance"),
            _ => ("mednafen_saturn", "Sega - Saturn"),
        };
        let list = format!(
            "{{\"items\": [{{\"path\": \"/{}\", \"core_path\": \"/cores/{core}_libretro.so\", \
             \"db_name\": \"{database}.lpl\"}}]}}",
            rom_path(game)
        );
        let lists = "player/.config/retroarch/playlists";
        put(&at(&format!("{lists}/{database}.lpl")), &list);
    }
}
