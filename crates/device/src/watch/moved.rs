//! Which saves moved on a server that does not tell: what its list says now, beside what it said.

use std::collections::{BTreeMap, BTreeSet};

use keepsave_core::ids::{DeviceId, RomId, SaveId};
use keepsave_core::time::Time;

use crate::server::seen::SeenSave;

/// What a server's list said last: of each save, when it changed.
#[derive(Clone, Debug, Default)]
pub struct Lists(Option<BTreeMap<SaveId, Option<Time>>>);

impl Lists {
    /// The games of which something moved since the list before, but for new saves of our own: one
    /// that was there may have been written over by another device. The first list says nothing.
    pub fn moved(&mut self, saves: &[SeenSave], device: &DeviceId) -> BTreeSet<RomId> {
        let now = saves.iter().map(|save| (save.id, save.updated_at));
        let before = self.0.replace(now.collect());
        let Some(before) = before else {
            return BTreeSet::new();
        };
        let has_moved = |save: &&SeenSave| match before.get(&save.id) {
            Some(at) => *at != save.updated_at,
            None => save.origin_device_id.as_ref() != Some(device),
        };
        saves
            .iter()
            .filter(has_moved)
            .map(|save| save.rom_id)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn save(id: i64, rom: i64, at: i64, device: &str) -> SeenSave {
        let row = serde_json::json!({
            "id": id,
            "rom_id": rom,
            "updated_at": Time::EPOCH.plus_seconds(at),
            "origin_device_id": device,
        });
        serde_json::from_value(row).unwrap()
    }

    #[test]
    fn what_is_new_or_other_moved_but_for_what_is_new_and_ours() {
        let us = DeviceId("us".to_owned());
        let mut lists = Lists::default();
        let games = |moved: BTreeSet<RomId>| moved.into_iter().map(|rom| rom.0).collect::<Vec<_>>();
        let first = [save(1, 10, 5, "them"), save(2, 20, 5, "us")];
        assert_eq!(games(lists.moved(&first, &us)), [0; 0]);
        assert_eq!(games(lists.moved(&first, &us)), [0; 0]);
        let next = [
            save(1, 10, 6, "them"),
            save(2, 20, 6, "us"),
            save(3, 30, 1, "them"),
            save(4, 40, 1, "us"),
        ];
        assert_eq!(games(lists.moved(&next, &us)), [10, 20, 30]);
        assert_eq!(games(lists.moved(&next[..1], &us)), [0; 0]);
    }
}
