//! What breaks on the way: connections that are cut at every point, answers that are wrong, too
//! short, late or none, and servers that fail before and after they have done what they were asked.
//!
//! Whatever it is, a file is as it was or as it should be, nothing stands beside it, what was
//! replaced is in the journal, no content reaches the server twice, and the next run settles it.

use std::time::{Duration, Instant};

use keepsave_testkit::binary::Ran;
use keepsave_testkit::faults::Fault::{
    Answer, AnswerAfterward, CutAfterAnswer, CutBeforeAnswer, CutBeforeRequest, CutInAnswerBody,
    CutInAnswerHead, CutInRequestBody, Flip, Shorten, StallBeforeAnswer, StallBeforeRequest,
    StallInAnswerBody,
};
use keepsave_testkit::faults::{Canned, Fault, Proxy, Rule};
use keepsave_testkit::romm::Release;

use super::{Device, World, results};

on_every_server! {
    an_upload_that_breaks_anywhere_arrives_once,
    a_download_that_breaks_anywhere_gets_there,
    a_download_that_is_not_what_it_should_be_replaces_nothing,
    silence_is_given_up_and_tried_again,
    what_fails_again_and_again_is_done_by_the_next_run,
    a_refused_upload_changes_nothing,
    who_is_told_to_wait_waits,
    a_device_whose_word_was_lost_is_believed_later,
    a_device_whose_word_was_lost_may_play_on,
    a_redirect_to_another_origin_gets_no_token,
}

/// Large enough to travel in several pieces.
const SIZE: u64 = 200_000;

pub(super) fn progress(round: usize) -> String {
    let line = format!("progress {round:>10}\n");
    line.repeat(usize::try_from(SIZE).unwrap() / line.len())
}

pub(super) fn uploads() -> Rule {
    Rule::on("POST", "/api/saves?")
}

/// The first request for a save's bytes; before it the save itself is asked for.
pub(super) fn downloads() -> Rule {
    Rule::on("GET", "/api/saves/").nth(2)
}

fn page(status: u16) -> Canned {
    Canned {
        status,
        headers: vec![("content-type".to_owned(), "text/html".to_owned())],
        body: "<html>a proxy speaks</html>".to_owned(),
    }
}

/// A device that has `zelda.srm` in sync and reaches the server through the proxy.
pub(super) async fn in_sync(world: &World, proxy: &Proxy) -> Device {
    let pocket = world.device_behind(proxy, "Pocket").await;
    pocket.lists_zelda();
    pocket.write("zelda.srm", &progress(0));
    assert_eq!(results(&pocket.run(&[]).json(0)), ["uploaded"]);
    pocket
}

/// Demands that nothing more is to do and that both sides hold the content.
pub(super) async fn assert_settled(world: &World, device: &Device, content: &str) {
    assert_eq!(results(&device.run(&[]).json(0)), ["nothing"]);
    assert!(device.read("zelda.srm") == content);
    assert!(world.head_content(1, "autosave").await == content);
    assert_eq!(device.files("."), ["zelda.srm"]);
    world.assert_nothing_is_there_twice().await;
}

async fn an_upload_that_breaks_anywhere_arrives_once(world: World) {
    let proxy = world.proxy();
    let pocket = in_sync(&world, &proxy).await;
    let faults = [
        CutBeforeRequest,
        CutInRequestBody(1),
        CutInRequestBody(SIZE / 2),
        // Behind the file, before the end of the form.
        CutInRequestBody(SIZE + 230),
        CutBeforeAnswer,
        CutInAnswerHead(10),
        CutInAnswerBody(0),
        CutInAnswerBody(20),
        CutAfterAnswer,
        Answer(Canned::status(500)),
        Answer(Canned::status(503)),
        Answer(page(502)),
        AnswerAfterward(Canned::status(500)),
        AnswerAfterward(Canned::status(503)),
        AnswerAfterward(page(200)),
    ];
    for (round, fault) in (1..).zip(faults) {
        let content = progress(round);
        pocket.write("zelda.srm", &content);
        proxy.fault(uploads(), fault.clone());
        let ran = pocket.run(&[]);
        assert_eq!(ran.code, Some(0), "{fault:?}: {}{}", ran.stdout, ran.stderr);
        assert_eq!(results(&ran.json(0)), ["uploaded"], "{fault:?}");
        assert!(
            proxy
                .passed()
                .iter()
                .any(|passed| passed.fault == Some(fault.clone()))
        );
        proxy.heal();
        assert_settled(&world, &pocket, &content).await;
    }
    assert!(pocket.journal().is_empty(), "nothing here was replaced");
}

/// Another device saves, and the one behind the proxy is to have it.
fn moves_on(deck: &Device, round: usize) -> String {
    let content = progress(round);
    deck.write("zelda.srm", &content);
    assert_eq!(results(&deck.run(&[]).json(0)), ["uploaded"]);
    content
}

pub(super) async fn two_in_sync(world: &World, proxy: &Proxy) -> (Device, Device) {
    let pocket = in_sync(world, proxy).await;
    let deck = world.device("Deck").await;
    deck.lists_zelda();
    assert_eq!(results(&deck.run(&[]).json(0)), ["downloaded"]);
    (deck, pocket)
}

async fn a_download_that_breaks_anywhere_gets_there(world: World) {
    let proxy = world.proxy();
    let (deck, pocket) = two_in_sync(&world, &proxy).await;
    let faults = [
        CutBeforeRequest,
        CutBeforeAnswer,
        CutInAnswerHead(12),
        CutInAnswerBody(0),
        CutInAnswerBody(1),
        CutInAnswerBody(SIZE / 2),
        CutInAnswerBody(SIZE - 1),
        CutAfterAnswer,
        Answer(Canned::status(500)),
        Answer(Canned::status(503)),
        AnswerAfterward(Canned::status(500)),
    ];
    for (round, fault) in (1..).zip(faults) {
        let content = moves_on(&deck, round);
        proxy.fault(downloads(), fault.clone());
        let ran = pocket.run(&[]);
        assert_eq!(ran.code, Some(0), "{fault:?}: {}{}", ran.stdout, ran.stderr);
        assert_eq!(results(&ran.json(0)), ["downloaded"], "{fault:?}");
        assert!(
            proxy
                .passed()
                .iter()
                .any(|passed| passed.fault == Some(fault.clone()))
        );
        proxy.heal();
        assert!(pocket.journal().contains(&progress(round - 1)), "{fault:?}");
        assert_settled(&world, &pocket, &content).await;
    }
}

async fn a_download_that_is_not_what_it_should_be_replaces_nothing(world: World) {
    let proxy = world.proxy();
    let (deck, pocket) = two_in_sync(&world, &proxy).await;
    let faults = [
        Shorten(0),
        Shorten(SIZE / 2),
        Flip(0),
        Flip(SIZE / 2),
        Answer(page(200)),
        Answer(Canned::status(404)),
        Answer(Canned::status(200)),
    ];
    for (round, fault) in (1..).zip(faults) {
        let content = moves_on(&deck, round);
        proxy.fault(downloads(), fault.clone());
        let report = pocket.run(&[]).json(1);
        proxy.heal();
        assert_eq!(results(&report), ["failed"], "{fault:?}");
        let error = report["results"][0]["error"].as_str().unwrap();
        assert!(!error.is_empty(), "{fault:?}");
        assert!(pocket.read("zelda.srm") == progress(round - 1), "{fault:?}");
        assert_eq!(pocket.files("."), ["zelda.srm"], "{fault:?}");
        // The server was not told that the device has it.
        assert_eq!(
            results(&pocket.run(&[]).json(0)),
            ["downloaded"],
            "{fault:?}"
        );
        assert!(pocket.journal().contains(&progress(round - 1)));
        assert_settled(&world, &pocket, &content).await;
    }
}

async fn silence_is_given_up_and_tried_again(world: World) {
    let proxy = world.proxy();
    let (deck, mut pocket) = two_in_sync(&world, &proxy).await;
    pocket.set("KEEPSAVE_STALL_SECONDS", "2");
    let faults = [
        (uploads(), StallBeforeRequest),
        (uploads(), StallBeforeAnswer),
        (uploads(), StallInAnswerBody(5)),
        (downloads(), StallBeforeRequest),
        (downloads(), StallBeforeAnswer),
        (downloads(), StallInAnswerBody(SIZE / 2)),
    ];
    for (round, (rule, fault)) in (1..).zip(faults) {
        let goes_up = round <= 3;
        let content = if goes_up {
            pocket.write("zelda.srm", &progress(round));
            progress(round)
        } else {
            // What went up last is first brought to the other.
            deck.run(&[]).expect(0);
            moves_on(&deck, round)
        };
        proxy.fault(rule, fault.clone());
        let report = pocket.run(&[]).json(0);
        proxy.heal();
        let result = if goes_up { "uploaded" } else { "downloaded" };
        assert_eq!(results(&report), [result], "{fault:?}");
        assert_settled(&world, &pocket, &content).await;
    }
}

async fn what_fails_again_and_again_is_done_by_the_next_run(world: World) {
    let proxy = world.proxy();
    let (deck, pocket) = two_in_sync(&world, &proxy).await;
    let negotiates = world.negotiates().await;
    let faults = [
        (uploads().always(), CutBeforeRequest),
        (uploads().always(), CutInRequestBody(SIZE / 2)),
        (uploads().always(), Answer(Canned::status(500))),
        (downloads().always(), Answer(Canned::status(503))),
        (downloads().always(), CutInAnswerBody(0)),
    ];
    for (round, (rule, fault)) in (1..).zip(faults) {
        let goes_up = round <= 3;
        let content = if goes_up {
            pocket.write("zelda.srm", &progress(round));
            progress(round)
        } else {
            deck.run(&[]).expect(0);
            moves_on(&deck, round)
        };
        proxy.fault(rule, fault.clone());
        let report = pocket.run(&[]).json(1);
        proxy.heal();
        assert_eq!(results(&report), ["failed"], "{fault:?}");
        assert_eq!(report["counts"]["failed"], 1);
        assert_eq!(pocket.files("."), ["zelda.srm"]);
        if negotiates {
            let session = &report["completion"]["session"];
            assert_eq!(session["status"], "COMPLETED", "{fault:?}");
            assert_eq!(session["operations_failed"], 1, "{fault:?}");
        }
        let result = if goes_up { "uploaded" } else { "downloaded" };
        assert_eq!(results(&pocket.run(&[]).json(0)), [result], "{fault:?}");
        assert_settled(&world, &pocket, &content).await;
    }
}

async fn a_refused_upload_changes_nothing(world: World) {
    let proxy = world.proxy();
    let pocket = in_sync(&world, &proxy).await;
    for (round, (status, result)) in
        (1..).zip([(409, "conflict"), (413, "failed"), (400, "failed")])
    {
        let content = progress(round);
        pocket.write("zelda.srm", &content);
        proxy.fault(uploads().always(), Answer(Canned::status(status)));
        let report = pocket.run(&[]).json(1);
        proxy.heal();
        assert_eq!(results(&report), [result], "{status}");
        assert!(pocket.read("zelda.srm") == content);
        assert!(world.head_content(1, "autosave").await == progress(round - 1));
        assert_eq!(results(&pocket.run(&[]).json(0)), ["uploaded"], "{status}");
        assert_settled(&world, &pocket, &content).await;
    }
}

async fn who_is_told_to_wait_waits(world: World) {
    let proxy = world.proxy();
    let (deck, pocket) = two_in_sync(&world, &proxy).await;
    pocket.write("zelda.srm", &progress(1));
    proxy.fault(uploads(), Answer(Canned::too_many("1")));
    let began = Instant::now();
    assert_eq!(results(&pocket.run(&[]).json(0)), ["uploaded"]);
    assert!(began.elapsed() >= Duration::from_secs(1));
    assert_settled(&world, &pocket, &progress(1)).await;

    deck.run(&[]).expect(0);
    moves_on(&deck, 2);
    proxy.fault(downloads(), Answer(Canned::too_many("1")));
    let began = Instant::now();
    assert_eq!(results(&pocket.run(&[]).json(0)), ["downloaded"]);
    assert!(began.elapsed() >= Duration::from_secs(1));
    assert_settled(&world, &pocket, &progress(2)).await;
}

/// A device that has the newest save, and the server was never told.
async fn unheard(world: &World, proxy: &Proxy) -> (Device, Device) {
    let (deck, pocket) = two_in_sync(world, proxy).await;
    moves_on(&deck, 1);
    let confirmations = Rule::on("POST", "/api/saves/").always();
    proxy.fault(confirmations, Answer(Canned::status(500)));
    let report = pocket.run(&[]).json(0);
    proxy.heal();
    assert_eq!(results(&report), ["downloaded"]);
    let note = report["results"][0]["notes"][0].as_str().unwrap();
    assert!(note.contains("could not be told"), "{note}");
    (deck, pocket)
}

async fn a_device_whose_word_was_lost_is_believed_later(world: World) {
    let proxy = world.proxy();
    let (_deck, pocket) = unheard(&world, &proxy).await;
    assert_settled(&world, &pocket, &progress(1)).await;
    let before = proxy.passed().len();
    assert_settled(&world, &pocket, &progress(1)).await;
    let asked = &proxy.passed()[before..];
    let confirmed = asked
        .iter()
        .filter(|passed| passed.line.starts_with("POST /api/saves/"));
    assert_eq!(confirmed.count(), 0, "it was told already");
    pocket.write("zelda.srm", &progress(2));
    assert_eq!(results(&pocket.run(&[]).json(0)), ["uploaded"]);
    assert_settled(&world, &pocket, &progress(2)).await;
}

async fn a_device_whose_word_was_lost_may_play_on(world: World) {
    let proxy = world.proxy();
    let (_deck, pocket) = unheard(&world, &proxy).await;
    pocket.write("zelda.srm", &progress(2));
    assert_eq!(results(&pocket.run(&[]).json(0)), ["uploaded"]);
    assert_settled(&world, &pocket, &progress(2)).await;
}

async fn a_redirect_to_another_origin_gets_no_token(world: World) {
    let (proxy, elsewhere) = (world.proxy(), world.proxy());
    let (deck, pocket) = two_in_sync(&world, &proxy).await;
    let mut rules = vec![
        (Rule::on("GET", "/api/heartbeat"), 4),
        (Rule::on("GET", "/api/users/me"), 4),
        (uploads(), 1),
        (Rule::on("GET", "/api/saves/"), 1),
        (downloads(), 1),
    ];
    if world.negotiates().await {
        rules.push((Rule::on("POST", "/api/sync/negotiate"), 4));
        rules.push((Rule::on("POST", "/api/sync/sessions/"), 4));
    }
    for (round, (rule, code)) in (1..).zip(rules) {
        deck.run(&[]).expect(0);
        if (4..=5).contains(&round) {
            moves_on(&deck, round);
        } else {
            pocket.write("zelda.srm", &progress(round));
        }
        let to = format!("{}/api/elsewhere", elsewhere.url());
        proxy.fault(rule.clone(), Answer(Canned::redirect(307, &to)));
        let ran = pocket.run(&[]);
        proxy.heal();
        assert_eq!(
            ran.code,
            Some(code),
            "{rule:?}: {}{}",
            ran.stdout,
            ran.stderr
        );
        let said = format!("{}{}", ran.stdout, ran.stderr);
        assert!(said.contains(&to), "{rule:?}: {said}");
        pocket.run(&[]).expect(0);
        let content = pocket.read("zelda.srm");
        assert_settled(&world, &pocket, &content).await;
    }
    assert_eq!(elsewhere.connections(), 0);
}

/// Those that open sessions.
async fn those_that_negotiate() -> [World; 3] {
    [
        World::keepsave().await,
        World::romm(Release::V4_9),
        World::romm(Release::V5_1),
    ]
}

/// The newest session ended with that many done and that many failed.
async fn assert_ended(world: &World, done: u64, failed: u64) {
    let session = &world.sessions().await[0];
    assert_eq!(session["status"], "COMPLETED", "{session}");
    assert_eq!(session["operations_completed"], done, "{session}");
    assert_eq!(session["operations_failed"], failed, "{session}");
}

#[tokio::test]
async fn a_session_that_cannot_be_completed_does_not_lose_the_results() {
    for world in those_that_negotiate().await {
        let proxy = world.proxy();
        let pocket = in_sync(&world, &proxy).await;
        pocket.write("zelda.srm", &progress(1));
        let completions = Rule::on("POST", "/api/sync/sessions/").always();
        proxy.fault(completions, Answer(Canned::status(500)));
        let failed = |ran: Ran| {
            assert!(ran.stderr.contains("complete") || ran.stdout.contains("/complete"));
            ran.json(4)
        };
        assert_eq!(failed(pocket.plan(&[]))["total_upload"], 1);
        let report = failed(pocket.run(&[]));
        assert_eq!(results(&report), ["uploaded"]);
        assert_eq!(report["counts"]["uploaded"], 1);
        let error = report["completion"]["error"].as_str().unwrap();
        assert!(error.contains("500"), "{error}");
        proxy.heal();
        assert_settled(&world, &pocket, &progress(1)).await;
    }
}

#[tokio::test]
async fn a_plan_that_cannot_be_made_leaves_no_session_open() {
    for world in those_that_negotiate().await {
        let proxy = world.proxy();
        let pocket = world.device_behind(&proxy, "Pocket").await;
        // Of a file that is not there the server says nothing, so its saves are asked for.
        pocket.lists_zelda();
        for ran in [Device::run, Device::plan] {
            proxy.fault(
                Rule::on("GET", "/api/saves?").always(),
                Answer(Canned::status(500)),
            );
            let ran = ran(&pocket, &[]);
            proxy.heal();
            assert_eq!(ran.code, Some(4), "{}", ran.stderr);
            assert!(ran.stderr.contains("GET /api/saves"), "{}", ran.stderr);
            assert_ended(&world, 0, 0).await;
        }
    }
}

#[tokio::test]
async fn what_the_server_refuses_to_plan_is_told() {
    let world = World::keepsave().await;
    let proxy = world.proxy();
    let pocket = in_sync(&world, &proxy).await;
    let faults: [(Fault, i32, &str); 5] = [
        (Answer(Canned::status(500)), 4, "made up: 500"),
        (Answer(Canned::status(401)), 3, "keepsave login"),
        (Answer(Canned::status(403)), 3, "keepsave login"),
        (Answer(Canned::too_many("0")), 4, "fewer requests"),
        (CutBeforeAnswer, 4, "connection"),
    ];
    for (fault, code, said) in faults {
        proxy.fault(
            Rule::on("POST", "/api/sync/negotiate").always(),
            fault.clone(),
        );
        let ran = pocket.run(&[]);
        proxy.heal();
        assert_eq!(ran.code, Some(code), "{fault:?}: {}", ran.stderr);
        assert!(ran.stderr.contains(said), "{fault:?}: {}", ran.stderr);
        assert!(
            ran.stderr.contains("POST /api/sync/negotiate"),
            "{}",
            ran.stderr
        );
        assert_eq!(ran.stdout, "");
        assert_settled(&world, &pocket, &progress(0)).await;
    }
}
