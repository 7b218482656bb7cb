//! On a server that knows no play sessions.

use super::*;

#[tokio::test]
async fn before_there_were_play_sessions_a_note_says_it() {
    let romm = Side::new(Release::V4_8_1);
    let deck = Player::registered(romm.server()).await;
    deck.play(1, 0, 1_800);
    deck.play(1, 5_000, 60);
    assert_eq!(deck.tell().await, told(2, 0));
    let note = romm.note(1);
    assert_eq!(
        (&note["seconds"], &note["device"]),
        (&1_860.into(), &"deck".into())
    );
    assert_eq!(
        (
            deck.waiting(),
            deck.state().playtime(RomId(1)).unwrap().note
        ),
        (0, Some(NoteId(1)))
    );
    let tags = romm.romm.log().into_iter().filter_map(|seen| seen.body);
    let mut bodies = tags.filter_map(|body| serde_json::from_slice::<Value>(&body).ok());
    assert!(
        bodies.all(|body| body.get("tags").is_none()),
        "tags break the list of notes"
    );
    assert!(romm.romm.last_played(romm.ada, 1).is_some());

    let living_room = Player::registered(romm.server()).await;
    living_room.play(1, 9_000, 140);
    living_room.tell().await;
    assert_eq!(romm.note(1)["seconds"], 2_000);
    assert_eq!(deck.total(1).await, 2_000);
    assert_eq!(deck.total(2).await, 0);
    deck.play(1, 20_000, 1);
    deck.tell().await;
    assert_eq!(romm.note(1)["seconds"], 2_001, "what the other added stays");
}

#[tokio::test]
async fn the_plugins_note_goes_on() {
    let romm = Side::new(Release::V4_8_1);
    let plugins =
        r#"{"seconds": 7200, "updated": "2026-01-01T00:00:00Z", "device": "steamdeck", "more": 1}"#;
    romm.romm.write_note((romm.ada, 1), TITLE, plugins);
    let deck = Player::registered(romm.server()).await;
    deck.play(1, 0, 100);
    assert_eq!(deck.tell().await, told(1, 0));
    let note = romm.note(1);
    assert_eq!(
        (&note["seconds"], &note["more"]),
        (&7_300.into(), &1.into())
    );
}

#[tokio::test]
async fn a_note_that_a_person_wrote_is_left_as_it_is() {
    for text in ["it was fun", "{}", r#"{"seconds": "many"}"#, "[1]"] {
        let romm = Side::new(Release::V4_8_1);
        romm.romm.write_note((romm.ada, 1), TITLE, text);
        let deck = Player::registered(romm.server()).await;
        deck.play(1, 0, 100);
        let result = deck.tell().await;
        assert!(result.said[0].contains("written by a person"), "{result:?}");
        assert_eq!(romm.romm.notes(1), [(TITLE.to_owned(), text.to_owned())]);
        assert_eq!((deck.waiting(), deck.total(1).await), (1, 100));
    }
}

#[tokio::test]
async fn anothers_note_is_not_ours() {
    let romm = Side::new(Release::V4_8_1);
    let bob = romm.romm.user("bob", "sesame");
    romm.romm.write_note((bob, 1), TITLE, r#"{"seconds": 5}"#);
    let deck = Player::registered(romm.server()).await;
    deck.play(1, 0, 100);
    assert_eq!(deck.tell().await, told(1, 0));
    assert_eq!(romm.romm.notes(1)[0].1, r#"{"seconds": 5}"#);
    assert_eq!(romm.romm.notes(1).len(), 2);
}

/// The answer to the first note, and to a change of it, is lost after the server did it.
#[tokio::test]
async fn a_note_whose_answer_was_lost_counts_nothing_twice() {
    let romm = Side::new(Release::V4_8_1);
    let proxy = Proxy::before(romm.romm.address());
    let deck = Player::registered(romm.server_at(&proxy.url())).await;
    for (method, path, total) in [
        ("POST", "/api/roms/1/notes", 100),
        ("PUT", "/api/roms/1/notes/1", 200),
    ] {
        deck.play(1, total * 100, 100);
        proxy.fault(Rule::on(method, path).always(), Fault::CutBeforeAnswer);
        deck.playtimes.tell().await.unwrap_err();
        assert_eq!(
            (deck.waiting(), &romm.note(1)["seconds"]),
            (1, &total.into())
        );
        proxy.heal();
        assert_eq!(deck.tell().await, told(0, 1));
        assert_eq!(
            (deck.waiting(), &romm.note(1)["seconds"]),
            (0, &total.into())
        );
    }
    // What was played after an attempt that was lost is not lost with it.
    deck.play(1, 50_000, 100);
    let lost = Rule::on("PUT", "/api/roms/1/notes/1").always();
    proxy.fault(lost, Fault::CutBeforeAnswer);
    deck.playtimes.tell().await.unwrap_err();
    deck.play(1, 60_000, 7);
    proxy.heal();
    assert_eq!(deck.tell().await, told(1, 1));
    assert_eq!(romm.note(1)["seconds"], 307);
}

#[tokio::test]
async fn a_game_that_is_gone_is_given_up_and_the_others_are_noted() {
    let romm = Side::new(Release::V4_8_1);
    let deck = Player::registered(romm.server()).await;
    deck.play(99, 0, 100);
    deck.play(2, 500, 100);
    let result = deck.tell().await;
    assert_eq!(
        (result.new, result.refused.len(), deck.waiting()),
        (1, 1, 0)
    );
    assert_eq!(romm.note(2)["seconds"], 100);
}

#[tokio::test]
async fn a_game_played_long_ago_was_not_played_now() {
    let romm = Side::new(Release::V4_8_1);
    let deck = Player::registered(romm.server()).await;
    deck.play(1, 0, 100);
    deck.clock.0.store(START + 90_000, Ordering::Relaxed);
    deck.tell().await;
    assert_eq!(romm.romm.last_played(romm.ada, 1), None);
}

#[tokio::test]
async fn without_a_server_it_waits() {
    let romm = Side::new(Release::V5_1);
    let proxy = Proxy::before(romm.romm.address());
    let deck = Player::registered(romm.server_at(&proxy.url())).await;
    proxy.fault(Rule::on("POST", "/api").always(), Fault::CutBeforeRequest);
    record::begin(deck.state(), RomId(1), at(0)).unwrap();
    record::suspend(deck.state(), RomId(1), at(10).wall).unwrap();
    record::resume(deck.state(), RomId(1), at(40).wall).unwrap();
    record::end(deck.state(), RomId(1), None, at(100)).unwrap();
    deck.playtimes.tell().await.unwrap_err();
    assert_eq!(deck.waiting(), 1);
    assert_eq!(total::known(deck.state(), RomId(1)).unwrap(), 70);
    proxy.heal();
    assert_eq!(deck.tell().await, told(1, 0));
    assert_eq!(romm.romm.play_sessions()[0].duration_ms, 70_000);
}
