//! What an agent does that takes a while: it syncs games, or asks what moved.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use keepsave_core::ids::RomId;
use keepsave_core::watch::{Ended, Event, Job, Way};
use keepsave_device::engine::outcome::Done;
use keepsave_device::engine::run::{OnConflict, Report};
use keepsave_device::engine::status::Status;
use keepsave_device::engine::sync::Synced;
use keepsave_device::engine::wishes::Only;
use keepsave_device::games::Present;
use keepsave_device::library::Library;
use keepsave_device::session::rest;
use keepsave_device::state::State;
use keepsave_device::watch::roster::Roster;
use serde_json::json;

use super::driver::{Driver, chosen};
use crate::exit::Failure;
use crate::here::{Here, library, located};
use crate::played;
use crate::reach::settings_of;
use crate::terminal::note;

impl Driver<'_> {
    /// Does it, and says how it ended.
    pub(super) fn job(&mut self, job: Job) -> Vec<Event> {
        let mut events = Vec::new();
        let done = match job {
            Job::All => self.sync_all(&mut events),
            Job::Games(games) => self.sync_these(&games),
            Job::Ask => self.ask(&mut events),
        };
        let ended = done.unwrap_or_else(|why| {
            if !self.patience.is_over() {
                self.unreachable(&why);
            }
            Ended::Unreachable
        });
        events.push(Event::Done(ended));
        events
    }

    /// What is known of the machine's games without a server.
    pub(super) fn know_games_of_before(&mut self) {
        let state = played::state(self.reach, self.shared);
        if let (Some(state), Ok(settings)) = (state, settings_of(self.shared)) {
            let choices = settings.choices;
            match located(library(&choices), &choices, &state) {
                Ok(located) => self.know_games(located.library(), &state),
                Err(why) => note(why.message()),
            }
        }
    }

    /// From now on these are the games that are watched.
    fn know_games(&mut self, library: &Library, state: &State) {
        // Without matches nothing is known of any; the next look finds them.
        let matches = state.matches().unwrap_or_default();
        let roster = Roster::of(library, &matches);
        let directories = roster.directories().map(Path::to_owned);
        let directories = directories.chain(self.choices_in());
        let directories: Vec<PathBuf> = directories.collect();
        *self.sources.roster() = roster;
        self.directories.send_replace(directories);
        self.sources.look.notify_one();
    }

    fn open(&self) -> Result<Here, Failure> {
        Here::open_with(self.reach, self.shared, self.patience.clone(), None)
    }

    /// For what is about no game here: none is looked for.
    pub(super) fn open_for_the_server(&self) -> Result<Here, Failure> {
        let none = Some(Library::default());
        Here::open_with(self.reach, self.shared, self.patience.clone(), none)
    }

    fn sync_all(&mut self, events: &mut Vec<Event>) -> Result<Ended, Failure> {
        let mut here = self.open()?;
        let chosen = chosen(&here.choices);
        events.push(Event::Chose(chosen));
        let only = match (chosen.up, chosen.down) {
            (true, false) => Only::Up,
            (false, true) => Only::Down,
            _ => Only::Both,
        };
        let present = here.present(None)?;
        let held = self.sync(&mut here, &present, only)?;
        self.know_games(here.library(), &here.seat.engine.state);
        let event = json!({ "event": "looked" });
        self.say(&event, "every game was looked at");
        Ok(Ended::Well { held })
    }

    fn sync_these(&mut self, games: &BTreeMap<RomId, Way>) -> Result<Ended, Failure> {
        let mut here = self.open()?;
        let mut held = BTreeSet::new();
        for (way, only) in [
            (Way::Up, Only::Up),
            (Way::Both, Only::Both),
            (Way::Down, Only::Down),
        ] {
            let wanted = games.iter().filter(|(_, other)| **other == way);
            let wanted: BTreeSet<RomId> = wanted.map(|(game, _)| *game).collect();
            let present = present(&here, &wanted)?;
            if !present.is_empty() {
                held.extend(self.sync(&mut here, &present, only)?);
            }
        }
        Ok(Ended::Well { held })
    }

    /// The games of which nothing came down because they are in use.
    fn sync(
        &mut self,
        here: &mut Here,
        present: &[Present],
        only: Only,
    ) -> Result<BTreeSet<RomId>, Failure> {
        if only != Only::Down {
            let looks = || present.iter().flat_map(|one| rest::look(&one.game.save));
            let rests = rest::until_at_rest(|| looks().collect());
            // What is still being written is read when it is another again.
            let rests = async { Ok::<_, Failure>(rests.await) };
            let _rests = self.patience.ask(rests)?;
        }
        let errand = here.errand(only, OnConflict::Skip);
        let synced = here.sync(present, &errand)?;
        here.tell_played();
        // What was just put in its place was written by nobody else.
        self.sources.roster().look_everywhere();
        self.tell(&synced);
        let outcomes = synced.report.outcomes.iter();
        let held = outcomes.filter(|outcome| matches!(outcome.result, Done::InUse { .. }));
        Ok(held.map(|outcome| outcome.line.rom).collect())
    }

    /// Says what became of games, and once where somebody has to look at one.
    fn tell(&mut self, synced: &Synced<Report>) {
        for status in &synced.statuses() {
            let present = &status.game.present;
            let (word, game) = (status.status.done(), &present.game.stem);
            let is_news = match (status.status, present.rom()) {
                (Status::Upload | Status::Download, Some(rom)) => {
                    self.said.remove(&rom);
                    true
                }
                (Status::Conflict | Status::Waiting | Status::Failed, Some(rom)) => {
                    let before = self.said.insert(rom, status.why.clone());
                    before.as_ref() != Some(&status.why)
                }
                _ => false,
            };
            if !is_news {
                continue;
            }
            let event = json!({
                "event": "synced",
                "rom_id": present.rom(),
                "game": game,
                "slot": status.game.slot,
                "status": status.status.as_str().replace(' ', "_"),
                "why": status.why,
            });
            self.say(&event, &format!("{game}: {word}: {}", status.why));
        }
    }

    fn ask(&mut self, events: &mut Vec<Event>) -> Result<Ended, Failure> {
        let mut here = self.open_for_the_server()?;
        let listed = here.listed()?;
        let moved = self.lists.moved(&listed.rows, &here.seat.engine.device);
        if !moved.is_empty() {
            events.push(Event::Moved(Some(moved)));
        } else if self.shared.verbose > 0 {
            note("the server was asked: nothing moved");
        }
        Ok(Ended::Well {
            held: BTreeSet::new(),
        })
    }
}

/// The games of the machine that are these.
fn present(here: &Here, wanted: &BTreeSet<RomId>) -> Result<Vec<Present>, Failure> {
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let matches = here.seat.engine.state.matches().map_err(Failure::failed)?;
    let known = matches.iter().filter(|known| wanted.contains(&known.rom));
    let known: BTreeSet<&Path> = known.map(|known| known.path.as_path()).collect();
    let games = here.library().games();
    let mut present = Vec::new();
    for game in games.filter(|game| known.contains(game.path.as_path())) {
        present.extend(here.present_of(game)?);
    }
    Ok(present)
}
