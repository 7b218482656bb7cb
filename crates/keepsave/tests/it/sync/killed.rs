//! Runs that are killed or stopped between any two steps, and runs that meet.

use keepsave_testkit::faults::Fault::{StallBeforeAnswer, StallBeforeRequest, StallInAnswerBody};
use keepsave_testkit::faults::{Fault, Proxy, Rule};
use rustix::process::Signal;

use super::faults::{assert_settled, downloads, progress, two_in_sync, uploads};
use super::process::Process;
use super::{Device, World, results};

on_every_server! {
    a_killed_run_leaves_every_file_whole_and_the_next_one_goes_on,
    a_stopped_run_ends_by_itself_and_its_session_with_it,
    a_run_that_is_stopped_while_it_plans_moves_nothing,
    the_second_of_two_runs_waits_for_the_first,
    a_run_that_waits_can_be_stopped,
    what_is_kept_of_a_server_leaves_nothing_behind_when_the_run_is_killed,
}

/// Where a run stands still.
struct Point {
    rule: Rule,
    fault: Fault,
    /// Whether what is to travel is a file of this device.
    goes_up: bool,
}

fn point(rule: Rule, fault: Fault, goes_up: bool) -> Point {
    Point {
        rule,
        fault,
        goes_up,
    }
}

async fn points(world: &World) -> Vec<Point> {
    let mut points = Vec::new();
    if world.negotiates().await {
        let completion = || Rule::on("POST", "/api/sync/sessions/");
        points.push(point(completion(), StallBeforeRequest, true));
        points.push(point(completion(), StallBeforeRequest, false));
    }
    let confirmation = Rule::on("POST", "/api/saves/");
    points.extend([
        point(uploads(), StallBeforeRequest, true),
        point(uploads(), StallBeforeAnswer, true),
        point(downloads(), StallBeforeAnswer, false),
        point(downloads(), StallInAnswerBody(100_000), false),
        point(confirmation, StallBeforeRequest, false),
    ]);
    points
}

/// Both devices are in step, and then one of them has something new for the other.
async fn something_new(world: &World, (deck, pocket): (&Device, &Device), up: bool, round: usize) {
    assert_eq!(results(&deck.run(&[]).json(0)).len(), 1);
    let from = if up { pocket } else { deck };
    from.write("zelda.srm", &progress(round));
    if !up {
        assert_eq!(results(&deck.run(&[]).json(0)), ["uploaded"]);
        assert!(world.head_content(1, "autosave").await == progress(round));
    }
}

/// A run that stands still where it is told to.
fn standing_still(pocket: &Device, proxy: &Proxy, point: &Point, stalled: usize) -> Process {
    proxy.fault(point.rule.clone(), point.fault.clone());
    let run = pocket.start(&[]);
    proxy.until_stalled(stalled);
    proxy.heal();
    run
}

fn assert_whole(pocket: &Device, point: &Point, round: usize) {
    let content = pocket.read("zelda.srm");
    let is_new = content == progress(round);
    assert!(
        is_new || content == progress(round - 1),
        "{} bytes",
        content.len()
    );
    let was_replaced = is_new && !point.goes_up;
    assert!(!was_replaced || pocket.journal().contains(&progress(round - 1)));
}

async fn a_killed_run_leaves_every_file_whole_and_the_next_one_goes_on(world: World) {
    let proxy = world.proxy();
    let (deck, pocket) = two_in_sync(&world, &proxy).await;
    for (round, point) in (1..).zip(points(&world).await) {
        something_new(&world, (&deck, &pocket), point.goes_up, round).await;
        let run = standing_still(&pocket, &proxy, &point, round);
        run.signal(Signal::KILL);
        assert_eq!(run.wait().code, None);
        assert_whole(&pocket, &point, round);
        let done = results(&pocket.run(&[]).json(0)).len();
        assert_eq!(done, 1);
        if !point.goes_up {
            assert!(pocket.journal().contains(&progress(round - 1)));
        }
        assert_settled(&world, &pocket, &progress(round)).await;
    }
}

async fn a_stopped_run_ends_by_itself_and_its_session_with_it(world: World) {
    let proxy = world.proxy();
    let negotiates = world.negotiates().await;
    let (deck, pocket) = two_in_sync(&world, &proxy).await;
    let mut stalled = 0;
    for (round, point) in (1..).zip(points(&world).await) {
        something_new(&world, (&deck, &pocket), point.goes_up, round).await;
        stalled += 1;
        let mut run = standing_still(&pocket, &proxy, &point, stalled);
        run.signal(Signal::INT);
        run.until_says("stopping");
        let is_completion = negotiates && round <= 2;
        if is_completion {
            // The end of a session is not given up.
            proxy.release();
            stalled = 0;
        }
        let report = run.wait().json(1);
        let result = results(&report)[0];
        let stood = format!("{:?} {:?}", point.rule, point.fault);
        match (is_completion, point.goes_up) {
            (true, true) => assert_eq!(result, "uploaded", "{stood}"),
            (true, false) => assert_eq!(result, "downloaded", "{stood}"),
            (false, true) => assert_eq!(result, "left_out", "{stood}"),
            // Where only the word is missing, the file is there.
            (false, false) => assert!(["left_out", "downloaded"].contains(&result), "{stood}"),
        }
        assert_whole(&pocket, &point, round);
        assert_eq!(pocket.files("."), ["zelda.srm"], "{stood}");
        if negotiates {
            assert_eq!(world.sessions().await[0]["status"], "COMPLETED", "{stood}");
        }
        pocket.run(&[]).expect(0);
        assert_settled(&world, &pocket, &progress(round)).await;
    }
}

async fn a_run_that_is_stopped_while_it_plans_moves_nothing(world: World) {
    let proxy = world.proxy();
    let (_deck, pocket) = two_in_sync(&world, &proxy).await;
    pocket.write("zelda.srm", &progress(1));
    let question = if world.negotiates().await {
        Rule::on("POST", "/api/sync/negotiate")
    } else {
        Rule::on("GET", "/api/saves?")
    };
    let mut run = standing_still(
        &pocket,
        &proxy,
        &point(question, StallBeforeAnswer, true),
        1,
    );
    run.signal(Signal::INT);
    run.until_says("stopping");
    let ran = run.wait();
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("before anything was moved"),
        "{}",
        ran.stderr
    );
    assert!(world.head_content(1, "autosave").await == progress(0));
    assert_eq!(results(&pocket.run(&[]).json(0)), ["uploaded"]);
    assert_settled(&world, &pocket, &progress(1)).await;
}

async fn the_second_of_two_runs_waits_for_the_first(world: World) {
    let proxy = world.proxy();
    let (_deck, pocket) = two_in_sync(&world, &proxy).await;
    pocket.write("zelda.srm", &progress(1));
    let first = standing_still(
        &pocket,
        &proxy,
        &point(uploads(), StallBeforeRequest, true),
        1,
    );
    let mut second = pocket.start(&[]);
    second.until_says("waiting");
    proxy.release();
    assert_eq!(results(&first.wait().json(0)), ["uploaded"]);
    assert_eq!(results(&second.wait().json(0)), ["nothing"]);
    assert_settled(&world, &pocket, &progress(1)).await;
}

async fn a_run_that_waits_can_be_stopped(world: World) {
    let proxy = world.proxy();
    let (_deck, pocket) = two_in_sync(&world, &proxy).await;
    pocket.write("zelda.srm", &progress(1));
    let first = standing_still(
        &pocket,
        &proxy,
        &point(uploads(), StallBeforeRequest, true),
        1,
    );
    let mut second = pocket.start(&[]);
    second.until_says("waiting");
    second.signal(Signal::INT);
    let ran = second.wait();
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    proxy.release();
    assert_eq!(results(&first.wait().json(0)), ["uploaded"]);
    assert_settled(&world, &pocket, &progress(1)).await;
}

async fn what_is_kept_of_a_server_leaves_nothing_behind_when_the_run_is_killed(world: World) {
    let proxy = world.proxy();
    let deck = world.device("Deck").await;
    let mut pocket = world.device_behind(&proxy, "Pocket").await;
    for device in [&deck, &pocket] {
        device.lists(&[(1, "zelda.srm", None)]);
    }
    deck.write("zelda.srm", &progress(0));
    deck.run(&[]).expect(0);
    pocket.write("zelda.srm", &progress(1));
    pocket.write("tmp/here", "");
    pocket.set("TMPDIR", "tmp");
    let keep = ["--conflict", "keep-local"];
    if world.romm_itself().is_some() {
        let content = Rule::on("GET", "/api/saves/");
        proxy.fault(content, StallInAnswerBody(100_000));
        let run = pocket.start(&keep);
        proxy.until_stalled(1);
        proxy.heal();
        run.signal(Signal::KILL);
        assert_eq!(run.wait().code, None);
        assert_eq!(pocket.journal(), Vec::<String>::new());
    }
    pocket.run(&keep).expect(0);
    let archived = world.ada().get("/api/saves?rom_id=1").await.expect(200);
    let id = &archived.as_array().unwrap()[0]["id"];
    let content = format!("/api/saves/{id}/content");
    assert!(world.ada().get(&content).await.text() == progress(1));
    // What a RomM wrote over in place is here; a Keepsave has it as a version.
    let kept = world.romm_itself().map(|_| progress(0));
    assert!(pocket.journal().iter().eq(kept.iter()));
    assert_eq!(pocket.files("tmp"), ["here"]);
    let staging = ".local/share/keepsave/journal/staging";
    assert_eq!(pocket.files(staging), Vec::<String>::new());
}
