//! Negotiate as clients read it, and what they may send.

use keepsave_core::content::ContentHash;
use keepsave_server::events::Event;
use serde_json::{Value, json};

use crate::negotiate_story::{A, B, Story, action, hash};

const SRM: &str = "Game.srm";
const KEYS: [&str; 9] = [
    "action",
    "rom_id",
    "save_id",
    "file_name",
    "slot",
    "emulator",
    "reason",
    "server_updated_at",
    "server_content_hash",
];

/// T2: a client demands every key, null or not.
#[tokio::test]
async fn every_key_is_always_there() {
    let mut story = Story::begin().await;
    let bare = json!({
        "rom_id": 99, "file_name": "x", "updated_at": "2026-01-01T00:00:00Z", "file_size_bytes": 1,
    });
    story.post(A, 1).await;
    let plan = story.negotiate(B, vec![bare]).await;
    let keys: Vec<_> = plan.as_object().unwrap().keys().collect();
    assert_eq!(
        keys,
        [
            "session_id",
            "operations",
            "total_upload",
            "total_download",
            "total_conflict",
            "total_no_op"
        ]
    );
    assert!(plan["session_id"].is_i64());
    let operations = plan["operations"].as_array().unwrap();
    assert_eq!(operations.len(), 2);
    for operation in operations {
        let keys: Vec<_> = operation.as_object().unwrap().keys().collect();
        assert_eq!(keys, KEYS);
    }
    let nulls = [
        "save_id",
        "slot",
        "emulator",
        "server_updated_at",
        "server_content_hash",
    ];
    for key in nulls {
        assert_eq!(operations[0][key], Value::Null, "{key}");
    }
}

async fn refused(story: &Story, body: &[u8]) -> (u16, Value) {
    let asking = story.asking();
    let kind = Some("application/json");
    let path = "/api/sync/negotiate";
    let answer = asking
        .send(http::Method::POST, path, kind, body.to_vec())
        .await;
    (answer.status.as_u16(), answer.json()["detail"].clone())
}

/// T7: clients match these sentences.
#[tokio::test]
async fn who_cannot_be_synced_is_told_why() {
    let mut story = Story::begin().await;
    let unknown = json!({ "device_id": "nope", "saves": [] }).to_string();
    assert_eq!(
        refused(&story, unknown.as_bytes()).await,
        (404, json!("Device with ID nope not found"))
    );
    let needs_device = json!(
        "device_id is required (either in the request payload or implicit via a device-bound \
         client token)"
    );
    for nameless in [
        json!({ "saves": [] }),
        json!({ "device_id": "", "saves": [] }),
    ] {
        assert_eq!(
            refused(&story, nameless.to_string().as_bytes()).await,
            (400, needs_device.clone())
        );
    }
    let id = story.id(A).await;
    let path = format!("/api/devices/{id}");
    let off = json!({ "sync_enabled": false });
    story.asking().put(&path, off).await.expect(200);
    let asked = json!({ "device_id": id, "saves": [] }).to_string();
    assert_eq!(
        refused(&story, asked.as_bytes()).await,
        (400, json!("Sync is disabled for this device"))
    );
    let sessions = story.asking().get("/api/sync/sessions").await;
    assert_eq!(sessions.expect(200), json!([]), "nothing was begun");
}

#[tokio::test]
async fn what_is_wrong_is_named_entry_by_entry() {
    let mut story = Story::begin().await;
    let device = story.id(A).await;
    for (key, value, kind) in [
        ("rom_id", json!("x"), "int_parsing"),
        ("rom_id", Value::Null, "int_type"),
        ("file_name", json!(7), "string_type"),
        ("slot", json!(7), "string_type"),
        ("content_hash", json!([]), "string_type"),
        ("updated_at", json!("nope"), "datetime_from_date_parsing"),
        ("updated_at", Value::Null, "datetime_from_date_parsing"),
        ("file_size_bytes", json!(1e300), "int_type"),
    ] {
        let mut entry = story.entry(SRM, None);
        entry[key] = value;
        let saves = json!([story.entry(SRM, None), entry]);
        let body = json!({ "device_id": device, "saves": saves }).to_string();
        let (status, detail) = refused(&story, body.as_bytes()).await;
        assert_eq!(status, 422, "{body}");
        assert_eq!(detail[0]["loc"], json!(["body", "saves", 1, key]));
        assert_eq!(detail[0]["type"], kind, "{body}");
    }
    let sessions = story.asking().get("/api/sync/sessions").await;
    assert_eq!(sessions.expect(200), json!([]), "nothing was begun");
}

#[tokio::test]
async fn what_is_no_inventory_at_all_is_explained() {
    let story = Story::begin().await;
    for (body, place, kind) in [
        (
            &br#"{"saves": [7]}"#[..],
            json!(["body", "saves", 0]),
            "model_attributes_type",
        ),
        (br#"{"saves": {}}"#, json!(["body", "saves"]), "list_type"),
        (b"{}", json!(["body", "saves"]), "missing"),
        (b"[]", json!(["body"]), "dict_type"),
        (b"", json!(["body"]), "missing"),
        (b"{", json!(["body", 1]), "json_invalid"),
        (b"{nope", json!(["body", 1]), "json_invalid"),
        (b"{}\n}", json!(["body", 3]), "json_invalid"),
        (br#"{"saves": NaN}"#, json!(["body", 10]), "json_invalid"),
        (b"{\"\xff\": 1}", json!(["body", 2]), "json_invalid"),
    ] {
        let (status, detail) = refused(&story, body).await;
        let body = String::from_utf8_lossy(body);
        assert_eq!(status, 422, "{body}");
        assert_eq!(detail[0]["loc"], place, "{body}");
        assert_eq!(detail[0]["type"], kind, "{body}");
    }
}

/// The client's clock is read, and nothing is decided by it.
#[tokio::test]
async fn any_moment_is_taken_and_none_decides() {
    let mut story = Story::begin().await;
    story.post(A, 1).await;
    for moment in [
        json!("0001-01-01T00:00:00Z"),
        json!("9999-12-31T23:59:59+00:00"),
        json!("1970-01-01T00:00:00Z"),
        json!("2024-01-01T00:00:00"),
        json!("2026-11-20 07:28:30.123456+02:00"),
        json!(1_700_000_000),
        json!(1_700_000_000_000_i64),
        json!(-1.5),
        json!("1700000000"),
    ] {
        let mut entry = story.entry(SRM, Some(hash(9)));
        entry["updated_at"] = moment.clone();
        let plan = story.negotiate(B, vec![entry]).await;
        assert_eq!(action(&plan["operations"][0]), "conflict", "{moment}");
    }
}

/// A text that is no hash names content that no one has; the same text the same content.
#[tokio::test]
async fn what_is_no_hash_is_unknown_content() {
    let mut story = Story::begin().await;
    story.post(A, 1).await;
    let upper = hash(1).to_uppercase();
    for (text, expected) in [
        (hash(1), "no_op"),
        (upper, "no_op"),
        (String::new(), "upload"),
        ("nope".to_owned(), "upload"),
        ("é".repeat(5_000), "upload"),
        (format!("{} ", hash(1)), "upload"),
    ] {
        let entry = story.entry(SRM, Some(text.clone()));
        let plan = story.negotiate(A, vec![entry]).await;
        assert_eq!(action(&plan["operations"][0]), expected, "{text:.40}");
    }
}

/// Of a repeated key the last counts, as in Python.
#[tokio::test]
async fn keys_that_stand_twice_are_read_as_romm_reads_them() {
    let mut story = Story::begin().await;
    story.post(A, 1).await;
    let (device, rom) = (story.id(A).await, story.rom);
    let body = format!(
        r#"{{"device_id": "nope", "device_id": "{device}", "saves": [{{"rom_id": 99,
        "rom_id": {rom}, "file_name": "{SRM}", "slot": "x", "slot": "autosave",
        "content_hash": "{}", "updated_at": 0, "file_size_bytes": 1, "more": {{}}}}]}}"#,
        hash(1)
    );
    let answer = story
        .server
        .admin()
        .send(
            http::Method::POST,
            "/api/sync/negotiate",
            Some("application/json"),
            body.into_bytes(),
        )
        .await
        .expect(200);
    assert_eq!(action(&answer["operations"][0]), "no_op");
}

/// Names that could never be stored are answered, too: it is the upload that refuses them.
#[tokio::test]
async fn odd_names_and_sizes_do_no_harm() {
    let mut story = Story::begin().await;
    story.post(A, 1).await;
    let long = "x".repeat(10_000);
    let mut saves = Vec::new();
    for name in ["", "..", "../../etc/passwd", "a\0b", "\u{202e}srm.x", &long] {
        for slot in [json!(null), json!(name), json!("autosave")] {
            let mut entry = story.entry(name, Some(hash(1)));
            entry["slot"] = slot;
            entry["emulator"] = json!(name);
            entry["file_size_bytes"] = json!(i64::MAX);
            saves.push(entry);
        }
    }
    let count = saves.len();
    let plan = story.negotiate(A, saves.clone()).await;
    let operations = plan["operations"].as_array().unwrap();
    assert_eq!(operations.len(), count);
    for (operation, entry) in operations.iter().zip(&saves) {
        let expected = if entry["slot"] == "autosave" {
            "no_op"
        } else {
            "upload"
        };
        assert_eq!(action(operation), expected, "{entry:.80}");
        assert_eq!(operation["slot"], entry["slot"]);
    }
}

#[tokio::test]
async fn ten_thousand_saves_are_answered() {
    let mut story = Story::begin().await;
    story.post(A, 1).await;
    let saves: Vec<_> = (0..10_000)
        .map(|number| {
            let mut entry = story.entry(SRM, Some(hash(2)));
            entry["slot"] = json!(format!("slot {number}"));
            entry
        })
        .collect();
    let plan = story.negotiate(A, saves).await;
    assert_eq!(plan["total_upload"], 10_000);
    let same: Vec<_> = (0..10_000)
        .map(|_| story.entry(SRM, Some(hash(1))))
        .collect();
    let plan = story.negotiate(A, same).await;
    assert_eq!(plan["total_no_op"], 10_000);
    let session = &plan["session_id"];
    let path = format!("/api/sync/sessions/{session}");
    let session = story.asking().get(&path).await.expect(200);
    assert_eq!(session["operations_planned"], 0);
}

#[tokio::test]
async fn more_saves_than_anyone_has_are_refused() {
    let mut story = Story::begin().await;
    let device = story.id(A).await;
    let entry = json!({ "rom_id": 1, "file_name": "", "updated_at": 0, "file_size_bytes": 0 });
    let body = json!({ "device_id": device, "saves": vec![entry; 100_001] });
    let (status, detail) = refused(&story, body.to_string().as_bytes()).await;
    assert_eq!(status, 400);
    assert_eq!(detail, "An inventory cannot have more than 100000 saves");
    let huge = vec![b' '; 33 * 1024 * 1024];
    assert_eq!(refused(&story, &huge).await.0, 413);
}

/// A conflict waits for its device: a page can show it, and who listens is told once.
#[tokio::test]
async fn a_conflict_is_remembered_until_it_is_settled_and_told_once() {
    let mut story = Story::begin().await;
    story.post(A, 1).await;
    story.take(B).await;
    story.post(A, 2).await;
    let mut events = story.server.app.events.listen();
    let hash_of = |number| hash(number).parse::<ContentHash>().unwrap();

    for _ in 0..2 {
        assert_eq!(story.ask(B, 9).await, "conflict");
        assert_eq!(story.reported(B), [hash_of(9)]);
    }
    let (user, event) = events.try_recv().unwrap();
    assert_eq!(user.0, 1);
    assert_eq!(
        event,
        Event::Conflict {
            rom_id: story.rom,
            slot: Some("autosave".to_owned()),
            device_id: Some(keepsave_core::ids::DeviceId(story.id(B).await)),
            version_id: None,
        }
    );
    assert!(events.try_recv().is_err(), "once");

    assert_eq!(story.ask(B, 8).await, "conflict");
    assert_eq!(story.reported(B), [hash_of(8)]);
    assert!(
        events.try_recv().is_ok(),
        "another content is another conflict"
    );

    story.keep_local(B, 8).await;
    assert!(story.reported(B).is_empty());
    story.post(A, 3).await;
    story.ask(A, 4).await;
    assert_eq!(story.reported(A).len(), 1);
    story.take(A).await;
    assert!(story.reported(A).is_empty(), "settled by a download");
}

/// A client that sends no hash is in conflict, which is told although it cannot be remembered.
#[tokio::test]
async fn a_conflict_without_a_hash_is_told() {
    let mut story = Story::begin().await;
    story.post(A, 1).await;
    story.take(B).await;
    story.post(A, 2).await;
    let mut events = story.server.app.events.listen();
    assert_eq!(story.ask_all(B, &[None]).await, ["conflict"]);
    assert!(events.try_recv().is_ok());
    assert!(story.reported(B).is_empty());
}
