//! The process dies before each of its steps in turn, and a new one finds what it left.

use super::*;

/// What must hold wherever a process died that put `new` in the place of `old`.
fn check_after_death(room: &Room, contents: &[&[u8]], new: &[u8]) {
    let held = room.held();
    let whole = contents.iter().chain([&new]).any(|it| *it == held);
    assert!(whole, "torn: {held:?}");
    let cleaned = room.clean();
    assert!(cleaned.left.is_empty(), "{:?}", cleaned.left);
    assert_eq!(room.names(), ["zelda.srm"], "nothing is left behind");
    assert_eq!(
        fs::read_dir(room.journal.join("staging")).unwrap().count(),
        0
    );
    let mut reachable = room.kept();
    reachable.push(room.held());
    for content in contents {
        assert!(
            reachable.iter().any(|it| it == content),
            "lost: {content:?}"
        );
    }
    room.put(&real(), new, room.found().as_ref()).unwrap();
    assert_eq!(room.held(), new, "the next run converges");
}

#[test]
fn wherever_the_process_dies_nothing_is_torn_or_lost() {
    for exchanges in [true, false] {
        let mut step = 0;
        loop {
            let room = Room::with(Some(b"old save"));
            let found = room.found();
            let disk = Arc::new(
                TrialDisk::with(move |when, step, _| match (when, step) {
                    (When::Before, Step::Exchange) if !exchanges => Err(Errno::INVAL.into()),
                    _ => Ok(()),
                })
                .dying_at(step),
            );
            let dying: Arc<dyn Disk> = disk.clone();
            let placed = room.put(&dying, b"new save", found.as_ref());
            if !disk.died() {
                placed.unwrap();
                break;
            }
            check_after_death(&room, &[b"old save"], b"new save");
            step += 1;
        }
        assert!(step > 25, "only {step} steps were tried");
    }
}

#[test]
fn wherever_the_process_dies_a_save_in_the_last_moment_is_not_lost() {
    let mut step = 0;
    loop {
        let room = Room::with(Some(b"old save"));
        let found = room.found();
        let target = room.target.clone();
        let saved = Arc::new(AtomicUsize::new(0));
        let saves = Arc::clone(&saved);
        let disk = TrialDisk::with(move |when, step, _| {
            let first = || saves.fetch_add(1, Ordering::Relaxed) == 0;
            if (when, step) == (When::Before, Step::Exchange) && first() {
                save_by_rename(&target, b"edited");
            }
            Ok(())
        });
        let disk = Arc::new(disk.dying_at(step));
        let dying: Arc<dyn Disk> = disk.clone();
        room.put(&dying, b"new save", found.as_ref()).unwrap_err();
        let edited = saved.load(Ordering::Relaxed) > 0;
        let contents: &[&[u8]] = if edited {
            &[b"old save", b"edited"]
        } else {
            &[b"old save"]
        };
        if !disk.died() {
            assert!(edited);
            assert_eq!(room.held(), b"edited");
            break;
        }
        check_after_death(&room, contents, b"new save");
        step += 1;
    }
    assert!(step > 30, "only {step} steps were tried");
}

#[test]
fn wherever_the_process_dies_a_new_file_is_whole_or_not_there() {
    let mut step = 0;
    loop {
        let room = Room::with(None);
        let disk = Arc::new(TrialDisk::sound().dying_at(step));
        let dying: Arc<dyn Disk> = disk.clone();
        let placed = room.put(&dying, b"new save", None);
        if !disk.died() {
            placed.unwrap();
            break;
        }
        assert!([None, Some(b"new save".to_vec())].contains(&fs::read(&room.target).ok()));
        room.clean();
        room.put(&real(), b"new save", room.found().as_ref())
            .unwrap();
        assert_eq!(room.names(), ["zelda.srm"]);
        step += 1;
    }
    assert!(step > 8, "only {step} steps were tried");
}
