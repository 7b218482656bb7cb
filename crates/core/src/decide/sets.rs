//! The files of one save: they go the same way, or a person chooses.

use super::{Choice, Reason, Replaces, Step};
use crate::layouts::Part;

/// What becomes of the files of one save, given what each by itself would do. None where that
/// stays.
///
/// A clock follows the rest and never moves by itself. Of the rest, none goes up while another
/// comes down onto something, and none moves while a person must choose about another.
pub fn together(files: &[(Part, Step)]) -> Vec<Option<Choice>> {
    let rest = || files.iter().filter(|(part, _)| !part.is_clock());
    let goes = |wanted: Way| rest().any(|(_, step)| way(*step) == Some(wanted));
    let asks = goes(Way::Asks) || (goes(Way::Up) && goes(Way::Down));
    let one = |(part, step): &(Part, Step)| {
        if !part.is_clock() {
            return (asks && moves(*step)).then_some(DIFFER);
        }
        let own = way(*step)?;
        match (own, asks, goes(Way::Up), goes(Way::Down)) {
            (_, true, ..) => moves(*step).then_some(DIFFER),
            (Way::Down, _, false, true) | (Way::Up, _, true, false) => None,
            (Way::Up | Way::Asks, _, false, true) => Some(Choice {
                step: Step::Download {
                    replaces: Replaces::Unsynced,
                },
                reason: Reason::WithTheSave,
            }),
            // What another device's clock shows is no part of what was saved here.
            _ => Some(Choice {
                step: Step::Skip { adopt: false },
                reason: Reason::OnlyTheClock,
            }),
        }
    };
    files.iter().map(one).collect()
}

const DIFFER: Choice = Choice {
    step: Step::Conflict,
    reason: Reason::PartsDiffer,
};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Up,
    Down,
    Asks,
}

/// Which way a step goes, if it takes anything's place.
fn way(step: Step) -> Option<Way> {
    match step {
        Step::Skip { .. }
        | Step::Download {
            replaces: Replaces::Nothing,
        } => None,
        Step::Upload => Some(Way::Up),
        Step::Download { .. } => Some(Way::Down),
        Step::Conflict => Some(Way::Asks),
    }
}

/// Whether a step would move something, and is not a question already.
fn moves(step: Step) -> bool {
    matches!(way(step), Some(Way::Up | Way::Down))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SKIP: Step = Step::Skip { adopt: false };
    const DOWN: Step = Step::Download {
        replaces: Replaces::Synced,
    };
    const NEW: Step = Step::Download {
        replaces: Replaces::Nothing,
    };
    const STEPS: [Step; 5] = [SKIP, Step::Upload, DOWN, NEW, Step::Conflict];

    fn steps(files: &[(&str, Step)]) -> Vec<Step> {
        let files: Vec<(Part, Step)> = files
            .iter()
            .map(|(part, step)| (Part::stored(*part), *step))
            .collect();
        let changed = together(&files)
            .into_iter()
            .map(|choice| choice.map(|choice| choice.step));
        let steps = changed.zip(&files);
        steps
            .map(|(changed, (_, step))| changed.unwrap_or(*step))
            .collect()
    }

    #[test]
    fn a_clock_alone_is_no_progress() {
        for alone in [Step::Upload, DOWN, Step::Conflict] {
            assert_eq!(steps(&[("", SKIP), ("rtc", alone)]), [SKIP, SKIP]);
        }
    }

    #[test]
    fn a_clock_follows_its_save() {
        assert_eq!(
            steps(&[("", Step::Upload), ("rtc", Step::Upload)]),
            [Step::Upload, Step::Upload]
        );
        let unsynced = Step::Download {
            replaces: Replaces::Unsynced,
        };
        for changed_here in [Step::Upload, Step::Conflict] {
            assert_eq!(
                steps(&[("", DOWN), ("rtc", changed_here)]),
                [DOWN, unsynced]
            );
        }
        assert_eq!(steps(&[("", DOWN), ("rtc", DOWN)]), [DOWN, DOWN]);
        // The clock that another device left does not come beneath what was saved here.
        assert_eq!(
            steps(&[("", Step::Upload), ("rtc", DOWN)]),
            [Step::Upload, SKIP]
        );
    }

    #[test]
    fn what_is_missing_here_comes_whatever_the_rest_does() {
        for rest in STEPS {
            assert_eq!(steps(&[("", rest), ("bcr", NEW)])[1], NEW);
            assert_eq!(steps(&[("", rest), ("rtc", NEW)])[1], NEW);
        }
    }

    #[test]
    fn files_that_go_different_ways_are_a_question() {
        let ask = Step::Conflict;
        assert_eq!(steps(&[("", Step::Upload), ("bcr", DOWN)]), [ask, ask]);
        assert_eq!(steps(&[("", Step::Conflict), ("bcr", DOWN)]), [ask, ask]);
        assert_eq!(
            steps(&[("", Step::Upload), ("bcr", DOWN), ("smpc", Step::Upload)]),
            [ask, ask, ask]
        );
        // What both sides have the same of is no part of the question.
        assert_eq!(
            steps(&[("", SKIP), ("bcr", Step::Conflict), ("smpc", SKIP)]),
            [SKIP, ask, SKIP]
        );
    }

    /// Of every save of three files: nothing goes up while another part comes down onto something,
    /// nothing moves beside a question, and what is decided stays when it is decided again.
    #[test]
    fn no_save_is_ever_mixed() {
        let mut seen = 0;
        for save in STEPS {
            for companion in STEPS {
                for clock in STEPS {
                    let parts =
                        |steps: &[Step]| -> Vec<Step> { steps_of(steps[0], steps[1], steps[2]) };
                    let done = parts(&[save, companion, clock]);
                    let any = |wanted| done.iter().any(|step| way(*step) == Some(wanted));
                    assert!(!(any(Way::Up) && any(Way::Down)), "{done:?}");
                    assert!(
                        !(any(Way::Asks) && (any(Way::Up) || any(Way::Down))),
                        "{done:?}"
                    );
                    assert_eq!(parts(&done), done);
                    seen += 1;
                }
            }
        }
        assert_eq!(seen, 125);
    }

    fn steps_of(save: Step, companion: Step, clock: Step) -> Vec<Step> {
        steps(&[("", save), ("bcr", companion), ("rtc", clock)])
    }
}
