//! Runs a history: event after event, and after each of them the laws.

use std::collections::BTreeSet;

use keepsave_core::content::BlobHash;
use keepsave_core::layouts::part_of;
use keepsave_device::engine::status::Status;

use super::client::Choice;
use super::disk::Mood;
use super::emulator::{files_of, play};
use super::history::{Act, Event, History, Writes};
use super::household::Household;
use super::law::{self, Breach, Done, Reachable};
use super::ours::{Ours, Says};
use super::seed::Dice;
use super::tally::Tally;
use super::trace::Trace;
use super::truth::{Files, Truth};
use super::weather::Rates;

/// How often everyone syncs in the end, at most, until all agree.
const ROUNDS: usize = 6;
/// In how many of them people choose as they like.
const CHOICES_VARY: usize = 3;
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
    /// What came of each event, as far as no clock may decide it.
    pub outcomes: Vec<String>,
}

/// A history on its way.
struct Running<'h> {
    history: &'h History,
    household: Household,
    ours: Vec<Ours>,
    truth: Truth,
    tally: Tally,
    outcomes: Vec<String>,
}

/// What a client did in one event.
enum Did {
    /// It said so, game by game.
    Said(Vec<Says>),
    /// It said that it could not.
    Failed(String),
    /// It died.
    Died,
    /// It died with the whole machine.
    LostPower,
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
    running.count(breach.is_some());
    Verdict {
        trace: running.household.trace,
        breach,
        tally: running.tally,
        outcomes: running.outcomes,
    }
}

impl<'h> Running<'h> {
    async fn begin(history: &'h History, trace: Trace) -> Self {
        let household = Household::of(history.machines, trace).await;
        let mut ours = Vec::new();
        for (number, machine) in household.machines.iter().enumerate() {
            let now = household.host.now();
            machine.clock.jump(history.belief(now, number, None));
            ours.push(Ours::install(machine, household.host.user()).await);
        }
        let games = &household.machines[0].games;
        Self {
            truth: Truth::of(games, history.machines),
            history,
            household,
            ours,
            tally: Tally::default(),
            outcomes: Vec::new(),
        }
    }

    async fn event(&mut self, event: &Event) -> Result<(), Breach> {
        self.tally.events += 1;
        self.pass(BETWEEN_EVENTS);
        self.household.trace.note(format_args!("{event}"));
        let machine = &self.household.machines[event.machine];
        machine
            .weather
            .becomes(event.weather, self.history.dice(event, 0));
        if event.is_settled {
            machine.disk.settles();
        }
        if event.clock_jumps {
            let now = self.household.host.now();
            machine
                .clock
                .jump(self.history.belief(now, event.machine, Some(event)));
            self.tally.fault("a clock jumped");
        }
        match event.act {
            Act::Play(game, writes) => self.play(event, game, writes).await?,
            Act::Sync(only, choice) => self.sync(event, (only, choice)).await?,
            Act::Restore(game, back) => self.restore(event, game, back).await?,
            Act::Wait(minutes) => self.pass(i64::from(minutes) * 60_000_000),
        }
        if event.loses_power && event.dies_at.is_none() {
            self.lose_power(event);
        }
        self.come_of(event);
        law::nothing_is_lost(&self.truth, &self.reachable())
    }

    /// Writes down what came of an event, in words that no clock may change.
    fn come_of(&mut self, event: &Event) {
        let told = self.told();
        self.outcomes.push(format!("{event}: {told}"));
    }

    /// Plays a game. What the player writes over before anyone saw it is nobody's to keep.
    async fn play(&mut self, event: &Event, game: usize, writes: Writes) -> Result<(), Breach> {
        let at = event.machine;
        let safe = self.reachable();
        let machine = &self.household.machines[at];
        let before = files_of(machine, game);
        let is_finished = play(
            (machine, at),
            game,
            (writes, event.dies_at),
            &mut self.truth,
        )
        .await;
        machine.life.begin(None);
        let after = files_of(machine, game);
        if !is_finished {
            self.tally.fault("a process died");
            if after != before {
                self.truth.accident(at, game, after.clone());
            }
            if event.loses_power {
                self.lose_power(event);
            }
        }
        for (before, after) in before.iter().zip(&after) {
            if let Some(before) = before.filter(|_| before != after)
                && !safe.is_safe(&before)
            {
                self.truth.is_played_over(&before);
            }
        }
        Ok(())
    }

    /// The power of a machine goes off. What an emulator had not flushed may be gone with it.
    fn lose_power(&mut self, event: &Event) {
        self.tally.fault("the power went off");
        let at = event.machine;
        let (before, at_risk) = self.at_risk(at);
        self.household.machines[at]
            .disk
            .loses_power(&self.history.dice(event, 1));
        self.ours[at].is_dead();
        self.after_power(at, &before, &at_risk);
    }

    /// What stands on a machine, and for each file whether luck could take it.
    fn at_risk(&self, at: usize) -> (Vec<Files>, Vec<Vec<bool>>) {
        let machine = &self.household.machines[at];
        let files = (0..machine.games.len()).map(|game| files_of(machine, game));
        let risks = machine.games.iter().map(|game| {
            let endings = game.endings.iter();
            let risk = |ending: &&str| machine.disk.is_unflushed(&machine.save(game, ending));
            endings.map(risk).collect()
        });
        (files.collect(), risks.collect())
    }

    /// Takes what a power cut left for an accident where the machine's own player risked it.
    fn after_power(&mut self, at: usize, before: &[Files], at_risk: &[Vec<bool>]) {
        let safe = self.reachable();
        for game in 0..before.len() {
            let after = files_of(&self.household.machines[at], game);
            let mut is_accident = false;
            for (index, (was, is)) in before[game].iter().zip(&after).enumerate() {
                if was == is || !at_risk[game][index] {
                    continue;
                }
                is_accident = true;
                if let Some(was) = was.filter(|was| !safe.is_safe(was)) {
                    self.truth.is_played_over(&was);
                }
            }
            if is_accident {
                self.truth.accident(at, game, after);
            }
        }
    }

    fn count(&mut self, has_failed: bool) {
        let begun = Household::begins().micros();
        let minutes = (self.household.host.now().micros() - begun) / 60_000_000;
        self.tally.histories = 1;
        self.tally.minutes = u64::try_from(minutes).unwrap_or(0);
        self.tally.failures = u64::from(has_failed);
        for machine in &self.household.machines {
            for (kind, times) in machine.weather.happened() {
                self.tally.faults_of(kind, times);
            }
            self.tally
                .faults_of("a step on a disk failed", machine.disk.failed_steps());
        }
    }

    fn pass(&mut self, micros: i64) {
        self.household.pass(micros);
    }

    /// Has a machine sync, and looks whether it kept the laws.
    async fn sync(&mut self, event: &Event, how: (Option<usize>, Choice)) -> Result<(), Breach> {
        let before = self.look(event.machine);
        let risk = self.begin_process(event);
        let machine = &self.household.machines[event.machine];
        let synced = Box::pin(self.ours[event.machine].sync(machine, how));
        let synced = machine.process(event.dies_at, synced).await;
        let did = self.did(event, synced, &risk);
        self.judge(event.machine, how.1, &before, &did)
    }

    async fn restore(&mut self, event: &Event, game: usize, back: usize) -> Result<(), Breach> {
        let before = self.look(event.machine);
        let risk = self.begin_process(event);
        let machine = &self.household.machines[event.machine];
        let restored = Box::pin(self.ours[event.machine].restore(machine, game, back));
        let restored = machine.process(event.dies_at, restored).await;
        self.household.trace.note(format_args!("{restored:?}"));
        let said = restored.map(|switched| switched.map(|_| Vec::new()));
        let did = self.did(event, said, &risk);
        self.judge(event.machine, Choice::Server, &before, &did)
    }

    /// Gives the disk its mood for what comes, and says what luck could take before it began.
    fn begin_process(&self, event: &Event) -> (Vec<Files>, Vec<Vec<bool>>) {
        let disk = &self.household.machines[event.machine].disk;
        disk.becomes(event.disk, self.history.dice(event, 2));
        self.at_risk(event.machine)
    }

    fn did(
        &mut self,
        event: &Event,
        done: Option<Result<Vec<Says>, String>>,
        (before, at_risk): &(Vec<Files>, Vec<Vec<bool>>),
    ) -> Did {
        let at = event.machine;
        let did = match done {
            None if event.loses_power => Did::LostPower,
            None => Did::Died,
            Some(Ok(says)) => Did::Said(says),
            Some(Err(why)) => Did::Failed(why),
        };
        match &did {
            Did::Died => {
                self.tally.fault("a process died");
                self.ours[at].is_dead();
            }
            Did::LostPower => {
                self.tally.fault("the power went off");
                self.ours[at].is_dead();
                let dice = self.history.dice(event, 1);
                self.household.machines[at].disk.loses_power(&dice);
                self.after_power(at, before, at_risk);
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
        let machine = &self.household.machines[at];
        machine.life.begin(None);
        machine.disk.becomes(Mood::Sound, Dice::of(0));
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
                Did::Failed(_) | Did::Died | Did::LostPower => None,
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
            if !matches!(did, Did::LostPower) {
                law::no_edit_is_replaced_unasked(&self.truth, &done)?;
            }
            law::no_set_is_mixed(&self.truth, &done)?;
            law::what_is_said_is_so(&self.truth, &done)?;
            law::a_conflict_is_one(&self.truth, &done)?;
            self.learn(&done);
        }
        Ok(())
    }

    /// Follows what stands where by now.
    fn learn(&mut self, done: &Done<'_>) {
        let (at, game) = (done.machine.0, done.game);
        let (here, head) = (self.truth.here(at, game), self.truth.head(game));
        let is = |moment: Option<usize>, files: &Files| {
            moment.is_some_and(|moment| {
                let moment = self.truth.moment(game, moment);
                self.truth.is_same(game, &moment.files, files)
            })
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
            let is_same = self.truth.is_same(game, done.after, done.head);
            now_head = match now_here.filter(|_| is_same) {
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
            machine.disk.settles();
        }
        let mut differs = None;
        for round in 0..ROUNDS {
            self.household
                .trace
                .note(format_args!("all sync, round {round}"));
            let before = self.state_of_all();
            for at in 0..self.ours.len() {
                self.pass(BETWEEN_EVENTS);
                // Not every choice can be made: nobody keeps what a server does not have.
                let choice = match round {
                    0..CHOICES_VARY => *dice.one_of(&[Choice::Local, Choice::Server, Choice::Both]),
                    _ => Choice::Local,
                };
                self.sync(&Event::calm_sync(at, choice), (None, choice))
                    .await?;
                law::nothing_is_lost(&self.truth, &self.reachable())?;
            }
            differs = self.disagreement();
            if differs.is_none() && before == self.state_of_all() {
                return Ok(());
            }
        }
        let who = differs.unwrap_or_else(|| "they still change".to_owned());
        let says = format!("after {ROUNDS} rounds {who}: {}", self.told());
        Err(Breach { law: 'c', says })
    }

    fn state_of_all(&self) -> (Vec<Vec<Files>>, usize) {
        let files = (0..self.ours.len()).map(|at| self.look(at).0).collect();
        (files, self.household.host.held().len())
    }

    /// Who does not have what the head is, if somebody does not.
    fn disagreement(&self) -> Option<String> {
        let games = 0..self.household.machines[0].games.len();
        games.into_iter().find_map(|game| {
            let head = self.head_of(game);
            let mut machines = self.household.machines.iter();
            let differs = machines.find(|machine| {
                let files = files_of(machine, game);
                !self.truth.is_same(game, &files, &head)
            })?;
            Some(format!("{} does not agree", differs.name))
        })
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
