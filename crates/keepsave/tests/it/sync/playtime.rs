//! How long games are played: counted around every launch, told to the server, and shown.

use keepsave_core::ids::RomId;
use keepsave_core::playtime::{Awake, Moment, Running};
use keepsave_testkit::faults::{Fault, Proxy, Rule};
use rustix::fs::{CWD, FileType, Mode, mknodat};
use serde_json::Value;

use super::games::{ask, deck, furnished, save, sync};
use super::process::Process;
use super::{Device, World};

on_every_server! {
    what_is_played_counts_on_every_device,
    what_hooks_tell_of_counts_too,
    what_is_played_without_a_network_is_told_later,
    what_is_played_counts_whatever_is_chosen_for_saves,
    nothing_is_made_up_of_half_a_session,
}

const HALF_AN_HOUR: i64 = 1_800;
const ROM: &str = "retrodeck/roms/gba/Zelda.gba";
/// A game that lasts until somebody writes into its second argument.
const GAME: &str = "echo playing >&2; read -r line < \"$1\"";

/// Launches Zelda and waits until it is being played.
fn launch(device: &Device) -> Process {
    let (rom, pad) = (device.path(ROM), device.path("pad"));
    if !pad.exists() {
        mknodat(CWD, &pad, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
    }
    let (rom, pad) = (rom.to_str().unwrap(), pad.to_str().unwrap());
    let mut playing = device.begin(&["play", "--", "/bin/sh", "-c", GAME, rom, pad]);
    playing.until_says("playing");
    playing
}

/// Ends the game.
fn quit(device: &Device, playing: Process) -> String {
    std::fs::write(device.path("pad"), "quit\n").unwrap();
    let ran = playing.wait();
    let talk = ran.stderr.clone();
    ran.expect(0);
    talk
}

/// Half an hour passes in which the game is played: it began earlier than it did. No two sessions
/// begin in one second, as none do of which each lasts that long.
async fn time_passes(world: &World, device: &Device) {
    let state = world.state_of(device).await;
    let passed = state.change_playtime(RomId(1), |playtime| {
        let start = playtime.running.map(|running| running.start);
        let apart = HALF_AN_HOUR + 10 * playtime.session_count;
        playtime.running = start.map(|start| {
            Running::begin(Moment {
                wall: start.wall.plus_seconds(-apart),
                awake: start.awake.map(|awake| Awake {
                    micros: awake.micros - HALF_AN_HOUR * 1_000_000,
                    ..awake
                }),
            })
        });
    });
    assert!(passed.unwrap().running.is_some(), "nobody plays");
}

fn hook(device: &Device, command: &str) {
    let rom = device.path(ROM);
    let game = ["--hook", "--game", rom.to_str().unwrap()];
    device.keepsave(&[&[command], &game[..]].concat()).expect(0);
}

/// What is said of Zelda with these arguments.
fn playtime(device: &Device, arguments: &[&str]) -> Value {
    let report = ask(device, &[&["playtime"], arguments].concat()).json(0);
    let games = report["games"].as_array().unwrap().iter();
    let mut zelda = games.filter(|game| game["rom_id"] == 1);
    zelda.next().cloned().unwrap_or_default()
}

/// Demands so many half hours, give or take what the test took itself.
#[track_caller]
fn assert_half_hours(count: i64, seconds: &Value) {
    let told = seconds.as_i64().unwrap();
    let expected = count * HALF_AN_HOUR;
    assert!((expected..expected + 300).contains(&told), "{told}");
}

async fn what_is_played_counts_on_every_device(world: World) {
    world.let_time_pass();
    let (home, train) = (deck(&world, "Home").await, deck(&world, "Train").await);
    home.write(&save("Zelda.srm"), "one");
    sync(&home, "upload");
    for count in 1..=2 {
        let playing = launch(&home);
        assert_eq!(playtime(&home, &["--local"])["is_played"], true);
        time_passes(&world, &home).await;
        quit(&home, playing);
        let here = playtime(&home, &["--local"]);
        assert_half_hours(count, &here["total_seconds"]);
        assert_eq!(here["sessions_here"], count);
        assert_eq!(here["untold_sessions"], 0, "it was told after the game");
        assert_eq!(here["is_played"], false);
    }
    sync(&train, "download");
    let there = playtime(&train, &["--game", "zelda"]);
    assert_half_hours(2, &there["total_seconds"]);
    assert_eq!(there["here_seconds"], 0);
    // What is shown is the larger one, of a server that knows and a device that does.
    let playing = launch(&train);
    time_passes(&world, &train).await;
    quit(&train, playing);
    assert_half_hours(3, &playtime(&train, &["--game", "zelda"])["total_seconds"]);
    assert_half_hours(3, &playtime(&home, &[])["total_seconds"]);
    assert_half_hours(2, &playtime(&home, &["--local"])["here_seconds"]);
}

async fn what_hooks_tell_of_counts_too(world: World) {
    world.let_time_pass();
    let home = deck(&world, "Home").await;
    home.write(&save("Zelda.srm"), "one");
    hook(&home, "pull");
    time_passes(&world, &home).await;
    home.write(&save("Zelda.srm"), "two");
    hook(&home, "push");
    let here = playtime(&home, &["--local"]);
    assert_half_hours(1, &here["total_seconds"]);
    assert_eq!(
        (&here["sessions_here"], &here["untold_sessions"]),
        (&1.into(), &0.into())
    );
    assert_eq!(world.head_content(1, "autosave").await, "two");
}

fn cut(proxy: &Proxy) {
    for method in ["GET", "POST", "PUT"] {
        proxy.fault(Rule::on(method, "/").always(), Fault::CutBeforeRequest);
    }
}

async fn what_is_played_without_a_network_is_told_later(world: World) {
    world.let_time_pass();
    let proxy = world.proxy();
    let home = furnished(world.device_behind(&proxy, "Home").await);
    home.write(&save("Zelda.srm"), "one");
    sync(&home, "upload");
    cut(&proxy);
    let playing = launch(&home);
    time_passes(&world, &home).await;
    quit(&home, playing);
    let here = playtime(&home, &["--local"]);
    assert_half_hours(1, &here["total_seconds"]);
    assert_eq!(here["untold_sessions"], 1);
    let shown = ask(&home, &["playtime"]);
    assert!(shown.stderr.contains("GET /api"), "{}", shown.stderr);
    assert_half_hours(1, &shown.json(4)["games"][0]["total_seconds"]);
    proxy.heal();
    sync(&home, "synced");
    assert_eq!(playtime(&home, &["--local"])["untold_sessions"], 0);
    let train = deck(&world, "Train").await;
    assert_half_hours(1, &playtime(&train, &["--game", "zelda"])["total_seconds"]);
}

async fn what_is_played_counts_whatever_is_chosen_for_saves(world: World) {
    world.let_time_pass();
    let proxy = world.proxy();
    let home = furnished(world.device_behind(&proxy, "Home").await);
    home.write(&save("Zelda.srm"), "one");
    sync(&home, "upload");
    home.keepsave(&["settings", "set", "save_sync_enabled", "off"])
        .expect(0);
    home.write(&save("Zelda.srm"), "two");
    let asked = proxy.passed().len();
    let playing = launch(&home);
    time_passes(&world, &home).await;
    quit(&home, playing);
    hook(&home, "pull");
    time_passes(&world, &home).await;
    hook(&home, "push");
    assert_eq!(proxy.passed().len(), asked, "the server was asked");
    let here = playtime(&home, &["--local"]);
    assert_half_hours(2, &here["total_seconds"]);
    assert_eq!(here["untold_sessions"], 2);
    assert_eq!(playtime(&home, &[])["untold_sessions"], 0);
    assert_eq!(world.head_content(1, "autosave").await, "one");
}

async fn nothing_is_made_up_of_half_a_session(world: World) {
    world.let_time_pass();
    let home = deck(&world, "Home").await;
    home.write(&save("Zelda.srm"), "one");
    sync(&home, "upload");
    // An end without a beginning.
    hook(&home, "push");
    assert_eq!(playtime(&home, &["--local"]), Value::Null);
    // A beginning without an end: the machine went off.
    hook(&home, "pull");
    time_passes(&world, &home).await;
    hook(&home, "pull");
    hook(&home, "push");
    let here = playtime(&home, &["--local"]);
    assert_half_hours(0, &here["total_seconds"]);
    assert_eq!(here["sessions_here"], 1);
}
