//! A household whose machines have apps of others, and what they play.

use std::cell::Cell;

use bytes::Bytes;
use keepsave_core::content::{BlobHash, Digest};

use crate::world::client::{Choice, Client as _};
use crate::world::foreign::{Deed, Foreign, Kind, What};
use crate::world::{Game, Household, Machine, Trace};

/// The content that is called by a number: long enough for every app.
pub fn content(number: u8) -> Bytes {
    format!("content {number} ").repeat(20).into()
}

fn blob(content: &Bytes) -> BlobHash {
    Digest::of(content).blob
}

/// A household, and who keeps its trace.
pub struct Scene {
    household: Household,
}

impl Scene {
    pub async fn new() -> Self {
        Self {
            household: Household::of(3, Trace::told()).await,
        }
    }

    /// An app on one of the machines.
    pub fn app(&self, machine: usize, kind: Kind) -> App<'_> {
        App {
            machine: &self.household.machines[machine],
            client: Foreign::new(kind),
            scene: self,
            told: Cell::new(0),
        }
    }

    /// What the newest row of the game's save shows.
    pub fn head(&self) -> Option<BlobHash> {
        self.heads(0)[0]
    }

    /// What the newest rows of a game's files show, in the order of its endings.
    pub fn heads(&self, game: usize) -> Vec<Option<BlobHash>> {
        let game = &self.household.machines[0].games[game];
        let held = self.household.host.held();
        let head = |part: &str| {
            let shown = held
                .iter()
                .find(|held| held.rom.0 == game.rom && held.is_head && held.part == part);
            shown.map(|held| held.blob)
        };
        let parts = ["", "bcr", "smpc"].into_iter();
        parts.take(game.endings.len()).map(head).collect()
    }

    /// Whether the server keeps a content as some version.
    pub fn keeps(&self, number: u8) -> bool {
        let blob = blob(&content(number));
        self.household
            .host
            .held()
            .iter()
            .any(|held| held.blob == blob)
    }

    pub fn is_head(&self, number: u8) -> bool {
        self.head() == Some(blob(&content(number)))
    }

    /// A person deletes every row.
    pub async fn empty(&self) {
        let machine = &self.household.machines[2];
        let get = http::Request::get("/api/saves").body(Bytes::new()).unwrap();
        let rows = machine.network.send(get).await.unwrap();
        let rows: serde_json::Value = serde_json::from_slice(rows.body()).unwrap();
        let rows = rows.as_array().unwrap().iter();
        let ids: Vec<_> = rows.map(|row| row["id"].clone()).collect();
        let delete = http::Request::post("/api/saves/delete")
            .header("content-type", "application/json")
            .body(serde_json::json!({ "saves": ids }).to_string().into())
            .unwrap();
        assert_eq!(machine.network.send(delete).await.unwrap().status(), 200);
    }
}

/// An app on its machine.
pub struct App<'a> {
    pub machine: &'a Machine,
    pub client: Foreign,
    scene: &'a Scene,
    /// How much of what happened was asked for.
    told: Cell<usize>,
}

impl App<'_> {
    pub fn game(&self) -> &Game {
        &self.machine.games[0]
    }

    /// An emulator writes a file of a game.
    pub fn write(&self, game: usize, ending: &str, bytes: &[u8]) {
        let path = self.machine.save(&self.machine.games[game], ending);
        self.machine.life.begin(None);
        self.machine.disk.write_in_place(&path, bytes).unwrap();
    }

    /// An emulator writes the game's save.
    pub fn play(&self, number: u8) {
        self.scene.household.pass(60_000_000);
        self.write(0, "srm", &content(number));
    }

    /// It syncs, and nothing goes wrong: what it did.
    pub async fn sync(&self) -> Vec<Deed> {
        self.sync_and(Choice::Later).await
    }

    /// It syncs, and a person answers what is asked.
    pub async fn sync_and(&self, choice: Choice) -> Vec<Deed> {
        self.scene.household.pass(60_000_000);
        self.client.deeds();
        let sync = self.client.sync(self.machine, choice);
        self.machine.process(None, sync).await.unwrap();
        self.client.deeds()
    }

    /// It has played a content, and synced.
    pub async fn played(self, number: u8) -> Self {
        self.play(number);
        self.sync().await;
        self
    }

    /// It syncs, and dies before that step; whether it did.
    pub async fn dies_at(&self, step: u64) -> bool {
        let sync = self.client.sync(self.machine, Choice::Later);
        self.machine.process(Some(step), sync).await.is_none()
    }

    /// It uploads a content and dies before it hears of that.
    pub async fn sends_and_dies(&self, number: u8) {
        for step in 0.. {
            assert!(self.dies_at(step).await);
            if self.scene.keeps(number) {
                return;
            }
        }
    }

    /// What its emulator sees.
    pub fn has(&self, number: u8) -> bool {
        self.file(0, "srm") == Some(content(number))
    }

    pub fn file(&self, game: usize, ending: &str) -> Option<Bytes> {
        let path = self.machine.save(&self.machine.games[game], ending);
        self.machine.read(&path).map(Bytes::from)
    }

    /// What it keeps of the game's save in a folder beside.
    pub fn keeps_beside(&self, folder: &str) -> Vec<Bytes> {
        let folder = self.machine.saves().join(folder).join("Zelda.srm");
        let entries = std::fs::read_dir(folder).into_iter().flatten();
        let entries = entries.map(|entry| std::fs::read(entry.unwrap().path()).unwrap());
        entries.map(Bytes::from).collect()
    }

    /// The requests that its machine has sent since this was asked last.
    pub fn requests(&self) -> Vec<String> {
        let name = format!("{}: ", self.machine.name);
        let device = self.client.device(self.machine).unwrap_or_default();
        let lines = self.scene.household.trace.lines();
        let told = self.told.replace(lines.len());
        let own = lines[told..]
            .iter()
            .filter_map(|line| line.strip_prefix(&name));
        let own = own.filter(|line| line.contains(" /api/"));
        let words = own.map(|line| line.split(' ').take(2).collect::<Vec<_>>().join(" "));
        words.map(|line| line.replace(&device, "ID")).collect()
    }
}

/// What an app was told about its save.
pub fn told(deeds: &[Deed]) -> Vec<&str> {
    let told = deeds.iter().filter_map(|deed| match &deed.what {
        What::Told { action, .. } => Some(action.as_str()),
        _ => None,
    });
    told.collect()
}

/// How its uploads were answered.
pub fn sent(deeds: &[Deed]) -> Vec<Option<u16>> {
    let sent = deeds.iter().filter_map(|deed| match &deed.what {
        What::Sent { status, .. } => Some(*status),
        _ => None,
    });
    sent.collect()
}

/// Whether it did this.
pub fn did(deeds: &[Deed], what: &What) -> bool {
    deeds.iter().any(|deed| deed.what == *what)
}

/// Whether a person was asked.
pub fn asked(deeds: &[Deed]) -> bool {
    deeds.iter().any(|deed| matches!(deed.what, What::Asked(_)))
}
