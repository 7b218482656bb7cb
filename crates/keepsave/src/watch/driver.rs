//! Brings what happens to the rules, and does what these say. No rule of its own.

use std::collections::{HashMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use keepsave_core::ids::RomId;
use keepsave_core::playtime::Moment;
use keepsave_core::release::Speaks;
use keepsave_core::watch::{Agent, Chosen, Do, Event};
use keepsave_device::environment::moment;
use keepsave_device::playtime::record;
use keepsave_device::settings::Choices;
use keepsave_device::watch::moved::Lists;
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use super::sources::{self, Told};
use crate::exit::Failure;
use crate::here::machine;
use crate::patience::Patience;
use crate::played;
use crate::reach::{Reach, settings_of, settings_path};
use crate::terminal::{note, print};
use crate::{Shared, memory};

/// An agent at work.
pub struct Driver<'a> {
    pub(super) reach: &'a Reach,
    pub(super) shared: &'a Shared,
    pub(super) patience: Patience,
    pub(super) lists: Lists,
    pub(super) sources: sources::Shared,
    pub(super) directories: watch::Sender<Vec<PathBuf>>,
    /// What was said last of a game that somebody has to look at.
    pub(super) said: HashMap<RomId, String>,
    agent: Agent,
    began: Instant,
    told: UnboundedReceiver<Told>,
    listener: Option<JoinHandle<()>>,
    /// When what is being done now was seen.
    seen: Moment,
    /// Whether everything was looked at once.
    watches: bool,
}

/// What of the choices matters here.
pub(super) fn chosen(choices: &Choices) -> Chosen {
    Chosen {
        down: choices.save_sync_enabled && choices.sync_before_launch,
        up: choices.save_sync_enabled && choices.sync_after_exit,
        ask_apart: Duration::from_secs(choices.watch_ask_seconds),
    }
}

impl<'a> Driver<'a> {
    pub fn new(reach: &'a Reach, shared: &'a Shared, patience: Patience) -> Result<Self, Failure> {
        let choices = settings_of(shared)?.choices;
        let (tell, told) = unbounded_channel();
        let sources = sources::Shared {
            roster: Arc::default(),
            look: Arc::default(),
            tell,
        };
        Ok(Self {
            reach,
            shared,
            patience,
            lists: Lists::default(),
            sources,
            directories: watch::channel(Vec::new()).0,
            said: HashMap::new(),
            agent: Agent::new(chosen(&choices)),
            began: Instant::now(),
            told,
            listener: None,
            seen: moment(),
            watches: false,
        })
    }

    /// Until it is told to end.
    pub fn run(mut self) {
        self.directories
            .send_replace(self.choices_in().into_iter().collect());
        self.know_games_of_before();
        let mut directories = self.directories.subscribe();
        directories.mark_changed();
        self.patience
            .spawn(sources::hear_of_writes(directories, self.sources.clone()));
        self.patience
            .spawn(sources::look_at_what_runs(machine(), self.sources.clone()));
        while let Some(told) = self.next() {
            let mut events = VecDeque::from(self.understood(told));
            while let Some(event) = events.pop_front() {
                if self.patience.is_over() {
                    break;
                }
                for one in self.agent.happened(event, self.began.elapsed()) {
                    events.extend(self.act(one));
                }
            }
        }
        self.say(&json!({ "event": "ended" }), "ended");
    }

    /// The next thing that happens; none when it is to end.
    fn next(&mut self) -> Option<Told> {
        let mut over = self.patience.stop();
        let now = self.began.elapsed();
        let due = self.agent.due(now).map(|due| due.saturating_sub(now));
        let told = &mut self.told;
        self.patience.clone().wait(async {
            tokio::select! {
                biased;
                _ = over.wait_for(|over| *over) => None,
                told = told.recv() => told,
                () = sleep(due.unwrap_or(Duration::MAX)) => Some(Told::Happened(Event::Passed)),
            }
        })
    }

    fn understood(&mut self, told: Told) -> Vec<Event> {
        self.seen = moment();
        match told {
            Told::Plays(playing, seen) => {
                self.seen = seen;
                if !std::mem::replace(&mut self.watches, true) {
                    self.say(&json!({ "event": "started" }), "watching");
                }
                vec![Event::Plays(playing)]
            }
            Told::Wrote(directories) => {
                let mut roster = self.sources.roster();
                let games = directories.iter().flat_map(|path| roster.look(path));
                let games: Vec<RomId> = games.collect();
                let chose = self.choices_in().filter(|path| directories.contains(path));
                // What cannot be read changes nothing; whoever writes it is told.
                let chose = chose.and_then(|_| settings_of(self.shared).ok());
                let chose = chose.map(|settings| Event::Chose(chosen(&settings.choices)));
                chose
                    .into_iter()
                    .chain(games.into_iter().map(Event::Written))
                    .collect()
            }
            Told::Happened(event) => vec![event],
        }
    }

    /// The directory in which is what a person chose.
    pub(super) fn choices_in(&self) -> Option<PathBuf> {
        let path = settings_path(self.shared).ok()?;
        path.parent().map(Path::to_owned)
    }

    /// Does it, and gives what comes of it.
    fn act(&mut self, todo: Do) -> Vec<Event> {
        match todo {
            Do::Begin(game) => self.count(game, "begun", begin),
            Do::End(game) => self.count(game, "played", end),
            Do::Flush(game) => {
                let roster = self.sources.roster();
                let controls = roster.control(game);
                let controls = controls.map(|(port, name)| (port, name.to_owned()));
                let controls: Vec<(u16, String)> = controls.collect();
                self.patience.spawn(sources::write_save(controls));
            }
            Do::Listen => return self.listen().into_iter().collect(),
            Do::Start(job) => {
                let events = self.job(job);
                memory::rest();
                return events;
            }
        }
        Vec::new()
    }

    fn listen(&mut self) -> Option<Event> {
        if let Some(listener) = self.listener.take() {
            listener.abort();
        }
        let here = match self.open_for_the_server() {
            Ok(here) => here,
            Err(why) => {
                self.unreachable(&why);
                return Some(Event::Lost);
            }
        };
        let engine = here.seat.engine;
        match self.patience.ask(engine.server.speaks()) {
            Ok(Speaks::Lineage) => {}
            Ok(_) => return Some(Event::Silent),
            Err(why) => {
                self.unreachable(&why);
                return Some(Event::Lost);
            }
        }
        let listens = sources::listen(engine.server, engine.device, self.sources.clone());
        self.listener = Some(self.patience.spawn(listens));
        None
    }

    /// Notes what is played in the state, where it is known whose that is.
    fn count(
        &self,
        game: RomId,
        word: &str,
        noted: fn(&keepsave_device::state::State, RomId, Moment) -> Result<Option<i64>, Failure>,
    ) {
        let state = played::state(self.reach, self.shared);
        let counted = state
            .map(|state| noted(&state, game, self.seen))
            .transpose();
        let seconds = match counted {
            Ok(seconds) => seconds.flatten(),
            Err(why) => return note(why.message()),
        };
        let event = json!({ "event": word, "rom_id": game, "seconds": seconds });
        self.say(&event, &format!("game {game}: {word}"));
    }

    /// One line for each thing that happened.
    pub(super) fn say(&self, event: &Value, told: &str) {
        if self.shared.json {
            print(&event.to_string());
        }
        if !self.shared.json || self.shared.verbose > 0 {
            note(told);
        }
    }

    pub(super) fn unreachable(&self, why: &Failure) {
        let event = json!({ "event": "waiting", "why": why.message() });
        self.say(
            &event,
            &format!("it is tried again later: {}", why.message()),
        );
    }
}

/// Unless the launch was noted already, by whoever launched it.
fn begin(
    state: &keepsave_device::state::State,
    game: RomId,
    at: Moment,
) -> Result<Option<i64>, Failure> {
    let known = state.playtime(game).map_err(Failure::failed)?.running;
    let is_noted = known.is_some_and(|running| running.is_just_begun(at));
    if !is_noted {
        record::begin(state, game, at).map_err(Failure::failed)?;
    }
    Ok(None)
}

fn end(
    state: &keepsave_device::state::State,
    game: RomId,
    at: Moment,
) -> Result<Option<i64>, Failure> {
    let known = state.game(game).map_err(Failure::failed)?;
    let slot = known.filter(|game| game.slot_confirmed);
    let slot = slot.and_then(|game| game.active_slot);
    let played = record::end(state, game, slot.as_deref(), at).map_err(Failure::failed)?;
    Ok(played.map(|played| played.seconds()))
}
