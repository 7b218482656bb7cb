//! A household: one server, one user, and their machines.

use std::sync::Arc;

use keepsave_core::time::{Clock as _, Time};

use super::clock::MachineClock;
use super::death::Life;
use super::disk::{MachineDisk, room};
use super::host::Host;
use super::machine::{Game, Machine};
use super::network::Network;
use super::trace::Trace;
use super::weather::Weather;
use crate::server::FakeClock;

/// A server and the machines that sync with it.
pub struct Household {
    /// The server.
    pub host: Host,
    /// The machines.
    pub machines: Vec<Machine>,
    /// All that happens.
    pub trace: Trace,
    rooms: tempfile::TempDir,
}

/// What machines are called.
const NAMES: [&str; 5] = ["Deck", "Handheld", "Desktop", "Phone", "Laptop"];

impl Household {
    /// A household with so many machines, on each of which are the same two games.
    pub async fn of(machines: usize, trace: Trace) -> Self {
        let host = Host::keepsave().await;
        let mut games = Vec::new();
        for game in Game::of_the_household() {
            let file_name = game.file_name();
            let rom = host.game(game.platform, &file_name).await;
            games.push(Game { rom: rom.0, ..game });
        }
        let mut household = Self {
            host,
            machines: Vec::new(),
            trace,
            rooms: room(),
        };
        for name in NAMES.iter().take(machines) {
            let machine = household.machine(name, games.clone());
            household.machines.push(machine);
        }
        household
    }

    /// When every history begins.
    pub(super) fn begins() -> Time {
        FakeClock::new().now()
    }

    fn machine(&self, name: &str, games: Vec<Game>) -> Machine {
        let life = Arc::<Life>::default();
        let weather = Arc::new(Weather::fine());
        let clock = Arc::new(MachineClock::at(self.host.now()));
        let root = self.rooms.path().join(name);
        let machine = Machine {
            name: name.to_owned(),
            root: root.clone(),
            disk: Arc::new(MachineDisk::new(
                name,
                clock.clone(),
                (life.clone(), self.trace.clone()),
            )),
            clock,
            network: Network::new(
                name,
                (self.host.router(), self.host.authorization()),
                (weather.clone(), life.clone(), self.trace.clone()),
            ),
            games,
            life,
            weather,
        };
        std::fs::create_dir_all(machine.saves()).unwrap();
        machine
    }

    /// Lets time pass for everyone.
    pub fn pass(&self, micros: i64) {
        self.host.pass(micros);
        for machine in &self.machines {
            machine.clock.pass(micros);
        }
    }
}
