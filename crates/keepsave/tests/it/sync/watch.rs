//! `keepsave watch`: an agent on a machine, another device, and a server.

use std::os::unix::fs::symlink;
use std::process::{Child, Command};

use keepsave_testkit::faults::{Fault, Rule};
use rustix::fs::{CWD, FileType, Mode, mknodat};
use rustix::process::Signal;
use serde_json::Value;

use super::games::{ask, deck, furnished, save, sync};
use super::process::Process;
use super::{Device, World};

on_every_server! {
    what_is_written_is_sent_and_what_others_sent_comes_down,
    what_is_played_gets_nothing_until_it_has_ended,
    without_a_network_it_waits_and_the_next_contact_does_it,
    what_is_switched_off_is_not_done,
}

const ROM: &str = "retrodeck/roms/gba/Zelda.gba";
const SENT: &str = "Zelda: uploaded";
const CAME: &str = "Zelda: downloaded";
const LOOKED: &str = "every game was looked at";

/// An agent that asks often where a server does not tell.
fn watch(device: &Device) -> Process {
    device
        .keepsave(&["settings", "set", "watch_ask_seconds", "1"])
        .expect(0);
    device.begin(&["watch"])
}

fn end(agent: Process) -> String {
    agent.signal(Signal::TERM);
    let ran = agent.wait();
    let talk = ran.stderr.clone();
    ran.expect(0);
    talk
}

/// An emulator that plays Zelda until it is told to quit. Dropped, it is killed.
struct Emulator {
    child: Child,
    pad: std::path::PathBuf,
}

impl Emulator {
    fn plays(device: &Device) -> Self {
        let (program, pad) = (device.path("retroarch"), device.path("pad"));
        if !program.exists() {
            symlink("/bin/sh", &program).unwrap();
            mknodat(CWD, &pad, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
        }
        let mut command = Command::new(program);
        let script = "read -r line < \"$1\"";
        command.args(["-c", script, device.path(ROM).to_str().unwrap()]);
        Self {
            child: command.arg(&pad).spawn().unwrap(),
            pad,
        }
    }

    fn quits(mut self) {
        std::fs::write(&self.pad, "quit\n").unwrap();
        assert!(self.child.wait().unwrap().success());
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        // It may have ended already.
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

async fn what_is_written_is_sent_and_what_others_sent_comes_down(world: World) {
    world.let_every_look_be_later();
    let (home, train) = (deck(&world, "Home").await, deck(&world, "Train").await);
    home.write(&save("Zelda.srm"), "one");
    sync(&home, "upload");
    let mut agent = watch(&train);
    agent.until_says(LOOKED);
    assert_eq!(train.read(&save("Zelda.srm")), "one");
    train.write(&save("Zelda.srm"), "two");
    agent.until_says(SENT);
    assert_eq!(world.head_content(1, "autosave").await, "two");
    sync(&home, "download");
    for (round, progress) in [(2, "three"), (3, "four")] {
        home.write(&save("Zelda.srm"), progress);
        sync(&home, "upload");
        agent.until_says_times(CAME, round);
        assert_eq!(train.read(&save("Zelda.srm")), progress);
    }
    end(agent);
    sync(&train, "synced");
}

async fn what_is_played_gets_nothing_until_it_has_ended(world: World) {
    world.let_every_look_be_later();
    let (home, train) = (deck(&world, "Home").await, deck(&world, "Train").await);
    home.write(&save("Zelda.srm"), "one");
    sync(&home, "upload");
    let mut agent = watch(&train);
    agent.until_says(LOOKED);
    let emulator = Emulator::plays(&train);
    agent.until_says("game 1: begun");
    home.write(&save("Zelda.srm"), "two");
    sync(&home, "upload");
    // Nor does it come down for whoever asks by hand.
    let report = ask(&train, &["sync"]).json(1);
    let game = &report["games"][0];
    assert_eq!(game["status"], "waiting", "{game:#}");
    assert!(
        game["why"].as_str().unwrap().contains("retroarch"),
        "{game:#}"
    );
    assert_eq!(train.read(&save("Zelda.srm")), "one");
    emulator.quits();
    agent.until_says("game 1: played");
    agent.until_says_times(CAME, 2);
    assert_eq!(train.read(&save("Zelda.srm")), "two");
    // What was played and saved goes up when the game has ended.
    let emulator = Emulator::plays(&train);
    agent.until_says_times("game 1: begun", 2);
    train.write(&save("Zelda.srm"), "three");
    agent.until_says(SENT);
    train.write(&save("Zelda.srm"), "four");
    emulator.quits();
    agent.until_says_times(SENT, 2);
    assert_eq!(world.head_content(1, "autosave").await, "four");
    end(agent);
    let played = ask(&train, &["playtime", "--local"]).json(0);
    assert_eq!(played["games"][0]["sessions_here"], 2, "{played:#}");
    assert_eq!(played["games"][0]["is_played"], false);
}

async fn without_a_network_it_waits_and_the_next_contact_does_it(world: World) {
    world.let_every_look_be_later();
    let proxy = world.proxy();
    let home = deck(&world, "Home").await;
    let train = furnished(world.device_behind(&proxy, "Train").await);
    home.write(&save("Zelda.srm"), "one");
    sync(&home, "upload");
    for method in ["GET", "POST", "PUT"] {
        proxy.fault(Rule::on(method, "/").always(), Fault::CutBeforeRequest);
    }
    let mut agent = watch(&train);
    agent.until_says("tried again later");
    proxy.heal();
    agent.until_says(CAME);
    assert_eq!(train.read(&save("Zelda.srm")), "one");
    agent.until_says(LOOKED);
    for method in ["GET", "POST", "PUT"] {
        proxy.fault(Rule::on(method, "/").always(), Fault::CutBeforeRequest);
    }
    train.write(&save("Zelda.srm"), "two");
    agent.until_says_times("tried again later", 2);
    proxy.heal();
    agent.until_says(SENT);
    assert_eq!(world.head_content(1, "autosave").await, "two");
    end(agent);
}

async fn what_is_switched_off_is_not_done(world: World) {
    world.let_every_look_be_later();
    let proxy = world.proxy();
    let train = furnished(world.device_behind(&proxy, "Train").await);
    train.write(&save("Zelda.srm"), "one");
    sync(&train, "upload");
    train
        .keepsave(&["settings", "set", "save_sync_enabled", "off"])
        .expect(0);
    let asked = proxy.passed().len();
    let mut agent = watch(&train);
    agent.until_says("watching");
    train.write(&save("Zelda.srm"), "two");
    let emulator = Emulator::plays(&train);
    agent.until_says("game 1: begun");
    emulator.quits();
    agent.until_says("game 1: played");
    assert_eq!(proxy.passed().len(), asked, "the server was asked");
    assert_eq!(world.head_content(1, "autosave").await, "one");
    // It hears of it when that changes.
    train
        .keepsave(&["settings", "set", "save_sync_enabled", "on"])
        .expect(0);
    agent.until_says(SENT);
    end(agent);
}

#[tokio::test]
async fn there_is_one_agent_and_it_ends_when_it_is_told_to() {
    let world = World::keepsave().await;
    let train = deck(&world, "Train").await;
    train.write(&save("Zelda.srm"), "one");
    for signal in [Signal::TERM, Signal::INT] {
        let mut agent = train.begin(&["watch", "--json", "-v"]);
        agent.until_says("watching");
        let second = train.keepsave(&["watch"]);
        let who = format!("process {}", agent.id());
        assert!(second.stderr.contains(&who), "{}", second.stderr);
        second.expect(1);
        agent.signal(signal);
        let told = agent.wait().expect(0);
        let events = told.lines().map(|line| serde_json::from_str(line).unwrap());
        let events: Vec<Value> = events.collect();
        assert_eq!(events.first().unwrap()["event"], "started", "{told}");
        assert_eq!(events.last().unwrap()["event"], "ended", "{told}");
    }
}

/// What the system says of a process: memory of its own in KiB, and how often it woke up.
fn looked_at(agent: &Process) -> (u64, u64) {
    let number = |status: &str, name: &str| -> u64 {
        let mut lines = status.lines();
        let line = lines.find_map(|line| line.strip_prefix(name)).unwrap();
        line.split_whitespace().next().unwrap().parse().unwrap()
    };
    let root = format!("/proc/{}", agent.id());
    let status = std::fs::read_to_string(format!("{root}/status")).unwrap();
    let tasks = std::fs::read_dir(format!("{root}/task")).unwrap();
    // A thread may end meanwhile.
    let tasks =
        tasks.filter_map(|task| std::fs::read_to_string(task.unwrap().path().join("status")).ok());
    let wakes = tasks.map(|status| number(&status, "voluntary_ctxt_switches:"));
    (number(&status, "RssAnon:"), wakes.sum())
}

/// Between two questions to a server nothing wakes it but the looks at what runs.
#[tokio::test]
async fn an_idle_agent_is_small_and_sleeps() {
    let world = World::romm(keepsave_testkit::romm::Release::V5_1);
    let train = deck(&world, "Train").await;
    train.write(&save("Zelda.srm"), "one");
    train
        .keepsave(&["settings", "set", "watch_ask_seconds", "1"])
        .expect(0);
    let mut agent = train.begin(&["watch", "-v"]);
    // It asks after 1 s, 2 s, 4 s.
    agent.until_says_times("nothing moved", 3);
    let (_, before) = looked_at(&agent);
    agent.until_says_times("nothing moved", 4);
    let (held, after) = looked_at(&agent);
    end(agent);
    assert!(held < 12 * 1024, "{held} KiB");
    assert!(after - before < 100, "it woke up {} times", after - before);
}
