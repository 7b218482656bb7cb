//! Versions, sentences, signing in, devices and the library.

use keepsave_testkit::server::TestServer;
use serde_json::{Value, json};

use super::played::Played;

/// romm-tender takes a 404 with any other sentence than `Not Found` for a deletion.
#[tokio::test]
async fn t07_sentences_that_clients_match_are_literal() {
    let played = Played::before().await;
    let detail = async |path: &str, status: u16| {
        played.server.admin().get(path).await.expect(status)["detail"].clone()
    };
    assert_eq!(detail("/api/nope", 404).await, "Not Found");
    assert_eq!(
        detail("/api/saves/999", 404).await,
        "Save with ID 999 not found"
    );
    assert_eq!(
        detail("/api/roms/999", 404).await,
        "Rom with id '999' not found"
    );
    assert_eq!(
        detail("/api/devices/nope", 404).await,
        "Device with ID nope not found"
    );

    let code = json!({"code": "ZZZZZZZZ"});
    let exchanged = played
        .server
        .nobody()
        .post("/api/client-tokens/exchange", code)
        .await;
    assert_eq!(
        exchanged.expect(404)["detail"],
        "Invalid or expired pairing code"
    );
    let code = json!({"device_code": "nope"});
    let polled = played
        .server
        .nobody()
        .post("/api/auth/device/token", code)
        .await;
    assert_eq!(polled.expect(400)["detail"], "expired_token");

    let off = json!({"sync_enabled": false});
    let device = format!("/api/devices/{}", played.device);
    played.server.admin().put(&device, off).await.expect(200);
    let body = json!({"device_id": played.device, "saves": []});
    let refused = played
        .server
        .admin()
        .post("/api/sync/negotiate", body)
        .await;
    assert_eq!(
        refused.expect(400)["detail"],
        "Sync is disabled for this device"
    );
}

/// romm-tender takes any version but digits and dots for an unsupported server.
#[tokio::test]
async fn t08_the_heartbeat_tells_anyone_a_plain_version() {
    let server = TestServer::start().await;
    let heartbeat = server.nobody().get("/api/heartbeat").await.expect(200);
    let version = heartbeat["SYSTEM"]["VERSION"].as_str().unwrap();
    let parts: Vec<u64> = version
        .split('.')
        .map(|part| part.parse().unwrap())
        .collect();
    // From 5.1.0 on RomMBat talks to a server, and Grout and Argosy offer the device flow (T9).
    assert!(parts.len() == 3 && parts >= vec![5, 1, 0], "{version}");
}

/// At this version Grout, Argosy and RomMBat sign in by device code, so it must work to the end.
#[tokio::test]
async fn t09_the_version_promises_the_device_flow_and_it_works() {
    let server = TestServer::seeded().await;
    let scopes = json!([
        "assets.read",
        "assets.write",
        "devices.read",
        "devices.write",
        "roms.read"
    ]);
    let asked = json!({
        "client_device_identifier": "d", "name": "Handheld", "client": "grout",
        "platform": "muOS", "client_version": "5.1", "requested_scopes": scopes,
    });
    let flow = server
        .nobody()
        .post("/api/auth/device/init", asked)
        .await
        .expect(201);
    let poll = async || {
        let code = json!({"device_code": flow["device_code"]});
        server.nobody().post("/api/auth/device/token", code).await
    };
    assert_eq!(poll().await.expect(400)["detail"], "authorization_pending");
    let page = flow["verification_path_complete"].as_str().unwrap();
    assert!(page.contains(flow["user_code"].as_str().unwrap()));

    let approved = json!({"user_code": flow["user_code"], "approved_scopes": scopes});
    server
        .bob()
        .post("/api/auth/device/approve", approved)
        .await
        .expect(200);
    server.clock.advance_millis(6_000);
    let token = poll().await.expect(200);
    let bearer = token["access_token"].as_str().unwrap();
    let negotiated = server
        .bearer(bearer)
        .post("/api/sync/negotiate", json!({"saves": []}));
    assert!(negotiated.await.expect(200)["session_id"].is_u64());
    assert_eq!(poll().await.expect(400)["detail"], "expired_token");
}

/// romm-cli refuses to sync, or to look after games, unless it finds these letter by letter.
#[tokio::test]
async fn t11_the_description_has_the_routes_that_romm_cli_looks_for() {
    let server = TestServer::start().await;
    for path in ["/openapi.json", "/api/openapi.json"] {
        let document = server.nobody().get(path).await.expect(200);
        for (method, template) in [
            ("get", "/api/devices"),
            ("post", "/api/devices"),
            ("get", "/api/sync/sessions"),
            ("post", "/api/sync/negotiate"),
            ("post", "/api/sync/sessions/{session_id}/complete"),
            ("post", "/api/sync/devices/{device_id}/push-pull"),
            ("get", "/api/roms/{id}"),
            ("put", "/api/roms/{id}"),
            ("get", "/api/search/roms"),
        ] {
            let operation = &document["paths"][template][method];
            assert!(operation.is_object(), "{method} {template} in {path}");
        }
    }
}

/// romm-tender sends the machine id as host name; Grout and Argosy send nothing to know them by.
#[tokio::test]
async fn t16_devices_are_known_again_by_fingerprint_only() {
    let server = TestServer::start().await;
    let made = async |body: Value| {
        let answer = server.admin().post("/api/devices", body).await;
        (answer.status.as_u16(), answer.json()["device_id"].clone())
    };
    let tender = json!({"name": "Deck", "hostname": "4c1a", "platform": "linux"});
    let first = made(tender.clone()).await;
    assert_eq!(first.0, 201);
    assert_eq!(made(tender).await, (200, first.1));
    let grout = json!({"name": "RG35XX", "platform": "muOS", "client": "grout"});
    let first = made(grout.clone()).await;
    let second = made(grout).await;
    assert_eq!((first.0, second.0), (201, 201));
    assert_ne!(first.1, second.1);
}

/// Grout forgets every game that a list of ids leaves out, and with it the game's saves.
#[tokio::test]
async fn t20_lists_of_ids_are_complete() {
    let server = TestServer::seeded().await;
    for number in 0..120 {
        let game = json!({"platform": "gba", "file_name": format!("Game {number:03}.gba")});
        server.admin().post("/api/roms", game).await.expect(201);
    }
    let ids = async |path: &str| {
        let ids = server.admin().get(path).await.expect(200);
        ids.as_array().unwrap().len()
    };
    assert_eq!(ids("/api/roms/identifiers").await, 126);
    assert_eq!(ids("/api/platforms/identifiers").await, 3);
    assert_eq!(ids("/api/collections/identifiers").await, 0);
}
