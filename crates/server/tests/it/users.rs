//! Users: who may make, see, change and delete whom, and how the first one comes to be.

use axum::response::IntoResponse;
use http::Method;
use http_body_util::BodyExt;
use keepsave_core::ids::UserId;
use keepsave_server::auth::accounts::{self, Changes};
use keepsave_server::auth::scope::Role;
use keepsave_server::auth::{Caller, setup};
use keepsave_server::http::error::Failure;
use keepsave_server::vault::{Fault, users};
use keepsave_testkit::browser::Browser;
use keepsave_testkit::server::{Answer, TestServer};
use serde_json::{Value, json};

use crate::accounts::scoped_token;

fn carol() -> Value {
    json!({"username": "Carol", "email": "C@example.com", "password": "secret1", "role": "user"})
}

async fn change(server: &TestServer, as_admin: bool, id: i64, form: &str) -> Answer {
    let asking = if as_admin {
        server.admin()
    } else {
        server.bob()
    };
    let kind = Some("application/x-www-form-urlencoded");
    let path = format!("/api/users/{id}");
    let body = form.as_bytes().to_vec();
    asking.send(Method::PUT, &path, kind, body).await
}

#[tokio::test]
async fn an_admin_makes_users() {
    let server = TestServer::start().await;
    let made = server.admin().post("/api/users", carol()).await.expect(201);
    assert_eq!(made["username"], "carol");
    assert_eq!(made["email"], "c@example.com");
    assert_eq!(made["role"], "user");
    assert_eq!(made["current_device_id"], Value::Null);
    let me = server.basic("carol", "secret1").get("/api/users/me").await;
    assert_eq!(me.expect(200)["id"], made["id"]);

    let path = format!("/api/users/{}", made["id"]);
    let shown = server.admin().get(&path).await.expect(200);
    assert_eq!(shown["username"], "carol");
    let all = server.admin().get("/api/users").await.expect(200);
    let names: Vec<&Value> = all
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["username"])
        .collect();
    assert_eq!(names, ["admin", "bob", "carol"]);
    let ids = server.admin().get("/api/users/identifiers").await;
    assert_eq!(ids.expect(200), json!([1, 2, 3]));
}

#[tokio::test]
async fn whoever_is_no_admin_makes_and_sees_no_users() {
    let server = TestServer::start().await;
    let forbidden = json!({"detail": "Forbidden"});
    let made = server.bob().post("/api/users", carol()).await;
    assert_eq!(made.expect(403), forbidden);
    for path in [
        "/api/users",
        "/api/users/identifiers",
        "/api/users/1",
        "/api/users/9",
    ] {
        assert_eq!(
            server.bob().get(path).await.expect(403),
            forbidden,
            "{path}"
        );
    }
    assert_eq!(
        server.bob().delete("/api/users/1").await.expect(403),
        forbidden
    );
    // Without signing in neither, once there are users.
    let made = server
        .bearer("rmm_unknown")
        .post("/api/users", carol())
        .await;
    assert_eq!(made.expect(403), forbidden);
    let gone = server.admin().get("/api/users/9").await.expect(404);
    assert_eq!(gone, json!({"detail": "User not found"}));
}

#[tokio::test]
async fn what_is_wrong_with_a_new_user_is_said() {
    let server = TestServer::start().await;
    let long = "x".repeat(10_000);
    for (field, value, sentence) in [
        ("username", "", "Username cannot be empty"),
        (
            "username",
            "ab",
            "Username must be at least 3 characters long",
        ),
        (
            "username",
            long.as_str(),
            "Username must be no more than 255 characters long",
        ),
        (
            "username",
            "a b c",
            "Username can only contain letters, numbers, underscores, and hyphens",
        ),
        ("username", "BOB", "Username BOB already exists"),
        (
            "password",
            "12345",
            "Password must be at least 6 characters long",
        ),
        ("password", " ", "Password cannot be empty"),
        ("email", "nonsense", "Invalid email format"),
        (
            "email",
            "BOB@example.com",
            "User with email BOB@example.com already exists",
        ),
    ] {
        let mut new = carol();
        new[field] = json!(value);
        let answer = server.admin().post("/api/users", new).await.expect(400);
        assert_eq!(answer, json!({ "detail": sentence }));
    }
    let answer = server.admin().post("/api/users", json!({})).await;
    let missing = |field: &str| {
        let loc = ["body", field];
        json!({"type": "missing", "loc": loc, "msg": "Field required", "input": null})
    };
    let fields = ["username", "email", "password", "role"].map(missing);
    assert_eq!(answer.expect(422), json!({ "detail": fields }));
    let all = server.admin().get("/api/users").await.expect(200);
    assert_eq!(all.as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn people_change_themselves_but_not_what_they_may_do() {
    let server = TestServer::start().await;
    let form = "email=new%40example.com&role=admin&enabled=false&ui_settings=%7B%22a%22%3A1%7D";
    let changed = change(&server, false, 2, form).await.expect(200);
    assert_eq!(changed["email"], "new@example.com");
    assert_eq!(changed["ui_settings"], json!({"a": 1}));
    assert_eq!(changed["role"], "user");
    assert_eq!(changed["enabled"], true);

    let forbidden = json!({"detail": "Forbidden"});
    for id in [1, 9] {
        let answer = change(&server, false, id, "email=x%40example.com").await;
        assert_eq!(answer.expect(403), forbidden);
    }
    let changed = change(&server, true, 2, "username=Robert&role=admin").await;
    let changed = changed.expect(200);
    assert_eq!(changed["username"], "robert");
    assert_eq!(changed["role"], "admin");
    let unknown = change(&server, true, 9, "email=x%40example.com").await;
    let sentence = "Username with id 9 not found";
    assert_eq!(unknown.expect(404), json!({ "detail": sentence }));
}

#[tokio::test]
async fn a_form_of_parts_changes_a_user_too() {
    let server = TestServer::start().await;
    let body = "--x\r\nContent-Disposition: form-data; name=\"username\"\r\n\r\nrobert\r\n\
                --x\r\nContent-Disposition: form-data; name=\"avatar\"; filename=\"a.png\"\r\n\r\n\
                png\r\n--x--\r\n";
    let kind = Some("multipart/form-data; boundary=x");
    let asking = server.bob();
    let answer = asking
        .send(Method::PUT, "/api/users/2", kind, body.into())
        .await;
    assert_eq!(answer.expect(200)["username"], "robert");
}

#[tokio::test]
async fn what_is_wrong_with_a_change_is_said() {
    let server = TestServer::start().await;
    for (form, sentence) in [
        ("username=admin", "Username admin already exists"),
        ("username=x", "Username must be at least 3 characters long"),
        (
            "password=123",
            "Password must be at least 6 characters long",
        ),
        ("email=x", "Invalid email format"),
        (
            "email=admin%40example.com",
            "User with email admin@example.com already exists",
        ),
    ] {
        let answer = change(&server, false, 2, form).await.expect(400);
        assert_eq!(answer, json!({ "detail": sentence }));
    }
    let answer = change(&server, false, 2, "ui_settings=%5B%5D").await;
    let detail = answer.expect(400)["detail"].clone();
    assert!(
        detail
            .as_str()
            .unwrap()
            .starts_with("Invalid ui_settings JSON: ")
    );
    change(&server, false, 2, "enabled=perhaps")
        .await
        .expect(422);
}

#[tokio::test]
async fn no_one_takes_their_own_rights_away() {
    let server = TestServer::start().await;
    let own = change(&server, true, 1, "role=user&enabled=false").await;
    let own = own.expect(200);
    assert_eq!(own["role"], "admin");
    assert_eq!(own["enabled"], true);
    let sentence = json!({"detail": "You cannot delete yourself"});
    let answer = server.admin().delete("/api/users/1").await;
    assert_eq!(answer.expect(400), sentence);
}

/// Two admins who strike each other out at once: the second was let in as one, and is none.
#[tokio::test]
async fn the_last_admin_stays_one() {
    let server = TestServer::start().await;
    let was_admin = Caller {
        user: server
            .app
            .vault
            .read(|tx| users::by_name(tx, "bob"))
            .map_err(|fault: Fault| fault)
            .unwrap()
            .unwrap(),
        scopes: Role::Admin.scopes(),
        device: None,
    };
    let demoted = "You cannot demote the last admin user";
    for changes in [
        Changes {
            role: Some(Role::User),
            ..Changes::default()
        },
        Changes {
            enabled: Some(false),
            ..Changes::default()
        },
    ] {
        let answer = accounts::change(&server.app, &was_admin, UserId(1), changes).await;
        assert_eq!(sentence_of(answer.unwrap_err()).await, demoted);
    }
    let answer = accounts::delete(&server.app, &was_admin, UserId(1)).await;
    let deleted = "You cannot delete the last admin user";
    assert_eq!(sentence_of(answer.unwrap_err()).await, deleted);
}

async fn sentence_of(failure: Failure) -> String {
    let response = failure.into_response();
    assert_eq!(response.status(), 400);
    let body = response.into_body().collect().await.unwrap().to_bytes();
    let body: Value = serde_json::from_slice(&body).unwrap();
    body["detail"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_new_password_ends_what_the_old_one_began() {
    let server = TestServer::start().await;
    let token = scoped_token(&server, "bob", "me.read").await;
    let mut browser = Browser::signed_in(&server, "bob", "RefBob12345").await;
    let form = "username=bob&password=RefBob12345&scope=me.read";
    let kind = Some("application/x-www-form-urlencoded");
    let asking = server.nobody();
    let grant = asking
        .send(Method::POST, "/api/token", kind, form.into())
        .await;
    let grant = grant.expect(200);

    let answer = change(&server, false, 2, "password=another1").await;
    assert!(answer.cookies()[0].starts_with("romm_session=null;"));
    answer.expect(200);
    browser.get("/api/users/me").await.expect(401);
    let access = grant["access_token"].as_str().unwrap();
    server.bearer(access).get("/api/users/me").await.expect(401);
    server.bob().get("/api/users/me").await.expect(401);
    // Client tokens are secrets of their own.
    server.bearer(&token).get("/api/users/me").await.expect(200);
    let new = server.basic("bob", "another1");
    new.get("/api/users/me").await.expect(200);
}

#[tokio::test]
async fn a_deleted_user_is_gone_and_their_name_is_free() {
    let server = TestServer::start().await;
    let token = scoped_token(&server, "bob", "me.read").await;
    let mut browser = Browser::signed_in(&server, "bob", "RefBob12345").await;
    let deleted = server.admin().delete("/api/users/2").await;
    assert_eq!(deleted.expect(200), Value::Null);

    server.bob().get("/api/users/me").await.expect(401);
    server.bearer(&token).get("/api/users/me").await.expect(401);
    browser.get("/api/users/me").await.expect(401);
    let unknown = json!({"detail": "User not found"});
    assert_eq!(
        server.admin().get("/api/users/2").await.expect(404),
        unknown
    );
    assert_eq!(
        server.admin().delete("/api/users/2").await.expect(404),
        unknown
    );
    let all = server.admin().get("/api/users").await.expect(200);
    assert_eq!(all.as_array().unwrap().len(), 1);

    let again = json!({"username": "bob", "email": "", "password": "secret1", "role": "user"});
    let again = server.admin().post("/api/users", again).await.expect(201);
    assert_ne!(again["id"], 2);
    assert_eq!(again["email"], Value::Null);
}

#[tokio::test]
async fn no_save_goes_with_its_user() {
    let server = TestServer::start().await;
    let rom = crate::game::add(&server, "gba", "Metroid Fusion.gba").await;
    let path = format!("/api/saves?rom_id={rom}&slot=autosave");
    let upload = server
        .bob()
        .upload(&path, &[("saveFile", "m.srm", b"progress")]);
    upload.await.expect(200);
    server.admin().delete("/api/users/2").await.expect(200);
    let versions: i64 = server
        .app
        .vault
        .read(|tx| tx.one("SELECT COUNT(*) FROM versions", &[], |row| row.get()))
        .map_err(|fault: Fault| fault)
        .unwrap();
    assert_eq!(versions, 1);
}

#[tokio::test]
async fn the_first_user_needs_the_code_that_was_printed() {
    let server = TestServer::without_users();
    let heartbeat = || server.nobody().get("/api/heartbeat");
    assert_eq!(
        heartbeat().await.expect(200)["SYSTEM"]["SHOW_SETUP_WIZARD"],
        true
    );
    let old = setup::new_code(&server.app).await.unwrap().unwrap();
    let code = setup::new_code(&server.app).await.unwrap().unwrap();

    let mut browser = Browser::new(&server);
    browser.get("/api/heartbeat").await;
    let sentence = "The first user needs the code that the server printed when it started";
    for wrong in [json!(null), json!(""), json!("ZZZZZZZZ"), json!(old)] {
        let mut first = carol();
        first["setup_code"] = wrong;
        let answer = browser.post("/api/users", first).await.expect(403);
        assert_eq!(answer, json!({ "detail": sentence }));
    }
    let mut first = carol();
    first["setup_code"] = json!(format!("{}-{}", code[..4].to_lowercase(), &code[4..]));
    first["password"] = json!("123");
    browser.post("/api/users", first.clone()).await.expect(400);
    first["password"] = json!("secret1");
    let made = browser.post("/api/users", first.clone()).await.expect(201);
    assert_eq!(made["role"], "admin");

    assert_eq!(
        heartbeat().await.expect(200)["SYSTEM"]["SHOW_SETUP_WIZARD"],
        false
    );
    first["username"] = json!("mallory");
    let answer = browser.post("/api/users", first).await.expect(403);
    assert_eq!(answer, json!({"detail": "Forbidden"}));
    assert_eq!(setup::new_code(&server.app).await.unwrap(), None);
}

#[tokio::test]
async fn codes_cannot_be_guessed_for_long() {
    let server = TestServer::without_users();
    let code = setup::new_code(&server.app).await.unwrap().unwrap();
    let mut browser = Browser::new(&server);
    browser.get("/api/heartbeat").await;
    let mut first = carol();
    first["setup_code"] = json!("ZZZZZZZZ");
    for _ in 0..10 {
        browser.post("/api/users", first.clone()).await.expect(403);
    }
    first["setup_code"] = json!(code);
    let answer = browser.post("/api/users", first.clone()).await;
    assert_eq!(answer.headers["retry-after"], "300");
    let sentence = "Too many wrong codes. Try again later.";
    assert_eq!(answer.expect(429), json!({ "detail": sentence }));
    server.clock.advance_millis(300_000);
    browser.post("/api/users", first).await.expect(201);
}

#[tokio::test]
async fn settings_make_the_first_user_once() {
    let server = TestServer::without_users();
    let code = setup::new_code(&server.app).await.unwrap().unwrap();
    let first = setup::first_user(&server.app, "Marit", "secret1").await;
    assert_eq!(first.unwrap().unwrap().username, "marit");
    let again = setup::first_user(&server.app, "other", "secret1").await;
    assert!(again.unwrap().is_none());
    let me = server.basic("marit", "secret1").get("/api/users/me").await;
    assert_eq!(me.expect(200)["role"], "admin");
    // The code is void.
    let mut browser = Browser::new(&server);
    browser.get("/api/heartbeat").await;
    let mut new = carol();
    new["setup_code"] = json!(code);
    browser.post("/api/users", new).await.expect(403);
}

#[tokio::test]
async fn what_the_caller_may_do_is_told_in_romms_words() {
    let server = TestServer::start().await;
    let own = server.bob().get("/api/permissions/me").await.expect(200);
    let actions: Vec<&Value> = own["grants"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["action"])
        .collect();
    assert_eq!(
        actions,
        [
            "rom.view",
            "rom.play",
            "rom.download",
            "rom.favorite",
            "platform.view",
            "collection.view",
            "collection.create",
            "collection.edit",
            "collection.delete"
        ]
    );
    assert_eq!(own["is_admin"], false);
    let global = json!({"action": "rom.view", "scope": {"kind": "global", "id": null}});
    assert_eq!(own["grants"][0], global);
    assert_eq!(own["hidden"], json!({"platforms": [], "roms": []}));
    let own = server.admin().get("/api/permissions/me").await.expect(200);
    assert_eq!(own["is_admin"], true);
    assert_eq!(own["grants"].as_array().unwrap().len(), 23);
}
