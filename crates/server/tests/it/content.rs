//! Contents as they go out: which bytes, under which marks, and when they count as sent.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::Body;
use axum::extract::FromRequestParts;
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode, Uri};
use http_body_util::BodyExt;
use keepsave_core::content::BlobHash;
use keepsave_core::time::Time;
use keepsave_server::http::content::{Conditions, Content};
use keepsave_testkit::server::TestServer;

const NAME: &str = "Metroid Fusion [2026-11-20_07-28-33].srm";

fn modified() -> Time {
    Time::parse("2026-11-20T07:28:33.567489Z").unwrap()
}

async fn stored(server: &TestServer, bytes: &[u8]) -> BlobHash {
    let stored = server.app.vault.blobs().put(bytes).await.unwrap();
    stored.content.blob
}

fn attachment(server: &TestServer, hash: &BlobHash, name: &str) -> Content {
    Content::attachment(server.app.vault.blobs(), hash, name, modified()).unwrap()
}

async fn conditions(method: Method, headers: &[(&str, &str)]) -> Conditions {
    let mut request = Request::builder().method(method);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let (mut parts, ()) = request.body(()).unwrap().into_parts();
    Conditions::from_request_parts(&mut parts, &())
        .await
        .unwrap()
}

/// What a client got.
struct Got {
    status: StatusCode,
    headers: HeaderMap,
    bytes: Bytes,
}

impl Got {
    fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }
}

async fn got(response: Response) -> Got {
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    if let Some(length) = parts.headers.get("content-length")
        && parts.status != StatusCode::NOT_MODIFIED
        && !bytes.is_empty()
    {
        assert_eq!(length.to_str().unwrap(), bytes.len().to_string());
    }
    Got {
        status: parts.status,
        headers: parts.headers,
        bytes,
    }
}

async fn get(content: Content, headers: &[(&str, &str)]) -> Got {
    let conditions = conditions(Method::GET, headers).await;
    got(content.answer(&conditions).await).await
}

#[tokio::test]
async fn contents_go_out_as_romm_sends_them() {
    let server = TestServer::start().await;
    let hash = stored(&server, b"mf-1").await;
    let ask = async |headers: &[(&str, &str)]| get(attachment(&server, &hash, NAME), headers).await;

    let whole = ask(&[]).await;
    assert_eq!(
        (whole.status.as_u16(), &whole.bytes[..]),
        (200, &b"mf-1"[..])
    );
    let etag = format!("\"{}\"", &hash.to_string()[..32]);
    let expected = [
        ("content-type", "application/octet-stream"),
        ("accept-ranges", "bytes"),
        (
            "content-disposition",
            "attachment; filename*=utf-8''Metroid%20Fusion%20%5B2026-11-20_07-28-33%5D.srm",
        ),
        ("content-length", "4"),
        ("last-modified", "Fri, 20 Nov 2026 07:28:33 GMT"),
        ("etag", &etag),
    ];
    for (name, value) in expected {
        assert_eq!(whole.header(name), value);
    }
    assert_eq!(whole.headers.len(), expected.len());

    let first = ask(&[("range", "bytes=0-1")]).await;
    assert_eq!((first.status.as_u16(), &first.bytes[..]), (206, &b"mf"[..]));
    assert_eq!(first.header("content-range"), "bytes 0-1/4");
    assert_eq!(first.headers.len(), expected.len() + 1);
    let last = ask(&[("range", "bytes=-2")]).await;
    assert_eq!((last.status.as_u16(), &last.bytes[..]), (206, &b"-1"[..]));
    assert_eq!(last.header("content-range"), "bytes 2-3/4");

    let several = ask(&[("range", "bytes=0-0,2-2")]).await;
    assert_eq!(several.status, StatusCode::PARTIAL_CONTENT);
    assert_eq!(several.header("content-length"), "236");
    let boundary = several
        .header("content-type")
        .strip_prefix("multipart/byteranges; boundary=")
        .unwrap();
    let head = |place| {
        format!(
            "--{boundary}\r\nContent-Type: application/octet-stream\r\n\
             Content-Range: bytes {place}/4\r\n\r\n"
        )
    };
    let (first, second) = (head("0-0"), head("2-2"));
    assert_eq!(
        several.bytes,
        format!("{first}m\r\n{second}-\r\n--{boundary}--")
    );

    let outside = ask(&[("range", "bytes=100-200")]).await;
    assert_eq!((outside.status.as_u16(), outside.bytes.len()), (416, 0));
    assert_eq!(outside.header("content-range"), "bytes */4");
    assert_eq!(outside.header("content-type"), "text/plain; charset=utf-8");
    let lines = ask(&[("range", "lines=1-2")]).await;
    assert_eq!(lines.status, StatusCode::BAD_REQUEST);
    assert_eq!(lines.bytes, "Only support bytes range");
}

#[tokio::test]
async fn what_a_client_names_as_its_own_is_not_sent_again() {
    let server = TestServer::start().await;
    let hash = stored(&server, b"mf-1").await;
    let ask = async |headers: &[(&str, &str)]| get(attachment(&server, &hash, NAME), headers).await;
    let etag = ask(&[]).await.header("etag").to_owned();
    let date = "Fri, 20 Nov 2026 07:28:33 GMT";

    let weak = format!("W/{etag}");
    let among = format!("\"other\", {etag}");
    for known in [&etag, &weak, &among, "*"] {
        let answer = ask(&[("if-none-match", known)]).await;
        assert_eq!(answer.status, StatusCode::NOT_MODIFIED, "{known}");
        assert_eq!(answer.bytes, "");
        assert_eq!(answer.header("etag"), etag);
    }
    let two = ask(&[("if-none-match", "\"a\""), ("if-none-match", &etag)]).await;
    assert_eq!(two.status, StatusCode::NOT_MODIFIED);
    for unknown in ["\"other\"", "", "garbage"] {
        let answer = ask(&[("if-none-match", unknown)]).await;
        assert_eq!(answer.status, StatusCode::OK, "{unknown}");
    }

    // Two versions can carry one second, so no date proves anything of a save.
    let dated = ask(&[("if-modified-since", date)]).await;
    assert_eq!(dated.status, StatusCode::OK);

    for (if_range, status) in [
        (&etag[..], 206),
        ("\"nope\"", 200),
        (&weak, 200),
        (date, 200),
    ] {
        let answer = ask(&[("range", "bytes=0-1"), ("if-range", if_range)]).await;
        assert_eq!(answer.status.as_u16(), status, "{if_range}");
    }
}

#[tokio::test]
async fn a_games_file_is_known_by_its_size_and_date() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("Golden Sun.gba");
    std::fs::write(&path, b"game").unwrap();
    let file = || std::fs::File::open(&path).unwrap();
    let whole = get(Content::game_file(file(), "Golden Sun.gba").unwrap(), &[]).await;
    assert_eq!(whole.bytes, "game");
    assert_eq!(
        whole.header("content-disposition"),
        "attachment; filename*=UTF-8''Golden%20Sun.gba; filename=\"Golden%20Sun.gba\""
    );
    let (etag, date) = (whole.header("etag"), whole.header("last-modified"));
    let later = "Fri, 20 Nov 2099 07:28:33 GMT";
    let earlier = "Tue, 20 Nov 1990 07:28:33 GMT";
    let cases = [
        ("if-none-match", etag, 304),
        ("if-modified-since", date, 304),
        ("if-modified-since", later, 304),
        ("if-modified-since", earlier, 200),
        ("if-modified-since", "yesterday", 200),
    ];
    for (name, value, status) in cases {
        let content = Content::game_file(file(), "Golden Sun.gba").unwrap();
        let answer = get(content, &[(name, value)]).await;
        assert_eq!(answer.status.as_u16(), status, "{name}: {value}");
    }
    for (if_range, status) in [(etag, 206), (date, 206), (later, 200), (earlier, 200)] {
        let content = Content::game_file(file(), "Golden Sun.gba").unwrap();
        let answer = get(content, &[("range", "bytes=1-"), ("if-range", if_range)]).await;
        assert_eq!(answer.status.as_u16(), status, "{if_range}");
    }
}

#[tokio::test]
async fn what_it_is_said_to_be_follows_from_the_name() {
    let server = TestServer::start().await;
    let hash = stored(&server, b"x").await;
    let blobs = server.app.vault.blobs();
    let attachment = |name| Content::attachment(blobs, &hash, name, modified()).unwrap();
    let opaque = |name| Content::opaque_attachment(blobs, &hash, name, modified()).unwrap();
    let picture = |name| Content::picture(blobs, &hash, name, modified()).unwrap();
    let octets = "application/octet-stream";
    let cases = [
        (
            attachment("a.srm"),
            octets,
            "attachment; filename=\"a.srm\"",
        ),
        (
            attachment("a.sav"),
            octets,
            "attachment; filename=\"a.sav\"",
        ),
        (attachment("a"), octets, "attachment; filename=\"a\""),
        (
            attachment("a.zip"),
            "application/zip",
            "attachment; filename=\"a.zip\"",
        ),
        (
            attachment("a.PNG"),
            "image/png",
            "attachment; filename=\"a.PNG\"",
        ),
        (opaque("a.zip"), octets, "attachment; filename=\"a.zip\""),
        (opaque("a.html"), octets, "attachment; filename=\"a.html\""),
        (
            opaque("a.png"),
            "image/png",
            "attachment; filename=\"a.png\"",
        ),
        (picture("a.png"), "image/png", "inline; filename=\"a.png\""),
        (picture("a.jpg"), "image/jpeg", "inline; filename=\"a.jpg\""),
        (
            picture("a.webp"),
            "image/webp",
            "inline; filename=\"a.webp\"",
        ),
        (picture("a.html"), octets, "attachment; filename=\"a.html\""),
        (picture("a.svg"), octets, "attachment; filename=\"a.svg\""),
    ];
    for (content, media_type, disposition) in cases {
        let answer = get(content, &[]).await;
        assert_eq!(answer.header("content-type"), media_type);
        assert_eq!(answer.header("content-disposition"), disposition);
    }
}

/// Around the size of a piece, from memory and from the disk.
#[tokio::test]
async fn every_range_is_the_bytes_it_names() {
    const PIECE: usize = 256 << 10;
    for server in [TestServer::start().await, TestServer::on_disk().await] {
        for size in [1, 2, 5, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE + 7] {
            let bytes: Vec<u8> = (0u32..)
                .map(|n| n.to_le_bytes()[n as usize % 3])
                .take(size)
                .collect();
            let hash = stored(&server, &bytes).await;
            let mut marks = vec![0, 1, size / 2, PIECE - 1, PIECE, PIECE + 1, size - 1];
            marks.retain(|mark| *mark < size);
            for &first in &marks {
                for &last in marks.iter().filter(|last| **last >= first) {
                    let range = format!("bytes={first}-{last}");
                    let content = attachment(&server, &hash, NAME);
                    let answer = get(content, &[("range", &range)]).await;
                    assert_eq!(answer.status, StatusCode::PARTIAL_CONTENT);
                    assert_eq!(answer.bytes, bytes[first..=last], "{range} of {size}");
                }
            }
            assert_eq!(
                get(attachment(&server, &hash, NAME), &[]).await.bytes,
                bytes
            );
        }
    }
}

#[tokio::test]
async fn an_answer_to_head_has_no_body() {
    let server = TestServer::start().await;
    let hash = stored(&server, b"mf-1").await;
    let (content, runs) = counted(attachment(&server, &hash, NAME));
    let head = conditions(Method::HEAD, &[("range", "bytes=0-1")]).await;
    let answer = got(content.answer(&head).await).await;
    assert_eq!((answer.status.as_u16(), answer.bytes.len()), (200, 0));
    assert_eq!(answer.header("content-length"), "4");
    assert_eq!(runs.load(Ordering::SeqCst), 0);
}

/// A content whose hook counts its runs.
fn counted(content: Content) -> (Content, Arc<AtomicUsize>) {
    let runs = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&runs);
    let content = content.when_sent(async move {
        // As a record does that waits for the disk.
        tokio::task::yield_now().await;
        counter.fetch_add(1, Ordering::SeqCst);
    });
    (content, runs)
}

async fn next_piece(body: &mut Body) -> Option<Bytes> {
    let frame = body.frame().await?.unwrap();
    Some(frame.into_data().unwrap())
}

#[tokio::test]
async fn a_content_counts_as_sent_between_its_last_two_bytes() {
    for server in [TestServer::start().await, TestServer::on_disk().await] {
        for size in [1, 2, 4096, 256 << 10, (256 << 10) + 1, 1 << 20] {
            let hash = stored(&server, &vec![7; size]).await;
            let (content, runs) = counted(attachment(&server, &hash, NAME));
            let plain = conditions(Method::GET, &[]).await;
            let mut body = content.answer(&plain).await.into_body();
            let mut sent = 0;
            while let Some(piece) = {
                let expected = usize::from(sent == size);
                assert_eq!(runs.load(Ordering::SeqCst), expected, "{sent} of {size}");
                next_piece(&mut body).await
            } {
                sent += piece.len();
                if sent == size {
                    assert_eq!(piece.len(), 1, "the last byte comes alone");
                }
            }
            assert_eq!(sent, size);
        }
    }
}

#[tokio::test]
async fn a_transfer_that_breaks_off_counts_for_nothing() {
    let server = TestServer::on_disk().await;
    for size in [4096, 1 << 20] {
        let hash = stored(&server, &vec![7; size]).await;
        let (content, runs) = counted(attachment(&server, &hash, NAME));
        let plain = conditions(Method::GET, &[]).await;
        let mut body = content.answer(&plain).await.into_body();
        let mut sent = 0;
        while sent < size - 1 {
            sent += next_piece(&mut body).await.unwrap().len();
        }
        assert_eq!(sent, size - 1);
        drop(body);
        tokio::task::yield_now().await;
        assert_eq!(runs.load(Ordering::SeqCst), 0);
    }
}

#[tokio::test]
async fn only_what_reaches_the_end_counts() {
    let server = TestServer::start().await;
    let hash = stored(&server, b"0123456789").await;
    let empty = stored(&server, b"").await;
    let etag = get(attachment(&server, &hash, NAME), &[]).await;
    let etag = etag.header("etag");
    let cases = [
        ("range", "bytes=0-9", 206, 1),
        ("range", "bytes=5-", 206, 1),
        ("range", "bytes=-1", 206, 1),
        ("range", "bytes=0-8", 206, 0),
        ("range", "bytes=0-0,9-9", 206, 1),
        ("range", "bytes=0-0,5-5", 206, 0),
        ("range", "bytes=10-", 416, 0),
        ("range", "lines=1-2", 400, 0),
        ("if-none-match", etag, 304, 1),
        ("if-none-match", "\"other\"", 200, 1),
    ];
    for (name, value, status, expected) in cases {
        let (content, runs) = counted(attachment(&server, &hash, NAME));
        let answer = get(content, &[(name, value)]).await;
        assert_eq!(answer.status.as_u16(), status, "{name}: {value}");
        assert_eq!(runs.load(Ordering::SeqCst), expected, "{name}: {value}");
    }
    let (content, runs) = counted(attachment(&server, &empty, NAME));
    let answer = get(content, &[]).await;
    assert_eq!(
        (answer.header("content-length"), answer.bytes.len()),
        ("0", 0)
    );
    assert_eq!(runs.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_download_of_64_mib_goes_in_small_pieces() {
    const SIZE: usize = 64 << 20;
    let server = TestServer::on_disk().await;
    let mut receiver = server.app.vault.blobs().receive();
    for count in 0u8..64 {
        receiver.write(&vec![count; 1 << 20]).await.unwrap();
    }
    let hash = receiver.finish().await.unwrap().content.blob;
    let plain = conditions(Method::GET, &[]).await;
    let mut body = attachment(&server, &hash, NAME)
        .answer(&plain)
        .await
        .into_body();
    let mut sent = 0;
    while let Some(piece) = next_piece(&mut body).await {
        assert!(piece.len() <= 256 << 10);
        assert!(piece.iter().all(|byte| usize::from(*byte) == sent >> 20));
        sent += piece.len();
    }
    assert_eq!(sent, SIZE);
}

/// A client must not take a content that broke on the server's disk for a shorter one.
#[tokio::test]
async fn a_content_that_ends_too_early_is_an_error() {
    let server = TestServer::on_disk().await;
    let hash = stored(&server, &vec![7; 1 << 20]).await;
    let content = attachment(&server, &hash, NAME);
    let path = server.app.vault.blobs().path(&hash).unwrap();
    let mut permissions = std::fs::metadata(&path).unwrap().permissions();
    #[expect(clippy::permissions_set_readonly_false, reason = "a file of this test")]
    permissions.set_readonly(false);
    std::fs::set_permissions(&path, permissions).unwrap();
    let file = std::fs::File::options().write(true).open(&path).unwrap();
    file.set_len(700_000).unwrap();

    let plain = conditions(Method::GET, &[]).await;
    let body = content.answer(&plain).await.into_body();
    assert!(body.collect().await.is_err());
}

/// What a client reads off one connection, answer after answer: a body that is there or missing
/// against what the head says would be taken for the next answer's head.
#[tokio::test(flavor = "multi_thread")]
async fn answers_follow_one_another_on_a_connection() {
    let server = TestServer::on_disk().await;
    let small = stored(&server, b"mf-1").await;
    let large = stored(&server, &vec![7; 1 << 20]).await;
    let etag = format!("\"{}\"", &small.to_string()[..32]);
    let blobs = server.app.vault.blobs().clone();
    let answer = async move |uri: Uri, conditions: Conditions| {
        let hash = if uri.path() == "/large" { large } else { small };
        let content = Content::attachment(&blobs, &hash, NAME, modified()).unwrap();
        counted(content).0.answer(&conditions).await
    };
    let router = Router::new().fallback(axum::routing::any(answer));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });

    let known = format!("If-None-Match: {etag}\r\n");
    let asked = [
        ("GET /small", "", 200, 4),
        ("HEAD /small", "", 200, 0),
        ("GET /small", &known, 304, 0),
        ("GET /small", "Range: bytes=0-1\r\n", 206, 2),
        ("GET /small", "Range: bytes=9-\r\n", 416, 0),
        ("GET /large", "", 200, 1 << 20),
        ("HEAD /large", "", 200, 0),
        ("GET /small", "Range: bytes=0-0,2-2\r\n", 206, 236),
        ("GET /small", "Range: lines=1\r\n", 400, 24),
        ("GET /small", "", 200, 4),
    ]
    .map(|(line, header, status, size)| (line, header.to_owned(), status, size));
    let talk = tokio::task::spawn_blocking(move || {
        let mut connection = BufReader::new(TcpStream::connect(address).unwrap());
        for (line, header, status, size) in asked {
            let request = format!("{line} HTTP/1.1\r\nHost: x\r\n{header}\r\n");
            connection.get_mut().write_all(request.as_bytes()).unwrap();
            let mut head = String::new();
            while !head.ends_with("\r\n\r\n") {
                assert_ne!(connection.read_line(&mut head).unwrap(), 0, "{line}");
            }
            assert!(
                head.starts_with(&format!("HTTP/1.1 {status}")),
                "{line}: {head}"
            );
            let mut body = vec![0; size];
            connection.read_exact(&mut body).unwrap();
        }
    });
    talk.await.unwrap();
}
