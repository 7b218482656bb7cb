//! Uploads as bodies: what is taken, what is refused, what is left behind.

use std::convert::Infallible;
use std::io::{Read, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::body::Body;
use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::{Request, StatusCode, header};
use http_body_util::BodyExt;
use keepsave_server::app::App;
use keepsave_server::http::error::Failure;
use keepsave_server::http::upload::{Incoming, missing};
use keepsave_testkit::server::TestServer;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::game;

const BOUNDARY: &str = "----romm-capture-boundary";

/// Stores one file that must come and one that may, and says what came.
async fn echo(State(app): State<App>, incoming: Incoming) -> Result<Json<Value>, Failure> {
    let fields = ["saveFile", "screenshotFile"];
    let [save, screenshot] = incoming.files(app.vault.blobs(), fields).await?;
    let save = save.ok_or_else(|| missing("saveFile"))?;
    let name = save.file_name.clone();
    let stored = save.store().await?;
    Ok(Json(json!({
        "name": name,
        "size": stored.size,
        "md5": stored.content.hash,
        "screenshot": screenshot.map(|it| it.file_name),
    })))
}

/// A handler that refuses before it looks at the body.
async fn refuse(_incoming: Incoming) -> Failure {
    Failure::not_found("Rom with id '9' not found")
}

fn router(server: &TestServer) -> Router {
    Router::new()
        .route("/echo", post(echo))
        .route("/refuse", post(refuse))
        .with_state(server.app.clone())
}

async fn on_disk(max_upload_bytes: u64) -> (TestServer, Router) {
    let server = TestServer::on_disk_with(|settings| {
        settings.max_upload_bytes = max_upload_bytes;
    })
    .await;
    let router = router(&server);
    (server, router)
}

fn part(disposition: &str, content: &[u8]) -> Vec<u8> {
    let head = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; {disposition}\r\n\r\n");
    [head.as_bytes(), content, b"\r\n"].concat()
}

fn form(parts: &[Vec<u8>]) -> Vec<u8> {
    [&parts.concat()[..], b"--", BOUNDARY.as_bytes(), b"--\r\n"].concat()
}

fn request(body: impl Into<Body>) -> Request<Body> {
    Request::post("/echo")
        .header(
            header::CONTENT_TYPE,
            format!("multipart/form-data; boundary={BOUNDARY}"),
        )
        .body(body.into())
        .unwrap()
}

async fn send(router: &Router, request: Request<Body>) -> (StatusCode, Value) {
    let response = router.clone().oneshot(request).await.unwrap();
    let status = response.status();
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    (status, serde_json::from_slice(&bytes).unwrap())
}

#[track_caller]
fn assert_refused(answer: &(StatusCode, Value), status: u16, sentence: &str) {
    assert_eq!(answer.0.as_u16(), status, "{}", answer.1);
    let detail = answer.1["detail"].as_str().unwrap();
    assert!(detail.contains(sentence), "{detail}");
}

/// Neither a blob nor a file on its way to become one.
#[track_caller]
fn assert_nothing_stored(server: &TestServer) {
    let mut stored = Vec::new();
    let mut note = |hash, _| {
        stored.push(hash);
        Ok(())
    };
    server.app.vault.blobs().each(&mut note).unwrap();
    assert_eq!(stored, []);
    assert_eq!(staged_bytes(&server.data().join("staging")), None);
}

#[tokio::test]
async fn files_arrive_by_the_name_of_their_field() {
    let (_server, router) = on_disk(1 << 20).await;
    let save = part("name=\"saveFile\"; filename=\"Golden Sun.srm\"", b"hello");
    let shot = part("name=\"screenshotFile\"; filename=\"s.png\"", b"png");
    let other = part("name=\"else\"", b"ignored");
    let expected = json!({
        "name": "Golden Sun.srm",
        "size": 5,
        "md5": "5d41402abc4b2a76b9719d911017c592",
        "screenshot": "s.png",
    });
    let orders = [
        [save.clone(), shot.clone(), other.clone()],
        [other, shot, save],
    ];
    for parts in orders {
        let answer = send(&router, request(form(&parts))).await;
        assert_eq!(answer, (StatusCode::OK, expected.clone()));
    }
}

#[tokio::test]
async fn pieces_of_any_size_make_the_same_file() {
    let (_server, router) = on_disk(1 << 20).await;
    // Full of beginnings of what ends it.
    let content = format!("\r\n--{BOUNDAR}\r\r\n\r\n--", BOUNDAR = &BOUNDARY[..20]).repeat(9);
    let body = form(&[part(
        "name=\"saveFile\"; filename=\"a\"",
        content.as_bytes(),
    )]);
    for size in [1, 2, 3, 7, 16, 61, 500, body.len()] {
        let pieces: Vec<_> = body.chunks(size).map(Bytes::copy_from_slice).collect();
        let pieces = stream::iter(pieces.into_iter().map(Ok::<_, Infallible>));
        let (status, answer) = send(&router, request(Body::from_stream(pieces))).await;
        assert_eq!(status, StatusCode::OK, "{size}: {answer}");
        assert_eq!(answer["size"], content.len(), "{size}");
    }
}

#[tokio::test]
async fn of_two_files_for_one_field_the_last_counts() {
    let (_server, router) = on_disk(1 << 20).await;
    let parts = ["first", "second"].map(|name| {
        let disposition = format!("name=\"saveFile\"; filename=\"{name}\"");
        part(&disposition, name.as_bytes())
    });
    let (_, answer) = send(&router, request(form(&parts))).await;
    assert_eq!(answer["name"], "second");
    assert_eq!(answer["size"], 6);
}

#[tokio::test]
async fn what_is_no_file_is_said_in_romms_words() {
    let (server, router) = on_disk(1 << 20).await;
    let missing = json!({ "detail": [{
        "type": "missing", "loc": ["body", "saveFile"], "msg": "Field required", "input": null,
    }] });
    let nothing = Request::post("/echo").body(Body::empty()).unwrap();
    let json = Request::post("/echo")
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from("{}"))
        .unwrap();
    let empty_text = request(form(&[part("name=\"saveFile\"", b"")]));
    for request in [nothing, json, empty_text, request(form(&[]))] {
        let answer = send(&router, request).await;
        assert_eq!(answer, (StatusCode::UNPROCESSABLE_ENTITY, missing.clone()));
    }

    let text = request(form(&[part("name=\"saveFile\"", b"tr")]));
    let expected = json!({ "detail": [{
        "type": "value_error",
        "loc": ["body", "saveFile"],
        "msg": "Value error, Expected UploadFile, received: <class 'str'>",
        "input": "tr",
        "ctx": { "error": {} },
    }] });
    let answer = send(&router, text).await;
    assert_eq!(answer, (StatusCode::UNPROCESSABLE_ENTITY, expected));

    let long = request(form(&[part("name=\"saveFile\"", &vec![b'x'; 100_000])]));
    let (status, answer) = send(&router, long).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let repeated = answer["detail"][0]["input"].as_str().unwrap();
    assert_eq!(repeated, "x".repeat(1024));
    assert_nothing_stored(&server);
}

#[tokio::test]
async fn a_body_that_breaks_off_anywhere_is_refused() {
    let (server, router) = on_disk(1 << 20).await;
    let body = form(&[
        part("name=\"saveFile\"; filename=\"a.srm\"", &[7; 500]),
        part("name=\"screenshotFile\"; filename=\"a.png\"", b"png"),
    ]);
    let complete = body.len() - b"\r\n".len();
    for length in 0..complete {
        let answer = send(&router, request(body[..length].to_vec())).await;
        assert_refused(&answer, 400, "not well-formed multipart");
    }
    assert_nothing_stored(&server);

    let broken = stream::iter([
        Ok(Bytes::copy_from_slice(&body[..300])),
        Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof)),
    ]);
    let answer = send(&router, request(Body::from_stream(broken))).await;
    assert_refused(&answer, 400, "broke off");
    assert_nothing_stored(&server);

    let (status, _) = send(&router, request(body[..complete].to_vec())).await;
    assert_eq!(status, StatusCode::OK);
}

#[tokio::test]
async fn malformed_bodies_are_refused() {
    let (server, router) = on_disk(1 << 20).await;
    let bad_head = format!("--{BOUNDARY}\r\nnot a header\r\n\r\nx\r\n--{BOUNDARY}--\r\n");
    let other_boundary = b"--else\r\n\r\nx\r\n--else--\r\n".to_vec();
    for body in [bad_head.into_bytes(), other_boundary, b"garbage".to_vec()] {
        let answer = send(&router, request(body)).await;
        assert_refused(&answer, 400, "not well-formed multipart");
    }

    let nameless = form(&[part("filename=\"a.srm\"", b"x")]);
    let answer = send(&router, request(nameless)).await;
    assert_refused(&answer, 400, "\"name\" must be provided");

    let mut not_utf8 = form(&[part("name=\"saveFile\"; filename=\"?.srm\"", b"x")]);
    let at = not_utf8.iter().position(|byte| *byte == b'?').unwrap();
    not_utf8[at] = 0xFF;
    let answer = send(&router, request(not_utf8)).await;
    assert_refused(&answer, 400, "not valid UTF-8");

    let mut no_boundary = request(Body::empty());
    let kind = header::HeaderValue::from_static("multipart/form-data");
    no_boundary.headers_mut().insert(header::CONTENT_TYPE, kind);
    let answer = send(&router, no_boundary).await;
    assert_refused(&answer, 400, "Missing boundary in multipart.");
    assert_nothing_stored(&server);
}

#[tokio::test]
async fn too_many_parts_and_long_heads_are_refused() {
    let (server, router) = on_disk(1 << 30).await;
    let many: Vec<_> = (0..65)
        .map(|n| part(&format!("name=\"f{n}\""), b"x"))
        .collect();
    let answer = send(&router, request(form(&many))).await;
    assert_refused(&answer, 400, "more than 64 parts");
    let (status, _) = send(&router, request(form(&many[..64]))).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);

    // Neither ever ends, so an answer shows that reading did.
    let head = format!("--{BOUNDARY}\r\nX-Long: ");
    for beginning in [head, "a preamble".to_owned()] {
        let read = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&read);
        let pieces = stream::iter(0u64..).map(move |count| {
            counted.store(count, Ordering::SeqCst);
            let piece = match count {
                0 => Bytes::from(beginning.clone()),
                _ => Bytes::from_static(&[b'x'; 1024]),
            };
            Ok::<_, Infallible>(piece)
        });
        let answer = send(&router, request(Body::from_stream(pieces))).await;
        assert_refused(
            &answer,
            400,
            "headers of a part are longer than 16384 bytes",
        );
        assert!(read.load(Ordering::SeqCst) < 20);
    }
    assert_nothing_stored(&server);
}

/// Small parts in small pieces: none of their heads is long, whatever they sum up to.
#[tokio::test]
async fn heads_are_measured_one_by_one() {
    let (_server, router) = on_disk(1 << 20).await;
    let padding = "x".repeat(1000);
    let mut parts: Vec<_> = (0..60)
        .map(|n| part(&format!("name=\"f{n}\"; else=\"{padding}\""), b""))
        .collect();
    parts.push(part("name=\"saveFile\"; filename=\"a\"", b"hello"));
    let body = form(&parts);
    for size in [100, 1070, 5000] {
        let pieces: Vec<_> = body.chunks(size).map(Bytes::copy_from_slice).collect();
        let pieces = stream::iter(pieces.into_iter().map(Ok::<_, Infallible>));
        let (status, answer) = send(&router, request(Body::from_stream(pieces))).await;
        assert_eq!(status, StatusCode::OK, "{size}: {answer}");
    }
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_unread() {
    let (server, router) = on_disk(1000).await;
    let sentence = "Request body exceeds the maximum allowed size of 1000 bytes";

    // Nothing ever comes of this body: who waited for it would wait for ever.
    let silent = Body::from_stream(stream::pending::<Result<Bytes, Infallible>>());
    let mut announced = request(silent);
    let headers = announced.headers_mut();
    headers.insert(header::CONTENT_LENGTH, 1001.into());
    let answer = send(&router, announced).await;
    assert_refused(&answer, 413, sentence);
    assert_eq!(answer.1["detail"], sentence);

    // Without a length it is noticed when it happens: 64 KiB would be a well-formed upload.
    let body = form(&[part("name=\"saveFile\"; filename=\"a\"", &vec![7; 65536])]);
    let read = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&read);
    let pieces: Vec<_> = body.chunks(100).map(Bytes::copy_from_slice).collect();
    let pieces = stream::iter(pieces).map(move |piece| {
        counted.fetch_add(piece.len() as u64, Ordering::SeqCst);
        Ok::<_, Infallible>(piece)
    });
    let answer = send(&router, request(Body::from_stream(pieces))).await;
    assert_refused(&answer, 413, sentence);
    assert!(read.load(Ordering::SeqCst) <= 1100);
    assert_nothing_stored(&server);
}

/// What was read is on the disk before more is read: memory does not grow with the file.
#[tokio::test]
async fn an_upload_of_64_mib_is_never_in_memory() {
    const SIZE: u64 = 64 << 20;
    const PIECE: usize = 64 << 10;
    /// What the store holds before it opens a file, and a few pieces on their way.
    const MOST_IN_MEMORY: u64 = 1 << 20;

    let server = TestServer::on_disk().await;
    let rom = game::add(&server, "psx", "Final Fantasy VII (USA)").await;
    let staging = server.data().join("staging");
    let head = part("name=\"stateFile\"; filename=\"big.state\"", b"");
    let head = Bytes::from(head[..head.len() - b"\r\n".len()].to_vec());
    let tail = Bytes::from(format!("\r\n--{BOUNDARY}--\r\n"));
    let content = (0..SIZE / PIECE as u64).map(move |count| {
        let sent = count * PIECE as u64;
        let in_memory = sent.saturating_sub(staged_bytes(&staging).unwrap_or(0));
        assert!(in_memory <= MOST_IN_MEMORY, "{in_memory} of {sent} bytes");
        Bytes::from(vec![count.to_le_bytes()[0]; PIECE])
    });
    let pieces = [head].into_iter().chain(content).chain([tail]);
    let mut request = request(Body::from_stream(stream::iter(
        pieces.map(Ok::<_, Infallible>),
    )));
    *request.uri_mut() = format!("/api/states?rom_id={rom}").parse().unwrap();
    let basic = format!("Basic {}", "YWRtaW46UmVmQWRtaW4xMjM=");
    let headers = request.headers_mut();
    headers.insert(header::AUTHORIZATION, basic.parse().unwrap());
    let (status, answer) = send(&server.router(), request).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    assert_eq!(answer["file_size_bytes"], SIZE);
}

/// How much of a file is on the disk; none when no file is on its way.
fn staged_bytes(staging: &Path) -> Option<u64> {
    let mut files = std::fs::read_dir(staging).unwrap();
    let file = files.next()?.unwrap();
    Some(file.metadata().unwrap().len())
}

/// Nothing is half-written, and what fits is still taken.
#[tokio::test]
async fn a_full_disk_is_said_and_the_service_goes_on() {
    let server = TestServer::with_room(100).await;
    let rom = game::add(&server, "gba", "Golden Sun (USA).gba").await;
    let large = [7; 101];
    let save = format!("/api/saves?rom_id={rom}&slot=autosave");
    let state = format!("/api/states?rom_id={rom}");
    let shot = format!("/api/screenshots?rom_id={rom}");
    let with_picture = |field| {
        [
            (field, "a", &b"small"[..]),
            ("screenshotFile", "a.png", &large),
        ]
    };
    let uploads = [
        (&save, vec![("saveFile", "a", &large[..])]),
        (&save, with_picture("saveFile").to_vec()),
        (&state, vec![("stateFile", "a", &large)]),
        (&state, with_picture("stateFile").to_vec()),
        (&shot, vec![("screenshotFile", "a.png", &large)]),
    ];
    for (path, files) in uploads {
        let answer = server.admin().upload(path, &files).await.expect(507);
        let sentence = "The server's disk is full. Nothing was stored; free some space and try \
                        again.";
        assert_eq!(answer["detail"], sentence);
    }
    for path in ["/api/saves", "/api/states"] {
        assert_eq!(server.admin().get(path).await.expect(200), json!([]));
    }
    let small = [("saveFile", "a", &b"small"[..])];
    server.admin().upload(&save, &small).await.expect(200);
}

/// A client that sends everything before it listens, as most do, must find the answer there and
/// not a broken connection; and the connection serves the next request.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_is_refused_early_gets_to_hear_why() {
    let (_server, router) = on_disk(1 << 30).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });

    let talk = tokio::task::spawn_blocking(move || {
        let mut connection = std::net::TcpStream::connect(address).unwrap();
        let body = vec![b'x'; 32 << 20];
        for _ in 0..2 {
            let head = format!(
                "POST /refuse HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n",
                body.len()
            );
            connection.write_all(head.as_bytes()).unwrap();
            connection.write_all(&body).unwrap();
            let answer = read_answer(&mut connection);
            assert!(answer.starts_with("HTTP/1.1 404"), "{answer}");
            assert!(answer.ends_with("Rom with id '9' not found\"}"), "{answer}");
        }
    });
    talk.await.unwrap();
}

/// A client that asks first is not told to go on. It holds its body back, so nothing that it sends
/// later could be told from one: the connection ends.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_asks_before_it_sends_is_answered_at_once() {
    let (_server, router) = on_disk(1000).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });

    let talk = tokio::task::spawn_blocking(move || {
        for (path, status) in [("/refuse", 404), ("/echo", 413)] {
            let length = if status == 413 { 1001 } else { 1000 };
            let mut connection = std::net::TcpStream::connect(address).unwrap();
            let head = format!(
                "POST {path} HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n\
                 Content-Length: {length}\r\n\r\n"
            );
            connection.write_all(head.as_bytes()).unwrap();
            let answer = read_answer(&mut connection);
            assert!(
                answer.starts_with(&format!("HTTP/1.1 {status}")),
                "{answer}"
            );
            let patience = Some(std::time::Duration::from_secs(5));
            connection.set_read_timeout(patience).unwrap();
            assert_eq!(connection.read(&mut [0]).unwrap(), 0);
        }
    });
    talk.await.unwrap();
}

/// One answer, headers and body; more than that is not read.
fn read_answer(connection: &mut std::net::TcpStream) -> String {
    let mut answer = String::new();
    let mut byte = [0];
    while !answer.ends_with("\r\n\r\n") {
        connection.read_exact(&mut byte).unwrap();
        answer.push(char::from(byte[0]));
    }
    let length = answer
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    connection.read_exact(&mut body).unwrap();
    answer + &String::from_utf8(body).unwrap()
}
