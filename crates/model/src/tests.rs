//! Every short history, as deep as the promise goes; and that the search may leave out what it does.

use std::collections::HashMap;
use std::iter;

use crate::client::Kind;
use crate::event::Event;
use crate::search::fingerprint;
use crate::{
    EVENTS_OF_THREE, EVENTS_OF_TWO, Figures, World, every_history_from_both_beginnings,
    sets_of_kinds,
};

/// Every history of this kind with itself and with each later one, so that all sets have a test.
fn explore<const N: usize>(first: Kind, events: usize) {
    let mut figures = Figures::default();
    for kinds in sets_of_kinds::<N>() {
        if kinds[0] == first {
            match every_history_from_both_beginnings(kinds, events) {
                Ok(found) => figures += found,
                Err(broken) => panic!("{broken}"),
            }
        }
    }
    // A search that ends early proves nothing.
    assert!(figures.states > 10_000, "{figures}");
}

#[test]
fn every_history_of_trusting_clients() {
    explore::<2>(Kind::Trust, EVENTS_OF_TWO);
}

#[test]
fn every_history_of_clients_without_hashes() {
    explore::<2>(Kind::NoHash, EVENTS_OF_TWO);
}

#[test]
fn every_history_of_grout() {
    explore::<2>(Kind::Grout, EVENTS_OF_TWO);
}

#[test]
fn every_history_of_tender() {
    explore::<2>(Kind::Tender, EVENTS_OF_TWO);
}

#[test]
fn every_history_of_clients_that_write_in_place() {
    explore::<2>(Kind::Put, EVENTS_OF_TWO);
}

#[test]
fn every_history_of_argosy() {
    explore::<2>(Kind::Argosy, EVENTS_OF_TWO);
}

#[test]
fn every_history_of_the_command_line_client() {
    explore::<2>(Kind::Cli, EVENTS_OF_TWO);
}

#[test]
fn every_history_of_three_with_trusting_clients() {
    explore::<3>(Kind::Trust, EVENTS_OF_THREE);
}

#[test]
fn every_history_of_three_with_clients_without_hashes() {
    explore::<3>(Kind::NoHash, EVENTS_OF_THREE);
}

#[test]
fn every_history_of_three_with_grout() {
    explore::<3>(Kind::Grout, EVENTS_OF_THREE);
}

#[test]
fn every_history_of_three_with_tender() {
    explore::<3>(Kind::Tender, EVENTS_OF_THREE);
}

#[test]
fn every_history_of_three_with_clients_that_write_in_place() {
    explore::<3>(Kind::Put, EVENTS_OF_THREE);
}

#[test]
fn every_history_of_three_with_argosy() {
    explore::<3>(Kind::Argosy, EVENTS_OF_THREE);
}

#[test]
fn every_history_of_three_with_the_command_line_client() {
    explore::<3>(Kind::Cli, EVENTS_OF_THREE);
}

/// Every history of that many events, told with each device called by its own name and by `other`'s.
fn walk<const N: usize>(
    worlds: &[World<N>; 2],
    events: usize,
    other: fn(u8) -> u8,
    visit: &mut impl FnMut(&[World<N>; 2]),
) {
    visit(worlds);
    if events == 0 {
        return;
    }
    let devices = u8::try_from(N).unwrap();
    for event in Event::all(devices) {
        let next = [worlds[0].after(event), worlds[1].after(event.of(other))];
        match next {
            [Some(one), Some(two)] => walk(&[one, two], events - 1, other, visit),
            [None, None] => {}
            _ => panic!("{event} happens to one device only"),
        }
    }
}

#[test]
fn what_happens_to_one_device_can_happen_to_each_other_of_its_kind() {
    let mut pairs = 0;
    let mut visit = |fingerprints: [u128; 2], broken: [Option<&str>; 2]| {
        assert_eq!(fingerprints[0], fingerprints[1]);
        assert_eq!(broken[0], broken[1]);
        pairs += 1;
    };
    for kind in Kind::ALL {
        let two = [World::new([kind; 2]), World::new([kind; 2])];
        walk(&two, 4, |name| 1 - name, &mut |worlds| {
            let mut worlds = worlds.clone();
            worlds.iter_mut().for_each(World::check);
            visit(
                worlds.each_ref().map(fingerprint),
                worlds.each_ref().map(World::broken),
            );
        });
        let three = [World::new([kind; 3]), World::new([kind; 3])];
        walk(&three, 3, |name| (name + 1) % 3, &mut |worlds| {
            let mut worlds = worlds.clone();
            worlds.iter_mut().for_each(World::check);
            visit(
                worlds.each_ref().map(fingerprint),
                worlds.each_ref().map(World::broken),
            );
        });
    }
    assert!(pairs > 10_000, "{pairs}");
}

/// With devices of different kinds nothing is left out but what a state remembers of the past.
#[test]
fn states_with_one_fingerprint_are_one_state() {
    let mut known: HashMap<u128, World<2>> = HashMap::new();
    let mut again = 0;
    let begin = World::new([Kind::Trust, Kind::Grout]);
    walk(&[begin.clone(), begin], 4, |name| name, &mut |[
        world,
        _,
    ]| {
        let mut state = world.clone();
        (state.disruptions, state.ordered) = (0, true);
        let first = known
            .entry(fingerprint(world))
            .or_insert_with(|| state.clone());
        assert_eq!(*first, state);
        again += u32::from(fingerprint(first) == fingerprint(&state));
    });
    let states: Vec<&World<2>> = known.values().collect();
    for (at, one) in states.iter().enumerate().step_by(37) {
        let others = iter::empty().chain(&states[..at]).chain(&states[at + 1..]);
        assert!(
            others.copied().all(|other| *other != **one),
            "one state has two fingerprints"
        );
    }
    assert!(known.len() > 100 && again > known.len().try_into().unwrap());
}
