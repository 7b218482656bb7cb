//! `keepsave versions`: the saves of a game's slot.

use clap::Args;
use serde_json::{Value, json};

use crate::Shared;
use crate::exit::{Exit, Failure};
use crate::here::Here;
use crate::reach::Reach;
use crate::terminal::{bytes, moment, note, or_dash, print, print_json, table};

/// Lists the saves of the slot that a game syncs with
#[derive(Args)]
#[command(after_help = "\
Examples:
  keepsave versions \"Metroid Fusion\"
  keepsave restore \"Metroid Fusion\" 57

The newest stands first. HERE marks what this device has.")]
pub struct Versions {
    /// The game: its name or a part of it, its file, or its id on the server
    game: String,
    #[command(flatten)]
    reach: Reach,
}

impl Versions {
    pub fn run(&self, shared: &Shared) -> Result<Exit, Failure> {
        let here = Here::open_as_device(&self.reach, shared)?;
        let present = here.one(&self.game)?;
        let versions = here.seat.wait(here.seat.engine.versions(&present))?;
        if shared.json {
            let versions = versions.iter().map(|version| {
                let save = &version.save;
                json!({
                    "save_id": save.id,
                    "file_name": save.file_name,
                    "slot": save.slot,
                    "emulator": save.emulator,
                    "updated_at": save.updated_at,
                    "size": save.file_size_bytes,
                    "content_hash": save.content_hash,
                    "is_here": version.is_here,
                    "uploaded_by_us": version.uploaded_by_us,
                    "set_id": version.set,
                })
            });
            print_json(&json!({ "versions": versions.collect::<Vec<Value>>() }))?;
            return Ok(Exit::Done);
        }
        let rows = versions.iter().map(|version| {
            let save = &version.save;
            let by_us = match version.uploaded_by_us {
                Some(true) => "this device",
                Some(false) => "another device",
                None => "-",
            };
            [
                save.id.to_string(),
                moment(save.updated_at),
                save.file_size_bytes.map_or_else(|| "-".to_owned(), bytes),
                save.file_name.clone(),
                or_dash(save.emulator.as_deref()),
                by_us.to_owned(),
                if version.is_here { "*" } else { "" }.to_owned(),
            ]
        });
        let rows: Vec<[String; 7]> = rows.collect();
        if rows.is_empty() {
            note("the server has no saves in the slot that the game syncs with");
            return Ok(Exit::Done);
        }
        print(&table(
            ["SAVE", "STORED", "SIZE", "FILE", "EMULATOR", "BY", "HERE"],
            &rows,
        ));
        Ok(Exit::Done)
    }
}
