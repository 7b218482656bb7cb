//! The pages of one's own account: password, tokens, where one is signed in, and whose they are.

use keepsave_testkit::browser::Browser;
use keepsave_testkit::server::{Answer, TestServer};
use serde_json::json;

use crate::web::{goes_to, words};

const BOB: (&str, &str) = ("bob", "RefBob12345");

async fn bobs(server: &TestServer) -> Browser<'_> {
    Browser::signed_in(server, BOB.0, BOB.1).await
}

/// The value of the field with that id.
fn field(answer: &Answer, id: &str) -> String {
    let html = answer.text();
    let (_, rest) = html.split_once(&format!("id=\"{id}\" value=\"")).unwrap();
    rest.split_once('"').unwrap().0.to_owned()
}

async fn make_token(browser: &mut Browser<'_>, name: &str, purpose: &str) -> Answer {
    let form = [("name", name), ("for", purpose), ("ends", "30d")];
    browser.submit("/account/tokens", &form).await
}

#[tokio::test]
async fn a_token_is_made_shown_once_and_revoked() {
    let server = TestServer::start().await;
    let mut browser = bobs(&server).await;
    let made = make_token(&mut browser, "<b>Deck</b>", "saves").await;
    assert_eq!(made.status, 200);
    let secret = field(&made, "secret");
    assert!(made.text().contains("Token &lt;b&gt;Deck&lt;/b&gt;"));
    server.bearer(&secret).get("/api/saves").await.expect(200);
    // It cannot let others in.
    let another = json!({ "name": "x", "scopes": ["me.read"], "expires_in": "30d" });
    let refused = server.bearer(&secret).post("/api/client-tokens", another);
    assert_eq!(refused.await.status, 403);

    let page = browser.get("/account/tokens").await;
    assert!(!page.text().contains(&secret));
    let (_, rest) = page
        .text()
        .split_once("id=\"t")
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .unwrap();
    let id = rest.split_once('"').unwrap().0.to_owned();
    let revoked = browser
        .submit("/account/tokens/revoke", &[("token", &id)])
        .await;
    assert_eq!(goes_to(&revoked), "/account/tokens");
    assert_eq!(server.bearer(&secret).get("/api/saves").await.status, 401);
    let page = browser.get("/account/tokens").await;
    assert!(words(&page).contains("No token yet."));
}

#[tokio::test]
async fn a_token_that_only_looks_changes_nothing_and_one_needs_a_name() {
    let server = TestServer::start().await;
    let mut browser = bobs(&server).await;
    let made = make_token(&mut browser, "Viewer", "reading").await;
    let viewer = field(&made, "secret");
    server.bearer(&viewer).get("/api/saves").await.expect(200);
    let path = "/api/devices";
    let refused = server
        .bearer(&viewer)
        .post(path, json!({ "name": "x" }))
        .await;
    assert_eq!(refused.status, 403);

    let nameless = make_token(&mut browser, "  ", "everything").await;
    assert_eq!(nameless.status, 400);
    assert!(words(&nameless).contains("Give the token a name"));
    for number in 0..24 {
        make_token(&mut browser, &format!("Token {number}"), "saves").await;
    }
    let full = make_token(&mut browser, "One too many", "saves").await;
    assert_eq!(full.status, 400);
    assert!(words(&full).contains("as many tokens as there can be"));
}

#[tokio::test]
async fn a_pairing_code_gives_a_token_another_secret() {
    let server = TestServer::start().await;
    let mut browser = bobs(&server).await;
    let made = make_token(&mut browser, "Couch", "saves").await;
    let secret = field(&made, "secret");
    let id = field(&made, "secret-token");
    let shown = browser
        .submit("/account/tokens/code", &[("token", &id)])
        .await;
    let html = shown.text();
    let (_, rest) = html.split_once("code-shown\">").unwrap();
    let code = rest.split_once('<').unwrap().0;
    let path = "/api/client-tokens/exchange";
    let exchanged = server.nobody().post(path, json!({ "code": code })).await;
    let fresh = exchanged.expect(200)["raw_token"]
        .as_str()
        .unwrap()
        .to_owned();
    server.bearer(&fresh).get("/api/saves").await.expect(200);
    assert_eq!(server.bearer(&secret).get("/api/saves").await.status, 401);

    let renewed = browser
        .submit("/account/tokens/renew", &[("token", &id)])
        .await;
    let newest = field(&renewed, "secret");
    server.bearer(&newest).get("/api/saves").await.expect(200);
    assert_eq!(server.bearer(&fresh).get("/api/saves").await.status, 401);
}

#[tokio::test]
async fn anothers_tokens_and_sessions_are_not_there() {
    let server = TestServer::start().await;
    let mut admin = Browser::signed_in(&server, "admin", "RefAdmin123").await;
    let made = make_token(&mut admin, "Admin's", "everything").await;
    let (secret, id) = (field(&made, "secret"), field(&made, "secret-token"));
    let mut browser = bobs(&server).await;
    for path in ["revoke", "renew", "code"] {
        let path = format!("/account/tokens/{path}");
        for token in [id.as_str(), "4711", "x", ""] {
            assert_eq!(
                browser.submit(&path, &[("token", token)]).await.status,
                404,
                "{path}"
            );
        }
    }
    server.bearer(&secret).get("/api/saves").await.expect(200);
    let page = admin.get("/account/sessions").await;
    let html = page.text();
    assert_eq!(
        html.matches("/account/sessions/end\"").count(),
        0,
        "its own only"
    );
    for session in ["00", "x", ""] {
        let ended = browser
            .submit("/account/sessions/end", &[("session", session)])
            .await;
        assert_eq!(ended.status, 404);
    }
    assert_eq!(
        goes_to(&server.nobody().get("/account/tokens").await),
        "/login?next=%2Faccount%2Ftokens"
    );
}

#[tokio::test]
async fn another_password_needs_the_one_before_and_signs_all_others_out() {
    let server = TestServer::start().await;
    let (mut desk, mut phone) = (bobs(&server).await, bobs(&server).await);
    let before = desk.cookie("romm_session").unwrap().to_owned();
    let change = [("current", "wrong"), ("new", "another password")];
    let refused = desk.submit("/account/password", &change).await;
    assert_eq!(refused.status, 422);
    assert!(words(&refused).contains("That is not your password."));
    let short = [("current", BOB.1), ("new", "12345")];
    let refused = desk.submit("/account/password", &short).await;
    assert_eq!(refused.status, 400);
    assert!(words(&refused).contains("A password has at least 6 characters."));

    let change = [("current", BOB.1), ("new", "another password")];
    let done = desk.submit("/account/password", &change).await;
    let told = desk.get(goes_to(&done)).await;
    assert!(words(&told).contains("Your password was changed."));
    assert_ne!(desk.cookie("romm_session"), Some(before.as_str()));
    assert_eq!(phone.get("/account").await.status, 303);
    let old = server.basic(BOB.0, BOB.1).get("/api/users/me").await;
    assert_eq!(old.status, 401);
    server
        .basic(BOB.0, "another password")
        .get("/api/users/me")
        .await
        .expect(200);

    let wrong = [("current", "wrong"), ("new", "whatever it is")];
    let mut last = desk.submit("/account/password", &wrong).await;
    for _ in 0..10 {
        last = desk.submit("/account/password", &wrong).await;
    }
    assert_eq!(last.status, 429);
    assert!(words(&last).contains("Too many tries. Wait 5 minutes"));
}

#[tokio::test]
async fn one_signs_another_browser_out_on_the_page() {
    let server = TestServer::start().await;
    let (mut desk, mut phone, mut tablet) = (
        bobs(&server).await,
        bobs(&server).await,
        bobs(&server).await,
    );
    let page = desk.get("/account/sessions").await;
    assert!(words(&page).contains("This browser"));
    let html = page.text();
    assert_eq!(html.matches("name=\"session\"").count(), 2);
    let (_, rest) = html.split_once("name=\"session\" value=\"").unwrap();
    let session = rest.split_once('"').unwrap().0;
    let ended = desk
        .submit("/account/sessions/end", &[("session", session)])
        .await;
    assert_eq!(goes_to(&ended), "/account/sessions");
    let signed_in = [
        phone.get("/account").await.status.as_u16(),
        tablet.get("/account").await.status.as_u16(),
    ];
    assert!(
        signed_in.contains(&200) && signed_in.contains(&303),
        "{signed_in:?}"
    );
    desk.submit("/account/sessions/end-others", &[]).await;
    assert_eq!(phone.get("/account").await.status, 303);
    assert_eq!(tablet.get("/account").await.status, 303);
    assert_eq!(desk.get("/account").await.status, 200);
}
