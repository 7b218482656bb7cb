//! The pages: first user, signing in and out, letting a device in, and what no page does.

use keepsave_server::auth::setup;
use keepsave_testkit::browser::Browser;
use keepsave_testkit::server::{Answer, TestServer};
use serde_json::{Value, json};

/// What a person reads on a page, line by line.
pub fn words(answer: &Answer) -> String {
    let html = answer.text();
    let (_, rest) = html.split_once("<main").unwrap();
    let body = format!("<main{}", rest.split_once("</main>").unwrap().0);
    let mut words = String::new();
    for piece in body.split('<').skip(1) {
        let (tag, text) = piece.split_once('>').unwrap();
        if tag.starts_with('/') || tag.starts_with("li") || tag.starts_with("input") {
            words.push('\n');
        }
        words.push_str(&text.replace("&#39;", "'"));
    }
    let lines = words.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join("\n")
}

#[track_caller]
pub fn goes_to(answer: &Answer) -> &str {
    assert_eq!(answer.status, 303, "{}", answer.text());
    answer.headers["location"].to_str().unwrap()
}

async fn ask_to_be_let_in(server: &TestServer, name: &str, scopes: &[&str]) -> (String, String) {
    let asked = json!({
        "client_device_identifier": "dev-1", "name": name, "client": "argosy-launcher",
        "platform": "android", "client_version": "2.7", "requested_scopes": scopes,
    });
    let path = "/api/auth/device/init";
    let answer = server.nobody().post(path, asked).await.expect(201);
    let text = |name: &str| answer[name].as_str().unwrap().to_owned();
    (text("device_code"), text("verification_path_complete"))
}

async fn poll(server: &TestServer, code: &str) -> Value {
    let body = json!({ "device_code": code });
    let path = "/api/auth/device/token";
    server.nobody().post(path, body).await.json()
}

#[tokio::test]
async fn the_first_visit_makes_the_first_user() {
    let server = TestServer::without_users();
    let code = setup::new_code(&server.app).await.unwrap().unwrap();
    let mut browser = Browser::new(&server);
    for path in ["/", "/login"] {
        assert_eq!(goes_to(&browser.get(path).await), "/setup");
    }
    insta::assert_snapshot!(words(&browser.get("/setup").await), @r"
    Make your Keepsave
    Type the code that the console shows, and choose a name and a password.
    Code
    The server printed it when it started.
    Name
    Letters, digits, _ and -. At least 3.
    Password
    At least 6 characters. Apps on your devices may ask for it.
    Create
    ");

    let form = |code, name, password| [("code", code), ("username", name), ("password", password)];
    let wrong = browser
        .submit("/setup", &form("ZZZZZZZZ", "marit", "secret1"))
        .await;
    assert_eq!(wrong.status, 403);
    assert!(words(&wrong).contains("not the code that the server printed"));
    let short = browser.submit("/setup", &form(&code, "marit", "123")).await;
    assert_eq!(short.status, 400);
    assert!(words(&short).contains("A password has at least 6 characters."));
    // What was typed is still there, but for the password.
    assert!(short.text().contains(&format!("value=\"{code}\"")));
    assert!(short.text().contains("value=\"marit\""));
    assert!(!short.text().contains("123"));

    let made = browser
        .submit("/setup", &form(&code, "marit", "secret1"))
        .await;
    assert_eq!(goes_to(&made), "/");
    let home = browser.get("/").await;
    assert!(home.text().contains("Account of marit"));
    let me = browser.get("/api/users/me").await.expect(200);
    assert_eq!(me["role"], "admin");
    assert_eq!(goes_to(&browser.get("/setup").await), "/");
    let again = browser
        .submit("/setup", &form(&code, "other", "secret1"))
        .await;
    assert_eq!(goes_to(&again), "/");
}

#[tokio::test]
async fn signing_in_goes_on_to_where_one_wanted_to_go() {
    let server = TestServer::start().await;
    let mut browser = Browser::new(&server);
    assert_eq!(goes_to(&browser.get("/").await), "/login");
    let page = browser.get("/login?next=%2Fpair%2Fdevice").await;
    insta::assert_snapshot!(words(&page), @r"
    Sign in to Keepsave
    Name
    Password
    Sign in
    ");
    assert!(page.text().contains("name=\"next\" value=\"/pair/device\""));

    let form = [
        ("username", "Bob"),
        ("password", "RefBob12345"),
        ("next", "/pair/device"),
    ];
    assert_eq!(
        goes_to(&browser.submit("/login", &form).await),
        "/pair/device"
    );
    assert_eq!(
        goes_to(&browser.get("/login?next=%2Fpair%2Fdevice").await),
        "/pair/device"
    );

    let mut browser = Browser::new(&server);
    browser.get("/login").await;
    let form = [
        ("username", "bob"),
        ("password", "RefBob12345"),
        ("next", "//x.example"),
    ];
    assert_eq!(goes_to(&browser.submit("/login", &form).await), "/");
}

#[tokio::test]
async fn a_wrong_password_says_how_many_tries_are_left() {
    let server = TestServer::start().await;
    let mut browser = Browser::new(&server);
    browser.get("/login").await;
    let form = [("username", "bob"), ("password", "wrong")];
    let mut said = Vec::new();
    for _ in 0..11 {
        let page = browser.submit("/login", &form).await;
        let words = words(&page);
        let sentence = words
            .lines()
            .find(|line| line.contains("wrong") || line.contains("tries"));
        said.push((page.status.as_u16(), sentence.unwrap().to_owned()));
    }
    let wrong = |rest: &str| (401, format!("Name or password is wrong.{rest}"));
    assert_eq!(said[5], wrong(""));
    assert_eq!(said[6], wrong(" 3 tries left, then a 5 minute pause."));
    assert_eq!(said[8], wrong(" 1 try left, then a 5 minute pause."));
    assert_eq!(said[9], wrong(" Now a pause of 5 minutes."));
    let paused = "Too many tries. Wait 5 minutes, then try again.".to_owned();
    assert_eq!(said[10], (429, paused));

    crate::accounts::disable(&server, "admin").await;
    let form = [("username", "admin"), ("password", "RefAdmin123")];
    let page = browser.submit("/login", &form).await;
    assert_eq!(page.status, 401);
    assert!(words(&page).contains("This account may not sign in."));
}

#[tokio::test]
async fn home_says_how_to_connect() {
    let server = TestServer::start().await;
    let mut browser = Browser::signed_in(&server, "bob", "RefBob12345").await;
    insta::assert_snapshot!(words(&browser.get("/").await), @r"
    Home
    Connect an app and play
    Keepsave speaks RomM's language. In Argosy, Grout or any other app for RomM, enter this address as the server:
    Copy
    An app that shows a code wants to be let in. Type the code here, or scan what the app shows.
    Connect a device
    Your app, step by step
    Argosy
    In Argosy, open Settings, then Server, and enter this address. Or scan the code with the phone that you play on.
    Grout
    In Grout, enter this address as the server, then your name and password, and turn on save sync in its settings.
    tender
    In tender on the Steam Deck: Settings, then Connection: this address, your name and password. Save sync stands beside it.
    RetroArch
    RetroArch by itself speaks to no server. Put Keepsave's own program beside it: it finds RetroArch's saves by itself.
    This computer
    On this computer: download keepsave, then run
    keepsave login http://localhost
    keepsave sync
    ");
    let cookie = browser.cookie("romm_session").unwrap();
    let cookie = format!("romm_session={cookie}");
    let asking = server.nobody().header("cookie", &cookie);
    let page = asking.header("host", "nas.lan:8080").get("/").await;
    assert!(page.text().contains("value=\"http://nas.lan:8080\""));
    assert!(
        page.text()
            .contains("aria-label=\"QR code of http://nas.lan:8080\"")
    );
}

#[tokio::test]
async fn signing_out_is_asked_for_and_then_done() {
    let server = TestServer::start().await;
    let mut browser = Browser::signed_in(&server, "bob", "RefBob12345").await;
    insta::assert_snapshot!(words(&browser.get("/logout").await), @r"
    Sign out of this browser?
    You are bob. Your devices stay connected.
    Sign out
    Stay
    ");
    browser.get("/api/users/me").await.expect(200);
    assert_eq!(goes_to(&browser.submit("/logout", &[]).await), "/login");
    assert_eq!(browser.cookie("romm_session"), None);
    assert_eq!(goes_to(&browser.get("/logout").await), "/login");
}

#[tokio::test]
async fn a_device_is_let_in_by_its_code() {
    let server = TestServer::start().await;
    let scopes = [
        "assets.read",
        "assets.write",
        "roms.read",
        "me.read",
        "users.write",
    ];
    let (device_code, path) = ask_to_be_let_in(&server, "Retroid Pocket 5", &scopes).await;
    // Scanned with a phone that is not signed in.
    let mut browser = Browser::new(&server);
    let login = browser.get(&path).await;
    let login = goes_to(&login).to_owned();
    let page = browser.get(&login).await;
    assert!(page.text().contains(&format!("value=\"{path}\"")));
    let form = [
        ("username", "bob"),
        ("password", "RefBob12345"),
        ("next", path.as_str()),
    ];
    assert_eq!(goes_to(&browser.submit("/login", &form).await), path);

    let page = browser.get(&path).await;
    let code = path.rsplit('=').next().unwrap();
    insta::assert_snapshot!(words(&page).replace(code, "(code)"), @r"
    Connect Retroid Pocket 5?
    App
    argosy-launcher 2.7
    Platform
    android
    Asks from
    127.0.0.1
    Code
    (code)
    It may
    Save and load your game saves, states and screenshots
    See the library and load games
    See your name and account
    Call it
    Connect only what is yours: check that your device shows this code.
    Connect
    Refuse
    ");
    let form = [
        ("user_code", code),
        ("answer", "connect"),
        ("device_name", "Couch"),
    ];
    let done = browser.submit("/pair/device", &form).await;
    assert_eq!(goes_to(&done), "/pair/device/connected");
    insta::assert_snapshot!(words(&browser.get("/pair/device/connected").await), @r"
    Connected
    Go back to your device.
    Connect another
    Home
    ");

    let token = poll(&server, &device_code).await;
    // All that bob can give, and no more.
    let given = json!(["assets.read", "assets.write", "me.read", "roms.read"]);
    assert_eq!(token["scopes"], given);
    assert_eq!(token["expires_at"], Value::Null);
    let secret = token["access_token"].as_str().unwrap();
    let device = token["device_id"].as_str().unwrap();
    server.bearer(secret).get("/api/saves").await.expect(200);
    let device = server.bob().get(&format!("/api/devices/{device}")).await;
    assert_eq!(device.expect(200)["name"], "Couch");

    let again = browser.submit("/pair/device", &form).await;
    assert_eq!(again.status, 404);
    assert!(words(&again).contains("This code is not known, or it has run out."));
}

#[tokio::test]
async fn a_device_is_refused() {
    let server = TestServer::start().await;
    let (device_code, path) = ask_to_be_let_in(&server, "Not mine", &["me.read"]).await;
    let mut browser = Browser::signed_in(&server, "bob", "RefBob12345").await;
    let code = path.rsplit('=').next().unwrap();
    let form = [("user_code", code), ("answer", "refuse")];
    let done = browser.submit("/pair/device", &form).await;
    assert_eq!(goes_to(&done), "/pair/device/refused");
    insta::assert_snapshot!(words(&browser.get("/pair/device/refused").await), @r"
    Refused
    The device was not let in, and nothing was changed.
    Connect another
    Home
    ");
    let denied = json!({"detail": "access_denied"});
    assert_eq!(poll(&server, &device_code).await, denied);
}

#[tokio::test]
async fn a_code_is_typed_where_none_was_scanned() {
    let server = TestServer::start().await;
    let mut browser = Browser::signed_in(&server, "bob", "RefBob12345").await;
    insta::assert_snapshot!(words(&browser.get("/pair/device").await), @r"
    Connect a device
    Code
    The device shows it: 8 letters and digits.
    Next
    ");
    assert_eq!(browser.get("/pair/device?user_code=").await.status, 200);
    let unknown = browser.get("/pair/device?user_code=ZZZZZZZZ").await;
    assert_eq!(unknown.status, 404);
    assert!(words(&unknown).contains("Ask the device for a new one."));

    let (_, path) = ask_to_be_let_in(&server, "Handheld", &["me.read"]).await;
    let code = path.rsplit('=').next().unwrap();
    let typed = format!("{}%20{}", code[..4].to_lowercase(), &code[4..]);
    let page = browser
        .get(&format!("/pair/device?user_code={typed}"))
        .await;
    assert!(words(&page).contains("Connect Handheld?"));
    let neither = browser.submit("/pair/device", &[("user_code", code)]).await;
    assert_eq!(neither.status, 400);
    assert!(words(&neither).contains("Choose Connect or Refuse."));
}

#[tokio::test]
async fn what_no_one_can_give_can_only_be_refused() {
    let server = TestServer::start().await;
    let (_, path) = ask_to_be_let_in(&server, "Monitor", &["logs.read"]).await;
    let mut browser = Browser::signed_in(&server, "bob", "RefBob12345").await;
    let page = words(&browser.get(&path).await);
    assert!(page.contains("It asks for nothing that you can give."));
    assert!(!page.lines().any(|line| line == "Connect"));
}

#[tokio::test]
async fn a_form_that_came_from_elsewhere_changes_nothing() {
    let server = TestServer::start().await;
    let (device_code, path) = ask_to_be_let_in(&server, "Mallory", &["me.read"]).await;
    let code = path.rsplit('=').next().unwrap();
    let form = [("user_code", code), ("answer", "connect")];
    let mut browser = Browser::signed_in(&server, "bob", "RefBob12345").await;
    let bare = browser.submit_as_is("/pair/device", &form).await;
    assert_eq!(bare.status, 403);
    assert!(words(&bare).contains("Nothing was changed."));
    let mut guessed = form.to_vec();
    guessed.push(("csrf_token", "x"));
    assert_eq!(
        browser.submit_as_is("/pair/device", &guessed).await.status,
        403
    );
    let out = browser.submit_as_is("/logout", &[]).await;
    assert_eq!(out.status, 403);
    browser.get("/api/users/me").await.expect(200);
    let pending = json!({"detail": "authorization_pending"});
    assert_eq!(poll(&server, &device_code).await, pending);
    // Nor does a header make a form one of ours.
    let kind = Some("application/x-www-form-urlencoded");
    let asking = server.bob();
    let answer = asking
        .send(http::Method::POST, "/logout", kind, Vec::new())
        .await;
    assert_eq!(answer.status, 403);
}

#[tokio::test]
async fn pages_hold_no_script_and_no_style_of_their_own() {
    let server = TestServer::start().await;
    let (_, pair) = ask_to_be_let_in(&server, "<script>alert(1)</script>\"'", &["me.read"]).await;
    let mut browser = Browser::signed_in(&server, "bob", "RefBob12345").await;
    let mut pages = Vec::new();
    for path in [
        "/",
        "/logout",
        "/pair/device",
        &pair,
        "/pair/device/connected",
    ] {
        pages.push(browser.get(path).await);
    }
    pages.push(Browser::new(&server).get("/login").await);
    pages.push(
        Browser::new(&TestServer::without_users())
            .get("/setup")
            .await,
    );
    for page in pages {
        assert_eq!(page.status, 200);
        let policy = &page.headers["content-security-policy"];
        assert_eq!(
            policy,
            "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; \
             img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        );
        assert_eq!(page.headers["x-content-type-options"], "nosniff");
        assert_eq!(page.headers["referrer-policy"], "same-origin");
        assert_eq!(page.headers["cache-control"], "no-store");
        let html = page.text();
        for never in ["<style", " style=", " onclick", "javascript:"] {
            assert!(!html.contains(never), "{never} in {html}");
        }
        // One script, and it is a file of ours.
        assert_eq!(html.matches("<script").count(), 1, "{html}");
        assert!(html.contains("<script src=\"/assets/keepsave-"), "{html}");
        for always in [
            "<!doctype html>",
            "<html lang=\"en\">",
            "<h1>",
            "id=\"main\"",
        ] {
            assert_eq!(html.matches(always).count(), 1, "{always} in {html}");
        }
    }
}

#[tokio::test]
async fn what_pages_are_made_with_may_be_kept_for_ever() {
    let server = TestServer::start().await;
    let html = server.nobody().get("/login").await.text();
    for (name, kind) in [
        ("style", "text/css; charset=utf-8"),
        ("keepsave", "text/javascript; charset=utf-8"),
    ] {
        let (_, rest) = html.split_once(&format!("\"/assets/{name}-")).unwrap();
        let path = format!("/assets/{name}-{}", rest.split_once('"').unwrap().0);
        let plain = server.nobody().get(&path).await;
        assert_eq!(plain.status, 200);
        assert_eq!(plain.headers["content-type"], kind);
        let kept = "public, max-age=31536000, immutable";
        assert_eq!(plain.headers["cache-control"], kept);
        let asking = server.nobody().header("accept-encoding", "br, gzip");
        let small = asking.get(&path).await;
        assert_eq!(small.headers["content-encoding"], "gzip");
        assert!(small.bytes.len() * 2 < plain.bytes.len());
    }
    let old = server.nobody().get("/assets/style-000000000000.css").await;
    assert_eq!(old.status, 404);
}

#[tokio::test]
async fn neither_a_kiosk_nor_a_header_is_signed_in_to_a_page() {
    let server = TestServer::with_settings(|settings| settings.kiosk_mode = true).await;
    assert_eq!(goes_to(&server.nobody().get("/").await), "/login");
    assert_eq!(goes_to(&server.bob().get("/").await), "/login");
}
