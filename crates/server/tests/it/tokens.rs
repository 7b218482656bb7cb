//! Client tokens, and the codes that hand them to a client.

use keepsave_testkit::server::TestServer;
use serde_json::{Value, json};

use crate::accounts::{disable, scoped_token};

const TOKENS: &str = "/api/client-tokens";

async fn create(server: &TestServer, body: Value) -> Value {
    server.admin().post(TOKENS, body).await.expect(201)
}

async fn new_token(server: &TestServer) -> (i64, String) {
    let scopes = json!(["me.read", "assets.read"]);
    let made = create(server, json!({"name": "t", "scopes": scopes})).await;
    let secret = made["raw_token"].as_str().unwrap().to_owned();
    (made["id"].as_i64().unwrap(), secret)
}

async fn pair(server: &TestServer, id: i64) -> String {
    let path = format!("{TOKENS}/{id}/pair");
    let answer = server.admin().post(&path, Value::Null).await.expect(200);
    assert_eq!(answer["expires_in"], 60);
    answer["code"].as_str().unwrap().to_owned()
}

async fn exchange(server: &TestServer, code: &str) -> (u16, Value) {
    let asking = server.nobody();
    let body = json!({ "code": code });
    let answer = asking.post(&format!("{TOKENS}/exchange"), body).await;
    (answer.status.as_u16(), answer.json())
}

#[tokio::test]
async fn a_token_is_shown_with_its_secret_once() {
    let server = TestServer::start().await;
    let body = json!({"name": "t30", "scopes": ["me.read", "assets.read"], "expires_in": "30d"});
    let made = create(&server, body).await;
    let secret = made["raw_token"].as_str().unwrap().to_owned();
    assert_eq!(secret.len(), 68);
    assert!(secret.starts_with("rmm_"));
    let mut shown = json!({
        "id": 1, "name": "t30", "scopes": ["me.read", "assets.read"],
        "expires_at": "2026-12-20T07:28:30.000000+00:00", "last_used_at": null,
        "created_at": "2026-11-20T07:28:30.000000+00:00", "user_id": 1, "device_id": null,
    });
    let listed = server.admin().get(TOKENS).await.expect(200);
    assert_eq!(listed, json!([shown]));
    shown["raw_token"] = json!(secret);
    // In RomM's order, the secret last.
    assert_eq!(made.to_string(), shown.to_string());

    let me = server.bearer(&secret).get("/api/users/me").await;
    assert_eq!(me.expect(200)["current_device_id"], Value::Null);
    let listed = server.admin().get(TOKENS).await.expect(200);
    let used = "2026-11-20T07:28:30.000000+00:00";
    assert_eq!(listed[0]["last_used_at"], used);
    let devices = server.bearer(&secret).get("/api/devices").await;
    assert_eq!(devices.expect(403), json!({"detail": "Forbidden"}));
}

#[tokio::test]
async fn a_token_lives_as_long_as_it_was_given() {
    const DAY: i64 = 24 * 60 * 60 * 1000;
    let server = TestServer::start().await;
    let mut secrets = Vec::new();
    for lifetime in [
        json!("30d"),
        json!("90d"),
        json!("1y"),
        json!("never"),
        json!(null),
    ] {
        let body = json!({"name": "t", "scopes": ["me.read"], "expires_in": lifetime});
        let made = create(&server, body).await;
        secrets.push(made["raw_token"].as_str().unwrap().to_owned());
    }
    for (days, alive) in [
        (29, 5),
        (1, 4),
        (59, 4),
        (1, 3),
        (274, 3),
        (1, 2),
        (3650, 2),
    ] {
        server.clock.advance_millis(days * DAY);
        let mut living = 0;
        for secret in &secrets {
            let me = server.bearer(secret).get("/api/users/me").await;
            assert!(matches!(me.status.as_u16(), 200 | 401));
            living += usize::from(me.status == 200);
        }
        assert_eq!(living, alive, "{days} days later");
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_new_token_is_said() {
    let server = TestServer::start().await;
    let string_detail = |sentence: &str| json!({ "detail": sentence });
    for (body, status, expected) in [
        (
            json!({"name": "x", "scopes": ["me.read"], "expires_in": "2w"}),
            422,
            string_detail("Invalid expires_in value: 2w. Valid values: 30d, 90d, 1y, never"),
        ),
        (
            json!({"name": "x", "scopes": ["nope.read", "me.read", "a b", "nope.read"]}),
            403,
            string_detail("Requested scopes exceed your permissions: a b, nope.read"),
        ),
        (
            json!({"name": "x", "scopes": []}),
            422,
            json!({"detail": [{
                "type": "too_short", "loc": ["body", "scopes"],
                "msg": "List should have at least 1 item after validation, not 0", "input": [],
                "ctx": {"field_type": "List", "min_length": 1, "actual_length": 0},
            }]}),
        ),
        (
            json!({"scopes": ["me.read"]}),
            422,
            json!({"detail": [{
                "type": "missing", "loc": ["body", "name"], "msg": "Field required",
                "input": {"scopes": ["me.read"]},
            }]}),
        ),
    ] {
        let answer = server.admin().post(TOKENS, body).await.expect(status);
        assert_eq!(answer, expected);
    }
    let body = json!({"name": "x".repeat(10_000), "scopes": ["me.read"]});
    let answer = server.admin().post(TOKENS, body).await.expect(422);
    assert_eq!(answer["detail"][0]["type"], "string_too_long");
    let body = json!({"name": "x".repeat(100_000), "scopes": ["me.read"]});
    server.admin().post(TOKENS, body).await.expect(413);
    let body = json!({"name": "x", "scopes": ["users.read"]});
    let answer = server.bob().post(TOKENS, body).await.expect(403);
    let sentence = "Requested scopes exceed your permissions: users.read";
    assert_eq!(answer, string_detail(sentence));
    assert_eq!(server.admin().get(TOKENS).await.expect(200), json!([]));
}

#[tokio::test]
async fn a_token_hands_out_no_more_than_it_has() {
    let server = TestServer::start().await;
    let token = scoped_token(&server, "admin", "me.read me.write").await;
    let asking = || server.bearer(&token);
    let body = json!({"name": "x", "scopes": ["me.read", "users.write"]});
    let answer = asking().post(TOKENS, body).await.expect(403);
    let sentence = "Requested scopes exceed your permissions: users.write";
    assert_eq!(answer, json!({ "detail": sentence }));
    let body = json!({"name": "x", "scopes": ["me.read"]});
    asking().post(TOKENS, body).await.expect(201);
    // And changes no one but its owner.
    asking().put("/api/users/2", json!({})).await.expect(403);
}

#[tokio::test]
async fn a_user_may_have_25_tokens() {
    let server = TestServer::start().await;
    let mut last = 0;
    for _ in 0..25 {
        last = new_token(&server).await.0;
    }
    let body = json!({"name": "t", "scopes": ["me.read"]});
    let answer = server.admin().post(TOKENS, body.clone()).await.expect(400);
    let sentence = "Maximum of 25 tokens per user reached";
    assert_eq!(answer, json!({ "detail": sentence }));
    server.bob().post(TOKENS, body.clone()).await.expect(201);
    let path = format!("{TOKENS}/{last}");
    assert_eq!(server.admin().delete(&path).await.expect(200), Value::Null);
    server.admin().post(TOKENS, body).await.expect(201);
}

#[tokio::test]
async fn tokens_are_listed_newest_first() {
    let server = TestServer::start().await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(new_token(&server).await.0);
    }
    server.clock.advance_millis(1);
    ids.push(new_token(&server).await.0);
    ids.reverse();
    for path in [TOKENS, "/api/client-tokens/all"] {
        let listed = server.admin().get(path).await.expect(200);
        let listed: Vec<i64> = listed
            .as_array()
            .unwrap()
            .iter()
            .map(|token| token["id"].as_i64().unwrap())
            .collect();
        assert_eq!(listed, ids, "{path}");
    }
}

#[tokio::test]
async fn another_secret_kills_the_one_before() {
    let server = TestServer::start().await;
    let (id, old) = new_token(&server).await;
    server.bearer(&old).get("/api/users/me").await.expect(200);
    let path = format!("{TOKENS}/{id}/regenerate");
    let answer = server.admin().put(&path, Value::Null).await.expect(200);
    let new = answer["raw_token"].as_str().unwrap();
    assert_ne!(old, new);
    assert_eq!(answer["id"], id);
    assert_eq!(answer["last_used_at"], Value::Null);
    server.bearer(&old).get("/api/users/me").await.expect(401);
    server.bearer(new).get("/api/users/me").await.expect(200);
}

#[tokio::test]
async fn tokens_of_others_are_not_found() {
    let server = TestServer::start().await;
    let (id, secret) = new_token(&server).await;
    let not_found = json!({"detail": "Token not found"});
    for id in [id, 999_999, -1, i64::MAX] {
        let path = format!("{TOKENS}/{id}");
        let regenerate = format!("{path}/regenerate");
        let pair = format!("{path}/pair");
        let bob = || server.bob();
        assert_eq!(bob().delete(&path).await.expect(404), not_found);
        let answer = bob().put(&regenerate, Value::Null).await;
        assert_eq!(answer.expect(404), not_found);
        let answer = bob().post(&pair, Value::Null).await.expect(404);
        assert_eq!(answer, not_found);
    }
    server
        .bob()
        .delete("/api/client-tokens/x")
        .await
        .expect(422);
    server
        .bearer(&secret)
        .get("/api/users/me")
        .await
        .expect(200);
}

#[tokio::test]
async fn an_admin_sees_and_deletes_everyones() {
    let server = TestServer::start().await;
    let body = json!({"name": "t", "scopes": ["me.read"]});
    let made = server.bob().post(TOKENS, body).await.expect(201);
    let all = server.admin().get("/api/client-tokens/all").await;
    let all = all.expect(200);
    let mut shown = made.clone();
    let fields = shown.as_object_mut().unwrap();
    fields.remove("raw_token");
    fields.insert("username".to_owned(), json!("bob"));
    fields.insert("user_avatar_path".to_owned(), json!(""));
    let updated = json!("2026-11-20T07:28:30.000000+00:00");
    fields.insert("user_updated_at".to_owned(), updated);
    assert_eq!(all.to_string(), json!([shown]).to_string());

    let path = format!("{TOKENS}/{}/admin", made["id"]);
    let forbidden = json!({"detail": "Forbidden"});
    let all = server.bob().get("/api/client-tokens/all").await;
    assert_eq!(all.expect(403), forbidden);
    assert_eq!(server.bob().delete(&path).await.expect(403), forbidden);
    assert_eq!(server.admin().delete(&path).await.expect(200), Value::Null);
    let again = server.admin().delete(&path).await.expect(404);
    assert_eq!(again, json!({"detail": "Token not found"}));
}

#[tokio::test]
async fn a_code_is_exchanged_once_however_it_is_typed() {
    let server = TestServer::start().await;
    let (id, before) = new_token(&server).await;
    let code = pair(&server, id).await;
    assert_eq!(code.len(), 8);
    let typed = format!("{}-{}", code[..4].to_lowercase(), &code[4..]);
    for spelled in [&code, &typed] {
        let path = format!("{TOKENS}/pair/{spelled}/status");
        assert_eq!(server.nobody().get(&path).await.expect(200), Value::Null);
    }

    let (status, answer) = exchange(&server, &typed).await;
    assert_eq!(status, 200);
    assert_eq!(answer["id"], id);
    let secret = answer["raw_token"].as_str().unwrap();
    server.bearer(secret).get("/api/users/me").await.expect(200);
    // The secret that was shown when the token was made is dead.
    server
        .bearer(&before)
        .get("/api/users/me")
        .await
        .expect(401);

    let unknown = json!({"detail": "Invalid or expired pairing code"});
    assert_eq!(exchange(&server, &code).await, (404, unknown));
    let path = format!("{TOKENS}/pair/{code}/status");
    let gone = server.nobody().get(&path).await.expect(404);
    assert_eq!(gone, json!({"detail": "Not Found"}));
}

#[tokio::test]
async fn a_code_runs_out_after_a_minute() {
    let server = TestServer::start().await;
    let (id, _) = new_token(&server).await;
    let code = pair(&server, id).await;
    let path = format!("{TOKENS}/pair/{code}/status");
    server.clock.advance_millis(59_999);
    server.nobody().get(&path).await.expect(200);
    server.clock.advance_millis(1);
    server.nobody().get(&path).await.expect(404);
    assert_eq!(exchange(&server, &code).await.0, 404);
}

/// T7: clients tell these sentences apart.
#[tokio::test]
async fn a_code_says_why_it_gives_no_token() {
    let server = TestServer::start().await;
    let (id, _) = new_token(&server).await;
    let code = pair(&server, id).await;
    server
        .admin()
        .delete(&format!("{TOKENS}/{id}"))
        .await
        .expect(200);
    let gone = json!({"detail": "Token no longer exists"});
    assert_eq!(exchange(&server, &code).await, (404, gone));

    let (id, _) = new_token(&server).await;
    let code = pair(&server, id).await;
    disable(&server, "admin").await;
    let disabled = json!({"detail": "Token owner is disabled"});
    assert_eq!(exchange(&server, &code).await, (403, disabled));
    // Used up all the same.
    assert_eq!(exchange(&server, &code).await.0, 404);
}

#[tokio::test]
async fn exchanges_are_counted_and_each_starts_the_minute_anew() {
    let server = TestServer::start().await;
    for _ in 0..5 {
        assert_eq!(exchange(&server, "ZZZZZZZZ").await.0, 404);
    }
    let too_many = json!({"detail": "Too many exchange attempts. Try again later."});
    for _ in 0..2 {
        server.clock.advance_millis(59_000);
        assert_eq!(exchange(&server, "ZZZZZZZZ").await, (429, too_many.clone()));
    }
    let asking = server.nobody();
    let body = json!({"code": "ZZZZZZZZ"});
    let answer = asking.post("/api/client-tokens/exchange", body).await;
    assert_eq!(answer.headers["retry-after"], "60");
    server.clock.advance_millis(60_000);
    assert_eq!(exchange(&server, "ZZZZZZZZ").await.0, 404);
}

#[tokio::test]
async fn a_body_that_is_no_code_is_explained() {
    let server = TestServer::start().await;
    for body in [json!({}), json!([]), json!("x"), json!({"code": 7})] {
        let asking = server.nobody();
        let answer = asking.post("/api/client-tokens/exchange", body).await;
        answer.expect(422);
    }
    let (status, _) = exchange(&server, &"Z".repeat(10_000)).await;
    assert_eq!(status, 404);
}
