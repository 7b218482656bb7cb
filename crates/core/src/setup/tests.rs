//! The wizard's scenarios, and every combination of what can be found.

use super::*;
use crate::content::Digest;

fn held(text: &str) -> Held {
    let (part, bytes) = text.split_once('=').unwrap_or(("", text));
    Held {
        part: Part::stored(part),
        hash: (bytes != "?").then(|| Digest::of(bytes.as_bytes()).md5),
    }
}

/// `autosave: one, rtc=two`
fn slot(text: &str) -> ServerSlot {
    let (name, heads) = text.split_once(": ").unwrap();
    ServerSlot {
        name: name.to_owned(),
        heads: heads.split(", ").map(held).collect(),
    }
}

fn facts(here: &[&str], slots: &[&str]) -> Facts {
    Facts {
        here: here.iter().map(|text| held(text)).collect(),
        slots: slots.iter().map(|text| slot(text)).collect(),
        archive: false,
        default_slot: "autosave".to_owned(),
    }
}

fn shown(setup: &Setup) -> String {
    match setup {
        Setup::Nothing => "nothing".to_owned(),
        Setup::Confirm { slot, reason } => format!("{slot} {reason:?}"),
        Setup::Ask { scenario, offers } => format!("ask {scenario:?} {}", offers.join("|")),
    }
}

#[track_caller]
fn check(here: &[&str], slots: &[&str], expected: &str) {
    assert_eq!(shown(&set_up(&facts(here, slots))), expected);
}

#[test]
fn a_only_the_server_has_saves() {
    check(&[], &["default: 1"], "default OnlySlot");
    check(&[], &["a: 1", "autosave: 2"], "autosave DefaultSlot");
    check(&[], &["a: 1", "b: 2"], "ask A a|b|autosave");
}

#[test]
fn b_only_this_device_has_saves() {
    check(&["1"], &[], "autosave OnlyHere");
}

#[test]
fn c_the_servers_saves_are_in_other_slots() {
    check(&["1"], &["default: 2"], "ask C default|autosave");
    check(&["1"], &["default: 1"], "default SameContent");
    check(&["1"], &["a: 1", "b: 1"], "ask C a|b|autosave");
}

#[test]
fn e_the_servers_saves_are_in_the_slot_for_new_games() {
    check(&["1"], &["a: 3", "autosave: 2"], "ask E autosave|a");
    check(&["1"], &["autosave: 1"], "autosave SameContent");
    check(&["1"], &["a: 1", "autosave: 1"], "autosave SameContent");
    check(&["1"], &["a: 1", "autosave: 2"], "a SameContent");
}

#[test]
fn saves_without_a_slot_are_never_taken_unasked() {
    let archive = |here: &[&str], slots: &[&str]| Facts {
        archive: true,
        ..facts(here, slots)
    };
    assert_eq!(shown(&set_up(&archive(&[], &[]))), "ask Archive autosave");
    assert_eq!(
        shown(&set_up(&archive(&["1"], &[]))),
        "ask Archive autosave"
    );
    assert_eq!(
        shown(&set_up(&archive(&["1"], &["autosave: 1"]))),
        "autosave SameContent"
    );
}

#[test]
fn a_set_is_the_same_when_every_file_is() {
    check(
        &["1", "rtc=2"],
        &["autosave: 1, rtc=2"],
        "autosave SameContent",
    );
    check(&["1", "rtc=2"], &["autosave: 1, rtc=3"], "ask E autosave");
    check(&["1", "rtc=2"], &["autosave: 1"], "ask E autosave");
    // A file that only the server has replaces nothing.
    check(&["1"], &["autosave: 1, rtc=2"], "autosave SameContent");
}

#[test]
fn a_hash_that_is_missing_equals_nothing() {
    check(&["?"], &["autosave: ?"], "ask E autosave");
}

/// What is confirmed unasked never makes a sync replace or outdate anything: one side is empty, or
/// both have the same.
#[test]
fn nothing_is_confirmed_that_could_replace_anything() {
    let here: [&[&str]; 5] = [&[], &["1"], &["?"], &["1", "rtc=1"], &["2", "rtc=?"]];
    let slots: [Option<&str>; 5] = [None, Some("1"), Some("2"), Some("?"), Some("1, rtc=1")];
    let mut confirmed = 0;
    for here in here {
        for in_default in slots {
            for in_other in slots {
                for archive in [false, true] {
                    let named = [("autosave", in_default), ("other", in_other)];
                    let named = named.iter().filter_map(|(name, heads)| {
                        let heads = (*heads)?;
                        Some(format!("{name}: {heads}"))
                    });
                    let named: Vec<String> = named.collect();
                    let named: Vec<&str> = named.iter().map(String::as_str).collect();
                    let facts = Facts {
                        archive,
                        ..facts(here, &named)
                    };
                    let Setup::Confirm { slot, .. } = set_up(&facts) else {
                        continue;
                    };
                    confirmed += 1;
                    let heads = facts.slots.iter().find(|known| known.name == slot);
                    let heads = heads.map_or(&[][..], |slot| &slot.heads);
                    let replaces_nothing = facts.here.is_empty()
                        || heads.is_empty() && facts.slots.is_empty() && !facts.archive
                        || is_same(&facts.here, heads);
                    assert!(replaces_nothing, "{facts:?}");
                }
            }
        }
    }
    assert_eq!(confirmed, CONFIRMED);
}

/// Counted, so that a loop that stops looking does not look green.
const CONFIRMED: usize = 102;
