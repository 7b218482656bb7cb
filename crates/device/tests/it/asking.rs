//! One request and its answer, with every kind of peer.

use std::time::{Duration, Instant};

use keepsave_core::ids::{DeviceId, RomId, SaveId, SessionId};
use keepsave_core::negotiate::Action;
use keepsave_core::release::Speaks;
use keepsave_device::server::saves::Listed;
use keepsave_device::server::seen::SeenAction;
use keepsave_device::server::sign_in::Poll;
use keepsave_device::server::{Credential, Secret, Server, ServerError, Trouble};
use keepsave_wire::sync::{SyncCompletePayload, SyncNegotiatePayload};

use crate::peer::{Peer, Then, connect, json, server};

const USER: &str = r#"{"id": 7, "username": "ada"}"#;

fn inventory() -> SyncNegotiatePayload {
    SyncNegotiatePayload {
        device_id: Some("d".into()),
        saves: Vec::new(),
    }
}

#[tokio::test]
async fn a_request_says_who_asks_and_with_what() {
    let peer = Peer::new(vec![json("200 OK", USER)]);
    let me = peer.server().me().await.unwrap();
    assert_eq!((me.seen.id.0, me.seen.username.as_str()), (7, "ada"));
    assert_eq!(
        me.json(),
        serde_json::from_str::<serde_json::Value>(USER).unwrap()
    );
    let asked = &peer.asked()[0];
    assert_eq!(asked.line(), "GET /api/users/me HTTP/1.1");
    assert_eq!(asked.header("authorization"), Some("Bearer rmm_sesame"));
    assert_eq!(asked.header("user-agent"), Some("keepsave/9.9"));
    assert_eq!(asked.header("accept"), Some("application/json"));
}

#[tokio::test]
async fn a_path_below_the_origin_is_kept() {
    let peer = Peer::new(vec![json("200 OK", "[]")]);
    let server = server(&format!("{}/romm/", peer.url));
    let listed = Listed {
        rom: Some(RomId(3)),
        slot: Some("a b&c"),
        device: None,
    };
    assert_eq!(server.saves(listed).await.unwrap().seen.rows, []);
    assert_eq!(
        peer.lines(),
        ["GET /romm/api/saves?rom_id=3&slot=a+b%26c HTTP/1.1"]
    );
}

#[tokio::test]
async fn an_id_from_outside_stays_in_its_place() {
    for (id, path) in [
        ("../users/1?x=#", "%2E%2E%2Fusers%2F1%3Fx%3D%23"),
        ("..", "%252E%252E"),
        (".", "%252E"),
    ] {
        let peer = Peer::new(vec![json("404 Not Found", r#"{"detail":"Not Found"}"#)]);
        peer.server()
            .device(&DeviceId(id.into()))
            .await
            .unwrap_err();
        assert_eq!(peer.lines(), [format!("GET /api/devices/{path} HTTP/1.1")]);
    }
}

/// A token goes to its origin and to no other, whatever a server says.
#[tokio::test]
async fn a_redirect_to_another_origin_is_refused() {
    let stranger = Peer::new(vec![json("200 OK", USER)]);
    let there = format!(
        "307 Temporary Redirect\r\nlocation: {}/api/users/me",
        stranger.url
    );
    let peer = Peer::new(vec![Then::Say(there.leak(), String::new())]);
    let error = peer.server().me().await.unwrap_err();
    let expected = format!("{}/api/users/me", stranger.url);
    assert_eq!(error.trouble, Trouble::Redirected { to: expected });
    assert!(
        error.to_string().contains("the token stayed here"),
        "{error}"
    );
    assert_eq!(stranger.lines(), [""; 0]);
}

#[tokio::test]
async fn a_redirect_within_the_server_is_followed_where_it_keeps_the_request() {
    let moved = |status: &'static str| {
        let head = format!("{status}\r\nlocation: /elsewhere?x=1");
        Then::Say(head.leak(), String::new())
    };
    let peer = Peer::new(vec![moved("302 Found"), json("200 OK", USER)]);
    peer.server().me().await.unwrap();
    assert_eq!(
        peer.lines(),
        ["GET /api/users/me HTTP/1.1", "GET /elsewhere?x=1 HTTP/1.1"]
    );
    assert_eq!(
        peer.asked()[1].header("authorization"),
        Some("Bearer rmm_sesame")
    );

    let plan = r#"{"session_id":1,"operations":[]}"#;
    let peer = Peer::new(vec![moved("308 Permanent Redirect"), json("200 OK", plan)]);
    peer.server().negotiate(&inventory()).await.unwrap();
    let asked = peer.asked();
    assert_eq!(asked[1].line(), "POST /elsewhere?x=1 HTTP/1.1");
    assert_eq!(asked[1].body, asked[0].body);

    // A POST that became a GET would not do what was asked.
    let peer = Peer::new(vec![moved("302 Found")]);
    let error = peer.server().negotiate(&inventory()).await.unwrap_err();
    assert!(
        matches!(error.trouble, Trouble::Redirected { .. }),
        "{error}"
    );
}

#[tokio::test]
async fn redirects_end() {
    let round = || Then::Say("302 Found\r\nlocation: /api/users/me", String::new());
    let peer = Peer::new((0..20).map(|_| round()).collect());
    let error = peer.server().me().await.unwrap_err();
    assert!(
        matches!(error.trouble, Trouble::Redirected { .. }),
        "{error}"
    );
    assert_eq!(peer.lines().len(), 6);
}

/// Each trouble that may pass, with a request that is safe to repeat.
#[tokio::test]
async fn what_may_pass_is_tried_three_times() {
    let cut_body = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{";
    for trouble in [
        json("500 Internal Server Error", "Internal Server Error"),
        json("503 Service Unavailable\r\nretry-after: 0", ""),
        json("429 Too Many Requests\r\nretry-after: 0", ""),
        json("429 Too Many Requests", ""),
        Then::Cut(String::new()),
        Then::Cut("HTTP/1.1 200 OK\r\nconte".into()),
        Then::Cut(cut_body.into()),
        Then::Hang(String::new()),
        Then::Hang(cut_body.into()),
    ] {
        let peer = Peer::new(vec![trouble.clone(), trouble.clone(), json("200 OK", USER)]);
        let me = peer.server().me().await;
        assert_eq!(me.unwrap().seen.username, "ada", "{trouble:?}");

        let peer = Peer::new(vec![trouble.clone(); 4]);
        let error = peer.server().me().await.unwrap_err();
        assert_eq!(peer.lines().len(), 3, "{trouble:?}: {error}");
        assert!(
            error.to_string().starts_with("GET /api/users/me: "),
            "{error}"
        );
    }
}

/// What must not be done twice is not sent twice, unless it surely was not done.
#[tokio::test]
async fn what_may_have_been_done_is_not_repeated() {
    for trouble in [
        json("500 Internal Server Error", "Internal Server Error"),
        Then::Cut(String::new()),
        Then::Hang(String::new()),
    ] {
        let peer = Peer::new(vec![trouble.clone(); 2]);
        let error = delete(peer.server()).await.unwrap_err();
        assert_eq!(peer.lines().len(), 1, "{trouble:?}");
        assert!(error.may_be_done(), "{error}");
    }
    let busy = json("429 Too Many Requests\r\nretry-after: 0", "");
    let peer = Peer::new(vec![busy, json("200 OK", "[3]")]);
    delete(peer.server()).await.unwrap();
    assert_eq!(peer.lines().len(), 2);
}

/// Deleting stands for everything that must not be done twice.
async fn delete(server: Server) -> Result<(), ServerError> {
    server.delete_saves(&[SaveId(3)]).await
}

#[tokio::test]
async fn a_server_that_is_not_there_is_named() {
    // A port that was free a moment ago.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = server(&url).me().await.unwrap_err();
    assert!(
        matches!(error.trouble, Trouble::Unreachable { .. }),
        "{error}"
    );
    assert!(error.to_string().contains(&url), "{error}");
    assert!(!error.may_be_done());
}

#[tokio::test]
async fn a_silent_peer_is_given_up() {
    let began = Instant::now();
    let peer = Peer::new(vec![Then::Hang(String::new()); 3]);
    let error = peer.server().me().await.unwrap_err();
    let after = Duration::from_millis(200);
    assert_eq!(error.trouble, Trouble::Stalled { after });
    assert!(began.elapsed() < Duration::from_secs(30));
}

#[tokio::test]
async fn what_is_not_json_is_shown() {
    let page = json("200 OK\r\ncontent-type: text/html", "<html>\n Sign in");
    let peer = Peer::new(vec![page]);
    let error = peer.server().me().await.unwrap_err().to_string();
    assert!(
        error.starts_with("GET /api/users/me: answered 200"),
        "{error}"
    );
    assert!(error.contains("<html>  Sign in"), "{error}");

    let peer = Peer::new(vec![json("200 OK", r#"{"username": "ada"}"#)]);
    let error = peer.server().me().await.unwrap_err().to_string();
    assert!(error.contains("missing field `id`"), "{error}");
}

#[tokio::test]
async fn one_row_that_cannot_be_read_does_not_hide_the_others() {
    let rows = r#"[
        {"id": 1, "rom_id": 2, "file_name": "a.srm", "content_hash": "5d41402abc4b2a76b9719d911017c592",
         "file_size_bytes": 5, "updated_at": "2026-11-20T07:28:30", "slot": "autosave", "new": [1],
         "device_syncs": [{"device_id": "d", "is_current": true}, 7, null]},
        {"id": 2, "rom_id": null},
        null,
        {"id": "3", "rom_id": 2, "file_name": null, "content_hash": "none", "file_size_bytes": -1,
         "updated_at": 5, "slot": 3, "device_syncs": null},
        {"id": true, "rom_id": 2}
    ]"#;
    let peer = Peer::new(vec![json("200 OK", rows)]);
    let told = peer.server().saves(Listed::default()).await.unwrap();
    let [first, second] = &told.seen.rows[..] else {
        panic!("{:?}", told.seen.rows);
    };
    assert_eq!((first.id, first.file_size_bytes), (SaveId(1), Some(5)));
    assert!(first.sync_of(&DeviceId("d".into())).unwrap().is_current);
    assert_eq!((second.id, second.file_size_bytes), (SaveId(3), None));
    assert_eq!((second.slot.as_deref(), second.content_hash), (None, None));
    let unreadable: Vec<usize> = told.seen.unreadable.iter().map(|row| row.index).collect();
    assert_eq!(unreadable, [1, 2, 4]);
    assert!(told.seen.unreadable[0].to_string().contains(r#"{"id": 2"#));
    assert_eq!(told.json().as_array().unwrap().len(), 5);
}

#[tokio::test]
async fn a_plan_may_say_more_than_the_device_knows() {
    let plan = r#"{"session_id": 9, "operations": [
        {"action": "delete", "rom_id": 1, "save_id": 4},
        {"action": "download", "rom_id": 1, "save_id": null, "server_updated_at": null},
        {"rom_id": 1}
    ], "total_delete": 1}"#;
    let peer = Peer::new(vec![json("200 OK", plan)]);
    let plan = peer.server().negotiate(&inventory()).await.unwrap().seen;
    assert_eq!(plan.session_id, Some(SessionId(9)));
    let actions: Vec<_> = plan
        .operations
        .rows
        .iter()
        .map(|line| &line.action)
        .collect();
    let unknown = SeenAction::Unknown("delete".into());
    assert_eq!(actions, [&unknown, &SeenAction::Known(Action::Download)]);
    assert_eq!(plan.operations.unreadable.len(), 1);
}

#[tokio::test]
async fn a_session_that_ended_already_is_no_failure() {
    let ended = r#"{"detail":"Session is already COMPLETED"}"#;
    let peer = Peer::new(vec![
        Then::Cut(String::new()),
        json("400 Bad Request", ended),
    ]);
    let outcome = SyncCompletePayload::default();
    let told = peer.server().complete(SessionId(1), &outcome).await;
    assert!(told.unwrap().is_none());
    let peer = Peer::new(vec![json("400 Bad Request", r#"{"detail":"no"}"#)]);
    let told = peer.server().complete(SessionId(1), &outcome).await;
    assert!(matches!(
        told.unwrap_err().trouble,
        Trouble::Refused { status: 400, .. }
    ));
}

#[tokio::test]
async fn each_poll_has_its_meaning() {
    let answer = |detail: &str| json("400 Bad Request", &format!(r#"{{"detail":"{detail}"}}"#));
    let token =
        r#"{"access_token":"rmm_x","device_id":"d","scopes":["me.read"],"expires_at":null}"#;
    let peer = Peer::new(vec![
        answer("authorization_pending"),
        answer("slow_down"),
        json("200 OK", token),
        answer("access_denied"),
        answer("expired_token"),
        answer("whatever"),
    ]);
    let server = connect(&peer.url, Credential::Nobody, Duration::from_secs(5));
    let code = Secret::new("c");
    assert!(matches!(server.poll(&code).await, Ok(Poll::Pending)));
    assert!(matches!(server.poll(&code).await, Ok(Poll::TooSoon)));
    let Ok(Poll::In(token)) = server.poll(&code).await else {
        panic!("not let in");
    };
    assert_eq!(token.raw_token.reveal(), "rmm_x");
    assert_eq!(token.device_id, Some(DeviceId("d".into())));
    assert!(matches!(server.poll(&code).await, Ok(Poll::Denied)));
    assert!(matches!(server.poll(&code).await, Ok(Poll::Expired)));
    assert!(server.poll(&code).await.is_err());
    let asked = peer.asked();
    assert_eq!(asked[0].header("authorization"), None);
}

async fn heartbeat(body: &str) -> Result<(String, Speaks, bool), ServerError> {
    let peer = Peer::new(vec![json("200 OK", body)]);
    let server = peer.server();
    server.speaks().await?;
    let heartbeat = server.heartbeat().await?;
    assert_eq!(peer.lines(), ["GET /api/heartbeat HTTP/1.1"], "asked once");
    let warned = heartbeat.warning().is_some();
    Ok((heartbeat.name(), heartbeat.speaks, warned))
}

#[tokio::test]
async fn a_heartbeat_says_what_can_be_asked() {
    let told = |name: &str, speaks, warned| (name.to_owned(), speaks, warned);
    for (body, expected) in [
        (
            r#"{"SYSTEM":{"VERSION":"5.1.0"},"KEEPSAVE":{"VERSION":"0.1.0"}}"#,
            told("Keepsave 0.1.0", Speaks::Lineage, false),
        ),
        (
            r#"{"SYSTEM":{"VERSION":"5.1.0","X":1},"KEEPSAVE":null}"#,
            told("RomM 5.1.0", Speaks::Negotiates, false),
        ),
        (
            r#"{"SYSTEM":{"VERSION":"4.8.1"}}"#,
            told("RomM 4.8.1", Speaks::Lists, false),
        ),
        (
            r#"{"SYSTEM":{"VERSION":"development"}}"#,
            told("RomM development", Speaks::Negotiates, true),
        ),
    ] {
        assert_eq!(heartbeat(body).await.unwrap(), expected, "{body}");
    }
    for (body, named) in [
        (r#"{"SYSTEM":{"VERSION":"4.8.0"}}"#, "4.8.0"),
        (r#"{"SYSTEM":{"VERSION":"4.8.1-beta.1"}}"#, "4.8.1-beta.1"),
        (r#"{"VERSION":"3.10.3"}"#, "3.10.3"),
        (r#"{"SYSTEM":{"VERSION":"nightly"}}"#, "nightly"),
        (r#"{"SYSTEM":{"VERSION":4}}"#, "names no version"),
        ("{}", "names no version"),
    ] {
        let error = heartbeat(body).await.unwrap_err();
        assert!(matches!(error.trouble, Trouble::TooOld(_)), "{error}");
        let told = error.to_string();
        assert!(told.contains(named) && told.contains("4.8.1"), "{told}");
    }
    let error = heartbeat("<html>").await.unwrap_err();
    assert!(
        matches!(error.trouble, Trouble::Unreadable { .. }),
        "{error}"
    );
}

#[tokio::test]
async fn an_older_romm_has_no_sessions() {
    let peer = Peer::new(vec![json("200 OK", r#"{"SYSTEM":{"VERSION":"4.8.1"}}"#)]);
    let server = peer.server();
    let told = [
        server.sessions(None, None).await.unwrap_err(),
        server.session(SessionId(1)).await.unwrap_err(),
        server.push_pull(&DeviceId("d".into())).await.unwrap_err(),
    ];
    for error in told {
        let Trouble::NoSync { found, missing } = &error.trouble else {
            panic!("{error}");
        };
        assert_eq!((found.as_str(), missing.len()), ("RomM 4.8.1", 4));
        assert!(error.to_string().contains("4.9.0-alpha.2"), "{error}");
    }
    assert_eq!(peer.lines().len(), 1, "only the heartbeat");
}
