//! A layout that changed is the new one at once, and those before are known until saves were moved.

use super::*;
use crate::library::Layout;

const CONFIG: &str = "/players/deck/.config/retroarch/retroarch.cfg";

fn layout(number: u8) -> Layout {
    Layout {
        root: (number & 4 != 0).then(|| PathBuf::from("/run/media/deck/saves")),
        sort_by_content: number & 1 != 0,
        sort_by_core: number & 2 != 0,
        in_content_directory: number & 8 != 0,
    }
}

#[test]
fn a_retroarch_that_is_seen_first_has_nothing_to_move() {
    let (room, config) = (Room::new(), Path::new(CONFIG));
    let state = room.open();
    assert_eq!(state.layouts(config).unwrap(), None);
    let seen = state.layout_seen(config, &layout(1)).unwrap();
    assert_eq!(
        (&seen.current, seen.previous.as_slice()),
        (&layout(1), &[][..])
    );
    assert_eq!(room.open().layouts(config).unwrap(), Some(seen));
    let other = Path::new("/players/deck/.var/app/retroarch.cfg");
    assert_eq!(state.layouts(other).unwrap(), None);
}

/// Every way through three layouts and moves of the saves, step by step.
#[test]
fn every_layout_since_saves_were_moved_is_known() {
    for steps in 0..1024_u32 {
        let mut known = Layouts {
            current: layout(0),
            previous: Vec::new(),
        };
        let mut first = layout(0);
        let mut since: Vec<Layout> = Vec::new();
        for step in 0..5 {
            match steps >> (2 * step) & 3 {
                3 => {
                    known.previous.clear();
                    since.clear();
                    first = known.current.clone();
                }
                found => {
                    since.push(known.current.clone());
                    known = known.seen(layout(u8::try_from(found * 5).unwrap()));
                }
            }
            since.retain(|before| *before != known.current);
            let others: Vec<&Layout> = known.others().collect();
            let missing = since.iter().find(|before| !others.contains(before));
            assert_eq!(missing, None, "{steps}");
            let more = others.iter().find(|before| !since.contains(before));
            assert_eq!(more, None, "{steps}");
            if !since.is_empty() {
                assert_eq!(known.is_back(), known.current == first, "{steps}");
            }
        }
    }
}

#[test]
fn what_is_known_of_layouts_outlives_the_process_and_is_forgotten_once_settled() {
    let (room, config) = (Room::new(), Path::new(CONFIG));
    let mut expected = None;
    for number in [1, 2, 12, 1, 5] {
        let seen = room.open().layout_seen(config, &layout(number)).unwrap();
        expected = Some(match expected {
            None => seen.clone(),
            Some(before) => Layouts::seen(before, layout(number)),
        });
        assert_eq!(Some(&seen), expected.as_ref());
        assert_eq!(room.open().layouts(config).unwrap(), expected);
    }
    let seen = expected.unwrap();
    assert_eq!(seen.previous.len(), 3);
    assert!(room.open().layout_settled(config, &seen).unwrap());
    let settled = room.open().layouts(config).unwrap().unwrap();
    assert_eq!((settled.current, settled.previous.len()), (layout(5), 0));
}

#[test]
fn what_changed_again_while_saves_were_moved_is_not_settled() {
    let (room, config) = (Room::new(), Path::new(CONFIG));
    let state = room.open();
    state.layout_seen(config, &layout(0)).unwrap();
    let seen = state.layout_seen(config, &layout(1)).unwrap();
    let later = state.layout_seen(config, &layout(2)).unwrap();
    assert!(!state.layout_settled(config, &seen).unwrap());
    assert_eq!(state.layouts(config).unwrap(), Some(later));
}
