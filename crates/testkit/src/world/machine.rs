//! A machine of the household: what a client finds there, and through what it changes anything.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use keepsave_core::content::BlobHash;
use keepsave_device::threads::in_place;

use super::clock::MachineClock;
use super::death::{Life, survived};
use super::disk::MachineDisk;
use super::network::Network;
use super::seed::Dice;
use super::weather::{Rates, Weather};

/// A machine. Clients read its files directly, and change them through its disk alone.
pub struct Machine {
    /// What the people of the household call it.
    pub name: String,
    /// Its directory; everything is below it.
    pub root: PathBuf,
    /// Where it writes.
    pub disk: Arc<MachineDisk>,
    /// What it believes the time to be.
    pub clock: Arc<MachineClock>,
    /// What carries its requests. Every one is signed in as the household's user already.
    pub network: Network,
    /// The games that are on it.
    pub games: Vec<Game>,
    pub(super) life: Arc<Life>,
    pub(super) weather: Arc<Weather>,
}

/// A game that is on a machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Game {
    /// Its id on the server.
    pub rom: i64,
    /// The platform, as a server calls it: `gba`.
    pub platform: &'static str,
    /// Its ROM's name without the extension, by which its saves are named.
    pub stem: String,
    /// The files that form its save: `srm` alone, or `bkr`, `bcr` and `smpc`.
    pub endings: &'static [&'static str],
    /// What its saves are sent as: `retroarch-mgba`.
    pub emulator: &'static str,
    /// The slot that the household uses.
    pub slot: &'static str,
}

impl Game {
    /// What a household plays: a game whose save is one file, and one whose save is a set.
    pub(super) fn of_the_household() -> [Self; 2] {
        let zelda = Self {
            rom: 0,
            platform: "gba",
            stem: "Zelda".to_owned(),
            endings: &["srm"],
            emulator: "retroarch-mgba",
            slot: "autosave",
        };
        let force = Self {
            rom: 0,
            platform: "saturn",
            stem: "Shining Force".to_owned(),
            endings: &["bkr", "bcr", "smpc"],
            emulator: "retroarch-mednafen_saturn",
            slot: "autosave",
        };
        [zelda, force]
    }

    /// What its ROM is called.
    pub fn file_name(&self) -> String {
        let extension = if self.platform == "gba" { "gba" } else { "chd" };
        format!("{}.{extension}", self.stem)
    }
}

impl Machine {
    /// Does something as a process of this machine, which dies before that step if it gets there.
    pub async fn process<T>(
        &self,
        dies_at: Option<u64>,
        work: impl Future<Output = T>,
    ) -> Option<T> {
        self.life.begin(dies_at);
        survived(in_place(work)).await
    }

    /// From now on requests fare like this.
    pub fn weather(&self, rates: Rates) {
        self.weather.becomes(rates, Dice::of(0));
    }

    /// Where the emulator writes saves.
    pub fn saves(&self) -> PathBuf {
        self.root.join("saves")
    }

    /// The file of a game with that ending, which may not be there.
    pub fn save(&self, game: &Game, ending: &str) -> PathBuf {
        self.saves().join(format!("{}.{ending}", game.stem))
    }

    /// Where a client keeps what it knows. Made when it is first written to.
    pub fn own(&self) -> PathBuf {
        self.root.join("own")
    }

    /// What the journal of our client keeps, where it is on this machine.
    pub(super) fn journalled(&self) -> Vec<BlobHash> {
        let shelves = std::fs::read_dir(self.own().join("journal/objects"));
        let shelves = shelves.into_iter().flatten().flatten();
        let objects = shelves.flat_map(|shelf| std::fs::read_dir(shelf.path()));
        let names = objects.flatten().flatten().map(|object| object.file_name());
        names
            .filter_map(|name| name.to_str()?.parse().ok())
            .collect()
    }

    /// What a file holds; none where there is no such file.
    pub fn read(&self, path: &Path) -> Option<Vec<u8>> {
        std::fs::read(path).ok()
    }
}
