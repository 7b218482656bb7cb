//! `/api/devices`: who registers, is known again, changes and goes.

use keepsave_server::vault::Fault;
use keepsave_testkit::server::TestServer;
use serde_json::{Value, json};

use crate::negotiate_story::{A, B, C, Story};

async fn register(server: &TestServer, body: Value) -> (u16, Value) {
    let answer = server.bob().post("/api/devices", body).await;
    (answer.status.as_u16(), answer.json())
}

async fn new_device(server: &TestServer, body: Value) -> String {
    let (status, answer) = register(server, body).await;
    assert_eq!(status, 201, "{answer}");
    answer["device_id"].as_str().unwrap().to_owned()
}

async fn get(server: &TestServer, id: &str) -> Value {
    let path = format!("/api/devices/{id}");
    server.bob().get(&path).await.expect(200)
}

async fn put(server: &TestServer, id: &str, body: Value) -> Value {
    let path = format!("/api/devices/{id}");
    server.bob().put(&path, body).await.expect(200)
}

#[tokio::test]
async fn a_device_has_every_field_that_clients_demand() {
    let server = TestServer::start().await;
    let id = new_device(&server, json!({ "name": "RG35XX", "platform": "muOS" })).await;
    let device = get(&server, &id).await;
    let keys: Vec<_> = device.as_object().unwrap().keys().collect();
    assert_eq!(
        keys,
        [
            "id",
            "user_id",
            "name",
            "platform",
            "client",
            "client_version",
            "ip_address",
            "mac_address",
            "hostname",
            "client_device_identifier",
            "sync_mode",
            "sync_enabled",
            "sync_config",
            "last_seen",
            "created_at",
            "updated_at"
        ]
    );
    assert_eq!(device["id"], id);
    assert_eq!(device["sync_mode"], "api");
    assert_eq!(device["sync_enabled"], true);
    let listed = server.bob().get("/api/devices").await.expect(200);
    assert_eq!(listed, json!([device]));
}

#[tokio::test]
async fn a_fingerprint_is_the_mac_address_else_host_name_and_platform() {
    let server = TestServer::start().await;
    let full = json!({
        "name": "one", "platform": "muOS", "hostname": "rg35xx", "mac_address": "AA:BB:CC:DD:EE:FF",
    });
    let id = new_device(&server, full).await;
    for known in [
        json!({ "name": "other", "mac_address": "aa:bb:cc:dd:ee:ff" }),
        json!({ "mac_address": "AA:BB:CC:DD:EE:FF", "hostname": "elsewhere", "platform": "x" }),
        json!({ "hostname": "rg35xx", "platform": "muOS" }),
        json!({ "hostname": "rg35xx", "platform": "muOS", "mac_address": "" }),
    ] {
        let (status, answer) = register(&server, known.clone()).await;
        assert_eq!((status, &answer["device_id"]), (200, &json!(id)), "{known}");
        assert_eq!(answer["name"], "one", "nothing about it changes");
    }
    for other in [
        json!({}),
        json!({ "hostname": "rg35xx" }),
        json!({ "platform": "muOS" }),
        json!({ "hostname": "", "platform": "" }),
        json!({ "hostname": "", "platform": "" }),
    ] {
        assert_eq!(register(&server, other.clone()).await.0, 201, "{other}");
    }
    let (status, _) = {
        let body = json!({ "mac_address": "AA:BB:CC:DD:EE:FF" });
        let answer = server.admin().post("/api/devices", body).await;
        (answer.status.as_u16(), answer.json())
    };
    assert_eq!(status, 201, "another person's device is another device");
}

#[tokio::test]
async fn two_handhelds_of_one_model_are_two_devices() {
    let server = TestServer::start().await;
    let handheld =
        |mac: &str| json!({ "hostname": "rg35xx", "platform": "muOS", "mac_address": mac });
    let one = new_device(&server, handheld("AA:BB:CC:DD:EE:01")).await;
    let two = new_device(&server, handheld("AA:BB:CC:DD:EE:02")).await;
    assert_ne!(one, two);
}

#[tokio::test]
async fn a_known_device_may_be_refused_doubled_or_reset() {
    let server = TestServer::start().await;
    let mac = "AA:BB:CC:DD:EE:FF";
    let id = new_device(&server, json!({ "mac_address": mac })).await;

    let refused = json!({ "mac_address": mac, "allow_existing": false });
    let (status, answer) = register(&server, refused).await;
    assert_eq!(status, 409);
    assert_eq!(
        answer["detail"],
        json!({
            "error": "device_exists",
            "message": "A device with this fingerprint already exists",
            "device_id": id,
        })
    );

    server.clock.advance_millis(1);
    let doubled = json!({ "mac_address": mac, "allow_duplicate": true });
    assert_ne!(new_device(&server, doubled).await, id);

    let reset = json!({ "mac_address": mac, "reset_syncs": true });
    let (status, answer) = register(&server, reset).await;
    assert_eq!((status, &answer["device_id"]), (200, &json!(id)));
}

#[tokio::test]
async fn a_device_that_is_reset_has_synced_nothing() {
    let mut story = Story::begin().await;
    let fingerprint = json!({ "mac_address": "AA:BB:CC:DD:EE:FF" });
    let path = format!("/api/devices/{}", story.id(B).await);
    let admin = story.asking();
    admin.put(&path, fingerprint.clone()).await.expect(200);
    story.post(A, 1).await;
    story.take(B).await;
    assert!(story.is_current(B, 1).await);
    let mut reset = fingerprint;
    reset["reset_syncs"] = json!(true);
    let answer = story.asking().post("/api/devices", reset).await;
    assert_eq!(answer.expect(200)["device_id"], story.id(B).await);
    assert!(!story.is_current(B, 1).await);
    let offered = story.show(B, &[]).await;
    assert_eq!(
        offered[0]["reason"],
        "Save exists on server but not on client"
    );
}

/// T6: a client that says nothing sends null for everything.
#[tokio::test]
async fn null_is_the_same_as_nothing_when_a_device_registers() {
    let server = TestServer::start().await;
    let id = new_device(
        &server,
        json!({
            "name": null, "platform": null, "client": "romm-cli", "client_version": null,
            "hostname": null, "mac_address": null, "ip_address": null, "sync_mode": null,
            "sync_config": null, "allow_existing": true, "allow_duplicate": false,
            "reset_syncs": false,
        }),
    )
    .await;
    assert_eq!(get(&server, &id).await["sync_mode"], "api");
}

#[tokio::test]
async fn a_change_keeps_what_it_leaves_out_and_empties_what_is_null() {
    let server = TestServer::start().await;
    let id = new_device(&server, json!({ "name": "one", "platform": "muOS" })).await;
    let before = get(&server, &id).await;
    server.clock.advance_millis(1_000);

    assert_eq!(put(&server, &id, json!({})).await, before);
    let changed = put(
        &server,
        &id,
        json!({ "name": "two", "sync_enabled": false }),
    )
    .await;
    assert_eq!(changed["name"], "two");
    assert_eq!(changed["platform"], "muOS");
    assert_eq!(changed["sync_enabled"], false);
    assert_ne!(changed["updated_at"], before["updated_at"]);
    let emptied = put(
        &server,
        &id,
        json!({ "name": null, "sync_mode": "push_pull" }),
    )
    .await;
    assert_eq!(emptied["name"], json!(null));
    assert_eq!(emptied["sync_mode"], "push_pull");
    assert_eq!(get(&server, &id).await, emptied);
}

#[tokio::test]
async fn what_no_device_can_be_is_refused_and_changes_nothing() {
    let server = TestServer::start().await;
    let id = new_device(&server, json!({ "name": "one" })).await;
    let before = get(&server, &id).await;
    let long = |count: usize| "é".repeat(count);
    for (body, field) in [
        (json!({ "name": long(256) }), "name"),
        (json!({ "platform": long(51) }), "platform"),
        (json!({ "client": long(51) }), "client"),
        (json!({ "client_version": long(51) }), "client_version"),
        (json!({ "ip_address": long(46) }), "ip_address"),
        (json!({ "mac_address": long(18) }), "mac_address"),
        (json!({ "hostname": long(256) }), "hostname"),
        (json!({ "sync_mode": "bogus" }), "sync_mode"),
        (json!({ "sync_mode": 1 }), "sync_mode"),
        (json!({ "sync_config": "text" }), "sync_config"),
        (
            json!({ "sync_config": { "a": long(64 * 1024) } }),
            "sync_config",
        ),
        (json!({ "name": 7 }), "name"),
    ] {
        let path = format!("/api/devices/{id}");
        for answer in [
            server.bob().post("/api/devices", body.clone()).await,
            server.bob().put(&path, body.clone()).await,
        ] {
            let detail = answer.expect(422)["detail"].clone();
            assert_eq!(detail[0]["loc"], json!(["body", field]), "{field}");
        }
    }
    for field in ["sync_mode", "sync_enabled"] {
        let path = format!("/api/devices/{id}");
        let answer = server.bob().put(&path, json!({ field: null })).await;
        assert_eq!(
            answer.expect(422)["detail"][0]["msg"],
            format!("Value error, {field} cannot be null")
        );
    }
    assert_eq!(get(&server, &id).await, before);
    let listed = server.bob().get("/api/devices").await.expect(200);
    assert_eq!(listed.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn the_longest_texts_are_taken() {
    let server = TestServer::start().await;
    let longest = json!({
        "name": "é".repeat(255), "platform": "p".repeat(50), "ip_address": "i".repeat(45),
        "mac_address": "m".repeat(17), "hostname": "h".repeat(255),
    });
    let id = new_device(&server, longest.clone()).await;
    let device = get(&server, &id).await;
    for (field, text) in longest.as_object().unwrap() {
        assert_eq!(&device[field], text);
    }
}

#[tokio::test]
async fn secrets_are_never_shown_and_survive_what_was_shown() {
    let server = TestServer::start().await;
    let config = json!({
        "ssh_host": "10.0.0.5", "ssh_password": "secret", "ssh_key_path": "/key",
        "save_directories": [],
    });
    let device = json!({ "name": "pp", "sync_mode": "push_pull", "sync_config": config });
    let id = new_device(&server, device).await;
    let mut shown = get(&server, &id).await["sync_config"].clone();
    assert_eq!(
        shown,
        json!({
            "ssh_host": "10.0.0.5", "ssh_password": "********", "ssh_key_path": "********",
            "save_directories": [],
        })
    );
    let listed = server.bob().get("/api/devices").await.expect(200);
    assert_eq!(listed[0]["sync_config"], shown);

    shown["ssh_host"] = json!("10.0.0.6");
    let changed = put(&server, &id, json!({ "sync_config": shown })).await;
    assert_eq!(changed["sync_config"], shown);
    let stored = keepsave_server::devices::one(
        &server.app,
        keepsave_core::ids::UserId(2),
        &keepsave_core::ids::DeviceId(id.clone()),
    );
    let stored: Value =
        serde_json::from_str(&stored.unwrap().unwrap().sync_config.unwrap()).unwrap();
    assert_eq!(stored["ssh_host"], "10.0.0.6");
    assert_eq!(stored["ssh_password"], "secret");
    assert_eq!(stored["ssh_key_path"], "/key");
}

/// T7: clients know the first words of the sentence, and register anew.
#[tokio::test]
async fn unknown_and_foreign_devices_are_not_told_apart() {
    let server = TestServer::start().await;
    let id = new_device(&server, json!({})).await;
    for id in [id.as_str(), "nope", "%00", "a%20b%FF"] {
        let path = format!("/api/devices/{id}");
        for answer in [
            server.admin().get(&path).await,
            server.admin().put(&path, json!({ "name": "mine" })).await,
            server.admin().delete(&path).await,
        ] {
            let detail = answer.expect(404)["detail"].clone();
            let known = detail.as_str().unwrap();
            assert!(
                known.starts_with("Device with ID ") || known == "Not Found",
                "{known}"
            );
        }
    }
    assert_eq!(get(&server, &id).await["name"], json!(null));
}

#[tokio::test]
async fn a_device_goes_once() {
    let server = TestServer::start().await;
    let id = new_device(&server, json!({})).await;
    let path = format!("/api/devices/{id}");
    server.bob().delete(&path).await.expect(204);
    let answer = server.bob().delete(&path).await.expect(404);
    assert_eq!(answer["detail"], format!("Device with ID {id} not found"));
    let listed = server.bob().get("/api/devices").await.expect(200);
    assert_eq!(listed, json!([]));
}

/// What is known of its syncs goes with a device; what it made stays, and keeps its name.
#[tokio::test]
async fn what_a_deleted_device_made_stays() {
    let mut story = Story::begin().await;
    story.post(A, 1).await;
    story.post(A, 2).await;
    story.take(B).await;
    let session = story.negotiate(B, Vec::new()).await["session_id"].clone();
    for device in [A, B] {
        let path = format!("/api/devices/{}", story.id(device).await);
        story.asking().delete(&path).await.expect(204);
    }
    let path = format!("/api/sync/sessions/{session}");
    story.asking().get(&path).await.expect(404);

    let rows = story.list(C).await;
    assert_eq!(rows.len(), 2);
    for row in &rows {
        assert_eq!(row["origin_device_id"], Value::Null);
        let syncs = row["device_syncs"].as_array().unwrap();
        assert_eq!(syncs.len(), 1, "only the one that asks: {syncs:?}");
    }
    let vault = &story.server.app.vault;
    let makers = vault.read(|tx| {
        let sql = "SELECT device_id, device_name FROM versions ORDER BY id";
        tx.all(sql, &[], |row| Ok((row.get()?, row.get()?)))
    });
    let makers: Vec<(Option<String>, String)> = makers.map_err(|fault: Fault| fault).unwrap();
    assert_eq!(makers, [(None, "A".to_owned()), (None, "A".to_owned())]);
    assert_eq!(story.post_by_nobody(3).await, 200, "the slot goes on");
}

#[tokio::test]
async fn devices_are_read_and_written_with_their_scopes() {
    let server = TestServer::start().await;
    assert_eq!(server.nobody().get("/api/devices").await.status, 401);
    server
        .bearer("rmm_unknown")
        .post("/api/devices", json!({}))
        .await
        .expect(401);
}

#[tokio::test]
async fn a_body_that_is_no_object_is_explained() {
    let server = TestServer::start().await;
    for (body, kind) in [
        (&b""[..], "missing"),
        (b"{", "json_invalid"),
        (b"[]", "dict_type"),
        (b"\xff\xfe", "json_invalid"),
    ] {
        let answer = server
            .bob()
            .send(
                http::Method::POST,
                "/api/devices",
                Some("application/json"),
                body.to_vec(),
            )
            .await;
        assert_eq!(answer.expect(422)["detail"][0]["type"], kind);
    }
}
