//! When an agent does what: it is told what happens on the machine and on the server, and says what
//! is to be done next.
//!
//! A game that is being played gets nothing, for what its emulator holds in memory wins when it
//! closes: what comes down waits until it has ended. What is written goes up. One thing is done at a
//! time. Where there is no contact, everything waits, and the next contact does it.
//!
//! Moments are those of a clock that only goes on: how long the agent has been running.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::ids::RomId;
use crate::limits;

/// What a person chose that matters to an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// What other devices sent comes down.
    pub down: bool,
    /// What is written here goes up.
    pub up: bool,
    /// How long the shortest pause is between two questions to a server that tells nothing.
    pub ask_apart: Duration,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Nothing but time.
    Passed,
    /// This is chosen from now on.
    Chose(Chosen),
    /// This is what is being played.
    Plays(Playing),
    /// A file of the game's save is another than it was.
    Written(RomId),
    /// Other devices sent saves of these games; none where it is not known of which.
    Moved(Option<BTreeSet<RomId>>),
    /// The server tells what happens from now on.
    Listening,
    /// It does so no more, or could not be reached to do so.
    Lost,
    /// This server tells nobody.
    Silent,
    /// What was to be done is done, as far as it could be.
    Done(Ended),
}

/// What is being played.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Playing {
    /// These games.
    pub games: BTreeSet<RomId>,
    /// An emulator runs of which it is not known what it plays.
    pub unknown: bool,
}

/// How a job ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// With an answer. These games were being played, so nothing came down for them.
    Well {
        /// Which.
        held: BTreeSet<RomId>,
    },
    /// The server could not be reached.
    Unreachable,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Do {
    /// A game begins to be played.
    Begin(RomId),
    /// It has ended.
    End(RomId),
    /// Have the emulator of a game write its save, where it lets itself be told.
    Flush(RomId),
    /// Have the server tell what happens.
    Listen,
    /// Do this, and say how it ended.
    Start(Job),
}

/// Something that takes a while. One at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Job {
    /// Look at everything anew, and sync every game.
    All,
    /// Sync these games.
    Games(BTreeMap<RomId, Way>),
    /// Ask the server which saves moved.
    Ask,
}

/// In which direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// From here to the server.
    Up,
    /// From the server to here.
    Down,
    /// Both.
    Both,
}

impl Way {
    fn and(self, other: Self) -> Self {
        if self == other { self } else { Self::Both }
    }

    /// What of it is chosen.
    fn of(self, chosen: &Chosen) -> Option<Self> {
        let up = chosen.up && self != Self::Down;
        let down = chosen.down && self != Self::Up;
        match (up, down) {
            (true, true) => Some(Self::Both),
            (true, false) => Some(Self::Up),
            (false, true) => Some(Self::Down),
            (false, false) => None,
        }
    }
}

/// Whether the server tells what happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ear {
    /// It is to be asked whether it does.
    Closed,
    /// It was asked.
    Opening,
    Open,
    /// It does not.
    Deaf,
}

/// What is still to be done for a game.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Pending {
    way: Way,
    since: Duration,
}

/// An agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agent {
    chosen: Chosen,
    /// None before the first look.
    playing: Option<Playing>,
    /// Those that were seen to begin.
    begun: BTreeSet<RomId>,
    flush: Duration,
    sent: BTreeMap<RomId, Duration>,
    games: BTreeMap<RomId, Pending>,
    all: Option<Duration>,
    busy: Option<Job>,
    ear: Ear,
    ask: Duration,
    ask_apart: Duration,
    /// Nothing is tried before this.
    again: Duration,
    again_apart: Duration,
}

impl Agent {
    /// One that has just begun: everything is to be looked at.
    pub fn new(chosen: Chosen) -> Self {
        Self {
            chosen,
            playing: None,
            begun: BTreeSet::new(),
            flush: Duration::ZERO,
            sent: BTreeMap::new(),
            games: BTreeMap::new(),
            all: Some(Duration::ZERO),
            busy: None,
            ear: Ear::Closed,
            ask: Duration::ZERO,
            ask_apart: chosen.ask_apart,
            again: Duration::ZERO,
            again_apart: again_least(&chosen),
        }
    }

    /// Something happened. What is to be done now.
    pub fn happened(&mut self, event: Event, now: Duration) -> Vec<Do> {
        let mut todo = Vec::new();
        match event {
            Event::Passed => {}
            Event::Chose(chosen) => {
                self.chosen = chosen;
                self.ask_apart = chosen.ask_apart;
            }
            Event::Plays(playing) => self.plays(playing, now, &mut todo),
            Event::Written(game) => self.want(game, Way::Up, now),
            Event::Moved(None) => self.all = Some(now),
            Event::Moved(Some(games)) => {
                for game in games {
                    self.want(game, Way::Down, now);
                }
                self.ask_apart = self.chosen.ask_apart;
            }
            Event::Listening => {
                // What happened before it listened was not heard.
                self.ear = Ear::Open;
                self.all = Some(now);
                self.reached(now);
            }
            Event::Lost => {
                self.ear = Ear::Closed;
                self.unreachable(now);
            }
            Event::Silent => {
                self.ear = Ear::Deaf;
                self.reached(now);
            }
            Event::Done(ended) => self.done(ended, now),
        }
        self.next(now, &mut todo);
        todo
    }

    /// When to look again, if nothing happens before.
    pub fn due(&self, now: Duration) -> Option<Duration> {
        let mut moments = Vec::new();
        if self.is_on() {
            if self.ear == Ear::Closed {
                moments.push(self.again);
            }
            if self.busy.is_none() {
                if self.asks() {
                    moments.push(self.ask.max(self.again));
                }
                moments.extend(self.all.map(|at| at.max(self.again)));
                let games = self.games.iter();
                let games = games.filter_map(|(game, pending)| self.ready(*game, pending));
                moments.extend(games.map(|(_, at)| at.max(self.again)));
            }
            if self.chosen.up && self.is_played() {
                moments.push(self.flush);
            }
        }
        moments.into_iter().min().map(|at| at.max(now))
    }

    /// Whether anything is synced at all.
    const fn is_on(&self) -> bool {
        self.chosen.up || self.chosen.down
    }

    fn is_played(&self) -> bool {
        let playing = self.playing.as_ref();
        playing.is_some_and(|playing| !playing.games.is_empty())
    }

    fn plays(&mut self, playing: Playing, now: Duration, todo: &mut Vec<Do>) {
        let before = self.playing.take();
        let were = before.as_ref().map(|before| &before.games);
        let began = playing.games.iter();
        for game in began.filter(|game| were.is_some_and(|were| !were.contains(game))) {
            self.begun.insert(*game);
            self.sent.remove(game);
            todo.push(Do::Begin(*game));
            self.flush = now + limits::AGENT_FLUSHES_APART;
        }
        for game in were.into_iter().flatten() {
            if playing.games.contains(game) {
                continue;
            }
            if self.begun.remove(game) {
                todo.push(Do::End(*game));
            }
            self.sent.remove(game);
            self.games.insert(
                *game,
                Pending {
                    way: Way::Both,
                    since: now,
                },
            );
            self.ask_apart = self.chosen.ask_apart;
        }
        if before.is_none() {
            self.flush = now + limits::AGENT_FLUSHES_APART;
        }
        self.playing = Some(playing);
    }

    fn want(&mut self, game: RomId, way: Way, since: Duration) {
        let pending = self.games.entry(game).or_insert(Pending { way, since });
        pending.way = pending.way.and(way);
    }

    /// There is contact: what waited for it waits no more.
    fn reached(&mut self, now: Duration) {
        self.again = now;
        self.again_apart = again_least(&self.chosen);
    }

    fn unreachable(&mut self, now: Duration) {
        self.again = now + self.again_apart;
        self.again_apart = (self.again_apart * 2).min(limits::AGENT_AGAIN_MOST);
    }

    fn done(&mut self, ended: Ended, now: Duration) {
        let Some(job) = self.busy.take() else {
            return;
        };
        match ended {
            Ended::Unreachable => {
                self.unreachable(now);
                match job {
                    Job::All => self.all = Some(self.all.map_or(now, |at| at.min(now))),
                    Job::Games(games) => {
                        for (game, way) in games {
                            self.want(game, way, now);
                        }
                    }
                    Job::Ask => self.ask = now,
                }
            }
            Ended::Well { held } => {
                self.reached(now);
                for game in held {
                    self.want(game, Way::Down, now + again_least(&self.chosen));
                }
                match job {
                    Job::All => {
                        let again = now + limits::AGENT_LOOKS_ANEW;
                        self.all = Some(self.all.map_or(again, |at| at.min(again)));
                    }
                    Job::Games(games) => {
                        let played = games.into_keys().filter(|game| self.waits(*game));
                        let sent: Vec<RomId> = played.collect();
                        self.sent.extend(sent.into_iter().map(|game| (game, now)));
                    }
                    Job::Ask => {
                        self.ask = now + self.ask_apart;
                        self.ask_apart = (self.ask_apart * 2)
                            .min(limits::AGENT_ASKS_APART_MOST.max(self.chosen.ask_apart));
                    }
                }
            }
        }
    }

    /// Whether the server has to be asked what moved.
    fn asks(&self) -> bool {
        self.chosen.down && self.ear == Ear::Deaf
    }

    fn next(&mut self, now: Duration, todo: &mut Vec<Do>) {
        if !self.is_on() {
            return;
        }
        if self.chosen.up && self.is_played() && now >= self.flush {
            let games = self.playing.iter().flat_map(|playing| &playing.games);
            todo.extend(games.map(|game| Do::Flush(*game)));
            self.flush = now + limits::AGENT_FLUSHES_APART;
        }
        if now < self.again {
            return;
        }
        if self.ear == Ear::Closed {
            self.ear = Ear::Opening;
            todo.push(Do::Listen);
        }
        // Before the first look nobody knows what is being played, and until it is known whether
        // the server tells what happens, something could be missed.
        if self.busy.is_some() || self.playing.is_none() || self.ear == Ear::Opening {
            return;
        }
        let job = if self.asks() && now >= self.ask {
            Some(Job::Ask)
        } else if self.all.is_some_and(|at| now >= at) {
            self.all = None;
            Some(Job::All)
        } else {
            self.ready_games(now)
        };
        if let Some(job) = job {
            self.busy = Some(job.clone());
            todo.push(Do::Start(job));
        }
    }

    fn ready_games(&mut self, now: Duration) -> Option<Job> {
        let pending = self.games.iter();
        let ready = pending.filter_map(|(game, pending)| {
            let (way, at) = self.ready(*game, pending)?;
            (now >= at).then_some((*game, way))
        });
        let ready: BTreeMap<RomId, Way> = ready.collect();
        for (game, way) in &ready {
            let waits = self.waits(*game);
            let pending = self.games.remove(game);
            // The other way waits.
            let rest = pending.filter(|pending| pending.way == Way::Both && waits);
            if let Some(pending) = rest.filter(|_| *way == Way::Up) {
                let way = Way::Down;
                self.games.insert(*game, Pending { way, ..pending });
            }
        }
        (!ready.is_empty()).then_some(Job::Games(ready))
    }

    /// What of it can be done for a game, and from when on.
    fn ready(&self, game: RomId, pending: &Pending) -> Option<(Way, Duration)> {
        let way = pending.way.of(&self.chosen)?;
        if !self.waits(game) {
            return Some((way, pending.since));
        }
        if way == Way::Down {
            return None;
        }
        // While it is played, each of its saves is not worth a version.
        let sent = self.sent.get(&game);
        let apart = sent.map_or(Duration::ZERO, |at| *at + limits::AGENT_LIVE_APART);
        Some((Way::Up, pending.since.max(apart)))
    }

    /// Whether nothing may come down for a game now.
    fn waits(&self, game: RomId) -> bool {
        let playing = self.playing.as_ref();
        playing.is_none_or(|playing| playing.unknown || playing.games.contains(&game))
    }
}

/// Who wants a server to be asked more often wants to wait less, too.
fn again_least(chosen: &Chosen) -> Duration {
    limits::AGENT_AGAIN_LEAST.min(chosen.ask_apart)
}

#[cfg(test)]
mod tests;
