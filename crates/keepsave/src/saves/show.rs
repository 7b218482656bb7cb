//! `keepsave saves list` and `get`.

use clap::Args;
use keepsave_core::ids::{DeviceId, RomId, SaveId};
use keepsave_device::server::saves::Listed;
use keepsave_device::server::seen::SeenSave;

use crate::exit::{Exit, Failure};
use crate::reach::{Reached, report};
use crate::terminal::{bytes, moment, or_dash, print, print_json, table};

/// Lists saves
#[derive(Args)]
#[command(after_help = "\
Examples:
  keepsave saves list
  keepsave saves list --rom-id 12 --slot autosave --device-id 3f0c7e52-…")]
pub struct List {
    /// Of this game only
    #[arg(long, value_name = "ID")]
    rom_id: Option<i64>,
    /// With what the server knows of this device
    #[arg(long, value_name = "ID")]
    device_id: Option<String>,
    /// In this slot only
    #[arg(long)]
    slot: Option<String>,
}

/// Shows one save
#[derive(Args)]
#[command(after_help = "\
Examples:
  keepsave saves get 345 --json")]
pub struct Get {
    /// Its id, as `list` shows it
    id: i64,
    /// With what the server knows of this device
    #[arg(long, value_name = "ID")]
    device_id: Option<String>,
}

impl List {
    pub fn run(&self, reached: &Reached, json: bool) -> Result<Exit, Failure> {
        let device = self.device_id.clone().map(DeviceId);
        let listed = Listed {
            rom: self.rom_id.map(RomId),
            slot: self.slot.as_deref(),
            device: device.as_ref(),
        };
        let told = reached.wait(reached.server.saves(listed))?;
        if json {
            print_json(&told.json())?;
            return Ok(Exit::Done);
        }
        show(&told.seen.rows, device.as_ref());
        Ok(report(&told.seen.unreadable))
    }
}

impl Get {
    pub fn run(&self, reached: &Reached, json: bool) -> Result<Exit, Failure> {
        let device = self.device_id.clone().map(DeviceId);
        let told = reached.wait(reached.server.save(SaveId(self.id), device.as_ref()))?;
        if json {
            print_json(&told.json())?;
        } else {
            show(&[told.seen], device.as_ref());
        }
        Ok(Exit::Done)
    }
}

/// Saves as a table, the newest of a slot first.
fn show(saves: &[SeenSave], device: Option<&DeviceId>) {
    let mut saves: Vec<&SeenSave> = saves.iter().collect();
    saves.sort_by(|a, b| {
        let place = |save: &SeenSave| (save.rom_id, save.slot.clone());
        place(a)
            .cmp(&place(b))
            .then_with(|| b.updated_at.cmp(&a.updated_at))
    });
    let rows: Vec<_> = saves.into_iter().map(|save| row(save, device)).collect();
    let headings = ["id", "game", "slot", "file", "size", "updated", "here"];
    print(&table(headings, &rows));
}

fn row(save: &SeenSave, device: Option<&DeviceId>) -> [String; 7] {
    let here = device.map(|device| match save.sync_of(device) {
        Some(sync) if sync.is_untracked => "untracked",
        Some(sync) if sync.is_current => "current",
        _ => "older or none",
    });
    [
        save.id.to_string(),
        save.rom_id.to_string(),
        or_dash(save.slot.as_deref()),
        or_dash(Some(&save.file_name)),
        save.file_size_bytes.map_or_else(|| "-".to_owned(), bytes),
        moment(save.updated_at),
        or_dash(here),
    ]
}
