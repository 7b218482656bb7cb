//! What is being told is remembered until it is known to be told, and what is said once is.

use keepsave_core::ids::NoteId;
use keepsave_core::playtime::{Moment, Running};

use super::*;

const ROM: RomId = RomId(42);

fn play(state: &State, rom: RomId) {
    let moment = |seconds| Moment {
        wall: Time::EPOCH.plus_seconds(seconds),
        awake: None,
    };
    let begin = |playtime: &mut Playtime| playtime.running = Some(Running::begin(moment(0)));
    state.change_playtime(rom, begin).unwrap();
    state.end_session(rom, None, moment(5)).unwrap();
}

#[test]
fn a_report_stays_the_same_until_it_is_noted() {
    let room = Room::new();
    let state = room.open();
    play(&state, ROM);
    let first = state.note_report(ROM, 1).unwrap();
    play(&state, ROM);
    play(&state, RomId(43));
    assert_eq!(room.open().note_report(ROM, 2).unwrap(), first);
    assert_ne!(state.note_report(RomId(43), 3).unwrap().mark, first.mark);
    state.noted(ROM, &first, (NoteId(7), 60)).unwrap();
    let numbers: Vec<i64> = state
        .untold(9)
        .unwrap()
        .iter()
        .map(|one| one.number)
        .collect();
    assert_eq!(numbers, [2, 3]);
    let known = state.playtime(ROM).unwrap();
    assert_eq!(
        (known.note, known.server_seconds),
        (Some(NoteId(7)), Some(60))
    );
    let next = state.note_report(ROM, 2).unwrap();
    assert!(next.mark != first.mark && next.up_to == 2);
}

#[test]
fn what_cannot_be_noted_whole_goes_on_waiting() {
    let room = Room::new();
    let state = room.open();
    play(&state, ROM);
    let report = state.note_report(ROM, 1).unwrap();
    let breaks = "CREATE TRIGGER no BEFORE DELETE ON outbox
        BEGIN SELECT RAISE(ABORT, 'no'); END";
    Connection::open(room.file())
        .unwrap()
        .execute_batch(breaks)
        .unwrap();
    state.noted(ROM, &report, (NoteId(7), 60)).unwrap_err();
    assert_eq!(state.note_report(ROM, 9).unwrap(), report);
    assert_eq!(state.playtime(ROM).unwrap().note, None);
}

#[test]
fn a_person_is_told_once_until_it_is_over() {
    let room = Room::new();
    let state = room.open();
    assert!(state.tell_once("a").unwrap() && state.tell_once("b").unwrap());
    assert!(!room.open().tell_once("a").unwrap());
    state.tell_again("a").unwrap();
    assert!(state.tell_once("a").unwrap() && !state.tell_once("b").unwrap());
}
