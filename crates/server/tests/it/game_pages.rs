//! The pages of a game as a browser without a script sees them: every form does what its button
//! says, leads back, can be taken back, and is refused from elsewhere.

use std::time::Instant;

use keepsave_testkit::browser::Browser;
use keepsave_testkit::server::Answer;

use crate::story::Story;
use crate::web::words;

pub async fn browser(story: &Story) -> Browser<'_> {
    Browser::signed_in(&story.server, "admin", "RefAdmin123").await
}

/// The form that the notice of a page offers to take back what was done.
fn way_back(page: &Answer) -> Option<(String, String)> {
    let html = page.text();
    let (_, notice) = html.split_once("data-toast>")?;
    let (_, form) = notice.split_once("<form method=\"post\" action=\"")?;
    let (action, rest) = form.split_once('"')?;
    let (_, undo) = rest.split_once("name=\"undo\" value=\"")?;
    Some((action.to_owned(), undo.split_once('"')?.0.to_owned()))
}

/// What the notice of a page says.
pub fn notice(page: &Answer) -> String {
    let html = page.text();
    let (_, rest) = html.split_once("data-toast>").unwrap_or_default();
    let (_, rest) = rest.split_once("<p>").unwrap_or_default();
    rest.split_once("</p>").unwrap_or_default().0.to_owned()
}

/// Sends a form, looks where it leads, and reads what was done.
pub async fn done(
    browser: &mut Browser<'_>,
    path: &str,
    fields: &[(&str, &str)],
) -> (String, Answer) {
    let answer = browser.submit(path, fields).await;
    let place = Browser::goes_to(&answer);
    let page = browser.get(place.split('#').next().unwrap()).await;
    assert_eq!(page.status, 200, "{}", page.text());
    (notice(&page), page)
}

async fn take_back(browser: &mut Browser<'_>, page: &Answer) -> String {
    let (action, undo) = way_back(page).unwrap();
    done(browser, &action, &[("undo", &undo)]).await.0
}

/// The part of a page with that id, without what differs from build to build.
fn part(page: &Answer, id: &str) -> String {
    let html = page.text();
    let at = html.find(&format!("id=\"{id}\"")).unwrap();
    let html = &html[html[..at].rfind('<').unwrap()..];
    let icons = keepsave_server::web::assets::ICONS.path();
    let html = html.split("\n</div>\n").next().unwrap();
    html.replace(&icons, "/assets/icons.svg")
}

#[tokio::test]
async fn a_game_shows_its_saves_its_lines_and_its_devices() {
    let story = Story::parted().await;
    let mut browser = browser(&story).await;
    let page = browser.get(&format!("/games/{}", story.rom)).await;
    assert_eq!(page.status, 200);
    let said = words(&page);
    for expected in [
        "Deck and Phone grew apart\nin autosave. Both saves are kept.",
        "Compare and choose",
        "Upload a save",
        "Download all, 12 bytes",
        "3 versions",
        "2 lines",
        "Current save",
        "Branch",
        "came too late to replace a newer save",
        "both lines grew from here",
        "Deck\nis here",
        "Phone\nis here",
        "Keep this one",
        "Keep both",
        "Make current",
    ] {
        assert!(said.contains(expected), "{expected}: {said}");
    }
    let html = page.text();
    assert!(html.contains("On 1 of 2 devices."), "{html}");
    assert!(html.contains("Needs you") && html.contains("In sync"));
}

#[tokio::test]
async fn nobody_sees_anything_without_signing_in_and_no_one_sees_anothers() {
    let story = Story::parted().await;
    let (rom, version, slot) = (story.rom, story.version(3), story.slot());
    let mut stranger = Browser::new(&story.server);
    for path in [
        format!("/games/{rom}"),
        format!("/games/{rom}/states"),
        format!("/games/{rom}/versions/{version}"),
        format!("/games/{rom}/slots/{slot}"),
        "/conflicts".to_owned(),
        format!("/conflicts/{slot}"),
        format!("/games/{rom}/saves.zip"),
    ] {
        let away = Browser::goes_to(&stranger.get(&path).await);
        assert!(away.starts_with("/login?next="), "{path}: {away}");
    }
    let mut bob = Browser::signed_in(&story.server, "bob", "RefBob12345").await;
    for path in [
        format!("/games/{rom}/versions/{version}"),
        format!("/games/{rom}/slots/{slot}"),
        format!("/games/{rom}/slots/{slot}/saves.zip"),
        format!(
            "/games/{rom}?timeline={}&before=9",
            story.timeline().timeline.id
        ),
        format!("/conflicts/{slot}"),
        "/games/999".to_owned(),
        "/games/x".to_owned(),
        "/conflicts/x".to_owned(),
    ] {
        assert_eq!(bob.get(&path).await.status, 404, "{path}");
    }
    for act in [
        "current",
        "keep-both",
        "label",
        "pin",
        "public",
        "copy",
        "move",
        "delete",
    ] {
        let path = format!("/games/{rom}/versions/{version}/{act}");
        assert_eq!(
            bob.submit(&path, &[("slot", "x")]).await.status,
            404,
            "{act}"
        );
    }
    for act in ["rename", "copy", "delete", "sync"] {
        let path = format!("/games/{rom}/slots/{slot}/{act}");
        assert_eq!(
            bob.submit(&path, &[("slot", "x")]).await.status,
            404,
            "{act}"
        );
    }
    let keep = [("keep", version.to_string())].map(|(name, value)| (name, value.leak() as &str));
    let path = format!("/conflicts/{slot}");
    assert_eq!(bob.submit(&path, &keep).await.status, 404);
    // Bob's own page of the game has nothing of the admin's.
    let own = bob.get(&format!("/games/{rom}")).await;
    assert!(words(&own).contains("No saves yet. Connect a device and play."));
    assert_eq!(story.head().await, "two!");
    assert_eq!(story.conflicts(), 1);
}

#[tokio::test]
async fn a_form_that_came_from_elsewhere_changes_nothing() {
    let story = Story::parted().await;
    let (rom, version, slot) = (story.rom, story.version(1), story.slot());
    let mut browser = browser(&story).await;
    for (path, fields) in [
        (format!("/games/{rom}/versions/{version}/current"), vec![]),
        (format!("/games/{rom}/versions/{version}/delete"), vec![]),
        (format!("/games/{rom}/slots/{slot}/delete"), vec![]),
        (format!("/games/{rom}/undo"), vec![("undo", "reopen:1")]),
        (format!("/conflicts/{slot}"), vec![("keep", "all")]),
        (format!("/games/{rom}/notes"), vec![("title", "x")]),
    ] {
        let refused = browser.submit_as_is(&path, &fields).await;
        assert_eq!(refused.status, 403, "{path}");
        let forged = [&fields[..], &[("csrf_token", "x")]].concat();
        assert_eq!(
            browser.submit_as_is(&path, &forged).await.status,
            403,
            "{path}"
        );
    }
    let path = format!("/games/{rom}/saves");
    let files: [(&str, &str, &[u8]); 1] = [("saveFile", "g.srm", b"forged")];
    let fields = [("slot", "autosave")];
    let refused = browser.send_files_as_is(&path, &fields, &files).await;
    assert_eq!(refused.status, 403);
    assert_eq!(
        (story.head().await, story.conflicts()),
        ("two!".to_owned(), 1)
    );
}

#[tokio::test]
async fn an_older_version_is_made_current_and_that_is_taken_back() {
    let story = Story::parted().await;
    let (rom, first) = (story.rom, story.version(1));
    let mut browser = browser(&story).await;
    let path = format!("/games/{rom}/versions/{first}/current");
    let answer = browser.submit(&path, &[]).await;
    let newest = story.version(4);
    assert_eq!(Browser::goes_to(&answer), format!("/games/{rom}#v{newest}"));
    let page = browser.get(&format!("/games/{rom}")).await;
    assert_eq!(notice(&page), "Version 1 is current on every device now.");
    assert!(words(&page).contains("brought back from version 1"));
    assert_eq!(story.head().await, "one.");
    assert_eq!(take_back(&mut browser, &page).await, "Taken back.");
    assert_eq!(story.head().await, "two!");
    // A notice is said once.
    assert_eq!(notice(&browser.get(&format!("/games/{rom}")).await), "");
}

#[tokio::test]
async fn versions_are_named_pinned_and_shown_to_others() {
    let story = Story::parted().await;
    let (rom, version) = (story.rom, story.version(1));
    let mut browser = browser(&story).await;
    let path = format!("/games/{rom}/versions/{version}");
    let name = "before <b>the</b> \"boss\"";
    let (said, page) = done(&mut browser, &format!("{path}/label"), &[("name", name)]).await;
    let escaped = "before &lt;b&gt;the&lt;/b&gt; &quot;boss&quot;";
    assert!(
        said.contains("is called before") && !said.contains("<b>the"),
        "{said}"
    );
    assert!(page.text().contains(escaped) && !page.text().contains("<b>the"));
    let (said, page) = done(&mut browser, &format!("{path}/pin"), &[]).await;
    assert_eq!(said, "Version 1 is pinned: it is never thinned out.");
    assert!(words(&page).contains("Pinned:\nbefore"));
    done(&mut browser, &format!("{path}/unpin"), &[]).await;
    assert!(!story.view(1).record.pinned);
    let (said, _) = done(&mut browser, &format!("{path}/label"), &[]).await;
    assert_eq!(said, "Version 1 has no name.");

    let (said, _) = done(&mut browser, &format!("{path}/public"), &[]).await;
    assert_eq!(said, "Everyone here can see version 1 now.");
    assert!(story.view(1).row.unwrap().is_public);
    done(&mut browser, &format!("{path}/private"), &[]).await;
    assert!(!story.view(1).row.unwrap().is_public);
    let unknown = browser.submit(&format!("{path}/purge"), &[]).await;
    assert_eq!(unknown.status, 404);
}

#[tokio::test]
async fn a_version_is_deleted_stays_to_be_seen_and_is_brought_back() {
    let story = Story::parted().await;
    let (rom, version) = (story.rom, story.version(2));
    let mut browser = browser(&story).await;
    let path = format!("/games/{rom}/versions/{version}");
    let (said, page) = done(&mut browser, &format!("{path}/delete"), &[]).await;
    assert_eq!(said, "1 version is deleted.");
    assert!(words(&page).contains("Deleted by you. It stays until you bring it back."));
    assert!(page.text().contains("<s>") && words(&page).contains("Bring back"));
    assert_eq!(story.head().await, "one.");
    assert_eq!(take_back(&mut browser, &page).await, "Taken back.");
    assert_eq!(story.head().await, "two!");
    done(&mut browser, &format!("{path}/delete"), &[]).await;
    let (said, _) = done(&mut browser, &format!("{path}/bring-back"), &[]).await;
    assert_eq!(said, "Version 2 is back.");
    assert_eq!(story.head().await, "two!");
}

#[tokio::test]
async fn versions_go_to_other_slots_and_new_slots_begin_with_them() {
    let story = Story::parted().await;
    let (rom, version) = (story.rom, story.version(1));
    let mut browser = browser(&story).await;
    let path = format!("/games/{rom}/versions/{version}");
    let (said, page) = done(&mut browser, &format!("{path}/copy"), &[("slot", "spare")]).await;
    assert_eq!(said, "Version 1 is the current save of spare, too.");
    assert_eq!(story.slots().len(), 2);
    take_back(&mut browser, &page).await;
    assert!(!story.slots()[1].has_head());

    let (said, page) = done(&mut browser, &format!("{path}/move"), &[("slot", "spare")]).await;
    assert_eq!(said, "Version 1 moved to spare.");
    assert!(story.view(1).record.deleted_at.is_some());
    take_back(&mut browser, &page).await;
    assert!(story.view(1).record.deleted_at.is_none());

    let from = story.version(2).to_string();
    let begin = format!("/games/{rom}/slots");
    let fields = [("slot", "no-djinn run"), ("from", from.as_str())];
    let (said, _) = done(&mut browser, &begin, &fields).await;
    assert_eq!(said, "no-djinn run begins with version 2.");
    let (said, _) = done(&mut browser, &begin, &fields).await;
    assert!(said.contains("has saves already"), "{said}");
    let (said, _) = done(&mut browser, &begin, &[("from", from.as_str())]).await;
    assert!(said.contains("at least one"), "{said}");
}

#[tokio::test]
async fn slots_are_renamed_copied_and_deleted() {
    let story = Story::parted().await;
    let (rom, slot) = (story.rom, story.slot());
    let mut browser = browser(&story).await;
    let path = format!("/games/{rom}/slots/{slot}");
    let page = browser.get(&path).await;
    let said = words(&page);
    for expected in [
        "Slot autosave of Game",
        "Phone",
        "Needs you",
        "Delete 2 saves",
    ] {
        assert!(said.contains(expected), "{expected}: {said}");
    }
    let (said, _) = done(&mut browser, &format!("{path}/copy"), &[("slot", "spare")]).await;
    assert_eq!(said, "spare is a copy of autosave.");
    let (said, _) = done(
        &mut browser,
        &format!("{path}/rename"),
        &[("slot", "spare")],
    )
    .await;
    assert!(said.contains("The slot spare has saves already."), "{said}");
    let (said, _) = done(
        &mut browser,
        &format!("{path}/rename"),
        &[("slot", "<i>first")],
    )
    .await;
    assert_eq!(said, "The slot is called &#60;i&#62;first now.");
    assert_eq!(story.slots()[0].name.as_deref(), Some("<i>first"));
    let (said, page) = done(&mut browser, &format!("{path}/delete"), &[]).await;
    assert!(said.starts_with("The saves of"), "{said}");
    assert!(
        words(&page).contains("All saves of this slot are deleted.")
            || !story.slots()[0].has_head()
    );
    take_back(&mut browser, &page).await;
    assert!(story.slots()[0].has_head());
}

#[tokio::test]
async fn a_device_leaves_a_slot_and_comes_back() {
    let story = Story::parted().await;
    let path = format!("/games/{}/slots/{}/sync", story.rom, story.slot());
    let mut browser = browser(&story).await;
    let off = [("device", story.deck.as_str()), ("sync", "off")];
    let (said, page) = done(&mut browser, &path, &off).await;
    assert_eq!(said, "Sync of autosave is off on Deck.");
    assert!(words(&page).contains("You turned sync off for this slot on this device."));
    let on = [("device", story.deck.as_str()), ("sync", "on")];
    let (said, _) = done(&mut browser, &path, &on).await;
    assert_eq!(said, "Sync of autosave is on again on Deck.");
    let unknown = [("device", "nobody's"), ("sync", "off")];
    assert_eq!(browser.submit(&path, &unknown).await.status, 404);
}

#[tokio::test]
async fn all_versions_come_in_one_zip() {
    let story = Story::parted().await;
    let mut browser = browser(&story).await;
    let zip = browser
        .get(&format!("/games/{}/saves.zip", story.rom))
        .await;
    assert_eq!(zip.status, 200);
    assert_eq!(zip.headers["content-type"], "application/zip");
    let names = String::from_utf8_lossy(&zip.bytes).into_owned();
    for number in 1..4 {
        assert!(
            names.contains(&format!("autosave/Version {number}, 2026-11-")),
            "{number}"
        );
    }
    assert!(names.contains(", Phone/g.srm") && names.contains("mine"));
    let path = format!("/games/{}/slots/{}/saves.zip", story.rom, story.slot());
    assert_eq!(browser.get(&path).await.status, 200);
}

#[tokio::test]
async fn three_branches_share_a_column() {
    let story = Story::parted().await;
    for name in ["Tablet", "Miyoo"] {
        let device = crate::game::device(&story.server, name).await;
        story.show(&device, b"one.").await;
        story.post(&device, "g.srm", name.as_bytes(), 409).await;
    }
    let mut browser = browser(&story).await;
    let page = browser.get(&format!("/games/{}", story.rom)).await;
    insta::assert_snapshot!(part(&page, "slots-shown"));
}

#[tokio::test]
async fn deleted_and_pinned_rows_and_a_slot_without_a_current_save() {
    let story = Story::begin().await;
    for content in [b"1", b"2", b"3"] {
        story.post(&story.deck, "g.srm", content, 200).await;
    }
    let mut browser = browser(&story).await;
    let path = |ordinal| format!("/games/{}/versions/{}", story.rom, story.version(ordinal));
    let name = [("name", "Before Mercury Lighthouse")];
    browser.submit(&format!("{}/label", path(1)), &name).await;
    browser.submit(&format!("{}/pin", path(1)), &[]).await;
    browser.submit(&format!("{}/delete", path(2)), &[]).await;
    browser.get("/games/1").await;
    let page = browser.get("/games/1").await;
    insta::assert_snapshot!(part(&page, "slots-shown"));
    browser.submit(&format!("{}/delete", path(3)), &[]).await;
    browser.submit(&format!("{}/delete", path(1)), &[]).await;
    let page = browser.get("/games/1").await;
    assert!(page.text().contains("No save yet."));
    assert!(!page.text().contains("pill head"));
}

#[tokio::test]
async fn no_save_yet_teaches_how_to_connect() {
    let story = Story::begin().await;
    let mut browser = browser(&story).await;
    let page = browser.get(&format!("/games/{}", story.rom)).await;
    let said = words(&page);
    assert!(said.contains("No saves yet. Connect a device and play."));
    assert!(said.contains("Connect a device"));
    assert!(page.text().contains("class=\"qr\""));
}

#[tokio::test]
async fn five_hundred_versions_are_a_light_and_quick_page() {
    let story = Story::begin().await;
    for number in 0_u32..500 {
        story
            .post(&story.deck, "g.srm", &number.to_le_bytes(), 200)
            .await;
    }
    let mut browser = browser(&story).await;
    let path = format!("/games/{}", story.rom);
    browser.get(&path).await;
    let before = Instant::now();
    let page = browser.get(&path).await;
    let took = before.elapsed();
    println!("500 versions: {} bytes, {took:?}", page.bytes.len());
    assert!(page.bytes.len() < 100_000, "{} bytes", page.bytes.len());
    assert!(words(&page).contains("Show 490 older versions"));
    let html = page.text();
    let (_, older) = html.split_once("class=\"older\"><a href=\"").unwrap();
    let older = older.split_once('"').unwrap().0.replace("&#38;", "&");
    let page = browser.get(older.split('#').next().unwrap()).await;
    println!("50 older ones: {} bytes", page.bytes.len());
    assert!(page.bytes.len() < 100_000, "{} bytes", page.bytes.len());
    assert_eq!(page.text().matches("<li class=\"version").count(), 50);
    assert!(words(&page).contains("Show 440 older versions"));
    assert!(words(&page).contains("Back to the newest"));
}
