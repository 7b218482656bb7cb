//! Secrets: what is kept of them, and that one which works once works once.

use http::Method;
use keepsave_server::auth::setup;
use keepsave_testkit::browser::Browser;
use keepsave_testkit::server::TestServer;
use serde_json::{Value, json};

const FORM: Option<&str> = Some("application/x-www-form-urlencoded");

async fn grants(server: &TestServer, form: &str) -> (u16, Value) {
    let body = form.as_bytes().to_vec();
    let asking = server.nobody();
    let answer = asking.send(Method::POST, "/api/token", FORM, body).await;
    (answer.status.as_u16(), answer.json())
}

/// A refresh token of bob.
async fn refresh_token(server: &TestServer) -> (String, String) {
    let (_, answer) = grants(server, "username=bob&password=RefBob12345").await;
    let text = |name: &str| answer[name].as_str().unwrap().to_owned();
    (text("access_token"), text("refresh_token"))
}

/// A pairing code for a new token of the admin, and the token.
async fn pairing_code(server: &TestServer) -> (String, String) {
    let body = json!({"name": "t", "scopes": ["me.read"]});
    let made = server.admin().post("/api/client-tokens", body).await;
    let made = made.expect(201);
    let path = format!("/api/client-tokens/{}/pair", made["id"]);
    let answer = server.admin().post(&path, Value::Null).await.expect(200);
    let code = answer["code"].as_str().unwrap().to_owned();
    (code, made["raw_token"].as_str().unwrap().to_owned())
}

/// The device code of a device that bob let in.
async fn device_code(server: &TestServer) -> String {
    let asked = json!({
        "client_device_identifier": "d", "name": "d", "client": "c",
        "requested_scopes": ["me.read"],
    });
    let path = "/api/auth/device/init";
    let answer = server.nobody().post(path, asked).await.expect(201);
    let approval = json!({"user_code": answer["user_code"], "approved_scopes": ["me.read"]});
    let path = "/api/auth/device/approve";
    server.bob().post(path, approval).await.expect(200);
    answer["device_code"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn no_secret_is_in_the_database() {
    let server = TestServer::on_disk().await;
    let browser = Browser::signed_in(&server, "bob", "RefBob12345").await;
    let session = browser.cookie("romm_session").unwrap().to_owned();
    let (access, refresh) = refresh_token(&server).await;
    let (code, token) = pairing_code(&server).await;
    let device = device_code(&server).await;
    let copy = server.data().join("copy.db");
    server.app.vault.copy_database(&copy).unwrap();
    let stored = std::fs::read(copy).unwrap();
    let holds = |secret: &str| {
        let plain = secret.as_bytes();
        let bytes = hex::decode(secret).unwrap_or_else(|_| plain.to_vec());
        [plain, &bytes].iter().any(|secret| {
            let mut windows = stored.windows(secret.len());
            windows.any(|window| window == *secret)
        })
    };
    // What is looked for in the right way is found.
    assert!(holds("bob@example.com"));
    for secret in [
        session.as_str(),
        &access,
        &refresh,
        &code,
        &token,
        token.trim_start_matches("rmm_"),
        &device,
        "RefBob12345",
        "RefAdmin123",
    ] {
        assert!(!holds(secret), "{secret}");
    }

    let empty = TestServer::without_users();
    let code = setup::new_code(&empty.app).await.unwrap().unwrap();
    let copy = empty.data().join("copy.db");
    empty.app.vault.copy_database(&copy).unwrap();
    let stored = std::fs::read(copy).unwrap();
    let mut windows = stored.windows(code.len());
    assert!(!windows.any(|window| window == code.as_bytes()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_works_once_works_once_even_asked_for_twice_at_once() {
    let server = TestServer::on_disk().await;
    let (_, refresh) = refresh_token(&server).await;
    let form = format!("grant_type=refresh_token&refresh_token={refresh}");
    let (one, other) = tokio::join!(grants(&server, &form), grants(&server, &form));
    let mut both = [one.0, other.0];
    both.sort_unstable();
    assert_eq!(both, [200, 401]);

    let (code, _) = pairing_code(&server).await;
    let exchange = || {
        let body = json!({ "code": code });
        server.nobody().post("/api/client-tokens/exchange", body)
    };
    let (one, other) = tokio::join!(exchange(), exchange());
    let mut both = [one.status.as_u16(), other.status.as_u16()];
    both.sort_unstable();
    assert_eq!(both, [200, 404]);

    let code = device_code(&server).await;
    let poll = || {
        let body = json!({ "device_code": code });
        server.nobody().post("/api/auth/device/token", body)
    };
    let (one, other) = tokio::join!(poll(), poll());
    let mut both = [one.status.as_u16(), other.status.as_u16()];
    both.sort_unstable();
    assert_eq!(both, [200, 400]);
    let tokens = server.bob().get("/api/client-tokens").await.expect(200);
    assert_eq!(tokens.as_array().unwrap().len(), 1);
}
