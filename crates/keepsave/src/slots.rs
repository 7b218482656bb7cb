//! `keepsave slots`: the slots of a game.

use std::io::{IsTerminal, stdin};
use std::sync::Arc;

use clap::{Args, Subcommand, ValueEnum};
use keepsave_core::setup::Setup;
use keepsave_device::engine::carry::Carry;
use keepsave_device::engine::migrate::Keep;
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
use crate::wizard;

/// The slots of a game, and which one it syncs with
#[derive(Args)]
#[command(
    arg_required_else_help = true,
    disable_help_subcommand = true,
    after_help = "\
Examples:
  keepsave slots list \"Metroid Fusion\"
  keepsave slots setup \"Metroid Fusion\" --slot autosave
  keepsave slots switch \"Metroid Fusion\" speedrun
  keepsave slots move \"Metroid Fusion\" autosave \"first run\""
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
    Copy(Copy),
    Move(Move),
    Migrate(Migrate),
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

Without --slot it says what is found and which slots can be chosen, and at a terminal it asks.")]
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

/// Copies a slot with all its saves to one that has none
#[derive(Args)]
#[command(after_help = "\
Examples:
  keepsave slots copy \"Metroid Fusion\" autosave before-the-boss

A Keepsave copies the whole history. A RomM stores each save anew: their order stays, and when they
were made does not. What breaks off goes on where it ended when it is run again.")]
struct Copy {
    #[command(flatten)]
    slots: FromTo,
}

/// Moves a slot with all its saves to another name
#[derive(Args)]
#[command(after_help = "\
Examples:
  keepsave slots move \"Metroid Fusion\" autosave \"first run\"

If the game syncs with the slot, it does so with the other one from now on. On other devices the game
waits, and says so, until it is switched there, too: what was played on meanwhile goes up then. A RomM stores each save anew, and those that they were made from are deleted when
every content is proved to be there. What breaks off goes on where it ended when it is run again.")]
struct Move {
    #[command(flatten)]
    slots: FromTo,
}

#[derive(Args)]
struct FromTo {
    /// The game
    game: String,
    /// The slot that has the saves
    from: String,
    /// The slot that is to have them
    to: String,
}

/// Takes saves that are in no slot, as other apps leave them, into one
#[derive(Args)]
#[command(after_help = "\
Examples:
  keepsave slots migrate \"Metroid Fusion\"
  keepsave slots migrate \"Metroid Fusion\" --to autosave --keep server

What they hold counts and not what they are called: of each file of the save the newest goes up into
the slot, and the game is synced with it. They stay where they were besides.")]
struct Migrate {
    /// The game
    game: String,
    /// The slot; by default the one for new games
    #[arg(long, value_name = "NAME")]
    to: Option<String>,
    /// Which is to be the newest where what is here is another save
    #[arg(long, value_enum)]
    keep: Option<KeepWhich>,
}

#[derive(Clone, Copy, ValueEnum)]
enum KeepWhich {
    /// What is here; the other one is the version before it
    Local,
    /// The other one; what is here goes into the journal
    Server,
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
        let here = Here::open_as_device(&self.reach, shared)?;
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
            Command::Copy(copy) => copy.slots.carry(Carry::Copy, &here, shared),
            Command::Move(of) => of.slots.carry(Carry::Move, &here, shared),
            Command::Migrate(migrate) => migrate.run(&here, shared),
            Command::Delete(delete) => delete.run(&here, shared),
        }
    }
}

impl SetUp {
    fn run(&self, here: &Here, shared: &Shared) -> Result<Exit, Failure> {
        let present = here.one(&self.game)?;
        let engine = &here.seat.engine;
        if let Some(slot) = &self.slot {
            here.seat.wait(engine.choose_slot(&present, slot))?;
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
        if let Setup::Ask { scenario, offers } = &found
            && !shared.json
            && wizard::is_possible()
        {
            let chosen = wizard::set_up(here, &present, (*scenario, offers))?;
            return Ok(if chosen { Exit::Done } else { Exit::Found });
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

impl FromTo {
    fn carry(&self, carry: Carry, here: &Here, shared: &Shared) -> Result<Exit, Failure> {
        let present = here.one(&self.game)?;
        let (seat, watch) = (&here.seat, Arc::new(Progress::default()));
        let way = (self.from.as_str(), self.to.as_str());
        let going = (watch as Arc<_>, seat.stop());
        let saves = seat.wait(seat.engine.carry_slot(&present, carry, way, going))?;
        if shared.json {
            print_json(&json!({ "from": self.from, "to": self.to, "saves": saves }))?;
        }
        note(&format!(
            "slot `{}` of {} has {} of slot `{}` now",
            self.to,
            present.game.stem,
            counted(saves as u64, "save"),
            self.from
        ));
        Ok(Exit::Done)
    }
}

impl Migrate {
    fn run(&self, here: &Here, shared: &Shared) -> Result<Exit, Failure> {
        let present = here.one(&self.game)?;
        let slot = self.to.as_ref().unwrap_or(&here.choices.default_slot);
        let keep = self.keep.map(|keep| match keep {
            KeepWhich::Local => Keep::Local,
            KeepWhich::Server => Keep::Server,
        });
        let done = wizard::migrate(here, &present, slot, keep)?;
        if shared.json {
            print_json(&json!({ "slot": slot, "migrated": done }))?;
        }
        Ok(if done { Exit::Done } else { Exit::Found })
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
        let (seat, watch) = (&here.seat, Arc::new(Progress::default()));
        let going = (watch as Arc<_>, seat.stop());
        let count = seat.wait(seat.engine.delete_slot(&present, &self.slot, going))?;
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
            trouble @ (SlotTrouble::Name(_) | SlotTrouble::Blank | SlotTrouble::Same) => {
                Self::usage(trouble)
            }
            trouble => Self::failed(trouble),
        }
    }
}
