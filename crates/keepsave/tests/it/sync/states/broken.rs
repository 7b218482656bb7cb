//! Syncs of states that break off, and saves that change beside them.

use keepsave_testkit::faults::Fault::{StallBeforeAnswer, StallBeforeRequest, StallInAnswerBody};
use keepsave_testkit::faults::{Fault, Rule};
use rustix::process::Signal;
use serde_json::Value;

use super::{
    Device, RETROARCH, World, ask, follows, furnished, is_there, mgba, save, state, states_of,
    sync, there,
};

on_every_server! {
    a_killed_sync_leaves_every_state_whole_and_the_next_one_goes_on,
    what_is_pulled_and_pushed_goes_one_way,
    what_came_before_states_were_synced_is_not_shadowed,
    a_save_that_is_restored_is_not_shadowed,
    states_wait_where_their_save_waits_or_nobody_knows_what_loads_them,
    a_game_that_is_played_takes_its_states_along,
    the_journal_gives_up_states_that_the_server_has,
}

fn contents(there: Vec<(String, Option<String>)>) -> Vec<String> {
    let mut contents: Vec<String> = there.into_iter().map(|one| one.0).collect();
    contents.sort();
    contents
}

/// Where a sync stands still, and whether a state goes up then.
fn points(world: &World) -> Vec<(Rule, Fault, bool)> {
    let uploads = || Rule::on("POST", "/api/states");
    let mut points = vec![
        (uploads(), StallBeforeRequest, true),
        (uploads(), StallBeforeAnswer, true),
    ];
    if follows(world) {
        let downloads = || Rule::on("GET", "/api/states/");
        points.extend([
            (downloads(), StallBeforeAnswer, false),
            (downloads(), StallInAnswerBody(100_000), false),
            (
                Rule::on("GET", "/api/screenshots/"),
                StallBeforeAnswer,
                false,
            ),
        ]);
    }
    points
}

async fn a_killed_sync_leaves_every_state_whole_and_the_next_one_goes_on(world: World) {
    let large = |round: usize| format!("round {round} ").repeat(40_000);
    let proxy = world.proxy();
    let home = furnished(world.device_behind(&proxy, "Home").await, "mgba", "0.10.3");
    let train = mgba(&world, "Train").await;
    home.write(&state("1"), &large(0));
    assert_eq!(sync(&home), ["1 uploaded"]);
    for (round, (rule, fault, goes_up)) in (1..).zip(points(&world)) {
        let from = if goes_up { &home } else { &train };
        if !goes_up {
            sync(&train);
        }
        from.write(&state("1"), &large(round));
        from.write(&format!("{}.png", state("1")), &format!("picture {round}"));
        if !goes_up {
            assert_eq!(sync(&train), ["1 uploaded"]);
        }
        proxy.fault(rule, fault);
        let run = home.begin(&["sync"]);
        proxy.until_stalled(round);
        proxy.heal();
        run.signal(Signal::KILL);
        assert_eq!(run.wait().code, None);
        let now = home.read(&state("1"));
        assert!(
            now == large(round) || now == large(round - 1),
            "{} bytes",
            now.len()
        );
        sync(&home);
        assert!(home.read(&state("1")) == large(round));
        let picture = home.read(&format!("{}.png", state("1")));
        assert_eq!(picture, format!("picture {round}"));
        assert!(goes_up || home.journal().contains(&large(round - 1)));
        let names = home.files(&format!("{RETROARCH}/states"));
        assert_eq!(names, [".keep", "Zelda.state1", "Zelda.state1.png"]);
        assert_eq!(there(&world).await.len(), round + 1);
        assert_eq!(sync(&home), ["1 same"]);
    }
}

async fn what_is_pulled_and_pushed_goes_one_way(world: World) {
    let (home, train) = (mgba(&world, "Home").await, mgba(&world, "Train").await);
    home.write(&state("1"), "one");
    ask(&home, &["pull"]).json(0);
    assert_eq!(there(&world).await, []);
    let pushed = states_of(&ask(&home, &["push"]).json(0));
    assert_eq!(pushed, ["1 uploaded"]);
    let pushed = states_of(&ask(&train, &["push"]).json(0));
    assert_eq!(pushed, ["1 offered"]);
    assert!(!is_there(&train, &state("1")));
    ask(&train, &["pull"]).json(0);
    assert_eq!(is_there(&train, &state("1")), follows(&world));
}

fn switch(device: &Device, to: &str) {
    device
        .keepsave(&["settings", "set", "sync_states", to])
        .expect(0);
}

async fn what_came_before_states_were_synced_is_not_shadowed(world: World) {
    world.let_every_look_be_later();
    let (home, train) = (mgba(&world, "Home").await, mgba(&world, "Train").await);
    switch(&home, "off");
    home.write(&save(), "one");
    home.write(&state(".auto"), "resumes one");
    ask(&home, &["sync"]).json(0);
    sync(&train);
    train.write(&save(), "two");
    sync(&train);
    ask(&home, &["sync"]).json(0);
    assert_eq!(home.read(&save()), "two");
    assert!(is_there(&home, &state(".auto")), "nobody asked for it");
    switch(&home, "on");
    assert_eq!(sync(&home), [".auto moved_aside"]);
    assert_eq!(home.read(&save()), "two");
    // What is made from now on is made with the save that is here.
    home.write(&state(".auto"), "resumes two");
    assert_eq!(sync(&home), [".auto uploaded"]);
    assert!(is_there(&home, &state(".auto")));
}

async fn a_save_that_is_restored_is_not_shadowed(world: World) {
    world.let_every_look_be_later();
    let home = mgba(&world, "Home").await;
    home.write(&save(), "one");
    sync(&home);
    let first = world.head(1, "autosave").await["id"].to_string();
    home.write(&save(), "two");
    home.write(&state(".auto"), "resumes two");
    assert_eq!(sync(&home), [".auto uploaded"]);
    let restored = ask(&home, &["restore", "Zelda", &first]).json(0);
    assert_eq!(home.read(&save()), "one");
    assert!(!is_there(&home, &state(".auto")), "{restored:#}");
    let kept = home.journal();
    assert!(kept.contains(&"resumes two".to_owned()), "{kept:?}");
    assert_eq!(sync(&home), [".auto same"]);
}

async fn states_wait_where_their_save_waits_or_nobody_knows_what_loads_them(world: World) {
    let (home, train) = (mgba(&world, "Home").await, mgba(&world, "Train").await);
    home.write(&save(), "home's");
    sync(&home);
    train.write(&save(), "train's");
    train.write(&state("1"), "a state");
    let wait = |report: &Value| {
        assert_eq!(report["games"][0]["states"], Value::Array(Vec::new()));
        report["games"][0]["states_wait"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let waits = wait(&ask(&train, &["sync"]).json(1));
    assert!(waits.contains("its save waits"), "{waits}");
    assert_eq!(there(&world).await, []);
    let list = format!("{RETROARCH}/playlists/Nintendo - Game Boy Advance.lpl");
    let unknown = home
        .read(&list)
        .replace("/usr/lib/libretro/mgba_libretro.so", "DETECT");
    home.write(
        &list,
        &unknown.replace("\"core_name\":\"mgba\"", "\"core_name\":\"DETECT\""),
    );
    home.write(&state("1"), "a state");
    let waits = wait(&ask(&home, &["sync"]).json(0));
    assert!(waits.contains("which core plays it"), "{waits}");
    assert_eq!(there(&world).await, []);
}

/// Plays Zelda: both its save and the state that is made at the end become `progress`.
fn play(device: &Device, progress: &str) -> String {
    let rom = device.path("roms/gba/Zelda.gba");
    let (own, auto) = (device.path(&save()), device.path(&state(".auto")));
    let game = "cat \"$1\" \"$2\" 2> /dev/null; printf '%s' \"$3\" > \"$1\"; \
                printf 'resumes %s' \"$3\" > \"$2\"";
    let [rom, own, auto] = [rom, own, auto].map(|path| path.display().to_string());
    let game = ["/bin/sh", "-c", game, &rom, &own, &auto, progress];
    let ran = device.keepsave(&[&["play", "--"], &game[..]].concat());
    ran.expect(0)
}

async fn a_game_that_is_played_takes_its_states_along(world: World) {
    world.let_every_look_be_later();
    let (home, train) = (mgba(&world, "Home").await, mgba(&world, "Train").await);
    assert_eq!(play(&home, "one"), "");
    let resumed = |progress: &str| {
        if follows(&world) {
            format!("{progress}resumes {progress}")
        } else {
            progress.to_owned()
        }
    };
    assert_eq!(play(&train, "two"), resumed("one"));
    assert_eq!(play(&home, "three"), resumed("two"));
    assert_eq!(play(&train, "four"), resumed("three"));
    let sent = contents(there(&world).await);
    assert_eq!(
        sent,
        [
            "resumes four",
            "resumes one",
            "resumes three",
            "resumes two"
        ]
    );
    // Where it was played last, it goes on whatever the server is.
    assert_eq!(play(&train, "five"), "fourresumes four");
}

async fn the_journal_gives_up_states_that_the_server_has(world: World) {
    world.let_every_look_be_later();
    let home = mgba(&world, "Home").await;
    home.write(&save(), "one");
    home.write(&state(".auto"), "resumes one");
    sync(&home);
    home.write(&save(), "two");
    sync(&home);
    assert!(!is_there(&home, &state(".auto")));
    for (name, value) in [
        ("journal_newest_of_each_file", "1"),
        ("journal_mebibytes", "0"),
    ] {
        home.keepsave(&["settings", "set", name, value]).expect(0);
    }
    // The newest of a file stays, so there is another.
    home.write(&state(".auto"), "resumes two");
    assert_eq!(sync(&home), [".auto uploaded"]);
    home.write(&save(), "three");
    assert_eq!(sync(&home), [".auto moved_aside"]);
    assert_eq!(home.journal(), ["resumes one", "resumes two"]);
    ask(&home, &["journal", "prune"]).json(0);
    assert_eq!(home.journal(), ["resumes two"]);
}
