//! Saves that are moved, wherever they stood, whatever goes wrong.

use std::collections::BTreeSet;
use std::sync::Mutex;

use keepsave_core::layouts::Part;
use keepsave_core::split::Reason;
use rustix::io::Errno;

use super::*;
use crate::files::Form;
use crate::files::disk::{Disk, RealDisk};
use crate::files::trial::{Step as DiskStep, TrialDisk, When};
use crate::journal::Journal;
use crate::layout::migrate::{Moved, Movers, OnBoth, Relaid, Todo, Wish, Word};
use crate::layout::moving::Mover;
use crate::library::{SaveFile, SavePlace};
use crate::lock::Locks;
use crate::state::{Match, MatchedBy};

const CARD: &str = "/run/media/deck/card/saves";

impl Deck {
    /// The game is known, and synced with a slot.
    fn known(self) -> Self {
        let matched = Match {
            path: self.tree.at("~/retrodeck/roms/gba/Zelda.gba"),
            platform: "gba".to_owned(),
            stem: "Zelda".to_owned(),
            rom: RomId(1),
            by: MatchedBy::Person,
            at: Time::EPOCH,
        };
        self.state.remember_matches(&[matched]).unwrap();
        self.state.confirm_slot(RomId(1), Some("autosave")).unwrap();
        self
    }

    fn journal_on(&self, disk: Arc<dyn Disk>) -> Journal {
        Journal::on(disk, &self.tree.at("/journal")).unwrap()
    }

    fn journal(&self) -> Journal {
        self.journal_on(Arc::new(RealDisk))
    }

    /// What the journal keeps.
    fn kept(&self) -> BTreeSet<String> {
        let journal = self.journal();
        let content = |kept| std::io::read_to_string(journal.open_content(kept).unwrap()).unwrap();
        journal.list().unwrap().kept.iter().map(content).collect()
    }

    fn locks(&self) -> Locks {
        let identity = Identity {
            origin: "https://saves.example".to_owned(),
            user: UserId(1),
        };
        Locks::open(&self.tree.at("/locks"), &identity).unwrap()
    }

    /// Works with what moves saves.
    fn moving<T>(&self, journal: &Journal, work: impl FnOnce(&Movers<'_>) -> T) -> T {
        work(&Movers {
            state: &self.state,
            journal,
            locks: &self.locks(),
            account: "ada at home",
            device: Some(&DeviceId("deck".to_owned())),
            clock: &SystemClock,
        })
    }

    /// Moves what is to be moved and gives what became of each game.
    fn migrate_with(&self, journal: &Journal, wish: Wish) -> Vec<(Word, Moved)> {
        self.moving(journal, |movers| {
            let plan = movers.plan(&self.see(), wish).unwrap();
            let relay = |game: &Relaid| {
                let moved = movers.relay(game, &plan.pending, wish);
                (game.todo.word(), moved)
            };
            let done: Vec<(Word, Moved)> = plan.games.iter().map(relay).collect();
            if done.iter().all(|(_, moved)| moved.is_settled()) {
                assert!(movers.settle(&plan.pending).unwrap());
            }
            done
        })
    }

    fn migrate(&self, wish: Wish) -> (Word, Moved) {
        let mut done = self.migrate_with(&self.journal(), wish);
        assert_eq!(done.len(), 1, "{done:?}");
        done.remove(0)
    }

    fn todo(&self, wish: Wish) -> Todo {
        self.moving(&self.journal(), |movers| {
            let mut plan = movers.plan(&self.see(), wish).unwrap();
            plan.games.remove(0).todo
        })
    }

    fn content(&self, flags: Flags) -> Option<String> {
        std::fs::read_to_string(self.place(flags)).ok()
    }

    fn clock_file(&self, flags: Flags) -> PathBuf {
        self.place(flags).with_extension("rtc")
    }
}

#[test]
fn every_change_of_layout_is_settled_by_a_move_of_the_whole_save() {
    for kind in [Kind::RetroDeck, Kind::RetroArch] {
        for before in EVERY {
            for now in EVERY.into_iter().filter(|now| *now != before) {
                let said = format!("{kind:?} {before:?} {now:?}");
                let deck = Deck::new(kind).known();
                deck.lay_out(before);
                deck.play(before, "progress", 1);
                std::fs::write(deck.clock_file(before), "clock").unwrap();
                deck.see();
                deck.lay_out(now);
                let (word, moved) = deck.migrate(Wish::default());
                assert_eq!(word, Word::Move, "{said}");
                assert!(
                    matches!(moved, Moved::Done { ref kept } if kept.is_empty()),
                    "{said} {moved:?}"
                );
                assert_eq!(deck.content(now).as_deref(), Some("progress"), "{said}");
                assert_eq!(
                    std::fs::read(deck.clock_file(now)).unwrap(),
                    b"clock",
                    "{said}"
                );
                assert!(
                    !deck.place(before).exists() && !deck.clock_file(before).exists(),
                    "{said}"
                );
                assert!(deck.see().pending().is_empty(), "{said}");
                assert_eq!(deck.zelda().save.files.len(), 2, "{said}");
            }
        }
    }
}

#[test]
fn of_two_copies_the_newest_stays_and_both_are_in_the_journal() {
    let newer = |at| (at, at);
    for (synced, (before, now), stays, why) in [
        // What was in sync is the older one, whatever the clock says.
        (Some(BY_FOLDER), newer(5), "now", Reason::OtherWasInSync),
        (Some(BY_FOLDER), (9, 5), "now", Reason::OtherWasInSync),
        (None, (5, 9), "now", Reason::NewerFile),
        (None, (9, 5), "before", Reason::NewerFile),
        (None, (5, 5), "now", Reason::AtItsPlace),
    ] {
        let deck = Deck::new(Kind::RetroDeck).known();
        deck.play(BY_FOLDER, "before", before);
        if let Some(at) = synced {
            deck.synced(at);
        }
        deck.see();
        deck.lay_out(BY_CORE);
        deck.play(BY_CORE, "now", now);
        let Todo::Keep { reason, .. } = deck.todo(Wish::default()) else {
            panic!("{stays} {why}");
        };
        assert_eq!(reason, why);
        let (_, moved) = deck.migrate(Wish::default());
        let Moved::Done { kept } = moved else {
            panic!("{moved:?}");
        };
        assert!(kept.len() >= 2, "{kept:?}");
        assert_eq!(deck.content(BY_CORE).as_deref(), Some(stays), "{why}");
        assert_eq!(deck.content(BY_FOLDER), None);
        assert_eq!(deck.kept(), ["before", "now"].map(str::to_owned).into());
        assert!(deck.see().pending().is_empty());
    }
}

#[test]
fn copies_that_are_the_same_are_no_conflict() {
    let deck = Deck::new(Kind::RetroDeck).known();
    deck.play(BY_FOLDER, "the same", 9);
    deck.see();
    deck.lay_out(BESIDE);
    deck.play(BESIDE, "the same", 1);
    let Todo::Keep { reason, step } = deck.todo(Wish::default()) else {
        panic!();
    };
    assert_eq!((reason, step.from), (Reason::Same, 1));
    deck.migrate(Wish::default());
    assert_eq!(deck.content(BESIDE).as_deref(), Some("the same"));
    assert_eq!(deck.content(BY_FOLDER), None);
}

#[test]
fn a_save_is_never_mixed_of_two_copies() {
    for (before, now, stays) in [(9, 5, "before"), (5, 9, "now")] {
        let deck = Deck::new(Kind::RetroDeck).known();
        deck.play(BY_FOLDER, "before", before);
        std::fs::write(deck.clock_file(BY_FOLDER), "clock of before").unwrap();
        deck.see();
        deck.lay_out(BY_CORE);
        deck.play(BY_CORE, "now", now);
        let (_, moved) = deck.migrate(Wish::default());
        assert!(matches!(moved, Moved::Done { .. }), "{moved:?}");
        assert_eq!(deck.content(BY_CORE).as_deref(), Some(stays));
        assert_eq!(deck.clock_file(BY_CORE).exists(), stays == "before");
        assert!(!deck.clock_file(BY_FOLDER).exists());
        assert!(deck.kept().contains("clock of before"));
    }
}

#[test]
fn of_two_changes_in_a_row_the_newest_save_is_moved_from_wherever_it_is() {
    let deck = Deck::new(Kind::RetroDeck).known();
    deck.play(BY_FOLDER, "in sync", 1);
    deck.synced(BY_FOLDER);
    deck.see();
    deck.lay_out(BESIDE);
    deck.see();
    deck.play(BESIDE, "played on", 2);
    deck.lay_out(BY_CORE);
    deck.migrate(Wish::default());
    assert_eq!(deck.content(BY_CORE).as_deref(), Some("played on"));
    assert_eq!(
        (deck.content(BESIDE), deck.content(BY_FOLDER)),
        (None, None)
    );
    assert!(deck.kept().contains("in sync"));
    assert!(deck.see().pending().is_empty());
}

#[test]
fn wherever_a_move_dies_nothing_is_lost_and_the_next_one_goes_on() {
    die_at_each_step(&[(BY_FOLDER, 5)], false);
}

#[test]
fn wherever_a_move_to_another_disk_dies_nothing_is_lost_and_the_next_one_goes_on() {
    die_at_each_step(&[(BY_FOLDER, 5)], true);
}

#[test]
fn wherever_a_move_onto_an_older_copy_dies_nothing_is_lost_and_the_next_one_goes_on() {
    die_at_each_step(&[(BY_FOLDER, 9), (BY_CORE, 5)], false);
}

#[test]
fn wherever_the_removal_of_an_older_copy_dies_nothing_is_lost_and_the_next_one_goes_on() {
    die_at_each_step(&[(BY_FOLDER, 5), (BY_CORE, 9)], false);
}

/// Dies at each step in turn; whatever it leaves, nothing is lost and the next run ends as the
/// first would have. A copy is where it is and when it was written.
fn die_at_each_step(copies: &[(Flags, i64)], across: bool) {
    let newest = copies.iter().map(|(_, written)| written).max().unwrap();
    let mut step = 0;
    loop {
        let deck = Deck::new(Kind::RetroDeck).known();
        deck.see();
        deck.lay_out(BY_CORE);
        let mut contents = Vec::new();
        for (at, written) in copies {
            let [progress, clock] =
                ["written at", "clock of"].map(|what| format!("{what} {written}"));
            deck.play(*at, &progress, *written);
            std::fs::write(deck.clock_file(*at), &clock).unwrap();
            contents.extend([progress, clock]);
        }
        deck.journal();
        // From another disk; what comes beside its place is on the same.
        let tried = Mutex::new(BTreeSet::new());
        let disk = TrialDisk::with(move |when, step, path| {
            let is_save = path.to_string_lossy().contains("Zelda");
            let is_move = (when, step) == (When::Before, DiskStep::RenameNew);
            if across && is_move && is_save && tried.lock().unwrap().insert(path.to_owned()) {
                return Err(Errno::XDEV.into());
            }
            Ok(())
        });
        let disk = Arc::new(disk.dying_at(step));
        let dying: Arc<dyn Disk> = disk.clone();
        let done = deck.migrate_with(&deck.journal_on(dying), Wish::default());
        let said = format!("{copies:?} {across} {step} {done:?}");
        let places = [BY_FOLDER, BY_CORE].map(|at| [deck.place(at), deck.clock_file(at)]);
        let held = places.as_flattened().iter();
        let held = held.filter_map(|path| std::fs::read_to_string(path).ok());
        let held: BTreeSet<String> = held.chain(deck.kept()).collect();
        for content in &contents {
            assert!(held.contains(content), "{content} is lost: {said}");
        }
        if disk.died() {
            for (_, moved) in deck.migrate_with(&deck.journal(), Wish::default()) {
                assert!(moved.is_settled(), "{said} {moved:?}");
            }
        } else {
            assert!(matches!(done[0].1, Moved::Done { .. }), "{said}");
        }
        assert_eq!(
            deck.content(BY_CORE),
            Some(format!("written at {newest}")),
            "{said}"
        );
        let clock = std::fs::read_to_string(deck.clock_file(BY_CORE)).ok();
        assert_eq!(clock, Some(format!("clock of {newest}")), "{said}");
        assert!(
            !deck.place(BY_FOLDER).exists() && !deck.clock_file(BY_FOLDER).exists(),
            "{said}"
        );
        assert!(deck.see().pending().is_empty(), "{said}");
        if !disk.died() {
            break;
        }
        step += 1;
    }
    assert!(step > 5, "only {step} steps were tried");
}

#[test]
fn what_fails_at_one_game_is_no_reason_not_to_go_on_with_the_next() {
    let deck = Deck::new(Kind::RetroDeck).known();
    deck.tree
        .file("~/retrodeck/roms/gba/Metroid.gba", "another rom");
    for name in ["Zelda", "Metroid"] {
        deck.play_to(&format!("~/retrodeck/saves/gba/{name}.srm"), name, 1);
    }
    deck.see();
    deck.lay_out(BY_CORE);
    let failing = TrialDisk::failing(DiskStep::RenameNew, "Metroid.srm", Errno::IO);
    let done = deck.migrate_with(&deck.journal_on(failing), Wish::default());
    let failed = done
        .iter()
        .filter(|(_, moved)| matches!(moved, Moved::Failed { .. }));
    assert_eq!((done.len(), failed.count()), (2, 1));
    assert_eq!(deck.content(BY_CORE).as_deref(), Some("Zelda"));
    let metroid = deck.tree.at("~/retrodeck/saves/gba/Metroid.srm");
    assert_eq!(std::fs::read(&metroid).unwrap(), b"Metroid");
    assert_eq!(deck.see().pending().len(), 1, "it is not settled");
    for (_, moved) in deck.migrate_with(&deck.journal(), Wish::default()) {
        assert!(moved.is_settled(), "{moved:?}");
    }
    assert!(!metroid.exists() && deck.see().pending().is_empty());
}

#[test]
fn a_game_that_is_being_synced_is_left_alone() {
    let deck = Deck::new(Kind::RetroDeck).known();
    deck.play(BY_FOLDER, "progress", 1);
    deck.see();
    deck.lay_out(BY_CORE);
    let held = deck.locks().try_game(RomId(1)).unwrap();
    let (_, moved) = deck.migrate(Wish::default());
    assert!(
        matches!(moved, Moved::Left { wanted: false, .. }),
        "{moved:?}"
    );
    assert_eq!(deck.content(BY_FOLDER).as_deref(), Some("progress"));
    drop(held);
    assert!(deck.migrate(Wish::default()).1.is_settled());
}

/// A machine whose saves were moved to a card, with a save inside and one on the card.
fn moved_to_card(kind: Kind, copies: bool) -> (Deck, PathBuf) {
    let deck = Deck::new(kind).known();
    deck.play(BY_FOLDER, "inside", 9);
    deck.see();
    deck.tree.directory(CARD);
    deck.root(CARD);
    let on_card = format!("{CARD}/gba/Zelda.srm");
    if copies {
        deck.play_to(&on_card, "on the card", 5);
    }
    let on_card = deck.tree.at(&on_card);
    (deck, on_card)
}

#[test]
fn saves_go_to_the_directory_that_settings_name_now() {
    for kind in [Kind::RetroDeck, Kind::RetroArch] {
        let (deck, on_card) = moved_to_card(kind, false);
        assert_eq!(deck.todo(Wish::default()).word(), Word::Move, "{kind:?}");
        assert!(deck.migrate(Wish::default()).1.is_settled());
        assert_eq!(std::fs::read(&on_card).unwrap(), b"inside");
        assert_eq!(deck.content(BY_FOLDER), None);
        assert!(deck.see().pending().is_empty());
    }
}

#[test]
fn where_both_directories_have_a_save_a_person_says_which_stays() {
    for kind in [Kind::RetroDeck, Kind::RetroArch] {
        let (deck, on_card) = moved_to_card(kind, true);
        assert_eq!(deck.todo(Wish::default()).word(), Word::Ask, "{kind:?}");
        let (_, moved) = deck.migrate(Wish::default());
        assert!(
            matches!(moved, Moved::Left { wanted: false, .. }),
            "{moved:?}"
        );
        assert_eq!(std::fs::read(&on_card).unwrap(), b"on the card");
        assert_eq!(deck.see().pending().len(), 1);
        let wish = |on_both| Wish {
            on_conflict: Some(on_both),
            forget: false,
        };
        assert!(deck.migrate(wish(OnBoth::Skip)).1.is_settled());
        assert_eq!(std::fs::read(&on_card).unwrap(), b"on the card");
        assert_eq!(deck.content(BY_FOLDER).as_deref(), Some("inside"));
        assert!(deck.see().pending().is_empty());

        let (deck, on_card) = moved_to_card(kind, true);
        assert!(deck.migrate(wish(OnBoth::Overwrite)).1.is_settled());
        assert_eq!(std::fs::read(&on_card).unwrap(), b"inside", "{kind:?}");
        assert_eq!(deck.content(BY_FOLDER), None);
        assert!(deck.kept().contains("on the card"));
    }
}

#[test]
fn a_place_that_is_not_there_is_given_up_only_when_told() {
    let (deck, on_card) = moved_to_card(Kind::RetroDeck, true);
    let away = deck.tree.at("~/elsewhere");
    std::fs::rename(deck.tree.at("~/retrodeck/saves"), away).unwrap();
    let Todo::Blocked { why } = deck.todo(Wish::default()) else {
        panic!();
    };
    assert!(why.contains("--forget"), "{why}");
    assert!(!deck.migrate(Wish::default()).1.is_settled());
    assert_eq!(deck.see().pending().len(), 1);
    let forget = Wish {
        forget: true,
        ..Wish::default()
    };
    assert_eq!(deck.migrate(forget).0, Word::Nothing);
    assert!(deck.see().pending().is_empty());
    assert_eq!(std::fs::read(on_card).unwrap(), b"on the card");
}

#[test]
fn folders_are_one_save_and_move_as_one() {
    for both in [false, true] {
        let deck = Deck::new(Kind::RetroDeck);
        let file = |path: &str| SaveFile {
            path: deck.tree.at(path),
            wire_name: "Lumines.zip".to_owned(),
            part: Part::save(),
            form: Form::Folder,
        };
        let place = |root: &str, files: Vec<SaveFile>| SavePlace {
            directory: deck.tree.at(root),
            form: Form::Folder,
            files,
            ..SavePlace::default()
        };
        deck.tree.file("/a/ULUS1/DATA.BIN", "progress");
        deck.tree.file("/a/ULUS1/PARAM.SFO", "about it");
        if both {
            deck.tree.file("/b/ULUS1/DATA.BIN", "older");
            deck.tree.file("/b/ULUS1/MORE.BIN", "of the older");
        }
        let there = both.then(|| file("/b/ULUS1"));
        let places = [
            place("/a", vec![file("/a/ULUS1")]),
            place("/b", there.into_iter().collect()),
        ];
        let kept = deck.moving(&deck.journal(), |movers| {
            let mut mover = Mover::of(movers, &deck.zelda(), None);
            mover.settle(&places, 0).unwrap();
            mover.kept
        });
        let read = |path: &str| std::fs::read_to_string(deck.tree.at(path)).ok();
        assert_eq!(read("/b/ULUS1/DATA.BIN").as_deref(), Some("progress"));
        assert_eq!(read("/b/ULUS1/PARAM.SFO").as_deref(), Some("about it"));
        assert_eq!(read("/b/ULUS1/MORE.BIN"), None);
        assert!(!deck.tree.at("/a/ULUS1").exists());
        assert!(kept.len() > usize::from(both), "{kept:?}");
    }
}
