//! What plays: writes saves as emulators do, and knows nothing of syncing.

use std::path::Path;

use keepsave_core::content::{BlobHash, Digest};

use super::history::{Which, Writes};
use super::machine::Machine;
use super::truth::{Files, Truth};

/// What stands on a machine of a game's save.
pub(super) fn files_of(machine: &Machine, game: usize) -> Files {
    let game = &machine.games[game];
    let endings = game.endings.iter();
    let file = |ending: &&str| blob_of(machine, &machine.save(game, ending));
    endings.map(file).collect()
}

fn blob_of(machine: &Machine, path: &Path) -> Option<BlobHash> {
    machine.read(path).map(|bytes| Digest::of(&bytes).blob)
}

/// Plays a game until its save is written. False where the emulator died before that.
pub(super) async fn play(
    (machine, at): (&Machine, usize),
    game: usize,
    (writes, dies_at): (Writes, Option<u64>),
    truth: &mut Truth,
) -> bool {
    let before = files_of(machine, game);
    let mut after = before.clone();
    let mut written = Vec::new();
    for (index, ending) in machine.games[game].endings.iter().enumerate() {
        let is_first = before[index].is_none();
        let is_wanted = match writes.files {
            Which::All => true,
            Which::Main => index == 0,
            Which::Companions => index > 0,
        };
        if is_first || is_wanted {
            let bytes = truth.next_content(&machine.name, game, ending);
            after[index] = Some(Digest::of(&bytes).blob);
            written.push((machine.save(&machine.games[game], ending), bytes));
        }
    }
    let write = async {
        for (path, bytes) in &written {
            let done = if writes.in_place {
                machine.disk.write_in_place(path, bytes)
            } else {
                machine.disk.write_beside(path, bytes)
            };
            if done.is_err() {
                return false;
            }
        }
        true
    };
    // A save whose files are not all there is no save of the emulator's: it makes them anew when it is
    // started, so how they come into being is not cut.
    let is_first = before.iter().any(Option::is_none);
    let dies_at = dies_at.filter(|_| !is_first);
    let is_finished = machine.process(dies_at, write).await == Some(true);
    if is_first {
        machine.disk.settles();
    }
    if is_finished {
        truth.played(at, game, after);
    } else {
        for (_, bytes) in &written {
            truth.is_played_over(&Digest::of(bytes).blob);
        }
    }
    is_finished
}
