//! Saves go up, are listed, replaced and deleted: the way of a save on the wire.

use keepsave_testkit::server::TestServer;
use serde_json::{Value, json};

use crate::game;

async fn device(server: &TestServer, name: &str) -> String {
    game::device(server, name).await
}

async fn upload(server: &TestServer, query: &str, name: &str, bytes: &[u8]) -> Value {
    let path = format!("/api/saves?{query}");
    server
        .admin()
        .upload(&path, &[("saveFile", name, bytes)])
        .await
        .expect(200)
}

#[tokio::test]
async fn a_save_in_a_slot_is_tagged_hashed_and_current_on_its_device() {
    let server = TestServer::start().await;
    let rom = game::add(&server, "gba", "Metroid Fusion.gba").await;
    let deck = device(&server, "Deck").await;
    let query = format!("rom_id={rom}&slot=autosave&emulator=mgba&device_id={deck}");
    let save = upload(&server, &query, "Metroid Fusion.srm", b"hello").await;

    assert_eq!(
        save["file_name"],
        "Metroid Fusion [2026-11-20_07-28-30].srm"
    );
    assert_eq!(save["file_name_no_tags"], "Metroid Fusion");
    assert_eq!(save["content_hash"], "5d41402abc4b2a76b9719d911017c592");
    assert_eq!(
        save["file_path"],
        format!("users/557365723a31/saves/gba/{rom}/mgba")
    );
    assert_eq!(save["origin_device_id"], deck.as_str());
    let syncs = save["device_syncs"].as_array().unwrap();
    assert_eq!(syncs.len(), 1);
    assert_eq!(syncs[0]["device_id"], deck.as_str());
    assert_eq!(syncs[0]["is_current"], true);
    assert_eq!(syncs[0]["last_synced_at"], save["updated_at"]);

    let listed = server.admin().get("/api/saves").await.expect(200);
    assert_eq!(listed[0]["id"], save["id"]);
    assert_eq!(
        listed[0]["updated_at"], save["updated_at"],
        "the same in every answer"
    );
    assert_eq!(
        listed[0]["device_syncs"],
        json!([]),
        "only when a device asks"
    );
    let file = server
        .app
        .assets()
        .join(save["full_path"].as_str().unwrap());
    assert_eq!(std::fs::read(file).unwrap(), b"hello");
}

#[tokio::test]
async fn a_stale_device_is_refused_and_its_bytes_are_kept() {
    let server = TestServer::start().await;
    let rom = game::add(&server, "gba", "Game.gba").await;
    let (deck, phone) = (
        device(&server, "Deck").await,
        device(&server, "Phone").await,
    );
    upload(
        &server,
        &format!("rom_id={rom}&slot=s&device_id={deck}"),
        "g.srm",
        b"one",
    )
    .await;
    let path = format!("/api/saves?rom_id={rom}&slot=s&device_id={phone}");
    let refused = server
        .admin()
        .upload(&path, &[("saveFile", "g.srm", b"two")])
        .await
        .expect(409);
    assert_eq!(
        refused["detail"],
        "Slot has a newer save since your last sync"
    );

    let kept: i64 = server
        .app
        .vault
        .read(|tx| {
            let sql = "SELECT COUNT(*) FROM versions WHERE refused = 1 AND device_name = 'Phone'";
            tx.one(sql, &[], |row| row.get())
        })
        .map_err(|fault: keepsave_server::vault::Fault| fault)
        .unwrap();
    assert_eq!(kept, 1);
    let forced = format!("{path}&overwrite=true");
    server
        .admin()
        .upload(&forced, &[("saveFile", "g.srm", b"two")])
        .await
        .expect(200);
    let back = format!("/api/saves?rom_id={rom}&slot=s&device_id={deck}");
    server
        .admin()
        .upload(&back, &[("saveFile", "g.srm", b"three")])
        .await
        .expect(409);
}

#[tokio::test]
async fn going_back_moves_the_head_in_one_row() {
    let server = TestServer::start().await;
    let rom = game::add(&server, "gba", "Game.gba").await;
    let query = format!("rom_id={rom}&slot=s");
    let one = upload(&server, &query, "g.srm", b"one").await;
    let two = upload(&server, &query, "g.srm", b"two").await;
    assert_ne!(
        one["file_name"], two["file_name"],
        "within one second, and yet two names"
    );
    let back = upload(&server, &query, "g.srm", b"one").await;
    assert_eq!(back["id"], one["id"]);
    assert!(back["updated_at"].as_str() > two["updated_at"].as_str());
    let summary = server
        .admin()
        .get(&format!("/api/saves/summary?rom_id={rom}"))
        .await
        .expect(200);
    assert_eq!(summary["total_count"], 2);
    assert_eq!(summary["slots"][0]["latest"]["id"], one["id"]);
}

#[tokio::test]
async fn deleting_many_is_all_or_none() {
    let server = TestServer::start().await;
    let rom = game::add(&server, "gba", "Game.gba").await;
    let one = upload(&server, &format!("rom_id={rom}&slot=a"), "g.srm", b"one").await;
    let two = upload(&server, &format!("rom_id={rom}&slot=b"), "g.srm", b"two").await;
    let with_unknown = json!({ "saves": [one["id"], 999_999] });
    let answer = server
        .admin()
        .post("/api/saves/delete", with_unknown)
        .await
        .expect(404);
    assert_eq!(answer["detail"], "Save with ID 999999 not found");
    server
        .admin()
        .get(&format!("/api/saves/{}", one["id"]))
        .await
        .expect(200);

    let both = json!({ "saves": [one["id"], two["id"]] });
    let answer = server
        .admin()
        .post("/api/saves/delete", both.clone())
        .await
        .expect(200);
    assert_eq!(answer, both["saves"]);
    server
        .admin()
        .get(&format!("/api/saves/{}", one["id"]))
        .await
        .expect(404);
    let gone = server.app.assets().join(one["full_path"].as_str().unwrap());
    assert!(!gone.exists());
}

#[tokio::test]
async fn a_put_by_a_stale_device_is_taken_and_what_it_replaced_stays() {
    let server = TestServer::start().await;
    let rom = game::add(&server, "gba", "Game.gba").await;
    let (deck, phone) = (
        device(&server, "Deck").await,
        device(&server, "Phone").await,
    );
    let query = format!("rom_id={rom}&slot=s&device_id={deck}");
    let save = upload(&server, &query, "g.srm", b"one").await;
    let path = format!("/api/saves/{}?device_id={phone}", save["id"]);
    let put = server
        .admin()
        .multipart(
            http::Method::PUT,
            &path,
            &[("saveFile", "other.srm", b"two")],
        )
        .await
        .expect(200);
    assert_eq!(put["file_name"], save["file_name"]);
    assert_eq!(put["device_syncs"][0]["is_current"], true);
    assert_eq!(put["device_syncs"][1]["is_current"], false);
    let versions: i64 = server
        .app
        .vault
        .read(|tx| tx.one("SELECT COUNT(*) FROM versions", &[], |row| row.get()))
        .map_err(|fault: keepsave_server::vault::Fault| fault)
        .unwrap();
    assert_eq!(versions, 2);
}

#[tokio::test]
async fn anothers_save_is_not_found_public_or_not() {
    let server = TestServer::start().await;
    let rom = game::add(&server, "gba", "Game.gba").await;
    let save = upload(&server, &format!("rom_id={rom}"), "g.srm", b"one").await;
    let path = format!("/api/saves/{}", save["id"]);
    server.bob().get(&path).await.expect(404);
    let visible = json!({ "is_public": true });
    let public = server
        .admin()
        .put(&format!("{path}/visibility"), visible)
        .await
        .expect(200);
    assert_eq!(public["is_public"], true);
    assert_eq!(
        public["updated_at"], save["updated_at"],
        "no device has to fetch it again"
    );
    server.bob().get(&path).await.expect(404);
    let hidden = json!({ "is_public": false });
    server
        .bob()
        .put(&format!("{path}/visibility"), hidden)
        .await
        .expect(404);
}

#[tokio::test]
async fn only_confirming_a_download_or_asking_for_it_ends_an_opt_out() {
    let server = TestServer::start().await;
    let rom = game::add(&server, "gba", "Game.gba").await;
    let deck = device(&server, "Deck").await;
    let query = format!("rom_id={rom}&slot=s&device_id={deck}");
    let save = upload(&server, &query, "g.srm", b"one").await;
    let path = |verb: &str| format!("/api/saves/{}/{verb}", save["id"]);
    let body = json!({ "device_id": deck });
    let untracked = |view: &Value| view["device_syncs"][0]["is_untracked"].clone();

    let view = server
        .admin()
        .post(&path("untrack"), body.clone())
        .await
        .expect(200);
    assert_eq!(untracked(&view), true);
    let next = upload(&server, &query, "g.srm", b"two").await;
    assert_eq!(
        untracked(&next),
        true,
        "the next version is of the same timeline"
    );
    let content = format!("/api/saves/{}/content?device_id={deck}", save["id"]);
    assert_eq!(server.admin().get(&content).await.status, 200);
    let shown = format!("/api/saves/{}?device_id={deck}", save["id"]);
    assert_eq!(
        untracked(&server.admin().get(&shown).await.expect(200)),
        true
    );

    let view = server
        .admin()
        .post(&path("downloaded"), body.clone())
        .await
        .expect(200);
    assert_eq!(untracked(&view), false);
    server
        .admin()
        .post(&path("untrack"), body.clone())
        .await
        .expect(200);
    let view = server.admin().post(&path("track"), body).await.expect(200);
    assert_eq!(untracked(&view), false);
}

#[tokio::test]
async fn a_blank_file_never_replaces_a_save_by_itself() {
    let server = TestServer::start().await;
    let rom = game::add(&server, "gba", "Game.gba").await;
    let deck = device(&server, "Deck").await;
    let slot = format!("/api/saves?rom_id={rom}&slot=s");
    let owned = format!("{slot}&device_id={deck}");
    let send = async |path: &str, bytes: &[u8]| {
        server.clock.advance_millis(1_500);
        let file = [("saveFile", "g.srm", bytes)];
        server.admin().upload(path, &file).await
    };
    let save = send(&owned, b"forty hours").await.expect(200);
    let blanks: [&[u8]; 3] = [b"", &[0; 8192], &[0xff; 8192]];
    for blank in blanks {
        for path in [&owned, &slot] {
            let refused = send(path, blank).await.expect(409);
            assert_eq!(
                refused["detail"],
                "Slot has a save and this upload is blank"
            );
        }
    }
    let rows = server.admin().get(&slot).await.expect(200);
    assert_eq!(rows.as_array().unwrap().len(), 1);
    assert_eq!(rows[0]["content_hash"], save["content_hash"]);

    let chosen = format!("{owned}&overwrite=true");
    let blanked = send(&chosen, &[0; 8192]).await.expect(200);
    assert_eq!(blanked["device_syncs"][0]["is_current"], true);
    send(&owned, &[0xff; 8192]).await.expect(200);
    send(&owned, b"a new game").await.expect(200);
}
