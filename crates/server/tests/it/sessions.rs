//! Sync sessions: begun by negotiate, counted, completed, listed; and those that the server would
//! have to make itself.

use futures_util::future::join_all;
use keepsave_core::ids::{DeviceId, SessionId, UserId};
use keepsave_server::events::Event;
use keepsave_testkit::server::TestServer;
use serde_json::{Value, json};

use crate::negotiate_story::{A, B, Story, action, reason};

async fn device(server: &TestServer, body: Value) -> String {
    let answer = server.admin().post("/api/devices", body).await;
    answer.expect(201)["device_id"].as_str().unwrap().to_owned()
}

async fn begin(server: &TestServer, device: &str) -> i64 {
    let asked = json!({ "device_id": device, "saves": [] });
    let plan = server.admin().post("/api/sync/negotiate", asked).await;
    plan.expect(200)["session_id"].as_i64().unwrap()
}

async fn session(server: &TestServer, id: i64) -> Value {
    let path = format!("/api/sync/sessions/{id}");
    server.admin().get(&path).await.expect(200)
}

async fn complete(server: &TestServer, id: i64, body: Value) -> (u16, Value) {
    let path = format!("/api/sync/sessions/{id}/complete");
    let answer = server.admin().post(&path, body).await;
    (answer.status.as_u16(), answer.json())
}

async fn sessions(server: &TestServer, query: &str) -> Value {
    let path = format!("/api/sync/sessions{query}");
    server.admin().get(&path).await.expect(200)
}

/// T6: every field is there, ids are numbers except for the device's.
#[tokio::test]
async fn a_session_has_every_field_that_clients_demand() {
    let server = TestServer::start().await;
    let device = device(&server, json!({})).await;
    let id = begin(&server, &device).await;
    let now = server.app.now().to_string();
    let expected = json!({
        "id": id, "device_id": device, "user_id": 1, "status": "IN_PROGRESS",
        "initiated_at": now, "completed_at": null, "operations_planned": 0,
        "operations_completed": 0, "operations_failed": 0, "error_message": null,
        "created_at": now, "updated_at": now,
    });
    let session = session(&server, id).await;
    assert_eq!(session, expected);
    let keys = |value: &Value| {
        value
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect::<Vec<_>>()
    };
    assert_eq!(keys(&session), keys(&expected));
    assert_eq!(sessions(&server, "").await, json!([expected]));
}

#[tokio::test]
async fn a_device_completes_its_session_once() {
    let server = TestServer::start().await;
    let device = device(&server, json!({})).await;
    let id = begin(&server, &device).await;
    server.clock.advance_millis(5_000);
    let mut events = server.app.events.listen();
    let told = json!({ "operations_completed": 3, "operations_failed": 1 });
    let (status, answer) = complete(&server, id, told).await;
    assert_eq!(status, 200);
    assert_eq!(answer["play_session_ingest"], Value::Null);
    assert_eq!(answer["session"], session(&server, id).await);
    assert_eq!(answer["session"]["status"], "COMPLETED");
    assert_eq!(
        answer["session"]["completed_at"],
        server.app.now().to_string()
    );
    assert_eq!(answer["session"]["operations_completed"], 3);
    assert_eq!(answer["session"]["operations_failed"], 1);
    let finished = Event::Finished {
        session_id: SessionId(id),
        device_id: DeviceId(device),
    };
    assert_eq!(events.try_recv(), Ok((UserId(1), finished)));

    let (status, answer) = complete(&server, id, json!({})).await;
    assert_eq!(status, 400);
    assert_eq!(answer["detail"], "Session is already COMPLETED");
    assert!(events.try_recv().is_err());
}

#[tokio::test]
async fn a_device_that_begins_anew_has_given_up_what_it_began() {
    let server = TestServer::start().await;
    let (one, other) = (
        device(&server, json!({})).await,
        device(&server, json!({})).await,
    );
    let of_other = begin(&server, &other).await;
    let first = begin(&server, &one).await;
    let second = begin(&server, &one).await;
    assert_eq!(session(&server, first).await["status"], "CANCELLED");
    assert_ne!(session(&server, first).await["completed_at"], Value::Null);
    assert_eq!(session(&server, second).await["status"], "IN_PROGRESS");
    assert_eq!(session(&server, of_other).await["status"], "IN_PROGRESS");
    let (status, answer) = complete(&server, first, json!({})).await;
    assert_eq!(status, 400);
    assert_eq!(answer["detail"], "Session is already CANCELLED");
}

#[tokio::test]
async fn negotiates_at_once_leave_one_session() {
    let server = TestServer::on_disk().await;
    let device = device(&server, json!({})).await;
    let begun = join_all((0..16).map(|_| begin(&server, &device))).await;
    let mut open = Vec::new();
    for id in &begun {
        if session(&server, *id).await["status"] == "IN_PROGRESS" {
            open.push(*id);
        }
    }
    assert_eq!(open, [*begun.iter().max().unwrap()]);
}

/// T7: what clients are told when a session is not theirs to complete.
#[tokio::test]
async fn unknown_and_foreign_sessions_are_not_told_apart() {
    let server = TestServer::start().await;
    let device = device(&server, json!({})).await;
    let id = begin(&server, &device).await;
    for id in [id, 999_999, -1, 0] {
        let expected = format!("Sync session with ID {id} not found");
        let path = format!("/api/sync/sessions/{id}");
        let answer = server.bob().get(&path).await.expect(404);
        assert_eq!(answer["detail"], expected);
        let path = format!("{path}/complete");
        let answer = server.bob().post(&path, json!({})).await.expect(404);
        assert_eq!(answer["detail"], expected);
    }
    assert_eq!(session(&server, id).await["status"], "IN_PROGRESS");
    let query = format!("/api/sync/sessions?device_id={device}");
    assert_eq!(server.bob().get(&query).await.expect(200), json!([]));
    let answer = server.bob().get("/api/sync/sessions/x").await.expect(422);
    assert_eq!(answer["detail"][0]["loc"], json!(["path", "session_id"]));
}

#[tokio::test]
async fn the_newest_sessions_stand_first() {
    let server = TestServer::start().await;
    let (one, other) = (
        device(&server, json!({})).await,
        device(&server, json!({})).await,
    );
    let mut begun = Vec::new();
    for number in 0..60 {
        let device = if number % 2 == 0 { &one } else { &other };
        begun.push(begin(&server, device).await);
        server.clock.advance_millis(i64::from(number % 3));
    }
    begun.reverse();
    let ids = |listed: Value| -> Vec<i64> {
        let listed = listed.as_array().unwrap();
        listed.iter().map(|it| it["id"].as_i64().unwrap()).collect()
    };
    assert_eq!(ids(sessions(&server, "").await), begun[..50]);
    assert_eq!(ids(sessions(&server, "?limit=3").await), begun[..3]);
    assert_eq!(ids(sessions(&server, "?limit=0").await), [0_i64; 0]);
    assert_eq!(ids(sessions(&server, "?limit=10000").await), begun);
    let query = format!("?device_id={one}&limit=2");
    assert_eq!(ids(sessions(&server, &query).await), [begun[1], begun[3]]);
    assert_eq!(sessions(&server, "?device_id=nope").await, json!([]));
}

#[tokio::test]
async fn what_cannot_be_listed_is_refused() {
    let server = TestServer::start().await;
    for (path, field) in [
        ("/api/sync/sessions?limit=-1", "limit"),
        ("/api/sync/sessions?limit=10001", "limit"),
        ("/api/sync/sessions?limit=99999999999999999999", "limit"),
        ("/api/sync/sessions?limit=x", "limit"),
        ("/api/play-sessions?limit=-1", "limit"),
        ("/api/play-sessions?limit=10001", "limit"),
        ("/api/play-sessions?offset=-1", "offset"),
        ("/api/play-sessions?rom_id=x", "rom_id"),
        ("/api/play-sessions?start_after=yesterday", "start_after"),
        ("/api/play-sessions?end_before=", "end_before"),
    ] {
        let answer = server.admin().get(path).await.expect(422);
        assert_eq!(
            answer["detail"][0]["loc"],
            json!(["query", field]),
            "{path}"
        );
    }
}

#[tokio::test]
async fn only_an_open_session_counts() {
    let mut story = Story::begin().await;
    let plan = story.negotiate(A, Vec::new()).await;
    let id = plan["session_id"].as_i64().unwrap();
    let bound = format!("&session_id={id}");
    story.post_file(A, "Game.srm", 1, &bound).await;
    assert_eq!(session(&story.server, id).await["operations_completed"], 1);
    let save = story.row(1);
    let path = format!("/api/saves/{save}/content?session_id={id}");
    assert_eq!(story.asking().get(&path).await.status, 200);
    assert_eq!(session(&story.server, id).await["operations_completed"], 2);

    // Another person's request does not count, nor does one for a session that is not there.
    let public = json!({ "is_public": true });
    let visibility = format!("/api/saves/{save}/visibility");
    story.asking().put(&visibility, public).await.expect(200);
    assert_eq!(story.server.bob().get(&path).await.status, 200);
    story
        .post_file(A, "Game.srm", 2, "&session_id=999999")
        .await;
    assert_eq!(session(&story.server, id).await["operations_completed"], 2);

    let told = json!({ "operations_completed": 7 });
    assert_eq!(complete(&story.server, id, told).await.0, 200);
    story.post_file(A, "Game.srm", 3, &bound).await;
    assert_eq!(story.asking().get(&path).await.status, 200);
    let ended = session(&story.server, id).await;
    assert_eq!(ended["operations_completed"], 7, "what the device told");
}

/// The plan stays with its session: what there was to do, and why.
#[tokio::test]
async fn the_plan_is_kept_with_its_session() {
    let mut story = Story::begin().await;
    story.post(A, 1).await;
    story.take(B).await;
    story.post(A, 2).await;
    let mut elsewhere = story.entry("Game.srm", None);
    elsewhere["slot"] = json!("slot 2");
    let known = story.entry("Game.srm", Some("nope".to_owned()));
    let plan = story.negotiate(B, vec![elsewhere, known]).await;
    let id = plan["session_id"].as_i64().unwrap();
    let planned = keepsave_server::sync::planned(&story.server.app, UserId(1), SessionId(id));
    let kept = json!(planned.unwrap().unwrap());
    assert_eq!(kept, plan["operations"]);
    assert_eq!(action(&kept[1]), "conflict");
    assert_eq!(reason(&kept[1]), "Both sides changed since last sync");
    assert_eq!(session(&story.server, id).await["operations_planned"], 2);

    // What is in sync is not kept, and no more than anyone would look at.
    let same = story.entry("Game.srm", Some(crate::negotiate_story::hash(2)));
    let mut saves = vec![same];
    saves.extend((0..600).map(|number| {
        let mut new = story.entry("Game.srm", None);
        new["slot"] = json!(format!("new {number}"));
        new
    }));
    let plan = story.negotiate(B, saves).await;
    let id = plan["session_id"].as_i64().unwrap();
    assert_eq!(session(&story.server, id).await["operations_planned"], 600);
    let planned = keepsave_server::sync::planned(&story.server.app, UserId(1), SessionId(id));
    let planned = planned.unwrap().unwrap();
    assert_eq!(planned.len(), 500);
    assert_eq!(planned[0].slot.as_deref(), Some("new 0"));
    let foreign = keepsave_server::sync::planned(&story.server.app, UserId(2), SessionId(id));
    assert!(foreign.unwrap().is_none());
}

#[tokio::test]
async fn a_session_is_completed_with_its_play_sessions_or_not_at_all() {
    let server = TestServer::start().await;
    let rom = crate::game::add(&server, "gba", "Game.gba").await;
    let device = device(&server, json!({})).await;
    let id = begin(&server, &device).await;
    let played = |start: &str, end: &str| {
        json!({
            "rom_id": rom, "save_slot": "s", "start_time": start, "end_time": end, "duration_ms": 1000,
        })
    };
    let wrong =
        json!({ "play_sessions": [played("2026-01-01T11:00:00Z", "2026-01-01T10:00:00Z")] });
    let (status, answer) = complete(&server, id, wrong).await;
    assert_eq!(status, 422);
    assert_eq!(
        answer["detail"][0]["loc"],
        json!(["body", "play_sessions", 0])
    );
    assert_eq!(session(&server, id).await["status"], "IN_PROGRESS");

    let told = json!({ "play_sessions": [
        played("2026-01-01T10:00:00Z", "2026-01-01T11:00:00Z"),
        played("2026-01-01T10:00:00Z", "2026-01-01T11:00:00Z"),
        played("2026-11-20T07:00:00Z", "2026-11-20T08:00:00Z"),
    ]});
    let (status, answer) = complete(&server, id, told).await;
    assert_eq!(status, 200);
    let ingested = &answer["play_session_ingest"];
    let statuses: Vec<_> = ingested["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|result| (result["index"].clone(), result["status"].clone()))
        .collect();
    let expected = [(2, "error"), (1, "duplicate"), (0, "created")];
    assert_eq!(
        statuses,
        expected.map(|(index, status)| (json!(index), json!(status)))
    );
    let listed = server.admin().get("/api/play-sessions").await.expect(200);
    assert_eq!(listed[0]["sync_session_id"], id);
    assert_eq!(listed[0]["device_id"], device);
    assert_eq!(listed.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn what_a_device_tells_at_the_end_is_read_with_care() {
    let server = TestServer::start().await;
    let device = device(&server, json!({})).await;
    let id = begin(&server, &device).await;
    let path = format!("/api/sync/sessions/{id}/complete");
    for body in [
        &b""[..],
        b"[]",
        b"{",
        b"null",
        b"{\"operations_completed\": \"x\"}",
    ] {
        let kind = Some("application/json");
        let asking = server.admin();
        let answer = asking
            .send(http::Method::POST, &path, kind, body.to_vec())
            .await;
        assert_eq!(answer.status, 422, "{}", String::from_utf8_lossy(body));
    }
    assert_eq!(session(&server, id).await["status"], "IN_PROGRESS");
    let nothing = json!({ "play_sessions": null, "operations_completed": null, "more": 1 });
    let (status, answer) = complete(&server, id, nothing).await;
    assert_eq!(
        (status, &answer["play_session_ingest"]),
        (200, &Value::Null)
    );
}

#[tokio::test]
async fn a_push_pull_session_fails_at_once() {
    let server = TestServer::start().await;
    let device = device(&server, json!({ "sync_mode": "push_pull" })).await;
    let mut events = server.app.events.listen();
    let path = format!("/api/sync/devices/{device}/push-pull");
    let answer = server.admin().post(&path, Value::Null).await.expect(200);
    assert_eq!(answer["status"], "FAILED");
    assert_eq!(
        answer["error_message"],
        "push-pull is not in this version yet"
    );
    assert_eq!(answer["completed_at"], server.app.now().to_string());
    let id = answer["id"].as_i64().unwrap();
    assert_eq!(session(&server, id).await, answer);
    assert!(matches!(
        events.try_recv(),
        Ok((UserId(1), Event::Finished { .. }))
    ));
    let (status, answer) = complete(&server, id, json!({})).await;
    assert_eq!(status, 400);
    assert_eq!(answer["detail"], "Session is already FAILED");
}

#[tokio::test]
async fn only_a_device_that_can_be_visited_is() {
    let server = TestServer::start().await;
    let api = device(&server, json!({})).await;
    let off = device(&server, json!({ "sync_mode": "push_pull" })).await;
    let path = format!("/api/devices/{off}");
    let disabled = json!({ "sync_enabled": false });
    server.admin().put(&path, disabled).await.expect(200);
    for (device, status, detail) in [
        (api.as_str(), 400, "Device is not in push_pull sync mode"),
        (&off, 400, "Sync is disabled for this device"),
        ("nope", 404, "Device with ID nope not found"),
    ] {
        let path = format!("/api/sync/devices/{device}/push-pull");
        let answer = server.admin().post(&path, Value::Null).await;
        assert_eq!(answer.expect(status)["detail"], detail);
    }
    let foreign = format!("/api/sync/devices/{off}/push-pull");
    server.bob().post(&foreign, Value::Null).await.expect(404);
    assert_eq!(sessions(&server, "").await, json!([]));
}
