//! Save states between devices: `sync`, `status`, `play`, `states offered` and `states take`.

mod auto;
mod broken;

use std::fs;

use keepsave_testkit::binary::Ran;
use keepsave_testkit::faults::{Canned, Fault, Rule};
use serde_json::{Value, json};

use super::games::ask;
use super::packed::packed;
use super::{Device, World};

on_every_server! {
    a_state_and_its_picture_go_up_and_come_where_they_may,
    off_nothing_of_states_is_asked_or_looked_at,
    states_that_grew_apart_are_both_kept,
    another_core_or_version_takes_nothing_unasked,
    what_is_no_state_of_this_core_stays_on_the_server,
    a_large_state_is_streamed,
    a_lost_answer_and_a_failed_picture_leave_nothing_behind,
    older_states_are_given_up_as_saves_are,
    what_was_deleted_stays_deleted,
    a_packed_state_travels_unpacked_and_stays_packed,
}

const RETROARCH: &str = ".config/retroarch";

/// A machine with `RetroArch` and this version of a core, on which the first game of the world is.
async fn machine(world: &World, name: &str, core: &str, version: &str) -> Device {
    furnished(world.device(name).await, core, version)
}

fn furnished(device: Device, core: &str, version: &str) -> Device {
    device.write(
        &format!("{RETROARCH}/retroarch.cfg"),
        "sort_savefiles_enable = \"false\"\nsort_savestates_enable = \"false\"\n\
         savestate_auto_load = \"true\"\n",
    );
    for directory in ["saves", "states"] {
        device.write(&format!("{RETROARCH}/{directory}/.keep"), "");
    }
    device.write("roms/gba/Zelda.gba", "the rom");
    let playlist = json!({ "version": "1.5", "items": [{
        "path": device.path("roms/gba/Zelda.gba"),
        "label": "Zelda",
        "core_path": format!("/usr/lib/libretro/{core}_libretro.so"),
        "core_name": core,
        "db_name": "Nintendo - Game Boy Advance.lpl",
    }]});
    let list = format!("{RETROARCH}/playlists/Nintendo - Game Boy Advance.lpl");
    device.write(&list, &playlist.to_string());
    runs(&device, core, version);
    device
        .keepsave(&["settings", "set", "sync_states", "on"])
        .expect(0);
    device
}

/// This version of the core is on the device from now on.
fn runs(device: &Device, core: &str, version: &str) {
    let info = format!("corename = \"{core}\"\ndisplay_version = \"{version}\"\n");
    device.write(&format!("{RETROARCH}/info/{core}_libretro.info"), &info);
}

pub async fn mgba(world: &World, name: &str) -> Device {
    machine(world, name, "mgba", "0.10.3").await
}

pub fn state(ending: &str) -> String {
    format!("{RETROARCH}/states/Zelda.state{ending}")
}

fn save() -> String {
    format!("{RETROARCH}/saves/Zelda.srm")
}

fn is_there(device: &Device, name: &str) -> bool {
    device.path(name).exists()
}

/// Syncs, and gives what became of Zelda's states: each as `ending action`.
#[track_caller]
fn sync(device: &Device) -> Vec<String> {
    states_of(&ask(device, &["sync"]).json(0))
}

#[track_caller]
fn states_of(report: &Value) -> Vec<String> {
    let zelda = &report["games"][0];
    assert_eq!(zelda["game"], "Zelda", "{report:#}");
    let states = zelda["states"].as_array();
    assert!(states.is_some(), "{report:#}");
    let states = states.unwrap().iter();
    states
        .map(|state| {
            let file = state["file"].as_str().unwrap();
            let ending = file.strip_prefix("Zelda.state").unwrap();
            format!("{ending} {}", state["action"].as_str().unwrap())
        })
        .collect()
}

/// The states that are offered on a device: id and whether it is.
#[track_caller]
fn offered(device: &Device) -> Vec<Value> {
    let ran = ask(device, &["states", "offered", "--all"]);
    ran.json(0)["states"].as_array().unwrap().clone()
}

fn take(device: &Device, id: &Value, more: &[&str]) -> Ran {
    let id = id.to_string();
    ask(device, &[&["states", "take", "Zelda", &id], more].concat())
}

/// The contents of the server's states, and the contents of their pictures.
async fn there(world: &World) -> Vec<(String, Option<String>)> {
    let ada = world.ada();
    let states = ada.get("/api/states").await.expect(200);
    let mut found = Vec::new();
    for state in states.as_array().unwrap() {
        let content = content_of(world, state).await;
        let picture = &state["screenshot"];
        let picture = if picture.is_null() {
            None
        } else {
            Some(content_of(world, picture).await)
        };
        found.push((content, picture));
    }
    found
}

async fn content_of(world: &World, asset: &Value) -> String {
    let path = asset["download_path"].as_str().unwrap();
    let path = path.replace(' ', "%20").replace('+', "%2B");
    let path = path.replace('[', "%5B").replace(']', "%5D");
    world.ada().get(&path).await.text()
}

/// Whether the server's states are followed by themselves.
fn follows(world: &World) -> bool {
    world.romm_itself().is_none()
}

async fn a_state_and_its_picture_go_up_and_come_where_they_may(world: World) {
    let (home, train) = (mgba(&world, "Home").await, mgba(&world, "Train").await);
    home.write(&state("1"), "one");
    home.write(&format!("{}.png", state("1")), "a picture");
    let planned = states_of(&ask(&home, &["status"]).json(0));
    assert_eq!(planned, ["1 upload"]);
    assert_eq!(there(&world).await, []);
    assert_eq!(sync(&home), ["1 uploaded"]);
    assert_eq!(sync(&home), ["1 same"]);
    let picture = Some("a picture".to_owned());
    assert_eq!(there(&world).await, [("one".to_owned(), picture)]);
    let states = world.ada().get("/api/states").await.expect(200);
    let name = states[0]["file_name"].as_str().unwrap();
    assert!(name.starts_with("Zelda [mgba 0.10.3] ["), "{name}");
    assert!(name.ends_with("].state1"), "{name}");
    assert_eq!(states[0]["emulator"], "retroarch-mgba");

    if follows(&world) {
        assert_eq!(sync(&train), ["1 downloaded"]);
    } else {
        assert_eq!(sync(&train), ["1 offered"]);
        assert!(!is_there(&train, &state("1")));
        let offers = offered(&train);
        assert_eq!(offers[0]["offered"], true);
        take(&train, &offers[0]["state_id"], &[]).json(0);
        assert_eq!(sync(&train), ["1 same"]);
    }
    assert_eq!(train.read(&state("1")), "one");
    assert_eq!(train.read(&format!("{}.png", state("1"))), "a picture");

    // It goes on there, and comes back.
    train.write(&state("1"), "two");
    train.write(&format!("{}.png", state("1")), "another picture");
    assert_eq!(sync(&train), ["1 uploaded"]);
    if follows(&world) {
        let report = ask(&home, &["sync"]).json(0);
        assert_eq!(states_of(&report), ["1 downloaded"]);
        assert!(report["games"][0]["states"][0]["journal_id"].is_string());
        assert_eq!(home.read(&state("1")), "two");
        assert_eq!(home.read(&format!("{}.png", state("1"))), "another picture");
        assert_eq!(home.journal(), ["a picture", "one"]);
    } else {
        assert_eq!(sync(&home), ["1 offered"]);
        assert_eq!(home.read(&state("1")), "one");
    }
    let mut contents: Vec<_> = there(&world).await.into_iter().map(|one| one.0).collect();
    contents.sort();
    assert_eq!(
        contents,
        ["one", "two"],
        "no state takes the place of another"
    );
}

async fn off_nothing_of_states_is_asked_or_looked_at(world: World) {
    let proxy = world.proxy();
    let device = world.device_behind(&proxy, "Home").await;
    let home = furnished(device, "mgba", "0.10.3");
    home.write(&save(), "a save");
    home.write(&state(""), "a state");
    home.keepsave(&["settings", "set", "sync_states", "off"])
        .expect(0);
    // Whoever asked for states would be refused, and whoever looked at one would fail.
    proxy.fault(
        Rule::on("GET", "/api/states").always(),
        Fault::Answer(Canned::status(500)),
    );
    fs::remove_file(home.path(&state(""))).unwrap();
    std::os::unix::fs::symlink("/proc/self/mem", home.path(&state(""))).unwrap();
    for arguments in [["status"], ["sync"]] {
        let report = ask(&home, &arguments).json(0);
        assert_eq!(report["games"][0]["states"], Value::Null, "{report:#}");
    }
    if let Some(romm) = world.romm_itself() {
        let asked = romm.log().into_iter();
        let lines: Vec<String> = asked.map(|seen| seen.line()).collect();
        assert!(
            lines.iter().all(|line| !line.contains("states")),
            "{lines:#?}"
        );
    }
    home.keepsave(&["settings", "set", "sync_states", "on"])
        .expect(0);
    let report = ask(&home, &["sync"]).json(1);
    assert!(report["states_trouble"].is_string(), "{report:#}");
}

async fn states_that_grew_apart_are_both_kept(world: World) {
    let (home, train) = (mgba(&world, "Home").await, mgba(&world, "Train").await);
    home.write(&state(""), "home's");
    assert_eq!(sync(&home), [" uploaded"]);
    train.write(&state(""), "train's");
    let report = ask(&train, &["sync"]).json(0);
    assert_eq!(states_of(&report), [" uploaded"]);
    assert_eq!(train.read(&state("")), "train's");
    for (device, own, other) in [(&home, "home's", "train's"), (&train, "train's", "home's")] {
        assert_eq!(sync(device), [" offered"]);
        assert_eq!(device.read(&state("")), own);
        let offers = offered(device);
        assert_eq!(offers.len(), 1, "{offers:#?}");
        take(device, &offers[0]["state_id"], &["--as", "7"]).json(0);
        assert_eq!(device.read(&state("7")), other);
        assert_eq!(device.read(&state("")), own);
        fs::remove_file(device.path(&state("7"))).unwrap();
    }
    // Taken onto its own place, and what was there is kept.
    let id = offered(&home)[0]["state_id"].clone();
    let taken = take(&home, &id, &[]).json(0);
    assert_eq!(home.read(&state("")), "train's");
    let journal = taken["journal_id"].as_str().unwrap();
    home.keepsave(&["journal", "restore", journal]).expect(0);
    assert_eq!(home.read(&state("")), "home's");
}

async fn another_core_or_version_takes_nothing_unasked(world: World) {
    let home = mgba(&world, "Home").await;
    home.write(&state("2"), "of mgba 0.10.3");
    assert_eq!(sync(&home), ["2 uploaded"]);
    let newer = machine(&world, "Newer", "mgba", "0.11").await;
    let other = machine(&world, "Other", "gpsp", "1").await;
    assert_eq!(sync(&newer), ["2 same"]);
    assert_eq!(sync(&other), Vec::<String>::new());
    for (device, why) in [(&newer, "version 0.10.3 of mgba"), (&other, "mgba made it")] {
        assert!(!is_there(device, &state("2")));
        let offers = offered(device);
        assert_eq!(offers[0]["offered"], false);
        assert!(
            offers[0]["why_not"].to_string().contains(why),
            "{offers:#?}"
        );
        let report = ask(device, &["states", "offered"]).json(0);
        assert_eq!(report["states"], json!([]));
        let id = &offers[0]["state_id"];
        let refused = take(device, id, &[]);
        assert!(refused.stderr.contains("--anyway"), "{refused:?}");
        refused.expect(1);
        assert!(!is_there(device, &state("2")));
        take(device, id, &["--anyway"]).json(0);
        assert_eq!(device.read(&state("2")), "of mgba 0.10.3");
    }
    // The core was updated here: what is here stays, and what is new says so.
    runs(&home, "mgba", "0.11");
    assert_eq!(sync(&home)[0], "2 same");
    home.write(&state("2"), "of mgba 0.11");
    assert_eq!(sync(&home)[0], "2 uploaded");
}

async fn what_is_no_state_of_this_core_stays_on_the_server(world: World) {
    let home = mgba(&world, "Home").await;
    let form: [(&str, &str, &[u8]); 1] = [("stateFile", "Zelda.state", b"of the web player")];
    let route = "/api/states?rom_id=1&emulator=mgba";
    let sent = world.ada().upload(route, &form).await;
    sent.unwrap().expect(200);
    assert_eq!(sync(&home), Vec::<String>::new());
    let offers = offered(&home);
    assert_eq!(offers[0]["offered"], false);
    take(&home, &offers[0]["state_id"], &["--anyway"]).json(0);
    assert_eq!(home.read(&state("")), "of the web player");
    assert_eq!(sync(&home), [" uploaded"]);
    assert_eq!(there(&world).await.len(), 2, "it took nothing's place");
}

async fn a_large_state_is_streamed(world: World) {
    let (home, train) = (mgba(&world, "Home").await, mgba(&world, "Train").await);
    let large = "a large state ".repeat(1 << 20);
    home.write(&state("3"), &large);
    assert_eq!(sync(&home), ["3 uploaded"]);
    sync(&train);
    if !follows(&world) {
        let id = offered(&train)[0]["state_id"].clone();
        take(&train, &id, &[]).json(0);
    }
    assert!(train.read(&state("3")) == large);
}

async fn a_lost_answer_and_a_failed_picture_leave_nothing_behind(world: World) {
    let proxy = world.proxy();
    let device = world.device_behind(&proxy, "Home").await;
    let home = furnished(device, "mgba", "0.10.3");
    home.write(&state(""), "one");
    // The server has it, and this device was never told so.
    proxy.fault(Rule::on("POST", "/api/states"), Fault::CutBeforeAnswer);
    let report = ask(&home, &["sync"]).json(1);
    assert_eq!(states_of(&report), [" failed"]);
    assert_eq!(sync(&home), [" same"]);
    assert_eq!(there(&world).await.len(), 1);
    if !follows(&world) {
        return;
    }
    let train = mgba(&world, "Train").await;
    train.write(&state(""), "two");
    // Train had `one` before, and went on from it.
    fs::remove_file(train.path(&state(""))).unwrap();
    assert_eq!(sync(&train), [" downloaded"]);
    train.write(&state(""), "two");
    train.write(&format!("{}.png", state("")), "a picture");
    assert_eq!(sync(&train), [" uploaded"]);
    proxy.fault(
        Rule::on("GET", "/api/screenshots").always(),
        Fault::Answer(Canned::status(404)),
    );
    let report = ask(&home, &["sync"]).json(0);
    assert_eq!(states_of(&report), [" downloaded"]);
    let notes = report["games"][0]["states"][0]["notes"].to_string();
    assert!(notes.contains("picture"), "{notes}");
    let names = home.files(&format!("{RETROARCH}/states"));
    assert_eq!(names, [".keep", "Zelda.state"]);
}

async fn older_states_are_given_up_as_saves_are(world: World) {
    let home = mgba(&world, "Home").await;
    home.keepsave(&["settings", "set", "autocleanup_limit", "3"])
        .expect(0);
    for round in 0..6 {
        home.write(&state("1"), &format!("round {round}"));
        assert_eq!(sync(&home), ["1 uploaded"]);
    }
    let contents: Vec<_> = there(&world).await.into_iter().map(|one| one.0).collect();
    assert_eq!(contents, ["round 3", "round 4", "round 5"]);
}

async fn what_was_deleted_stays_deleted(world: World) {
    let home = mgba(&world, "Home").await;
    home.write(&state("1"), "deleted here");
    home.write(&state("2"), "deleted there");
    assert_eq!(sync(&home), ["1 uploaded", "2 uploaded"]);
    fs::remove_file(home.path(&state("1"))).unwrap();
    let states = world.ada().get("/api/states").await.expect(200);
    let there = states.as_array().unwrap().iter();
    let second = there.filter(|one| one["file_name"].as_str().unwrap().ends_with('2'));
    let second: Vec<&Value> = second.map(|one| &one["id"]).collect();
    let delete = json!({ "states": second });
    world
        .ada()
        .post("/api/states/delete", &delete)
        .await
        .expect(200);
    assert_eq!(sync(&home), ["1 offered", "2 same"]);
    assert!(!is_there(&home, &state("1")));
    assert_eq!(home.read(&state("2")), "deleted there");
}

async fn a_packed_state_travels_unpacked_and_stays_packed(world: World) {
    let (home, train) = (mgba(&world, "Home").await, mgba(&world, "Train").await);
    fs::write(home.path(&state("1")), packed(b"one")).unwrap();
    assert_eq!(sync(&home), ["1 uploaded"]);
    assert_eq!(there(&world).await, [("one".to_owned(), None)]);
    if !follows(&world) {
        return;
    }
    assert_eq!(sync(&train), ["1 downloaded"]);
    assert_eq!(train.read(&state("1")), "one");
    train.write(&state("1"), "two");
    sync(&train);
    assert_eq!(sync(&home), ["1 downloaded"]);
    let file = fs::read(home.path(&state("1"))).unwrap();
    assert!(file.starts_with(b"#RZIPv"), "{file:?}");
}
