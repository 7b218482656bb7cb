//! Signing in: who a request comes from, by cookie, header or not at all.

use http::Method;
use keepsave_server::vault::{Fault, users};
use keepsave_testkit::browser::Browser;
use keepsave_testkit::server::{Answer, TestServer};
use serde_json::{Value, json};

use crate::accounts::{disable, scoped_token};

const FORM: Option<&str> = Some("application/x-www-form-urlencoded");

async fn token(server: &TestServer, form: &str) -> Answer {
    let asking = server.nobody();
    let body = form.as_bytes().to_vec();
    asking.send(Method::POST, "/api/token", FORM, body).await
}

async fn granted(server: &TestServer, form: &str) -> (String, String) {
    let answer = token(server, form).await.expect(200);
    let text = |name: &str| answer[name].as_str().unwrap().to_owned();
    (text("access_token"), text("refresh_token"))
}

#[track_caller]
fn demand_401(answer: &Answer) {
    assert_eq!(answer.status, 401, "{}", answer.text());
    assert_eq!(answer.headers["www-authenticate"], "Bearer");
    assert_eq!(answer.json(), json!({"detail": "Not authenticated"}));
}

#[tokio::test]
async fn a_header_signs_in_only_when_it_is_whole() {
    let server = TestServer::start().await;
    demand_401(&server.nobody().get("/api/users/me").await);
    for header in [
        "Bearer",
        "Basic",
        "Bearer garbage",
        "Bearer rmm_0000000000000000000000000000000000000000000000000000000000000000",
        "Bearer two words",
        "Basic !!!",
        "Basic //8=",             // no UTF-8
        "Basic YWRtaW4=",         // no colon
        "Basic YWRtaW46bm9wZQ==", // a wrong password
        "Digest YWRtaW46bm9wZQ==",
    ] {
        let answer = server.authorization(header).get("/api/users/me").await;
        demand_401(&answer);
    }
    let long = format!("Basic {}", "QUFB".repeat(2_500));
    demand_401(&server.authorization(&long).get("/api/users/me").await);
}

#[tokio::test]
async fn basic_signs_in_whatever_the_case_of_the_name() {
    let server = TestServer::start().await;
    for name in ["admin", "Admin", "ADMIN"] {
        let me = server.basic(name, "RefAdmin123").get("/api/users/me").await;
        assert_eq!(me.expect(200)["username"], "admin");
    }
    let answer = server.basic("admin", "refadmin123");
    demand_401(&answer.get("/api/users/me").await);
    demand_401(&server.basic("nobody", "x").get("/api/users/me").await);
}

#[tokio::test]
async fn a_new_password_or_a_disabled_account_counts_at_once() {
    let server = TestServer::start().await;
    server.bob().get("/api/users/me").await.expect(200);
    let hash = server.app.passwords.hash("another1").await.unwrap();
    server
        .app
        .vault
        .write(move |tx| {
            let mut bob = users::by_name(tx, "bob")?.unwrap();
            bob.password_hash = hash;
            let now = bob.updated_at;
            users::update(tx, &bob, now)
        })
        .await
        .map_err(|fault: Fault| fault)
        .unwrap();
    demand_401(&server.bob().get("/api/users/me").await);
    let bob = || server.basic("bob", "another1");
    bob().get("/api/users/me").await.expect(200);
    disable(&server, "bob").await;
    demand_401(&bob().get("/api/users/me").await);
}

#[tokio::test]
async fn too_many_wrong_passwords_make_a_pause() {
    let server = TestServer::start().await;
    for _ in 0..10 {
        demand_401(&server.basic("Bob", "wrong").get("/api/users/me").await);
    }
    let sentence = json!({"detail": "Too many failed sign-ins. Try again later."});
    let paused = server.bob().get("/api/users/me").await;
    assert_eq!(paused.headers["retry-after"], "300");
    assert_eq!(paused.expect(429), sentence);
    let login = server.bob().post("/api/login", Value::Null).await;
    assert_eq!(login.expect(429), sentence);
    let form = "username=bob&password=RefBob12345";
    assert_eq!(token(&server, form).await.expect(429), sentence);

    // Others are not kept waiting, and neither is bob when the pause is over.
    server.admin().get("/api/users/me").await.expect(200);
    server.clock.advance_millis(300_000);
    server.bob().get("/api/users/me").await.expect(200);
}

#[tokio::test]
async fn whoever_was_right_a_moment_ago_is_not_kept_waiting_by_a_guesser() {
    let server = TestServer::start().await;
    server.bob().get("/api/users/me").await.expect(200);
    for _ in 0..11 {
        server.basic("bob", "wrong").get("/api/users/me").await;
    }
    server.bob().get("/api/users/me").await.expect(200);
}

#[tokio::test]
async fn the_caller_is_shown_as_romm_shows_users() {
    let server = TestServer::start().await;
    let me = server.bob().get("/api/users/me").await.expect(200);
    let fields: Vec<&String> = me.as_object().unwrap().keys().collect();
    assert_eq!(
        fields,
        [
            "id",
            "username",
            "email",
            "enabled",
            "role",
            "permission_group_id",
            "oauth_scopes",
            "avatar_path",
            "last_login",
            "last_active",
            "ra_username",
            "ra_progression",
            "ui_settings",
            "current_device_id",
            "created_at",
            "updated_at"
        ]
    );
    assert_eq!(me["role"], "user");
    assert_eq!(me["oauth_scopes"].as_array().unwrap().len(), 15);
    assert_eq!(me["last_active"], Value::Null);
    let me = server.bob().get("/api/users/me").await.expect(200);
    assert_eq!(me["last_active"], "2026-11-20T07:28:30.000000+00:00");

    // It is noted again only after a while.
    server.clock.advance_millis(299_000);
    server.bob().get("/api/users/me").await.expect(200);
    let me = server.bob().get("/api/users/me").await.expect(200);
    assert_eq!(me["last_active"], "2026-11-20T07:28:30.000000+00:00");
    server.clock.advance_millis(1_000);
    server.bob().get("/api/users/me").await.expect(200);
    let me = server.bob().get("/api/users/me").await.expect(200);
    assert_eq!(me["last_active"], "2026-11-20T07:33:30.000000+00:00");
}

#[tokio::test]
async fn a_password_is_exchanged_for_tokens() {
    let server = TestServer::start().await;
    let form = "grant_type=password&username=Admin&password=RefAdmin123&scope=me.read+roms.read";
    let answer = token(&server, form).await.expect(200);
    let fields: Vec<&String> = answer.as_object().unwrap().keys().collect();
    assert_eq!(
        fields,
        [
            "access_token",
            "token_type",
            "expires",
            "refresh_token",
            "refresh_expires"
        ]
    );
    assert_eq!(answer["token_type"], "bearer");
    assert_eq!(answer["expires"], 1800);
    assert_eq!(answer["refresh_expires"], 604_800);

    let access = answer["access_token"].as_str().unwrap();
    let me = server.bearer(access).get("/api/users/me").await;
    assert_eq!(me.expect(200)["username"], "admin");
    let users = server.bearer(access).get("/api/users").await;
    assert_eq!(users.expect(403), json!({"detail": "Forbidden"}));
    // A refresh token signs no request in.
    let refresh = answer["refresh_token"].as_str().unwrap();
    demand_401(&server.bearer(refresh).get("/api/users/me").await);

    server.clock.advance_millis(1_800_000);
    demand_401(&server.bearer(access).get("/api/users/me").await);
}

#[tokio::test]
async fn without_a_scope_a_token_may_do_nothing() {
    let server = TestServer::start().await;
    let (access, _) = granted(&server, "username=bob&password=RefBob12345").await;
    let me = server.bearer(&access).get("/api/users/me").await;
    assert_eq!(me.expect(403), json!({"detail": "Forbidden"}));
}

#[tokio::test]
async fn a_refresh_token_works_once_and_keeps_the_scopes() {
    let server = TestServer::start().await;
    let form = "username=bob&password=RefBob12345&scope=me.read";
    let (_, first) = granted(&server, form).await;
    let refresh = format!("grant_type=refresh_token&refresh_token={first}");
    let (access, second) = granted(&server, &refresh).await;
    assert_ne!(first, second);
    let me = server.bearer(&access).get("/api/users/me").await;
    me.expect(200);
    let users = server.bearer(&access).get("/api/saves").await;
    users.expect(403);

    let again = token(&server, &refresh).await;
    assert_eq!(again.headers["www-authenticate"], "Bearer");
    let sentence = json!({"detail": "Could not validate credentials"});
    assert_eq!(again.expect(401), sentence);

    server.clock.advance_millis(604_800_000);
    let late = format!("grant_type=refresh_token&refresh_token={second}");
    assert_eq!(token(&server, &late).await.expect(401), sentence);
}

#[tokio::test]
async fn a_form_that_gives_no_token_says_why() {
    let server = TestServer::start().await;
    let (_, refresh) = granted(&server, "username=bob&password=RefBob12345").await;
    disable(&server, "bob").await;
    let as_bob = "username=bob&password=RefBob12345";
    let as_admin = "username=admin&password=RefAdmin123";
    for (form, status, sentence) in [
        ("", 400, "Missing username or password"),
        ("username=admin", 400, "Missing username or password"),
        (
            "username=admin&password=",
            400,
            "Missing username or password",
        ),
        (
            "username=admin&password=x",
            401,
            "Invalid username or password",
        ),
        ("username=x&password=x", 401, "Invalid username or password"),
        (as_bob, 403, "User account is disabled"),
        (&format!("{as_admin}&scope=nope"), 403, "Insufficient scope"),
        ("grant_type=foo", 400, "Invalid or unsupported grant type"),
        (
            "grant_type=client_credentials",
            400,
            "Client credentials are not yet supported",
        ),
        ("grant_type=refresh_token", 400, "Missing refresh token"),
        (
            &format!("grant_type=refresh_token&refresh_token={refresh}"),
            403,
            "User account is disabled",
        ),
        (
            "grant_type=refresh_token&refresh_token=x",
            401,
            "Could not validate credentials",
        ),
    ] {
        let answer = token(&server, form).await.expect(status);
        assert_eq!(answer, json!({ "detail": sentence }), "{form}");
    }
}

#[tokio::test]
async fn a_users_scopes_end_at_the_role() {
    let server = TestServer::start().await;
    let form = "username=bob&password=RefBob12345&scope=me.read+users.write";
    let answer = token(&server, form).await.expect(403);
    assert_eq!(answer, json!({"detail": "Insufficient scope"}));
}

#[tokio::test]
async fn a_token_is_asked_for_with_a_form_and_nothing_large() {
    let server = TestServer::start().await;
    let as_json = json!({"username": "admin", "password": "RefAdmin123"});
    let answer = server.nobody().post("/api/token", as_json).await;
    let missing = json!({"detail": "Missing username or password"});
    assert_eq!(answer.expect(400), missing);

    let broken = b"--x\r\nnonsense".to_vec();
    let kind = Some("multipart/form-data; boundary=x");
    let asking = server.nobody();
    let answer = asking.send(Method::POST, "/api/token", kind, broken).await;
    answer.expect(400);

    let large = format!("username={}", "x".repeat(100_000));
    let answer = token(&server, &large).await.expect(413);
    let sentence = "Request body exceeds the maximum allowed size of 65536 bytes";
    assert_eq!(answer, json!({ "detail": sentence }));
}

#[tokio::test]
async fn logging_in_begins_a_session_in_a_browser() {
    let server = TestServer::start().await;
    let answer = server.admin().post("/api/login", Value::Null).await;
    let cookies = answer.cookies();
    let [cookie] = cookies.as_slice() else {
        panic!("{cookies:?}");
    };
    let (pair, attributes) = cookie.split_once("; ").unwrap();
    assert!(pair.starts_with("romm_session="));
    assert_eq!(
        attributes,
        "path=/; Max-Age=1209600; httponly; samesite=strict"
    );
    assert_eq!(answer.expect(200), Value::Null);

    let me = server.nobody().header("cookie", pair).get("/api/users/me");
    let me = me.await;
    // Each answer lets the cookie live on.
    assert!(me.cookies().contains(cookie));
    let me = me.expect(200);
    assert_eq!(me["last_login"], "2026-11-20T07:28:30.000000+00:00");
    assert!(me["current_device_id"].is_string());
}

#[tokio::test]
async fn a_browser_is_one_device_however_often_someone_signs_in() {
    let server = TestServer::start().await;
    let mut devices = Vec::new();
    for _ in 0..2 {
        let mut browser = Browser::signed_in(&server, "admin", "RefAdmin123").await;
        let me = browser.get("/api/users/me").await.expect(200);
        devices.push(me["current_device_id"].clone());
    }
    assert_eq!(devices[0], devices[1]);
}

#[tokio::test]
async fn a_login_that_fails_says_no_more_than_it_must() {
    let server = TestServer::start().await;
    let wrong = json!({"detail": "Incorrect username or password"});
    for header in ["Basic YWRtaW46bm9wZQ==", "Basic !!!", "Basic bm9ib2R5Ong="] {
        let asking = server.authorization(header);
        let answer = asking.post("/api/login", Value::Null).await;
        assert!(answer.cookies().is_empty());
        assert_eq!(answer.expect(401), wrong, "{header}");
    }
    disable(&server, "bob").await;
    let answer = server.bob().post("/api/login", Value::Null).await;
    assert_eq!(answer.expect(401), json!({"detail": "Disabled user"}));
}

#[tokio::test]
async fn a_session_cannot_be_prepared_for_someone_else() {
    let server = TestServer::start().await;
    let planted = "a".repeat(64);
    let asking = server.admin();
    let asking = asking.header("cookie", &format!("romm_session={planted}"));
    let answer = asking.post("/api/login", Value::Null).await;
    let first = answer.cookies()[0].split(';').next().unwrap().to_owned();
    assert_ne!(first, format!("romm_session={planted}"));

    // Signing in again ends the session before.
    let again = server.admin().header("cookie", &first);
    let again = again.post("/api/login", Value::Null).await;
    let second = again.cookies()[0].split(';').next().unwrap().to_owned();
    assert_ne!(first, second);
    let old = server.nobody().header("cookie", &first);
    demand_401(&old.get("/api/users/me").await);
    let new = server.nobody().header("cookie", &second);
    new.get("/api/users/me").await.expect(200);
}

#[tokio::test]
async fn logging_out_ends_the_session() {
    let server = TestServer::start().await;
    let mut browser = Browser::signed_in(&server, "admin", "RefAdmin123").await;
    let session = browser.cookie("romm_session").unwrap().to_owned();
    let answer = browser.post("/api/logout", Value::Null).await;
    let gone = "romm_session=null; path=/; expires=Thu, 01 Jan 1970 00:00:00 GMT; httponly; \
                samesite=strict";
    assert!(answer.cookies().iter().any(|cookie| cookie == gone));
    assert_eq!(answer.expect(200), Value::Null);
    assert_eq!(browser.cookie("romm_session"), None);

    browser.set_cookie("romm_session", &session);
    let answer = browser.get("/api/users/me").await;
    demand_401(&answer);
    // A cookie of no session is taken away.
    assert!(answer.cookies().iter().any(|cookie| cookie == gone));
}

#[tokio::test]
async fn a_session_lives_while_it_is_used() {
    const DAY: i64 = 24 * 60 * 60 * 1000;
    let server = TestServer::start().await;
    let mut browser = Browser::signed_in(&server, "bob", "RefBob12345").await;
    for _ in 0..3 {
        server.clock.advance_millis(13 * DAY);
        browser.get("/api/users/me").await.expect(200);
    }
    server.clock.advance_millis(14 * DAY);
    demand_401(&browser.get("/api/users/me").await);
}

#[tokio::test]
async fn a_session_ends_when_its_user_is_disabled() {
    let server = TestServer::start().await;
    let mut browser = Browser::signed_in(&server, "bob", "RefBob12345").await;
    disable(&server, "bob").await;
    demand_401(&browser.get("/api/users/me").await);
}

#[tokio::test]
async fn the_session_comes_before_the_header() {
    let server = TestServer::start().await;
    let browser = Browser::signed_in(&server, "bob", "RefBob12345").await;
    let session = browser.cookie("romm_session").unwrap();
    let cookie = format!("romm_session={session}");
    let both = server.admin().header("cookie", &cookie);
    let me = both.get("/api/users/me").await.expect(200);
    assert_eq!(me["username"], "bob");
}

#[tokio::test]
async fn a_kiosk_shows_without_signing_in_and_changes_nothing() {
    let server = TestServer::with_settings(|settings| settings.kiosk_mode = true).await;
    let me = server.nobody().get("/api/users/me").await.expect(200);
    assert_eq!(me["username"], "kiosk");
    assert_eq!(me["role"], "user");
    server.nobody().get("/api/saves").await.expect(200);
    server.nobody().get("/api/users").await.expect(403);
    let mut browser = Browser::new(&server);
    browser.get("/api/heartbeat").await;
    let change = browser
        .post("/api/saves/delete", json!({"saves": [1]}))
        .await;
    assert_eq!(change.expect(403), json!({"detail": "Forbidden"}));
    // Whoever signs in is themselves.
    let me = server.bob().get("/api/users/me").await.expect(200);
    assert_eq!(me["username"], "bob");
}

#[tokio::test]
async fn a_tokens_scopes_end_at_its_owners() {
    let server = TestServer::start().await;
    let token = scoped_token(&server, "bob", "me.read users.read").await;
    server.bearer(&token).get("/api/users/me").await.expect(200);
    server.bearer(&token).get("/api/users").await.expect(403);
    server.bearer(&token).get("/api/saves").await.expect(403);
}
