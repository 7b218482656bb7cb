//! What becomes of one line: the facts that are known of it, put before core.
//!
//! A server with lineage decides by itself and is heeded. A RomM compares clocks, so what it told
//! is one fact among others, and the matrix decides.

use keepsave_core::decide::{self, Choice, Entry, Facts, Replaces, Step};
use keepsave_core::negotiate::Action;
use keepsave_core::release::Speaks;
use keepsave_core::time::Time;

use super::line::{Item, Said, ServerSave, Todo};
use crate::server::seen::{SeenAction, SeenOperation};
use crate::state::Baseline;

/// What RomM says of a save that the device opted out of.
const UNTRACKED: &str = "Save is untracked on this device";

/// What is to be done, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// What is to be done.
    pub todo: Todo,
    /// Why.
    pub reason: String,
    /// What the server said, where that is something else.
    pub overruled: Option<Said>,
}

/// Everything that is known of one line.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
    /// Which kind of server it is.
    pub speaks: Speaks,
    /// The file; none for a save that the manifest does not list.
    pub item: Option<&'a Item>,
    /// The server's save, if it has one.
    pub save: Option<&'a ServerSave>,
    /// What the server said, if it was asked.
    pub told: Option<&'a SeenOperation>,
}

/// Judges one line.
pub fn judge(case: &Case) -> Judgement {
    if case.item.is_some_and(Item::is_unreadable) {
        return Judgement {
            todo: Todo::Unreadable,
            reason: "The file here cannot be read".to_owned(),
            overruled: None,
        };
    }
    let Some(told) = case.told else {
        return untold(case);
    };
    let action = match &told.action {
        SeenAction::Known(action) => *action,
        SeenAction::Unknown(word) => {
            return Judgement {
                todo: Todo::Unknown(word.clone()),
                reason: told.reason.clone(),
                overruled: None,
            };
        }
    };
    match case.item {
        Some(item) if !item.listed => fetched_before(item, case, told, action),
        _ if case.speaks == Speaks::Lineage => heeded(case, told, action),
        // What the manifest does not list is fetched when the server offers it.
        None => as_told(told, plain(action, case)),
        Some(_) if action == Action::NoOp && told.reason == UNTRACKED => {
            as_told(told, Step::Skip { adopt: false })
        }
        Some(_) => by_matrix(case, told, action),
    }
}

/// The server was not asked, or did not mention the file.
fn untold(case: &Case) -> Judgement {
    if case.save.is_some_and(|save| save.untracked) {
        return Judgement {
            todo: Todo::Step(Step::Skip { adopt: false }),
            reason: UNTRACKED.to_owned(),
            overruled: None,
        };
    }
    of(matrix(case))
}

/// What a server with lineage told, unless the file is suspect.
fn heeded(case: &Case, told: &SeenOperation, action: Action) -> Judgement {
    let local = case.item.and_then(Item::local);
    let baseline = case.item.and_then(Item::last_in_sync);
    if knows_better(case, action) {
        return by_matrix(case, told, action);
    }
    match decide::heed(action, local.as_ref(), baseline.as_ref()) {
        Some(choice) => Judgement {
            overruled: Some(Said::of(told)),
            ..of(choice)
        },
        None => as_told(told, plain(action, case)),
    }
}

/// Whether this device knows what a server with lineage cannot: that it holds the head although its
/// word was lost, or what a file is that has no hash to tell it by.
fn knows_better(case: &Case, action: Action) -> bool {
    let Some(local) = case.item.and_then(Item::local) else {
        return false;
    };
    let holds_head = case.save.is_some_and(|save| save.entry == Entry::Current);
    holds_head && (action == Action::Conflict || local.content.hash.is_none())
}

/// The step that an action is when it is taken as told.
fn plain(action: Action, case: &Case) -> Step {
    let file = case.item.and_then(Item::file);
    match action {
        Action::Upload => Step::Upload,
        Action::Conflict => Step::Conflict,
        Action::Download => Step::Download {
            // A server with lineage offers only what it knows the content before of.
            replaces: file.map_or(Replaces::Nothing, |_| Replaces::Synced),
        },
        Action::NoOp => {
            let hash = |save: &ServerSave| save.hash;
            let here = file.and_then(|file| file.content.hash);
            let adopt = here.is_some() && here == case.save.and_then(hash);
            Step::Skip { adopt }
        }
    }
}

/// What the matrix says, beside what the server told.
fn by_matrix(case: &Case, told: &SeenOperation, action: Action) -> Judgement {
    let choice = matrix(case);
    if choice.step.action() == action {
        return as_told(told, choice.step);
    }
    Judgement {
        overruled: Some(Said::of(told)),
        ..of(choice)
    }
}

/// A file that an earlier run fetched beside what was listed: it is replaced while it is what was
/// fetched, and never sent.
fn fetched_before(item: &Item, case: &Case, told: &SeenOperation, action: Action) -> Judgement {
    let (Some(local), Some(save), Action::Download) = (item.local(), case.save, action) else {
        return as_told(told, plain(action, case));
    };
    let choice = decide::after_refusal(&local, &save.head(), item.last_in_sync().as_ref());
    if choice.step.action() == action {
        return as_told(told, choice.step);
    }
    Judgement {
        overruled: Some(Said::of(told)),
        ..of(choice)
    }
}

fn matrix(case: &Case) -> Choice {
    let facts = Facts {
        local: case.item.and_then(Item::local),
        head: case.save.map(ServerSave::head),
        baseline: case.item.and_then(Item::last_in_sync),
    };
    match case.item {
        Some(item) if item.entry.slot.is_none() => decide::archive(&facts),
        _ => decide::decide(&facts),
    }
}

fn of(choice: Choice) -> Judgement {
    Judgement {
        todo: Todo::Step(choice.step),
        reason: choice.reason.to_string(),
        overruled: None,
    }
}

fn as_told(told: &SeenOperation, step: Step) -> Judgement {
    Judgement {
        todo: Todo::Step(step),
        reason: told.reason.clone(),
        overruled: None,
    }
}

/// What a save's row and the baseline together say of this device: the save that was last in sync
/// is held, whatever a row says whose time moved for another reason.
pub fn entry(said: Entry, save: &ServerSave, baseline: Option<&Baseline>) -> Entry {
    let Some(baseline) = baseline else {
        return said;
    };
    let is_it = if let (Some(theirs), Some(ours)) = (save.hash, baseline.server_hash) {
        theirs == ours
    } else {
        // Not every answer of a RomM has the fraction of a second.
        let second = |time: Option<Time>| time.map(Time::whole_seconds);
        baseline.save == Some(save.id)
            && save.updated_at.is_some()
            && second(baseline.server_updated_at) == second(save.updated_at)
    };
    if is_it { Entry::Current } else { said }
}

#[cfg(test)]
mod tests {
    use keepsave_core::content::{ContentHash, Digest};
    use keepsave_core::ids::{RomId, SaveId};

    use super::*;
    use crate::engine::line::Found;
    use crate::engine::line::tests::file_of;
    use crate::manifest;

    const NOON: Time = Time::EPOCH;

    fn hash(bytes: &[u8]) -> ContentHash {
        Digest::of(bytes).md5
    }

    fn baseline(bytes: &[u8]) -> Baseline {
        Baseline {
            hash: Some(hash(bytes)),
            blob: Some(Digest::of(bytes).blob),
            size: Some(bytes.len() as u64),
            save: Some(SaveId(1)),
            server_hash: Some(hash(bytes)),
            server_updated_at: Some(NOON),
            path: Some("zelda.srm".into()),
            ..Baseline::default()
        }
    }

    fn item(bytes: Option<&[u8]>, was: Option<&[u8]>) -> Item {
        Item {
            entry: manifest::Entry {
                rom: RomId(1),
                outside: None,
                path: "zelda.srm".into(),
                file_name: "zelda.srm".to_owned(),
                slot: Some("autosave".to_owned()),
                emulator: None,
            },
            listed: true,
            found: bytes.map_or(Found::Nothing, |bytes| {
                Found::File(Box::new(file_of(bytes)))
            }),
            baseline: was.map(baseline),
        }
    }

    fn save(bytes: &[u8], item: &Item) -> ServerSave {
        let said = item
            .baseline
            .as_ref()
            .map_or(Entry::Never, |_| Entry::Stale);
        let save = ServerSave {
            id: SaveId(2),
            file_name: "Zelda [2026-11-20_07-28-30].srm".to_owned(),
            emulator: None,
            hash: Some(hash(bytes)),
            size: Some(bytes.len() as u64),
            updated_at: Some(NOON),
            entry: said,
            confirmed: false,
            untracked: false,
        };
        let entry = entry(said, &save, item.baseline.as_ref());
        ServerSave { entry, ..save }
    }

    fn told(action: Action, reason: &str) -> SeenOperation {
        SeenOperation {
            action: SeenAction::Known(action),
            rom_id: RomId(1),
            save_id: Some(SaveId(2)),
            file_name: "Zelda [2026-11-20_07-28-30].srm".to_owned(),
            slot: Some("autosave".to_owned()),
            emulator: None,
            reason: reason.to_owned(),
            server_updated_at: Some(NOON),
            server_content_hash: None,
        }
    }

    /// What becomes of a file, what was in sync, and the server's save, under what a RomM told.
    fn under(action: Action, here: &[u8], was: Option<&[u8]>, there: &[u8]) -> (Step, bool) {
        let item = item(Some(here), was);
        let save = save(there, &item);
        let told = told(action, "by the clock");
        let judgement = judge(&Case {
            speaks: Speaks::Negotiates,
            item: Some(&item),
            save: Some(&save),
            told: Some(&told),
        });
        let Todo::Step(step) = judgement.todo else {
            panic!("{judgement:?}");
        };
        (step, judgement.overruled.is_some())
    }

    #[test]
    fn no_clock_makes_a_romm_take_an_unsynced_edit() {
        let (mine, was, theirs) = (b"mine".as_slice(), b"was".as_slice(), b"theirs".as_slice());
        for action in Action::ALL {
            let told = |step: Step| (step, step.action() != action);
            assert_eq!(under(action, mine, Some(was), theirs), told(Step::Conflict));
            assert_eq!(under(action, mine, Some(was), was), told(Step::Upload));
            let replaces = Replaces::Synced;
            let follow = told(Step::Download { replaces });
            assert_eq!(under(action, was, Some(was), theirs), follow);
            let same = told(Step::Skip { adopt: true });
            assert_eq!(under(action, mine, None, mine), same);
        }
    }

    #[test]
    fn a_server_with_lineage_is_heeded() {
        let item = item(Some(b"mine"), Some(b"was"));
        let theirs = save(b"theirs", &item);
        for action in Action::ALL {
            let told = told(action, "by lineage");
            let judgement = judge(&Case {
                speaks: Speaks::Lineage,
                item: Some(&item),
                save: Some(&theirs),
                told: Some(&told),
            });
            let Todo::Step(step) = judgement.todo else {
                panic!("{judgement:?}");
            };
            assert_eq!(step.action(), action);
            assert_eq!(judgement.reason, "by lineage");
            assert_eq!(judgement.overruled, None);
        }
    }

    #[test]
    fn what_grew_from_the_head_is_no_conflict_whatever_a_server_with_lineage_heard() {
        let item = item(Some(b"mine"), Some(b"was"));
        let head = save(b"was", &item);
        let told = told(Action::Conflict, "never heard of");
        let judgement = judge(&Case {
            speaks: Speaks::Lineage,
            item: Some(&item),
            save: Some(&head),
            told: Some(&told),
        });
        assert_eq!(judgement.todo, Todo::Step(Step::Upload));
        assert_eq!(judgement.overruled, Some(Said::of(&told)));
    }

    #[test]
    fn a_save_that_the_device_left_out_stays_left_out() {
        let item = item(Some(b"mine"), None);
        let told = told(Action::NoOp, UNTRACKED);
        let case = Case {
            speaks: Speaks::Negotiates,
            item: Some(&item),
            save: None,
            told: Some(&told),
        };
        let skip = Todo::Step(Step::Skip { adopt: false });
        assert_eq!(judge(&case).todo, skip);
        let untracked = ServerSave {
            untracked: true,
            ..save(b"theirs", &item)
        };
        let case = Case {
            speaks: Speaks::Lists,
            save: Some(&untracked),
            told: None,
            ..case
        };
        assert_eq!(judge(&case).todo, skip);
        assert_eq!(judge(&case).reason, UNTRACKED);
    }

    #[test]
    fn what_is_not_known_is_left_out() {
        let item = item(Some(b"mine"), None);
        let told = SeenOperation {
            action: SeenAction::Unknown("delete".to_owned()),
            ..told(Action::NoOp, "deleted elsewhere")
        };
        let case = Case {
            speaks: Speaks::Negotiates,
            item: Some(&item),
            save: None,
            told: Some(&told),
        };
        assert_eq!(judge(&case).todo, Todo::Unknown("delete".to_owned()));
    }

    #[test]
    fn what_was_fetched_before_is_replaced_only_while_it_is_what_was_fetched() {
        for (here, there, step) in [
            (
                b"was".as_slice(),
                b"new".as_slice(),
                Step::Download {
                    replaces: Replaces::Synced,
                },
            ),
            (b"mine", b"new", Step::Conflict),
            (b"new", b"new", Step::Skip { adopt: true }),
        ] {
            let item = Item {
                listed: false,
                ..item(Some(here), Some(b"was"))
            };
            let save = save(there, &item);
            let told = told(Action::Download, "newer");
            for speaks in [Speaks::Lists, Speaks::Negotiates, Speaks::Lineage] {
                let judgement = judge(&Case {
                    speaks,
                    item: Some(&item),
                    save: Some(&save),
                    told: Some(&told),
                });
                assert_eq!(judgement.todo, Todo::Step(step));
            }
        }
    }
}
