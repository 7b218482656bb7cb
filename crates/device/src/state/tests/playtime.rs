//! A session is counted and waits to be told, both or neither.

use keepsave_core::ids::NoteId;
use keepsave_core::playtime::{Awake, Moment, Played, Running};

use super::*;

const ROM: RomId = RomId(42);

fn moment(seconds: i64) -> Moment {
    Moment {
        wall: Time::EPOCH.plus_seconds(seconds),
        awake: None,
    }
}

fn play(state: &State, rom: RomId, from: i64, to: i64) -> Option<Played> {
    let begin = |playtime: &mut Playtime| playtime.running = Some(Running::begin(moment(from)));
    state.change_playtime(rom, begin).unwrap();
    state
        .end_session(rom, Some("autosave"), moment(to))
        .unwrap()
}

#[test]
fn playtime_comes_back_as_it_was_changed() {
    let room = Room::new();
    assert_eq!(room.open().playtime(ROM).unwrap(), Playtime::default());
    let start = Moment {
        awake: Some(Awake {
            boot: [7; 16],
            micros: 12,
        }),
        ..moment(1)
    };
    let full = Playtime {
        total_seconds: 7_200,
        session_count: 3,
        last_session_duration_sec: Some(1_800),
        running: Some(Running {
            start,
            suspended: Some(Time::EPOCH),
            paused: 5,
        }),
        note: Some(NoteId(456)),
        server_seconds: Some(9_000),
    };
    room.open()
        .change_playtime(ROM, |playtime| *playtime = full.clone())
        .unwrap();
    let state = room.open();
    assert_eq!(state.playtime(ROM).unwrap(), full);
    assert_eq!(state.playtimes().unwrap(), [(ROM, full)]);
}

#[test]
fn a_session_is_added_to_what_was_there_and_waits_to_be_told() {
    let room = Room::new();
    let state = room.open();
    assert_eq!(
        state.end_session(ROM, None, moment(9)).unwrap(),
        None,
        "none was begun"
    );
    assert_eq!(play(&state, ROM, 100, 1_900).unwrap().seconds(), 1_800);
    assert_eq!(
        state.end_session(ROM, None, moment(9_999)).unwrap(),
        None,
        "it ends once"
    );
    play(&state, ROM, 5_000, 5_000);
    let known = Playtime {
        total_seconds: 1_800,
        session_count: 2,
        last_session_duration_sec: Some(0),
        ..Playtime::default()
    };
    assert_eq!(state.playtime(ROM).unwrap(), known);
    let untold = Untold {
        number: 1,
        rom: ROM,
        slot: Some("autosave".into()),
        start: moment(100).wall,
        end: moment(1_900).wall,
        duration_ms: 1_800_000,
    };
    assert_eq!(
        state.untold(10).unwrap(),
        [untold],
        "nothing is told of nothing"
    );
}

#[test]
fn what_was_told_waits_no_longer_and_its_number_is_not_given_again() {
    let room = Room::new();
    let state = room.open();
    for (rom, from) in [(1, 0), (2, 10), (1, 20)] {
        play(&state, RomId(rom), from, from + 5);
    }
    let numbers = |untold: Vec<Untold>| untold.iter().map(|one| one.number).collect::<Vec<_>>();
    assert_eq!(numbers(state.untold(2).unwrap()), [1, 2]);
    assert_eq!(numbers(state.untold_of(RomId(1)).unwrap()), [1, 3]);
    state.told(&[1, 2, 3]).unwrap();
    assert_eq!(state.untold(10).unwrap(), []);
    play(&state, ROM, 30, 35);
    assert_eq!(numbers(state.untold(10).unwrap()), [4]);
}

#[test]
fn a_session_that_cannot_be_kept_to_be_told_is_not_counted_either() {
    let room = Room::new();
    let state = room.open();
    play(&state, ROM, 0, 60);
    let before = state.playtime(ROM).unwrap();
    let breaks = "CREATE TRIGGER no BEFORE INSERT ON outbox
        BEGIN SELECT RAISE(ABORT, 'no'); END";
    Connection::open(room.file())
        .unwrap()
        .execute_batch(breaks)
        .unwrap();
    let begin = |playtime: &mut Playtime| playtime.running = Some(Running::begin(moment(100)));
    let running = state.change_playtime(ROM, begin).unwrap();
    state.end_session(ROM, None, moment(200)).unwrap_err();
    assert_eq!(state.playtime(ROM).unwrap(), running);
    assert_eq!(before.total_seconds, running.total_seconds);
}
