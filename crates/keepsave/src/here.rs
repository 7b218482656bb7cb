//! What every command about the games of this machine works with: who we are, what was chosen, and
//! what is here.

use std::collections::BTreeMap;
use std::sync::Arc;

use clap::Args;
use keepsave_device::engine::Engine;
use keepsave_device::engine::plan::Plan;
use keepsave_device::engine::run::{OnConflict, Rehearsal, Report};
use keepsave_device::engine::states::States;
use keepsave_device::engine::status::{GameStatus, Status};
use keepsave_device::engine::sync::{Errand, Synced};
use keepsave_device::engine::wishes::{Only, Wishes};
use keepsave_device::games::Present;
use keepsave_device::giving_up::give_up;
use keepsave_device::layout::Located;
use keepsave_device::library::{Added, Game, Library, Machine};
use keepsave_device::playtime::Playtimes;
use keepsave_device::server::saves::Listed;
use keepsave_device::server::seen::{Rows, SeenSave};
use keepsave_device::session::which;
use keepsave_device::settings::Choices;
use keepsave_device::state::State;
use serde_json::{Value, json};

use crate::Shared;
use crate::exit::{Exit, Failure};
use crate::meant::the_one;
use crate::patience::Patience;
use crate::played;
use crate::reach::{Reach, settings_of};
use crate::seat::Seat;
use crate::states::told;
use crate::sync::run::Progress;
use crate::terminal::{note, or_dash, print, print_json, table};

/// Which of the games.
#[derive(Args)]
pub struct Which {
    /// Only this game: its name or a part of it, its file, or its id on the server
    #[arg(long, value_name = "NAME")]
    pub game: Option<String>,
}

/// What to do where nothing was found.
pub const NO_GAMES: &str = "no games were found on this machine: `keepsave doctor` says where it was \
    looked, and `keepsave settings set added_folders DIR` names the folder they are in";

/// How many games are worked on at once.
pub const AT_ONCE: u16 = 8;

/// A device at work, and what a person chose for it.
pub struct Here {
    pub seat: Seat,
    pub choices: Choices,
    name: String,
    located: Located,
}

impl Here {
    /// Opens everything that is needed.
    pub fn open(reach: &Reach, shared: &Shared) -> Result<Self, Failure> {
        let here = Self::open_with(reach, shared, Patience::endless()?, None)?;
        here.seat.greet()?;
        Ok(here)
    }

    /// The same for what is done as this device: where the server forgot it, it is one again.
    pub fn open_as_device(reach: &Reach, shared: &Shared) -> Result<Self, Failure> {
        Self::open(reach, shared)?.known()
    }

    /// The same, where save states are what the command is about.
    pub fn open_for_states(reach: &Reach, shared: &Shared) -> Result<Self, Failure> {
        let choices = Choices {
            sync_states: true,
            ..settings_of(shared)?.choices
        };
        let here = Self::open_as(choices, (reach, shared), Patience::endless()?, None)?;
        here.seat.greet()?;
        here.known()
    }

    fn known(mut self) -> Result<Self, Failure> {
        self.seat.be_known(&self.name)?;
        Ok(self)
    }

    /// The same, for a command that has other things to do than to wait: which server it is, is
    /// asked when something else is, and what is on this machine may have been looked for before.
    pub fn open_with(
        reach: &Reach,
        shared: &Shared,
        patience: Patience,
        found: Option<Library>,
    ) -> Result<Self, Failure> {
        let choices = settings_of(shared)?.choices;
        Self::open_as(choices, (reach, shared), patience, found)
    }

    fn open_as(
        choices: Choices,
        (reach, shared): (&Reach, &Shared),
        patience: Patience,
        found: Option<Library>,
    ) -> Result<Self, Failure> {
        let name = name(&choices);
        let found = found.unwrap_or_else(|| library(&choices));
        let seat = Seat::of_this_machine(reach, shared, &name, patience);
        let seat = seat.inspect_err(|_| see_unasked(&found, &choices, reach, shared))?;
        let located = located(found, &choices, &seat.engine.state)?;
        Ok(Self {
            seat,
            choices,
            name,
            located,
        })
    }

    /// What is on this machine.
    pub fn library(&self) -> &Library {
        self.located.library()
    }

    /// The games that are here and that the command is about.
    pub fn present(&self, named: Option<&str>) -> Result<Vec<Present>, Failure> {
        if let Some(named) = named {
            let games: Vec<&Game> = self.library().games().collect();
            if let Some(game) = which::named(&games, named.as_ref()) {
                return self.present_of(game);
            }
        }
        let located = self.located.clone();
        let roll = self.seat.ask(self.seat.engine.roll(located))?;
        for said in &roll.notes {
            note(said);
        }
        match named {
            Some(named) => Ok(vec![the_one(&roll.present, named)?]),
            None => Ok(roll.present),
        }
    }

    /// The one game that is meant.
    pub fn one(&self, named: &str) -> Result<Present, Failure> {
        let mut present = self.present(Some(named))?;
        Ok(present.swap_remove(0))
    }

    /// One game, which was found already.
    pub fn present_of(&self, game: &Game) -> Result<Vec<Present>, Failure> {
        let engine = &self.seat.engine;
        let roll = engine.roll_of(&self.located, &game.path, &game.stem);
        let roll = self.seat.ask(roll)?;
        for said in &roll.notes {
            note(said);
        }
        Ok(roll.present)
    }

    /// Says how games stand.
    pub fn status(
        &mut self,
        present: &[Present],
        errand: &Errand,
    ) -> Result<Synced<Rehearsal>, Failure> {
        let name = self.name.clone();
        self.seat.wait_as_device(&name, async |engine, _| {
            engine.status(present.to_vec(), errand).await
        })
    }

    /// Syncs games.
    pub fn sync(
        &mut self,
        present: &[Present],
        errand: &Errand,
    ) -> Result<Synced<Report>, Failure> {
        let name = self.name.clone();
        let synced = self.seat.wait_as_device(&name, async |engine, stop| {
            let watch = Arc::new(Progress::default());
            engine.sync(present.to_vec(), errand, watch, stop).await
        })?;
        self.seat.greet()?;
        Ok(synced)
    }

    /// What the server shows this device.
    pub fn listed(&mut self) -> Result<Rows<SeenSave>, Failure> {
        self.seat
            .wait_as_device(&self.name, async |engine: Engine, _| {
                let listed = Listed {
                    device: Some(&engine.device),
                    ..Listed::default()
                };
                Ok(engine.server.saves(listed).await?.seen)
            })
    }

    /// How long games were played.
    pub fn playtimes(&self) -> Playtimes {
        let engine = &self.seat.engine;
        Playtimes {
            server: engine.server.clone(),
            state: engine.state.clone(),
            device: Some(engine.device.clone()),
            device_name: self.name.clone(),
            clock: engine.clock.clone(),
        }
    }

    /// Keeps the journal within what was chosen. What cannot be given up now goes another time.
    pub fn keep_journal_within(&self) {
        let engine = &self.seat.engine;
        let policy = crate::journal::policy(&self.choices);
        let given_up = give_up(
            &engine.journal,
            &engine.server,
            policy,
            self.choices.sync_states,
        );
        if let Err(why) = self.seat.ask(given_up) {
            note(&format!(
                "the journal stays as large as it is: {}",
                why.message()
            ));
        }
    }

    /// Tells the server what was played since it was last told. What it cannot be told waits.
    pub fn tell_played(&self) {
        let told = match self.seat.ask(self.playtimes().tell()) {
            Ok(told) => told,
            Err(why) => {
                return note(&format!(
                    "how long was played is told to the server later: {}",
                    why.message()
                ));
            }
        };
        for said in &told.said {
            note(said);
        }
        for refused in &told.refused {
            note(&format!(
                "the server takes no play session of game {} ({}); it counts on this machine alone",
                refused.rom, refused.why
            ));
        }
    }

    /// How games are synced, as was chosen.
    pub fn errand(&self, only: Only, on_conflict: OnConflict) -> Errand {
        let limit = u32::try_from(self.choices.autocleanup_limit).unwrap_or(u32::MAX);
        Errand {
            wishes: Wishes {
                in_sets: true,
                ask_on_first_difference: self.choices.ask_on_first_difference,
                only,
            },
            on_conflict,
            default_slot: self.choices.default_slot.clone(),
            autocleanup: Some(limit),
            at_once: AT_ONCE.into(),
            looked_at: None,
            states: self.choices.sync_states,
        }
    }
}

/// What this machine is called: as was chosen, else by its host name.
fn name(choices: &Choices) -> String {
    let chosen = choices.device_name.trim();
    if !chosen.is_empty() {
        return chosen.to_owned();
    }
    let host = rustix::system::uname();
    let host = host.nodename().to_string_lossy().into_owned();
    if host.is_empty() {
        "keepsave".to_owned()
    } else {
        host
    }
}

/// This machine.
pub fn machine() -> Machine {
    let variables = std::env::vars_os();
    let text = variables
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    let home = std::env::home_dir().unwrap_or_else(|| "/".into());
    Machine::new("/", home, text.collect())
}

/// The same, as it is to be looked at.
fn machine_of(choices: &Choices) -> Machine {
    machine().with_states(choices.sync_states)
}

/// What is on this machine.
pub fn library(choices: &Choices) -> Library {
    Library::find(&machine_of(choices), &added(choices))
}

/// What is on this machine, once it was seen how saves are laid out.
pub fn see(library: Library, choices: &Choices, state: &State) -> Result<Located, Failure> {
    let located = Located::of(library, &machine_of(choices), &added(choices), state);
    located.map_err(Failure::failed)
}

/// The same where the server is out of reach, for whoever comes later.
fn see_unasked(library: &Library, choices: &Choices, reach: &Reach, shared: &Shared) {
    if let Some(state) = played::state(reach, shared) {
        // What is in the way now is what the command says.
        let _later = see(library.clone(), choices, &state);
    }
}

/// What is on this machine, once it was seen how saves are laid out. A change is said.
pub fn located(library: Library, choices: &Choices, state: &State) -> Result<Located, Failure> {
    let located = see(library, choices, state)?;
    for pending in located.pending() {
        note(&format!(
            "{} lays out saves otherwise now: they are read where they were and nothing comes \
             down until they are moved. `keepsave layout status` shows them, `keepsave layout \
             migrate` moves them",
            pending.laid.name
        ));
    }
    Ok(located)
}

fn added(choices: &Choices) -> Vec<Added> {
    let added = choices.added_folders.iter().map(|games| Added {
        games: games.clone(),
        ..Added::default()
    });
    added.collect()
}

/// Shows how games stand.
pub fn show_status(synced: &Synced<Rehearsal>, shared: &Shared) -> Result<Exit, Failure> {
    let statuses = synced.statuses();
    let plan = &synced.report.plan;
    tell(plan);
    if let Err(error) = &synced.report.completion {
        note(&format!("the session could not be completed: {error}"));
    }
    let states = synced.states.as_ref();
    show(
        &statuses,
        (plan, states),
        shared,
        (Status::as_str, json!({})),
    )?;
    Ok(exit(&statuses, states, synced.report.completion.is_ok()))
}

/// Shows what became of games.
pub fn show_report(synced: &Synced<Report>, shared: &Shared) -> Result<Exit, Failure> {
    let statuses = synced.statuses();
    let report = &synced.report;
    tell(&report.plan);
    for outcome in &report.outcomes {
        for said in &outcome.notes {
            note(&format!("{}: {said}", report.plan.name_of(&outcome.line)));
        }
    }
    if let Err(error) = &report.completion {
        note(&format!("the session could not be completed: {error}"));
    }
    let counts = json!({ "counts": report.counts });
    let (plan, states) = (&report.plan, synced.states.as_ref());
    show(&statuses, (plan, states), shared, (Status::done, counts))?;
    Ok(if report.stopped {
        Exit::Found
    } else {
        exit(&statuses, states, report.completion.is_ok())
    })
}

/// One line for each game that something is to be said of, and how many there are of each kind.
fn show(
    statuses: &[GameStatus<'_>],
    (plan, states): (&Plan, Option<&States>),
    shared: &Shared,
    (word, mut more): (fn(Status) -> &'static str, Value),
) -> Result<(), Failure> {
    let mut totals: BTreeMap<Status, u64> = BTreeMap::new();
    for status in statuses {
        *totals.entry(status.status).or_default() += 1;
    }
    if shared.json {
        let games = statuses.iter().map(|status| status.json(plan));
        more["games"] = games.collect();
        let totals = totals.iter();
        let totals =
            totals.map(|(status, count)| (status.as_str().replace(' ', "_"), json!(count)));
        more["totals"] = Value::Object(totals.collect());
        if let Some(states) = states {
            told::add(&mut more, statuses, states);
        }
        return print_json(&more);
    }
    let is_told =
        |status: &&GameStatus<'_>| shared.verbose > 0 || status.status < Status::Unmatched;
    let rows = statuses.iter().filter(is_told).map(|status| {
        let game = &status.game.present.game;
        [
            word(status.status).to_owned(),
            game.stem.clone(),
            game.folder.clone(),
            or_dash(status.game.slot.as_deref()),
            status.why.clone(),
        ]
    });
    let rows: Vec<[String; 5]> = rows.collect();
    if !rows.is_empty() {
        print(&table(["STATUS", "GAME", "SYSTEM", "SLOT", "WHY"], &rows));
    }
    if let Some(states) = states {
        told::show(statuses, states, shared.verbose > 0);
    }
    for status in statuses {
        if let Some(core) = &status.game.other_core {
            let game = &status.game.present.game;
            note(&format!(
                "{}: is played with {} now and was last synced with {core}",
                game.stem,
                or_dash(game.core.as_deref())
            ));
        }
    }
    let is_open = totals.contains_key(&Status::Conflict);
    let totals = totals.iter();
    let totals: Vec<String> = totals
        .map(|(status, count)| format!("{count} {}", word(*status)))
        .collect();
    note(&match totals.as_slice() {
        [] => NO_GAMES.to_owned(),
        totals => totals.join(", "),
    });
    if is_open {
        note(
            "`keepsave conflicts` shows both sides of each conflict, and `keepsave resolve` settles \
             one: until then both stay as they are",
        );
    }
    Ok(())
}

/// What a shell is told of games.
pub fn exit(statuses: &[GameStatus<'_>], states: Option<&States>, is_completed: bool) -> Exit {
    let needs_someone = |status: &GameStatus<'_>| status.status <= Status::Failed;
    if statuses.iter().any(needs_someone) || states.is_some_and(States::needs_someone) {
        Exit::Found
    } else if is_completed {
        Exit::Done
    } else {
        Exit::Unusable
    }
}

fn tell(plan: &Plan) {
    for said in &plan.notes {
        note(said);
    }
}
