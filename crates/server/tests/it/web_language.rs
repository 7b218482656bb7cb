//! In which language pages are, and that all of the API is told on one.

use keepsave_testkit::browser::Browser;
use keepsave_testkit::server::{Answer, TestServer};

use crate::web::{goes_to, words};

#[tokio::test]
async fn pages_speak_the_language_of_whoever_looks() {
    let server = TestServer::start().await;
    let german = server.nobody().header("accept-language", "de-AT,de;q=0.9");
    let login = german.get("/login").await;
    assert!(words(&login).contains("Bei Keepsave anmelden"));
    assert!(login.text().contains("<html lang=\"de\">"));
    // A choice counts more than what the browser asks for, and goes back to where it was made.
    let mut browser = Browser::signed_in(&server, "bob", "RefBob12345").await;
    let form = [("language", "de"), ("back", "/logout")];
    assert_eq!(
        goes_to(&browser.submit("/language", &form).await),
        "/logout"
    );
    assert!(words(&browser.get("/logout").await).contains("Von diesem Browser abmelden?"));
    for (language, back) in [("tlh", "//x.example"), ("en", "https://x.example")] {
        let form = [("language", language), ("back", back)];
        assert_eq!(goes_to(&browser.submit("/language", &form).await), "/");
    }
    assert!(words(&browser.get("/logout").await).contains("Sign out of this browser?"));
    // What failed is said in it, too.
    let forged = german_form(&server).await;
    assert!(words(&forged).contains("Nichts wurde geändert."));
}

async fn german_form(server: &TestServer) -> Answer {
    let kind = Some("application/x-www-form-urlencoded");
    let asking = server.nobody().header("accept-language", "de");
    asking
        .send(http::Method::POST, "/login", kind, b"username=bob".to_vec())
        .await
}

#[tokio::test]
async fn the_api_is_told_to_people_route_by_route() {
    let server = TestServer::start().await;
    let document = server.nobody().get("/openapi.json").await.expect(200);
    let html = server.nobody().get("/docs").await.text();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            let heading = format!("<b>{}</b> {path}<", method.to_uppercase());
            assert!(html.contains(&heading), "{heading}");
        }
    }
}
