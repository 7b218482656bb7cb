//! A device whose state is damaged: it is kept aside, what it knew is learnt anew, and meanwhile nothing
//! is overwritten.

use std::fs;

use super::games::{ask, deck, save, sync};
use super::{Device, World};

on_every_server! {
    a_damaged_state_is_kept_aside_and_what_is_in_sync_goes_on,
    a_damaged_state_overwrites_nothing_however_often_it_is_run,
    settings_that_cannot_be_read_stop_everything_and_stay,
}

/// Writes over all that the device knows.
fn damage(device: &Device) -> Vec<std::path::PathBuf> {
    let states = fs::read_dir(device.path(".local/state/keepsave")).unwrap();
    let files = states.map(|entry| entry.unwrap().path());
    let states: Vec<_> = files
        .filter(|path| path.extension().is_some_and(|is| is == "sqlite3"))
        .collect();
    assert_eq!(states.len(), 1);
    for state in &states {
        fs::write(state, "no database".repeat(1000)).unwrap();
        for end in ["-wal", "-shm"] {
            let _none = fs::remove_file(state.with_extension(format!("sqlite3{end}")));
        }
    }
    states
}

fn aside(device: &Device) -> Vec<String> {
    let names = device.files(".local/state/keepsave").into_iter();
    names.filter(|name| name.contains(".damaged-")).collect()
}

async fn a_damaged_state_is_kept_aside_and_what_is_in_sync_goes_on(world: World) {
    let (home, train) = (deck(&world, "Home").await, deck(&world, "Train").await);
    home.write(&save("Zelda.srm"), "one");
    sync(&home, "upload");
    sync(&train, "download");
    damage(&train);
    let ran = ask(&train, &["sync"]);
    assert!(ran.stderr.contains("set aside"), "{}", ran.stderr);
    ran.expect(0);
    assert_eq!(aside(&train).len(), 1);
    sync(&train, "synced");
    train.write(&save("Zelda.srm"), "played on");
    sync(&train, "upload");
    assert_eq!(world.head_content(1, "autosave").await, "played on");
}

async fn a_damaged_state_overwrites_nothing_however_often_it_is_run(world: World) {
    let (home, train) = (deck(&world, "Home").await, deck(&world, "Train").await);
    home.write(&save("Zelda.srm"), "one");
    sync(&home, "upload");
    sync(&train, "download");
    train.write(&save("Zelda.srm"), "what train did");
    let old = std::time::SystemTime::UNIX_EPOCH;
    let file = fs::File::options()
        .write(true)
        .open(train.path(&save("Zelda.srm")))
        .unwrap();
    file.set_modified(old).unwrap();
    home.write(&save("Zelda.srm"), "what home did");
    sync(&home, "upload");
    damage(&train);
    train.lists(&[(1, &save("Zelda.srm"), Some("autosave"))]);
    for _ in 0..2 {
        ask(&train, &["sync"]).expect(1);
        assert_eq!(train.read(&save("Zelda.srm")), "what train did");
        // By a manifest no slot has to be confirmed: what differs is a question all the same.
        train.run(&[]).expect(1);
        assert_eq!(train.read(&save("Zelda.srm")), "what train did");
        assert_eq!(world.head_content(1, "autosave").await, "what home did");
    }
}

async fn settings_that_cannot_be_read_stop_everything_and_stay(world: World) {
    let home = deck(&world, "Home").await;
    home.write(&save("Zelda.srm"), "one");
    let settings = ".config/keepsave/settings.toml";
    home.write(settings, "save_sync_enabled = [");
    let ran = ask(&home, &["sync"]);
    assert!(ran.stderr.contains("settings.toml"), "{}", ran.stderr);
    assert_ne!(ran.code, Some(0));
    assert_eq!(home.read(settings), "save_sync_enabled = [");
    let saves = world.ada().get("/api/saves").await.expect(200);
    assert_eq!(saves.as_array().unwrap().len(), 0);
}
