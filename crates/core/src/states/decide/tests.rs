//! Every combination of a small world, and the stories one by one.

use super::*;
use crate::content::BlobHash;

const CORE: &str = "mgba";

fn mark(byte: u8) -> Mark {
    Mark::of(&BlobHash([byte; 32]))
}

fn loader() -> Loader {
    Loader {
        core: CORE.to_owned(),
        version: Some("1".to_owned()),
    }
}

/// A state of this core: its content, what it grew from, the save that it was made with.
fn row(id: i64, content: u8, parent: Option<u8>, save: Option<u8>) -> Row {
    Row {
        id: StateId(id),
        stamp: Stamp {
            ending: Ending::Auto,
            core: CORE.to_owned(),
            version: Some("1".to_owned()),
            content: mark(content),
            parent: parent.map(mark),
            save: save.map(mark),
        },
    }
}

fn of_version(mut row: Row, version: &str) -> Row {
    row.stamp.version = Some(version.to_owned());
    row
}

fn held(content: u8, save: u8) -> Held {
    Held {
        content: mark(content),
        blank: false,
        save: Some(mark(save)),
    }
}

fn baseline(content: u8, row: i64) -> Baseline {
    Baseline {
        content: mark(content),
        row: StateId(row),
    }
}

const EVERYTHING: May = May {
    send: true,
    bring: true,
    move_aside: true,
};

/// One world: what decide is asked, owned.
#[derive(Clone, Debug)]
struct World {
    ending: Ending,
    here: Option<Held>,
    baseline: Option<Baseline>,
    rows: Vec<Row>,
    save: SaveHere,
    may: May,
}

impl World {
    fn decide(&self) -> Decision {
        decide(&Facts {
            ending: self.ending,
            here: self.here,
            baseline: self.baseline,
            rows: &self.rows,
            loader: &loader(),
            save: self.save,
            may: self.may,
        })
    }

    /// What the world is once that was done.
    fn after(mut self, decision: &Decision) -> Self {
        let next = self.rows.iter().map(|row| row.id.0).max().unwrap_or(0) + 1;
        if let (true, Some(held)) = (decision.send, self.here) {
            let mut sent = row(next, 0, None, None);
            sent.stamp.ending = self.ending;
            sent.stamp.content = held.content;
            sent.stamp.parent = self.baseline.map(|before| before.content);
            sent.stamp.save = held.save;
            self.rows.push(sent);
            self.baseline = Some(Baseline {
                content: held.content,
                row: StateId(next),
            });
        }
        if let (Some(row), Some(held)) = (decision.adopt, self.here) {
            let content = held.content;
            self.baseline = Some(Baseline { content, row });
        }
        match decision.here {
            Here::Leave => {}
            Here::Aside => self.here = None,
            Here::Bring(id) => {
                let brought = self.rows.iter().find(|row| row.id == id).unwrap();
                self.here = Some(Held {
                    content: brought.stamp.content,
                    blank: false,
                    save: brought.stamp.save,
                });
                self.baseline = Some(Baseline {
                    content: brought.stamp.content,
                    row: id,
                });
            }
        }
        self
    }
}

/// Every list of up to `most` states of two contents.
fn all_rows(ending: Ending, most: i64) -> Vec<Vec<Row>> {
    // Which of two grew from which is enough where the save counts, too.
    let (parents, saves): (&[Option<u8>], &[u8]) = match ending {
        Ending::Auto => (&[None, Some(1)], &[7, 8]),
        Ending::Numbered(_) => (&[None, Some(1), Some(2)], &[7]),
    };
    let mut kinds = Vec::new();
    for content in [1, 2] {
        for &parent in parents {
            for &save in saves {
                for version in ["1", "2"] {
                    let mut row = of_version(row(0, content, parent, Some(save)), version);
                    row.stamp.ending = ending;
                    kinds.push(row);
                }
            }
        }
    }
    let mut all: Vec<Vec<Row>> = vec![Vec::new()];
    let mut last = all.clone();
    for id in 1..=most {
        let longer = |rows: &Vec<Row>| {
            let rows = rows.clone();
            kinds.clone().into_iter().map(move |mut kind| {
                kind.id = StateId(id);
                let mut rows = rows.clone();
                rows.push(kind);
                rows
            })
        };
        last = last.iter().flat_map(longer).collect();
        all.extend(last.iter().cloned());
    }
    all
}

/// Every world with up to `most` states on the server, two contents there and a third that is not.
fn every_world(ending: Ending, most: i64, check: &mut dyn FnMut(&World)) {
    let (saves, save_here, switches): (&[u8], &[SaveHere], u8) = match ending {
        Ending::Auto => (
            &[7, 8],
            &[SaveHere::Is(Some(mark(7))), SaveHere::Unknown],
            8,
        ),
        Ending::Numbered(_) => (&[7], &[SaveHere::Is(Some(mark(9)))], 4),
    };
    let mut heres = vec![None];
    for content in [1, 2, 3] {
        heres.extend(saves.iter().map(|&save| Some(held(content, save))));
    }
    heres.push(Some(Held {
        blank: true,
        ..held(4, 7)
    }));
    let mut baselines = vec![None];
    for content in [1, 3] {
        baselines.extend((0..=2).map(|row| Some(baseline(content, row))));
    }
    for rows in all_rows(ending, most) {
        for &here in &heres {
            for &baseline in &baselines {
                for &save in save_here {
                    for bits in 0..switches {
                        let may = May {
                            send: bits & 1 > 0,
                            bring: bits & 2 > 0,
                            move_aside: bits & 4 == 0,
                        };
                        let rows = rows.clone();
                        check(&World {
                            ending,
                            here,
                            baseline,
                            rows,
                            save,
                            may,
                        });
                    }
                }
            }
        }
    }
}

/// What must hold of every decision.
fn holds(world: &World) {
    let decision = world.decide();
    let say = || format!("{world:#?}\n{decision:#?}");
    let heads = heads(&world.rows);
    let is_there = |content| {
        let mut rows = world.rows.iter();
        rows.any(|row| row.stamp.content == content)
    };
    let was_there = |held: Held| {
        let before = world.baseline.map(|before| before.content);
        is_there(held.content) || before == Some(held.content)
    };
    if let Some(held) = world.here {
        // What no server ever had is sent once, and before it is replaced or moved.
        let is_new = !was_there(held) && !held.blank;
        assert_eq!(decision.send, is_new && world.may.send, "{}", say());
        let leaves = decision.here != Here::Leave;
        if leaves && is_new {
            assert!(decision.send || !world.may.send, "{}", say());
            assert_eq!(decision.reason, Reason::Shadows, "{}", say());
        }
    } else {
        assert!(!decision.send && decision.adopt.is_none(), "{}", say());
        assert_ne!(decision.here, Here::Aside, "{}", say());
    }
    let offered = decision.offers.iter().copied();
    let brought = match decision.here {
        Here::Bring(id) => Some(id),
        Here::Leave | Here::Aside => None,
    };
    assert!(world.may.bring || brought.is_none(), "{}", say());
    for id in offered.chain(brought) {
        let head = heads.iter().find(|head| head.id == id);
        let stamp = &head.unwrap_or_else(|| panic!("no head: {}", say())).stamp;
        assert!(loader().loads(Some(stamp)).is_ok(), "{}", say());
        if world.ending == Ending::Auto {
            assert_eq!(world.save, SaveHere::Is(stamp.save), "{}", say());
        }
    }
    let after = world.clone().after(&decision);
    // A state that is loaded unasked goes with the save that is here, or it is not there.
    if let (Ending::Auto, SaveHere::Is(save), Some(held)) = (world.ending, world.save, after.here) {
        assert!(held.save == save || !world.may.move_aside, "{}", say());
    }
    let again = after.decide();
    assert!(
        !again.send && again.here == Here::Leave && again.adopt.is_none(),
        "{}\n{again:#?}",
        say()
    );
}

#[test]
fn no_state_is_lost_or_brought_where_it_does_not_load_and_what_was_done_leaves_nothing_to_do() {
    every_world(Ending::Numbered(1), 3, &mut holds);
}

#[test]
fn no_auto_state_is_loaded_over_a_save_that_it_was_not_made_with() {
    every_world(Ending::Auto, 2, &mut holds);
}

fn world(here: Option<Held>, before: Option<Baseline>, rows: Vec<Row>) -> World {
    World {
        ending: Ending::Numbered(1),
        here,
        baseline: before,
        rows,
        save: SaveHere::Is(Some(mark(7))),
        may: EVERYTHING,
    }
}

#[track_caller]
fn comes_to(world: &World, send: bool, here: Here, reason: Reason) -> Decision {
    let decision = world.decide();
    let is = (decision.send, decision.here, decision.reason);
    assert_eq!(is, (send, here, reason), "{world:#?}");
    decision
}

#[test]
fn each_story_has_its_decision() {
    let [one, two] = [row(1, 1, None, None), row(2, 2, Some(1), None)];
    let both = || vec![one.clone(), two.clone()];
    let had_one = Some(baseline(1, 1));
    let leave = Here::Leave;
    comes_to(&world(None, None, vec![]), false, leave, Reason::Nothing);
    comes_to(
        &world(Some(held(1, 7)), None, vec![]),
        true,
        leave,
        Reason::New,
    );
    comes_to(
        &world(None, None, both()),
        false,
        Here::Bring(StateId(2)),
        Reason::OnlyThere,
    );
    let same = world(Some(held(2, 7)), had_one, both());
    let same = comes_to(&same, false, leave, Reason::Same);
    assert_eq!(same.adopt, Some(StateId(2)));
    let grew = world(Some(held(1, 7)), had_one, both());
    comes_to(&grew, false, Here::Bring(StateId(2)), Reason::Grew);
    let apart = world(Some(held(3, 7)), had_one, both());
    let apart = comes_to(&apart, true, leave, Reason::Apart);
    assert_eq!(apart.offers, [StateId(2)]);
    let went_back = world(Some(held(1, 7)), Some(baseline(2, 2)), both());
    comes_to(&went_back, false, leave, Reason::WentBack);
    let deleted = world(None, Some(baseline(2, 2)), both());
    let deleted = comes_to(&deleted, false, leave, Reason::DeletedHere);
    assert_eq!(deleted.offers, [StateId(2)]);
    comes_to(
        &world(None, had_one, both()),
        false,
        Here::Bring(StateId(2)),
        Reason::OnlyThere,
    );
    let deleted_there = world(Some(held(2, 7)), Some(baseline(2, 2)), vec![]);
    comes_to(&deleted_there, false, leave, Reason::DeletedThere);
    // Of those that remain none is newer than what was deleted.
    let older_remains = world(Some(held(2, 7)), Some(baseline(2, 2)), vec![one.clone()]);
    comes_to(&older_remains, false, leave, Reason::Offered);
    let blank = Held {
        blank: true,
        ..held(3, 7)
    };
    comes_to(
        &world(Some(blank), had_one, both()),
        false,
        leave,
        Reason::Blank,
    );
    let several = vec![one.clone(), row(2, 2, None, None)];
    let several = comes_to(
        &world(None, None, several),
        false,
        leave,
        Reason::SeveralThere,
    );
    assert_eq!(several.offers, [StateId(1), StateId(2)]);
}

#[test]
fn a_romm_only_offers() {
    let rows = vec![row(1, 1, None, None), row(2, 2, Some(1), None)];
    for (here, before) in [(None, None), (Some(held(1, 7)), Some(baseline(1, 1)))] {
        let mut world = world(here, before, rows.clone());
        world.may.bring = false;
        let decision = world.decide();
        assert_eq!(
            (decision.here, decision.offers),
            (Here::Leave, vec![StateId(2)])
        );
    }
}

#[test]
fn what_does_not_load_here_is_not_offered() {
    let rows = vec![
        row(1, 1, None, None),
        of_version(row(2, 2, Some(1), None), "2"),
    ];
    let here = world(Some(held(1, 7)), Some(baseline(1, 1)), rows.clone());
    let decision = comes_to(&here, false, Here::Leave, Reason::Same);
    assert_eq!(decision.offers, []);
    comes_to(
        &world(None, None, rows),
        false,
        Here::Leave,
        Reason::Nothing,
    );
    let stamp = row(1, 1, None, None).stamp;
    for (core, version, loads) in [
        (CORE, Some("1"), Ok(())),
        (CORE, Some("2"), Err(NotLoadable::OtherVersion)),
        (CORE, None, Err(NotLoadable::OtherVersion)),
        ("vba_next", Some("1"), Err(NotLoadable::OtherCore)),
    ] {
        let loader = Loader {
            core: core.to_owned(),
            version: version.map(str::to_owned),
        };
        assert_eq!(loader.loads(Some(&stamp)), loads, "{loader:?}");
        assert_eq!(loader.loads(None), Err(NotLoadable::Unstamped));
    }
}

#[test]
fn an_auto_state_comes_with_its_save_and_not_before() {
    let auto = |here, before, rows| World {
        ending: Ending::Auto,
        ..world(here, before, rows)
    };
    let rows = vec![row(1, 1, None, Some(6)), row(2, 2, Some(1), Some(7))];
    // The newest save came, and its state with it.
    let older = auto(Some(held(1, 6)), Some(baseline(1, 1)), rows.clone());
    comes_to(&older, false, Here::Bring(StateId(2)), Reason::Grew);
    // The save is not the one that the state was made with.
    let mut other = auto(Some(held(1, 6)), Some(baseline(1, 1)), rows[..1].to_vec());
    comes_to(&other, false, Here::Aside, Reason::Shadows);
    other.may.move_aside = false;
    comes_to(&other, false, Here::Leave, Reason::Same);
    let newer_save = auto(None, None, rows[..1].to_vec());
    comes_to(&newer_save, false, Here::Leave, Reason::Nothing);
    // What nobody has is sent before it goes.
    let unsent = auto(Some(held(3, 6)), None, rows.clone());
    comes_to(&unsent, true, Here::Bring(StateId(2)), Reason::Shadows);
    let mut romm = unsent;
    romm.may.bring = false;
    let decision = comes_to(&romm, true, Here::Aside, Reason::Shadows);
    assert_eq!(decision.offers, [StateId(2)]);
    let mut unknown = auto(Some(held(1, 6)), Some(baseline(1, 1)), rows);
    unknown.save = SaveHere::Unknown;
    comes_to(&unknown, false, Here::Leave, Reason::Same);
}

#[test]
fn what_others_grew_from_is_given_up_oldest_first_and_no_head_is() {
    let rows = vec![
        row(1, 1, None, None),
        row(2, 2, Some(1), None),
        row(3, 3, Some(2), None),
        row(4, 4, None, None),
    ];
    let heads: Vec<i64> = heads(&rows).iter().map(|row| row.id.0).collect();
    assert_eq!(heads, [3, 4]);
    for (keep, gone) in [
        (9, &[][..]),
        (4, &[]),
        (3, &[1]),
        (2, &[1, 2]),
        (0, &[1, 2]),
    ] {
        let ids: Vec<i64> = superseded(&rows, keep).iter().map(|id| id.0).collect();
        assert_eq!(ids, gone, "{keep}");
    }
    // Going back to a content and on from it makes it a head again.
    let again = vec![
        row(1, 1, None, None),
        row(2, 2, Some(1), None),
        row(3, 1, Some(2), None),
    ];
    let heads: Vec<i64> = super::heads(&again).iter().map(|row| row.id.0).collect();
    assert_eq!(heads, [3]);
}
