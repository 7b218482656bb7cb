//! What is uploaded on a game's pages, and its other tabs, as a browser without a script sees them:
//! states, screenshots, playtime, notes.

use keepsave_testkit::browser::Browser;
use serde_json::json;

use crate::game_pages::{browser, done, notice};
use crate::story::Story;
use crate::web::words;

const PICTURE: &[u8] = b"\x89PNG a picture";

#[tokio::test]
async fn a_save_is_uploaded_with_its_picture_without_a_script() {
    let story = Story::begin().await;
    let mut browser = browser(&story).await;
    let path = format!("/games/{}/saves", story.rom);
    let save: (&str, &str, &[u8]) = ("saveFile", "<img src=x>.srm", b"first");
    let files = [save, ("screenshotFile", "shot.png", PICTURE)];
    let fields = [("slot", "autosave"), ("emulator", "mGBA")];
    let answer = browser.send_files(&path, &fields, &files).await;
    let page = browser.get(&Browser::goes_to(&answer)).await;
    assert!(
        notice(&page).contains("is the current save of autosave."),
        "{}",
        notice(&page)
    );
    assert!(!page.text().contains("<img src=x>"), "{}", page.text());
    let shot = story.view(1).picture.unwrap();
    let shown = browser
        .get(&format!("/api/screenshots/{shot}/content"))
        .await;
    assert_eq!(shown.bytes, PICTURE);
    assert!(
        page.text()
            .contains(&format!("/api/screenshots/{shot}/content"))
    );

    story.server.clock.advance_millis(1000);
    let answer = browser.send_files(&path, &fields, &[save]).await;
    let page = browser.get(&Browser::goes_to(&answer)).await;
    assert_eq!(
        notice(&page),
        "autosave has this save already; nothing was changed."
    );

    // What is wrong is said on the page, and nothing is stored.
    for (fields, files, expected) in [
        (
            &fields[..],
            vec![("saveFile", "", &b""[..])],
            "Choose a file first.",
        ),
        (
            &fields[..],
            vec![("saveFile", "blank.srm", &[0; 9][..])],
            "blank.srm looks blank",
        ),
        (&[("slot", "a\u{1}b")][..], vec![save], "control characters"),
    ] {
        let answer = browser.send_files(&path, fields, &files).await;
        let page = browser.get(&Browser::goes_to(&answer)).await;
        assert!(
            notice(&page).contains(expected),
            "{expected}: {}",
            notice(&page)
        );
        assert_eq!(story.head().await, "first");
    }
    assert_eq!(story.conflicts(), 1, "the blank one is kept beside");
}

#[tokio::test]
async fn what_is_too_large_is_refused_in_words() {
    let server = keepsave_testkit::server::TestServer::with_settings(|it| {
        it.max_upload_bytes = 1000;
    });
    let server = server.await;
    let rom = crate::game::add(&server, "gba", "Game.gba").await;
    let mut browser = Browser::signed_in(&server, "admin", "RefAdmin123").await;
    let large = vec![7; 2000];
    let files: [(&str, &str, &[u8]); 1] = [("saveFile", "g.srm", &large)];
    let answer = browser
        .send_files(&format!("/games/{rom}/saves"), &[], &files)
        .await;
    assert_eq!(answer.status, 413);
    assert!(
        words(&answer).contains("larger than the server takes"),
        "{}",
        words(&answer)
    );
}

#[tokio::test]
async fn states_say_what_made_them_and_where_they_load() {
    let story = Story::begin().await;
    story
        .post_of(&story.deck, "g.srm", b"one", "&emulator=mgba", 200)
        .await;
    let mut browser = browser(&story).await;
    let path = format!("/games/{}/states", story.rom);
    assert!(words(&browser.get(&path).await).contains("No states yet."));
    for name in [
        "Game [mgba 0.10.3] [abababababab].state.auto",
        "plain.state",
    ] {
        let files: [(&str, &str, &[u8]); 1] = [("stateFile", name, b"state")];
        let answer = browser.send_files(&path, &[], &files).await;
        let page = browser.get(&Browser::goes_to(&answer)).await;
        assert!(notice(&page).contains("is stored."));
    }
    let said = words(&browser.get(&path).await);
    for expected in [
        "Made with mgba 0.10.3",
        "Loads on: Deck",
        "Made when the game was closed",
        "Nothing says what made it",
        "No device here is known to load it",
    ] {
        assert!(said.contains(expected), "{expected}: {said}");
    }
    let (said, _) = done(&mut browser, &format!("{path}/2/public"), &[]).await;
    assert_eq!(said, "Everyone here can see plain.state now.");
    let (said, page) = done(&mut browser, &format!("{path}/2/delete"), &[]).await;
    assert_eq!(said, "plain.state is deleted.");
    assert!(words(&page).contains("Deleted states"));
    let (said, _) = done(&mut browser, &format!("{path}/2/bring-back"), &[]).await;
    assert_eq!(said, "plain.state is back.");
    let mut bob = Browser::signed_in(&story.server, "bob", "RefBob12345").await;
    assert_eq!(
        bob.submit(&format!("{path}/2/delete"), &[]).await.status,
        404
    );
}

#[tokio::test]
async fn screenshots_are_shown_uploaded_deleted_and_brought_back() {
    let story = Story::begin().await;
    let mut browser = browser(&story).await;
    let path = format!("/games/{}/screenshots", story.rom);
    let files: [(&str, &str, &[u8]); 1] = [("pictureFile", "shot.png", PICTURE)];
    let answer = browser.send_files(&path, &[], &files).await;
    let page = browser.get(&Browser::goes_to(&answer)).await;
    assert_eq!(notice(&page), "shot.png is in the gallery.");
    assert!(page.text().contains("/api/screenshots/1/content"));
    let files: [(&str, &str, &[u8]); 1] = [("pictureFile", "shot.exe", PICTURE)];
    let answer = browser.send_files(&path, &[], &files).await;
    let page = browser.get(&Browser::goes_to(&answer)).await;
    assert!(notice(&page).contains("That is no picture."));
    let (said, page) = done(&mut browser, &format!("{path}/1/delete"), &[]).await;
    assert_eq!(said, "shot.png is deleted.");
    assert!(words(&page).contains("Deleted screenshots"));
    let (said, _) = done(&mut browser, &format!("{path}/1/bring-back"), &[]).await;
    assert_eq!(said, "shot.png is back.");
    done(&mut browser, &format!("{path}/1/public"), &[]).await;
    done(&mut browser, &format!("{path}/1/private"), &[]).await;
}

#[tokio::test]
async fn play_time_is_told_device_by_device() {
    let story = Story::begin().await;
    let path = format!("/games/{}/playtime", story.rom);
    let mut browser = browser(&story).await;
    assert!(words(&browser.get(&path).await).contains("No play time yet."));
    for (device, start, minutes) in [(&story.deck, "05", 47), (&story.phone, "06", 5)] {
        let body = json!({ "device_id": device, "sessions": [{
            "rom_id": story.rom, "save_slot": "autosave",
            "start_time": format!("2026-11-20T{start}:00:00Z"),
            "end_time": format!("2026-11-20T{start}:{minutes:02}:00Z"),
            "duration_ms": minutes * 60_000,
        }]});
        let asking = story.server.admin();
        asking.post("/api/play-sessions", body).await.expect(201);
    }
    let said = words(&browser.get(&path).await);
    for expected in [
        "Deck",
        "47 min",
        "Phone",
        "5 min",
        "In all",
        "52 min",
        "2 sessions",
    ] {
        assert!(said.contains(expected), "{expected}: {said}");
    }
}

#[tokio::test]
async fn notes_are_written_changed_and_removed() {
    let story = Story::begin().await;
    let mut browser = browser(&story).await;
    let path = format!("/games/{}/notes", story.rom);
    let text = "</textarea><script>alert(1)</script>";
    let fields = [("title", "Plan <b>"), ("content", text), ("public", "yes")];
    let (_, page) = done(&mut browser, &path, &fields).await;
    assert!(!page.text().contains("<script>alert") && page.text().contains("&#60;script&#62;"));
    let (said, _) = done(&mut browser, &path, &fields).await;
    assert!(said.contains("already"), "{said}");
    let (said, _) = done(&mut browser, &path, &[("content", "x")]).await;
    assert!(said.contains("needs a title"), "{said}");
    let changed = [("title", "Plan"), ("content", "new")];
    let (said, page) = done(&mut browser, &format!("{path}/1"), &changed).await;
    assert_eq!(said, "Plan is saved.");
    assert!(page.text().contains(">new</textarea>"));
    // What the script sends after a while carries no notice.
    let quiet = [("title", "Plan"), ("content", "newer"), ("quiet", "yes")];
    let (said, page) = done(&mut browser, &format!("{path}/1"), &quiet).await;
    assert_eq!(said, "");
    assert!(page.text().contains(">newer</textarea>"));
    let mut bob = Browser::signed_in(&story.server, "bob", "RefBob12345").await;
    assert!(!words(&bob.get(&path).await).contains("new"));
    assert_eq!(bob.submit(&format!("{path}/1"), &changed).await.status, 404);
    assert_eq!(
        bob.submit(&format!("{path}/1/delete"), &[]).await.status,
        404
    );
    let (said, page) = done(&mut browser, &format!("{path}/1/delete"), &[]).await;
    assert_eq!(said, "Plan is deleted.");
    assert!(page.text().contains("name=\"content\" value=\"newer\""));
}

#[tokio::test]
async fn companions_stand_beside_their_save_and_what_has_no_slot_by_itself() {
    let story = Story::begin().await;
    story.post(&story.deck, "g.srm", b"save", 200).await;
    story.post(&story.deck, "g.rtc", b"hour", 200).await;
    let path = format!("/api/saves?rom_id={}", story.rom);
    let asking = story.server.admin();
    let files: [(&str, &str, &[u8]); 1] = [("saveFile", "old.srm", b"old")];
    asking.upload(&path, &files).await.expect(200);
    let mut browser = browser(&story).await;
    let said = words(&browser.get(&format!("/games/{}", story.rom)).await);
    for expected in [
        "autosave",
        "Beside it: g.rtc",
        "No slot",
        "Sent by apps that name no slot.",
        "Beside it: old.srm",
    ] {
        assert!(said.contains(expected), "{expected}: {said}");
    }
}

#[tokio::test]
async fn a_version_says_how_long_it_was_played() {
    let story = Story::begin().await;
    story.post(&story.deck, "g.srm", b"1", 200).await;
    let (begun, ended) = (story.server.app.now(), 47 * 60);
    let body = json!({ "device_id": story.deck, "sessions": [{
        "rom_id": story.rom, "save_slot": "autosave", "start_time": begun.plus_seconds(30).to_string(),
        "end_time": begun.plus_seconds(30 + ended).to_string(), "duration_ms": ended * 1000,
    }]});
    story.server.clock.advance_millis((30 + ended) * 1000);
    let asking = story.server.admin();
    asking.post("/api/play-sessions", body).await.expect(201);
    story.post(&story.deck, "g.srm", b"2", 200).await;
    assert_eq!(story.view(2).played_ms, Some(ended * 1000));
    assert_eq!(story.view(1).played_ms, None);
    let mut browser = browser(&story).await;
    let page = browser.get(&format!("/games/{}", story.rom)).await;
    assert!(words(&page).contains("47 min played"), "{}", words(&page));
}

#[tokio::test]
async fn the_pages_speak_german_too() {
    let story = Story::parted().await;
    let mut browser = browser(&story).await;
    browser.set_cookie("keepsave_language", "de");
    let said = words(&browser.get(&format!("/games/{}", story.rom)).await);
    for expected in [
        "Deck und Phone gehen getrennte Wege",
        "Aktueller Spielstand",
        "Aktuell machen",
    ] {
        assert!(said.contains(expected), "{expected}: {said}");
    }
    let said = words(&browser.get(&format!("/conflicts/{}", story.slot())).await);
    assert!(
        said.contains("Mit welchem Spielstand von Game willst du weiterspielen?"),
        "{said}"
    );
}
