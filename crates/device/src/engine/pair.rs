//! Which line of a server's plan speaks of which file.
//!
//! A server answers an inventory in its order, each file once, and then adds the saves that the
//! inventory did not name. Its names are its own, so a name pairs nothing but files of the archive,
//! which has no slots to tell them apart.

use keepsave_core::ids::RomId;
use keepsave_core::layouts::part_of;

use super::line::Item;
use crate::server::seen::SeenOperation;

/// A plan's operations, sorted by what they speak of.
#[derive(Debug, PartialEq, Eq)]
pub struct Paired {
    /// For each item the operation that speaks of it.
    pub of_item: Vec<Option<usize>>,
    /// The operations that speak of no item.
    pub rest: Vec<usize>,
}

/// Pairs operations with the items, of which those with a file were in the inventory.
pub fn pair(items: &[Item], operations: &[SeenOperation]) -> Paired {
    let mut taken = vec![false; operations.len()];
    let mut take = |fits: &dyn Fn(&SeenOperation) -> bool| {
        let free = |&(index, operation): &(usize, &SeenOperation)| !taken[index] && fits(operation);
        let found = operations.iter().enumerate().find(free)?.0;
        taken[found] = true;
        Some(found)
    };
    let mut of_item = vec![None; items.len()];
    let places = |item: &Item| (item.entry.rom, item.entry.slot.clone());
    for (item, paired) in items.iter().zip(&mut of_item) {
        if item.file().is_some() {
            let place = places(item);
            let name = &item.entry.file_name;
            let archived = |operation: &SeenOperation| {
                operation.slot.is_some() || operation.file_name == *name
            };
            *paired = take(&|operation| place_of(operation) == place && archived(operation));
        }
    }
    // A file that is not there was in no inventory; what the server offers for its slot is meant
    // for it when it is the same part of the save.
    for (item, paired) in items.iter().zip(&mut of_item) {
        if item.file().is_none() && item.entry.slot.is_some() {
            let place = places(item);
            let part = part_of(&item.entry.file_name);
            *paired = take(&|operation| {
                place_of(operation) == place && part_of(&operation.file_name) == part
            });
        }
    }
    let rest = (0..operations.len())
        .filter(|&index| !taken[index])
        .collect();
    Paired { of_item, rest }
}

fn place_of(operation: &SeenOperation) -> (RomId, Option<String>) {
    (operation.rom_id, operation.slot.clone())
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use keepsave_core::negotiate::Action;

    use super::*;
    use crate::engine::line::Found;
    use crate::engine::line::tests::file_of;
    use crate::manifest::Entry;
    use crate::server::seen::SeenAction;

    /// `name@slot`, with `!` in front where there is no file.
    fn item(text: &str) -> Item {
        let (name, slot) = text.trim_start_matches('!').split_once('@').unwrap();
        let is_there = !text.starts_with('!');
        Item {
            entry: Entry {
                rom: RomId(1),
                outside: None,
                path: PathBuf::from(name),
                file_name: name.to_owned(),
                slot: (slot != "-").then(|| slot.to_owned()),
                emulator: None,
            },
            listed: true,
            found: if is_there {
                Found::File(Box::new(file_of(b"progress")))
            } else {
                Found::Nothing
            },
            baseline: None,
        }
    }

    fn operation(text: &str) -> SeenOperation {
        let (name, slot) = text.split_once('@').unwrap();
        SeenOperation {
            action: SeenAction::Known(Action::NoOp),
            rom_id: RomId(1),
            save_id: None,
            file_name: name.to_owned(),
            slot: (slot != "-").then(|| slot.to_owned()),
            emulator: None,
            reason: String::new(),
            server_updated_at: None,
            server_content_hash: None,
        }
    }

    #[track_caller]
    fn check(items: &[&str], operations: &[&str], of_item: &[Option<usize>], rest: &[usize]) {
        let items: Vec<Item> = items.iter().map(|text| item(text)).collect();
        let operations: Vec<_> = operations.iter().map(|text| operation(text)).collect();
        let paired = pair(&items, &operations);
        assert_eq!(paired.of_item, of_item);
        assert_eq!(paired.rest, rest);
    }

    #[test]
    fn a_slot_pairs_whatever_the_server_calls_the_file() {
        check(
            &["z.srm@a", "z.srm@b"],
            &["Z [2026-11-20_07-28-30].srm@b", "other.sav@a"],
            &[Some(1), Some(0)],
            &[],
        );
    }

    #[test]
    fn files_of_one_slot_are_answered_in_order() {
        check(
            &["z.srm@a", "z.rtc@a"],
            &["z [1].rtc@a", "z [1].rtc@a", "y.srm@c"],
            &[Some(0), Some(1)],
            &[2],
        );
    }

    #[test]
    fn without_a_slot_the_name_tells() {
        check(
            &["z.srm@-", "y.srm@-"],
            &["y.srm@-", "z.srm@-", "x.srm@-"],
            &[Some(1), Some(0)],
            &[2],
        );
    }

    #[test]
    fn what_is_not_here_takes_what_is_offered_for_its_part() {
        check(
            &["!z.srm@a", "!z.rtc@a", "!y.srm@-"],
            &["z [1].rtc@a", "y.srm@-"],
            &[None, Some(0), None],
            &[1],
        );
    }

    #[test]
    fn a_file_that_is_here_is_paired_before_one_that_is_not() {
        check(
            &["!z.srm@a", "z.rtc@a"],
            &["z.srm@a", "z.srm@a"],
            &[Some(1), Some(0)],
            &[],
        );
    }
}
