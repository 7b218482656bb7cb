//! The matrix, row by row and over the product of its inputs.

use super::*;
use crate::content::Digest;

const NOON: Time = Time::EPOCH;

/// A content of `size` bytes, told apart by its letter; `?` is a zip that cannot be read.
fn content(letter: u8) -> Content {
    let digest = Digest::of(&[letter]);
    Content {
        hash: (letter != b'?').then_some(digest.md5),
        blob: digest.blob,
    }
}

fn local(letter: u8, size: u64, seconds: i64) -> Local {
    Local {
        content: content(letter),
        size,
        blank: None,
        modified: NOON.plus_seconds(seconds),
    }
}

fn head(letter: u8, entry: Entry) -> Head {
    Head {
        hash: content(letter).hash,
        updated_at: NOON,
        entry,
    }
}

/// What was in sync: the same content on both sides.
fn baseline(letter: u8) -> Baseline {
    Baseline {
        hash: content(letter).hash,
        blob: Some(content(letter).blob),
        size: 100,
        server_hash: content(letter).hash,
    }
}

fn facts(local: Option<Local>, head: Option<Head>, baseline: Option<Baseline>) -> Facts {
    Facts {
        local,
        head,
        baseline,
    }
}

/// Decides with a file that holds `L`, a head that holds `H`, and perhaps a baseline.
fn row(entry: Entry, baseline: Option<Baseline>, seconds: i64) -> Choice {
    decide(&facts(
        Some(local(b'L', 100, seconds)),
        Some(head(b'H', entry)),
        baseline,
    ))
}

const SKIP: Step = Step::Skip { adopt: false };
const ADOPT: Step = Step::Skip { adopt: true };
const FETCH: Step = Step::Download {
    replaces: Replaces::Nothing,
};
const FOLLOW: Step = Step::Download {
    replaces: Replaces::Synced,
};
const REPLACE: Step = Step::Download {
    replaces: Replaces::Unsynced,
};

#[test]
fn row_1_nothing_on_either_side() {
    for baseline in [None, Some(baseline(b'L'))] {
        let choice = decide(&facts(None, None, baseline));
        assert_eq!(choice, choose(SKIP, Reason::NothingToSync));
    }
}

#[test]
fn row_2_only_here_is_uploaded() {
    for baseline in [None, Some(baseline(b'L')), Some(baseline(b'O'))] {
        let choice = decide(&facts(Some(local(b'L', 100, 0)), None, baseline));
        assert_eq!(choice, choose(Step::Upload, Reason::NotOnServer));
    }
}

#[test]
fn rows_3_to_5_only_there_is_downloaded() {
    for (entry, reason) in [
        (Entry::Never, Reason::NeverHere),
        (Entry::Current, Reason::GoneHere),
        (Entry::Stale, Reason::MovedOnAndGoneHere),
    ] {
        for baseline in [None, Some(baseline(b'L')), Some(baseline(b'H'))] {
            let choice = decide(&facts(None, Some(head(b'H', entry)), baseline));
            assert_eq!(choice, choose(FETCH, reason));
        }
    }
}

#[test]
fn row_6a_newer_or_as_old_here_is_uploaded() {
    for seconds in [0, 1] {
        let choice = row(Entry::Never, None, seconds);
        assert_eq!(choice, choose(Step::Upload, Reason::NewerHere));
    }
}

#[test]
fn row_6b_older_here_is_downloaded_over_what_no_server_has() {
    let choice = row(Entry::Never, None, -1);
    assert_eq!(choice, choose(REPLACE, Reason::OlderHere));
}

#[test]
fn row_7_nothing_changed() {
    let choice = row(Entry::Current, Some(baseline(b'L')), 0);
    assert_eq!(choice, choose(SKIP, Reason::InSync));
}

#[test]
fn row_8_current_by_the_servers_word() {
    let choice = row(Entry::Current, None, 0);
    assert_eq!(choice, choose(ADOPT, Reason::CurrentByServer));
}

#[test]
fn row_9_changed_here_is_uploaded() {
    let choice = row(Entry::Current, Some(baseline(b'O')), 0);
    assert_eq!(choice, choose(Step::Upload, Reason::ChangedHere));
}

#[test]
fn row_10_the_server_moved_on() {
    let choice = row(Entry::Stale, Some(baseline(b'L')), 0);
    assert_eq!(choice, choose(FOLLOW, Reason::MovedOn));
}

#[test]
fn row_11_without_a_baseline_the_server_wins_over_what_no_server_has() {
    let choice = row(Entry::Stale, None, 0);
    assert_eq!(choice, choose(REPLACE, Reason::MovedOnNoBaseline));
}

#[test]
fn row_12_both_changed() {
    let choice = row(Entry::Stale, Some(baseline(b'O')), 0);
    assert_eq!(choice, choose(Step::Conflict, Reason::BothChanged));
}

#[test]
fn another_devices_new_row_is_no_reason_to_look_at_clocks() {
    for seconds in [-1, 0, 1] {
        let unchanged = row(Entry::Never, Some(baseline(b'L')), seconds);
        assert_eq!(unchanged, choose(FOLLOW, Reason::AnotherIsNewer));
        let changed = row(Entry::Never, Some(baseline(b'O')), seconds);
        assert_eq!(changed, choose(Step::Conflict, Reason::AnotherAndHere));
    }
}

#[test]
fn less_than_half_of_what_was_in_sync_is_suspect() {
    let shrunk = |size, from| {
        let was = Baseline {
            size: from,
            ..baseline(b'O')
        };
        suspicion(&local(b'L', size, 0), Some(&was))
    };
    assert_eq!(shrunk(4095, 8192), Some(Reason::Shrunken));
    assert_eq!(shrunk(4096, 8192), None);
    assert_eq!(shrunk(2, 5), Some(Reason::Shrunken));
    assert_eq!(shrunk(3, 5), None);
    assert_eq!(shrunk(0, 0), None);
    assert_eq!(suspicion(&local(b'L', 1, 0), None), None);
}

#[test]
fn a_server_with_lineage_is_heeded_unless_the_file_is_suspect() {
    let blank = Local {
        blank: Some(Blank::Zeros),
        ..local(b'L', 100, 0)
    };
    for told in [
        Action::Upload,
        Action::Download,
        Action::Conflict,
        Action::NoOp,
    ] {
        let suspect = (told == Action::Upload).then(|| choose(Step::Conflict, Reason::Blank));
        assert_eq!(heed(told, Some(&blank), None), suspect, "{told:?}");
        assert_eq!(heed(told, Some(&local(b'L', 100, 0)), None), None);
        assert_eq!(heed(told, None, Some(&baseline(b'O'))), None);
    }
    let shrunk = local(b'L', 49, 0);
    assert_eq!(
        heed(Action::Upload, Some(&shrunk), Some(&baseline(b'O'))),
        Some(choose(Step::Conflict, Reason::Shrunken))
    );
}

#[test]
fn what_both_sides_hold_is_adopted_whatever_else_is_known() {
    let identical = choose(ADOPT, Reason::Identical);
    for entry in [Entry::Never, Entry::Current, Entry::Stale] {
        for baseline in [None, Some(baseline(b'H')), Some(baseline(b'O'))] {
            let facts = facts(Some(local(b'H', 100, 0)), Some(head(b'H', entry)), baseline);
            assert_eq!(decide(&facts), identical, "{facts:?}");
        }
        // A file without a hash is known by where it came from.
        let came_from_it = Baseline {
            server_hash: content(b'H').hash,
            ..baseline(b'?')
        };
        let here = Some(local(b'?', 100, 0));
        let by_baseline = facts(here, Some(head(b'H', entry)), Some(came_from_it));
        assert_eq!(decide(&by_baseline), identical);
        let from_another = facts(here, Some(head(b'L', entry)), Some(came_from_it));
        assert_ne!(decide(&from_another), identical);
    }
}

#[test]
fn a_refused_upload_goes_down_the_ladder() {
    let at = |letter, baseline: Option<Baseline>| {
        let here = local(letter, 100, 0);
        after_refusal(&here, &head(b'H', Entry::Stale), baseline.as_ref())
    };
    let identical = choose(ADOPT, Reason::Identical);
    assert_eq!(at(b'H', None), identical);
    assert_eq!(at(b'H', Some(baseline(b'H'))), identical);
    let unchanged = choose(FOLLOW, Reason::RefusedUnchanged);
    assert_eq!(at(b'L', Some(baseline(b'L'))), unchanged);
    assert_eq!(at(b'?', Some(baseline(b'?'))), unchanged);
    let changed = choose(Step::Conflict, Reason::RefusedChanged);
    assert_eq!(at(b'L', Some(baseline(b'O'))), changed);
    assert_eq!(at(b'L', None), changed);
    assert_eq!(at(b'?', None), changed, "no hash proves nothing");
}

#[test]
fn without_a_slot_a_file_only_goes_up_and_over_nothing_unknown() {
    let at = |letter, row: Option<u8>, was: Option<u8>| {
        let row = row.map(|letter| head(letter, Entry::Never));
        let file = Some(local(letter, 100, 0));
        archive(&facts(file, row, was.map(baseline)))
    };
    let upload = |reason| choose(Step::Upload, reason);
    assert_eq!(at(b'L', None, None), upload(Reason::NotInArchive));
    assert_eq!(at(b'L', None, Some(b'O')), upload(Reason::NotInArchive));
    assert_eq!(
        at(b'L', Some(b'H'), Some(b'H')),
        upload(Reason::ChangedHere)
    );
    let identical = choose(ADOPT, Reason::Identical);
    assert_eq!(at(b'L', Some(b'L'), None), identical);
    let in_sync = choose(SKIP, Reason::InSync);
    for row in [None, Some(b'L'), Some(b'H')] {
        assert_eq!(at(b'L', row, Some(b'L')), in_sync);
    }
    let conflict = choose(Step::Conflict, Reason::ArchiveHasAnother);
    assert_eq!(at(b'L', Some(b'H'), None), conflict);
    assert_eq!(at(b'L', Some(b'H'), Some(b'O')), conflict);
    assert_eq!(at(b'L', Some(b'?'), Some(b'?')), conflict);
    for facts in product() {
        let choice = archive(&facts);
        let suspect = facts
            .local
            .and_then(|local| suspicion(&local, facts.baseline.as_ref()));
        assert!(!matches!(choice.step, Step::Download { .. }), "{facts:?}");
        assert!(
            choice.step != Step::Upload || suspect.is_none(),
            "{facts:?}"
        );
    }
}

/// Every combination of what a decision may depend on.
fn product() -> Vec<Facts> {
    let mut files = vec![None];
    for letter in *b"LHO?" {
        for size in [0, 49, 50, 100] {
            for seconds in [-1, 0, 1] {
                for blank in [None, Some(Blank::Empty), Some(Blank::Zeros)] {
                    let file = local(letter, size, seconds);
                    files.push(Some(Local { blank, ..file }));
                }
            }
        }
    }
    let mut heads = vec![None];
    for letter in *b"H?" {
        for entry in [Entry::Never, Entry::Current, Entry::Stale] {
            heads.push(Some(head(letter, entry)));
        }
    }
    let mut baselines = vec![None];
    for letter in *b"LHO?" {
        for server in *b"LHO?" {
            for blob in [None, Some(content(letter).blob)] {
                for size in [0, 100] {
                    baselines.push(Some(Baseline {
                        blob,
                        size,
                        server_hash: content(server).hash,
                        ..baseline(letter)
                    }));
                }
            }
        }
    }
    let mut product = Vec::new();
    for &local in &files {
        for &head in &heads {
            for &baseline in &baselines {
                product.push(facts(local, head, baseline));
            }
        }
    }
    product
}

/// The world after a choice was carried out.
fn after(facts: &Facts, choice: Choice) -> Facts {
    let settled = |local: Local, head: Head| Facts {
        local: Some(local),
        head: Some(head),
        baseline: Some(Baseline {
            hash: local.content.hash,
            blob: Some(local.content.blob),
            size: local.size,
            server_hash: head.hash,
        }),
    };
    match (choice.step, facts.local, facts.head) {
        (Step::Upload, Some(local), _) => settled(
            local,
            Head {
                hash: local.content.hash,
                updated_at: NOON,
                entry: Entry::Current,
            },
        ),
        (Step::Download { .. }, _, Some(head)) => {
            let letter = if head.hash.is_some() { b'H' } else { b'?' };
            let entry = Entry::Current;
            settled(local(letter, 100, 0), Head { entry, ..head })
        }
        (Step::Skip { adopt: true }, Some(local), Some(head)) => {
            let entry = Entry::Current;
            settled(local, Head { entry, ..head })
        }
        _ => *facts,
    }
}

#[test]
fn unsynced_bytes_are_never_replaced_unsaid_and_suspect_ones_never_travel() {
    for facts in product() {
        let choice = decide(&facts);
        let was = facts.baseline.as_ref();
        match (choice.step, &facts.local) {
            (Step::Download { replaces }, None) => assert_eq!(replaces, Replaces::Nothing),
            (Step::Download { replaces }, Some(local)) => {
                let synced = was.is_some_and(|was| was.is(local));
                let expected = if synced {
                    Replaces::Synced
                } else {
                    Replaces::Unsynced
                };
                assert_eq!(replaces, expected, "{facts:?}");
            }
            (Step::Upload, local) => {
                let local = local.as_ref().expect("only a file can be uploaded");
                assert_eq!(suspicion(local, was), None, "{facts:?}");
            }
            (Step::Skip { adopt: true }, local) => {
                assert!(local.is_some() && facts.head.is_some(), "{facts:?}");
            }
            (Step::Skip { adopt: false } | Step::Conflict, _) => {}
        }
    }
}

#[test]
fn what_was_done_leaves_nothing_to_do() {
    for facts in product() {
        let choice = decide(&facts);
        if choice.step == Step::Conflict {
            continue;
        }
        let again = decide(&after(&facts, choice));
        assert!(
            matches!(again.step, Step::Skip { .. }),
            "{facts:?}\n{choice:?}\n{again:?}"
        );
    }
}

/// The matrix as its table reads: the device's entry, whether the file is what was last in sync
/// (none: not known), whether it is at least as new as the save (none: no matter), and the step.
const TABLE: [(Entry, Option<bool>, Option<bool>, Step); 10] = [
    (Entry::Never, None, Some(true), Step::Upload),
    (Entry::Never, None, Some(false), REPLACE),
    (Entry::Never, Some(true), None, FOLLOW),
    (Entry::Never, Some(false), None, Step::Conflict),
    (Entry::Current, Some(true), None, SKIP),
    (Entry::Current, None, None, ADOPT),
    (Entry::Current, Some(false), None, Step::Upload),
    (Entry::Stale, Some(true), None, FOLLOW),
    (Entry::Stale, None, None, REPLACE),
    (Entry::Stale, Some(false), None, Step::Conflict),
];

#[test]
fn one_row_of_the_table_fits_each_combination_and_is_what_is_decided() {
    let mut decided = 0;
    for facts in product() {
        let (Some(local), Some(head)) = (facts.local, facts.head) else {
            continue;
        };
        let was = facts.baseline.as_ref();
        let step = decide(&facts).step;
        if holds(&local, &head, was) {
            assert_eq!(step, ADOPT, "{facts:?}");
            continue;
        }
        let unchanged = was.map(|was| was.is(&local));
        let newer = local.modified >= head.updated_at;
        let mut rows = TABLE.iter().filter(|(entry, baseline, as_new, _)| {
            *entry == head.entry
                && *baseline == unchanged
                && as_new.is_none_or(|as_new| as_new == newer)
        });
        let (.., mut expected) = *rows.next().expect("a row fits");
        assert!(rows.next().is_none(), "one row fits");
        if expected == Step::Upload && suspicion(&local, was).is_some() {
            expected = Step::Conflict;
        }
        assert_eq!(step, expected, "{facts:?}");
        decided += 1;
    }
    assert!(decided > 30_000, "{decided} combinations");
}

#[test]
fn every_reason_is_a_sentence_of_its_own() {
    let sentences: std::collections::BTreeSet<_> =
        Reason::ALL.iter().map(|reason| reason.as_str()).collect();
    assert_eq!(sentences.len(), Reason::ALL.len());
    let choice = choose(REPLACE, Reason::OlderHere);
    let json = serde_json::to_value(choice).unwrap();
    assert_eq!(
        json,
        serde_json::json!({
            "action": "download",
            "replaces": "unsynced",
            "reason": Reason::OlderHere.as_str(),
        })
    );
}
