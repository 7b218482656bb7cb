//! What anyone may ask without signing in.

use keepsave_testkit::server::TestServer;
use serde_json::json;

/// T8: it answers whoever asks, and clients read nothing but digits and dots.
#[tokio::test]
async fn the_heartbeat_names_the_romm_that_clients_know_and_keepsave_beside_it() {
    let server = TestServer::start().await;
    for path in ["/api/heartbeat", "/api/heartbeat/"] {
        let heartbeat = server.nobody().get(path).await.expect(200);
        assert_eq!(heartbeat["SYSTEM"]["VERSION"], "5.1.0", "{path}");
        assert!(heartbeat["KEEPSAVE"]["VERSION"].is_string());
    }
}

#[tokio::test]
async fn the_heartbeat_holds_every_block_that_romms_does() {
    let server = TestServer::start().await;
    crate::game::add(&server, "gba", "Metroid Fusion.gba").await;
    let heartbeat = server.nobody().get("/api/heartbeat").await.expect(200);
    let blocks: Vec<&String> = heartbeat.as_object().unwrap().keys().collect();
    let expected = [
        "SYSTEM",
        "METADATA_SOURCES",
        "FILESYSTEM",
        "EMULATION",
        "FRONTEND",
        "OIDC",
        "TASKS",
        "KEEPSAVE",
    ];
    assert_eq!(blocks, expected);
    let sources = heartbeat["METADATA_SOURCES"].as_object().unwrap();
    assert_eq!(sources.len(), 14);
    assert!(sources.values().all(|enabled| enabled == false));
    assert_eq!(heartbeat["FILESYSTEM"]["FS_PLATFORMS"], json!(["gba"]));
    assert_eq!(heartbeat["SYSTEM"]["SHOW_SETUP_WIZARD"], false);
}

#[tokio::test]
async fn unknown_routes_and_methods_are_told_apart() {
    let server = TestServer::start().await;
    let answer = server.nobody().get("/api/nope").await.expect(404);
    assert_eq!(answer["detail"], "Not Found");
    let answer = server.admin().delete("/api/heartbeat").await;
    assert_eq!(answer.headers["allow"], "GET,HEAD");
    assert_eq!(answer.expect(405)["detail"], "Method Not Allowed");
}
