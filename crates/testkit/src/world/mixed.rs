//! Histories of a household in which not every machine has our client: some have apps of others,
//! which trust the server, or do not.
//!
//! The laws are those that a server can keep for any client. Where a foreign client broke one, it is
//! a [`residual`], recognised and counted, or a finding. Where ours did, it is a finding.

mod history;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use bytes::Bytes;
use http::Request;
use keepsave_core::content::{BlobHash, Digest};
use serde_json::json;

use super::client::{Choice, Client as _};
use super::foreign::{Deed, Foreign, Kind, What};
use super::household::Household;
use super::machine::Machine;
use super::ours::Ours;
use super::residual::{self, Case, Residual, blob};
use super::seed::Dice;
use super::trace::Trace;
use super::weather::Rates;

pub use self::history::{Act, Event, Mixed};

/// What came of a history.
#[derive(Debug, Default)]
pub struct Outcome {
    /// What no server can fix, and how often it came to pass.
    pub residuals: BTreeMap<u8, usize>,
    /// What is none of these.
    pub finding: Option<String>,
}

const STORM: Rates = Rates {
    unreachable: 60,
    cut_request: 60,
    lost_answer: 120,
    twice: 60,
    late: 60,
    cut_answer: 60,
};
const ROUNDS: usize = 6;
const MINUTE: i64 = 60 * 1_000_000;

enum Client {
    Ours(Box<Ours>),
    Foreign(Foreign),
}

struct Running {
    household: Household,
    clients: Vec<Client>,
    /// What each foreign client did so far.
    past: Vec<Vec<Deed>>,
    /// What each content grew from, and what a person put it after.
    parents: BTreeMap<BlobHash, BTreeSet<BlobHash>>,
    /// What must be somewhere for ever.
    owed: BTreeSet<BlobHash>,
    /// Each save so far was made on the one before it, and nobody went back or deleted anything.
    is_ordered: bool,
    latest: Option<BlobHash>,
    outcome: Outcome,
}

/// Runs a history.
pub async fn run(history: &Mixed) -> Outcome {
    let mut running = Running::begin(history).await;
    for (number, event) in (0..).zip(&history.events) {
        let dice = Dice::apart(history.seed, 1_000 + number);
        if let Err(finding) = running.event(event, dice).await {
            running.outcome.finding = Some(format!("after event {number}: {finding}"));
            return running.outcome;
        }
    }
    if let Err(finding) = running.settle().await {
        running.outcome.finding = Some(format!("in the end: {finding}"));
    }
    running.outcome
}

impl Running {
    async fn begin(history: &Mixed) -> Self {
        let mut household = Household::of(history.who.len(), Trace::default()).await;
        let mut clients = Vec::new();
        for (machine, who) in household.machines.iter_mut().zip(&history.who) {
            machine.games.truncate(1);
            clients.push(match who {
                Some(kind) => Client::Foreign(Foreign::new(*kind)),
                None => Client::Ours(Box::new(
                    Ours::install(machine, household.host.user()).await,
                )),
            });
        }
        Self {
            household,
            past: vec![Vec::new(); clients.len()],
            clients,
            parents: BTreeMap::new(),
            owed: BTreeSet::new(),
            is_ordered: true,
            latest: None,
            outcome: Outcome::default(),
        }
    }

    fn machine(&self, at: usize) -> &Machine {
        &self.household.machines[at]
    }

    async fn event(&mut self, event: &Event, dice: Dice) -> Result<(), String> {
        self.household.pass(90 * MINUTE / 60);
        let rates = if event.is_stormy {
            STORM
        } else {
            Rates::default()
        };
        self.machine(event.at).weather.becomes(rates, dice);
        match event.act {
            Act::Play => self.play(event.at),
            Act::Sync(choice) => self.sync(event.at, choice, event.dies_at).await?,
            Act::GoBack(rows) => self.go_back(event.at, rows).await?,
            Act::Delete(row) => self.delete(event.at, row).await,
        }
        self.nothing_is_lost()
    }

    /// What stands where the emulator looks.
    fn here(&self, at: usize) -> Option<BlobHash> {
        let machine = self.machine(at);
        let path = machine.save(&machine.games[0], "srm");
        machine.read(&path).map(|bytes| Digest::of(&bytes).blob)
    }

    /// What a player writes over before anyone saw it is nobody's to keep.
    fn play(&mut self, at: usize) {
        let before = self.here(at);
        let number = self.parents.len() + 1;
        let mut bytes = format!("#{number} of {}", self.machine(at).name).into_bytes();
        bytes.resize(192, b'.');
        let machine = self.machine(at);
        let path = machine.save(&machine.games[0], "srm");
        machine.life.begin(None);
        machine.disk.write_in_place(&path, &bytes).unwrap();
        let after = Digest::of(&bytes).blob;
        self.is_ordered &= before == self.latest && !self.is_unheard(at);
        self.latest = Some(after);
        self.parents.insert(after, before.into_iter().collect());
        if let Some(before) = before.filter(|before| !self.is_safe(before)) {
            self.owed.remove(&before);
        }
        self.owed.insert(after);
    }

    /// What came down was not confirmed, and no inventory showed it: no server can know of it.
    fn is_unheard(&self, at: usize) -> bool {
        let is_last = |deed: &&Deed| {
            matches!(
                deed.what,
                What::Told { .. } | What::Confirmed(true) | What::Replaced { .. }
            ) || matches!(
                deed.what,
                What::Sent {
                    status: Some(_),
                    ..
                }
            )
        };
        let last = self.past[at].iter().rev().find(is_last);
        last.is_some_and(|deed| matches!(deed.what, What::Replaced { .. }))
    }

    /// Whether it is where no client gets at it by itself.
    fn is_safe(&self, wanted: &BlobHash) -> bool {
        self.held().contains(wanted)
            || self.household.machines.iter().any(|machine| {
                let mut found = BTreeSet::new();
                contents_below(&machine.root, &mut found);
                let played = machine.save(&machine.games[0], "srm");
                let stands = std::fs::read(played).map(|bytes| Digest::of(&bytes).blob);
                found.contains(wanted) && stands.ok().as_ref() != Some(wanted)
            })
    }

    fn held(&self) -> BTreeSet<BlobHash> {
        let held = self.household.host.held();
        held.iter().map(|held| held.blob).collect()
    }

    fn head(&self) -> Option<BlobHash> {
        let rom = self.household.machines[0].games[0].rom;
        let held = self.household.host.held();
        let mut heads = held.iter().filter(|held| {
            held.is_head && held.rom.0 == rom && held.slot.as_deref() == Some("autosave")
        });
        heads.next().map(|held| held.blob)
    }

    /// Whether one content is the other, or grew from it.
    fn grew_from(&self, one: &BlobHash, other: &BlobHash) -> bool {
        let mut open = vec![*one];
        let mut seen = BTreeSet::new();
        while let Some(at) = open.pop() {
            if at == *other {
                return true;
            }
            if seen.insert(at) {
                open.extend(self.parents.get(&at).into_iter().flatten());
            }
        }
        false
    }

    async fn sync(
        &mut self,
        at: usize,
        choice: Choice,
        dies_at: Option<u64>,
    ) -> Result<(), String> {
        let (before, head, held) = (self.here(at), self.head(), self.held());
        let machine = &self.household.machines[at];
        let mut deeds = Vec::new();
        match &self.clients[at] {
            Client::Ours(ours) => {
                let synced = ours.sync(machine, (None, choice));
                if machine.process(dies_at, synced).await.is_none() {
                    ours.is_dead();
                }
            }
            Client::Foreign(foreign) => {
                machine
                    .process(dies_at, foreign.sync(machine, choice))
                    .await;
                deeds = foreign.deeds();
                // `saves download --overwrite` keeps nothing, and a person asked for it.
                let is_thrown_away = foreign.kind == Kind::Cli && choice == Choice::Server;
                if let Some(before) = before.filter(|_| is_thrown_away) {
                    self.owed.remove(&before);
                }
            }
        }
        let judged = self.judge(at, choice, (before, head, held), &deeds);
        self.past[at].extend(deeds);
        judged
    }

    /// Looks whether the laws were kept, and where they were not by one that trusts the server,
    /// whether that is what no server can fix.
    fn judge(
        &mut self,
        at: usize,
        choice: Choice,
        (before, head, held): (Option<BlobHash>, Option<BlobHash>, BTreeSet<BlobHash>),
        deeds: &[Deed],
    ) -> Result<(), String> {
        let (now, here) = (self.head(), self.here(at));
        let broken = self.broken(choice, (before, here), (head, now), deeds);
        if choice != Choice::Later
            && let (Some(head), Some(now)) = (head, now)
            && let Some(parents) = self.parents.get_mut(&now)
        {
            // Whoever chose, chose this after that.
            parents.insert(head);
        }
        let Client::Foreign(foreign) = &self.clients[at] else {
            return broken.map_or(Ok(()), Err);
        };
        let versions = self.household.host.deleted_or_not();
        let case = Case {
            kind: foreign.kind,
            past: &self.past[at],
            deeds,
            head: (head, now),
            held: &held,
            versions: &versions,
            grew_from: &|one, other| self.grew_from(one, other),
        };
        let residuals = residual::recognised(&case);
        for Residual { number, .. } in &residuals {
            *self.outcome.residuals.entry(*number).or_default() += 1;
        }
        match broken {
            Some(broken) if residuals.is_empty() => {
                Err(format!("{} ({deeds:#?})", self.words(&broken)))
            }
            _ => Ok(()),
        }
    }

    /// The law that was broken, if one was.
    fn broken(
        &self,
        choice: Choice,
        (before, here): (Option<BlobHash>, Option<BlobHash>),
        (head, now): (Option<BlobHash>, Option<BlobHash>),
        deeds: &[Deed],
    ) -> Option<String> {
        let held = self.held();
        if let Some(before) = before.filter(|before| Some(*before) != here)
            && choice == Choice::Later
            && !held.contains(&before)
        {
            return Some(format!(
                "{before} was replaced, and the server does not have it"
            ));
        }
        if let (Some(head), Some(now)) = (head, now)
            && head != now
            && choice == Choice::Later
            && self.is_ordered
            && !self.grew_from(&now, &head)
        {
            return Some(format!(
                "the head went from {head} to {now}, which did not grow from it"
            ));
        }
        let is_asked = deeds.iter().any(|deed| {
            matches!(&deed.what, What::Told { action, .. } if action == "conflict")
                || matches!(
                    deed.what,
                    What::Sent {
                        status: Some(409),
                        ..
                    }
                )
        });
        (is_asked && self.is_ordered)
            .then(|| "a conflict, though each save grew from the one before".to_owned())
    }

    fn words(&self, text: &str) -> String {
        let at = |at: usize| self.here(at).map(|blob| blob.to_string());
        let here: Vec<_> = (0..self.clients.len()).map(at).collect();
        format!("{text}; the head is {:?}, here are {here:?}", self.head())
    }

    async fn go_back(&mut self, at: usize, rows: usize) -> Result<(), String> {
        self.is_ordered = false;
        let machine = &self.household.machines[at];
        match &self.clients[at] {
            Client::Ours(ours) => {
                let restored = Box::pin(ours.restore(machine, 0, rows));
                machine.process(None, restored).await;
            }
            Client::Foreign(foreign) => {
                let before = self.here(at);
                let game = machine.games[0].clone();
                let went = Box::pin(foreign.go_back(machine, &game, rows));
                machine.process(None, went).await;
                self.past[at].extend(foreign.deeds());
                // `saves download --overwrite` keeps nothing, and a person asked for it.
                if let Some(before) = before.filter(|_| foreign.kind == Kind::Cli) {
                    self.owed.remove(&before);
                }
            }
        }
        Ok(())
    }

    /// A person deletes a row in a browser.
    async fn delete(&mut self, at: usize, row: usize) {
        let machine = &self.household.machines[at];
        machine.weather(Rates::default());
        machine.life.begin(None);
        let rom = machine.games[0].rom;
        let get = Request::get(format!("/api/saves?rom_id={rom}"));
        let rows = machine.network.send(get.body(Bytes::new()).unwrap()).await;
        let rows: Vec<serde_json::Value> = rows
            .ok()
            .and_then(|rows| serde_json::from_slice(rows.body()).ok())
            .unwrap_or_default();
        let mut rows: Vec<_> = rows
            .iter()
            .map(|row| (row["updated_at"].to_string(), row["id"].clone()))
            .collect();
        rows.sort_by(|one, other| other.0.cmp(&one.0));
        if let Some((_, id)) = rows.get(row) {
            self.is_ordered = false;
            let delete = Request::post("/api/saves/delete")
                .header("content-type", "application/json")
                .body(json!({ "saves": [id] }).to_string().into())
                .unwrap();
            machine.network.send(delete).await.unwrap();
        }
    }

    fn nothing_is_lost(&self) -> Result<(), String> {
        let mut there = self.held();
        for machine in &self.household.machines {
            contents_below(&machine.root, &mut there);
        }
        match self.owed.iter().find(|owed| !there.contains(*owed)) {
            Some(lost) => Err(self.words(&format!("{lost} is nowhere any more"))),
            None => Ok(()),
        }
    }

    /// The weather is fine, everyone is there, and every conflict is settled: all come to agree, but
    /// for what a person deleted and what no server can fix.
    async fn settle(&mut self) -> Result<(), String> {
        let mut differs = Vec::new();
        for _ in 0..ROUNDS {
            differs.clear();
            for at in 0..self.clients.len() {
                self.household.pass(MINUTE);
                self.machine(at).weather(Rates::default());
                let known: usize = self.outcome.residuals.values().sum();
                self.sync(at, Choice::Local, None).await?;
                self.nothing_is_lost()?;
                if known == self.outcome.residuals.values().sum::<usize>() {
                    differs.push(at);
                }
            }
            let (head, versions) = (self.head(), self.household.host.deleted_or_not());
            differs.retain(|at| {
                let here = self.here(*at);
                let is_deleted = here.is_some_and(|here| versions.contains(&(here, true)));
                let is_beside = matches!(&self.clients[*at],
                    Client::Foreign(foreign) if foreign.kind == Kind::Cli);
                here != head && !is_deleted && !is_beside
            });
            if differs.is_empty() {
                return Ok(());
            }
        }
        let name = &self.machine(differs[0]).name;
        Err(self.words(&format!("{name} does not agree")))
    }
}

fn contents_below(folder: &Path, found: &mut BTreeSet<BlobHash>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => contents_below(&entry.path(), found),
            Ok(_) => found.extend(std::fs::read(entry.path()).ok().map(|it| blob(&it.into()))),
            Err(_) => {}
        }
    }
}

#[cfg(test)]
mod tests;
