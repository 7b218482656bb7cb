//! What a client remembers from one sync to the next: a file of its own on its machine, replaced as
//! a whole and never flushed.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::visit::Stop;
use crate::world::machine::Machine;

const FILE: &str = "memory.json";

/// What it remembers. One who cannot read it begins anew.
pub fn recall<T: DeserializeOwned + Default>(machine: &Machine) -> T {
    let text = machine.read(&machine.own().join(FILE));
    let memory = text.and_then(|text| serde_json::from_slice(&text).ok());
    memory.unwrap_or_default()
}

/// From now on it remembers this.
pub fn remember(machine: &Machine, memory: &impl Serialize) -> Result<(), Stop> {
    let text = serde_json::to_vec(memory).unwrap();
    Ok(machine
        .disk
        .write_beside(&machine.own().join(FILE), &text)?)
}

/// What all of them remember: who they are to the server.
pub fn device(machine: &Machine) -> Option<String> {
    #[derive(Default, Deserialize)]
    struct Known {
        device: Option<String>,
    }
    recall::<Known>(machine).device
}
