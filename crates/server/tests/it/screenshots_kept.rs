//! What is left of pictures that were replaced or deleted: everything.

use keepsave_core::ids::RomId;
use keepsave_testkit::server::TestServer;
use serde_json::{Value, json};

use crate::game;
use crate::states::file;

/// One game, told in the words of a story.
struct Story {
    server: TestServer,
    rom: RomId,
}

impl Story {
    async fn begin() -> Self {
        let server = TestServer::start().await;
        let rom = game::add(&server, "gba", "Game.gba").await;
        Self { server, rom }
    }

    /// A save with a picture.
    async fn save(&self, query: &str, save: &[u8], shot: &[u8]) -> Value {
        let path = format!("/api/saves?rom_id={}&{query}", self.rom);
        let files = [
            ("saveFile", "g.srm", save),
            ("screenshotFile", "g.png", shot),
        ];
        self.server.admin().upload(&path, &files).await.expect(200)
    }

    async fn delete(&self, save: &Value) {
        let body = json!({ "saves": [save["id"]] });
        let answer = self.server.admin().post("/api/saves/delete", body).await;
        answer.expect(200);
    }

    async fn undelete(&self, what: &str, row: &Value) -> Value {
        let path = format!("/api/keepsave/{what}/{}/undelete", row["id"]);
        self.server.admin().post(&path, json!({})).await.expect(200)
    }

    /// The picture's bytes; none when it is not found.
    async fn shown(&self, shot: &Value) -> Option<Vec<u8>> {
        let path = format!("/api/screenshots/{}/content", shot["id"]);
        let answer = self.server.admin().get(&path).await;
        (answer.status != 404).then_some(answer.bytes)
    }

    async fn deleted(&self) -> Vec<Value> {
        let path = "/api/keepsave/screenshots/deleted";
        let listed = self.server.admin().get(path).await.expect(200);
        listed.as_array().unwrap().clone()
    }

    /// The pictures that the game's page shows.
    async fn of_game(&self) -> usize {
        let path = format!("/api/roms/{}", self.rom);
        let game = self.server.admin().get(&path).await.expect(200);
        game["user_screenshots"].as_array().unwrap().len()
    }
}

#[tokio::test]
async fn a_saves_picture_goes_and_comes_back_with_it() {
    let story = Story::begin().await;
    let save = story.save("slot=autosave", b"one", b"A").await;
    let shot = &save["screenshot"];
    story.delete(&save).await;
    assert_eq!(story.shown(shot).await, None);
    assert_eq!(story.of_game().await, 0);
    assert!(!file(&story.server, shot).exists());
    let listed = &story.deleted().await[0];
    assert_eq!(
        (&listed["id"], &listed["file_name"]),
        (&shot["id"], &json!("g.png"))
    );

    let back = story.undelete("saves", &save).await;
    assert_eq!(back["screenshot"], *shot);
    assert_eq!(story.shown(shot).await.as_deref(), Some(&b"A"[..]));
    assert_eq!(std::fs::read(file(&story.server, shot)).unwrap(), b"A");
    assert_eq!(story.deleted().await, [Value::Null; 0]);

    // Another picture took its name meanwhile: both stay what they are.
    story.delete(&save).await;
    let other = story.save("slot=other", b"two", b"B").await;
    let back = story.undelete("saves", &save).await;
    let names = [&back, &other].map(|save| save["screenshot"]["file_name"].clone());
    assert_eq!(names, ["g [2026-11-20_07-28-30].png", "g.png"]);
    assert_eq!(
        std::fs::read(file(&story.server, &back["screenshot"])).unwrap(),
        b"A"
    );
}

#[tokio::test]
async fn a_save_that_autocleanup_hides_takes_its_picture_along() {
    let story = Story::begin().await;
    let one = story.save("slot=autosave", b"one", b"A").await;
    let query = "slot=autosave&autocleanup=true&autocleanup_limit=1";
    let two = story.save(query, b"two", b"B").await;
    assert_eq!(story.shown(&one["screenshot"]).await, None);
    assert_eq!(
        story.shown(&two["screenshot"]).await.as_deref(),
        Some(&b"B"[..])
    );
    assert_eq!(story.of_game().await, 1);
    let back = story.undelete("saves", &one).await;
    assert_eq!(back["screenshot"]["id"], one["screenshot"]["id"]);
    assert_eq!(
        story.shown(&back["screenshot"]).await.as_deref(),
        Some(&b"A"[..])
    );
}

#[tokio::test]
async fn a_picture_that_was_deleted_by_itself_comes_back_by_itself() {
    let story = Story::begin().await;
    let save = story.save("slot=autosave", b"one", b"A").await;
    let shot = &save["screenshot"];
    let path = format!("/api/screenshots/{}", shot["id"]);
    assert_eq!(story.server.admin().delete(&path).await.status, 200);
    story.server.clock.advance_millis(10);
    story.delete(&save).await;
    let back = story.undelete("saves", &save).await;
    assert_eq!(back["screenshot"], Value::Null, "the person deleted it");

    let undelete = format!("/api/keepsave/screenshots/{}/undelete", shot["id"]);
    let bobs = story.server.bob().post(&undelete, json!({})).await;
    assert_eq!(bobs.expect(404)["detail"], "Screenshot not found");
    assert_eq!(story.undelete("screenshots", shot).await, *shot);
    assert_eq!(story.shown(shot).await.as_deref(), Some(&b"A"[..]));
    assert_eq!(std::fs::read(file(&story.server, shot)).unwrap(), b"A");
    assert_eq!(
        story.undelete("screenshots", shot).await,
        *shot,
        "nothing to bring back"
    );
    let path = format!("/api/saves/{}", save["id"]);
    let save = story.server.admin().get(&path).await.expect(200);
    assert_eq!(save["screenshot"], *shot, "where it was");
}

#[tokio::test]
async fn what_a_picture_had_can_be_fetched() {
    let story = Story::begin().await;
    let path = format!("/api/screenshots?rom_id={}", story.rom);
    let mut shot = Value::Null;
    for content in [&b"one"[..], b"two", b"three"] {
        let files = [("screenshotFile", "gal.png", content)];
        shot = story.server.admin().upload(&path, &files).await.expect(200);
        story.server.clock.advance_millis(10);
    }
    let listing = format!("/api/keepsave/screenshots/{}/earlier", shot["id"]);
    let earlier = story.server.admin().get(&listing).await.expect(200);
    let of = |one: &Value| format!("/api/keepsave/screenshots/earlier/{}/content", one["id"]);
    let mut contents = Vec::new();
    for one in earlier.as_array().unwrap() {
        assert_eq!(one["file_name"], "gal.png");
        let answer = story.server.admin().get(&of(one)).await;
        assert_eq!(answer.headers["content-type"], "image/png");
        contents.push(answer.text());
        let bobs = story.server.bob().get(&of(one)).await.expect(404);
        let sentence = format!("Earlier content with ID {} not found", one["id"]);
        assert_eq!(bobs["detail"], sentence);
    }
    assert_eq!(contents, ["two", "one"]);
    let states = of(&earlier[0]).replace("screenshots", "states");
    story.server.admin().get(&states).await.expect(404);
    let bobs = story.server.bob().get(&listing).await.expect(404);
    assert_eq!(bobs["detail"], "Screenshot not found");
}

#[tokio::test]
async fn the_copy_of_a_save_has_its_own_picture() {
    let story = Story::begin().await;
    let save = story.save("slot=autosave", b"one", b"A").await;
    let body = json!({ "rom_id": story.rom, "from": "autosave", "to": "spare" });
    let answer = story
        .server
        .admin()
        .post("/api/keepsave/slots/copy", body)
        .await;
    answer.expect(200);
    let path = format!("/api/saves?rom_id={}&slot=spare", story.rom);
    let copy = &story.server.admin().get(&path).await.expect(200)[0];
    let shot = &copy["screenshot"];
    assert_eq!(std::fs::read(file(&story.server, shot)).unwrap(), b"A");

    // What becomes of one does not touch the other.
    story.save("slot=autosave", b"one", b"B").await;
    assert_eq!(story.shown(shot).await.as_deref(), Some(&b"A"[..]));
    story.delete(&save).await;
    assert_eq!(story.shown(shot).await.as_deref(), Some(&b"A"[..]));
    assert_eq!(story.shown(&save["screenshot"]).await, None);
}
