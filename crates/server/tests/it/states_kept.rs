//! What is left of states that were replaced or deleted: everything.

use keepsave_testkit::server::TestServer;
use serde_json::{Value, json};

use crate::states::{PNG, content, emerald, file, post};

#[tokio::test]
async fn deleting_many_is_all_or_none_and_hides() {
    let server = TestServer::start().await;
    let rom = emerald(&server).await;
    let query = format!("rom_id={rom}");
    let files: [(&str, &str, &[u8]); 2] = [
        ("stateFile", "a.state", b"one"),
        ("screenshotFile", "a.png", PNG),
    ];
    let one = post(&server, &query, &files).await;
    let two = post(&server, &query, &[("stateFile", "b.state", b"two")]).await;

    let delete = async |ids: Value| {
        server
            .admin()
            .post("/api/states/delete", json!({ "states": ids }))
            .await
    };
    let answer = delete(json!([one["id"], 999_999])).await.expect(404);
    assert_eq!(answer["detail"], "State with ID 999999 not found");
    assert_eq!(
        delete(json!([])).await.expect(400)["detail"],
        "No states were provided"
    );
    let listed = server.admin().get("/api/states").await.expect(200);
    assert_eq!(listed, json!([one, two]), "nothing was deleted");

    let ids = json!([one["id"], two["id"]]);
    assert_eq!(delete(ids.clone()).await.expect(200), ids);
    assert_eq!(
        server.admin().get("/api/states").await.expect(200),
        json!([])
    );
    for path in ["", "/content"] {
        let path = format!("/api/states/{}{path}", one["id"]);
        server.admin().get(&path).await.expect(404);
    }
    let picture = format!("/api/screenshots/{}/content", one["screenshot"]["id"]);
    server.admin().get(&picture).await.expect(404);
    for gone in [&one, &two, &one["screenshot"]] {
        assert!(!file(&server, gone).exists());
    }
    assert_eq!(
        delete(json!([one["id"]])).await.expect(404)["detail"],
        format!("State with ID {} not found", one["id"])
    );

    // The name is free again, and the bytes are still there.
    let again = post(&server, &query, &[("stateFile", "a.state", b"new")]).await;
    assert_ne!(again["id"], one["id"]);
    let kept = keepsave_core::content::Digest::of(b"one").blob;
    assert!(server.app.vault.blobs().contains(&kept).unwrap());
}

#[tokio::test]
async fn what_was_replaced_can_be_fetched() {
    let server = TestServer::start().await;
    let rom = emerald(&server).await;
    let query = format!("rom_id={rom}&emulator=mgba");
    let mut state = Value::Null;
    for content in [&b"one"[..], b"two", b"three"] {
        state = post(&server, &query, &[("stateFile", "e.state", content)]).await;
        server.clock.advance_millis(10);
    }
    let path = format!("/api/keepsave/states/{}/earlier", state["id"]);
    let earlier = server.admin().get(&path).await.expect(200);
    let of = |earlier: &Value| {
        let (name, emulator) = (&earlier["file_name"], &earlier["emulator"]);
        assert_eq!((name, emulator), (&json!("e.state"), &json!("mgba")));
        format!("/api/keepsave/states/earlier/{}/content", earlier["id"])
    };
    let mut contents = Vec::new();
    for one in earlier.as_array().unwrap() {
        contents.push(server.admin().get(&of(one)).await.text());
        let bobs = server.bob().get(&of(one)).await.expect(404);
        let sentence = format!("Earlier content with ID {} not found", one["id"]);
        assert_eq!(bobs["detail"], sentence);
    }
    assert_eq!(contents, ["two", "one"]);
    let bobs = server.bob().get(&path).await.expect(404);
    let sentence = format!("State with ID {} not found", state["id"]);
    assert_eq!(bobs["detail"], sentence);
}

#[tokio::test]
async fn what_was_deleted_can_be_brought_back() {
    let server = TestServer::start().await;
    let rom = emerald(&server).await;
    let query = format!("rom_id={rom}");
    let files: [(&str, &str, &[u8]); 2] = [
        ("stateFile", "a.state", b"one"),
        ("screenshotFile", "a.png", PNG),
    ];
    let state = post(&server, &query, &files).await;
    let delete = json!({ "states": [state["id"]] });
    let undelete = format!("/api/keepsave/states/{}/undelete", state["id"]);
    let deleted = async || {
        let path = "/api/keepsave/states/deleted";
        server.admin().get(path).await.expect(200)
    };
    assert_eq!(deleted().await, json!([]));
    let post_delete = async || {
        let path = "/api/states/delete";
        server.admin().post(path, delete.clone()).await.expect(200)
    };
    post_delete().await;
    let listed = deleted().await;
    assert_eq!(listed[0]["id"], state["id"]);
    assert_eq!(listed[0]["file_name"], "a.state");
    server.bob().post(&undelete, json!({})).await.expect(404);
    let back = server.admin().post(&undelete, json!({})).await.expect(200);
    assert_eq!(back, state, "as it was, with its picture");
    assert_eq!(deleted().await, json!([]));
    for asset in [&state, &state["screenshot"]] {
        assert!(file(&server, asset).exists());
    }
    let again = server.admin().post(&undelete, json!({})).await.expect(200);
    assert_eq!(again, state, "nothing to bring back");

    // Others took both names meanwhile: both stay what they are.
    post_delete().await;
    let other = post(&server, &query, &files).await;
    let back = server.admin().post(&undelete, json!({})).await.expect(200);
    assert_eq!(back["id"], state["id"]);
    assert_eq!(back["file_name"], "a [2026-11-20_07-28-30].state");
    assert_eq!(back["screenshot"]["id"], state["screenshot"]["id"]);
    assert_ne!(
        back["screenshot"]["file_name"],
        other["screenshot"]["file_name"]
    );
    assert_eq!(content(&server, &back).await, b"one");
}
