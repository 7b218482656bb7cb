//! What a sync asks of the store: it must not grow with the number of stored versions.

use std::cell::Cell;
use std::convert::Infallible;

use super::super::model::sure;
use super::super::{History, Holding, Sought, Version, decide_post};
use super::story::{A, B, Name, Story, content, upload};
use crate::ids::VersionId;
use crate::lineage::model::Ledger;
use crate::negotiate::{Action, negotiate};

/// A history that counts the questions.
struct Counted<'a> {
    ledger: &'a Ledger<Name>,
    questions: Cell<usize>,
}

impl Counted<'_> {
    fn ask<T>(&self, answer: T) -> T {
        self.questions.set(self.questions.get() + 1);
        answer
    }
}

impl History for Counted<'_> {
    type Error = Infallible;

    fn head(&self) -> Result<Option<Version>, Infallible> {
        self.ask(self.ledger.head())
    }

    fn version(&self, id: VersionId) -> Result<Version, Infallible> {
        self.ask(self.ledger.version(id))
    }

    fn parents(&self, id: VersionId) -> Result<Vec<VersionId>, Infallible> {
        self.ask(self.ledger.parents(id))
    }

    fn with_content(&self, sought: Sought) -> Result<Vec<Version>, Infallible> {
        self.ask(self.ledger.with_content(sought))
    }
}

/// A timeline in which A made that many versions, B has the one before the last `behind`, and the
/// contents are numbers up to 200.
fn after(versions: usize, behind: usize) -> (Story, u8) {
    let mut story = Story::default();
    let mut held = 0;
    for index in 0..versions {
        let number = u8::try_from(index % 200).unwrap() + 1;
        if index + behind == versions {
            story.take(B);
            held = story.head().unwrap();
        }
        story.post(A, number);
    }
    if behind == 0 {
        story.take(B);
        held = story.head().unwrap();
    }
    (story, held)
}

fn questions<T>(story: &Story, ask: impl FnOnce(&Counted<'_>, &Holding) -> T) -> (usize, T) {
    let counted = Counted {
        ledger: &story.ledger,
        questions: Cell::new(0),
    };
    let answer = ask(&counted, &story.holding(B));
    (counted.questions.get(), answer)
}

/// How many questions it takes to answer B, whose file has that content.
fn to_negotiate(story: &Story, number: u8) -> (usize, Action) {
    questions(story, |history, holding| {
        let answer = negotiate(history, holding, &[content(number).hash]);
        sure(answer).decisions[0].action
    })
}

#[test]
fn a_device_in_sync_costs_one_question() {
    for versions in [1, 10, 150] {
        let (story, held) = after(versions, 0);
        assert_eq!(to_negotiate(&story, held), (1, Action::NoOp));
    }
}

#[test]
fn no_other_answer_grows_with_what_is_stored() {
    for behind in [0, 1, 3] {
        let (few, few_held) = after(10, behind);
        let (many, many_held) = after(150, behind);
        for unknown in [false, true] {
            let number = |held| if unknown { 255 } else { held };
            let negotiated = to_negotiate(&many, number(many_held));
            assert_eq!(negotiated, to_negotiate(&few, number(few_held)));
            assert!(negotiated.0 <= 8, "{negotiated:?}");
        }
        let post = |story: &Story| {
            questions(story, |history, holding| {
                sure(decide_post(history, Some(holding), &upload(255))).reason
            })
        };
        assert_eq!(post(&many), post(&few));
        assert!(post(&many).0 <= 8, "{:?}", post(&many));
    }
}
