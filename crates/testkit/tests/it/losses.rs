//! What RomM loses, by the numbers of the contract's list: the stand-in must lose it too, or no
//! test shows what a client does about it.

use keepsave_testkit::faults::{Fault, Proxy, Rule};
use keepsave_testkit::romm::Release;
use serde_json::{Value, json};

use crate::client::Client;
use crate::releases::Scene;

fn number(value: &Value) -> i64 {
    value["id"].as_i64().unwrap()
}

/// A scene of the newest release with two devices.
fn two_devices() -> (Scene, String, String) {
    let scene = Scene::new(Release::V5_1);
    let (deck, phone) = (scene.client.device("deck"), scene.client.device("phone"));
    (scene, deck, phone)
}

#[test]
fn loss_1_the_same_upload_twice_in_a_second_removes_the_only_copy() {
    for keeps in [false, true] {
        let (scene, deck, _) = two_devices();
        scene
            .romm
            .quirks(|quirks| quirks.dedupe_removes_the_only_copy = !keeps);
        let first = scene.upload(&deck, "autosave", b"one");
        let second = scene.upload(&deck, "autosave", b"one");
        assert_eq!(first["id"], second["id"]);
        assert_eq!(scene.romm.content(number(&first)).is_some(), keeps);
        if keeps {
            continue;
        }
        let path = format!("GET /api/saves/{}/content", first["id"]);
        let (status, body) = scene.client.ask(&path, &Value::Null);
        assert_eq!(
            (status, &body["detail"]),
            (404, &json!("Save file not found on disk"))
        );

        // Whoever uploads it again is told that it is there.
        scene.wait_a_second();
        let third = scene.upload(&deck, "autosave", b"one");
        assert_eq!(
            (&third["id"], scene.romm.content(number(&first))),
            (&first["id"], None)
        );
        let post = format!(
            "POST /api/saves?rom_id={}&slot=autosave&overwrite=true",
            scene.rom
        );
        let (_, fourth) = scene.client.upload(&post, "Game.srm", b"one");
        assert_eq!(scene.romm.content(number(&fourth)), Some(b"one".to_vec()));
    }
}

/// Uploads as several devices that all pass the check before one of them writes.
fn at_once(scene: &Scene, line: &str, devices: &[&str]) -> Vec<(u16, Value)> {
    scene.romm.hold_uploads();
    std::thread::scope(|threads| {
        let asking: Vec<_> = devices
            .iter()
            .map(|device| {
                let line = format!("{line}&device_id={device}");
                threads.spawn(move || scene.client.upload(&line, "Game.srm", b"one"))
            })
            .collect();
        scene.romm.until_held(devices.len());
        scene.romm.release_uploads();
        let answers = asking.into_iter().map(|asking| asking.join().unwrap());
        answers.collect()
    })
}

#[test]
fn loss_2_two_devices_at_the_same_second_leave_one_row_and_no_file() {
    let (scene, deck, phone) = two_devices();
    let line = format!("POST /api/saves?rom_id={}&slot=autosave", scene.rom);
    let answers = at_once(&scene, &line, &[&deck, &phone]);
    assert!(answers.iter().all(|(status, _)| *status == 200));
    let saves = scene.romm.saves();
    assert_eq!((saves.len(), scene.romm.content(saves[0].id)), (1, None));
}

#[test]
fn loss_3_another_upload_within_the_second_takes_the_place_of_the_first() {
    let scene = Scene::new(Release::V5_1);
    let post = format!("POST /api/saves?rom_id={}&slot=autosave", scene.rom);
    scene.client.upload(&post, "Game.srm", b"one");
    scene.client.upload(&post, "Game.srm", b"two");
    let saves = scene.romm.saves();
    assert_eq!(saves.len(), 1);
    assert_eq!(scene.romm.content(saves[0].id), Some(b"two".to_vec()));
}

#[test]
fn loss_4_a_put_of_a_stale_device_is_taken_in_place() {
    let (scene, deck, phone) = two_devices();
    let save = scene.upload(&deck, "autosave", b"one");
    scene.wait_a_second();
    let put = format!("PUT /api/saves/{}?device_id={phone}", save["id"]);
    assert_eq!(scene.client.upload(&put, "x", b"two").0, 200);
    assert_eq!(scene.romm.content(number(&save)), Some(b"two".to_vec()));
    assert_eq!(scene.romm.saves().len(), 1);
}

#[test]
fn loss_5_a_change_within_the_second_of_a_sync_goes_unseen() {
    let (scene, deck, phone) = two_devices();
    let save = scene.upload(&deck, "autosave", b"one");
    let content = format!("GET /api/saves/{}/content?device_id={phone}", save["id"]);
    scene.client.ask(&content, &Value::Null);
    scene.romm.clock.advance_millis(500);
    let put = format!("PUT /api/saves/{}?device_id={deck}", save["id"]);
    scene.client.upload(&put, "x", b"two");
    assert!(scene.is_current(&save, &phone));
    scene.wait_a_second();
    assert_eq!(scene.try_upload(&phone, "autosave", b"three").0, 200);
}

/// What negotiation says about one content of the slot, last changed at that moment.
fn negotiated(scene: &Scene, device: &str, hash: &str, updated: &str) -> Value {
    let entry = json!({
        "rom_id": scene.rom, "file_name": "Game.srm", "slot": "autosave", "content_hash": hash,
        "updated_at": updated, "file_size_bytes": 3,
    });
    let body = json!({"device_id": device, "saves": [entry]});
    let answer = scene.client.post("/api/sync/negotiate", &body);
    answer["operations"][0].clone()
}

#[test]
fn loss_6_both_changed_and_no_conflict_is_told() {
    let (scene, deck, phone) = two_devices();
    let save = scene.upload(&deck, "autosave", b"one");
    let confirm = format!("/api/saves/{}/downloaded", save["id"]);
    scene.client.post(&confirm, &json!({"device_id": phone}));
    scene.romm.clock.advance_millis(60_000);
    scene.upload(&deck, "autosave", b"two");
    // The phone was played after it got the first, before and after the second came.
    for (played, action) in [("07:29:00", "download"), ("07:31:00", "upload")] {
        let operation = negotiated(&scene, &phone, "0", &format!("2026-11-20T{played}Z"));
        assert_eq!(operation["action"], action);
        assert!(
            operation["reason"]
                .as_str()
                .unwrap()
                .ends_with("(no sync history)")
        );
    }
}

#[test]
fn loss_7_going_back_to_an_older_content_leaves_the_head() {
    let (scene, deck, _) = two_devices();
    let first = scene.upload(&deck, "autosave", b"one");
    scene.wait_a_second();
    let second = scene.upload(&deck, "autosave", b"two");
    scene.wait_a_second();
    let back = scene.upload(&deck, "autosave", b"one");
    assert_eq!(back["id"], first["id"]);
    assert!(back["updated_at"].as_str() < second["updated_at"].as_str());
    let hash = first["content_hash"].as_str().unwrap();
    let operation = negotiated(&scene, &deck, hash, "2026-11-20T09:00:00Z");
    assert_eq!(
        (&operation["action"], &operation["save_id"]),
        (&json!("upload"), &second["id"])
    );

    scene.romm.quirks(|quirks| quirks.dedupes = false);
    assert_ne!(scene.upload(&deck, "autosave", b"one")["id"], first["id"]);
}

#[test]
fn loss_8_without_a_slot_whoever_never_synced_overwrites() {
    let (scene, deck, phone) = two_devices();
    let post = |device: &str| format!("POST /api/saves?rom_id={}&device_id={device}", scene.rom);
    scene.client.upload(&post(&deck), "Game.srm", b"one");
    scene.wait_a_second();
    assert_eq!(
        scene.client.upload(&post(&phone), "Game.srm", b"two").0,
        200
    );
    scene.wait_a_second();
    assert_eq!(
        scene.client.upload(&post(&deck), "Game.srm", b"three").0,
        409
    );
    assert_eq!(scene.romm.content(1), Some(b"two".to_vec()));

    let (scene, deck, phone) = two_devices();
    let line = format!("POST /api/saves?rom_id={}", scene.rom);
    at_once(&scene, &line, &[&deck, &phone]);
    let paths: Vec<String> = scene
        .romm
        .saves()
        .iter()
        .map(|save| save.full_path())
        .collect();
    assert_eq!(paths.len(), 2);
    assert_eq!(paths[0], paths[1]);
}

#[test]
fn loss_9_an_optimistic_download_counts_that_never_arrived() {
    let (scene, deck, phone) = two_devices();
    let save = scene.upload(&deck, "autosave", b"one");
    let proxy = Proxy::before(scene.romm.address());
    proxy.fault(Rule::on("GET", "/api/saves/"), Fault::CutInAnswerBody(1));
    let client = Client::new(proxy.address(), &scene.romm.token(scene.user, None));
    let content = format!("GET /api/saves/{}/content?device_id={phone}", save["id"]);
    client.ask(&content, &Value::Null);
    assert!(scene.is_current(&save, &phone));
}

#[test]
fn loss_10_whoever_makes_a_row_is_told_that_it_is_not_current() {
    for keeps_seconds in [true, false] {
        let (scene, deck, _) = two_devices();
        scene
            .romm
            .quirks(|quirks| quirks.keeps_whole_seconds = keeps_seconds);
        let save = scene.upload(&deck, "autosave", b"one");
        assert_eq!(save["device_syncs"][0]["is_current"], !keeps_seconds);
        assert!(
            scene.is_current(&save, &deck),
            "the next look says otherwise"
        );
    }
}

#[test]
fn loss_12_what_was_deleted_is_uploaded_again() {
    let (scene, deck, phone) = two_devices();
    let save = scene.upload(&deck, "autosave", b"one");
    scene
        .client
        .post("/api/saves/delete", &json!({"saves": [save["id"]]}));
    let hash = save["content_hash"].as_str().unwrap();
    let operation = negotiated(&scene, &phone, hash, "2026-11-20T07:28:30Z");
    assert_eq!(operation["action"], "upload");
}

#[test]
fn loss_14_a_cleanup_removes_what_no_other_device_has_seen() {
    let (scene, deck, _) = two_devices();
    let first = scene.upload(&deck, "autosave", b"one");
    scene.wait_a_second();
    let post = format!(
        "POST /api/saves?rom_id={}&slot=autosave&autocleanup=true&autocleanup_limit=1",
        scene.rom
    );
    scene.client.upload(&post, "Game.srm", b"two");
    let rows = scene.romm.saves();
    assert_eq!(rows.len(), 1);
    assert_ne!(rows[0].id, number(&first));
    assert!(
        scene
            .romm
            .sync_rows()
            .iter()
            .all(|row| row.save_id == rows[0].id)
    );
}

#[test]
fn loss_15_showing_a_save_to_others_makes_every_device_stale() {
    let (scene, deck, _) = two_devices();
    let save = scene.upload(&deck, "autosave", b"one");
    scene.wait_a_second();
    let path = format!("PUT /api/saves/{}/visibility", save["id"]);
    assert_eq!(scene.client.ask(&path, &json!({"is_public": true})).0, 200);
    assert!(!scene.is_current(&save, &deck));
}

/// Not on the list, and read from RomM's source: names carry the second, but not the slot.
#[test]
fn uploads_of_two_slots_within_a_second_share_a_file() {
    for (release, rows, first) in [
        // The row of the first is taken over and moves to the other slot.
        (Release::V4_8_1, 1, b"two"),
        (Release::V5_1, 1, b"two"),
        // Both rows show the file of the second.
        (Release::V4_9, 2, b"two"),
    ] {
        let scene = Scene::new(release);
        let deck = scene.client.device("deck");
        scene.upload(&deck, "one", b"one");
        scene.upload(&deck, "other", b"two");
        let saves = scene.romm.saves();
        assert_eq!(saves.len(), rows, "{release:?}");
        assert_eq!(scene.romm.content(saves[0].id), Some(first.to_vec()));
        let slot = saves[0].slot.as_deref();
        assert_eq!(slot, Some(if rows == 1 { "other" } else { "one" }));
    }
}

#[test]
fn before_5_an_upload_without_a_slot_takes_over_a_row_of_its_name() {
    for release in [Release::V4_8_1, Release::V4_9, Release::V5_1] {
        let scene = Scene::new(release);
        let deck = scene.client.device("deck");
        let save = scene.upload(&deck, "autosave", b"one");
        let name = save["file_name"].as_str().unwrap();
        let post = format!("POST /api/saves?rom_id={}", scene.rom);
        let (_, again) = scene.client.upload(&post, name, b"one");
        assert_eq!(
            again["id"] == save["id"],
            release < Release::V5_1,
            "{release:?}"
        );
    }
}
