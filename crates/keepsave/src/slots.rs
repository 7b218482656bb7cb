//! `keepsave slots`: the slots of a game.

use std::io::{IsTerminal, stdin};
use std::sync::Arc;

use clap::{Args, Subcommand};
use keepsave_core::setup::Setup;
use keepsave_device::engine::run::OnConflict;
use keepsave_device::engine::slots::{GameSlot, SlotTrouble};
use keepsave_device::engine::wishes::Only;
use keepsave_device::games::Present;
use serde_json::json;

use crate::Shared;
use crate::exit::{Exit, Failure};
use crate::here::Here;
use crate::reach::Reach;
use crate::sync::run::Progress;
use crate::terminal::{confirm, counted, moment, note, print, print_json, table};

/// The slots of a game, and which one it syncs with
#[derive(Args)]
#[command(
    arg_required_else_help = true,
    disable_help_subcommand = true,
    after_help = "\
Examples:
  keepsave slots list \"Metroid Fusion\"
  keepsave slots setup \"Metroid Fusion\" --slot autosave
  keepsave slots switch \"Metroid Fusion\" speedrun"
)]
pub struct Slots {
    #[command(flatten)]
    reach: Reach,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    List(List),
    Setup(SetUp),
    Create(Create),
    Switch(Switch),
    Delete(Delete),
}

/// Lists the slots of a game
#[derive(Args)]
#[command(after_help = "\
Examples:
  keepsave slots list \"Metroid Fusion\"")]
struct List {
    /// The game
    game: String,
}

/// Chooses the slot of a game before its first sync; moves no byte
#[derive(Args)]
#[command(after_help = "\
Examples:
  keepsave slots setup \"Metroid Fusion\"
  keepsave slots setup \"Metroid Fusion\" --slot autosave

Without --slot it says what is found and which slots can be chosen.")]
struct SetUp {
    /// The game
    game: String,
    /// The slot
    #[arg(long, value_name = "NAME")]
    slot: Option<String>,
}

/// Begins a slot; the server has it when something is uploaded to it
#[derive(Args)]
#[command(after_help = "\
Examples:
  keepsave slots create \"Metroid Fusion\" speedrun")]
struct Create {
    /// The game
    game: String,
    /// The slot
    slot: String,
}

/// Switches a game to another slot: what that one has takes the place of what is here
#[derive(Args)]
#[command(after_help = "\
Examples:
  keepsave slots switch \"Metroid Fusion\" speedrun
  keepsave slots switch \"Metroid Fusion\" speedrun --carry

What is here must be in sync. Files that the slot does not have go into the journal, or with --carry
stay and go up to it at the next sync.")]
struct Switch {
    /// The game
    game: String,
    /// The slot
    slot: String,
    /// Keeps the files that the slot does not have
    #[arg(long)]
    carry: bool,
}

/// Deletes a slot and all its saves
#[derive(Args)]
#[command(after_help = "\
Examples:
  keepsave slots delete \"Metroid Fusion\" speedrun
  keepsave slots delete \"Metroid Fusion\" speedrun --yes

The slot that the game syncs with cannot be deleted.")]
struct Delete {
    /// The game
    game: String,
    /// The slot
    slot: String,
    /// Does not ask
    #[arg(long)]
    yes: bool,
}

impl Slots {
    pub fn run(&self, shared: &Shared) -> Result<Exit, Failure> {
        let here = Here::open(&self.reach, shared)?;
        match &self.command {
            Command::List(list) => {
                let present = here.one(&list.game)?;
                let slots = here.seat.wait(here.seat.engine.slots(&present))?;
                show(&slots, shared)
            }
            Command::Setup(set_up) => set_up.run(&here, shared),
            Command::Create(create) => {
                let present = here.one(&create.game)?;
                here.seat.engine.create_slot(&present, &create.slot)?;
                note(&format!(
                    "{} has a slot `{}` now",
                    present.game.stem, create.slot
                ));
                Ok(Exit::Done)
            }
            Command::Switch(switch) => switch.run(&here, shared),
            Command::Delete(delete) => delete.run(&here, shared),
        }
    }
}

impl SetUp {
    fn run(&self, here: &Here, shared: &Shared) -> Result<Exit, Failure> {
        let present = here.one(&self.game)?;
        let engine = &here.seat.engine;
        if let Some(slot) = &self.slot {
            engine.choose_slot(&present, slot)?;
            note(&format!(
                "{} is synced with slot `{slot}` from now on",
                present.game.stem
            ));
            return Ok(Exit::Done);
        }
        let offers = engine.slot_offers(&present, &here.choices.default_slot);
        let found = here.seat.wait(offers)?;
        let json = match &found {
            Setup::Nothing => json!({ "setup": "nothing" }),
            Setup::Confirm { slot, reason } => {
                json!({ "setup": "confirm", "slot": slot, "why": reason })
            }
            Setup::Ask { scenario, offers } => json!({
                "setup": "ask",
                "scenario": scenario,
                "slots": offers,
                "why": scenario.sentence(),
            }),
        };
        if shared.json {
            print_json(&json)?;
        }
        note(&match &found {
            Setup::Nothing => {
                "neither side has a save yet, so there is nothing to choose".to_owned()
            }
            Setup::Confirm { slot, reason } => {
                format!("{reason}: the next sync takes slot `{slot}`")
            }
            Setup::Ask { scenario, offers } => format!(
                "{}. Choose with --slot: {}",
                scenario.sentence(),
                offers.join(", ")
            ),
        });
        Ok(match found {
            Setup::Ask { .. } => Exit::Found,
            Setup::Nothing | Setup::Confirm { .. } => Exit::Done,
        })
    }
}

impl Switch {
    fn run(&self, here: &Here, shared: &Shared) -> Result<Exit, Failure> {
        let present = here.one(&self.game)?;
        let errand = here.errand(Only::Both, OnConflict::Fail);
        let (seat, watch) = (&here.seat, Arc::new(Progress::default()));
        let going = (watch as Arc<_>, seat.stop());
        let switch = seat
            .engine
            .switch_slot(&present, &self.slot, &errand, self.carry, going);
        let outcomes = seat.wait(switch)?;
        if shared.json {
            print_json(&json!({ "slot": self.slot, "files": outcomes.len() }))?;
        }
        note(&format!(
            "{} is synced with slot `{}` now; {} came from it",
            present.game.stem,
            self.slot,
            counted(outcomes.len() as u64, "file")
        ));
        Ok(Exit::Done)
    }
}

impl Delete {
    fn run(&self, here: &Here, shared: &Shared) -> Result<Exit, Failure> {
        let present = here.one(&self.game)?;
        let slots = here.seat.wait(here.seat.engine.slots(&present))?;
        let slot = slots.iter().find(|slot| slot.name == self.slot);
        if let Some(slot) = slot {
            note(&what_goes(&present, slot));
        }
        if !self.yes {
            if !stdin().is_terminal() {
                return Err(Failure::usage(
                    "without a terminal to ask on, --yes must say that the slot may go",
                ));
            }
            if !confirm(&format!(
                "Delete slot `{}` of {}?",
                self.slot, present.game.stem
            ))? {
                note("nothing was deleted");
                return Ok(Exit::Found);
            }
        }
        let count = here
            .seat
            .wait(here.seat.engine.delete_slot(&present, &self.slot))?;
        if shared.json {
            print_json(&json!({ "slot": self.slot, "deleted_saves": count }))?;
        }
        note(&format!("slot `{}` is gone", self.slot));
        Ok(Exit::Done)
    }
}

/// What a person should know before a slot goes.
fn what_goes(present: &Present, slot: &GameSlot) -> String {
    format!(
        "slot `{}` of {}: {} on the server, {} tracked here, from the {}{}",
        slot.name,
        present.game.stem,
        counted(slot.saves.len() as u64, "save"),
        counted(slot.tracked_files as u64, "file"),
        slot.source,
        if slot.is_active { ", active" } else { "" },
    )
}

fn show(slots: &[GameSlot], shared: &Shared) -> Result<Exit, Failure> {
    if shared.json {
        print_json(&json!({ "slots": slots }))?;
        return Ok(Exit::Done);
    }
    let rows = slots.iter().map(|slot| {
        [
            slot.name.clone(),
            slot.saves.len().to_string(),
            slot.tracked_files.to_string(),
            slot.source.to_owned(),
            moment(slot.latest_updated_at),
            if slot.is_active { "*" } else { "" }.to_owned(),
        ]
    });
    let rows: Vec<[String; 6]> = rows.collect();
    if rows.is_empty() {
        note("the game has no slots yet");
        return Ok(Exit::Done);
    }
    print(&table(
        ["SLOT", "SAVES", "TRACKED", "SOURCE", "NEWEST", "ACTIVE"],
        &rows,
    ));
    Ok(Exit::Done)
}

impl From<SlotTrouble> for Failure {
    fn from(trouble: SlotTrouble) -> Self {
        match trouble {
            SlotTrouble::Engine(error) => error.into(),
            SlotTrouble::Name(error) => Self::usage(error),
            trouble => Self::failed(trouble),
        }
    }
}
