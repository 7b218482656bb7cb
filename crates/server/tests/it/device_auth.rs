//! How a device is let in: it asks, a person decides, it polls.

use keepsave_testkit::server::{Answer, TestServer};
use serde_json::{Value, json};

use crate::accounts::{disable, scoped_token};

const FLOW: &str = "/api/auth/device";

fn handheld() -> Value {
    json!({
        "client_device_identifier": "dev-ident-1", "name": "My Handheld", "client": "capture",
        "platform": "muOS", "client_version": "1.0",
        "requested_scopes": ["assets.write", "assets.read", "me.read", "users.read"],
    })
}

/// The device code and the user code.
async fn begin(server: &TestServer, asked: Value) -> (String, String) {
    let path = format!("{FLOW}/init");
    let answer = server.nobody().post(&path, asked).await.expect(201);
    let text = |name: &str| answer[name].as_str().unwrap().to_owned();
    (text("device_code"), text("user_code"))
}

async fn poll(server: &TestServer, code: &str) -> (u16, Value) {
    let body = json!({ "device_code": code });
    let path = format!("{FLOW}/token");
    let answer = server.nobody().post(&path, body).await;
    (answer.status.as_u16(), answer.json())
}

async fn approve(server: &TestServer, code: &str, scopes: &[&str]) -> Answer {
    let body = json!({"user_code": code, "approved_scopes": scopes});
    server.bob().post(&format!("{FLOW}/approve"), body).await
}

fn says(sentence: &str) -> (u16, Value) {
    (400, json!({ "detail": sentence }))
}

#[tokio::test]
async fn a_device_shows_one_code_and_keeps_the_other() {
    let server = TestServer::start().await;
    let path = format!("{FLOW}/init");
    let answer = server.nobody().post(&path, handheld()).await.expect(201);
    let user_code = answer["user_code"].as_str().unwrap();
    assert_eq!(user_code.len(), 8);
    assert_eq!(answer["device_code"].as_str().unwrap().len(), 64);
    let expected = json!({
        "device_code": answer["device_code"], "user_code": user_code,
        "verification_path": "/pair/device",
        "verification_path_complete": format!("/pair/device?user_code={user_code}"),
        "expires_in": 600, "interval": 5,
    });
    assert_eq!(answer.to_string(), expected.to_string());
}

#[tokio::test]
async fn the_person_who_decides_sees_who_asks_and_what_they_can_give() {
    let server = TestServer::start().await;
    let (_, code) = begin(&server, handheld()).await;
    let typed = format!("{}-{}", code[..4].to_lowercase(), &code[4..]);
    let path = format!("{FLOW}/pending/{typed}");
    let pending = server.bob().get(&path).await.expect(200);
    let expected = json!({
        "client_device_identifier": "dev-ident-1", "name": "My Handheld", "client": "capture",
        "platform": "muOS", "client_version": "1.0",
        "requested_scopes": ["assets.read", "assets.write", "me.read", "users.read"],
        "allowed_scopes": ["assets.read", "assets.write", "me.read"],
        "expires_at": "2026-11-20T07:38:30.000000+00:00",
    });
    assert_eq!(pending.to_string(), expected.to_string());

    server.nobody().get(&path).await.expect(401);
    let unknown = server.bob().get(&format!("{FLOW}/pending/ZZZZZZZZ")).await;
    let sentence = json!({"detail": "Unknown or expired code"});
    assert_eq!(unknown.expect(404), sentence);
    server.clock.advance_millis(600_000);
    assert_eq!(server.bob().get(&path).await.expect(404), sentence);
}

/// T9: from 5.0 on, apps offer this way in. T7: they match what a poll says.
#[tokio::test]
async fn a_device_that_was_let_in_fetches_its_token_once() {
    let server = TestServer::start().await;
    let (device_code, code) = begin(&server, handheld()).await;
    assert_eq!(
        poll(&server, &device_code).await,
        says("authorization_pending")
    );
    assert_eq!(poll(&server, &device_code).await, says("slow_down"));
    server.clock.advance_millis(4_999);
    assert_eq!(poll(&server, &device_code).await, says("slow_down"));
    server.clock.advance_millis(5_000);
    assert_eq!(
        poll(&server, &device_code).await,
        says("authorization_pending")
    );
    assert_eq!(poll(&server, "deadbeef").await, says("expired_token"));

    let body = json!({
        "user_code": code, "approved_scopes": ["me.read", "assets.read"],
        "device_name": "Renamed", "expires_in": "90d",
    });
    let path = format!("{FLOW}/approve");
    let approved = server.bob().post(&path, body.clone()).await.expect(200);
    let device = approved["device_id"].clone();
    assert_eq!(
        approved,
        json!({"device_id": device, "device_name": "Renamed"})
    );
    // The code is used up.
    let again = server.bob().post(&path, body).await.expect(404);
    assert_eq!(again, json!({"detail": "Unknown or expired code"}));
    // No secret is made before it is fetched.
    let tokens = server.bob().get("/api/client-tokens").await.expect(200);
    assert_eq!(tokens, json!([]));

    let (status, token) = poll(&server, &device_code).await;
    assert_eq!(status, 200);
    let secret = token["access_token"].as_str().unwrap();
    let expected = json!({
        "access_token": secret, "device_id": device, "scopes": ["assets.read", "me.read"],
        "expires_at": "2027-02-18T07:28:39.999000+00:00",
    });
    assert_eq!(token.to_string(), expected.to_string());
    assert_eq!(poll(&server, &device_code).await, says("expired_token"));

    let me = server.bearer(secret).get("/api/users/me").await.expect(200);
    assert_eq!(me["username"], "bob");
    assert_eq!(me["current_device_id"], device);
    let path = format!("/api/devices/{}", device.as_str().unwrap());
    let shown = server.bob().get(&path).await.expect(200);
    assert_eq!(shown["name"], "Renamed");
    assert_eq!(shown["client_device_identifier"], "dev-ident-1");
    assert_eq!(shown["sync_mode"], "api");
    assert_eq!(shown["last_seen"], "2026-11-20T07:28:39.999000+00:00");
}

#[tokio::test]
async fn a_device_that_asks_again_is_the_same_device() {
    let server = TestServer::start().await;
    let (first_code, code) = begin(&server, handheld()).await;
    let first = approve(&server, &code, &["me.read"]).await.expect(200);
    let (_, first_token) = poll(&server, &first_code).await;

    let mut newer = handheld();
    newer["name"] = json!("Other name");
    newer["client_version"] = json!("2.0");
    let (second_code, code) = begin(&server, newer).await;
    let second = approve(&server, &code, &["me.read"]).await.expect(200);
    assert_eq!(first["device_id"], second["device_id"]);
    assert_eq!(second["device_name"], "Other name");
    let path = format!("/api/devices/{}", second["device_id"].as_str().unwrap());
    let shown = server.bob().get(&path).await.expect(200);
    assert_eq!(shown["name"], "Other name");
    assert_eq!(shown["client_version"], "2.0");

    // Both tokens are good, and outlive the device.
    let (_, second_token) = poll(&server, &second_code).await;
    server.bob().delete(&path).await.expect(204);
    for token in [first_token, second_token] {
        let secret = token["access_token"].as_str().unwrap();
        let me = server.bearer(secret).get("/api/users/me").await;
        assert_eq!(me.expect(200)["current_device_id"], Value::Null);
    }

    // What one person calls theirs is not another's.
    let (_, code) = begin(&server, handheld()).await;
    let body = json!({"user_code": code, "approved_scopes": ["me.read"]});
    let path = format!("{FLOW}/approve");
    let other = server.admin().post(&path, body).await.expect(200);
    assert_ne!(other["device_id"], first["device_id"]);
}

#[tokio::test]
async fn a_device_that_was_refused_learns_it() {
    let server = TestServer::start().await;
    let (device_code, code) = begin(&server, handheld()).await;
    let body = json!({ "user_code": code });
    let path = format!("{FLOW}/deny");
    let denied = server.admin().post(&path, body.clone()).await;
    assert_eq!(denied.expect(200), Value::Null);
    assert_eq!(poll(&server, &device_code).await, says("access_denied"));
    let unknown = json!({"detail": "Unknown or expired code"});
    let again = server.admin().post(&path, body).await;
    assert_eq!(again.expect(404), unknown);
    let pending = server.admin().get(&format!("{FLOW}/pending/{code}")).await;
    assert_eq!(pending.expect(404), unknown);
    server.clock.advance_millis(60_000);
    assert_eq!(poll(&server, &device_code).await, says("expired_token"));
}

#[tokio::test]
async fn no_one_gives_what_they_do_not_have_or_what_was_not_asked_for() {
    let server = TestServer::start().await;
    let (device_code, code) = begin(&server, handheld()).await;
    let sentence = json!({"detail": "Approved scopes exceed what's allowed for this user"});
    for scopes in [["users.read"], ["roms.read"], ["nope"]] {
        let answer = approve(&server, &code, &scopes).await;
        assert_eq!(answer.expect(403), sentence);
    }
    let token = scoped_token(&server, "bob", "me.read me.write").await;
    let body = json!({"user_code": code, "approved_scopes": ["assets.write"]});
    let path = format!("{FLOW}/approve");
    let answer = server.bearer(&token).post(&path, body).await;
    assert_eq!(answer.expect(403), sentence);

    let body = json!({"user_code": code, "approved_scopes": ["me.read"], "expires_in": "2w"});
    let answer = server.bob().post(&path, body).await.expect(422);
    let detail = "Invalid expires_in value: 2w. Valid values: 30d, 90d, 1y, never";
    assert_eq!(answer, json!({ "detail": detail }));
    assert_eq!(
        poll(&server, &device_code).await,
        says("authorization_pending")
    );
}

#[tokio::test]
async fn whoever_may_not_sign_in_any_more_lets_no_one_in() {
    let server = TestServer::start().await;
    let (device_code, code) = begin(&server, handheld()).await;
    approve(&server, &code, &["me.read"]).await.expect(200);
    disable(&server, "bob").await;
    assert_eq!(poll(&server, &device_code).await, says("access_denied"));
    assert_eq!(poll(&server, &device_code).await, says("expired_token"));
}

#[tokio::test]
async fn a_device_deleted_before_it_fetched_gets_nothing() {
    let server = TestServer::start().await;
    let (device_code, code) = begin(&server, handheld()).await;
    let approved = approve(&server, &code, &["me.read"]).await.expect(200);
    let path = format!("/api/devices/{}", approved["device_id"].as_str().unwrap());
    server.bob().delete(&path).await.expect(204);
    assert_eq!(poll(&server, &device_code).await, says("expired_token"));
}

#[tokio::test]
async fn asking_and_polling_are_counted() {
    let server = TestServer::start().await;
    for _ in 0..10 {
        begin(&server, handheld()).await;
    }
    let path = format!("{FLOW}/init");
    let answer = server.nobody().post(&path, handheld()).await;
    assert_eq!(answer.headers["retry-after"], "60");
    let sentence = json!({"detail": "Too many authorize attempts. Try again later."});
    assert_eq!(answer.expect(429), sentence);
    server.clock.advance_millis(60_000);
    begin(&server, handheld()).await;

    for _ in 0..60 {
        assert_eq!(poll(&server, "deadbeef").await, says("expired_token"));
    }
    let sentence = json!({"detail": "Too many polling attempts. Try again later."});
    assert_eq!(poll(&server, "deadbeef").await, (429, sentence));
}

#[tokio::test]
async fn what_is_wrong_with_a_request_is_said() {
    let server = TestServer::start().await;
    let path = format!("{FLOW}/init");
    let missing = |field: &str| json!({"type": "missing", "loc": ["body", field], "msg": "Field required", "input": {}});
    let answer = server.nobody().post(&path, json!({})).await.expect(422);
    let fields = [
        "client_device_identifier",
        "name",
        "client",
        "requested_scopes",
    ];
    let expected: Vec<Value> = fields.into_iter().map(missing).collect();
    assert_eq!(answer, json!({ "detail": expected }));

    let known = ["me.read"; 23];
    let long = |count: usize| json!("x".repeat(count));
    for (field, value, kind) in [
        (
            "requested_scopes",
            json!(["nope", "me.read", "nope"]),
            "value_error",
        ),
        ("requested_scopes", json!([]), "too_short"),
        ("requested_scopes", json!(known), "too_long"),
        ("requested_scopes", json!("me.read"), "list_type"),
        ("name", json!(""), "string_too_short"),
        ("name", long(256), "string_too_long"),
        ("name", json!(7), "string_type"),
        ("client", long(51), "string_too_long"),
        ("client_device_identifier", long(256), "string_too_long"),
        ("platform", long(51), "string_too_long"),
        ("client_version", long(51), "string_too_long"),
    ] {
        let mut asked = handheld();
        asked[field] = value;
        let answer = server.nobody().post(&path, asked).await.expect(422);
        assert_eq!(answer["detail"][0]["type"], kind, "{field}");
        assert_eq!(answer["detail"].as_array().unwrap().len(), 1);
        assert_eq!(answer["detail"][0]["loc"], json!(["body", field]));
    }
    let mut asked = handheld();
    asked["requested_scopes"] = json!(["nope"]);
    let answer = server.nobody().post(&path, asked).await.expect(422);
    let expected = json!([{
        "type": "value_error", "loc": ["body", "requested_scopes"],
        "msg": "Value error, Unknown scopes: nope", "input": ["nope"], "ctx": {"error": {}},
    }]);
    assert_eq!(answer["detail"], expected);
}

#[tokio::test]
async fn a_body_that_is_not_json_or_too_large_changes_nothing() {
    let server = TestServer::start().await;
    for path in ["init", "token", "approve", "deny"] {
        let path = format!("{FLOW}/{path}");
        let send = |body: Vec<u8>| {
            let kind = Some("text/plain");
            server.bob().send(http::Method::POST, &path, kind, body)
        };
        let answer = send(b"\xff\xfe{".to_vec()).await.expect(422);
        assert_eq!(answer["detail"][0]["type"], "json_invalid");
        send(vec![b'x'; 100_000]).await.expect(413);
    }
}
