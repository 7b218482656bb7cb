//! The process dies before each of its steps in turn, and a new one finds what it left.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;

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

/// Tells a process that it is the one that dies, and where it works.
const DYING: &str = "KEEPSAVE_TEST_TARGET";

/// Runs the test of this name in a process of its own, until half of a file has come.
fn dying_process(target: &Path) -> Child {
    let name = std::thread::current().name().unwrap().to_owned();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &name, "--nocapture"])
        .env(DYING, target)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(
        lines
            .map_while(Result::ok)
            .any(|line| line.contains("half of it is here"))
    );
    child
}

#[test]
fn what_a_killed_process_left_is_cleaned_away_and_not_before() {
    if let Some(target) = std::env::var_os(DYING) {
        let mut incoming = Incoming::beside(target.as_ref(), Parents::MustExist).unwrap();
        incoming.write(b"half of").unwrap();
        println!("\nhalf of it is here");
        io::stdin().read_to_end(&mut Vec::new()).unwrap();
        return;
    }
    let room = Room::with(Some(b"old save"));
    let mut child = dying_process(&room.target);
    assert_eq!(room.names().len(), 2);
    assert!(room.clean().removed.is_empty(), "it is still being written");
    assert_eq!(room.names().len(), 2);
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(room.clean().removed.len(), 1);
    assert_eq!(room.names(), ["zelda.srm"]);
    assert_eq!(room.held(), b"old save");
    assert!(room.kept().is_empty(), "what came in is on the server");
}

#[test]
fn what_was_there_is_durable_before_names_are_exchanged() {
    let room = Room::with(Some(b"old save"));
    let steps: Arc<Mutex<Vec<String>>> = Arc::default();
    let noted = Arc::clone(&steps);
    let disk: Arc<dyn Disk> = Arc::new(TrialDisk::with(move |when, step, path| {
        if when == When::After && step != Step::Create {
            let parent = path.parent().and_then(Path::file_name);
            let parent = parent.unwrap_or_default().to_string_lossy();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            // Random names are all alike.
            let name = name.split(".keepsave-").next().unwrap_or_default();
            let place = match (parent.len(), name.len()) {
                (2, 64) => "object".to_owned(),
                (_, 2) => "shelf".to_owned(),
                _ => format!("{parent}/{name}"),
            };
            noted.lock().unwrap().push(format!("{step:?} {place}"));
        }
        Ok(())
    }));
    room.put(&disk, b"new", room.found().as_ref()).unwrap();
    let steps = steps.lock().unwrap();
    let at = |wanted: &str| {
        let found = steps.iter().position(|step| step.starts_with(wanted));
        found.unwrap_or_else(|| panic!("{wanted} is missing in {steps:#?}"))
    };
    let order = [
        "Sync staging/.content",
        "Rename object",
        "SyncDirectory shelf",
        "Sync entries/.",
        "RenameNew entries/",
        "Exchange saves/zelda.srm",
    ];
    let places: Vec<usize> = order.iter().map(|step| at(step)).collect();
    assert!(places.is_sorted(), "{steps:#?}");
    let entries = steps
        .iter()
        .rposition(|step| step.ends_with("journal/entries"))
        .unwrap();
    assert!(
        (at("RenameNew entries/")..at("Exchange")).contains(&entries),
        "{steps:#?}"
    );
    assert!(at("Sync saves/.zelda.srm") < at("Exchange"), "{steps:#?}");
    let saves = steps
        .iter()
        .rposition(|step| step.starts_with("SyncDirectory") && step.ends_with("/saves"));
    assert!(
        at("Exchange") < saves.unwrap() && saves.unwrap() < at("Remove saves/"),
        "{steps:#?}"
    );
}
