//! Does what was planned, line by line, and ends the session whatever happened.
//!
//! Games are worked on side by side, the files of one game one after another. What fails stops
//! nothing else. Where the person stops it, what is being put in its place is finished, the rest is
//! left out, and the session is completed all the same.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use futures_util::stream::{self, StreamExt};
use keepsave_core::decide::{Replaces, Step};
use keepsave_core::ids::{RomId, SaveId, SessionId};
use keepsave_core::limits;
use keepsave_core::release::Speaks;
use keepsave_wire::sync::SyncCompletePayload;
use serde_json::Value;
use tokio::time::Instant;

use super::error::LineError;
use super::in_use::Seen;
use super::line::{Item, Line, Todo};
use super::outcome::{Counts, Done, Outcome};
use super::plan::{Plan, is_of};
use super::selection::Selection;
use super::stop::{self, Stop, unless_stopped};
use super::{Engine, EngineError};
use crate::files::Form;
use crate::lock::{GameLock, LockError};
use crate::server::{Progress, ServerError};
use crate::threads::elsewhere;

/// How a run is to go.
#[derive(Clone, Debug, Default)]
pub struct Orders {
    /// What to do where a person must choose.
    pub on_conflict: OnConflict,
    /// Where what comes down for a selected file goes; by default its own place.
    pub download_dir: Option<PathBuf>,
    /// How many versions of a slot a RomM keeps; by default all.
    pub autocleanup: Option<u32>,
    /// How many games are worked on side by side.
    pub at_once: usize,
    /// The save that a person looked at when they chose: where the slot shows another by now,
    /// nothing is done.
    pub looked_at: Option<SaveId>,
}

/// What to do where a person must choose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnConflict {
    /// Leave both as they are, and fail.
    #[default]
    Fail,
    /// Leave both as they are.
    Skip,
    /// What is here becomes the newest version.
    KeepLocal,
    /// What is on the server takes the file's place; the journal keeps what was here.
    KeepServer,
    /// What is here goes to a slot of its own, what is on the server takes its place.
    KeepBoth,
}

impl OnConflict {
    /// Whether the server's save takes the place of the one here.
    pub(super) const fn settles_by_server(self) -> bool {
        matches!(self, Self::KeepServer | Self::KeepBoth)
    }
}

/// What a run did.
#[derive(Debug)]
pub struct Report {
    /// What was planned.
    pub plan: Plan,
    /// What became of each line, in the plan's order.
    pub outcomes: Vec<Outcome>,
    /// How many ended how.
    pub counts: Counts,
    /// What the server answered to the end of the session; none where there was none.
    pub completion: Result<Option<Value>, ServerError>,
    /// Whether the person stopped it.
    pub stopped: bool,
}

impl Report {
    /// Whether something that was here is in the journal now.
    pub fn has_replaced(&self) -> bool {
        let mut outcomes = self.outcomes.iter();
        outcomes.any(|outcome| {
            matches!(
                outcome.result,
                Done::Downloaded { kept: Some(_), .. } | Done::PutAway { .. }
            )
        })
    }
}

/// What a run would do.
#[derive(Debug)]
pub struct Rehearsal {
    /// What was planned.
    pub plan: Plan,
    /// What the server answered to the end of the session; none where there was none.
    pub completion: Result<Option<Value>, ServerError>,
}

/// Is told how a run goes.
pub trait Watch: Send + Sync {
    /// Another run works on these games and is waited for.
    fn waiting(&self) {}
    /// A person should know this.
    fn noted(&self, _said: &str) {}
    /// So many bytes are to be moved in all.
    fn planned(&self, plan: &Plan) {
        self.expects(plan.bytes_to_send());
    }
    /// The same, where there is no plan of it, or more of it comes up.
    fn expects(&self, _bytes: u64) {}
    /// These bytes were moved.
    fn moved(&self, _bytes: u64) {}
    /// A line has ended.
    fn ended(&self, _outcome: &Outcome) {}
}

/// Nobody watches.
impl Watch for () {}

/// What every line of a run needs.
pub(super) struct Run<'a> {
    pub engine: &'a Engine,
    pub orders: &'a Orders,
    pub speaks: Speaks,
    pub plan: &'a Plan,
    /// Where the account's other saves go.
    pub beside: Option<&'a Path>,
    /// Beneath these, directories that are missing are made.
    pub roots: &'a [PathBuf],
    /// In which form a new file holds its save.
    pub forms: Option<&'a HashMap<PathBuf, Form>>,
    /// The files of one game and slot are one save.
    pub in_sets: bool,
    /// Of these games nothing comes down.
    pub up_only: &'a HashSet<RomId>,
    pub watch: Arc<dyn Watch>,
    pub stop: Stop,
    /// When a name was sent for a game last.
    pub sent: Mutex<HashMap<(RomId, String), Instant>>,
    /// What runs on the machine.
    pub seen: Seen,
}

impl Engine {
    /// Plans, and does what was planned.
    pub async fn run(
        &self,
        selection: Selection,
        orders: &Orders,
        watch: Arc<dyn Watch>,
        stop: Stop,
    ) -> Result<Report, EngineError> {
        let games: BTreeSet<RomId> = selection.entries.iter().map(|entry| entry.rom).collect();
        let _held = self.hold(&games, &watch, &stop).await?;
        let others = selection.beside.iter().chain(&orders.download_dir);
        let others = others.cloned().collect();
        let left_behind = self.clear_away(selection.entries.clone(), others).await?;
        self.run_held((selection, left_behind), orders, watch, stop)
            .await
    }

    /// The same, where the games of the selection are held already, and what runs left behind is in
    /// order: that is what is to be said of it.
    pub(super) async fn run_held(
        &self,
        (mut selection, left_behind): (Selection, Vec<String>),
        orders: &Orders,
        watch: Arc<dyn Watch>,
        stop: Stop,
    ) -> Result<Report, EngineError> {
        let games: BTreeSet<RomId> = selection.entries.iter().map(|entry| entry.rom).collect();
        let mut plan = self.plan(&mut selection, &stop).await?;
        plan.notes.extend(left_behind);
        if let Some(now) = orders
            .looked_at
            .and_then(|looked_at| plan.moved_on(looked_at))
        {
            let _second = self.complete(plan.session, &Counts::default()).await;
            return Err(EngineError::StaleConflict { now });
        }
        watch.planned(&plan);
        let run = Run {
            engine: self,
            orders,
            speaks: self.server.speaks().await?,
            plan: &plan,
            beside: selection.beside.as_deref(),
            roots: &selection.roots,
            forms: selection.forms.as_ref(),
            in_sets: selection.wishes.in_sets,
            up_only: &selection.up_only,
            watch,
            stop: stop.clone(),
            sent: Mutex::default(),
            seen: Seen::default(),
        };
        let outcomes = run.all(&games).await;
        let mut counts = Counts::of(&outcomes);
        counts.left_out += plan.unsyncable.len() as u64;
        let completion = self.complete(plan.session, &counts).await;
        Ok(Report {
            plan,
            outcomes,
            counts,
            completion,
            stopped: *stop.borrow(),
        })
    }

    /// Plans, and ends the session with nothing done.
    pub async fn rehearse(&self, mut selection: Selection) -> Result<Rehearsal, EngineError> {
        let plan = self.plan(&mut selection, &stop::never()).await?;
        let completion = self.complete(plan.session, &Counts::default()).await;
        Ok(Rehearsal { plan, completion })
    }

    /// Holds these games, however long another run takes to let go of them.
    pub(super) async fn hold(
        &self,
        games: &BTreeSet<RomId>,
        watch: &Arc<dyn Watch>,
        stop: &Stop,
    ) -> Result<GameLock, EngineError> {
        let begun = Instant::now();
        let mut was_told = false;
        loop {
            let (locks, watch) = (self.locks.clone(), watch.clone());
            let games: Vec<RomId> = games.iter().copied().collect();
            // Again and again for a moment, for what blocks cannot be stopped.
            let hold = elsewhere(move || {
                let mut waiting = |_| {
                    if !was_told {
                        watch.waiting();
                    }
                };
                locks.games(&games, limits::OTHER_RUN_LOOK, &mut waiting)
            });
            let held: Result<_, EngineError> = unless_stopped(stop, hold).await;
            match held? {
                Err(LockError::Busy { .. }) if begun.elapsed() < limits::OTHER_RUN_WAIT => {
                    was_told = true;
                }
                held => return Ok(held?),
            }
        }
    }

    /// Holds a game that the manifest does not list, if no one else does. Nobody is waited for:
    /// who is might wait for us.
    fn hold_now(&self, game: RomId) -> Result<GameLock, String> {
        match self.locks.try_game(game) {
            Ok(Some(held)) => Ok(held),
            Ok(None) => Err("another keepsave works on this game; run it again".to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Ends the session, if there is one.
    pub(super) async fn complete(
        &self,
        session: Option<SessionId>,
        counts: &Counts,
    ) -> Result<Option<Value>, ServerError> {
        let Some(session) = session else {
            return Ok(None);
        };
        let outcome = SyncCompletePayload {
            operations_completed: i64::try_from(counts.completed).unwrap_or(i64::MAX),
            operations_failed: i64::try_from(counts.failed).unwrap_or(i64::MAX),
            play_sessions: None,
        };
        let told = self.server.complete(session, &outcome).await?;
        Ok(told.map(|told| told.json()))
    }
}

/// Why the journal has a file, where nothing more is to be said.
const REPLACED: &str = "replaced by the server's newer save";

/// Tells how far one transfer is, as bytes that moved.
pub(super) struct Meter {
    watch: Arc<dyn Watch>,
    told: AtomicU64,
}

impl Meter {
    /// For one transfer.
    pub fn of(watch: &Arc<dyn Watch>) -> Arc<dyn Progress> {
        Arc::new(Self {
            watch: watch.clone(),
            told: AtomicU64::new(0),
        })
    }
}

impl Progress for Meter {
    fn at(&self, done: u64, _of: Option<u64>) {
        let told = self.told.fetch_max(done, Ordering::Relaxed);
        self.watch.moved(done.saturating_sub(told));
    }
}

impl Run<'_> {
    /// Waits for the network until the person stops the run.
    pub(super) async fn unless_stopped<T, E>(
        &self,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, LineError>
    where
        LineError: From<E>,
    {
        unless_stopped(&self.stop, work).await
    }

    /// For one transfer.
    pub(super) fn meter(&self) -> Arc<dyn Progress> {
        Meter::of(&self.watch)
    }

    /// Every line, in the plan's order when all have ended.
    pub(super) async fn all(&self, held: &BTreeSet<RomId>) -> Vec<Outcome> {
        let mut games: BTreeMap<RomId, Vec<usize>> = BTreeMap::new();
        for (index, line) in self.plan.lines.iter().enumerate() {
            games.entry(line.rom).or_default().push(index);
        }
        let games = stream::iter(games).map(async |(rom, lines)| {
            let held_now = if held.contains(&rom) {
                Ok(None)
            } else {
                self.engine.hold_now(rom).map(Some)
            };
            let mut outcomes = Vec::with_capacity(lines.len());
            for together in self.together(lines) {
                let lines = together.iter().map(|&index| &self.plan.lines[index]);
                let done = match &held_now {
                    Ok(_held) => self.these(lines.collect()).await,
                    Err(why) => lines.map(|line| left_out(line, why.clone())).collect(),
                };
                for outcome in &done {
                    self.watch.ended(outcome);
                }
                outcomes.extend(together.into_iter().zip(done));
            }
            outcomes
        });
        let at_once = self.orders.at_once.clamp(1, limits::TRANSFERS);
        let mut outcomes: Vec<(usize, Outcome)> = games
            .buffer_unordered(at_once)
            .flat_map(stream::iter)
            .collect()
            .await;
        outcomes.sort_by_key(|(index, _)| *index);
        outcomes.into_iter().map(|(_, outcome)| outcome).collect()
    }

    /// Every line of a plan that a person chose: the files of one save.
    pub(super) async fn chosen(&self) -> Vec<Outcome> {
        let outcomes = self.these(self.plan.lines.iter().collect()).await;
        for outcome in &outcomes {
            self.watch.ended(outcome);
        }
        outcomes
    }

    /// The lines of one game, those together that are done at once: the files of one save that come
    /// down.
    fn together(&self, lines: Vec<usize>) -> Vec<Vec<usize>> {
        let mut all: Vec<Vec<usize>> = Vec::with_capacity(lines.len());
        for index in lines {
            let line = &self.plan.lines[index];
            let fits = |group: &&mut Vec<usize>| {
                let first = &self.plan.lines[group[0]];
                self.comes_down(first) && first.slot == line.slot
            };
            let of_one_save = self.in_sets && self.comes_down(line);
            match all.iter_mut().find(fits).filter(|_| of_one_save) {
                Some(group) => group.push(index),
                None => all.push(vec![index]),
            }
        }
        all
    }

    /// Whether the server's save is to take the place of what is here.
    fn comes_down(&self, line: &Line) -> bool {
        match line.step() {
            Some(Step::Download { .. }) => true,
            Some(Step::Conflict) => self.orders.on_conflict.settles_by_server(),
            _ => false,
        }
    }

    async fn these(&self, lines: Vec<&Line>) -> Vec<Outcome> {
        if *self.stop.borrow() {
            let why = "stopped before it was begun";
            let left_out = lines.iter().map(|line| left_out(line, why.to_owned()));
            return left_out.collect();
        }
        if let [line] = lines.as_slice()
            && line.todo != Todo::Leave
        {
            return vec![self.one(line).await];
        }
        let items = lines.iter().map(|line| Some(&self.plan.items[line.item?]));
        let items: Vec<Option<&Item>> = items.collect();
        let asks = lines.iter().any(|line| line.step() == Some(Step::Conflict));
        let mut outcomes: Vec<Outcome> = lines.into_iter().map(Outcome::of).collect();
        if asks {
            self.settle_together(&items, &mut outcomes).await;
        } else {
            let all = outcomes.as_mut_slice();
            self.download_together(&items, REPLACED, all).await;
        }
        outcomes
    }

    async fn one(&self, line: &Line) -> Outcome {
        let item = line.item.map(|index| &self.plan.items[index]);
        let mut outcome = Outcome::of(line);
        outcome.result = match (&line.todo, item) {
            (Todo::Unreadable, item) => Done::LeftOut {
                why: item.map_or_else(String::new, Item::trouble),
            },
            (Todo::Held | Todo::Leave, _) => Done::LeftOut {
                why: line.reason.clone(),
            },
            (Todo::Unknown(word), _) => Done::LeftOut {
                why: format!("the server told `{word}`, which this version does not know"),
            },
            (Todo::Step(step), item) => self.step(*step, item, &mut outcome).await,
        };
        outcome
    }

    /// Does one step. Also what another step turned into comes through here.
    pub(super) async fn step(
        &self,
        step: Step,
        item: Option<&Item>,
        outcome: &mut Outcome,
    ) -> Done {
        match (step, item) {
            (Step::Skip { adopt }, Some(item)) => self.skip(adopt, item, outcome).await,
            (Step::Skip { .. }, None) => Done::Nothing,
            (Step::Upload, Some(item)) => Box::pin(self.upload(item, outcome)).await,
            (Step::Upload, None) => Done::LeftOut {
                why: "the server asks for a file that the manifest does not list".to_owned(),
            },
            (Step::Download { replaces }, item) => {
                let replaces = if replaces == Replaces::Unsynced {
                    "replaced by the server's newer save before it was ever in sync"
                } else {
                    REPLACED
                };
                self.download(item, replaces, outcome).await
            }
            (Step::Conflict, item) => Box::pin(self.conflict(item, outcome)).await,
        }
    }

    /// Nothing to move; what both sides hold is what was last in sync from now on.
    async fn skip(&self, adopt: bool, item: &Item, outcome: &mut Outcome) -> Done {
        if let (true, Some(file), Some(save)) = (adopt, item.file(), &outcome.line.save) {
            let known = item.baseline.as_ref();
            let known = known.is_some_and(|baseline| is_of(baseline, file, save));
            let save = save.clone();
            if !known {
                self.settle(item, file, &save, outcome).await;
            }
            if !save.confirmed && self.speaks != Speaks::Lineage {
                self.confirm(save.id, outcome).await;
            }
        }
        Done::Nothing
    }
}

fn left_out(line: &Line, why: String) -> Outcome {
    Outcome {
        result: Done::LeftOut { why },
        ..Outcome::of(line)
    }
}
