//! Play sessions: reported once, listed with their zone, and what they say of a game.

use keepsave_core::ids::RomId;
use keepsave_server::bind;
use keepsave_server::vault::Fault;
use keepsave_testkit::server::TestServer;
use serde_json::{Value, json};

use crate::game;

fn played(rom: Option<RomId>, start: &str, end: &str) -> Value {
    json!({ "rom_id": rom, "start_time": start, "end_time": end, "duration_ms": 1000 })
}

async fn report(server: &TestServer, body: Value) -> (u16, Value) {
    let answer = server.admin().post("/api/play-sessions", body).await;
    (answer.status.as_u16(), answer.json())
}

async fn list(server: &TestServer, query: &str) -> Vec<Value> {
    let path = format!("/api/play-sessions{query}");
    let listed = server.admin().get(&path).await.expect(200);
    listed.as_array().unwrap().clone()
}

async fn device(server: &TestServer) -> String {
    let answer = server.admin().post("/api/devices", json!({})).await;
    answer.expect(201)["device_id"].as_str().unwrap().to_owned()
}

async fn rom_user(server: &TestServer, rom: RomId) -> Value {
    let path = format!("/api/roms/{rom}/simple");
    server.admin().get(&path).await.expect(200)["rom_user"].clone()
}

/// The person says of every game that they do not play it any more.
async fn stop_playing(server: &TestServer, status: &'static str) {
    let sql = "UPDATE rom_users SET now_playing = 0, status = $1";
    let vault = &server.app.vault;
    let stopped = vault.write(move |tx| tx.execute(sql, bind![status])).await;
    assert_eq!(stopped.map_err(|fault: Fault| fault).unwrap(), 1);
}

#[tokio::test]
async fn play_sessions_are_listed_with_their_zone() {
    let server = TestServer::start().await;
    let rom = game::add(&server, "gba", "Game.gba").await;
    let device = device(&server).await;
    let sessions = json!({ "device_id": device, "sessions": [
        { "rom_id": rom, "save_slot": "s", "start_time": "2026-02-01T10:00:00.123456Z",
          "end_time": "2026-02-01T10:30:00.9Z", "duration_ms": 1000 },
        played(Some(rom), "2026-02-01T15:00:00+02:00", "2026-02-01T16:00:00+02:00"),
        played(Some(rom), "2026-02-01T20:00:00", "2026-02-01T21:00:00"),
    ]});
    let (status, answer) = report(&server, sessions).await;
    assert_eq!(status, 201);
    assert_eq!(answer["created_count"], 3);
    assert_eq!(answer["skipped_count"], 0);
    let listed = list(&server, "").await;
    let times: Vec<_> = listed
        .iter()
        .map(|session| session["start_time"].as_str().unwrap())
        .collect();
    assert_eq!(
        times,
        [
            "2026-02-01T20:00:00.000000+00:00",
            "2026-02-01T13:00:00.000000+00:00",
            "2026-02-01T10:00:00.000000+00:00"
        ]
    );
    let now = server.app.now().to_string();
    let expected = json!({
        "id": answer["results"][0]["id"], "user_id": 1, "device_id": device, "rom_id": rom,
        "sync_session_id": null, "save_slot": "s",
        "start_time": "2026-02-01T10:00:00.000000+00:00",
        "end_time": "2026-02-01T10:30:00.000000+00:00",
        "duration_ms": 1000, "created_at": now, "updated_at": now,
    });
    assert_eq!(listed[2], expected);
    let keys = |value: &Value| {
        value
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect::<Vec<_>>()
    };
    assert_eq!(keys(&listed[2]), keys(&expected));
}

#[tokio::test]
async fn what_was_reported_before_is_not_stored_twice() {
    let server = TestServer::start().await;
    let rom = game::add(&server, "gba", "Game.gba").await;
    let (one, other) = (device(&server).await, device(&server).await);
    let hour = |rom| played(rom, "2026-02-01T10:00:00Z", "2026-02-01T11:00:00Z");
    for (device, rom) in [
        (json!(one), Some(rom)),
        (json!(other), Some(rom)),
        (Value::Null, Some(rom)),
        (json!(one), None),
        (Value::Null, None),
    ] {
        for expected in ["created", "duplicate"] {
            let body = json!({ "device_id": device, "sessions": [hour(rom)] });
            let (status, answer) = report(&server, body).await;
            assert_eq!(status, 201);
            assert_eq!(answer["results"][0]["status"], expected, "{device} {rom:?}");
        }
    }
    // Nor a device that is not there, nor a game: both count as none.
    for body in [
        json!({ "device_id": "nope", "sessions": [hour(Some(rom))] }),
        json!({ "sessions": [hour(Some(RomId(99_999)))] }),
    ] {
        let (_, answer) = report(&server, body).await;
        assert_eq!(answer["results"][0]["status"], "duplicate");
    }
    assert_eq!(list(&server, "").await.len(), 5);
}

/// RomM's order: what went wrong, what was known, what is new.
#[tokio::test]
async fn results_name_the_place_of_what_was_reported() {
    let server = TestServer::start().await;
    let rom = game::add(&server, "gba", "Game.gba").await;
    let soon = |minutes: i64| server.app.now().plus_seconds(minutes * 60).to_string();
    let body = json!({ "sessions": [
        played(Some(rom), "2026-02-01T10:00:00Z", "2026-02-01T11:00:00Z"),
        played(Some(rom), "2026-02-01T10:00:00.7Z", "2026-02-01T12:00:00Z"),
        played(Some(rom), "2026-02-01T12:00:00Z", &soon(6)),
        played(Some(rom), "2026-02-01T13:00:00Z", &soon(5)),
    ]});
    let (_, answer) = report(&server, body).await;
    let results = answer["results"].as_array().unwrap();
    let told: Vec<_> = results
        .iter()
        .map(|result| {
            (
                result["index"].as_i64().unwrap(),
                result["status"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (2, "error"),
            (1, "duplicate"),
            (0, "created"),
            (3, "created")
        ]
    );
    assert_eq!(results[0]["detail"], "end_time is too far in the future");
    assert_eq!(results[0]["id"], Value::Null);
    assert!(results[2]["id"].is_i64());
    assert_eq!(
        (&answer["created_count"], &answer["skipped_count"]),
        (&json!(2), &json!(2))
    );
}

#[tokio::test]
async fn what_no_one_can_have_played_is_refused_as_a_whole() {
    let server = TestServer::start().await;
    let good = || played(None, "2026-02-01T10:00:00Z", "2026-02-01T11:00:00Z");
    let with = |key: &str, value: Value| {
        let mut session = good();
        session[key] = value;
        json!({ "sessions": [good(), session] })
    };
    for (body, place) in [
        (
            with("duration_ms", json!(-5)),
            json!(["body", "sessions", 1, "duration_ms"]),
        ),
        (
            with("start_time", json!("x")),
            json!(["body", "sessions", 1, "start_time"]),
        ),
        (
            with("end_time", Value::Null),
            json!(["body", "sessions", 1, "end_time"]),
        ),
        (
            with("end_time", json!("2026-02-01T10:00:00.9Z")),
            json!(["body", "sessions", 1]),
        ),
        (
            with("save_slot", json!("s".repeat(256))),
            json!(["body", "sessions", 1, "save_slot"]),
        ),
        (
            with("rom_id", json!("x")),
            json!(["body", "sessions", 1, "rom_id"]),
        ),
        (json!({ "sessions": {} }), json!(["body", "sessions"])),
        (
            json!({ "device_id": 7, "sessions": [] }),
            json!(["body", "device_id"]),
        ),
        (json!({}), json!(["body", "sessions"])),
    ] {
        let (status, answer) = report(&server, body.clone()).await;
        assert_eq!(status, 422, "{body}");
        assert_eq!(answer["detail"][0]["loc"], place, "{body}");
        assert_eq!(answer["detail"].as_array().unwrap().len(), 1, "{answer}");
    }
    let (status, answer) = report(&server, json!({ "sessions": [] })).await;
    assert_eq!(
        (status, &answer["detail"]),
        (400, &json!("Payload must contain at least one session"))
    );
    let many = vec![good(); 101];
    let (status, answer) = report(&server, json!({ "sessions": many })).await;
    assert_eq!(
        (status, &answer["detail"]),
        (400, &json!("Batch size exceeds maximum of 100"))
    );
    assert!(list(&server, "").await.is_empty());
}

#[tokio::test]
async fn absurd_moments_are_moments() {
    let server = TestServer::start().await;
    let sessions = json!({ "sessions": [
        played(None, "0001-01-01T00:00:00Z", "0001-01-01T00:00:01Z"),
        played(None, "1970-01-01T00:00:00Z", "1970-01-02T00:00:00Z"),
        played(None, "2026-01-01T00:00:00Z", "9999-12-31T23:59:59Z"),
    ]});
    let (status, answer) = report(&server, sessions).await;
    assert_eq!(status, 201);
    assert_eq!(answer["created_count"], 2);
    assert_eq!(answer["results"][0]["index"], 2);
    let listed = list(&server, "").await;
    assert_eq!(listed[1]["start_time"], "0001-01-01T00:00:00.000000+00:00");
}

#[tokio::test]
async fn play_sessions_are_narrowed_and_paged() {
    let server = TestServer::start().await;
    let rom = game::add(&server, "gba", "Game.gba").await;
    let device = device(&server).await;
    for hour in 0..20 {
        let start = format!("2026-02-01T{hour:02}:00:00Z");
        let end = format!("2026-02-01T{hour:02}:30:00Z");
        let of = (hour % 2 == 0).then_some(rom);
        let on = (hour % 5 == 0).then_some(&device);
        let body = json!({ "device_id": on, "sessions": [played(of, &start, &end)] });
        assert_eq!(report(&server, body).await.0, 201);
    }
    let hours = async |query: &str| -> Vec<u32> {
        let listed = list(&server, query).await;
        let hour = |session: &Value| session["start_time"].as_str().unwrap()[11..13].parse();
        listed
            .iter()
            .map(|session| hour(session).unwrap())
            .collect()
    };
    assert_eq!(hours("?limit=3").await, [19, 18, 17]);
    assert_eq!(hours("?limit=2&offset=18").await, [1, 0]);
    assert_eq!(hours("?limit=0").await, [0_u32; 0]);
    assert_eq!(hours("?offset=9223372036854775807").await, [0_u32; 0]);
    let of_rom = format!("?rom_id={rom}&limit=2");
    assert_eq!(hours(&of_rom).await, [18, 16]);
    let on_device = format!("?device_id={device}");
    assert_eq!(hours(&on_device).await, [15, 10, 5, 0]);
    assert_eq!(hours("?device_id=nope").await, [0_u32; 0]);
    let range = "?start_after=2026-02-01T03:00:00Z&end_before=2026-02-01T05:00:00Z";
    assert_eq!(hours(range).await, [5, 4, 3]);
    let range = "?start_after=2026-02-01T18:00:00Z&limit=1";
    assert_eq!(hours(range).await, [19, 18], "a range is listed as a whole");
    let naive = "?end_before=2026-02-01T01:59:59";
    assert_eq!(hours(naive).await, [1, 0]);
}

#[tokio::test]
async fn only_the_newest_play_session_says_what_is_being_played() {
    let server = TestServer::start().await;
    let rom = game::add(&server, "gba", "Game.gba").await;
    let hour = |start: &str, end: &str| json!({ "sessions": [played(Some(rom), start, end)] });
    report(
        &server,
        hour("2026-02-02T10:00:00Z", "2026-02-02T11:00:00Z"),
    )
    .await;
    let noted = rom_user(&server, rom).await;
    assert_eq!(noted["last_played"], "2026-02-02T11:00:00.000000+00:00");
    assert_eq!(noted["now_playing"], true);
    assert_eq!(noted["status"], "incomplete");

    stop_playing(&server, "retired").await;
    report(
        &server,
        hour("2026-02-01T10:00:00Z", "2026-02-01T11:00:00Z"),
    )
    .await;
    let noted = rom_user(&server, rom).await;
    assert_eq!(noted["last_played"], "2026-02-02T11:00:00.000000+00:00");
    assert_eq!(noted["now_playing"], false, "reported late");

    report(
        &server,
        hour("2026-02-03T10:00:00Z", "2026-02-03T11:00:00Z"),
    )
    .await;
    let noted = rom_user(&server, rom).await;
    assert_eq!(noted["last_played"], "2026-02-03T11:00:00.000000+00:00");
    assert_eq!(noted["now_playing"], true);
    assert_eq!(noted["status"], "retired", "what the person chose stays");

    stop_playing(&server, "finished").await;
    report(
        &server,
        hour("2026-02-04T10:00:00Z", "2026-02-04T11:00:00Z"),
    )
    .await;
    assert_eq!(rom_user(&server, rom).await["status"], "incomplete");
}

#[tokio::test]
async fn one_s_own_play_sessions_only() {
    let server = TestServer::start().await;
    let body =
        json!({ "sessions": [played(None, "2026-02-01T10:00:00Z", "2026-02-01T11:00:00Z")] });
    let (_, answer) = report(&server, body.clone()).await;
    let path = format!("/api/play-sessions/{}", answer["results"][0]["id"]);
    assert_eq!(
        server.bob().get("/api/play-sessions").await.expect(200),
        json!([])
    );
    let answer = server.bob().delete(&path).await.expect(404);
    let id = path.rsplit('/').next().unwrap();
    assert_eq!(answer["detail"], format!("Play session {id} not found"));
    let asking = server.bob();
    let answer = asking.post("/api/play-sessions", body).await.expect(201);
    assert_eq!(
        answer["results"][0]["status"], "created",
        "another person played"
    );
    server.admin().delete(&path).await.expect(204);
    server.admin().delete(&path).await.expect(404);
    assert!(list(&server, "").await.is_empty());
}

#[tokio::test]
async fn play_sessions_outlive_their_device() {
    let server = TestServer::start().await;
    let (one, other) = (device(&server).await, device(&server).await);
    let hour = played(None, "2026-02-01T10:00:00Z", "2026-02-01T11:00:00Z");
    for device in [&one, &other] {
        let body = json!({ "device_id": device, "sessions": [hour] });
        assert_eq!(report(&server, body).await.1["created_count"], 1);
    }
    for device in [&one, &other] {
        let path = format!("/api/devices/{device}");
        server.admin().delete(&path).await.expect(204);
    }
    let listed = list(&server, "").await;
    assert_eq!(listed.len(), 2);
    assert!(listed.iter().all(|session| session["device_id"].is_null()));
}
