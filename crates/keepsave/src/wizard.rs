//! The questions before a game is synced for the first time, to a person at a terminal. Where there
//! is none, nothing is asked, and whoever calls names the command that answers.

use std::io::{IsTerminal, stderr, stdin};
use std::sync::Arc;

use keepsave_core::setup::Scenario;
use keepsave_device::engine::migrate::Keep;
use keepsave_device::engine::run::{OnConflict, Report};
use keepsave_device::engine::slots::SlotTrouble;
use keepsave_device::engine::sync::{Hindrance, Synced};
use keepsave_device::engine::wishes::Only;
use keepsave_device::games::Present;

use crate::exit::Failure;
use crate::here::Here;
use crate::sync::run::Progress;
use crate::terminal::{counted, note, question};

/// What a person answered.
#[derive(Debug, PartialEq, Eq)]
pub enum Answer {
    /// The game is synced with this slot.
    Slot(String),
    /// The saves that are in no slot are taken into this one, and the game is synced with it.
    Migrate(String),
}

/// Whether someone is there to answer.
pub fn is_possible() -> bool {
    stdin().is_terminal() && stderr().is_terminal()
}

/// Asks about every game that waits for it, and gives those that can be synced now.
pub fn settle(here: &Here, synced: &Synced<Report>) -> Result<Vec<Present>, Failure> {
    let mut settled = Vec::new();
    for game in &synced.games {
        if let Some(Hindrance::Unconfirmed { scenario, offers }) = &game.hindrance
            && set_up(here, &game.present, (*scenario, offers))?
        {
            settled.push(game.present.clone());
        }
    }
    Ok(settled)
}

/// Asks about one game and does what is answered. Whether something was chosen.
pub fn set_up(
    here: &Here,
    present: &Present,
    found: (Scenario, &[String]),
) -> Result<bool, Failure> {
    let game = &present.game.stem;
    match ask(game, found)? {
        None => {
            note(&format!("{game} waits: `keepsave slots setup` asks again"));
            Ok(false)
        }
        Some(Answer::Slot(slot)) => {
            here.seat
                .wait(here.seat.engine.choose_slot(present, &slot))?;
            note(&format!("{game} is synced with slot `{slot}` from now on"));
            Ok(true)
        }
        Some(Answer::Migrate(slot)) => migrate(here, present, &slot, None),
    }
}

/// Takes the saves that are in no slot into that one, and asks where what is here is another save.
/// Whether it was done.
pub fn migrate(
    here: &Here,
    present: &Present,
    slot: &str,
    keep: Option<Keep>,
) -> Result<bool, Failure> {
    let (seat, game) = (&here.seat, &present.game.stem);
    let errand = here.errand(Only::Both, OnConflict::Fail);
    let mut keep = keep;
    loop {
        let going = (Arc::new(Progress::default()) as Arc<_>, seat.stop());
        let engine = &seat.engine;
        let migrated = seat.wait(engine.migrate_archive(present, slot, keep, &errand, going));
        match migrated {
            Ok(saves) => {
                note(&format!(
                    "slot `{slot}` of {game} has {} that {} in no slot",
                    counted(saves as u64, "save"),
                    if saves == 1 { "was" } else { "were" }
                ));
                return Ok(true);
            }
            Err(SlotTrouble::Differs(path)) if is_possible() => {
                keep = which_to_keep(&path)?;
                if keep.is_none() {
                    note("nothing was changed");
                    return Ok(false);
                }
            }
            Err(trouble) => return Err(trouble.into()),
        }
    }
}

fn which_to_keep(path: &str) -> Result<Option<Keep>, Failure> {
    note(&format!("{path} is another save than the one in no slot."));
    note("  1  what is here is the newest, the other one the version before it");
    note("  2  the other one takes its place here; what is here stays in the journal");
    note("  l  later");
    loop {
        match question("Which [l]? ")?.as_deref() {
            Some("1") => return Ok(Some(Keep::Local)),
            Some("2") => return Ok(Some(Keep::Server)),
            None | Some("" | "l") => return Ok(None),
            Some(other) => note(&format!("`{other}` is none of 1, 2 and l")),
        }
    }
}

fn ask(game: &str, (scenario, offers): (Scenario, &[String])) -> Result<Option<Answer>, Failure> {
    note(&format!("{game}: {}.", scenario.sentence()));
    let mut answers: Vec<(String, Answer)> = Vec::new();
    if scenario == Scenario::Archive {
        answers.extend(offers.first().map(|slot| {
            let what = format!("take them into slot `{slot}`");
            (what, Answer::Migrate(slot.clone()))
        }));
    }
    answers.extend(offers.iter().map(|slot| {
        let what = if scenario == Scenario::Archive {
            format!("leave them there, and sync with slot `{slot}`")
        } else {
            format!("sync with slot `{slot}`")
        };
        (what, Answer::Slot(slot.clone()))
    }));
    for (number, (what, _)) in (1..).zip(&answers) {
        note(&format!("  {number}  {what}"));
    }
    note("  n  sync with a new slot");
    note("  l  later");
    loop {
        let Some(said) = question("Which [l]? ")? else {
            return Ok(None);
        };
        match (said.as_str(), said.parse::<usize>()) {
            ("" | "l", _) => return Ok(None),
            ("n", _) => match question("What is it called? ")? {
                Some(name) if !name.is_empty() => return Ok(Some(Answer::Slot(name))),
                _ => {}
            },
            (_, Ok(number)) if (1..=answers.len()).contains(&number) => {
                return Ok(Some(answers.swap_remove(number - 1).1));
            }
            (other, _) => note(&format!("`{other}` is none of them")),
        }
    }
}
