//! Each is recognised by what was done, and not where it was not.

use std::slice::from_ref;

use super::*;

fn content(text: &'static str) -> Bytes {
    Bytes::from_static(text.as_bytes())
}

fn deed(what: What) -> Deed {
    Deed {
        rom: 1,
        file: "Zelda.srm".to_owned(),
        what,
    }
}

fn told(action: &str, held: &'static str, reason: &str) -> Deed {
    deed(What::Told {
        shown: None,
        held: Some(content(held)),
        action: action.to_owned(),
        reason: reason.to_owned(),
    })
}

fn sent(text: &'static str, overwrite: bool, status: Option<u16>) -> Deed {
    deed(What::Sent {
        content: content(text),
        overwrite,
        status,
    })
}

fn received(text: &'static str, file_name: &str) -> Deed {
    deed(What::Received {
        row: 1,
        file_name: file_name.to_owned(),
        content: content(text),
        optimistic: true,
    })
}

/// The newest row's content before and after, what the server had, and which versions are deleted.
type Truth = (
    (&'static str, &'static str),
    &'static [&'static str],
    &'static [(&'static str, bool)],
);

const NONE: [u8; 0] = [];

/// The numbers of what is recognised where the head stays `head`, and the server has what is named.
fn numbers(kind: Kind, past: &[Deed], deeds: &[Deed], (head, held, versions): Truth) -> Vec<u8> {
    let of = |text: &'static str| blob(&content(text));
    let held = held.iter().map(|text| of(text)).collect();
    let versions: Vec<_> = versions
        .iter()
        .map(|(text, is_deleted)| (of(text), *is_deleted))
        .collect();
    let case = Case {
        kind,
        past,
        deeds,
        head: (Some(of(head.0)), Some(of(head.1))),
        held: &held,
        versions: &versions,
        grew_from: &|_, _| false,
    };
    let found = recognised(&case);
    found.iter().map(|residual| residual.number).collect()
}

#[test]
fn the_first_needs_a_download_that_was_not_kept() {
    let edit = [sent("mine", false, Some(200))];
    let truth: Truth = (("theirs", "mine"), &["theirs"], &[]);
    let came = received("theirs", "Zelda.srm");
    assert_eq!(numbers(Kind::Cli, from_ref(&came), &edit, truth), [1]);
    let kept = deed(What::Replaced {
        before: None,
        after: content("theirs"),
    });
    assert_eq!(numbers(Kind::Cli, &[came, kept], &edit, truth), NONE);
}

#[test]
fn the_second_needs_a_person_who_went_back_before_the_inventory() {
    let went = deed(What::WentBack);
    let again = [told("download", "old", "")];
    let truth: Truth = (("new", "new"), &["old", "new"], &[]);
    assert_eq!(numbers(Kind::Grout, from_ref(&went), &again, truth), [2]);
    let inventory = told("upload", "old", "");
    assert_eq!(
        numbers(Kind::Grout, &[went, inventory], &again, truth),
        NONE
    );
}

#[test]
fn the_third_needs_a_choice_that_nobody_made_now() {
    let chosen = sent("mine", true, None);
    let truth: Truth = (("theirs", "mine"), &["mine", "theirs"], &[]);
    assert_eq!(numbers(Kind::Grout, from_ref(&chosen), &[], truth), [3]);
    assert_eq!(
        numbers(Kind::Grout, from_ref(&chosen), from_ref(&chosen), truth),
        NONE
    );
}

#[test]
fn the_fourth_needs_what_no_server_has() {
    let adopted = [deed(What::Adopted(content("mine")))];
    let truth = |held: &'static [&'static str]| -> Truth { (("one", "one"), held, &[]) };
    assert_eq!(numbers(Kind::Tender, &[], &adopted, truth(&["one"])), [4]);
    assert_eq!(
        numbers(Kind::Tender, &[], &adopted, truth(&["one", "mine"])),
        NONE
    );
}

#[test]
fn the_fifth_needs_a_file_that_showed_no_hash() {
    let truth: Truth = (("one", "one"), &["one"], &[]);
    let asked = [told("conflict", "mine", "")];
    assert_eq!(numbers(Kind::Argosy, &[], &asked, truth), [5]);
    let fine = [told("no_op", "one", "")];
    assert_eq!(numbers(Kind::Argosy, &[], &fine, truth), NONE);
}

#[test]
fn the_eighth_needs_an_upload_that_was_stored() {
    let refused = [sent("mine", false, Some(409))];
    let truth = |held: &'static [&'static str]| -> Truth { (("one", "one"), held, &[]) };
    let before = sent("mine", false, None);
    let known = truth(&["one", "mine"]);
    assert_eq!(
        numbers(Kind::Grout, from_ref(&before), &refused, known),
        [8]
    );
    assert_eq!(
        numbers(Kind::Grout, &[before], &refused, truth(&["one"])),
        NONE
    );
}

#[test]
fn the_ninth_needs_two_versions_with_one_content() {
    let fine = [told("no_op", "one", "Save was deleted on the server")];
    let truth = |versions: &'static [(&'static str, bool)]| -> Truth {
        (("two", "two"), &["one", "two"], versions)
    };
    let both = truth(&[("one", true), ("one", false)]);
    assert_eq!(numbers(Kind::Grout, &[], &fine, both), [9]);
    assert_eq!(
        numbers(Kind::Grout, &[], &fine, truth(&[("one", true)])),
        NONE
    );
}

#[test]
fn the_tenth_needs_the_file_of_another_kind() {
    let truth: Truth = (("one", "one"), &["one"], &[]);
    let clock = [received("one", "Zelda.rtc")];
    assert_eq!(numbers(Kind::Grout, &[], &clock, truth), [10]);
    let save = [received("one", "Zelda.srm")];
    assert_eq!(numbers(Kind::Grout, &[], &save, truth), NONE);
}
