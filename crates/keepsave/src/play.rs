//! `keepsave play`: a game with its save brought up to date before and sent afterwards.
//!
//! stdout is the game's. Nothing that happens to a save keeps anyone from playing.

use std::ffi::OsString;
use std::io::{IsTerminal, stderr, stdin};
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use keepsave_core::decide::Step;
use keepsave_core::ids::SaveId;
use keepsave_device::engine::run::{OnConflict, Report};
use keepsave_device::engine::status::{GameStatus, Status};
use keepsave_device::engine::sync::{Errand, Synced};
use keepsave_device::engine::wishes::Only;
use keepsave_device::environment::moment;
use keepsave_device::library::{Game, Library};
use keepsave_device::session::launch::{self, Signals};
use keepsave_device::session::{rest, which};
use keepsave_device::settings::Choices;
use keepsave_device::state::State;
use tokio::signal::unix::SignalKind;
use tokio::task::spawn_blocking;

use crate::Shared;
use crate::exit::Failure;
use crate::guarded;
use crate::here::{Here, library, see};
use crate::meant::meant;
use crate::patience::Patience;
use crate::played::{self, Session};
use crate::reach::{Reach, settings_of};
use crate::states::told;
use crate::terminal::{note, or_dash};

/// Plays a game: syncs its save, runs the command, and syncs again
#[derive(Args)]
#[command(after_help = "\
Examples:
  keepsave play -- retroarch -L mgba_libretro.so \"/roms/gba/Metroid Fusion.gba\"
  keepsave play --game \"Metroid Fusion\" -- flatpak run org.libretro.RetroArch
  keepsave play -- %command%

The last one is a launch option of Steam. The game is the first argument of the command that is the
file of a game here. Nothing keeps it from being played: without a network, an account or an answer
in time (setting launch_budget_seconds) it is played with the save that is here. Where both sides
changed, a person at a terminal is asked, and otherwise the save that is here is played.

The exit code is the command's; 128 and the signal that ended it; 127 if it cannot be started.")]
pub struct Play {
    /// The game, where the command does not name its file: its name or a part of it, or its file
    #[arg(long, value_name = "NAME")]
    game: Option<String>,
    /// The command that plays it, and its arguments
    #[arg(last = true, required = true, value_name = "COMMAND")]
    command: Vec<OsString>,
    #[command(flatten)]
    reach: Reach,
}

/// What cannot be started: the exit code that shells have for it.
const NOT_STARTED: u8 = 127;

/// Which game is played, and how.
struct Subject {
    choices: Choices,
    game: Game,
    /// All that is here, as it was when the game was looked for.
    library: Library,
}

impl Play {
    pub fn run(&self, shared: &Shared) -> ExitCode {
        self.play(shared)
            .unwrap_or_else(|failure| failure.tell(false).into())
    }

    fn play(&self, shared: &Shared) -> Result<ExitCode, Failure> {
        let patience = Patience::endless()?;
        let listening = patience.wait(async { Signals::listen() });
        let mut signals = listening.map_err(Failure::failed)?;
        let subject = self.subject(shared);
        let subject = subject.inspect_err(|why| {
            note(&format!("no save is synced: {}", why.message()));
        });
        if let Ok(subject) = &subject {
            self.before(subject, shared, &patience);
        }
        if let Some(signal) = patience.wait(signals.sent()) {
            return Ok(launch::code_of_signal(signal.as_raw()).into());
        }
        let session = subject.as_ref().ok().map(|subject| {
            let state = played::state(&self.reach, shared);
            seen(subject, &subject.library, state.as_ref());
            Session::begin(&subject.game, state.as_ref(), moment())
        });
        let played = match patience.wait(launch::run(&self.command, &mut signals)) {
            Ok(played) => played,
            Err(error) => {
                let command = self.command.first().map(|name| name.to_string_lossy());
                let command = command.unwrap_or_default();
                note(&format!("{command} could not be started: {error}"));
                return Ok(NOT_STARTED.into());
            }
        };
        let ended = moment();
        if let (Ok(subject), Some(session)) = (&subject, &session) {
            let state = played::state(&self.reach, shared);
            seen(subject, &library(&subject.choices), state.as_ref());
            let is_settled = session.end(state.as_ref(), ended, shared);
            let end = |here: &Here| {
                // Which game of whom it is may be known only now.
                if !is_settled {
                    session.end(Some(&here.seat.engine.state), ended, shared);
                }
            };
            self.after(subject, shared, &patience, end);
        }
        Ok(played.code().into())
    }

    /// Which game it is, or why none is synced.
    fn subject(&self, shared: &Shared) -> Result<Subject, Failure> {
        let choices = settings_of(shared)?.choices;
        if !choices.save_sync_enabled {
            note("no save is synced: the setting save_sync_enabled is off");
        }
        let library = library(&choices);
        let games: Vec<&Game> = library.games().collect();
        let game = match &self.game {
            Some(named) => match which::named(&games, named.as_ref()) {
                Some(game) => game.clone(),
                None => by_name(&games, named)?,
            },
            None => which::played(&games, &self.command)
                .cloned()
                .ok_or_else(|| {
                    Failure::usage(
                        "the command names no file of a game here: say which with --game, or see \
                     `keepsave doctor`",
                    )
                })?,
        };
        Ok(Subject {
            choices,
            game,
            library,
        })
    }

    /// Brings the save up to date, as far as that works in time.
    fn before(&self, subject: &Subject, shared: &Shared, patience: &Patience) {
        let budget = Duration::from_secs(subject.choices.launch_budget_seconds);
        let (choices, game) = (&subject.choices, &subject.game);
        if !choices.save_sync_enabled {
            return;
        }
        if !choices.sync_before_launch || budget.is_zero() {
            return guarded::before_launch(&self.reach, shared, game);
        }
        let sync = |on_conflict, looked_at| {
            let patience = patience.within(budget);
            let (_, synced) = self.sync(subject, shared, patience, on_conflict, looked_at)?;
            synced
        };
        let mut synced = sync(OnConflict::Skip, None);
        let asked = synced.as_ref().ok().and_then(conflict);
        if let Some(head) = asked {
            match choose(game, patience) {
                Some(kept) => synced = sync(kept, Some(head)),
                None => return note(&unsettled(game)),
            }
        }
        match synced {
            Ok(synced) => tell(&synced, "it is played with the save that is here"),
            Err(why) => {
                note(&format!(
                    "{}: it is played with the save that is here: {}",
                    game.stem,
                    why.message()
                ));
                guarded::before_launch(&self.reach, shared, game);
            }
        }
    }

    /// Sends what was played, once it is at rest.
    fn after(
        &self,
        subject: &Subject,
        shared: &Shared,
        patience: &Patience,
        end: impl FnOnce(&Here),
    ) {
        if !subject.choices.save_sync_enabled || !subject.choices.sync_after_exit {
            return;
        }
        let patience = patience.anew();
        listen(&patience);
        let name = &subject.game.stem;
        if !patience.wait(rest::until_at_rest(|| rest::look(&subject.game.save))) {
            return note(&format!(
                "{name}: its save is still being written, so it is not sent yet; `keepsave sync` \
                 does it later"
            ));
        }
        // The first save of a game may have been written just now.
        let now = Subject {
            library: library(&subject.choices),
            choices: subject.choices.clone(),
            game: subject.game.clone(),
        };
        let synced = self.sync(&now, shared, patience, OnConflict::Skip, None);
        let synced = synced.and_then(|(here, synced)| {
            end(&here);
            let synced = synced?;
            here.tell_played();
            here.keep_journal_within();
            Ok(synced)
        });
        match synced {
            Ok(synced) => {
                if conflict(&synced).is_some() {
                    note(&unsettled(&subject.game));
                } else {
                    tell(&synced, "its save stays as it is here");
                }
            }
            Err(why) => note(&format!(
                "{name}: its save was not synced, and the next sync does it: {}",
                why.message()
            )),
        }
    }

    fn sync(
        &self,
        subject: &Subject,
        shared: &Shared,
        patience: Patience,
        on_conflict: OnConflict,
        looked_at: Option<SaveId>,
    ) -> Result<(Here, Result<Synced<Report>, Failure>), Failure> {
        listen(&patience);
        let found = Some(subject.library.clone());
        let mut here = Here::open_with(&self.reach, shared, patience, found)?;
        let errand = Errand {
            looked_at,
            ..here.errand(Only::Both, on_conflict)
        };
        let present = here.present_of(&subject.game)?;
        let synced = here.sync(&present, &errand);
        Ok((here, synced))
    }
}

/// Whoever wants the launch to end does not want to wait for a sync.
fn listen(patience: &Patience) {
    patience.ends_at(&[
        SignalKind::interrupt(),
        SignalKind::terminate(),
        SignalKind::hangup(),
    ]);
}

/// Sees how saves are laid out before and after a launch, whether or not anything is synced: a
/// layout that changes twice is not to go unseen in between.
fn seen(subject: &Subject, library: &Library, state: Option<&State>) {
    let Some(state) = state else { return };
    if let Err(why) = see(library.clone(), &subject.choices, state) {
        note(why.message());
    }
}

/// The one game that is called so. Which game of the server it is, is not known yet.
fn by_name(games: &[&Game], named: &str) -> Result<Game, Failure> {
    let unmatched: Vec<_> = games.iter().map(|game| (*game, None)).collect();
    Ok(games[meant(&unmatched, named)?].clone())
}

/// The head that a person has to choose about, if there is one.
fn conflict(synced: &Synced<Report>) -> Option<SaveId> {
    let statuses = synced.statuses();
    let open = statuses.iter();
    let mut open = open.filter(|status| status.status == Status::Conflict);
    let lines = &open.next()?.lines;
    let asked = lines
        .iter()
        .filter(|line| line.step() == Some(Step::Conflict));
    asked
        .filter_map(|line| line.save.as_ref())
        .map(|save| save.id)
        .next()
}

fn unsettled(game: &Game) -> String {
    format!(
        "{}: both sides changed. It is played with the save that is here, and both stay as they \
         are: choose with `keepsave resolve`",
        game.stem
    )
}

/// Asks the person, where there is one.
fn choose(game: &Game, patience: &Patience) -> Option<OnConflict> {
    if !stdin().is_terminal() || !stderr().is_terminal() {
        return None;
    }
    let patience = patience.anew();
    listen(&patience);
    eprint!(
        "keepsave: {}: both sides changed. Both contents are kept, whatever you choose.\n\
         keepsave: Play the save of this machine [l], of the server [s], or the server's with the \
         other in a slot of its own [b]? Enter plays on and leaves the choice open: ",
        game.stem
    );
    let read = spawn_line(&patience)?;
    chosen(&read)
}

/// One line of the person's, unless they end it.
fn spawn_line(patience: &Patience) -> Option<String> {
    let reading = async {
        spawn_blocking(|| {
            let mut line = String::new();
            stdin().read_line(&mut line).map(|_| line)
        })
        .await
        .map_err(Failure::failed)
    };
    patience.ask(reading).ok()?.ok()
}

fn chosen(line: &str) -> Option<OnConflict> {
    match line.trim().to_ascii_lowercase().as_str() {
        "l" | "local" => Some(OnConflict::KeepLocal),
        "s" | "server" => Some(OnConflict::KeepServer),
        "b" | "both" => Some(OnConflict::KeepBoth),
        _ => None,
    }
}

/// Says what became of the save, where a person would want to know.
fn tell(synced: &Synced<Report>, otherwise: &str) {
    if let Some(states) = &synced.states {
        told::note_all(&synced.statuses(), states);
    }
    let plan = &synced.report.plan;
    for said in &plan.notes {
        note(said);
    }
    for status in &synced.statuses() {
        note_one(status, otherwise);
        for outcome in &status.outcomes {
            for said in &outcome.notes {
                note(&format!("{}: {said}", plan.name_of(&outcome.line)));
            }
        }
    }
}

fn note_one(status: &GameStatus<'_>, otherwise: &str) {
    let game = &status.game.present.game;
    if let Some(core) = &status.game.other_core {
        note(&format!(
            "{}: is played with {} now and was last synced with {core}",
            game.stem,
            or_dash(game.core.as_deref())
        ));
    }
    match status.status {
        Status::Upload => note(&format!("{}: its save was sent", game.stem)),
        Status::Download => note(&format!(
            "{}: its newest save is here: {}",
            game.stem, status.why
        )),
        Status::Synced | Status::NoSave => {}
        Status::Conflict | Status::Waiting | Status::Failed | Status::Unmatched => {
            note(&format!("{}: {otherwise}: {}", game.stem, status.why));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_clear_answer_is_a_choice() {
        for (line, choice) in [
            ("l\n", Some(OnConflict::KeepLocal)),
            (" S \r\n", Some(OnConflict::KeepServer)),
            ("both\n", Some(OnConflict::KeepBoth)),
            ("\n", None),
            ("", None),
            ("y\n", None),
            ("lsb\n", None),
        ] {
            assert_eq!(chosen(line), choice, "{line:?}");
        }
    }
}
