//! `keepsave hooks`, and what the hooks call, between devices.

use std::process::Command;

use keepsave_testkit::faults::{Fault, Rule};

use super::games::{ask, deck, furnished, save, sync, zelda};
use super::{Device, World};

on_every_server! {
    what_hooks_call_brings_the_save_down_and_sends_it,
    what_hooks_call_obeys_the_settings_and_the_budget,
}

const ROM: &str = "retrodeck/roms/gba/Zelda.gba";

fn hooked(device: &Device, command: &str) -> keepsave_testkit::binary::Ran {
    let rom = device.path(ROM);
    ask(
        device,
        &[command, "--hook", "--game", rom.to_str().unwrap()],
    )
}

async fn what_hooks_call_brings_the_save_down_and_sends_it(world: World) {
    let (home, train) = (deck(&world, "Home").await, deck(&world, "Train").await);
    home.write(&save("Zelda.srm"), "one");
    assert_eq!(zelda(&hooked(&home, "push").json(0)), "upload");
    assert_eq!(zelda(&hooked(&train, "pull").json(0)), "download");
    assert_eq!(train.read(&save("Zelda.srm")), "one");
    train.write(&save("Zelda.srm"), "two");
    assert_eq!(zelda(&hooked(&train, "push").json(0)), "upload");
    assert_eq!(world.head_content(1, "autosave").await, "two");
}

async fn what_hooks_call_obeys_the_settings_and_the_budget(world: World) {
    let proxy = world.proxy();
    let home = furnished(world.device_behind(&proxy, "Home").await);
    home.write(&save("Zelda.srm"), "one");
    sync(&home, "upload");
    home.write(&save("Zelda.srm"), "two");
    let set = |name: &str, value: &str| {
        home.keepsave(&["settings", "set", name, value]).expect(0);
    };
    for (name, command) in [
        ("save_sync_enabled", "push"),
        ("save_sync_enabled", "pull"),
        ("sync_after_exit", "push"),
        ("sync_before_launch", "pull"),
    ] {
        set(name, "off");
        let asked = proxy.passed().len();
        let ran = hooked(&home, command);
        assert!(ran.stderr.contains(name), "{}", ran.stderr);
        ran.expect(0);
        assert_eq!(proxy.passed().len(), asked, "{name} {command}");
        set(name, "on");
    }
    set("launch_budget_seconds", "1");
    for method in ["GET", "POST"] {
        proxy.fault(Rule::on(method, "/").always(), Fault::StallBeforeRequest);
    }
    let late = hooked(&home, "pull");
    assert!(late.stderr.contains("within 1 s"), "{}", late.stderr);
    late.expect(4);
    let late = home.keepsave(&["push", "--within", "1"]);
    assert!(late.stderr.contains("within 1 s"), "{}", late.stderr);
    late.expect(4);
    proxy.heal();
    assert_eq!(zelda(&hooked(&home, "push").json(0)), "upload");
}

/// RetroDECK on a machine: ES-DE runs the script, and the game's save is there before it is played.
#[tokio::test]
async fn an_installed_hook_syncs_the_game_that_es_de_names() {
    let world = World::keepsave().await;
    let (home, train) = (deck(&world, "Home").await, deck(&world, "Train").await);
    home.write(&save("Zelda.srm"), "one");
    sync(&home, "upload");
    let asked = train.keepsave(&["hooks", "install", "retrodeck"]);
    assert!(
        asked.stderr.contains("game-start/keepsave.sh"),
        "{}",
        asked.stderr
    );
    asked.expect(2);
    let script = "retrodeck/ES-DE/scripts/game-start/keepsave.sh";
    assert!(!train.path(script).exists());
    train
        .keepsave(&["hooks", "install", "retrodeck", "--yes"])
        .expect(0);
    let status = ask(&train, &["hooks", "status", "retrodeck"]).json(0);
    assert_eq!(status["hooks"][0]["status"], "installed");
    let mut start = Command::new(train.path(script));
    // As ES-DE writes it: for a shell.
    let rom = train.path(ROM).to_str().unwrap().replace('.', "\\.");
    start.args([rom.as_str(), "Zelda", "gba", "Game Boy Advance"]);
    assert!(train.as_on_it(start).status().unwrap().success());
    assert_eq!(train.read(&save("Zelda.srm")), "one");
    train.keepsave(&["hooks", "remove", "--yes"]).expect(0);
    assert!(!train.path(script).exists());
    let status = ask(&train, &["hooks", "status", "retrodeck"]).json(0);
    assert_eq!(status["hooks"][0]["status"], "none");
}
