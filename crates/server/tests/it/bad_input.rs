//! Bad input gets a clear error and changes nothing: every route that there is, with everything
//! that could be wrong with a request.

use http::Method;
use keepsave_server::http::router::openapi;
use keepsave_server::vault::Fault;
use keepsave_testkit::server::{Answer, TestServer, multipart_body};
use percent_encoding::{NON_ALPHANUMERIC, percent_encode};
use serde_json::{Value, json};

use crate::game;
use crate::replay::recorded_content;

/// What a client might put where an id or a name belongs.
const BAD_SEGMENTS: &[&str] = &[
    "abc",
    "0",
    "-1",
    "99999999999999999999",
    "9223372036854775807",
    "..%2F..%2Fetc%2Fpasswd",
    "%00",
    "%FF%FE",
    "a%20b",
    "%27%20OR%201%3D1",
    "x.srm",
];

/// What a client might append to any path.
const BAD_QUERIES: &[&str] = &[
    "rom_id=abc",
    "rom_id=-1&platform_id=-1&limit=-1&offset=-1",
    "limit=99999999999999999999&offset=99999999999999999999",
    "limit=0&offset=9223372036854775807",
    "rom_id=1&slot=%FF%FE&emulator=%00",
    "rom_id=1&device_id=nope&session_id=x",
    "optimistic=maybe&overwrite=perhaps&autocleanup=2",
    "updated_after=yesterday&start_after=&end_before=99999999999999",
    "updated_after=-99999-01-01T00:00:00Z",
    "platform_ids=a&platform_ids=b&order_by=%27%3BDROP%20TABLE%20saves",
    "search_term=%25%5F%27%22%5C",
    "%=%&&&=&a=b=c",
];

/// What a client might send as a body.
const BAD_BODIES: &[(&str, &[u8])] = &[
    ("", b""),
    ("application/json", b""),
    ("application/json", b"{nope"),
    ("application/json", b"null"),
    ("application/json", b"[]"),
    ("application/json", b"[{}]"),
    ("application/json", b"\"text\""),
    (
        "application/json",
        b"{\"saves\": [null], \"sessions\": [1], \"scopes\": \"all\"}",
    ),
    (
        "application/json",
        b"{\"saves\": {\"a\": 1}, \"device_id\": 7, \"name\": [], \"is_public\": 9}",
    ),
    (
        "application/json",
        b"{\"rom_id\": 1e400, \"from\": null, \"to\": \"\", \"rating\": \"x\"}",
    ),
    (
        "application/json",
        b"{\"device_id\": \"nope\", \"user_code\": \"\", \"code\": \"\\u0000\"}",
    ),
    ("application/json", b"{\"name\": \"\xff\xfe\"}"),
    (
        "application/x-www-form-urlencoded",
        b"grant_type=%FF&username=%00&password=",
    ),
    ("multipart/form-data", b"--x--"),
    ("multipart/form-data; boundary=x", b"--x\r\nnonsense"),
    (
        "multipart/form-data; boundary=x",
        b"--x\r\nContent-Disposition: form-data\r\n\r\n--x--\r\n",
    ),
    ("text/plain; charset=utf-16", b"\xff\xfe\x00"),
];

/// An id that nothing has.
const UNKNOWN: &str = "424242";

/// Every method and path of the API, as its own description has them.
fn every_route() -> Vec<(Method, String)> {
    let document = serde_json::to_value(openapi()).unwrap();
    let mut routes = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            let method = method.to_uppercase();
            routes.push((Method::from_bytes(method.as_bytes()).unwrap(), path.clone()));
        }
    }
    assert!(
        routes.len() > 60,
        "only {} routes are described",
        routes.len()
    );
    routes
}

/// The path with `segment` for each parameter.
fn filled(path: &str, segment: &str) -> String {
    let mut filled = String::new();
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        filled.push_str(segment);
        rest = after.split_once('}').unwrap().1;
    }
    filled + rest
}

/// Streams never end and are not asked for more than their head.
fn is_stream(path: &str) -> bool {
    path.ends_with("/events")
}

fn demand_no_fault(answer: &Answer, what: &str) {
    assert!(
        !answer.status.is_server_error(),
        "{what}: {} {}",
        answer.status,
        answer.text()
    );
}

/// Everything that is stored, as text: to see whether anything changed.
fn everything(server: &TestServer) -> String {
    let read: Result<Vec<String>, Fault> = server.app.vault.read(|tx| {
        let mut all = Vec::new();
        for table in [
            "saves",
            "versions",
            "states",
            "screenshots",
            "roms",
            "holdings",
            "proven",
        ] {
            let sql = format!("SELECT COUNT(*), COALESCE(MAX(rowid), 0) FROM {table}");
            let sql = if matches!(table, "holdings" | "proven") {
                format!("SELECT COUNT(*), 0 FROM {table}")
            } else {
                sql
            };
            all.push(tx.one(&sql, &[], |row| {
                Ok(format!(
                    "{table}: {} {}",
                    row.get::<i64>()?,
                    row.get::<i64>()?
                ))
            })?);
        }
        Ok(all)
    });
    read.unwrap().join("\n")
}

async fn server_with_a_save() -> TestServer {
    let server = TestServer::start().await;
    let rom = game::add(&server, "gba", "Game.gba").await;
    let path = format!("/api/saves?rom_id={rom}&slot=s");
    server
        .admin()
        .upload(&path, &[("saveFile", "g.srm", b"forty hours")])
        .await
        .expect(200);
    server
}

#[tokio::test]
async fn no_path_and_no_query_makes_the_server_fail() {
    let server = server_with_a_save().await;
    let before = everything(&server);
    for (method, path) in every_route() {
        if is_stream(&path) {
            continue;
        }
        for segment in BAD_SEGMENTS {
            let path = filled(&path, segment);
            let answer = server
                .admin()
                .send(method.clone(), &path, None, Vec::new())
                .await;
            demand_no_fault(&answer, &format!("{method} {path}"));
        }
        for query in BAD_QUERIES {
            let path = format!("{}?{query}", filled(&path, UNKNOWN));
            let answer = server
                .admin()
                .send(method.clone(), &path, None, Vec::new())
                .await;
            demand_no_fault(&answer, &format!("{method} {path}"));
        }
    }
    assert_eq!(everything(&server), before);
}

#[tokio::test]
async fn no_body_makes_the_server_fail() {
    let server = server_with_a_save().await;
    let before = everything(&server);
    for (method, path) in every_route() {
        if is_stream(&path) || method == Method::GET {
            continue;
        }
        let path = filled(&path, UNKNOWN);
        for (kind, body) in BAD_BODIES {
            let kind = Some(*kind).filter(|kind| !kind.is_empty());
            let answer = server
                .admin()
                .send(method.clone(), &path, kind, body.to_vec())
                .await;
            demand_no_fault(&answer, &format!("{method} {path} {kind:?} {body:?}"));
        }
    }
    assert_eq!(everything(&server), before);
}

/// What is there is hit by the same bodies. Where one of them is a valid wish, it may come true.
#[tokio::test]
async fn no_body_for_what_is_there_makes_the_server_fail() {
    let (server, _) = server_with_one_of_everything().await;
    let mut refused = 0;
    for (method, path) in every_route() {
        if is_stream(&path) || matches!(method, Method::GET | Method::DELETE) {
            continue;
        }
        let path = filled(&path, "1");
        for (kind, body) in BAD_BODIES {
            let kind = Some(*kind).filter(|kind| !kind.is_empty());
            let answer = server
                .admin()
                .send(method.clone(), &path, kind, body.to_vec())
                .await;
            let what = format!("{method} {path} {kind:?} {body:?}");
            demand_no_fault(&answer, &what);
            assert_ne!(answer.status, 401, "{what}");
            refused += usize::from(answer.status.is_client_error());
        }
    }
    assert!(refused > 500, "{refused}");
    let save = server.admin().get("/api/saves/1/content").await;
    assert_eq!(save.bytes, b"forty hours");
}

#[tokio::test]
async fn names_slots_and_emulators_of_any_shape_are_taken_or_refused_with_a_sentence() {
    let server = server_with_a_save().await;
    let long = "x".repeat(10_000);
    let bad = ["../../evil", "..", "/etc", "a\\b", "\u{7}", &long];
    for (field, values) in [
        ("slot", &[&long[..], "\u{7}", "a\nb"][..]),
        ("emulator", &bad[..]),
    ] {
        for value in values {
            let encoded = percent_encode(value.as_bytes(), NON_ALPHANUMERIC).to_string();
            let path = format!("/api/saves?rom_id=1&{field}={encoded}");
            let answer = server
                .admin()
                .upload(&path, &[("saveFile", "g.srm", b"other")])
                .await;
            let sentence = answer.json()["detail"].as_str().map(str::len);
            assert!(
                answer.status.is_client_error(),
                "{field} {}",
                &encoded[..20.min(encoded.len())]
            );
            assert!(
                sentence.is_some_and(|length| length > 10),
                "{}",
                answer.text()
            );
        }
    }
    let long_name = format!("{long}.srm");
    for name in ["..", "***", &long_name, "a\u{7}.srm"] {
        let files: &[(&str, &str, &[u8])] = &[("saveFile", name, b"other")];
        let answer = server
            .admin()
            .upload("/api/saves?rom_id=1&slot=s", files)
            .await;
        assert_eq!(answer.status, 400, "{}", answer.text());
    }
    for name in ["../x", "/etc/passwd", "NUL", "com1.srm", "Pokémon ピカ.srm"] {
        let files: &[(&str, &str, &[u8])] = &[("saveFile", name, name.as_bytes())];
        let save = server
            .admin()
            .upload("/api/saves?rom_id=1&slot=s", files)
            .await
            .expect(200);
        let path = save["full_path"].as_str().unwrap();
        assert!(
            path.starts_with("users/557365723a31/saves/gba/1/"),
            "{path}"
        );
        assert!(!path.contains(".."), "{path}");
    }
}

#[tokio::test]
async fn a_zip_bomb_and_a_broken_zip_are_bytes_like_any_other() {
    let server = server_with_a_save().await;
    let mut broken = b"PK\x03\x04 this is no archive".to_vec();
    broken.extend_from_slice(b"PK\x05\x06");
    broken.extend_from_slice(&[0xFF; 18]);
    let whole = recorded_content("fc343b7ed1a69812cf529dcdb88a9493");
    let mut bomb = whole.clone();
    let directory = bomb.windows(4).position(|four| four == b"PK\x01\x02");
    let claim = directory.unwrap() + 24;
    bomb[claim..claim + 4].copy_from_slice(&0xFFFF_FFFE_u32.to_le_bytes());
    for (slot, bytes, is_read) in [
        ("a", &whole, true),
        ("b", &broken, false),
        ("c", &bomb, false),
    ] {
        let path = format!("/api/saves?rom_id=1&slot={slot}");
        let files: &[(&str, &str, &[u8])] = &[("saveFile", "b.zip", bytes)];
        let save = server.admin().upload(&path, files).await.expect(200);
        assert_eq!(save["content_hash"].is_string(), is_read, "{slot}");
        let content = format!("/api/saves/{}/content", save["id"]);
        assert_eq!(server.admin().get(&content).await.bytes, *bytes);
        // Without a content hash, equality is by bytes: the same upload makes nothing new.
        let again = server.admin().upload(&path, files).await.expect(200);
        assert_eq!(again["id"], save["id"]);
    }
}

#[tokio::test]
async fn unknown_and_foreign_ids_are_the_same_404() {
    let server = server_with_a_save().await;
    let deck = game::device(&server, "Deck").await;
    let timelines = server
        .admin()
        .get("/api/keepsave/timelines?rom_id=1")
        .await
        .expect(200);
    let (timeline, version) = (&timelines[0]["id"], &timelines[0]["head"]);
    let paths = [
        ("/api/saves/".to_owned(), "1".to_owned()),
        ("/api/devices/".to_owned(), deck),
        ("/api/keepsave/versions/".to_owned(), version.to_string()),
    ];
    for (path, id) in paths {
        let foreign = server.bob().get(&format!("{path}{id}")).await.expect(404);
        let unknown = server
            .bob()
            .get(&format!("{path}{UNKNOWN}"))
            .await
            .expect(404);
        assert_eq!(said(&foreign, &id), said(&unknown, UNKNOWN), "{path}");
    }
    let path = format!("/api/keepsave/timelines/{timeline}/versions");
    server.bob().get(&path).await.expect(404);
}

/// One of everything that belongs to a person, as the admin's; the device's id.
async fn server_with_one_of_everything() -> (TestServer, String) {
    let server = server_with_a_save().await;
    let deck = game::device(&server, "Deck").await;
    let upload = async |path: &str, files: &[(&str, &str, &[u8])], status: u16| {
        server.admin().upload(path, files).await.expect(status)
    };
    let stale = format!("/api/saves?rom_id=1&slot=s&device_id={deck}");
    upload(&stale, &[("saveFile", "g.srm", b"other")], 409).await;
    let bundle = "/api/saves?rom_id=1&slot=b&set_id=bundle";
    upload(bundle, &[("saveFile", "g.bkr", b"part")], 200).await;
    for bytes in [b"one", b"two"] {
        let state: &[(&str, &str, &[u8])] = &[("stateFile", "a.state", bytes)];
        upload("/api/states?rom_id=1", state, 200).await;
    }
    for bytes in [b"one", b"two"] {
        let picture: &[(&str, &str, &[u8])] = &[("screenshotFile", "a.png", bytes)];
        upload("/api/screenshots?rom_id=1", picture, 200).await;
    }
    let played = json!({
        "rom_id": 1, "duration_ms": 1000,
        "start_time": "2026-02-01T10:00:00Z", "end_time": "2026-02-01T10:30:00Z",
    });
    for (path, body) in [
        ("/api/roms/1/notes", json!({ "title": "t", "content": "c" })),
        (
            "/api/client-tokens",
            json!({ "name": "t", "scopes": ["me.read"] }),
        ),
        (
            "/api/play-sessions",
            json!({ "device_id": deck, "sessions": [played] }),
        ),
        (
            "/api/sync/negotiate",
            json!({ "device_id": deck, "saves": [] }),
        ),
    ] {
        let answer = server.admin().post(path, body).await;
        assert!(answer.status.is_success(), "{path}: {}", answer.text());
    }
    (server, deck)
}

/// Paths of what belongs to one person, with the admin's id of it.
fn personal(path: &str, deck: &str) -> Option<String> {
    let shared = ["/api/platforms/", "/api/firmware/", "/api/roms/{id}"];
    let is_shared = shared.iter().any(|prefix| path.starts_with(prefix));
    let (_, last) = path.rsplit_once('{')?;
    match last.split_once('}')?.0 {
        "device_id" => Some(deck.to_owned()),
        "set_id" => Some("bundle".to_owned()),
        "note_id" => Some("1".to_owned()),
        // Codes are made up by the server, and are tried by guessing elsewhere.
        "code" | "user_code" => None,
        _ if is_shared => None,
        // What a picture had comes after what a state had.
        _ if path.contains("screenshots/earlier") => Some("2".to_owned()),
        _ if path.contains("branches") => Some("2".to_owned()),
        _ => Some("1".to_owned()),
    }
}

#[tokio::test]
async fn no_route_tells_or_changes_what_belongs_to_another() {
    let (server, deck) = server_with_one_of_everything().await;
    let body = json!({
        "is_public": true, "name": "x", "title": "x", "content": "x", "slot": "x",
        "is_pinned": true, "sync_enabled": false, "operations_completed": 1,
    });
    let (form, file) = multipart_body(&[("saveFile", "g.srm", b"x"), ("stateFile", "g", b"x")]);
    let bodies = [
        (None, Vec::new()),
        (Some("application/json"), body.to_string().into_bytes()),
        (Some(form.as_str()), file),
    ];
    let before = everything(&server);
    let mut asked = 0;
    for (method, path) in every_route() {
        let Some(id) = personal(&path, &deck) else {
            continue;
        };
        for (kind, body) in &bodies {
            let answer = async |id: &str| {
                // Only the last id is another's: the game of a note is everyone's.
                let (before, last) = path.rsplit_once('{').unwrap();
                let last = last.split_once('}').unwrap().1;
                let path = format!("{}{id}{last}", filled(before, "1"));
                let answer = server
                    .bob()
                    .send(method.clone(), &path, *kind, body.clone());
                let answer = answer.await;
                assert!(
                    answer.status.is_client_error(),
                    "{method} {path}: {}",
                    answer.text()
                );
                (answer.status, answer.text())
            };
            let unknown = answer(UNKNOWN).await;
            let unknown = (unknown.0, unknown.1.replace(UNKNOWN, &id));
            assert_eq!(answer(&id).await, unknown, "{method} {path}");
            asked += 1;
        }
    }
    assert!(asked > 100, "{asked}");
    assert_eq!(everything(&server), before);
    for path in [
        "saves",
        "states",
        "devices",
        "client-tokens",
        "play-sessions",
    ] {
        let mine = server
            .admin()
            .get(&format!("/api/{path}"))
            .await
            .expect(200);
        assert_ne!(mine, json!([]), "{path}");
    }
}

fn said(answer: &Value, id: &str) -> String {
    answer["detail"].as_str().unwrap().replace(id, "N")
}
