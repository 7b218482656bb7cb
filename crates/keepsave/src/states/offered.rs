//! `keepsave states offered`: which states of the server could be taken here.

use clap::Args;
use keepsave_device::engine::states::Offer;
use serde_json::json;

use crate::Shared;
use crate::exit::{Exit, Failure};
use crate::here::{Here, Which};
use crate::reach::Reach;
use crate::terminal::{bytes, moment, note, or_dash, print, print_json, table};

/// Lists the states of the server that could be taken here
#[derive(Args)]
#[command(after_help = "\
Examples:
  keepsave states offered
  keepsave states offered --game \"Metroid Fusion\"
  keepsave states offered --all
  keepsave states take \"Metroid Fusion\" 57

A state is offered where the core and the version that made it are here. --all shows the others too,
and why they are not.")]
pub struct Offered {
    #[command(flatten)]
    which: Which,
    /// Those too that are not known to load here
    #[arg(long)]
    all: bool,
}

impl Offered {
    pub fn run(&self, reach: &Reach, shared: &Shared) -> Result<Exit, Failure> {
        let here = Here::open_for_states(reach, shared)?;
        let present = here.present(self.which.game.as_deref())?;
        let (mut offers, waiting) = here.seat.ask(here.seat.engine.states_offered(&present))?;
        offers.retain(|offer| self.all || offer.why_not.is_none());
        if shared.json {
            let offers: Vec<_> = offers.iter().map(json).collect();
            let waiting = waiting.iter();
            let waiting = waiting.map(|one| json!({ "rom_id": one.rom, "why": one.why }));
            let waiting: Vec<_> = waiting.collect();
            print_json(&json!({ "states": offers, "waiting": waiting }))?;
            return Ok(Exit::Done);
        }
        if offers.is_empty() {
            note("the server has no states that could be taken here");
            return Ok(Exit::Done);
        }
        let rows: Vec<[String; 7]> = offers.iter().map(row).collect();
        let headings = [
            "STATE",
            "GAME",
            "FILE",
            "MADE BY",
            "SIZE",
            "STORED",
            "NOT OFFERED",
        ];
        print(&table(headings, &rows));
        Ok(Exit::Done)
    }
}

fn json(offer: &Offer) -> serde_json::Value {
    let stamp = offer.stamp.as_ref();
    json!({
        "state_id": offer.state.id,
        "rom_id": offer.state.rom_id,
        "game": offer.game,
        "file_name": offer.state.file_name,
        "ending": stamp.map(|stamp| stamp.ending.to_string()),
        "core": stamp.map(|stamp| &stamp.core),
        "version": stamp.and_then(|stamp| stamp.version.as_ref()),
        "size": offer.state.file_size_bytes,
        "updated_at": offer.state.updated_at,
        "offered": offer.why_not.is_none(),
        "why_not": offer.why_not,
    })
}

fn row(offer: &Offer) -> [String; 7] {
    let state = &offer.state;
    let stamp = offer.stamp.as_ref();
    let made_by = stamp.map(|stamp| {
        let version = stamp.version.as_deref().unwrap_or_default();
        format!("{} {version}", stamp.core).trim_end().to_owned()
    });
    [
        state.id.to_string(),
        offer.game.clone(),
        stamp.map_or_else(|| state.file_name.clone(), |stamp| stamp.ending.to_string()),
        or_dash(made_by.or_else(|| state.emulator.clone()).as_deref()),
        state.file_size_bytes.map_or_else(|| "-".to_owned(), bytes),
        moment(state.updated_at),
        offer.why_not.clone().unwrap_or_default(),
    ]
}
