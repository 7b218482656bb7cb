//! What a device showed, sorted by the timelines that it names.

use std::collections::HashMap;

use keepsave_core::ids::RomId;
use keepsave_core::{layouts, names};
use keepsave_wire::sync::ClientSaveState;

use crate::vault::positions::Position;

/// An inventory, sorted. An entry is its place in the inventory, from 0.
pub struct Sorted {
    /// For each position, in order, the entries that name its timeline.
    pub by_position: Vec<Vec<usize>>,
    /// The entries that name a timeline in which nothing was ever stored.
    pub new: Vec<usize>,
}

/// Where a timeline is, among those of one user.
type Place<'a> = (RomId, Option<&'a str>, &'a str);

/// Sorts an inventory by the timelines that a device has a position on.
pub fn sort(inventory: &[ClientSaveState], positions: &[Position]) -> Sorted {
    let places: HashMap<Place<'_>, usize> = (0..)
        .zip(positions)
        .map(|(at, position)| {
            let slot = position.slot.as_deref();
            ((position.rom, slot, position.part.as_str()), at)
        })
        .collect();
    let mut sorted = Sorted {
        by_position: vec![Vec::new(); positions.len()],
        new: Vec::new(),
    };
    for (entry, save) in inventory.iter().enumerate() {
        let part = part_of(save);
        match places.get(&(save.rom_id, save.slot.as_deref(), part.as_str())) {
            Some(&position) => sorted.by_position[position].push(entry),
            None => sorted.new.push(entry),
        }
    }
    sorted
}

/// The part of its slot that a save would go to when it is uploaded.
fn part_of(save: &ClientSaveState) -> String {
    let sanitised = names::sanitise(&save.file_name);
    let name = match &sanitised {
        Ok(name) => name.as_str(),
        Err(_) => &save.file_name,
    };
    match save.slot {
        Some(_) => layouts::part_of(name).as_str().to_owned(),
        None => name.to_owned(),
    }
}
