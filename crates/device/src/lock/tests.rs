//! Who holds a game holds it alone, between threads and between processes, and no longer than it
//! lives.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;

use keepsave_core::ids::UserId;
use tempfile::tempdir;

use super::*;

const LONG: Duration = Duration::from_mins(1);

fn locks(directory: &Path) -> Locks {
    let identity = Identity {
        origin: "https://saves.example.org".into(),
        user: UserId(7),
    };
    Locks::open(directory, &identity).unwrap()
}

fn nobody_waits(rom: RomId) {
    panic!("game {rom} is not free");
}

#[test]
fn a_game_is_held_by_one_and_others_are_free() {
    let room = tempdir().unwrap();
    let locks = locks(room.path());
    let held = locks.try_game(RomId(7)).unwrap().unwrap();
    assert!(locks.try_game(RomId(7)).unwrap().is_none());
    for rom in [1, 6, 8, i64::from(i32::MAX)] {
        assert!(locks.try_game(RomId(rom)).unwrap().is_some(), "game {rom}");
    }
    drop(held);
    assert!(locks.try_game(RomId(7)).unwrap().is_some());
}

#[test]
fn another_account_is_another_lock() {
    let room = tempdir().unwrap();
    let _held = locks(room.path()).try_game(RomId(7)).unwrap().unwrap();
    let other = Identity {
        origin: "https://saves.example.org".into(),
        user: UserId(8),
    };
    let others = Locks::open(room.path(), &other).unwrap();
    assert!(others.try_game(RomId(7)).unwrap().is_some());
}

#[test]
fn who_waits_is_told_once_and_goes_on_when_it_is_free() {
    let room = tempdir().unwrap();
    let locks = locks(room.path());
    let mut held = locks.try_game(RomId(7)).unwrap();
    let mut told = Vec::new();
    let lock = locks.game(RomId(7), LONG, &mut |rom| {
        told.push(rom);
        held = None;
    });
    assert_eq!(lock.unwrap().roms(), [RomId(7)]);
    assert_eq!(told, [RomId(7)]);
}

#[test]
fn who_has_waited_long_enough_gives_up() {
    let room = tempdir().unwrap();
    let locks = locks(room.path());
    let _held = locks.try_game(RomId(7)).unwrap().unwrap();
    let mut told = 0;
    let error = locks
        .games(&[RomId(3), RomId(7)], Duration::from_millis(1), &mut |_| {
            told += 1;
        })
        .unwrap_err();
    assert!(
        matches!(error, LockError::Busy { rom: RomId(7) }),
        "{error}"
    );
    assert_eq!(told, 1);
    assert!(
        locks.try_game(RomId(3)).unwrap().is_some(),
        "none of them is held"
    );
}

#[test]
fn many_are_locked_in_one_order_and_freed_one_by_one() {
    let room = tempdir().unwrap();
    let locks = locks(room.path());
    let roms: Vec<RomId> = (1..=3000).rev().chain([5, 5]).map(RomId).collect();
    let mut lock = locks.games(&roms, LONG, &mut nobody_waits).unwrap();
    assert_eq!(lock.roms().len(), 3000);
    assert!(lock.roms().is_sorted());
    assert!(locks.try_game(RomId(1500)).unwrap().is_none());
    lock.release(RomId(1500)).unwrap();
    lock.release(RomId(9999)).unwrap();
    assert!(locks.try_game(RomId(1500)).unwrap().is_some());
    assert!(locks.try_game(RomId(1499)).unwrap().is_none());
    assert!(locks.try_game(RomId(1501)).unwrap().is_none());
    drop(lock);
    assert!(locks.try_game(RomId(1)).unwrap().is_some());
}

#[test]
fn threads_that_want_the_same_games_all_get_them_one_after_the_other() {
    let room = tempdir().unwrap();
    let locks = locks(room.path());
    let inside = std::sync::atomic::AtomicUsize::new(0);
    let order = [[1, 2, 3], [3, 2, 1], [2, 3, 1], [1, 3, 2]];
    std::thread::scope(|scope| {
        for roms in order {
            let (locks, inside) = (&locks, &inside);
            scope.spawn(move || {
                for _ in 0..5 {
                    let lock = locks.games(&roms.map(RomId), LONG, &mut |_| ()).unwrap();
                    let others = inside.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                    assert_eq!(others, 0);
                    inside.fetch_sub(1, std::sync::atomic::Ordering::SeqCst);
                    drop(lock);
                }
            });
        }
    });
}

#[test]
fn a_place_that_cannot_be_used_is_told() {
    let room = tempdir().unwrap();
    let locks = locks(room.path());
    std::fs::create_dir(&locks.path).unwrap();
    let error = locks.try_game(RomId(7)).unwrap_err();
    assert!(matches!(error, LockError::Unusable { .. }), "{error}");
    assert!(error.to_string().contains("KEEPSAVE_STATE_DIR"), "{error}");
    std::fs::remove_dir(&locks.path).unwrap();
    assert!(
        locks.try_game(RomId(-1)).is_err(),
        "no game has such a number"
    );
}

/// Tells a process that it is the other one, and where the locks are.
const OTHER: &str = "KEEPSAVE_TEST_LOCKS";

/// Runs the test of this name in a process of its own, until it holds the lock.
fn other_process(directory: &Path) -> Child {
    let name = std::thread::current().name().unwrap().to_owned();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &name, "--nocapture"])
        .env(OTHER, directory)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(
        lines
            .map_while(Result::ok)
            .any(|line| line.contains("it is held"))
    );
    child
}

#[test]
fn a_lock_holds_between_processes_and_dies_with_its_owner() {
    if let Some(directory) = std::env::var_os(OTHER) {
        let _held = locks(directory.as_ref())
            .try_game(RomId(7))
            .unwrap()
            .unwrap();
        println!("\nit is held");
        // Until the end of the world or of the other process.
        io::stdin().read_to_end(&mut Vec::new()).unwrap();
        return;
    }
    let room = tempdir().unwrap();
    let locks = locks(room.path());
    let mut child = other_process(room.path());
    assert!(locks.try_game(RomId(7)).unwrap().is_none());
    assert!(locks.try_game(RomId(8)).unwrap().is_some());
    let (tell, told) = mpsc::channel();
    let lock = locks.game(RomId(7), LONG, &mut |rom| {
        tell.send(rom).unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    });
    lock.unwrap();
    assert_eq!(told.try_recv(), Ok(RomId(7)));
}

#[test]
fn a_program_that_is_started_does_not_inherit_a_lock() {
    let room = tempdir().unwrap();
    let locks = locks(room.path());
    let held = locks.try_game(RomId(7)).unwrap().unwrap();
    let mut child = Command::new("cat").stdin(Stdio::piped()).spawn().unwrap();
    drop(held);
    assert!(locks.try_game(RomId(7)).unwrap().is_some());
    drop(child.stdin.take());
    child.wait().unwrap();
}
