//! What is remembered of save states.

use std::path::Path;

use keepsave_core::content::BlobHash;
use keepsave_core::ids::{RomId, StateId};
use keepsave_core::states::{Ending, Mark};

use super::*;
use crate::state::{Sighting, StateBaseline};

#[test]
fn a_sighting_is_of_a_file_and_a_baseline_of_a_game_a_core_and_an_ending() {
    let here = Room::new();
    let state = here.open();
    let path = Path::new("/states/Zelda.state.auto");
    assert_eq!(state.sighting(path).unwrap(), None);
    let [one, two] = [1, 2].map(|byte| BlobHash([byte; 32]));
    for save in [None, Some(Mark::of(&two)), Some(Mark::UNKNOWN)] {
        let sighting = Sighting {
            rom: RomId(7),
            content: one,
            save,
        };
        state.saw(path, &sighting).unwrap();
        assert_eq!(state.sighting(path).unwrap(), Some(sighting));
    }
    state.lost_sight(path).unwrap();
    assert_eq!(state.sighting(path).unwrap(), None);

    let baseline = StateBaseline {
        content: one,
        state: StateId(3),
    };
    state
        .record_state(RomId(7), "mgba", Ending::Auto, &baseline)
        .unwrap();
    drop(state);
    let state = here.open();
    for (rom, core, ending, found) in [
        (7, "mgba", Ending::Auto, Some(baseline)),
        (8, "mgba", Ending::Auto, None),
        (7, "gpsp", Ending::Auto, None),
        (7, "mgba", Ending::Numbered(0), None),
    ] {
        let is = state.state_baseline(RomId(rom), core, ending).unwrap();
        assert_eq!(is, found, "{rom} {core} {ending}");
    }
}
