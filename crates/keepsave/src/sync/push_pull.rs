//! `keepsave sync push-pull`: lets the server visit a device.

use clap::Args;
use keepsave_core::ids::DeviceId;

use super::sessions::show;
use crate::Shared;
use crate::exit::{Exit, Failure};
use crate::reach::Reach;
use crate::terminal::print_json;

/// Lets the server visit a device now
#[derive(Args)]
#[command(after_help = "\
Examples:
  keepsave sync push-pull 3f0c7e52-…

The device must have been registered with --sync-mode push-pull.")]
pub struct PushPull {
    /// Its id, as `keepsave sync device list` shows it
    device_id: String,
}

impl PushPull {
    pub fn run(&self, reach: &Reach, shared: &Shared) -> Result<Exit, Failure> {
        let reached = reach.open(shared)?;
        reached.greet()?;
        let device = DeviceId(self.device_id.clone());
        let told = reached.wait(reached.server.push_pull(&device))?;
        if shared.json {
            print_json(&told.json())?;
        } else {
            show(&[told.seen]);
        }
        Ok(Exit::Done)
    }
}
