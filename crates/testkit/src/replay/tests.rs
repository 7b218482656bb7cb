//! The replay itself: a server that answers as recorded passes, and each kind of tampering is
//! found.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use http::{Request, Response};
use serde_json::{Value, json};

use super::recording::{Answer, Exchange, Group, Payload, Recordings};
use super::texts::{Piece, pieces};
use super::*;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../server/tests/fixtures")
}

fn recordings() -> Arc<Recordings> {
    let fixtures = fixtures();
    let contents = fixtures.join("contents.json");
    Arc::new(Recordings::load(&fixtures.join("transcripts"), &contents).unwrap())
}

/// A server that gives the recorded answers in order, each changed by `tamper`.
fn recorded_server(
    recordings: Arc<Recordings>,
    tamper: impl Fn(&Exchange, &mut Answer) + Clone + Send + Sync + 'static,
) -> Router {
    let next = Arc::new(AtomicUsize::new(0));
    Router::new().fallback(move || {
        let position = next.fetch_add(1, Ordering::Relaxed);
        let exchange = recordings.exchanges().nth(position).unwrap();
        let mut answer = exchange.answer.clone();
        if let (200..300, Payload::Json(json)) = (answer.status, &mut answer.payload) {
            *json = well_timed(json);
        }
        tamper(exchange, &mut answer);
        let response = response(&recordings, &answer);
        async move { response }
    })
}

fn response(recordings: &Recordings, answer: &Answer) -> Response<Body> {
    let body = match &answer.payload {
        Payload::Json(json) => json.to_string().into_bytes(),
        Payload::Text(text) => text.clone().into_bytes(),
        Payload::Bytes { md5, .. } => recordings.content(md5).unwrap().to_vec(),
    };
    let mut response = Response::builder().status(answer.status);
    for (name, value) in &answer.headers {
        if name != "content-length" || answer.headers.contains_key("etag") {
            response = response.header(name, value);
        }
    }
    response.body(Body::from(body)).unwrap()
}

/// The answer with a zone at every moment, and the same moment in every answer: RomM cuts the
/// fraction of a second when it reads a row again.
fn well_timed(json: &Value) -> Value {
    match json {
        Value::Object(fields) => fields
            .iter()
            .map(|(key, value)| (key.clone(), well_timed(value)))
            .collect(),
        Value::Array(items) => items.iter().map(well_timed).collect(),
        Value::String(text) => match pieces(text).as_slice() {
            [Piece::Moment { .. }] => format!("{}+00:00", &text[..19]).into(),
            [.., Piece::Moment { zoned: false }] => format!("{text}+00:00").into(),
            _ => json.clone(),
        },
        Value::Null | Value::Bool(_) | Value::Number(_) => json.clone(),
    }
}

async fn failures(
    recordings: &Arc<Recordings>,
    deviations: &Deviations,
    tamper: impl Fn(&Exchange, &mut Answer) + Clone + Send + Sync + 'static,
) -> Vec<(String, Vec<String>)> {
    let server = recorded_server(Arc::clone(recordings), tamper);
    let report = replay(recordings, deviations, &server, |_| {}).await;
    let mut failures = Vec::new();
    for group in report.groups {
        for (name, verdict) in group.verdicts {
            if let Verdict::Fails(differences) = verdict {
                failures.push((format!("{}/{name}", group.name), differences));
            }
        }
    }
    failures
}

/// RomM's play sessions have moments without a zone, which nobody may answer.
const NAIVE: [&str; 5] = ["list", "list rom", "list range", "list device", "bob list"];

#[tokio::test]
async fn a_server_that_answers_as_recorded_passes_but_for_naive_moments() {
    let recordings = recordings();
    let failing = failures(&recordings, &Deviations::default(), |_, _| {}).await;
    let names: Vec<&str> = failing.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        NAIVE.map(|name| format!("10_play_sessions/{name}")),
        "{failing:#?}"
    );
    assert!(failing[0].1[0].contains("start_time") || failing[0].1[0].contains("created_at"));
    assert_eq!(recordings.exchanges().count(), 493);
}

/// The exchange, what is done to its answer, and the difference that must be reported.
type Tampering = (&'static str, fn(&mut Answer), &'static str);

fn json(answer: &mut Answer) -> &mut Value {
    match &mut answer.payload {
        Payload::Json(json) => json,
        Payload::Text(_) | Payload::Bytes { .. } => panic!("no JSON"),
    }
}

const TAMPERINGS: [Tampering; 16] = [
    (
        "01_heartbeat_auth/me: no auth",
        |answer| answer.status = 403,
        "status: 401 != 403",
    ),
    (
        "01_heartbeat_auth/me: no auth",
        |answer| drop(answer.headers.remove("www-authenticate")),
        "www-authenticate: Bearer != none",
    ),
    (
        "01_heartbeat_auth/login basic -> session cookie",
        |answer| {
            let cookie = "romm_session=x; Path=/; HttpOnly".to_owned();
            answer.headers.insert("set-cookie".to_owned(), cookie);
        },
        "set-cookie",
    ),
    (
        "06_devices/get",
        |answer| json(answer)["hostname"] = json!("another"),
        "/hostname: rg35xx != another",
    ),
    (
        "06_devices/get",
        |answer| json(answer)["extra"] = json!(1),
        "/extra: missing != 1",
    ),
    (
        "06_devices/get",
        |answer| drop(json(answer).as_object_mut().unwrap().remove("client")),
        "/client: \"capture\" != missing",
    ),
    (
        "06_devices/get",
        |answer| json(answer)["mac_address"] = Value::Null,
        "/mac_address",
    ),
    (
        "06_devices/get",
        |answer| json(answer)["last_seen"] = json!("2026-11-20T07:28:15.5"),
        "/last_seen",
    ),
    (
        "06_devices/list",
        |answer| drop(json(answer).as_array_mut().unwrap().pop()),
        "length",
    ),
    (
        "04_platforms_roms/rom identifiers",
        |answer| json(answer).as_array_mut().unwrap().reverse(),
        "/0: Rom 5 is 5, here 6",
    ),
    (
        "07_saves/get one",
        |answer| json(answer)["rom_id"] = json!(3),
        "/rom_id: Rom 2 is 2, here 3",
    ),
    (
        "07_saves/get one",
        |answer| json(answer)["file_name"] = json!("Metroid Fusion [2026-11-20_07-28-34].srm"),
        "TaggedName",
    ),
    (
        "07_saves/get one",
        |answer| json(answer)["updated_at"] = json!("2026-11-20T07:20:00Z"),
        "/updated_at",
    ),
    (
        "07_saves/get one",
        |answer| json(answer)["file_path"] = json!("users/557365723a32/saves/gba/2/mgba"),
        "/file_path: User",
    ),
    (
        "07_saves/content",
        |answer| answer.payload = Payload::Text("mf-2".to_owned()),
        "text: mf-1 != mf-2",
    ),
    (
        "07_saves/content",
        |answer| drop(answer.headers.remove("etag")),
        "etag",
    ),
];

#[tokio::test]
async fn every_kind_of_tampering_is_found() {
    let recordings = recordings();
    for (exchange, tampering, difference) in TAMPERINGS {
        let failing = failures(&recordings, &Deviations::default(), move |at, answer| {
            if at.full_name() == exchange {
                tampering(answer);
            }
        })
        .await;
        let found = failing.iter().find(|(name, _)| name == exchange);
        let found = found.unwrap_or_else(|| panic!("{exchange}: {difference} was not found"));
        assert!(
            found.1.iter().any(|line| line.contains(difference)),
            "{exchange}: {difference} is not in {found:?}"
        );
    }
}

#[tokio::test]
async fn a_deviation_demands_its_own_answer_and_no_other() {
    let recordings = recordings();
    let folder = tempfile::tempdir().unwrap();
    let table = folder.path().join("deviations.json");
    let entry = json!([{
        "exchange": "06_devices/mac too long",
        "because": ["D01"],
        "status": 422,
        "body": {"detail": "too long"},
    }]);
    std::fs::write(&table, entry.to_string()).unwrap();
    let deviations = Deviations::load(&table, &recordings).unwrap();

    let as_recorded = failures(&recordings, &deviations, |_, _| {}).await;
    assert_eq!(as_recorded[0].0, "06_devices/mac too long");

    let as_agreed = failures(&recordings, &deviations, |exchange, answer| {
        if exchange.name == "mac too long" {
            answer.status = 422;
            let json = "application/json".to_owned();
            answer.headers.insert("content-type".to_owned(), json);
            answer.payload = Payload::Json(json!({"detail": "too long"}));
        }
    })
    .await;
    assert!(as_agreed.iter().all(|(name, _)| name.starts_with("10_")));
}

#[tokio::test]
async fn the_table_of_deviations_names_exchanges_and_changes_them() {
    let recordings = recordings();
    let folder = tempfile::tempdir().unwrap();
    let table = folder.path().join("deviations.json");
    let get = "06_devices/get";
    for (entries, complaint) in [
        (
            json!([{"exchange": "06_devices/nope", "because": ["D01"]}]),
            "no such exchange",
        ),
        (
            json!([{"exchange": get, "because": ["D01"]}]),
            "deviates in nothing",
        ),
        (
            json!([{"exchange": get, "because": ["D01"], "remove": ["/nope"]}]),
            "nothing at '/nope'",
        ),
        (
            json!([
                {"exchange": get, "because": ["D01"], "remove": ["/name"]},
                {"exchange": get, "because": ["D01"], "set": {"/name": "x"}},
            ]),
            "stands here twice",
        ),
    ] {
        std::fs::write(&table, entries.to_string()).unwrap();
        let error = Deviations::load(&table, &recordings).err().unwrap();
        assert!(error.to_string().contains(complaint), "{error}");
    }
}

fn exchange(name: &str, method: &str, path: &str, body: Value) -> Exchange {
    Exchange {
        group: "group".to_owned(),
        name: name.to_owned(),
        method: method.to_owned(),
        path: path.to_owned(),
        auth: "admin".to_owned(),
        headers: serde_json::Map::new(),
        body: Value::Null,
        raw_body: None,
        elapsed: Duration::ZERO,
        answer: Answer {
            status: 200,
            headers: BTreeMap::from([("content-type".to_owned(), "application/json".to_owned())]),
            payload: Payload::Json(body),
        },
    }
}

#[tokio::test]
async fn later_requests_carry_the_ids_of_our_earlier_answers() {
    let row = json!({"id": 3, "slot": "a", "rom_id": 1});
    let recordings = Recordings::of(vec![Group {
        name: "group".to_owned(),
        exchanges: vec![
            exchange("post", "POST", "/api/saves?rom_id=1", row.clone()),
            exchange("get", "GET", "/api/saves/3", row),
        ],
    }]);
    let asked = Arc::new(Mutex::new(Vec::new()));
    let asks = Arc::clone(&asked);
    let server = Router::new().fallback(move |request: Request<Body>| {
        asks.lock().unwrap().push(request.uri().to_string());
        let row = json!({"id": 30, "slot": "a", "rom_id": 11}).to_string();
        async { ([("content-type", "application/json")], row) }
    });
    let report = replay(&recordings, &Deviations::default(), &server, |_| {}).await;
    assert!(report.groups[0].is_green(), "{report}");
    assert_eq!(
        *asked.lock().unwrap(),
        ["/api/saves?rom_id=1", "/api/saves/30"]
    );
}
