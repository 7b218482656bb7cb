//! Requests that another site makes a browser send are refused, and what other sites may read.

use http::Method;
use keepsave_testkit::browser::Browser;
use keepsave_testkit::server::{Answer, TestServer};
use serde_json::{Value, json};

#[track_caller]
fn demand_refusal(answer: &Answer) {
    assert_eq!(answer.status, 403);
    assert_eq!(answer.headers["content-type"], "text/plain; charset=utf-8");
    assert_eq!(answer.text(), "CSRF token verification failed");
    let told = answer.cookies();
    assert!(
        !told.iter().any(|cookie| cookie.starts_with("romm_csrf")),
        "{told:?}"
    );
}

#[tokio::test]
async fn whoever_signs_in_by_no_header_must_repeat_the_token() {
    let server = TestServer::start().await;
    demand_refusal(&server.nobody().post("/api/saves/delete", json!({})).await);
    demand_refusal(&server.nobody().post("/api/nowhere", json!({})).await);
    demand_refusal(&server.nobody().delete("/api/users/1").await);

    let mut browser = Browser::signed_in(&server, "admin", "RefAdmin123").await;
    let session = browser.cookie("romm_session").unwrap().to_owned();
    let only_session = format!("romm_session={session}");
    let asking = server.nobody().header("cookie", &only_session);
    let refused = asking.post("/api/logout", Value::Null).await;
    demand_refusal(&refused);
    // The session lives on all the same.
    assert!(refused.cookies()[0].starts_with(&only_session));

    let token = browser.cookie("romm_csrftoken").unwrap().to_owned();
    let both = format!("{only_session}; romm_csrftoken={token}");
    let other = "x".repeat(token.len());
    for repeated in [None, Some(""), Some(other.as_str())] {
        let mut asking = server.nobody().header("cookie", &both);
        if let Some(repeated) = repeated {
            asking = asking.header("x-csrftoken", repeated);
        }
        demand_refusal(&asking.post("/api/logout", Value::Null).await);
    }
    browser.post("/api/logout", Value::Null).await.expect(200);
}

#[tokio::test]
async fn a_token_is_of_its_session() {
    let server = TestServer::start().await;
    let mut stranger = Browser::new(&server);
    stranger.get("/api/heartbeat").await;
    let planted = stranger.cookie("romm_csrftoken").unwrap().to_owned();
    let mut browser = Browser::signed_in(&server, "admin", "RefAdmin123").await;
    let own = browser.cookie("romm_csrftoken").unwrap().to_owned();

    browser.set_cookie("romm_csrftoken", &planted);
    demand_refusal(&browser.post("/api/logout", Value::Null).await);
    // The next page it looks at gives it a good one.
    browser.get("/api/users/me").await.expect(200);
    assert_ne!(browser.cookie("romm_csrftoken"), Some(planted.as_str()));
    browser.set_cookie("romm_csrftoken", &own);
    browser.post("/api/logout", Value::Null).await.expect(200);
}

#[tokio::test]
async fn the_token_is_set_where_it_is_missing_and_no_header_signs_in() {
    let server = TestServer::start().await;
    let told = |answer: &Answer| {
        let cookies = answer.cookies();
        let cookie = cookies.iter().find(|it| it.starts_with("romm_csrftoken="));
        cookie.map(|cookie| cookie.split_once("; ").unwrap().1.to_owned())
    };
    for path in ["/api/heartbeat", "/api/users/me", "/api/nowhere"] {
        let answer = server.nobody().get(path).await;
        assert_eq!(told(&answer).as_deref(), Some("Path=/; SameSite=lax"));
        assert_eq!(told(&server.admin().get(path).await), None);
        let unknown = server.bearer("rmm_unknown").get(path).await;
        assert_eq!(told(&unknown), None);
    }
    let mut browser = Browser::new(&server);
    assert!(told(&browser.get("/api/heartbeat").await).is_some());
    assert!(told(&browser.get("/api/heartbeat").await).is_none());
}

#[tokio::test]
async fn whoever_comes_without_cookies_needs_no_token_where_they_begin() {
    let server = TestServer::start().await;
    for (method, path) in [
        (Method::POST, "/api/token"),
        (Method::POST, "/api/token/"),
        (Method::POST, "/api/client-tokens/exchange"),
        (Method::POST, "/api/auth/device/init"),
        (Method::POST, "/api/auth/device/token"),
        (Method::POST, "/api/client-tokens/pair/ABCDEFGH/status"),
    ] {
        let answer = server.nobody().send(method, path, None, Vec::new()).await;
        assert_ne!(answer.status, 403, "{path}");
    }
}

#[tokio::test]
async fn the_protection_can_be_turned_off() {
    let server = TestServer::with_settings(|it| it.disable_csrf_protection = true).await;
    let answer = server.nobody().post("/api/saves/delete", json!({})).await;
    assert!(answer.cookies().is_empty());
    answer.expect(401);
}

#[tokio::test]
async fn behind_tls_the_cookies_stay_there() {
    let server = TestServer::with_settings(|settings| {
        settings.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    });
    let server = server.await;
    let login = server.admin().header("x-forwarded-proto", "https");
    let login = login.post("/api/login", Value::Null).await;
    assert!(login.cookies()[0].ends_with("; samesite=strict; secure"));
    let heartbeat = server.nobody().header("x-forwarded-proto", "https");
    let heartbeat = heartbeat.get("/api/heartbeat").await;
    assert!(heartbeat.cookies()[0].ends_with("; SameSite=lax; Secure"));
}

#[tokio::test]
async fn a_browser_may_ask_in_advance() {
    let server = TestServer::start().await;
    let asking = server
        .nobody()
        .header("origin", "http://x.example")
        .header("access-control-request-method", "GET")
        .header("access-control-request-headers", "authorization");
    let path = "/api/saves";
    let answer = asking.send(Method::OPTIONS, path, None, Vec::new()).await;
    assert_eq!(
        (answer.status.as_u16(), answer.text().as_str()),
        (200, "OK")
    );
    for (name, value) in [
        ("content-type", "text/plain; charset=utf-8"),
        ("vary", "Origin"),
        ("access-control-allow-origin", "*"),
        (
            "access-control-allow-methods",
            "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT",
        ),
        ("access-control-allow-headers", "authorization"),
        ("access-control-max-age", "600"),
    ] {
        assert_eq!(answer.headers[name], value, "{name}");
    }
}

#[tokio::test]
async fn only_sites_that_are_named_may_use_the_browsers_session() {
    let credentials = "access-control-allow-credentials";
    let open = TestServer::start().await;
    let asking = open.nobody().header("origin", "http://x.example");
    let answer = asking.get("/api/heartbeat").await;
    assert_eq!(answer.headers["access-control-allow-origin"], "*");
    assert!(!answer.headers.contains_key(credentials));

    let named = TestServer::with_settings(|settings| {
        settings.cors_allowed_origins = "http://a.example, http://b.example".to_owned();
    });
    let named = named.await;
    let asking = named.nobody().header("origin", "http://b.example");
    let answer = asking.get("/api/heartbeat").await;
    let origin = &answer.headers["access-control-allow-origin"];
    assert_eq!(origin, "http://b.example");
    assert_eq!(answer.headers[credentials], "true");

    let asking = || named.nobody().header("origin", "http://x.example");
    let answer = asking().get("/api/heartbeat").await;
    assert!(!answer.headers.contains_key("access-control-allow-origin"));
    let asking = asking().header("access-control-request-method", "GET");
    let path = "/api/saves";
    let answer = asking.send(Method::OPTIONS, path, None, Vec::new()).await;
    assert_eq!(answer.status, 400);
    assert_eq!(answer.text(), "Disallowed CORS origin");
}
