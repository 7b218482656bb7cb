//! Which game it is stays remembered, follows a file that moved, and is a person's to say.

use super::*;

fn found(path: &Path, rom: i64, by: MatchedBy) -> Match {
    Match {
        path: path.to_owned(),
        platform: "gba".into(),
        stem: "Zelda (USA)".into(),
        rom: RomId(rom),
        by,
        at: Time::EPOCH,
    }
}

fn rom_of(state: &State, path: &Path) -> Option<i64> {
    let matched = state.matched(path, "gba", "Zelda (USA)").unwrap();
    matched.map(|matched| matched.rom.0)
}

#[test]
fn a_match_is_remembered_and_can_be_forgotten() {
    let room = Room::new();
    let path = Path::new("/roms/gba/Zelda (USA).gba");
    let known = found(path, 7, MatchedBy::Hash);
    room.open()
        .remember_matches(std::slice::from_ref(&known))
        .unwrap();
    let state = room.open();
    assert_eq!(
        state.matched(path, "any", "name").unwrap(),
        Some(known.clone())
    );
    assert_eq!(state.matches().unwrap(), std::slice::from_ref(&known));
    assert_eq!(state.matches_of(RomId(7)).unwrap(), [known]);
    assert_eq!(state.matches_of(RomId(8)).unwrap(), []);
    state.forget_match(path).unwrap();
    assert_eq!(rom_of(&state, path), None);
}

#[test]
fn only_a_person_takes_back_what_a_person_said() {
    use MatchedBy::{Hash, Name, Person, Title};
    for first in [Title, Name, Hash, Person] {
        for then in [Title, Name, Hash, Person] {
            let room = Room::new();
            let state = room.open();
            let path = Path::new("/roms/gba/Zelda (USA).gba");
            state.remember_matches(&[found(path, 1, first)]).unwrap();
            state.remember_matches(&[found(path, 2, then)]).unwrap();
            let stays = first == Person && then != Person;
            assert_eq!(rom_of(&state, path), Some(if stays { 1 } else { 2 }));
        }
    }
}

#[test]
fn a_rom_that_moved_is_the_same_game_and_a_second_one_is_not() {
    let room = Room::new();
    let state = room.open();
    let (before, now) = (
        room.room.path().join("a.gba"),
        room.room.path().join("b.gba"),
    );
    fs::write(&before, b"rom").unwrap();
    state
        .remember_matches(&[found(&before, 7, MatchedBy::Person)])
        .unwrap();
    assert_eq!(
        rom_of(&state, &now),
        None,
        "that one is still there: this is another"
    );
    fs::rename(&before, &now).unwrap();
    assert_eq!(rom_of(&state, &now), Some(7));
    assert_eq!(state.matched(&now, "gbc", "Zelda (USA)").unwrap(), None);
    let gone = room.room.path().join("c.gba");
    state
        .remember_matches(&[found(&gone, 8, MatchedBy::Name)])
        .unwrap();
    assert_eq!(rom_of(&state, &now), None, "it may be either");
}
