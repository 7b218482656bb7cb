//! Every short history of two devices: what holds in each of them.
//!
//! A history is a sequence of edits, syncs and at most two disruptions. States that differ only in
//! how they came about are visited once.

use std::collections::HashSet;

use super::super::model::Ledger;
use super::super::{History, PostAction, Version, decide_post};
use super::client::{Fault, Kind, Machine, Seen, Sent, Visit};
use super::story::{content, upload};
use crate::ids::SaveId;
use crate::lineage::model::sure;
use crate::time::Time;

const EVENTS: usize = 6;
/// Events of a history that begins when both devices hold the same save.
const EVENTS_IN_STEP: usize = 5;
const DISRUPTIONS: u8 = 2;
const ROUNDS: usize = 4;
/// A content that no history gets to.
const NEVER_SEEN: u8 = 200;

/// Both devices, the server, and what a judge must remember of the past.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct World {
    ledger: Ledger<u8>,
    machines: [Machine; 2],
    /// The content of the last edit anywhere.
    latest: u8,
    disruptions: u8,
    /// Each edit so far was made on the outcome of the one before it.
    ordered: bool,
    /// What does not hold. No state that broke a property is ever gone on from.
    broken: Option<&'static str>,
}

/// One step of a history, by the device that takes it.
#[derive(Clone, Copy, Debug)]
enum Event {
    Edit(u8),
    Sync(u8),
    FaultySync(u8, Fault),
    GoBack(u8),
    CopyFromOther(u8),
    TakeOldestRow(u8),
    SendAgain(u8),
    KeepLocal(u8),
    DeleteNewest,
    DeleteOldest,
    Undelete,
    CleanUp,
    UploadByNobody,
}

impl Event {
    fn all() -> Vec<Self> {
        let mut events = vec![
            Self::DeleteNewest,
            Self::DeleteOldest,
            Self::Undelete,
            Self::CleanUp,
            Self::UploadByNobody,
        ];
        for device in [0, 1] {
            events.extend([
                Self::Edit(device),
                Self::Sync(device),
                Self::FaultySync(device, Fault::LostAnswer),
                Self::FaultySync(device, Fault::LostDownload),
                Self::FaultySync(device, Fault::LostAck),
                Self::GoBack(device),
                Self::CopyFromOther(device),
                Self::TakeOldestRow(device),
                Self::SendAgain(device),
                Self::KeepLocal(device),
            ]);
        }
        events
    }

    fn is_disruption(self) -> bool {
        !matches!(self, Self::Edit(_) | Self::Sync(_))
    }
}

impl World {
    fn new(kinds: [Kind; 2]) -> Self {
        Self {
            ledger: Ledger::default(),
            machines: kinds.map(|kind| Machine {
                kind,
                file: None,
                recorded: None,
                queued: false,
                last_sent: None,
            }),
            latest: 0,
            disruptions: 0,
            ordered: true,
            broken: None,
        }
    }

    /// Both devices hold the same save, and the server knows it.
    fn in_step(kinds: [Kind; 2]) -> Self {
        let mut world = Self::new(kinds);
        world.edit(0);
        world.sync(0, Fault::Nothing);
        world.take(1, SaveId(1)).unwrap();
        world.forget_how();
        world
    }

    /// The world after the event; none where it cannot happen.
    fn after(&self, event: Event) -> Option<Self> {
        let mut next = self.clone();
        if event.is_disruption() {
            next.disruptions += 1;
            if next.disruptions > DISRUPTIONS {
                return None;
            }
        }
        match event {
            Event::Edit(device) => next.edit(device),
            Event::Sync(device) => next.sync(device, Fault::Nothing),
            Event::FaultySync(device, fault) => next.sync(device, fault),
            Event::GoBack(device) => {
                let machine = &mut next.machines[usize::from(device)];
                let back = machine.file?.checked_sub(1).filter(|&number| number > 0)?;
                machine.file = Some(back);
                machine.queued = true;
                next.ordered = false;
            }
            Event::CopyFromOther(device) => {
                let copied = next.machines[1 - usize::from(device)].file?;
                let machine = &mut next.machines[usize::from(device)];
                machine.file = Some(copied);
                machine.queued = true;
                next.ordered = false;
            }
            Event::TakeOldestRow(device) => next.take_oldest(device)?,
            Event::SendAgain(device) => next.send_again(device)?,
            Event::KeepLocal(device) => {
                next.machines[usize::from(device)].file?;
                next.visit(device, Fault::Nothing).keep_local();
                next.ordered = false;
            }
            Event::DeleteNewest => next.delete(self.ledger.list().first()?.row),
            Event::DeleteOldest => next.delete(self.ledger.list().get(1..)?.last()?.row),
            Event::Undelete => {
                let deleted = self.ledger.versions().filter(|version| version.deleted);
                let newest = deleted.last()?.id;
                let row = self
                    .ledger
                    .rows
                    .iter()
                    .position(|row| row.shows == newest)?;
                next.ledger
                    .undelete(SaveId(i64::try_from(row + 1).unwrap()));
                next.ordered = false;
            }
            Event::CleanUp => {
                next.ledger.list().get(1)?;
                next.ledger.clean_up(1);
            }
            Event::UploadByNobody => {
                next.latest += 1;
                next.ledger.post(None, &upload(next.latest));
                next.ordered = false;
            }
        }
        next.forget_how();
        next.check();
        Some(next)
    }

    fn must(&mut self, holds: bool, property: &'static str) {
        if !holds {
            self.broken = Some(property);
        }
    }

    fn visit(&mut self, device: u8, fault: Fault) -> Visit<'_> {
        Visit {
            ledger: &mut self.ledger,
            device,
            machine: &mut self.machines[usize::from(device)],
            fault,
            seen: Seen::default(),
        }
    }

    /// A player plays on. Nobody can be expected to follow the edit before when that is not in the
    /// file; nor can a server know that it is, when its download was not confirmed and no inventory
    /// showed it since.
    fn edit(&mut self, device: u8) {
        let head = self.ledger.list().into_iter().next();
        let has_head = self.ledger.has_head(&device);
        let machine = &mut self.machines[usize::from(device)];
        let unconfirmed = head.is_some_and(|head| {
            machine.file.map(content) == Some(head.version.content) && !has_head
        });
        self.ordered &= !unconfirmed && (self.latest == 0 || machine.file == Some(self.latest));
        self.latest += 1;
        machine.file = Some(self.latest);
        machine.queued = true;
    }

    fn delete(&mut self, row: SaveId) {
        self.ledger.delete(&[row]);
    }

    /// A person picks an older row on purpose.
    fn take_oldest(&mut self, device: u8) -> Option<()> {
        let row = self.ledger.list().get(1..)?.last()?.row;
        self.ordered = false;
        self.take(device, row)
    }

    /// The device downloads a row, keeps it, and confirms that.
    fn take(&mut self, device: u8, row: SaveId) -> Option<()> {
        let sent = self.ledger.fetch(Some(&device), row, false)?;
        self.ledger.downloaded(&device, row);
        let machine = &mut self.machines[usize::from(device)];
        machine.file = Some(sent.blob.0[0]);
        machine.recorded = machine.file;
        machine.queued = false;
        Some(())
    }

    /// The last request arrives once more. From a device that has the head, that looks like going
    /// back on purpose.
    fn send_again(&mut self, device: u8) -> Option<()> {
        let head = self.head();
        match self.machines[usize::from(device)].last_sent? {
            Sent::Post(number) => {
                self.ordered &= !self.ledger.has_head(&device) || self.head() == Some(number);
                let mut visit = self.visit(device, Fault::Nothing);
                visit.post_content(number);
                let refused = visit.seen.refused;
                self.must(
                    !(refused && self.ordered),
                    "a retry of what was stored is accepted",
                );
                self.must_not_go_back(head);
                self.must_be_stored(number);
            }
            Sent::Put(row, number) => {
                self.ledger
                    .put(Some(&device), row, content(number), false)?;
                self.must_be_stored(number);
                self.ordered = false;
            }
        }
        Some(())
    }

    fn sync(&mut self, device: u8, fault: Fault) {
        let head = self.head();
        let mut visit = self.visit(device, fault);
        visit.sync();
        let seen = visit.seen;
        let kind = self.machines[usize::from(device)].kind;
        self.must(
            !seen.edit_ignored,
            "no unsynced edit is told download or no_op",
        );
        // tender and its forebear adopt an edit after a lost answer and move it aside later.
        if !matches!(kind, Kind::Tender | Kind::Put) {
            for &number in &seen.overwritten {
                self.must_be_stored(number);
            }
        }
        if let Some(Sent::Post(number) | Sent::Put(_, number)) =
            self.machines[usize::from(device)].last_sent
        {
            self.must_be_stored(number);
        }
        if self.ordered {
            self.must(
                !seen.refused,
                "nobody is refused while each edit follows the one before",
            );
        }
        self.must_not_go_back(head);
    }

    /// The number of the head's content: the later the edit, the higher.
    fn head(&self) -> Option<u8> {
        let newest = self.ledger.list().into_iter().next()?;
        Some(newest.version.content.blob.0[0])
    }

    /// No edit is undone unless a person goes back, or two edits compete.
    fn must_not_go_back(&mut self, from: Option<u8>) {
        let goes_back = self.head() < from;
        self.must(!(self.ordered && goes_back), "no sync takes the head back");
    }

    fn must_be_stored(&mut self, number: u8) {
        let stored = self
            .ledger
            .versions()
            .any(|version| version.content == content(number));
        self.must(stored, "no content is lost");
    }

    /// What holds whatever happened.
    fn check(&mut self) {
        let rows = self.ledger.list();
        let mut moments = rows.windows(2);
        self.must(
            moments.all(|pair| pair[0].updated_at > pair[1].updated_at),
            "one row is the newest",
        );
        if let Some(newest) = rows.first() {
            let lives = |version: &Version| !version.deleted && !version.refused;
            let grew = |version: &Version| sure(self.ledger.grew_from(version, &newest.version));
            let overtaken = self.ledger.versions().any(|one| lives(&one) && grew(&one));
            self.must(!overtaken, "nothing that stands grew from the newest row");
        }
        for device in [0, 1] {
            let holding = self.ledger.holding(&device);
            let fresh = sure(decide_post(
                &self.ledger,
                Some(&holding),
                &upload(NEVER_SEEN),
            ));
            let accepted = matches!(fresh.action, PostAction::NewRow { .. });
            let newest = rows.first();
            let current = newest.is_none_or(|newest| self.ledger.is_current(&device, newest));
            self.must(current == accepted, "is_current says what a POST would do");
            self.must(holding.proven.len() <= 3, "the frontier stays small");
        }
    }

    /// Trusting clients, whose people settle what is a conflict, come to rest.
    fn must_converge(&mut self) {
        let mut world = self.clone();
        for _ in 0..ROUNDS {
            let before = world.clone();
            for device in [0, 1] {
                let mut visit = world.visit(device, Fault::Nothing);
                visit.sync();
                if visit.seen.refused {
                    visit.keep_local();
                }
            }
            world.forget_how();
            if world.ledger == before.ledger {
                return self.must(world.agrees(), "at rest all devices hold the head");
            }
        }
        self.must(false, "devices that obey come to rest");
    }

    /// At rest each device holds the head, or nothing, or what a person deleted.
    fn agrees(&self) -> bool {
        let head = self.ledger.list().into_iter().next();
        let deleted = |number: u8| {
            self.ledger
                .versions()
                .any(|version| version.deleted && version.content == content(number))
        };
        self.machines.iter().filter_map(|one| one.file).all(|file| {
            let is_head = head
                .as_ref()
                .is_some_and(|head| head.version.content == content(file));
            is_head || deleted(file)
        })
    }

    /// Replaces moments by their order: when a row changed does not matter, which was last does.
    fn forget_how(&mut self) {
        let mut moments: Vec<Time> = self.ledger.rows.iter().map(|row| row.updated_at).collect();
        moments.sort_unstable();
        for row in &mut self.ledger.rows {
            let rank = moments.partition_point(|&moment| moment < row.updated_at);
            row.updated_at = Time::EPOCH.plus_millis(i64::try_from(rank).unwrap());
        }
        self.ledger.last_updated_at = self.ledger.rows.iter().map(|row| row.updated_at).max();
    }
}

/// Every history of that many events from here; how many states and transitions there are.
fn explore(start: World, events: usize) -> (usize, usize) {
    let kinds = start.machines.each_ref().map(|machine| machine.kind);
    let trusting = kinds == [Kind::Trust; 2];
    let mut seen = HashSet::from([start.clone()]);
    let mut open = vec![(start, Vec::new())];
    let mut transitions = 0;
    for _ in 0..events {
        let mut reached = Vec::new();
        for (world, history) in &open {
            for event in Event::all() {
                let Some(mut next) = world.after(event) else {
                    continue;
                };
                transitions += 1;
                if trusting {
                    next.must_converge();
                }
                let history = || -> Vec<Event> { [&history[..], &[event]].concat() };
                if let Some(property) = next.broken {
                    panic!(
                        "{kinds:?}: {property}: not after {:?}\n{next:#?}",
                        history()
                    );
                }
                if !seen.contains(&next) {
                    reached.push((next.clone(), history()));
                    seen.insert(next);
                }
            }
        }
        open = reached;
    }
    (seen.len(), transitions)
}

/// Every history of this kind with itself and with each later one, so that all pairs have a test.
#[expect(
    clippy::disallowed_macros,
    reason = "the figures are what a reader of the test looks for"
)]
fn explore_pairs_of(first: Kind) {
    let (mut states, mut transitions) = (0, 0);
    for &second in Kind::ALL.iter().filter(|&&second| second >= first) {
        for figures in [
            explore(World::new([first, second]), EVENTS),
            explore(World::in_step([first, second]), EVENTS_IN_STEP),
        ] {
            states += figures.0;
            transitions += figures.1;
        }
    }
    println!("{first:?} with each: {states} states, {transitions} transitions");
}

#[test]
fn every_history_of_trusting_clients() {
    explore_pairs_of(Kind::Trust);
}

#[test]
fn every_history_of_clients_without_hashes() {
    explore_pairs_of(Kind::NoHash);
}

#[test]
fn every_history_of_grout() {
    explore_pairs_of(Kind::Grout);
}

#[test]
fn every_history_of_tender() {
    explore_pairs_of(Kind::Tender);
}

#[test]
fn every_history_of_clients_that_write_in_place() {
    explore_pairs_of(Kind::Put);
}

#[test]
fn every_history_of_argosy() {
    explore_pairs_of(Kind::Argosy);
}

#[test]
fn every_history_of_the_command_line_client() {
    explore_pairs_of(Kind::Cli);
}
