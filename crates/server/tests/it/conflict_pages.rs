//! Conflicts as a browser without a script sees them: the list, the page, each choice and its way
//! back.

use keepsave_testkit::browser::Browser;

use crate::story::Story;
use crate::web::words;

async fn browser(story: &Story) -> Browser<'_> {
    Browser::signed_in(&story.server, "admin", "RefAdmin123").await
}

/// Chooses, and looks at the page that this leads to.
async fn choose(browser: &mut Browser<'_>, story: &Story, keep: &str) -> String {
    let path = format!("/conflicts/{}", story.slot());
    let answer = browser.submit(&path, &[("keep", keep)]).await;
    assert_eq!(Browser::goes_to(&answer), format!("/games/{}", story.rom));
    browser.get(&Browser::goes_to(&answer)).await.text()
}

async fn take_back(browser: &mut Browser<'_>, story: &Story, html: &str) {
    let (_, undo) = html.split_once("name=\"undo\" value=\"").unwrap();
    let undo = undo.split_once('"').unwrap().0;
    let path = format!("/games/{}/undo", story.rom);
    let answer = browser.submit(&path, &[("undo", undo)]).await;
    Browser::goes_to(&answer);
}

#[tokio::test]
async fn what_needs_a_person_is_listed_and_counted() {
    let story = Story::begin().await;
    let mut browser = browser(&story).await;
    let page = browser.get("/conflicts").await;
    assert!(words(&page).contains("Nothing needs you"));
    assert!(!page.text().contains("badge warn"));
    let story = Story::parted().await;
    let mut browser = self::browser(&story).await;
    let page = browser.get("/conflicts").await;
    assert!(page.text().contains("badge warn"));
    insta::assert_snapshot!(words(&page), @r"
    Conflicts
    Saves that grew apart. All of them are kept until you choose, and after.
    Game
    Deck and Phone, in autosave
    just now
    Compare and choose
    ");
}

#[tokio::test]
async fn both_sides_stand_next_to_each_other() {
    let story = Story::parted().await;
    let mut browser = browser(&story).await;
    let page = browser.get(&format!("/conflicts/{}", story.slot())).await;
    insta::assert_snapshot!(words(&page), @r"
    Game
    Conflict 1 of 1
    Which Game save do you want to play on?
    All of them stay in the history. You can change your mind at any time.
    Version 1, 2 minutes ago
    Deck
    1 minute ago
    · version 2
    Current save
    Played since
    not told
    Changed
    4 of 4 bytes
    File
    4 bytes
    Also on
    no other device
    Keep Deck's save
    Phone gets it at its next sync.
    Phone
    just now
    · version 3
    Branch
    Played since
    not told
    Changed
    4 of 4 bytes
    File
    4 bytes
    Also on
    no other device
    Keep Phone's save
    Deck gets it at its next sync.
    Not sure? Keep both
    The current save stays. Phone's save moves to its own slot, autosave (Phone)
    , and can be played from there.
    Keep both
    Or decide later
    : each device goes on with its own save, and nothing is overwritten.
    ");
}

#[tokio::test]
async fn the_branch_is_kept_and_that_is_taken_back() {
    let story = Story::parted().await;
    let mut browser = browser(&story).await;
    let branch = story.version(3).to_string();
    let html = choose(&mut browser, &story, &branch).await;
    assert!(
        html.contains("Phone&#39;s save is current.") || html.contains("Phone's save is current."),
        "{html}"
    );
    assert_eq!(
        (story.head().await, story.conflicts()),
        ("mine".to_owned(), 0)
    );
    take_back(&mut browser, &story, &html).await;
    assert_eq!(story.head().await, "two!");
}

#[tokio::test]
async fn the_current_save_is_kept_and_that_is_taken_back() {
    let story = Story::parted().await;
    let mut browser = browser(&story).await;
    let head = story.version(2).to_string();
    let html = choose(&mut browser, &story, &head).await;
    assert_eq!(
        (story.head().await, story.conflicts()),
        ("two!".to_owned(), 0)
    );
    // The page of a settled conflict leads to its game.
    let answer = browser.get(&format!("/conflicts/{}", story.slot())).await;
    assert_eq!(Browser::goes_to(&answer), format!("/games/{}", story.rom));
    take_back(&mut browser, &story, &html).await;
    assert_eq!(story.conflicts(), 1);
}

#[tokio::test]
async fn both_are_kept_and_that_is_taken_back() {
    let story = Story::parted().await;
    let mut browser = browser(&story).await;
    let html = choose(&mut browser, &story, "all").await;
    assert!(
        html.contains("Both are kept: autosave (Phone) has the other one."),
        "{html}"
    );
    assert_eq!(story.conflicts(), 0);
    take_back(&mut browser, &story, &html).await;
    assert_eq!(story.conflicts(), 1);
}

#[tokio::test]
async fn three_branches_stand_side_by_side_and_all_are_kept() {
    let story = Story::parted().await;
    for name in ["Tablet", "Miyoo"] {
        let device = crate::game::device(&story.server, name).await;
        story.show(&device, b"one.").await;
        story.post(&device, "g.srm", name.as_bytes(), 409).await;
    }
    let mut browser = browser(&story).await;
    let page = browser.get(&format!("/conflicts/{}", story.slot())).await;
    assert!(page.text().contains("versus many"));
    assert_eq!(page.text().matches("class=\"side\"").count(), 4);
    let html = choose(&mut browser, &story, "all").await;
    assert!(html.contains("All are kept, each in its own slot."));
    assert_eq!(story.slots().len(), 4);
}

#[tokio::test]
async fn a_save_that_has_not_come_yet_is_waited_for() {
    let story = Story::begin().await;
    story.post(&story.deck, "g.srm", b"one.", 200).await;
    story.show(&story.phone, b"unheard of").await;
    let mut browser = browser(&story).await;
    let page = browser.get(&format!("/conflicts/{}", story.slot())).await;
    insta::assert_snapshot!(words(&page), @r"
    Game
    Conflict 1 of 1
    Which Game save do you want to play on?
    All of them stay in the history. You can change your mind at any time.
    Deck
    just now
    · version 1
    Current save
    Played since
    not told
    Changed
    not compared
    File
    4 bytes
    Also on
    no other device
    Keep Deck's save
    Phone gets it at its next sync.
    Phone has another save
    Keepsave knows only its hash, since just now
    , and never saw it. It is still on Phone: sync there once more, or choose on the device. Nothing is overwritten until then.
    It comes back when Phone shows that save again.
    Put away
    Or decide later
    : each device goes on with its own save, and nothing is overwritten.
    ");
    let page = browser.get(&format!("/games/{}", story.rom)).await;
    assert!(words(&page).contains("Phone has a save that has not come yet"));
    choose(&mut browser, &story, "nothing").await;
    assert_eq!(story.conflicts(), 0);
}

#[tokio::test]
async fn what_is_no_choice_changes_nothing() {
    let story = Story::parted().await;
    let mut browser = browser(&story).await;
    let path = format!("/conflicts/{}", story.slot());
    let answer = browser.submit(&path, &[]).await;
    assert_eq!(Browser::goes_to(&answer), path);
    assert_eq!(browser.submit(&path, &[("keep", "x")]).await.status, 404);
    let answer = browser.submit(&path, &[("keep", "999")]).await;
    assert_eq!(Browser::goes_to(&answer), path);
    assert_eq!(story.conflicts(), 1);
}
