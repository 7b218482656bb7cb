//! `keepsave play`: games that are played between devices, online and not.

use std::os::unix::process::CommandExt;

use keepsave_testkit::binary::Ran;
use keepsave_testkit::faults::{Canned, Fault, Rule};
use rustix::process::Signal;

use super::games::{ask, deck, diverge, save, sync, zelda};
use super::process::Process;
use super::{Device, World};

on_every_server! {
    a_game_goes_on_where_it_was_left_on_the_other_device,
    nothing_keeps_anyone_from_playing,
    where_both_sides_changed_the_save_of_this_machine_is_played,
    what_is_switched_off_is_left_alone,
    the_first_save_of_a_game_is_sent_when_it_is_there,
}

/// What a game is: it shows its save, and saves.
const GAME: &str = "cat \"$0\"; printf '%s' \"$1\" > \"$0\"";

/// Plays Zelda with these arguments of `play`: shows its save, then saves `progress`.
fn play_with(device: &Device, arguments: &[&str], progress: &str) -> Ran {
    let rom = device.path("retrodeck/roms/gba/Zelda.gba");
    let own = device.path(&save("Zelda.srm"));
    let (rom, own) = (rom.to_str().unwrap(), own.to_str().unwrap());
    let game = ["--", "/bin/sh", "-c", GAME, own, progress, rom];
    device.keepsave(&[&["play"], arguments, &game].concat())
}

fn play(device: &Device, progress: &str) -> Ran {
    play_with(device, &[], progress)
}

async fn a_game_goes_on_where_it_was_left_on_the_other_device(world: World) {
    let (home, train) = (deck(&world, "Home").await, deck(&world, "Train").await);
    home.write(&save("Zelda.srm"), "one");
    sync(&home, "upload");
    for (device, before, after) in [
        (&train, "one", "two"),
        (&home, "two", "three"),
        (&train, "three", "four"),
    ] {
        let ran = play(device, after);
        let talk = ran.stderr.clone();
        assert_eq!(ran.expect(0), before, "{talk}");
        assert_eq!(world.head_content(1, "autosave").await, after, "{talk}");
    }
    sync(&train, "synced");
}

async fn the_first_save_of_a_game_is_sent_when_it_is_there(world: World) {
    let home = deck(&world, "Home").await;
    let own = home.path(&save("Zelda.srm"));
    let game = [
        "/bin/sh",
        "-c",
        "printf one > \"$0\"",
        own.to_str().unwrap(),
    ];
    home.keepsave(&[&["play", "--game", "zelda", "--"], &game[..]].concat())
        .expect(0);
    assert_eq!(world.head_content(1, "autosave").await, "one");
}

async fn nothing_keeps_anyone_from_playing(world: World) {
    let proxy = world.proxy();
    let home = world.device_behind(&proxy, "Home").await;
    let home = super::games::furnished(home);
    home.write(&save("Zelda.srm"), "one");
    sync(&home, "upload");
    home.keepsave(&["settings", "set", "launch_budget_seconds", "1"])
        .expect(0);
    let any = || {
        [
            Rule::on("GET", "/").always(),
            Rule::on("POST", "/").always(),
        ]
    };
    // Nothing answers before the launch; when the game has ended, the network is back.
    for rule in any() {
        proxy.fault(rule, Fault::StallBeforeRequest);
    }
    let own = home.path(&save("Zelda.srm"));
    let rom = home.path("retrodeck/roms/gba/Zelda.gba");
    let game = "echo playing >&2; read -r progress < \"$2\"; printf '%s' \"$progress\" > \"$1\"";
    let pipe = home.path("pad");
    rustix::fs::mknodat(
        rustix::fs::CWD,
        &pipe,
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR,
        0,
    )
    .unwrap();
    let mut playing = home.begin(&[
        "play",
        "--",
        "/bin/sh",
        "-c",
        game,
        rom.to_str().unwrap(),
        own.to_str().unwrap(),
        pipe.to_str().unwrap(),
    ]);
    playing.until_says("playing");
    proxy.heal();
    std::fs::write(&pipe, "two\n").unwrap();
    let ran = playing.wait();
    assert!(ran.stderr.contains("within 1 s"), "{}", ran.stderr);
    ran.expect(0);
    assert_eq!(world.head_content(1, "autosave").await, "two");
    // A server that fails at once.
    for rule in any() {
        proxy.fault(rule, Fault::Answer(Canned::status(403)));
    }
    let ran = play(&home, "three");
    assert!(
        ran.stderr.contains("played with the save"),
        "{}",
        ran.stderr
    );
    assert_eq!(ran.expect(0), "two");
    proxy.heal();
    sync(&home, "upload");
    assert_eq!(world.head_content(1, "autosave").await, "three");
}

async fn where_both_sides_changed_the_save_of_this_machine_is_played(world: World) {
    let (_home, train) = diverge(&world).await;
    let ran = play(&train, "what train did next");
    assert!(ran.stderr.contains("keepsave resolve"), "{}", ran.stderr);
    assert_eq!(ran.expect(0), "what train did after");
    assert_eq!(
        world.head_content(1, "autosave").await,
        "what home did after"
    );
    assert_eq!(train.read(&save("Zelda.srm")), "what train did next");
    assert_eq!(zelda(&ask(&train, &["status"]).json(1)), "conflict");
}

async fn what_is_switched_off_is_left_alone(world: World) {
    let (home, train) = (deck(&world, "Home").await, deck(&world, "Train").await);
    home.write(&save("Zelda.srm"), "one");
    sync(&home, "upload");
    sync(&train, "download");
    let set = |name: &str, value: &str| {
        train.keepsave(&["settings", "set", name, value]).expect(0);
    };
    // Nothing at all.
    set("save_sync_enabled", "off");
    let ran = play(&train, "two");
    assert!(ran.stderr.contains("save_sync_enabled"), "{}", ran.stderr);
    assert_eq!(ran.expect(0), "one");
    assert_eq!(world.head_content(1, "autosave").await, "one");
    // Before, but not after.
    set("save_sync_enabled", "on");
    set("sync_after_exit", "off");
    assert_eq!(play(&train, "three").expect(0), "two");
    assert_eq!(world.head_content(1, "autosave").await, "two");
    // After, but not before.
    sync(&train, "upload");
    sync(&home, "download");
    set("sync_after_exit", "on");
    set("sync_before_launch", "off");
    home.write(&save("Zelda.srm"), "four");
    sync(&home, "upload");
    assert_eq!(play(&train, "three").expect(0), "three");
    assert_eq!(train.read(&save("Zelda.srm")), "four");
}

/// A command that is played with no game and no account.
fn command(script: &str) -> Ran {
    crate::sandbox().run(&["play", "--", "/bin/sh", "-c", script])
}

#[test]
fn the_exit_code_is_the_commands() {
    command("exit 0").expect(0);
    command("exit 42").expect(42);
    command("kill -TERM $$").expect(128 + 15);
    let missing = crate::sandbox().run(&["play", "--", "/no/such/program"]);
    assert!(missing.stderr.contains("could not be started"));
    missing.expect(127);
}

#[test]
fn a_command_that_names_no_game_is_run_all_the_same() {
    let ran = command("cat; echo talk >&2; echo \"$HELLO\"");
    assert!(ran.stderr.contains("no save is synced"), "{}", ran.stderr);
    assert!(ran.stderr.contains("talk"), "{}", ran.stderr);
    ran.expect(0);
    let arguments = ["play", "--", "/bin/sh", "-c", "cat; printf \" $HELLO\""];
    let ran = crate::sandbox().run_with(&arguments, &[("HELLO", "variable")], "typed");
    assert_eq!(ran.expect(0), "typed variable");
}

#[test]
fn signals_reach_the_command() {
    for (signal, name, code) in [
        (Signal::TERM, "TERM", 7),
        (Signal::HUP, "HUP", 8),
        (Signal::INT, "INT", 9),
    ] {
        let script = format!(
            "trap 'exit {code}' {name}; echo ready >&2; while :; do read -r line || :; done"
        );
        let sandbox = crate::sandbox();
        let mut command = sandbox.command(&["play", "--", "/bin/sh", "-c", &script]);
        // Not in front of a terminal, which would send its own.
        command.process_group(0);
        let mut playing = Process::start(command);
        playing.until_says("ready");
        playing.signal(signal);
        assert_eq!(playing.wait().code, Some(code), "{name}");
    }
}
