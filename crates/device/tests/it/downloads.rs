//! Files on their way down: what becomes of every break, and of lengths that cannot be right.

use std::io;

use keepsave_core::ids::{DeviceId, SaveId, SessionId};
use keepsave_device::server::download::{DownloadError, SaveDownload, Sink};
use keepsave_device::server::{Trouble, Unwatched};

use crate::peer::{Peer, Then, json};

/// Keeps what came, and every restart.
#[derive(Debug, Default)]
struct Kept {
    bytes: Vec<u8>,
    restarts: usize,
}

impl Sink for Kept {
    fn write(&mut self, piece: &[u8]) -> io::Result<()> {
        self.bytes.extend_from_slice(piece);
        Ok(())
    }

    fn restart(&mut self) -> io::Result<()> {
        self.bytes.clear();
        self.restarts += 1;
        Ok(())
    }
}

async fn fetch(peer: &Peer, size: Option<u64>) -> Result<Kept, DownloadError> {
    let save = SaveDownload {
        id: SaveId(5),
        device: None,
        session: None,
        size,
    };
    let server = peer.server();
    server
        .download_save(&save, Kept::default(), &Unwatched)
        .await
}

/// The beginning of `helloworld`, which then breaks off.
fn beginning(tag: &str, body: &str) -> Then {
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 10";
    Then::Cut(format!("{head}{tag}\r\n\r\n{body}"))
}

const TAG: &str = "\r\netag: \"a\"";

fn rest(from: usize) -> Then {
    let head = format!("206 Partial Content\r\ncontent-range: bytes {from}-9/10");
    json(head.leak(), &"helloworld"[from..])
}

#[tokio::test]
async fn a_save_is_not_taken_for_held_before_that_is_said() {
    let peer = Peer::new(vec![json("200 OK", "helloworld")]);
    let device = DeviceId("d".into());
    let save = SaveDownload {
        id: SaveId(5),
        device: Some(&device),
        session: Some(SessionId(9)),
        size: Some(10),
    };
    let server = peer.server();
    let kept = server.download_save(&save, Kept::default(), &Unwatched);
    assert_eq!(kept.await.unwrap().bytes, b"helloworld");
    assert_eq!(
        peer.lines(),
        ["GET /api/saves/5/content?device_id=d&session_id=9&optimistic=false HTTP/1.1"]
    );
}

#[tokio::test]
async fn what_broke_off_goes_on_where_it_was() {
    for broken in [
        beginning(TAG, "hello"),
        Then::Hang(format!(
            "HTTP/1.1 200 OK\r\ncontent-length: 10{TAG}\r\n\r\nhello"
        )),
    ] {
        let peer = Peer::new(vec![broken, rest(5)]);
        let kept = fetch(&peer, Some(10)).await.unwrap();
        assert_eq!((&kept.bytes[..], kept.restarts), (&b"helloworld"[..], 0));
        let asked = peer.asked();
        assert_eq!(asked[0].header("range"), None);
        assert_eq!(asked[1].header("range"), Some("bytes=5-"));
        assert_eq!(asked[1].header("if-range"), Some("\"a\""));
    }
}

/// Where going on could join two contents, it begins anew.
#[tokio::test]
async fn what_cannot_go_on_begins_anew() {
    let whole = || json("200 OK", "helloworld");
    let elsewhere = || {
        json(
            "206 Partial Content\r\ncontent-range: bytes 3-9/10",
            "loworld",
        )
    };
    let other = || {
        json(
            "206 Partial Content\r\ncontent-range: bytes 5-10/11",
            "world!",
        )
    };
    let none = || json("416 Range Not Satisfiable\r\ncontent-range: bytes */4", "");
    let weak = "\r\netag: W/\"a\"";
    for (script, asked_for_rest) in [
        (vec![beginning(TAG, "hello"), whole()], true),
        (vec![beginning(TAG, "hello"), elsewhere(), whole()], true),
        (vec![beginning(TAG, "hello"), other(), whole()], true),
        (vec![beginning(TAG, "hello"), none(), whole()], true),
        (vec![beginning("", "hello"), whole()], false),
        (vec![beginning(weak, "hello"), whole()], false),
    ] {
        let peer = Peer::new(script.clone());
        let kept = fetch(&peer, Some(10)).await.unwrap();
        assert_eq!(
            (&kept.bytes[..], kept.restarts),
            (&b"helloworld"[..], 1),
            "{script:?}"
        );
        let asked = peer.asked();
        assert_eq!(
            asked[1].header("range").is_some(),
            asked_for_rest,
            "{script:?}"
        );
    }
}

#[tokio::test]
async fn a_connection_that_breaks_again_and_again_gets_there() {
    let mut script = vec![beginning(TAG, "h")];
    for from in 1..9 {
        let head = "HTTP/1.1 206 Partial Content";
        let rest = &"helloworld"[from..];
        script.push(Then::Cut(format!(
            "{head}\r\ncontent-range: bytes {from}-9/10\r\ncontent-length: {}\r\n\r\n{}",
            rest.len(),
            &rest[..1]
        )));
    }
    script.push(rest(9));
    let kept = fetch(&Peer::new(script), None).await.unwrap();
    assert_eq!((&kept.bytes[..], kept.restarts), (&b"helloworld"[..], 0));
}

#[tokio::test]
async fn one_that_gets_no_further_ends() {
    let peer = Peer::new(vec![beginning("", "hello"); 10]);
    let error = fetch(&peer, None).await.unwrap_err();
    assert!(matches!(error, DownloadError::Server(_)), "{error}");
    assert_eq!(
        peer.lines().len(),
        3,
        "the first, which got somewhere, and two that did not"
    );
    let peer = Peer::new(vec![Then::Hang(String::new()); 10]);
    let DownloadError::Server(error) = fetch(&peer, None).await.unwrap_err() else {
        panic!("no trouble with the server");
    };
    assert!(matches!(error.trouble, Trouble::Stalled { .. }), "{error}");
    assert_eq!(peer.lines().len(), 3);
}

#[tokio::test]
async fn a_length_that_cannot_be_right_is_refused() {
    let unbounded = |body: &str| Then::Cut(format!("HTTP/1.1 200 OK\r\n\r\n{body}"));
    for (then, size) in [
        (json("200 OK", "hell"), Some(10)),
        (json("200 OK", "helloworld!"), Some(10)),
        (unbounded("helloworld!"), Some(10)),
        (unbounded(""), None),
    ] {
        let peer = Peer::new(vec![then.clone(); 4]);
        let error = fetch(&peer, size).await.unwrap_err();
        assert!(
            matches!(error, DownloadError::WrongLength { .. }),
            "{then:?}: {error}"
        );
        assert!(
            error.to_string().starts_with("GET /api/saves/5/content: "),
            "{error}"
        );
    }
    // Where nothing says how long it is, only the row does: what is short looks whole.
    let peer = Peer::new(vec![unbounded("hell"), unbounded("helloworld")]);
    let kept = fetch(&peer, Some(10)).await.unwrap();
    assert_eq!((&kept.bytes[..], kept.restarts), (&b"helloworld"[..], 1));
    let kept = fetch(&Peer::new(vec![unbounded("hell")]), None)
        .await
        .unwrap();
    assert_eq!(kept.bytes, b"hell");
    let kept = fetch(&Peer::new(vec![json("200 OK", "")]), Some(0))
        .await
        .unwrap();
    assert_eq!(kept.bytes, b"");
}

#[tokio::test]
async fn a_chunked_answer_that_breaks_off_is_not_whole() {
    let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    let broken = Then::Cut(format!("{head}5\r\nhello\r\n"));
    let whole = Then::Cut(format!("{head}a\r\nhelloworld\r\n0\r\n\r\n"));
    let kept = fetch(&Peer::new(vec![broken, whole]), None).await.unwrap();
    assert_eq!((&kept.bytes[..], kept.restarts), (&b"helloworld"[..], 1));
}

#[tokio::test]
async fn what_is_missing_is_not_tried_again() {
    let gone = r#"{"detail":"Save file not found on disk"}"#;
    let peer = Peer::new(vec![json("404 Not Found", gone); 2]);
    let error = fetch(&peer, Some(10)).await.unwrap_err().to_string();
    assert!(error.contains("Save file not found on disk"), "{error}");
    assert_eq!(peer.lines().len(), 1);
}

#[tokio::test]
async fn a_full_disk_is_told_as_one() {
    struct Full;
    impl Sink for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<()> {
            Err(io::ErrorKind::StorageFull.into())
        }
        fn restart(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let body = "x".repeat(10 << 20);
    let peer = Peer::new(vec![json("200 OK", &body)]);
    let save = SaveDownload {
        id: SaveId(5),
        device: None,
        session: None,
        size: None,
    };
    let server = peer.server();
    let told = server.download_save(&save, Full, &Unwatched).await;
    let Err(DownloadError::Write(error)) = told else {
        panic!("it was written");
    };
    assert_eq!(error.kind(), io::ErrorKind::StorageFull);
}
