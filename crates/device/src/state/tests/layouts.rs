//! A layout that changed is the new one at once, and the one before until its saves were moved.

use super::*;

fn layout(number: u8) -> Layout {
    Layout {
        root: (number & 4 != 0).then(|| PathBuf::from("/run/media/deck/saves")),
        sort_by_content: number & 1 != 0,
        sort_by_core: number & 2 != 0,
        in_content_directory: number & 8 != 0,
    }
}

#[test]
fn an_installation_that_is_seen_first_has_nothing_to_move() {
    let room = Room::new();
    let state = room.open();
    assert_eq!(state.layouts("RetroDECK").unwrap(), None);
    let seen = state.layout_seen("RetroDECK", &layout(1)).unwrap();
    assert_eq!(
        seen,
        Layouts {
            current: layout(1),
            previous: None
        }
    );
    assert_eq!(room.open().layouts("RetroDECK").unwrap(), Some(seen));
    assert_eq!(state.layouts("EmuDeck").unwrap(), None);
}

/// Every way through three layouts and a move of the saves, step by step.
#[test]
fn saves_stand_where_they_were_written_until_they_are_moved() {
    for steps in 0..256_u32 {
        let room = Room::new();
        let state = room.open();
        let (mut written, mut now) = (layout(0), layout(0));
        state.layout_seen("RetroDECK", &now).unwrap();
        for step in 0..4 {
            match steps >> (2 * step) & 3 {
                3 => {
                    state.layout_settled("RetroDECK").unwrap();
                    written = now.clone();
                }
                found => {
                    now = layout(u8::try_from(found * 5).unwrap());
                    state.layout_seen("RetroDECK", &now).unwrap();
                }
            }
            let known = state.layouts("RetroDECK").unwrap().unwrap();
            assert_eq!(known.current, now);
            assert_eq!(*known.settled(), written);
            assert_eq!(known.previous.is_some(), written != now, "{steps}");
        }
    }
}
