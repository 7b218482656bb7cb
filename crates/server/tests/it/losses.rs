//! The ways in which RomM was measured to lose or garble saves: none of them works here.
//!
//! Each test does what loses data there, on a store on disk, and then looks for every content.

use std::collections::BTreeSet;

use keepsave_core::content::Digest;
use keepsave_core::ids::RomId;
use keepsave_server::vault::Fault;
use keepsave_testkit::server::TestServer;
use serde_json::{Value, json};

use crate::game;

struct Place {
    server: TestServer,
    rom: RomId,
    deck: String,
    phone: String,
}

impl Place {
    async fn new() -> Self {
        let server = TestServer::on_disk().await;
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

    async fn post(&self, query: &str, bytes: &[u8], status: u16) -> Value {
        let path = format!("/api/saves?rom_id={}&{query}", self.rom);
        self.server
            .admin()
            .upload(&path, &[("saveFile", "g.srm", bytes)])
            .await
            .expect(status)
    }

    async fn from(&self, device: &str, bytes: &[u8], status: u16) -> Value {
        self.post(&format!("slot=s&device_id={device}"), bytes, status)
            .await
    }

    async fn content(&self, id: &Value) -> String {
        let answer = self
            .server
            .admin()
            .get(&format!("/api/saves/{id}/content"))
            .await;
        assert_eq!(answer.status, 200);
        answer.text()
    }

    async fn list(&self, query: &str) -> Vec<Value> {
        let path = format!("/api/saves?rom_id={}&{query}", self.rom);
        self.server
            .admin()
            .get(&path)
            .await
            .expect(200)
            .as_array()
            .unwrap()
            .clone()
    }

    /// What negotiate says of one entry: the action.
    async fn negotiate(&self, device: &str, bytes: &[u8]) -> String {
        let hash = Digest::of(bytes).md5;
        let body = json!({ "device_id": device, "saves": [{
            "rom_id": self.rom, "file_name": "g.srm", "slot": "s", "content_hash": hash,
            "updated_at": "1970-01-01T00:00:00Z", "file_size_bytes": bytes.len(),
        }] });
        let plan = self
            .server
            .admin()
            .post("/api/sync/negotiate", body)
            .await
            .expect(200);
        plan["operations"][0]["action"].as_str().unwrap().to_owned()
    }

    /// The content of every version, shown, hidden or refused, read from the store.
    fn kept(&self) -> BTreeSet<String> {
        let vault = &self.server.app.vault;
        let blobs: Result<Vec<_>, Fault> =
            vault.read(|tx| tx.all("SELECT blob FROM versions", &[], |row| row.get()));
        blobs
            .unwrap()
            .iter()
            .map(|blob| std::io::read_to_string(vault.blobs().open(blob).unwrap()).unwrap())
            .collect()
    }

    fn demand_kept(&self, contents: &[&str]) {
        let kept = self.kept();
        for content in contents {
            assert!(
                kept.contains(*content),
                "{content} is lost; kept are {kept:?}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn loss_01_the_same_bytes_twice_within_a_second_stay() {
    let place = Place::new().await;
    let first = place.post("slot=s", b"one", 200).await;
    let second = place.post("slot=s", b"one", 200).await;
    assert_eq!(first["id"], second["id"]);
    assert_eq!(place.content(&second["id"]).await, "one");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn loss_02_two_devices_in_the_same_second_one_wins_and_both_contents_stay() {
    let place = Place::new().await;
    place.from(&place.deck, b"zero", 200).await;
    place.from(&place.phone, b"zero", 200).await;
    let send = |device: &str, bytes: &'static [u8]| {
        let path = format!("/api/saves?rom_id={}&slot=s&device_id={device}", place.rom);
        let asking = place.server.admin();
        async move {
            asking
                .upload(&path, &[("saveFile", "g.srm", bytes)])
                .await
                .status
                .as_u16()
        }
    };
    let (a, b) = tokio::join!(send(&place.deck, b"deck"), send(&place.phone, b"phone"));
    assert_eq!(
        BTreeSet::from([a, b]),
        BTreeSet::from([200, 409]),
        "from one head, one wins"
    );
    place.demand_kept(&["zero", "deck", "phone"]);
    let branches = place
        .server
        .admin()
        .get("/api/keepsave/branches")
        .await
        .expect(200);
    assert_eq!(
        branches.as_array().unwrap().len(),
        1,
        "the refused one is a branch"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn loss_03_two_contents_of_one_name_within_a_second_are_two_rows() {
    let place = Place::new().await;
    let one = place.post("slot=s", b"one", 200).await;
    let two = place.post("slot=s", b"two", 200).await;
    assert_ne!(one["full_path"], two["full_path"]);
    assert_eq!(place.content(&one["id"]).await, "one");
    assert_eq!(place.content(&two["id"]).await, "two");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn loss_04_a_put_by_a_stale_device_keeps_what_it_replaces() {
    let place = Place::new().await;
    let save = place.from(&place.deck, b"forty hours", 200).await;
    let path = format!("/api/saves/{}?device_id={}", save["id"], place.phone);
    let files: &[(&str, &str, &[u8])] = &[("saveFile", "g.srm", b"old")];
    place
        .server
        .admin()
        .multipart(http::Method::PUT, &path, files)
        .await
        .expect(200);
    place.demand_kept(&["forty hours", "old"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn loss_05_a_change_within_the_second_of_a_sync_is_seen() {
    let place = Place::new().await;
    let one = place.from(&place.deck, b"one", 200).await;
    let confirm = format!("/api/saves/{}/downloaded", one["id"]);
    let phone = json!({ "device_id": place.phone });
    place.server.admin().post(&confirm, phone).await.expect(200);
    let two = place.from(&place.deck, b"two", 200).await;
    let listed = place
        .list(&format!("slot=s&device_id={}", place.phone))
        .await;
    let head = listed.iter().find(|save| save["id"] == two["id"]).unwrap();
    assert_eq!(head["device_syncs"][0]["is_current"], false);
    place.from(&place.phone, b"three", 409).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn loss_06_a_divergence_is_a_conflict_whatever_rows_came_and_went() {
    let place = Place::new().await;
    let one = place.from(&place.deck, b"one", 200).await;
    let confirm = format!("/api/saves/{}/downloaded", one["id"]);
    let phone = json!({ "device_id": place.phone });
    place.server.admin().post(&confirm, phone).await.expect(200);
    place.from(&place.deck, b"two", 200).await;
    assert_eq!(place.negotiate(&place.phone, b"mine").await, "conflict");
    assert_eq!(place.negotiate(&place.phone, b"one").await, "download");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn loss_07_going_back_moves_the_head_and_the_heads_content_is_never_refused() {
    let place = Place::new().await;
    let one = place.from(&place.deck, b"one", 200).await;
    place.from(&place.deck, b"two", 200).await;
    let back = place.from(&place.deck, b"one", 200).await;
    assert_eq!(back["id"], one["id"]);
    assert_eq!(place.negotiate(&place.deck, b"one").await, "no_op");
    let same = place.from(&place.phone, b"one", 200).await;
    assert_eq!(
        same["id"], one["id"],
        "the same content from a device that never synced"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn loss_08_slotless_uploads_at_once_share_one_row_and_keep_every_content() {
    let place = Place::new().await;
    let path = format!("/api/saves?rom_id={}", place.rom);
    let send = |bytes: &'static [u8]| {
        let (path, asking) = (path.clone(), place.server.admin());
        async move {
            asking
                .upload(&path, &[("saveFile", "g.srm", bytes)])
                .await
                .expect(200)
        }
    };
    tokio::join!(
        send(b"1"),
        send(b"2"),
        send(b"3"),
        send(b"4"),
        send(b"5"),
        send(b"6")
    );
    assert_eq!(place.list("").await.len(), 1);
    place.demand_kept(&["1", "2", "3", "4", "5", "6"]);
    place
        .post(&format!("device_id={}", place.deck), b"7", 200)
        .await;
    place.demand_kept(&["1", "2", "3", "4", "5", "6", "7"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn loss_09_a_download_that_breaks_does_not_count() {
    use http_body_util::BodyExt;
    use tower::ServiceExt;

    let place = Place::new().await;
    let save = place.from(&place.deck, b"forty hours", 200).await;
    let path = format!(
        "/api/saves/{}/content?device_id={}",
        save["id"], place.phone
    );
    let request = http::Request::get(&path)
        .header("authorization", "Basic YWRtaW46UmVmQWRtaW4xMjM=")
        .body(axum::body::Body::empty())
        .unwrap();
    let mut body = place
        .server
        .router()
        .oneshot(request)
        .await
        .unwrap()
        .into_body();
    let first = body.frame().await.unwrap().unwrap().into_data().unwrap();
    assert!(first.len() < "forty hours".len());
    drop(body);
    let as_phone = format!("/api/saves/{}?device_id={}", save["id"], place.phone);
    let seen = place.server.admin().get(&as_phone).await.expect(200);
    assert_eq!(seen["device_syncs"][0]["is_current"], false);

    assert_eq!(place.server.admin().get(&path).await.text(), "forty hours");
    let seen = place.server.admin().get(&as_phone).await.expect(200);
    assert_eq!(seen["device_syncs"][0]["is_current"], true);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn loss_10_an_upload_is_current_on_the_device_that_made_it() {
    let place = Place::new().await;
    let save = place.from(&place.deck, b"one", 200).await;
    assert_eq!(save["device_syncs"][0]["is_current"], true);
    assert_eq!(
        save["device_syncs"][0]["last_synced_at"],
        save["updated_at"]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn loss_11_negotiates_at_once_leave_one_session_and_finished_ones_count_no_more() {
    let place = Place::new().await;
    let ask = || async {
        let body = json!({ "device_id": place.deck, "saves": [] });
        place
            .server
            .admin()
            .post("/api/sync/negotiate", body)
            .await
            .expect(200)
    };
    tokio::join!(ask(), ask(), ask(), ask(), ask(), ask());
    let sessions = place
        .server
        .admin()
        .get("/api/sync/sessions")
        .await
        .expect(200);
    let sessions = sessions.as_array().unwrap().clone();
    let open: Vec<_> = sessions
        .iter()
        .filter(|session| session["status"] == "IN_PROGRESS")
        .collect();
    assert_eq!(open.len(), 1);

    let id = &open[0]["id"];
    let complete = format!("/api/sync/sessions/{id}/complete");
    place
        .server
        .admin()
        .post(&complete, json!({}))
        .await
        .expect(200);
    place
        .post(&format!("slot=s&session_id={id}"), b"late", 200)
        .await;
    let session = place
        .server
        .admin()
        .get(&format!("/api/sync/sessions/{id}"))
        .await
        .expect(200);
    assert_eq!(session["operations_completed"], 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn loss_12_deleting_is_all_or_none_and_is_not_undone_by_another_device() {
    let place = Place::new().await;
    let one = place.from(&place.deck, b"one", 200).await;
    let confirm = format!("/api/saves/{}/downloaded", one["id"]);
    let phone = json!({ "device_id": place.phone });
    place.server.admin().post(&confirm, phone).await.expect(200);
    let partly = json!({ "saves": [one["id"], 999_999] });
    place
        .server
        .admin()
        .post("/api/saves/delete", partly)
        .await
        .expect(404);
    assert_eq!(place.content(&one["id"]).await, "one");

    let whole = json!({ "saves": [one["id"]] });
    place
        .server
        .admin()
        .post("/api/saves/delete", whole)
        .await
        .expect(200);
    assert_eq!(place.negotiate(&place.phone, b"one").await, "no_op");
    place.demand_kept(&["one"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn loss_13_a_refused_request_leaves_nothing_behind() {
    let place = Place::new().await;
    let long = "e".repeat(60);
    for query in ["emulator=../../evil", &format!("emulator={long}")] {
        place.post(query, b"orphan", 400).await;
    }
    place
        .post(&format!("slot={}", "s".repeat(300)), b"orphan", 400)
        .await;
    let mut blobs = 0;
    place
        .server
        .app
        .vault
        .blobs()
        .each(&mut |_, _| {
            blobs += 1;
            Ok(())
        })
        .unwrap();
    assert_eq!(blobs, 0);
    assert_eq!(place.list("").await.len(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn loss_14_autocleanup_hides_and_a_device_that_is_behind_still_counts_as_synced() {
    let place = Place::new().await;
    let one = place.from(&place.deck, b"one", 200).await;
    let confirm = format!("/api/saves/{}/downloaded", one["id"]);
    let phone = json!({ "device_id": place.phone });
    place.server.admin().post(&confirm, phone).await.expect(200);
    let cleaned = format!(
        "slot=s&device_id={}&autocleanup=true&autocleanup_limit=1",
        place.deck
    );
    place.post(&cleaned, b"two", 200).await;
    place.post(&cleaned, b"three", 200).await;
    assert_eq!(place.list("slot=s").await.len(), 1);
    place.demand_kept(&["one", "two", "three"]);
    assert_eq!(place.negotiate(&place.phone, b"one").await, "download");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn loss_15_who_may_read_a_save_is_no_change_of_it() {
    let place = Place::new().await;
    let save = place.from(&place.deck, b"one", 200).await;
    let path = format!("/api/saves/{}/visibility", save["id"]);
    place
        .server
        .admin()
        .put(&path, json!({ "is_public": true }))
        .await
        .expect(200);
    let seen = place.list(&format!("device_id={}", place.deck)).await;
    assert_eq!(seen[0]["updated_at"], save["updated_at"]);
    assert_eq!(seen[0]["device_syncs"][0]["is_current"], true);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn loss_16_a_clients_mistake_is_never_the_servers() {
    let place = Place::new().await;
    let long = "x".repeat(10_000);
    let admin = || place.server.admin();
    let statuses = [
        place
            .server
            .bearer("garbage")
            .get("/api/users/me")
            .await
            .status,
        place
            .server
            .nobody()
            .header("authorization", "Basic !!!")
            .get("/api/users/me")
            .await
            .status,
        admin()
            .post(
                "/api/devices",
                json!({ "mac_address": long, "platform": long }),
            )
            .await
            .status,
        admin()
            .put(
                &format!("/api/devices/{}", place.deck),
                json!({ "sync_mode": null }),
            )
            .await
            .status,
        admin()
            .post(
                &format!("/api/roms/{}/notes", place.rom),
                json!({ "content": "x" }),
            )
            .await
            .status,
        admin().get("/api/sync/sessions?limit=-1").await.status,
        admin()
            .get("/api/saves?rom_id=99999999999999999999")
            .await
            .status,
        admin()
            .post(
                "/api/play-sessions",
                json!({ "sessions": [{ "start_time": "nope" }] }),
            )
            .await
            .status,
        admin()
            .upload(
                &format!("/api/saves?rom_id={}&slot=s", place.rom),
                &[("saveFile", &long, b"x")],
            )
            .await
            .status,
    ];
    for (number, status) in statuses.iter().enumerate() {
        assert!(
            status.is_client_error(),
            "request {number} was answered {status}"
        );
    }
}
