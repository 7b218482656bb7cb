//! Keepsave's own routes: what lies beneath RomM's rows.

use keepsave_core::ids::RomId;
use keepsave_testkit::server::TestServer;
use serde_json::{Value, json};

use crate::game;

/// One game with a Deck and a Phone, told in the words of a story.
struct Story {
    server: TestServer,
    rom: RomId,
    deck: String,
    phone: String,
}

impl Story {
    async fn begin() -> Self {
        let server = TestServer::start().await;
        let rom = game::add(&server, "gba", "Game.gba").await;
        let deck = game::device(&server, "Deck").await;
        let phone = game::device(&server, "Phone").await;
        Self {
            server,
            rom,
            deck,
            phone,
        }
    }

    async fn post(&self, device: &str, slot: &str, bytes: &[u8], status: u16) -> Value {
        let path = format!(
            "/api/saves?rom_id={}&slot={slot}&device_id={device}",
            self.rom
        );
        self.server
            .admin()
            .upload(&path, &[("saveFile", "g.srm", bytes)])
            .await
            .expect(status)
    }

    async fn get(&self, path: &str) -> Value {
        self.server.admin().get(path).await.expect(200)
    }

    async fn act(&self, path: &str, status: u16) -> Value {
        self.server
            .admin()
            .post(path, json!({}))
            .await
            .expect(status)
    }

    async fn timeline(&self, slot: &str) -> Value {
        let path = format!("/api/keepsave/timelines?rom_id={}&slot={slot}", self.rom);
        self.get(&path).await[0].clone()
    }

    async fn versions(&self, slot: &str) -> Value {
        let id = &self.timeline(slot).await["id"];
        self.get(&format!("/api/keepsave/timelines/{id}/versions"))
            .await
    }

    async fn head_content(&self, slot: &str) -> String {
        let head = self.timeline(slot).await["head"].clone();
        let path = format!("/api/keepsave/versions/{head}/content");
        self.server.admin().get(&path).await.text()
    }

    /// What each file of a slot is by now, the save itself first.
    async fn contents(&self, slot: &str) -> Vec<String> {
        let path = format!("/api/keepsave/timelines?rom_id={}&slot={slot}", self.rom);
        let mut contents = Vec::new();
        for timeline in self.get(&path).await.as_array().unwrap() {
            let head = format!("/api/keepsave/versions/{}/content", timeline["head"]);
            contents.push(self.server.admin().get(&head).await.text());
        }
        contents
    }

    async fn branches(&self) -> Value {
        self.get(&format!("/api/keepsave/branches?rom_id={}", self.rom))
            .await
    }
}

#[tokio::test]
async fn a_timeline_tells_its_versions_its_head_and_where_each_device_is() {
    let story = Story::begin().await;
    story.post(&story.deck, "s", b"one", 200).await;
    story.post(&story.deck, "s", b"two", 200).await;
    let timeline = story.timeline("s").await;
    let versions = story.versions("s").await;
    assert_eq!(versions[0]["ordinal"], 2);
    assert_eq!(versions[0]["parents"], json!([versions[1]["id"]]));
    assert_eq!(versions[0]["device_name"], "Deck");
    assert_eq!(timeline["head"], versions[0]["id"]);
    assert_eq!(timeline["devices"][0]["version"], versions[0]["id"]);
    assert_eq!(story.head_content("s").await, "two");
}

#[tokio::test]
async fn restoring_an_older_version_reaches_other_devices_as_a_download_and_can_be_undone() {
    let story = Story::begin().await;
    story.post(&story.deck, "s", b"one", 200).await;
    let two = story.post(&story.deck, "s", b"two", 200).await;
    let versions = story.versions("s").await;
    let restored = story
        .act(
            &format!("/api/keepsave/versions/{}/restore", versions[1]["id"]),
            200,
        )
        .await;
    assert_eq!(story.head_content("s").await, "one");
    assert!(restored[0]["updated_at"].as_str() > two["updated_at"].as_str());
    let shown = format!("/api/saves/{}?device_id={}", restored[0]["id"], story.deck);
    assert_eq!(
        story.get(&shown).await["device_syncs"][0]["is_current"],
        false
    );

    story
        .act(
            &format!("/api/keepsave/versions/{}/restore", versions[0]["id"]),
            200,
        )
        .await;
    assert_eq!(story.head_content("s").await, "two");
}

#[tokio::test]
async fn a_refused_upload_is_a_branch_that_can_be_kept_beside_the_head() {
    let story = Story::begin().await;
    story.post(&story.deck, "s", b"one", 200).await;
    story.post(&story.phone, "s", b"mine", 409).await;
    story.post(&story.phone, "s", b"mine", 409).await;
    let branches = story.branches().await;
    assert_eq!(branches.as_array().unwrap().len(), 1, "once per content");
    assert_eq!(branches[0]["name"], "Phone");

    let id = &branches[0]["version"]["id"];
    let kept = story
        .act(&format!("/api/keepsave/branches/{id}/keep-both"), 200)
        .await;
    assert_eq!(kept["slot"], "s (Phone)");
    assert_eq!(story.head_content("s").await, "one");
    assert_eq!(story.branches().await, json!([]));
}

#[tokio::test]
async fn a_branch_can_be_adopted_or_left_to_rest() {
    let story = Story::begin().await;
    story.post(&story.deck, "s", b"one", 200).await;
    story.post(&story.phone, "s", b"mine", 409).await;
    let branch = story.branches().await[0]["version"]["id"].clone();
    story
        .act(&format!("/api/keepsave/versions/{branch}/restore"), 200)
        .await;
    assert_eq!(story.head_content("s").await, "mine");
    assert_eq!(story.branches().await, json!([]));

    story.post(&story.phone, "s", b"mine again", 409).await;
    let branch = story.branches().await[0]["version"]["id"].clone();
    story
        .act(&format!("/api/keepsave/branches/{branch}/dismiss"), 200)
        .await;
    assert_eq!(story.branches().await, json!([]));
    let content = format!("/api/keepsave/versions/{branch}/content");
    assert_eq!(
        story.server.admin().get(&content).await.text(),
        "mine again"
    );
}

#[tokio::test]
async fn what_a_put_replaced_is_a_branch() {
    let story = Story::begin().await;
    let save = story.post(&story.deck, "s", b"one", 200).await;
    let path = format!("/api/saves/{}?device_id={}", save["id"], story.phone);
    story
        .server
        .admin()
        .multipart(http::Method::PUT, &path, &[("saveFile", "g.srm", b"two")])
        .await
        .expect(200);
    let branches = story.branches().await;
    assert_eq!(branches[0]["name"], "Deck");
    assert_eq!(branches[0]["version"]["is_refused"], false);
    assert_eq!(story.head_content("s").await, "two");
}

#[tokio::test]
async fn a_deleted_save_is_listed_and_comes_back_as_the_head() {
    let story = Story::begin().await;
    story.post(&story.deck, "s", b"one", 200).await;
    let two = story.post(&story.deck, "s", b"two", 200).await;
    let ids = json!({ "saves": [two["id"]] });
    story
        .server
        .admin()
        .post("/api/saves/delete", ids)
        .await
        .expect(200);
    assert_eq!(story.head_content("s").await, "one");
    let deleted = story.get("/api/keepsave/deleted").await;
    assert_eq!(deleted[0]["id"], two["id"]);
    assert_eq!(deleted[0]["why"], "deleted");

    let back = story
        .act(&format!("/api/keepsave/saves/{}/undelete", two["id"]), 200)
        .await;
    assert_eq!(back["file_name"], two["file_name"]);
    assert_eq!(story.head_content("s").await, "two");
    assert_eq!(story.get("/api/keepsave/deleted").await, json!([]));
    let file = story
        .server
        .app
        .assets()
        .join(back["full_path"].as_str().unwrap());
    assert_eq!(std::fs::read(file).unwrap(), b"two");
}

#[tokio::test]
async fn what_comes_back_is_newer_than_what_it_grew_from_however_that_was_touched() {
    let story = Story::begin().await;
    let one = story.post(&story.deck, "s", b"one", 200).await;
    let two = story.post(&story.deck, "s", b"two", 200).await;
    let ids = json!({ "saves": [two["id"]] });
    story
        .server
        .admin()
        .post("/api/saves/delete", ids)
        .await
        .expect(200);
    let path = format!("/api/saves/{}", one["id"]);
    let same: &[(&str, &str, &[u8])] = &[("saveFile", "g.srm", b"one")];
    story
        .server
        .admin()
        .multipart(http::Method::PUT, &path, same)
        .await
        .expect(200);

    story
        .act(&format!("/api/keepsave/saves/{}/undelete", two["id"]), 200)
        .await;
    assert_eq!(story.head_content("s").await, "two");
}

#[tokio::test]
async fn a_slot_moves_with_its_devices_and_is_copied_without_them() {
    let story = Story::begin().await;
    story.post(&story.deck, "s", b"one", 200).await;
    story.post(&story.deck, "s", b"two", 200).await;
    let body = json!({ "rom_id": story.rom, "from": "s", "to": "first run" });
    story
        .server
        .admin()
        .post("/api/keepsave/slots/move", body)
        .await
        .expect(200);
    let moved = story.timeline("first%20run").await;
    assert_eq!(moved["versions"], 2);
    assert_eq!(moved["devices"][0]["version"], moved["head"]);

    let body = json!({ "rom_id": story.rom, "from": "first run", "to": "spare" });
    story
        .server
        .admin()
        .post("/api/keepsave/slots/copy", body.clone())
        .await
        .expect(200);
    let copy = story.timeline("spare").await;
    assert_eq!(copy["versions"], 2);
    assert_eq!(copy["devices"], json!([]));
    assert_ne!(copy["head"], moved["head"]);
    assert_eq!(story.head_content("spare").await, "two");
    let versions = story.versions("spare").await;
    assert_eq!(versions[0]["parents"], json!([versions[1]["id"]]));
    let refused = story
        .server
        .admin()
        .post("/api/keepsave/slots/copy", body)
        .await
        .expect(409);
    assert!(
        refused["detail"]
            .as_str()
            .unwrap()
            .contains("'spare' has saves already")
    );

    story.post(&story.deck, "spare", b"three", 409).await;
    story.post(&story.deck, "first%20run", b"three", 200).await;
}

#[tokio::test]
async fn the_files_of_a_set_are_restored_together() {
    let story = Story::begin().await;
    for (set, content) in [("set-1", "one"), ("set-2", "two")] {
        for name in ["g.bkr", "g.bcr"] {
            let path = format!("/api/saves?rom_id={}&slot=s&set_id={set}", story.rom);
            let bytes = format!("{name} {content}");
            let files = [("saveFile", name, bytes.as_bytes())];
            story.server.admin().upload(&path, &files).await.expect(200);
        }
    }
    let set = story.get("/api/keepsave/sets/set-1").await;
    assert_eq!(set.as_array().unwrap().len(), 2);
    let restored = story
        .act(
            &format!("/api/keepsave/versions/{}/restore", set[0]["id"]),
            200,
        )
        .await;
    assert_eq!(restored.as_array().unwrap().len(), 2);
    let path = format!("/api/keepsave/timelines?rom_id={}&slot=s", story.rom);
    for timeline in story.get(&path).await.as_array().unwrap() {
        let content = format!("/api/keepsave/versions/{}/content", timeline["head"]);
        assert!(
            story
                .server
                .admin()
                .get(&content)
                .await
                .text()
                .ends_with("one")
        );
    }
}

#[tokio::test]
async fn a_file_that_no_set_changed_goes_back_with_it_and_a_copy_of_the_slot_stays() {
    let story = Story::begin().await;
    let sent = [
        ("one", "g.bkr", "progress one"),
        ("one", "g.bcr", "cartridge one"),
        ("two", "g.bkr", "progress two"),
        ("three", "g.bkr", "progress three"),
        ("three", "g.bcr", "cartridge three"),
        ("four", "g.smpc", "born later"),
    ];
    for (set, name, content) in sent {
        let path = format!("/api/saves?rom_id={}&slot=s&set_id={set}", story.rom);
        let files = [("saveFile", name, content.as_bytes())];
        story.server.admin().upload(&path, &files).await.expect(200);
    }
    let body = json!({ "rom_id": story.rom, "from": "s", "to": "spare" });
    let copied = story.server.admin().post("/api/keepsave/slots/copy", body);
    copied.await.expect(200);
    let two = story.get("/api/keepsave/sets/two").await;
    let of_spare = story.timeline("spare").await["id"].clone();
    let [in_s, in_spare] = [false, true].map(|spare| {
        let mut versions = two.as_array().unwrap().iter();
        let found = versions.find(|version| (version["timeline_id"] == of_spare) == spare);
        found.unwrap()["id"].clone()
    });
    for (id, slot, other) in [(in_s, "s", Some("spare")), (in_spare, "spare", None)] {
        let restored = story
            .act(&format!("/api/keepsave/versions/{id}/restore"), 200)
            .await;
        assert_eq!(restored.as_array().unwrap().len(), 2);
        let now = ["progress two", "cartridge one", "born later"];
        assert_eq!(story.contents(slot).await, now);
        if let Some(other) = other {
            let before = ["progress three", "cartridge three", "born later"];
            assert_eq!(story.contents(other).await, before);
        }
    }
}

#[tokio::test]
async fn names_and_pins_stay_and_others_find_nothing() {
    let story = Story::begin().await;
    story.post(&story.deck, "s", b"one", 200).await;
    let id = story.versions("s").await[0]["id"].clone();
    let path = format!("/api/keepsave/versions/{id}");
    let label = json!({ "name": "before the boss", "is_pinned": true });
    story.server.admin().put(&path, label).await.expect(200);
    story
        .server
        .admin()
        .put(&path, json!({ "is_pinned": false }))
        .await
        .expect(200);
    let version = story.get(&path).await;
    assert_eq!(version["name"], "before the boss");
    assert_eq!(version["is_pinned"], false);
    let too_long = json!({ "name": "n".repeat(101) });
    story.server.admin().put(&path, too_long).await.expect(422);

    for path in [path.clone(), format!("{path}/content")] {
        story.server.bob().get(&path).await.expect(404);
    }
    let restore = format!("{path}/restore");
    story
        .server
        .bob()
        .post(&restore, json!({}))
        .await
        .expect(404);
}

#[tokio::test]
async fn events_tell_what_happens_to_ones_own_saves() {
    use http_body_util::BodyExt;
    use tower::ServiceExt;

    let story = Story::begin().await;
    let request = http::Request::get("/api/keepsave/events")
        .header("authorization", "Basic YWRtaW46UmVmQWRtaW4xMjM=")
        .body(axum::body::Body::empty())
        .unwrap();
    let mut stream = story
        .server
        .router()
        .oneshot(request)
        .await
        .unwrap()
        .into_body();
    let bobs = format!("/api/saves?rom_id={}&slot=s", story.rom);
    let file: &[(&str, &str, &[u8])] = &[("saveFile", "g.srm", b"bob's")];
    story.server.bob().upload(&bobs, file).await.expect(200);
    let save = story.post(&story.deck, "s", b"one", 200).await;
    story.post(&story.phone, "s", b"two", 409).await;
    let admin = || story.server.admin();
    let asked = json!({ "device_id": story.deck, "saves": [] });
    let plan = admin().post("/api/sync/negotiate", asked).await.expect(200);
    let session = format!("/api/sync/sessions/{}/complete", plan["session_id"]);
    admin().post(&session, json!({})).await.expect(200);
    let deleted = json!({ "saves": [save["id"]] });
    admin().post("/api/saves/delete", deleted).await.expect(200);
    for (event, field, value) in [
        ("changed", "save_id", &save["id"]),
        ("conflict", "rom_id", &save["rom_id"]),
        ("finished", "session_id", &plan["session_id"]),
        ("deleted", "save_ids", &json!([save["id"]])),
    ] {
        let frame = stream.frame().await.unwrap().unwrap().into_data().unwrap();
        let text = String::from_utf8(frame.to_vec()).unwrap();
        let data = text
            .strip_prefix(&format!("event: {event}\ndata: "))
            .unwrap();
        let data: Value = serde_json::from_str(data).unwrap();
        assert_eq!(data[field], *value, "{text}");
    }
}
