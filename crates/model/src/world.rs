//! The devices and the server in one moment of a history: what an event does to them, and what must
//! hold after it.

use std::convert::Infallible;
use std::fmt;
use std::hash::Hash;
use std::ops::Range;

use keepsave_core::ids::SaveId;
use keepsave_core::lineage::model::Ledger;
use keepsave_core::lineage::{History as _, PostAction, Version, decide_post, has};

use crate::client::{Fault, Kind, Machine, Seen, Sent, Visit, content, number, upload};
use crate::event::Event;

/// How much but edits and plain syncs happens in one history.
const DISRUPTIONS: u8 = 2;
/// In how many rounds of syncs devices that obey come to rest.
const ROUNDS: usize = 4;
/// A content that no history gets to.
const NEVER_SEEN: u8 = 200;

/// All devices, the server, and what a judge must remember of the past.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct World<const N: usize> {
    ledger: Ledger<u8>,
    machines: [Machine; N],
    /// The content of the last edit anywhere.
    latest: u8,
    pub(crate) disruptions: u8,
    /// Each edit so far was made on the outcome of the one before it.
    pub(crate) ordered: bool,
    /// What does not hold. No state that broke a property is ever gone on from.
    broken: Option<&'static str>,
}

impl<const N: usize> World<N> {
    /// Nobody has a save yet.
    pub fn new(kinds: [Kind; N]) -> Self {
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

    /// All devices hold the same save, and the server knows it.
    pub fn in_step(kinds: [Kind; N]) -> Self {
        let mut world = Self::new(kinds);
        world.edit(0);
        world.sync(0, Fault::Nothing);
        for other in 1..world.names().end {
            let taken = world.take(other, SaveId(1));
            world.must(taken.is_some(), "a first save can be taken");
        }
        world.ledger.forget_moments();
        world
    }

    /// The devices' names.
    pub(crate) fn names(&self) -> Range<u8> {
        (0..)
            .zip(&self.machines)
            .map(|(name, _)| name)
            .last()
            .map_or(0..0, |last| 0..last + 1)
    }

    /// What does not hold, if anything.
    pub fn broken(&self) -> Option<&'static str> {
        self.broken
    }

    /// All that there is of one device; no more of a state depends on which device is which.
    pub(crate) fn of_device(&self, name: u8) -> impl Hash + '_ {
        (self.machine(name), self.ledger.known_of(&name))
    }

    /// All that no device has of its own.
    pub(crate) fn without_devices(&self) -> impl Hash + '_ {
        (self.ledger.without_devices(), self.latest)
    }

    fn machine(&self, name: u8) -> &Machine {
        &self.machines[usize::from(name)]
    }

    fn machine_mut(&mut self, name: u8) -> &mut Machine {
        &mut self.machines[usize::from(name)]
    }

    /// The world after the event; none where it cannot happen.
    pub(crate) fn after(&self, event: Event) -> Option<Self> {
        let disruptions = self.disruptions + u8::from(event.is_disruption());
        if disruptions > DISRUPTIONS {
            return None;
        }
        let mut next = self.clone();
        next.disruptions = disruptions;
        match event {
            Event::Edit(device) => next.edit(device),
            Event::Sync(device) => next.sync(device, Fault::Nothing),
            Event::FaultySync(device, fault) => next.sync(device, fault),
            Event::GoBack(device) => {
                let machine = next.machine_mut(device);
                let back = machine.file?.checked_sub(1).filter(|&number| number > 0)?;
                machine.file = Some(back);
                machine.queued = true;
                next.ordered = false;
            }
            Event::Copy { from, to } => {
                let copied = self.machine(from).file?;
                let machine = next.machine_mut(to);
                machine.file = Some(copied);
                machine.queued = true;
                next.ordered = false;
            }
            Event::TakeOldestRow(device) => next.take_oldest(device)?,
            Event::SendAgain(device) => next.send_again(device)?,
            Event::KeepLocal(device) => {
                self.machine(device).file?;
                next.visit(device, Fault::Nothing).keep_local();
                next.ordered = false;
            }
            Event::DeleteNewest => next.delete(self.ledger.list().first()?.row),
            Event::DeleteOldest => next.delete(self.ledger.list().get(1..)?.last()?.row),
            Event::Undelete => {
                let mut hidden = self.ledger.hidden();
                hidden.retain(|row| row.version.deleted);
                let last = hidden.iter().max_by_key(|row| row.version.id)?;
                next.ledger.undelete(last.row);
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
        next.ledger.forget_moments();
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
        let file = self.machine(device).file;
        let follows = file == Some(self.latest) && self.is_known_to_hold(device, self.latest);
        self.ordered &= self.latest == 0 || follows;
        self.latest += 1;
        let latest = Some(self.latest);
        let machine = self.machine_mut(device);
        machine.file = latest;
        machine.queued = true;
    }

    /// Whether the server can know that the device holds a content, where the server has it.
    fn is_known_to_hold(&self, device: u8, number: u8) -> bool {
        let holding = self.ledger.holding(&device);
        let mut with_it = self.accepted_with(number).peekable();
        with_it.peek().is_none()
            || with_it.any(|version| sure(has(&self.ledger, &holding, &version)))
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
        machine.file = Some(number(&sent));
        machine.recorded = machine.file;
        machine.queued = false;
        Some(())
    }

    /// The last request arrives once more. From a device that has the head, or has had something newer
    /// since, that looks like going back on purpose.
    fn send_again(&mut self, device: u8) -> Option<()> {
        let head = self.head();
        match self.machine(device).last_sent? {
            Sent::Post(number) => {
                self.ordered &= !self.ledger.has_head(&device) || self.head() == Some(number);
                let mut visit = self.visit(device, Fault::Nothing);
                visit.post_content(number);
                let refused = visit.seen.refused;
                let has_gone_on = self.last_held(device) > Some(number);
                self.must(
                    !(refused && self.ordered) || has_gone_on,
                    "a retry of what was stored is accepted",
                );
                self.must_not_go_back(head);
                self.must_be_stored(number);
                self.notice_revival(head);
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
        let kind = self.machine(device).kind;
        let (ordered, revives) = (self.ordered, self.notice_revival(head));
        let heeds = matches!(kind, Kind::Trust | Kind::Grout | Kind::Cli);
        self.must(
            !(ordered && heeds && revives),
            "what a person deleted stays deleted",
        );
        self.must(
            !seen.edit_ignored,
            "no unsynced edit is told download or no_op",
        );
        // tender and its forebear adopt an edit after a lost answer and move it aside later.
        let keeps_copies = matches!(kind, Kind::Tender | Kind::Put);
        if let Some(number) = seen.overwritten.filter(|_| !keeps_copies) {
            self.must_be_stored(number);
        }
        if let Some(Sent::Post(number) | Sent::Put(_, number)) = self.machine(device).last_sent {
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
        Some(number(&newest.version.content))
    }

    /// The number of the content that the device last held, as the server knows.
    fn last_held(&self, device: u8) -> Option<u8> {
        let baseline = self.ledger.holding(&device).baseline?;
        let version = self.ledger.versions().find(|one| one.id == baseline)?;
        Some(number(&version.content))
    }

    /// Whether what was in a slot that a person emptied is back. To everybody else that looks like
    /// going back on purpose.
    fn notice_revival(&mut self, before: Option<u8>) -> bool {
        let brought = self.head().filter(|_| before.is_none());
        let revives = brought.is_some_and(|head| self.accepted_with(head).nth(1).is_some());
        self.ordered &= !revives;
        revives
    }

    /// The versions with that content that are not refused uploads.
    fn accepted_with(&self, number: u8) -> impl Iterator<Item = Version> + '_ {
        self.ledger
            .versions()
            .filter(move |version| !version.refused && version.content == content(number))
    }

    fn is_deleted(&self, number: u8) -> bool {
        self.ledger
            .versions()
            .any(|version| version.deleted && version.content == content(number))
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
    pub(crate) fn check(&mut self) {
        if self.machines.iter().all(|one| one.kind == Kind::Trust) {
            self.must_converge();
        }
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
        for device in self.names() {
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

    /// Trusting clients, whose people settle what is a conflict, come to rest, whoever comes first.
    fn must_converge(&mut self) {
        for first in self.names() {
            let (before, after): (Vec<u8>, Vec<u8>) = self.names().partition(|&name| name < first);
            let mut order = [after, before].concat();
            self.must_converge_in(&order);
            order.reverse();
            self.must_converge_in(&order);
        }
    }

    fn must_converge_in(&mut self, order: &[u8]) {
        let mut world = self.clone();
        for _ in 0..ROUNDS {
            let before = world.ledger.clone();
            for &device in order {
                let mut visit = world.visit(device, Fault::Nothing);
                visit.sync();
                if visit.seen.refused {
                    visit.keep_local();
                }
            }
            world.ledger.forget_moments();
            if world.ledger == before {
                return self.must(world.agrees(), "at rest all devices hold the head");
            }
        }
        self.must(false, "devices that obey come to rest");
    }

    /// At rest each device holds the head, or nothing, or what a person deleted: any that was there,
    /// where the last row is deleted.
    fn agrees(&self) -> bool {
        let head = self.head();
        let files = self.machines.iter().filter_map(|one| one.file);
        files.into_iter().all(|file| match head {
            Some(head) => file == head || self.is_deleted(file),
            None => self.accepted_with(file).next().is_some(),
        })
    }
}

impl<const N: usize> fmt::Display for World<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let start = if self.latest == 0 {
            "nobody has a save"
        } else {
            "all hold the same save"
        };
        for name in self.names() {
            write!(
                f,
                "{}: {}; ",
                char::from(b'A' + name),
                self.machine(name).kind
            )?;
        }
        f.write_str(start)
    }
}

/// Memory always answers.
fn sure<T>(answer: Result<T, Infallible>) -> T {
    let Ok(answer) = answer;
    answer
}
