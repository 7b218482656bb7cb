//! Where one is signed in: every browser of one's own is seen and can be signed out from afar.

use keepsave_server::auth::session::{self, Current};
use keepsave_server::auth::{Caller, secret};
use keepsave_server::vault::users;
use keepsave_testkit::browser::Browser;
use keepsave_testkit::server::TestServer;

fn caller(server: &TestServer, name: &str) -> Caller {
    let user = server.app.vault.read(|tx| users::by_name(tx, name));
    Caller::in_person(user.unwrap().unwrap())
}

async fn bobs(server: &TestServer) -> Browser<'_> {
    let browser = Browser::signed_in(server, "bob", "RefBob12345").await;
    server.clock.advance_millis(1_000);
    browser
}

fn current(browser: &Browser<'_>) -> Current {
    Current(secret::hash(browser.cookie("romm_session").unwrap()))
}

async fn is_signed_in(browser: &mut Browser<'_>) -> bool {
    browser.get("/api/users/me").await.status == 200
}

#[tokio::test]
async fn one_sees_where_one_is_signed_in_and_ends_it_from_afar() {
    let server = TestServer::start().await;
    let (mut phone, mut desk) = (bobs(&server).await, bobs(&server).await);
    let mut admin = Browser::signed_in(&server, "admin", "RefAdmin123").await;
    let bob = caller(&server, "bob");
    let seen = session::own(&server.app, &bob).unwrap();
    let hashes: Vec<_> = seen.iter().map(|session| session.hash).collect();
    assert_eq!(hashes, [current(&desk).0, current(&phone).0]);
    assert_eq!(seen[0].ip_address.as_deref(), Some("127.0.0.1"));

    session::end_own(&server.app, &bob, current(&phone).0)
        .await
        .unwrap();
    assert!(!is_signed_in(&mut phone).await);
    assert!(is_signed_in(&mut desk).await);
    // Another person's session is one that never was.
    for unknown in [current(&admin).0, hashes[1], [7; 32]] {
        let refused = session::end_own(&server.app, &bob, unknown).await;
        assert_eq!(refused.unwrap_err().status(), 404);
    }
    assert!(is_signed_in(&mut admin).await);
}

#[tokio::test]
async fn all_others_are_signed_out_at_once() {
    let server = TestServer::start().await;
    let (mut phone, mut desk) = (bobs(&server).await, bobs(&server).await);
    let mut admin = Browser::signed_in(&server, "admin", "RefAdmin123").await;
    let bob = caller(&server, "bob");
    let ended = session::end_others(&server.app, &bob, current(&desk)).await;
    assert_eq!(ended.unwrap(), 1);
    assert!(!is_signed_in(&mut phone).await);
    assert!(is_signed_in(&mut desk).await);
    assert!(is_signed_in(&mut admin).await);
}

#[tokio::test]
async fn a_session_that_has_run_out_is_not_seen() {
    let server = TestServer::start().await;
    let _browser = bobs(&server).await;
    let age = server.app.settings.session_max_age_seconds;
    server.clock.advance_millis(age * 1_000);
    let seen = session::own(&server.app, &caller(&server, "bob")).unwrap();
    assert!(seen.is_empty());
}
