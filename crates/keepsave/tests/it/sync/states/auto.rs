//! The state that RetroArch loads when a game is started, and the save that it holds.

use std::fs;

use keepsave_testkit::faults::{Canned, Fault, Rule};

use super::{
    Device, World, ask, follows, furnished, is_there, mgba, offered, save, state, states_of, sync,
    take, there,
};

on_every_server! {
    an_auto_state_never_shadows_a_newer_save,
    an_auto_state_comes_with_its_save,
    without_a_network_an_older_auto_state_does_not_shadow_either,
    before_a_hooks_launch_an_older_auto_state_goes_aside,
    an_auto_state_stays_with_the_slot_that_it_was_made_in,
}

/// Both have the save `one`, and home an auto-state that was made with it.
async fn two_in_step(world: &World) -> (Device, Device) {
    world.let_every_look_be_later();
    let (home, train) = (mgba(world, "Home").await, mgba(world, "Train").await);
    home.write(&save(), "one");
    home.write(&state(".auto"), "resumes one");
    assert_eq!(sync(&home), [".auto uploaded"]);
    sync(&train);
    assert_eq!(train.read(&save()), "one");
    (home, train)
}

async fn an_auto_state_never_shadows_a_newer_save(world: World) {
    let (home, train) = two_in_step(&world).await;
    let _ = fs::remove_file(train.path(&state(".auto")));
    train.write(&save(), "two");
    sync(&train);
    // The newer save came, and what would be loaded over it went aside.
    let report = ask(&home, &["sync"]).json(0);
    assert_eq!(home.read(&save()), "two");
    assert_eq!(states_of(&report), [".auto moved_aside"]);
    assert!(!is_there(&home, &state(".auto")));
    let state_told = &report["games"][0]["states"][0];
    let journal = state_told["journal_id"].as_str().unwrap();
    assert_eq!(sync(&home), [".auto same"]);
    // It is not offered, for it would bring the older save back.
    let offers = offered(&train);
    assert!(
        offers.iter().all(|offer| offer["offered"] == false),
        "{offers:#?}"
    );
    take(&train, &offers[0]["state_id"], &[]).expect(1);
    // A person who wants it has it, and it stays.
    home.keepsave(&["journal", "restore", journal]).expect(0);
    assert_eq!(home.read(&state(".auto")), "resumes one");
    assert_eq!(sync(&home), [".auto same"]);
    assert_eq!(home.read(&state(".auto")), "resumes one");
    assert_eq!(home.read(&save()), "two");
}

async fn an_auto_state_comes_with_its_save(world: World) {
    let (home, train) = two_in_step(&world).await;
    if follows(&world) {
        assert_eq!(train.read(&state(".auto")), "resumes one");
    } else {
        let id = offered(&train)[0]["state_id"].clone();
        take(&train, &id, &[]).json(0);
    }
    train.write(&save(), "two");
    train.write(&state(".auto"), "resumes two");
    assert_eq!(sync(&train), [".auto uploaded"]);
    // What home has not sent yet is sent before it goes.
    home.write(&state(".auto"), "resumes one, later");
    let action = if follows(&world) {
        ".auto downloaded"
    } else {
        ".auto moved_aside"
    };
    assert_eq!(sync(&home), [action]);
    assert_eq!(home.read(&save()), "two");
    if follows(&world) {
        assert_eq!(home.read(&state(".auto")), "resumes two");
        assert_eq!(sync(&home), [".auto same"]);
    } else {
        assert!(!is_there(&home, &state(".auto")));
        let offers = offered(&home);
        let fits = offers.iter().find(|offer| offer["offered"] == true);
        take(&home, &fits.unwrap()["state_id"], &[]).json(0);
        assert_eq!(home.read(&state(".auto")), "resumes two");
    }
    let mut contents: Vec<_> = there(&world).await.into_iter().map(|one| one.0).collect();
    contents.sort();
    assert_eq!(
        contents,
        ["resumes one", "resumes one, later", "resumes two"]
    );
}

async fn without_a_network_an_older_auto_state_does_not_shadow_either(world: World) {
    let proxy = world.proxy();
    let device = world.device_behind(&proxy, "Home").await;
    let home = furnished(device, "mgba", "0.10.3");
    home.write(&save(), "one");
    home.write(&state(".auto"), "resumes one");
    assert_eq!(sync(&home), [".auto uploaded"]);
    // An older save is brought back by hand, and then the network is gone.
    home.write(&save(), "an older one");
    for method in ["GET", "POST"] {
        proxy.fault(
            Rule::on(method, "/").always(),
            Fault::Answer(Canned::status(403)),
        );
    }
    let rom = home.path("roms/gba/Zelda.gba");
    let auto = home.path(&state(".auto"));
    let game = [
        "/bin/sh",
        "-c",
        "test ! -e \"$1\"",
        rom.to_str().unwrap(),
        auto.to_str().unwrap(),
    ];
    let ran = home.keepsave(&[&["play", "--game", "Zelda", "--"], &game[..]].concat());
    assert!(
        ran.stderr.contains("keepsave journal restore"),
        "{}",
        ran.stderr
    );
    ran.expect(0);
    assert!(home.journal().contains(&"resumes one".to_owned()));
}

async fn before_a_hooks_launch_an_older_auto_state_goes_aside(world: World) {
    let proxy = world.proxy();
    let device = world.device_behind(&proxy, "Home").await;
    let home = furnished(device, "mgba", "0.10.3");
    home.write(&save(), "one");
    home.write(&state(".auto"), "resumes one");
    assert_eq!(sync(&home), [".auto uploaded"]);
    home.write(&save(), "an older one");
    let rom = home.path("roms/gba/Zelda.gba");
    let pull = ["pull", "--hook", "--game", rom.to_str().unwrap()];
    // Nothing is to be synced before a launch, or nothing can be.
    home.keepsave(&["settings", "set", "sync_before_launch", "off"])
        .expect(0);
    let ran = ask(&home, &pull);
    assert!(ran.stderr.contains("journal restore"), "{}", ran.stderr);
    ran.expect(0);
    assert!(!is_there(&home, &state(".auto")));
    assert!(home.journal().contains(&"resumes one".to_owned()));
    home.keepsave(&["settings", "set", "sync_before_launch", "on"])
        .expect(0);

    home.write(&state(".auto"), "resumes the older one");
    sync(&home);
    home.write(&save(), "yet an older one");
    for method in ["GET", "POST"] {
        let rule = Rule::on(method, "/").always();
        proxy.fault(rule, Fault::Answer(Canned::status(403)));
    }
    let ran = ask(&home, &pull);
    assert!(ran.stderr.contains("journal restore"), "{}", ran.stderr);
    assert!(!is_there(&home, &state(".auto")));
    assert!(home.journal().contains(&"resumes the older one".to_owned()));
}

async fn an_auto_state_stays_with_the_slot_that_it_was_made_in(world: World) {
    world.let_every_look_be_later();
    let home = mgba(&world, "Home").await;
    home.write(&save(), "one");
    assert!(sync(&home).is_empty());
    ask(&home, &["slots", "create", "zelda", "spare"]).expect(0);
    ask(&home, &["slots", "switch", "zelda", "spare", "--carry"]).expect(0);
    home.write(&save(), "of the spare one");
    home.write(&state(".auto"), "resumes the spare one");
    assert_eq!(sync(&home), [".auto uploaded"]);
    ask(&home, &["slots", "switch", "zelda", "autosave"]).expect(0);
    assert_eq!(home.read(&save()), "one");
    assert!(!is_there(&home, &state(".auto")), "it holds the other save");
    assert!(home.journal().contains(&"resumes the spare one".to_owned()));
}
