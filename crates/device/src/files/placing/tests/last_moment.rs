//! Programs that save in the very moment in which their file is replaced.

use super::*;

/// Does something once, around the first step of a kind in the save's directory.
fn meddling(when: When, step: Step, act: impl Fn(&Path) + Send + Sync + 'static) -> Arc<dyn Disk> {
    let calls = AtomicUsize::new(0);
    Arc::new(TrialDisk::with(move |at, of, path| {
        let here = path.to_string_lossy().contains("saves") && (at, of) == (when, step);
        if here && calls.fetch_add(1, Ordering::Relaxed) == 0 {
            act(path);
        }
        Ok(())
    }))
}

#[test]
fn a_save_in_the_last_moment_is_put_back_and_journalled() {
    let writes: [fn(&Path); 2] = [
        |target| fs::write(target, b"edited").unwrap(),
        |target| save_by_rename(target, b"edited"),
    ];
    for write in writes {
        let room = Room::with(Some(b"old"));
        let disk = meddling(When::Before, Step::Exchange, write);
        let error = room.put(&disk, b"new", room.found().as_ref()).unwrap_err();
        assert!(matches!(error.problem, Problem::Changed), "{error}");
        assert_eq!(room.held(), b"edited");
        assert_eq!(room.names(), ["zelda.srm"]);
        let mut kept = room.kept();
        kept.sort();
        assert_eq!(kept, [b"edited".to_vec(), b"old".to_vec()]);
        let Safe::Kept(entry) = &error.safe else {
            panic!("{error}");
        };
        assert_eq!(entry.content.blob, Digest::of(b"edited").blob);
    }
}

#[test]
fn a_save_in_the_last_moment_is_seen_without_exchange_too() {
    let room = Room::with(Some(b"old"));
    let calls = AtomicUsize::new(0);
    let target = room.target.clone();
    let disk: Arc<dyn Disk> = Arc::new(TrialDisk::with(move |when, step, _| {
        if (when, step) == (When::Before, Step::Exchange) {
            calls.fetch_add(1, Ordering::Relaxed);
            fs::write(&target, b"edited").unwrap();
            return Err(Errno::INVAL.into());
        }
        Ok(())
    }));
    let error = room.put(&disk, b"new", room.found().as_ref()).unwrap_err();
    assert!(matches!(error.problem, Problem::Changed), "{error}");
    assert_eq!(room.held(), b"edited");
    assert_eq!(room.names(), ["zelda.srm"]);
}

#[test]
fn a_write_to_a_file_that_was_open_all_along_is_put_back() {
    let room = Room::with(Some(b"old"));
    let opened = File::options().write(true).open(&room.target).unwrap();
    // The directory is flushed after what came out was read.
    let disk = meddling(When::After, Step::SyncDirectory, move |_| {
        (&opened).write_all(b"edited").unwrap();
    });
    let error = room.put(&disk, b"new", room.found().as_ref()).unwrap_err();
    assert!(matches!(error.problem, Problem::Changed), "{error}");
    assert_eq!(room.held(), b"edited");
    assert!(room.kept().contains(&b"edited".to_vec()));
}

#[test]
fn of_two_saves_in_the_last_moment_the_newer_stays_and_the_older_is_journalled() {
    let room = Room::with(Some(b"old"));
    let exchanges = AtomicUsize::new(0);
    let target = room.target.clone();
    let disk: Arc<dyn Disk> = Arc::new(TrialDisk::with(move |when, step, _| {
        if (when, step) == (When::Before, Step::Exchange) {
            match exchanges.fetch_add(1, Ordering::Relaxed) {
                0 => save_by_rename(&target, b"edited"),
                1 => save_by_rename(&target, b"edited again"),
                _ => {}
            }
        }
        Ok(())
    }));
    let error = room.put(&disk, b"new", room.found().as_ref()).unwrap_err();
    assert!(matches!(error.problem, Problem::Changed), "{error}");
    assert_eq!(room.held(), b"edited again");
    assert!(room.kept().contains(&b"edited".to_vec()));
    assert_eq!(room.names(), ["zelda.srm"]);
}

#[test]
fn a_save_that_has_no_copy_and_cannot_be_put_back_is_not_removed() {
    let room = Room::with(Some(b"old"));
    let _opened_before = room.journal();
    let exchanges = AtomicUsize::new(0);
    let target = room.target.clone();
    let disk: Arc<dyn Disk> = Arc::new(TrialDisk::with(move |when, step, path| {
        if when == When::After {
            return Ok(());
        }
        let swapped = exchanges.load(Ordering::Relaxed) > 0;
        match step {
            Step::Exchange if swapped => Err(Errno::IO.into()),
            Step::Exchange => {
                exchanges.fetch_add(1, Ordering::Relaxed);
                save_by_rename(&target, b"edited");
                Ok(())
            }
            Step::Write if swapped && path.to_string_lossy().contains("journal") => {
                Err(Errno::NOSPC.into())
            }
            _ => Ok(()),
        }
    }));
    room.put(&disk, b"new", room.found().as_ref()).unwrap_err();
    assert_eq!(room.held(), b"new");
    assert_eq!(room.kept(), [b"old"]);
    assert_eq!(room.names().len(), 2);
    let cleaned = room.clean();
    assert_eq!(cleaned.kept.len(), 1);
    assert_eq!(room.names(), ["zelda.srm"]);
    assert!(room.kept().contains(&b"edited".to_vec()));
}

#[test]
fn a_target_whose_directory_vanishes_is_told() {
    let room = Room::with(Some(b"old"));
    let saves = room.saves.clone();
    let disk = meddling(When::Before, Step::Exchange, move |_| {
        fs::rename(&saves, saves.with_file_name("gone")).unwrap();
    });
    let error = room.put(&disk, b"new", room.found().as_ref()).unwrap_err();
    assert!(matches!(error.safe, Safe::Kept(_)), "{error}");
    assert_eq!(room.kept(), [b"old"]);
}

#[test]
fn who_cleans_up_meanwhile_leaves_what_came_out_alone() {
    let room = Arc::new(Room::with(Some(b"old")));
    let also = Arc::clone(&room);
    let disk = meddling(When::After, Step::Exchange, move |_| {
        let cleaned = also.clean();
        assert!(cleaned.removed.is_empty() && cleaned.kept.is_empty());
    });
    room.put(&disk, b"new", room.found().as_ref()).unwrap();
    assert_eq!(room.held(), b"new");
    assert_eq!(room.names(), ["zelda.srm"]);
    assert_eq!(room.kept(), [b"old"]);
}
