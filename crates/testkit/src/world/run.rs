//! Runs a history: event after event, and after each of them the laws.

use std::collections::BTreeSet;

use keepsave_core::content::BlobHash;
use keepsave_core::layouts::part_of;
use keepsave_device::engine::status::Status;

use super::client::Choice;
use super::emulator::{files_of, play};
use super::history::{Act, Event, History};
use super::household::Household;
use super::law::{self, Breach, Done, Reachable};
use super::ours::{Ours, Says};
use super::seed::Dice;
use super::trace::Trace;
use super::truth::{Files, Truth};
use super::weather::Rates;

/// How often everyone syncs in the end, at most, until all agree.
const ROUNDS: usize = 6;
/// What passes between two events: long enough for two saves to be told apart by their time.
const BETWEEN_EVENTS: i64 = 90 * 1_000_000;

/// A history that was run.
#[derive(Debug)]
pub struct Verdict {
    /// All that happened.
    pub trace: Trace,
    /// The law that was broken, and after which event; none where all were kept.
    pub breach: Option<(Option<u32>, Breach)>,
    /// What it amounted to.
    pub tally: Tally,
}

/// What histories amounted to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Events.
    pub events: u64,
    /// Simulated time.
    pub micros: i64,
    /// Deaths.
    pub deaths: u64,
    /// Conflicts that were reported.
    pub conflicts: u64,
}

/// A history on its way.
struct Running<'h> {
    history: &'h History,
    household: Household,
    ours: Vec<Ours>,
    truth: Truth,
    tally: Tally,
}

/// What a client did in one event.
enum Did {
    /// It said so, game by game.
    Said(Vec<Says>),
    /// It said that it could not.
    Failed(String),
    /// It died.
    Died,
}

/// Runs a history.
pub async fn run(history: &History, trace: Trace) -> Verdict {
    let mut running = Running::begin(history, trace).await;
    let mut breach = None;
    for event in &history.events {
        if let Err(broken) = running.event(event).await {
            breach = Some((Some(event.number), broken));
            break;
        }
    }
    if breach.is_none() {
        breach = running.settle().await.err().map(|broken| (None, broken));
    }
    Verdict {
        trace: running.household.trace,
        breach,
        tally: running.tally,
    }
}

impl<'h> Running<'h> {
    async fn begin(history: &'h History, trace: Trace) -> Self {
        let household = Household::of(history.machines, trace).await;
        let mut ours = Vec::new();
        for machine in &household.machines {
            ours.push(Ours::install(machine, household.host.user()).await);
        }
        let games = &household.machines[0].games;
        Self {
            truth: Truth::of(games, history.machines),
            history,
            household,
            ours,
            tally: Tally::default(),
        }
    }

    async fn event(&mut self, event: &Event) -> Result<(), Breach> {
        self.tally.events += 1;
        self.pass(BETWEEN_EVENTS);
        let machine = &self.household.machines[event.machine];
        self.household.trace.note(format_args!("{event}"));
        machine
            .weather
            .becomes(event.weather, self.history.dice(event));
        match event.act {
            Act::Play(game, writes) => {
                let safe = self.reachable();
                let before = files_of(&self.household.machines[event.machine], game);
                let at = (&self.household.machines[event.machine], event.machine);
                play(at, game, (writes, None), &mut self.truth).await;
                let after = files_of(&self.household.machines[event.machine], game);
                for (before, after) in before.iter().zip(&after) {
                    if let Some(before) = before.filter(|_| before != after)
                        && !safe.is_safe(&before)
                    {
                        self.truth.is_played_over(&before);
                    }
                }
                law::nothing_is_lost(&self.truth, &self.reachable())
            }
            Act::Sync(only, choice) => {
                self.sync(event.machine, (only, choice), event.dies_at)
                    .await
            }
            Act::Restore(game, back) => self.restore(event, game, back).await,
            Act::Wait(minutes) => {
                self.pass(i64::from(minutes) * 60_000_000);
                Ok(())
            }
        }
    }

    fn pass(&mut self, micros: i64) {
        self.tally.micros += micros;
        self.household.pass(micros);
    }

    /// Has a machine sync, and looks whether it kept the laws.
    async fn sync(
        &mut self,
        at: usize,
        how: (Option<usize>, Choice),
        dies_at: Option<u64>,
    ) -> Result<(), Breach> {
        let before = self.look(at);
        let machine = &self.household.machines[at];
        let synced = machine
            .process(dies_at, self.ours[at].sync(machine, how))
            .await;
        let did = self.did(at, synced);
        self.judge(at, how.1, &before, &did)
    }

    async fn restore(&mut self, event: &Event, game: usize, back: usize) -> Result<(), Breach> {
        let at = event.machine;
        let before = self.look(at);
        let machine = &self.household.machines[at];
        let restored = Box::pin(self.ours[at].restore(machine, game, back));
        let restored = machine.process(event.dies_at, restored).await;
        self.household.trace.note(format_args!("{restored:?}"));
        let did = self.did(at, restored.map(|switched| switched.map(|_| Vec::new())));
        self.judge(at, Choice::Server, &before, &did)
    }

    fn did(&mut self, at: usize, done: Option<Result<Vec<Says>, String>>) -> Did {
        let did = match done {
            None => Did::Died,
            Some(Ok(says)) => Did::Said(says),
            Some(Err(why)) => Did::Failed(why),
        };
        match &did {
            Did::Died => {
                self.tally.deaths += 1;
                self.ours[at].is_dead();
            }
            Did::Said(says) => {
                let conflicts = says.iter().filter(|says| says.status == Status::Conflict);
                self.tally.conflicts += conflicts.count() as u64;
                for says in says {
                    self.household.trace.note(format_args!("{says:?}"));
                }
            }
            Did::Failed(why) => self.household.trace.note(format_args!("failed: {why}")),
        }
        self.household.machines[at].life.begin(None);
        did
    }

    /// What stands on a machine, and what of it the server has.
    fn look(&self, at: usize) -> (Vec<Files>, BTreeSet<BlobHash>) {
        let machine = &self.household.machines[at];
        let files = (0..machine.games.len()).map(|game| files_of(machine, game));
        let held = self.household.host.held();
        (files.collect(), held.iter().map(|held| held.blob).collect())
    }

    fn judge(
        &mut self,
        at: usize,
        choice: Choice,
        (before, was_on_server): &(Vec<Files>, BTreeSet<BlobHash>),
        did: &Did,
    ) -> Result<(), Breach> {
        let (after, _) = self.look(at);
        for game in 0..after.len() {
            let head = self.head_of(game);
            let name = self.household.machines[at].name.clone();
            law::nothing_is_torn(&self.truth, &name, &after[game])?;
            let says = match did {
                Did::Said(says) => says.iter().find(|says| says.game == game),
                Did::Failed(_) | Did::Died => None,
            };
            let done = Done {
                machine: (at, &name),
                game,
                before: &before[game],
                after: &after[game],
                was_on_server,
                head: &head,
                choice,
                says,
            };
            law::no_edit_is_replaced_unasked(&self.truth, &done)?;
            law::no_set_is_mixed(&self.truth, &done)?;
            law::synced_means_the_same(&self.truth, &done)?;
            law::a_conflict_is_one(&self.truth, &done)?;
            self.learn(&done);
        }
        law::nothing_is_lost(&self.truth, &self.reachable())
    }

    /// Follows what stands where by now.
    fn learn(&mut self, done: &Done<'_>) {
        let (at, game) = (done.machine.0, done.game);
        let (here, head) = (self.truth.here(at, game), self.truth.head(game));
        let is = |moment: Option<usize>, files: &Files| {
            moment.is_some_and(|moment| self.truth.moment(game, moment).files == *files)
        };
        let mut now_here = here;
        if !is(here, done.after) {
            now_here = if is(head, done.after) {
                head
            } else {
                self.truth.moment_with(game, done.after)
            };
        }
        let mut now_head = head;
        if !is(head, done.head) {
            let was_chosen = done.choice != Choice::Later;
            now_head = match now_here.filter(|_| done.after == done.head) {
                Some(moment) if was_chosen => {
                    let parents = head.into_iter().chain([moment]).collect();
                    let chosen = self.truth.chosen(game, done.head.clone(), parents);
                    now_here = Some(chosen);
                    Some(chosen)
                }
                Some(moment) => Some(moment),
                None => self.truth.moment_with(game, done.head),
            };
        }
        if let Some(moment) = now_here {
            self.truth.stands(at, game, moment);
        }
        self.truth.is_head(game, now_head);
    }

    /// What the slot shows of a game.
    fn head_of(&self, game: usize) -> Files {
        let game = &self.household.machines[0].games[game];
        let held = self.household.host.held();
        let file = |ending: &&str| {
            let part = part_of(&format!("{}.{ending}", game.stem));
            let head = held.iter().find(|held| {
                held.is_head
                    && held.rom.0 == game.rom
                    && held.slot.as_deref() == Some(game.slot)
                    && held.part == part.as_str()
            });
            head.map(|head| head.blob)
        };
        game.endings.iter().map(file).collect()
    }

    fn reachable(&self) -> Reachable {
        let mut reachable = Reachable::default();
        let held = self.household.host.held();
        reachable.server.extend(held.iter().map(|held| held.blob));
        for machine in &self.household.machines {
            reachable.journals.extend(machine.journalled());
            for game in 0..machine.games.len() {
                reachable
                    .disks
                    .extend(files_of(machine, game).into_iter().flatten());
            }
        }
        reachable
    }

    /// The weather is fine, everyone is there, and every conflict is settled: all come to agree.
    async fn settle(&mut self) -> Result<(), Breach> {
        let dice = Dice::apart(self.history.seed, 2);
        for machine in &self.household.machines {
            machine.weather.becomes(Rates::default(), Dice::of(0));
        }
        for round in 0..ROUNDS {
            self.household
                .trace
                .note(format_args!("all sync, round {round}"));
            let mut was_quiet = true;
            for at in 0..self.ours.len() {
                self.pass(BETWEEN_EVENTS);
                let before = self.state_of_all();
                let choice = *dice.one_of(&[Choice::Local, Choice::Server, Choice::Both]);
                self.sync(at, (None, choice), None).await?;
                was_quiet &= before == self.state_of_all();
            }
            if was_quiet {
                return self.agree();
            }
        }
        Err(Breach {
            law: 'c',
            says: format!("after {ROUNDS} rounds they still change: {}", self.told()),
        })
    }

    fn state_of_all(&self) -> (Vec<Vec<Files>>, usize) {
        let files = (0..self.ours.len()).map(|at| self.look(at).0).collect();
        (files, self.household.host.held().len())
    }

    /// (c) Everyone has what the head is.
    fn agree(&self) -> Result<(), Breach> {
        for game in 0..self.household.machines[0].games.len() {
            let head = self.head_of(game);
            for machine in &self.household.machines {
                if files_of(machine, game) != head {
                    let says = format!("{} does not agree: {}", machine.name, self.told());
                    return Err(Breach { law: 'c', says });
                }
            }
        }
        Ok(())
    }

    /// What stands where, in words.
    fn told(&self) -> String {
        let mut told = Vec::new();
        for (game, known) in self.household.machines[0].games.iter().enumerate() {
            let head = self.truth.label(&self.head_of(game));
            told.push(format!("the head of {} is {head}", known.stem));
            for machine in &self.household.machines {
                let files = self.truth.label(&files_of(machine, game));
                told.push(format!("{} has {files}", machine.name));
            }
        }
        told.join("; ")
    }
}
