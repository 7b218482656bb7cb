//! The World itself: that it is what it says.

use bytes::Bytes;
use http::Request;

use super::history::{Faults, History};
use super::story::{kept, play, play_by_any_clock, shorten};
use super::*;

fn registration() -> Request<Bytes> {
    Request::post("/api/devices")
        .header("content-type", "application/json")
        .body(r#"{"name": "a machine"}"#.into())
        .unwrap()
}

async fn devices(machine: &Machine) -> usize {
    let asked = Request::get("/api/devices").body(Bytes::new()).unwrap();
    let answer = machine.network.send(asked).await.unwrap();
    let devices: serde_json::Value = serde_json::from_slice(answer.body()).unwrap();
    devices.as_array().unwrap().len()
}

#[tokio::test]
async fn a_machine_reaches_the_server_through_its_weather() {
    let household = Household::of(1, Trace::default()).await;
    let machine = &household.machines[0];
    let fares = |rates: Rates| machine.weather(rates);
    let send = || machine.network.send(registration());
    assert_eq!(send().await.unwrap().status(), 201);

    fares(Rates {
        unreachable: 1_000,
        ..Rates::default()
    });
    assert!(matches!(send().await, Err(Lost::Unreachable)));
    fares(Rates {
        cut_request: 1_000,
        ..Rates::default()
    });
    assert!(matches!(send().await, Err(Lost::BeforeAnswer)));
    fares(Rates::default());
    assert_eq!(devices(machine).await, 1, "neither was done");

    fares(Rates {
        lost_answer: 1_000,
        ..Rates::default()
    });
    assert!(matches!(send().await, Err(Lost::BeforeAnswer)));
    fares(Rates {
        cut_answer: 1_000,
        ..Rates::default()
    });
    assert!(matches!(send().await, Err(Lost::Within(_))));
    fares(Rates {
        twice: 1_000,
        ..Rates::default()
    });
    send().await.unwrap();
    fares(Rates::default());
    assert_eq!(
        devices(machine).await,
        5,
        "each was done, the last one twice"
    );
}

#[tokio::test]
async fn a_process_dies_at_its_step_and_what_was_done_before_stays() {
    let household = Household::of(1, Trace::default()).await;
    let machine = &household.machines[0];
    let saves = machine.saves();
    let work = async {
        machine
            .disk
            .write_in_place(&saves.join("a"), b"one")
            .unwrap();
        machine
            .disk
            .write_in_place(&saves.join("b"), b"two")
            .unwrap();
    };
    assert!(machine.process(Some(3), work).await.is_none());
    assert_eq!(machine.read(&saves.join("a")).unwrap(), b"one");
    assert_eq!(
        machine.read(&saves.join("b")).unwrap(),
        b"",
        "it was emptied, not filled"
    );
    let later = async { machine.disk.write_in_place(&saves.join("b"), b"two") };
    assert!(machine.process(None, later).await.unwrap().is_ok());
}

#[test]
fn two_dice_of_one_seed_say_the_same() {
    let (one, other) = (Dice::of(7), Dice::of(7));
    let told: Vec<u64> = (0..9).map(|_| one.below(100)).collect();
    assert!((0..9).map(|_| other.below(100)).eq(told.iter().copied()));
    assert_ne!(Dice::apart(7, 1).next(), Dice::apart(7, 2).next());
}

/// Demands that a history keeps the laws, else tells the shortest one like it that does not.
fn keeps_the_laws(history: &History) {
    if let Some((_, breach)) = play_by_any_clock(history).breach {
        let story = shorten(history, breach.law);
        panic!("{}\n\n{}", story.told(), story.kept());
    }
}

#[test]
fn where_nothing_goes_wrong_all_is_well() {
    for seed in 0..20 {
        keeps_the_laws(&History::of(seed, 2, 40, Faults::NONE));
    }
}

#[test]
fn whatever_goes_wrong_between_two_machines_no_law_is_broken() {
    for seed in 0..13 {
        keeps_the_laws(&History::of(seed, 2, 40, Faults::ALL));
    }
}

#[test]
fn whatever_goes_wrong_between_many_machines_no_law_is_broken() {
    for seed in 0..4 {
        for machines in [1, 3, 5] {
            keeps_the_laws(&History::of(seed, machines, 40, Faults::ALL));
        }
    }
}

#[test]
fn what_was_found_once_is_never_found_again() {
    for kept in kept() {
        keeps_the_laws(&kept.history);
    }
}

#[test]
fn a_seed_does_the_same_every_time() {
    for seed in 100..110 {
        let history = History::of(seed, 3, 40, Faults::ALL);
        let run = || {
            let verdict = play(&history, Trace::told());
            (verdict.trace.lines(), verdict.trace.hash(), verdict.tally)
        };
        let (one, other) = (run(), run());
        let differs = one.0.iter().zip(&other.0).find(|(one, other)| one != other);
        assert_eq!(differs, None, "seed {seed}");
        assert_eq!(one, other, "seed {seed}");
    }
}
