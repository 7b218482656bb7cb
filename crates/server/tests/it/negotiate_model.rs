//! The server against core's model: random histories, applied to both, leave the same versions, rows
//! and holdings behind, and get the same answers on the way.

use std::cell::Cell;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::negotiate_pair::{Event, Stage};

const DEVICES: u8 = 3;
const CONTENTS: u8 = 5;
const HISTORIES: u32 = 120;
const EVENTS: usize = 30;

fn event() -> impl Strategy<Value = Event> {
    let by = 0..DEVICES;
    let by_one_or_none = prop_oneof![4 => by.clone().prop_map(Some), 1 => Just(None)];
    let content = 0..CONTENTS;
    // One more than there are: content that was never stored.
    let shown = prop_oneof![6 => (0..=CONTENTS).prop_map(Some), 1 => Just(None)];
    let row = 0..8_usize;
    prop_oneof![
        6 => (
            by_one_or_none.clone(),
            content.clone(),
            prop::bool::weighted(0.2),
            prop::option::weighted(0.1, 1..4_u8),
        )
            .prop_map(|(by, content, overwrite, keep_rows)| Event::Post {
                by,
                content,
                overwrite,
                keep_rows,
            }),
        2 => (by_one_or_none, row.clone(), content)
            .prop_map(|(by, row, content)| Event::Put { by, row, content }),
        3 => (by.clone(), row.clone(), any::<bool>())
            .prop_map(|(by, row, optimistic)| Event::Fetch { by, row, optimistic }),
        3 => (by.clone(), row.clone()).prop_map(|(by, row)| Event::Confirm { by, row }),
        1 => (by.clone(), row.clone(), any::<bool>())
            .prop_map(|(by, row, tracked)| Event::Track { by, row, tracked }),
        1 => row.clone().prop_map(|row| Event::Delete { row }),
        1 => row.prop_map(|row| Event::Undelete { row }),
        1 => (0..16_usize).prop_map(|version| Event::Restore { version }),
        6 => (by, vec(shown, 0..3)).prop_map(|(by, shown)| Event::Negotiate { by, shown }),
        1 => (-5..1_000_i64).prop_map(|millis| Event::Clock { millis }),
    ]
}

#[test]
fn the_server_does_what_the_model_does() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let stage = runtime.block_on(Stage::set(DEVICES, CONTENTS));
    let config = Config {
        cases: HISTORIES,
        failure_persistence: None,
        ..Config::default()
    };
    let seed = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(config, seed);
    let number = Cell::new(0);
    let outcome = runner.run(&vec(event(), 1..EVENTS), |history| {
        number.set(number.get() + 1);
        let mut pair = stage.slot(format!("history {}", number.get()));
        for event in &history {
            runtime.block_on(pair.apply(event));
            pair.compare();
        }
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}
