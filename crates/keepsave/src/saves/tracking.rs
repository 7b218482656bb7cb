//! `keepsave saves track` and `untrack`: whether a device syncs a save.

use clap::Args;
use keepsave_core::ids::SaveId;
use serde_json::json;

use crate::exit::{Exit, Failure};
use crate::reach::Reached;
use crate::terminal::{note, print_json};

/// A save, and the device that is to sync it or not.
#[derive(Args)]
pub struct Tracked {
    /// Its id, as `list` shows it
    id: i64,
    /// The device; this machine when none is named
    #[arg(long, value_name = "ID")]
    device_id: Option<String>,
}

impl Tracked {
    pub fn run(&self, reached: &Reached, is_tracked: bool, json: bool) -> Result<Exit, Failure> {
        let device = reached.device(self.device_id.as_deref())?;
        let (id, server) = (SaveId(self.id), &reached.server);
        if is_tracked {
            reached.wait(server.track(id, &device))?;
        } else {
            reached.wait(server.untrack(id, &device))?;
        }
        if json {
            print_json(&json!({ "id": id, "device_id": device, "is_tracked": is_tracked }))?;
        } else if is_tracked {
            note(&format!("device {device} syncs save {id}"));
        } else {
            note(&format!("device {device} leaves save {id} out"));
        }
        Ok(Exit::Done)
    }
}
