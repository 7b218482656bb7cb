//! What a person wishes beside what is decided for each file by itself.

use std::collections::{BTreeMap, HashSet};

use keepsave_core::decide::{self, Choice, Reason, Step};
use keepsave_core::ids::RomId;
use keepsave_core::layouts::part_of;

use super::error::HELD;
use super::line::{Line, Todo};

/// What a person wishes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wishes {
    /// The files of one game and slot are one save, which goes one way.
    pub in_sets: bool,
    /// Asks before content is replaced that no server has.
    pub ask_on_first_difference: bool,
    /// What may be moved.
    pub only: Only,
}

/// What may be moved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Only {
    /// Whatever has to be.
    #[default]
    Both,
    /// What goes up.
    Up,
    /// What comes down.
    Down,
}

impl Wishes {
    /// Decides anew what goes against them.
    pub(super) fn apply(self, lines: &mut [Line], up_only: &HashSet<RomId>) {
        if self.ask_on_first_difference {
            ask_first(lines);
        }
        if self.in_sets {
            go_together(lines);
        }
        hold_back(lines, self.only);
        hold(lines, up_only);
    }
}

/// The files of one game and slot go one way.
fn go_together(lines: &mut [Line]) {
    let mut saves: BTreeMap<(RomId, Option<String>), Vec<usize>> = BTreeMap::new();
    for (index, line) in lines.iter().enumerate() {
        let save = (line.rom, line.slot.clone());
        saves.entry(save).or_default().push(index);
    }
    for files in saves.into_values().filter(|files| files.len() > 1) {
        let known = |&index: &usize| Some((part_of(&lines[index].file_name), lines[index].step()?));
        let Some(steps) = files.iter().map(known).collect::<Option<Vec<_>>>() else {
            // One of them cannot be read, or the server said of it what is not known here.
            continue;
        };
        for (index, choice) in files.into_iter().zip(decide::together(&steps)) {
            if let Some(choice) = choice {
                lines[index].decide(choice);
            }
        }
    }
}

/// Has a person choose before content is replaced that no server has.
fn ask_first(lines: &mut [Line]) {
    for line in lines {
        if let Some(choice) = line.step().and_then(decide::ask_first) {
            line.decide(choice);
        }
    }
}

/// Leaves on the server what would come down for these games.
fn hold(lines: &mut [Line], up_only: &HashSet<RomId>) {
    let held = lines.iter_mut().filter(|line| up_only.contains(&line.rom));
    for line in held.filter(|line| matches!(line.step(), Some(Step::Download { .. }))) {
        line.todo = Todo::Held;
        HELD.clone_into(&mut line.reason);
    }
}

/// Leaves where it is what was not asked for.
fn hold_back(lines: &mut [Line], only: Only) {
    for line in lines {
        let reason = match (line.step(), only) {
            (Some(Step::Upload), Only::Down) => Reason::OnlyDown,
            (Some(Step::Download { .. }), Only::Up) => Reason::OnlyUp,
            _ => continue,
        };
        line.decide(Choice {
            step: Step::Skip { adopt: false },
            reason,
        });
    }
}
