//! The pages across games and devices: home, library, devices, activity. What they say,
//! what they do, what they never show, and that what they cost does not grow with what is stored.

use keepsave_core::ids::{RomId, UserId};
use keepsave_server::overview::shelf::{self, Wanted};
use keepsave_server::vault::sql::steps;
use keepsave_testkit::browser::Browser;
use keepsave_testkit::server::TestServer;
use serde_json::json;

use crate::game;
use crate::story::md5;
use crate::web::{goes_to, words};

const ADMIN: UserId = UserId(1);

/// The admin, with two devices.
pub struct Story {
    pub server: TestServer,
    pub deck: String,
    pub miyoo: String,
}

impl Story {
    async fn begin() -> Self {
        let server = TestServer::start().await;
        let deck = game::device(&server, "Steam Deck").await;
        let miyoo = game::device(&server, "Miyoo").await;
        Self {
            server,
            deck,
            miyoo,
        }
    }

    /// One game that both devices have, a second that they parted over.
    pub async fn parted() -> (Self, RomId, RomId) {
        let story = Self::begin().await;
        let fusion = game::add(&story.server, "gba", "Metroid Fusion.gba").await;
        let sun = game::add(&story.server, "gba", "Golden Sun.gba").await;
        game::add(&story.server, "snes", "Chrono Trigger.sfc").await;
        for rom in [fusion, sun] {
            story.post(rom, &story.deck, b"one.", 200).await;
            story.negotiate(&story.miyoo, &[(rom, b"one.")]).await;
        }
        story.post(sun, &story.deck, b"two!", 200).await;
        story.post(sun, &story.miyoo, b"mine", 409).await;
        (story, fusion, sun)
    }

    async fn post(&self, rom: RomId, device: &str, bytes: &[u8], status: u16) {
        self.post_named(rom, device, "game.srm", bytes, status)
            .await;
    }

    pub async fn post_named(
        &self,
        rom: RomId,
        device: &str,
        name: &str,
        bytes: &[u8],
        status: u16,
    ) {
        self.server.clock.advance_millis(60_000);
        let path = format!("/api/saves?rom_id={rom}&slot=autosave&device_id={device}");
        let asking = self.server.admin();
        let answer = asking.upload(&path, &[("saveFile", name, bytes)]).await;
        answer.expect(status);
    }

    /// A device shows what it holds.
    async fn negotiate(&self, device: &str, saves: &[(RomId, &[u8])]) -> i64 {
        self.server.clock.advance_millis(60_000);
        let shown = saves.iter().map(|(rom, bytes)| {
            let hash = md5(bytes);
            json!({
                "rom_id": rom, "slot": "autosave", "file_name": "game.srm",
                "updated_at": "1970-01-01T00:00:00Z", "content_hash": hash,
                "file_size_bytes": bytes.len(),
            })
        });
        let body = json!({ "device_id": device, "saves": shown.collect::<Vec<_>>() });
        let asking = self.server.admin();
        let plan = asking.post("/api/sync/negotiate", body).await.expect(200);
        plan["session_id"].as_i64().unwrap()
    }

    async fn browser(&self) -> Browser<'_> {
        Browser::signed_in(&self.server, "admin", "RefAdmin123").await
    }

    pub async fn read(&self, path: &str) -> String {
        let answer = self.browser().await.get(path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        words(&answer)
    }
}

#[tokio::test]
async fn home_says_what_needs_the_person_and_what_happened_lately() {
    let (story, ..) = Story::parted().await;
    insta::assert_snapshot!(story.read("/").await, @r"
    Home
    1 save needs you.
    Two devices played on from it; all of it is kept.
    Compare and choose
    Lately
    gba
    GS
    Golden Sun
    Saved 1 minute ago
    on Steam Deck
    Needs you
    gba
    MF
    Metroid Fusion
    Saved 5 minutes ago
    on Steam Deck
    In sync
    All activity
    Devices
    Steam Deck
    In sync
    Miyoo
    Needs you
    All devices
    Storage
    16 bytes, of which old versions 4 bytes
    ");
    let shell = story.browser().await.get("/").await.text();
    assert!(shell.contains("1 needs you"), "{shell}");
    assert!(shell.contains("Search 3 games"), "{shell}");
}

#[tokio::test]
async fn the_library_shows_what_needs_the_person_first() {
    let (story, fusion, sun) = Story::parted().await;
    insta::assert_snapshot!(story.read("/library").await, @r"
    Platforms
    All platforms 3
    Game Boy Advance 2
    Super Nintendo Entertainment System 1
    Library
    2 of 3 games have saves
    Sort
    Needs you, then last played
    Title
    Size
    Added
    Sort
    Search
    gba
    GS
    Golden Sun
    Needs you
    gba
    MF
    Metroid Fusion
    In sync
    snes
    CT
    Chrono Trigger
    No save yet
    ");
    let html = story.browser().await.get("/library").await.text();
    let place = |rom: RomId| html.find(&format!("href=\"/games/{rom}\"")).unwrap();
    assert!(place(sun) < place(fusion));
    // What was played is before what was not, and by title the order is another.
    let by_title = story.read("/library?sort=title").await;
    let at = |name: &str| by_title.find(name).unwrap();
    assert!(at("Chrono Trigger") < at("Golden Sun") && at("Golden Sun") < at("Metroid Fusion"));
}

#[tokio::test]
async fn the_library_is_looked_through_by_platform_and_by_name() {
    let (story, ..) = Story::parted().await;
    let gba = story.server.admin().get("/api/platforms").await.expect(200);
    let gba = gba
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["slug"] == "gba");
    let gba = gba.unwrap()["id"].as_i64().unwrap();
    let page = story.read(&format!("/library?platform={gba}")).await;
    assert!(
        page.contains("Golden Sun") && !page.contains("Chrono Trigger"),
        "{page}"
    );
    let page = story.read("/library?q=chrono").await;
    assert!(
        page.contains("1 game for 'chrono'") && !page.contains("Golden Sun"),
        "{page}"
    );
    let page = story.read("/library?q=goldn+sun").await;
    assert!(page.contains("No game called 'goldn sun'."), "{page}");
    assert!(page.contains("Did you mean Golden Sun?"), "{page}");
    let odd = "/library?q=%3Cb%3E%22%27%26&sort=nonsense&page=99&platform=x";
    let html = story.browser().await.get(odd).await;
    assert_eq!(html.status, 200);
    assert!(!html.text().contains("<b>\""), "{}", html.text());
}

#[tokio::test]
async fn a_server_without_games_says_where_to_put_them() {
    let server = TestServer::start().await;
    let mut browser = Browser::signed_in(&server, "bob", "RefBob12345").await;
    let page = words(&browser.get("/library").await);
    assert!(page.contains("No games yet."), "{page}");
    let page = words(&browser.get("/devices").await);
    assert!(
        page.contains("No devices yet") && page.contains("Connect an app"),
        "{page}"
    );
    let page = words(&browser.get("/activity").await);
    assert!(page.contains("Nothing yet. When a device syncs"), "{page}");
    let page = words(&browser.get("/community").await);
    assert!(page.contains("Nobody shares anything yet"), "{page}");
}

#[tokio::test]
async fn a_page_of_the_library_has_every_game_once_and_stays_small() {
    let story = Story::begin().await;
    for number in 0..120 {
        game::add(&story.server, "gba", &format!("Game {number:03}.gba")).await;
    }
    let all = story
        .server
        .admin()
        .get("/api/roms/identifiers")
        .await
        .expect(200);
    let ids: Vec<i64> = all
        .as_array()
        .unwrap()
        .iter()
        .map(|id| id.as_i64().unwrap())
        .collect();
    // Some were played, and some of these parted.
    for id in ids.iter().take(60) {
        story.post(RomId(*id), &story.deck, b"one.", 200).await;
    }
    for id in ids.iter().take(50) {
        story.post(RomId(*id), &story.miyoo, b"mine", 409).await;
    }
    let mut browser = story.browser().await;
    let mut seen = Vec::new();
    for page in 1..=3 {
        let html = browser.get(&format!("/library?page={page}")).await.text();
        assert!(html.len() < 100_000, "{}", html.len());
        let links = html.split("class=\"tile\" href=\"/games/").skip(1);
        seen.extend(links.map(|rest| rest.split('"').next().unwrap().parse::<i64>().unwrap()));
    }
    assert_eq!(seen.len(), 120);
    let mut once = seen.clone();
    once.sort_unstable();
    once.dedup();
    assert_eq!(once.len(), 120);
    let needs: Vec<i64> = ids.iter().copied().take(50).collect();
    assert!(seen[..50].iter().all(|id| needs.contains(id)));
}

#[tokio::test]
async fn what_a_page_costs_does_not_grow_with_the_library() {
    let story = Story::begin().await;
    let mut costs = Vec::new();
    let mut ids = Vec::new();
    for size in [60, 240] {
        for number in ids.len()..size {
            let rom = game::add(&story.server, "gba", &format!("Game {number:03}.gba")).await;
            story.post(rom, &story.deck, b"one.", 200).await;
            ids.push(rom);
        }
        let before = steps();
        shelf::page(&story.server.app, ADMIN, &Wanted::default()).unwrap();
        costs.push(steps() - before);
    }
    // Counting games and looking for what is open touches each once, in a few steps; what is asked
    // for a tile is asked for those of the page alone.
    let for_each = (costs[1] - costs[0]) / 180;
    assert!(for_each < 160, "{costs:?}");
}

#[tokio::test]
async fn a_device_says_how_it_stands_and_can_be_told() {
    let (story, ..) = Story::parted().await;
    insta::assert_snapshot!(story.read("/devices").await, @r"
    Devices
    Connect a device
    Steam Deck
    In sync
    Last report 1 minute ago
    Holds the current save in all 2 slots.
    Miyoo
    Needs you
    Last report 2 minutes ago
    1 of its saves needs you.
    Holds the current save in 1 of 2 slots.
    Browsers
    You signed in with these. They sync nothing.
    Web Browser
    just now
    ");
    let mut browser = story.browser().await;
    let here = format!("/devices/{}", story.deck);
    insta::assert_snapshot!(words(&browser.get(&here).await), @r"
    Devices
    Steam Deck
    In sync
    What is known of it
    Holds the current save in all 2 slots.
    Connected
    6 minutes ago
    Last report 1 minute ago
    Stop syncing
    Name
    Rename
    Its syncs
    Nothing to sync on this device.
    Forget this device
    Its saves stay here, and what it has stays on it. Keepsave forgets what it synced. An app that is still signed in stays so until you end its token in your account.
    Forget this device
    ");

    let renamed = browser
        .submit(&format!("{here}/rename"), &[("name", "<b>Couch</b>")])
        .await;
    assert_eq!(goes_to(&renamed), here);
    let page = browser.get(&here).await;
    let said = "Steam Deck is called &#60;b&#62;Couch&#60;/b&#62; now.";
    assert!(page.text().contains(said), "{}", page.text());
    assert!(
        page.text()
            .contains("<h1>&#60;b&#62;Couch&#60;/b&#62;</h1>")
    );
    // It is said once, and undone by the form that came with it.
    assert!(!browser.get(&here).await.text().contains(said));
    let undo = [("name", "Steam Deck")];
    browser.submit(&format!("{here}/rename"), &undo).await;
    let empty = browser
        .submit(&format!("{here}/rename"), &[("name", "  ")])
        .await;
    assert_eq!(goes_to(&empty), here);
    let page = browser.get(&here).await.text();
    assert!(page.contains("A name has at least one"), "{page}");
    assert!(page.contains("<h1>Steam Deck</h1>"));
}

#[tokio::test]
async fn a_device_is_stopped_and_forgotten_and_its_saves_stay() {
    let (story, ..) = Story::parted().await;
    let mut browser = story.browser().await;
    let here = format!("/devices/{}", story.deck);
    browser.submit(&format!("{here}/stop"), &[]).await;
    let page = words(&browser.get(&here).await);
    assert!(
        page.contains("You stopped syncing on this device."),
        "{page}"
    );
    let body = json!({ "device_id": story.deck, "saves": [] });
    let refused = story.server.admin().post("/api/sync/negotiate", body).await;
    assert!(refused.status.is_client_error());
    browser.submit(&format!("{here}/start"), &[]).await;

    let gone = browser.submit(&format!("{here}/forget"), &[]).await;
    assert_eq!(goes_to(&gone), "/devices");
    assert!(
        browser
            .get("/devices")
            .await
            .text()
            .contains("Its saves stay here.")
    );
    assert_eq!(browser.get(&here).await.status, 404);
    let saves = story.server.admin().get("/api/saves").await.expect(200);
    assert_eq!(saves.as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn a_sync_tells_every_operation_and_why() {
    let (story, fusion, sun) = Story::parted().await;
    story.post(fusion, &story.deck, b"two!", 200).await;
    let shown: [(RomId, &[u8]); 2] = [(fusion, b"one."), (sun, b"mine")];
    let session = story.negotiate(&story.miyoo, &shown).await;
    insta::assert_snapshot!(story.read("/activity").await, @r"
    Activity
    What devices asked, what they were told, and why.
    Today
    Miyoo
    just now
    1 received
    1 needs you
    Under way
    Miyoo
    4 minutes ago
    Everything was in sync
    Given up
    Miyoo
    6 minutes ago
    Everything was in sync
    Given up
    ");
    insta::assert_snapshot!(story.read(&format!("/activity/{session}")).await, @r"
    Activity
    Miyoo, just now
    Under way
    1 received
    1 needs you
    Operations
    Metroid Fusion
    game [2026-11-20_07-35-30].srm
    slot autosave
    Miyoo held version 1 unchanged, so it gets version 2.
    Receive
    Golden Sun
    game [2026-11-20_07-33-30].srm
    slot autosave
    Miyoo played on from version 1; another device played on, too.
    Needs you
    ");
}

#[tokio::test]
async fn others_devices_and_syncs_do_not_exist() {
    let (story, fusion, _) = Story::parted().await;
    let session = story.negotiate(&story.miyoo, &[(fusion, b"one.")]).await;
    let mut bob = Browser::signed_in(&story.server, "bob", "RefBob12345").await;
    for path in [
        format!("/devices/{}", story.deck),
        "/devices/nonsense".to_owned(),
        format!("/activity/{session}"),
        "/activity/999999".to_owned(),
        "/activity/x".to_owned(),
    ] {
        let answer = bob.get(&path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(
            words(&answer).contains("not here, or it is not yours"),
            "{path}"
        );
    }
    for act in ["rename", "stop", "forget", "nonsense"] {
        let path = format!("/devices/{}/{act}", story.deck);
        assert_eq!(bob.submit(&path, &[("name", "mine")]).await.status, 404);
    }
    let device = story
        .server
        .admin()
        .get(&format!("/api/devices/{}", story.deck))
        .await;
    assert_eq!(device.expect(200)["name"], "Steam Deck");
    assert!(!words(&bob.get("/activity").await).contains("Miyoo"));
    assert!(!words(&bob.get("/").await).contains("Metroid"));
}

#[tokio::test]
async fn whoever_is_not_signed_in_signs_in_and_comes_back() {
    let server = TestServer::start().await;
    let mut browser = Browser::new(&server);
    for path in ["/library?q=a%20b", "/devices", "/activity/7", "/community"] {
        let answer = browser.get(path).await;
        let next = percent_encoding(path);
        assert_eq!(goes_to(&answer), format!("/login?next={next}"));
    }
}

fn percent_encoding(path: &str) -> String {
    let encoded = path.bytes().map(|sign| match sign {
        sign if sign.is_ascii_alphanumeric() => char::from(sign).to_string(),
        sign => format!("%{sign:02X}"),
    });
    encoded.collect()
}
