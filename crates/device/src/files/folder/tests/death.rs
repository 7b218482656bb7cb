//! The process dies before each of its steps in turn, and a new one finds what it left.

use super::*;

/// What must hold wherever a process died that put the new save in the place of the old one.
fn check_after_death(here: &Savedata, step: usize) {
    let cleaned = here.clean();
    assert!(cleaned.left.is_empty(), "{step}: {:?}", cleaned.left);
    let (old, new) = (old_save(), with_the_other_game(new_save()));
    let held = here.held();
    assert!(
        [&old, &new].contains(&&held),
        "{step}: torn, or left behind: {held:?}"
    );
    if held == new {
        assert!(here.reachable().contains(&own(&old)), "{step}: lost");
    }
    let staging = here.journal.join("staging");
    let left = fs::read_dir(staging).map_or(0, Iterator::count);
    assert_eq!(left, 0);
    here.put(&real(), &zip_of(&new_save()), here.found().as_ref())
        .unwrap();
    assert_eq!(here.held(), new, "{step}: the next run converges");
}

/// Whether the file system can exchange names.
fn disk_that(exchanges: bool) -> TrialDisk {
    TrialDisk::with(move |when, step, _| match (when, step) {
        (When::Before, Step::Exchange) if !exchanges => Err(Errno::INVAL.into()),
        _ => Ok(()),
    })
}

#[test]
fn wherever_the_process_dies_no_folder_is_torn_mixed_or_lost() {
    for exchanges in [true, false] {
        let mut step = 0;
        loop {
            let here = Savedata::with(&old_save());
            let found = here.found();
            let disk = Arc::new(disk_that(exchanges).dying_at(step));
            let dying: Arc<dyn Disk> = disk.clone();
            let placed = here.put(&dying, &zip_of(&new_save()), found.as_ref());
            if !disk.died() {
                placed.unwrap();
                break;
            }
            check_after_death(&here, step);
            step += 1;
        }
        assert!(step > 50, "only {step} steps were tried");
    }
}

#[test]
fn wherever_the_cleaning_dies_the_next_one_finishes_it() {
    for exchanges in [true, false] {
        // Half-way through the folders: the first has moved, the others have not.
        let moves = |died_at: usize| {
            let here = Savedata::with(&old_save());
            let found = here.found();
            let disk = Arc::new(disk_that(exchanges).dying_at(died_at));
            let dying: Arc<dyn Disk> = disk.clone();
            let _dead = here.put(&dying, &zip_of(&new_save()), found.as_ref());
            here
        };
        let is_mixed = |here: &Savedata| {
            let held = here.held();
            let seen: Files = held
                .into_iter()
                .filter(|(name, _)| !name.starts_with('.'))
                .collect();
            ![old_save(), with_the_other_game(new_save())].contains(&seen)
        };
        let mixed: Vec<usize> = (40..120).filter(|&at| is_mixed(&moves(at))).collect();
        assert!(!mixed.is_empty(), "exchanges: {exchanges}");
        for died_at in mixed {
            let mut step = 0;
            loop {
                let here = moves(died_at);
                let disk = Arc::new(disk_that(exchanges).dying_at(step));
                let dying: Arc<dyn Disk> = disk.clone();
                if let Ok(journal) = Journal::on(dying, &here.journal) {
                    let _dead = clean(&here.container, &journal, now(), &|_| about());
                }
                if !disk.died() {
                    break;
                }
                check_after_death(&here, step);
                step += 1;
            }
        }
    }
}

#[test]
fn what_was_played_between_two_folders_is_in_the_journal() {
    let mut tried = 0;
    for died_at in 40..120 {
        let here = Savedata::with(&old_save());
        let found = here.found();
        let disk = Arc::new(disk_that(true).dying_at(died_at));
        let dying: Arc<dyn Disk> = disk.clone();
        let _dead = here.put(&dying, &zip_of(&new_save()), found.as_ref());
        let played = here.container.join("ULUS10064DATA00/PARAM.SFO");
        if fs::read(&played).unwrap() != b"new sfo" || !disk.died() {
            continue;
        }
        fs::write(&played, b"played on").unwrap();
        here.clean();
        let mut reachable = here.reachable();
        reachable.push(here.held());
        let is_there = |files: &Files| files.values().any(|bytes| bytes == b"played on");
        assert!(reachable.iter().any(is_there), "{died_at}");
        tried += 1;
    }
    assert!(tried > 3, "{tried}");
}

#[test]
fn the_room_of_a_living_process_is_left_alone() {
    let here = Savedata::with(&old_save());
    let room = room::Room::create(&real(), &here.container, OsStr::new("ULUS10064")).unwrap();
    here.clean();
    assert!(room.path.exists());
    drop(room);
    assert_eq!(here.held(), old_save());
}
