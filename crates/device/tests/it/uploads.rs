//! Files on their way up: what a peer gets of them, and what it never gets.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use keepsave_core::content::Digest;
use keepsave_core::ids::{DeviceId, RomId, SessionId};
use keepsave_device::files::Form;
use keepsave_device::server::upload::{Outgoing, SaveUpload, UploadError};
use keepsave_device::server::{Progress, Server, Trouble, Unwatched};

use crate::peer::{Peer, Then, json};

const SAVE: &str = r#"{"id": 5, "rom_id": 2, "file_name": "a [2026-11-20_07-28-30].srm"}"#;

/// A file that is known to have these bytes, whatever it holds by now.
struct Known {
    directory: tempfile::TempDir,
    digest: Digest,
}

impl Known {
    fn new(bytes: &[u8]) -> Self {
        let known = Self {
            directory: tempfile::tempdir().unwrap(),
            digest: Digest::of(bytes),
        };
        std::fs::write(known.path(), bytes).unwrap();
        known
    }

    fn path(&self) -> PathBuf {
        self.directory.path().join("a.srm")
    }
}

fn plain<'a>() -> SaveUpload<'a> {
    SaveUpload {
        rom: RomId(2),
        slot: None,
        emulator: None,
        device: None,
        session: None,
        overwrite: false,
        keep: None,
        set: None,
    }
}

async fn send(server: &Server, known: &Known) -> Result<i64, UploadError> {
    let path = known.path();
    let file = outgoing(&path, known, "a.srm");
    let save = plain();
    let sent = server.upload_save(&save, &file, Arc::new(Unwatched));
    sent.await.map(|told| told.seen.id.0)
}

fn outgoing<'a>(path: &'a Path, known: &Known, name: &'a str) -> Outgoing<'a> {
    Outgoing {
        path,
        name,
        size: known.digest.size,
        blob: known.digest.blob,
        form: Form::Raw,
    }
}

#[tokio::test]
async fn a_file_goes_as_a_form_with_its_length() {
    let known = Known::new(b"hello");
    let peer = Peer::new(vec![json("200 OK", SAVE)]);
    let (path, device) = (known.path(), DeviceId("d".into()));
    let save = SaveUpload {
        slot: Some("auto save"),
        emulator: Some("retroarch-mgba"),
        device: Some(&device),
        session: Some(SessionId(9)),
        overwrite: true,
        keep: Some(10),
        set: None,
        ..plain()
    };
    let file = outgoing(&path, &known, "pokémon \"red\"\r\n.srm");
    let server = peer.server();
    let told = server.upload_save(&save, &file, Arc::new(Unwatched));
    assert_eq!(told.await.unwrap().seen.id.0, 5);
    let asked = &peer.asked()[0];
    assert_eq!(
        asked.line(),
        "POST /api/saves?rom_id=2&slot=auto+save&emulator=retroarch-mgba&device_id=d&session_id=9\
         &overwrite=true&autocleanup=true&autocleanup_limit=10 HTTP/1.1"
    );
    assert_eq!(asked.header("transfer-encoding"), None);
    let boundary = format!("keepsave-{}", known.digest.blob);
    let kind = format!("multipart/form-data; boundary={boundary}");
    assert_eq!(asked.header("content-type"), Some(kind.as_str()));
    assert_eq!(
        String::from_utf8_lossy(&asked.body),
        format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"saveFile\"; \
             filename=\"pokémon %22red%22%0D%0A.srm\"\r\n\
             Content-Type: application/octet-stream\r\n\r\nhello\r\n--{boundary}--\r\n"
        )
    );
}

/// `keepsave` three times, as `RetroArch` packs it.
const PACKED: &[u8] = b"#RZIPv\x01#\x00\x00\x02\x00\x18\x00\x00\x00\x00\x00\x00\x00\
    \x12\x00\x00\x00x\x9c\xcbNM-(N,K\xcdF\xa3\x01|\xb3\t\xfd";

async fn send_packed(peer: &Peer, known: &Known) -> Result<i64, UploadError> {
    let path = known.path();
    let file = Outgoing {
        form: Form::Rzip,
        ..outgoing(&path, known, "a.srm")
    };
    let (server, save) = (peer.server(), plain());
    let sent = server.upload_save(&save, &file, Arc::new(Unwatched));
    sent.await.map(|told| told.seen.id.0)
}

#[tokio::test]
async fn a_packed_file_travels_unpacked() {
    let known = Known::new(b"keepsavekeepsavekeepsave");
    std::fs::write(known.path(), PACKED).unwrap();
    let peer = Peer::new(vec![json("200 OK", SAVE)]);
    assert_eq!(send_packed(&peer, &known).await.unwrap(), 5);
    let body = String::from_utf8_lossy(&peer.asked()[0].body).into_owned();
    assert!(
        body.contains("\r\n\r\nkeepsavekeepsavekeepsave\r\n--"),
        "{body}"
    );
}

#[tokio::test]
async fn a_packed_file_that_changed_never_arrives() {
    let mut damaged = PACKED.to_vec();
    damaged[30] ^= 1;
    let mut lies = PACKED.to_vec();
    lies[12] = 25;
    for changed in [
        &damaged[..],
        &lies,
        &PACKED[..30],
        &PACKED[..10],
        b"not packed",
    ] {
        let known = Known::new(b"keepsavekeepsavekeepsave");
        std::fs::write(known.path(), changed).unwrap();
        let peer = Peer::new(vec![json("200 OK", SAVE)]);
        let error = send_packed(&peer, &known).await.unwrap_err();
        assert!(matches!(error, UploadError::Changed { .. }), "{error}");
    }
    let known = Known::new(b"other bytes than were packed");
    std::fs::write(known.path(), PACKED).unwrap();
    let peer = Peer::new(vec![json("200 OK", SAVE)]);
    let error = send_packed(&peer, &known).await.unwrap_err();
    assert!(matches!(error, UploadError::Changed { .. }), "{error}");
}

#[tokio::test]
async fn a_plain_upload_asks_for_nothing_else() {
    let known = Known::new(b"");
    let peer = Peer::new(vec![json("200 OK", SAVE)]);
    assert_eq!(send(&peer.server(), &known).await.unwrap(), 5);
    assert_eq!(peer.lines(), ["POST /api/saves?rom_id=2 HTTP/1.1"]);
}

/// However a file changed since it was decided about, the peer never has a whole form.
#[tokio::test]
async fn a_file_that_changed_never_arrives() {
    let bytes = vec![7; 300_000];
    let mut other = bytes.clone();
    other[299_999] = 8;
    let longer = vec![7; 300_001];
    let cases: [&[u8]; 5] = [&other, &longer, &bytes[1..], &bytes[..65_536], b""];
    for changed in cases {
        let known = Known::new(&bytes);
        std::fs::write(known.path(), changed).unwrap();
        let peer = Peer::new(vec![json("200 OK", SAVE)]);
        let error = send(&peer.server(), &known).await.unwrap_err();
        assert!(matches!(error, UploadError::Changed { .. }), "{error}");
        assert!(error.to_string().contains("a.srm: it changed"), "{error}");
        for asked in peer.asked() {
            let end = format!("{}--\r\n", known.digest.blob);
            let text = String::from_utf8_lossy(&asked.body);
            assert!(!text.contains(&end), "{}", changed.len());
        }
    }
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_named() {
    let known = Known::new(b"hello");
    std::fs::remove_file(known.path()).unwrap();
    let peer = Peer::new(Vec::new());
    let error = send(&peer.server(), &known).await.unwrap_err();
    assert!(matches!(error, UploadError::Unreadable { .. }), "{error}");
    std::fs::create_dir(known.path()).unwrap();
    let peer = Peer::new(vec![json("200 OK", SAVE)]);
    let error = send(&peer.server(), &known).await.unwrap_err();
    assert!(matches!(error, UploadError::Unreadable { .. }), "{error}");
}

/// Whatever happens: whether a save arrived is for others to find out before it is sent again.
#[tokio::test]
async fn a_save_is_sent_once() {
    for trouble in [
        json("500 Internal Server Error", "Internal Server Error"),
        json("503 Service Unavailable\r\nretry-after: 0", ""),
        json("429 Too Many Requests\r\nretry-after: 0", ""),
        Then::Cut(String::new()),
        Then::Cut("HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n{".into()),
        Then::Hang(String::new()),
        json("307 Temporary Redirect\r\nlocation: /api/elsewhere", ""),
        json("200 OK", "<html>"),
    ] {
        let known = Known::new(b"hello");
        let peer = Peer::new(vec![trouble.clone(); 2]);
        let error = send(&peer.server(), &known).await.unwrap_err();
        assert!(matches!(error, UploadError::Server { .. }), "{error}");
        assert_eq!(peer.lines().len(), 1, "{trouble:?}");
    }
}

#[tokio::test]
async fn a_conflict_is_told_apart() {
    let known = Known::new(b"hello");
    let detail = r#"{"detail":"Slot has a newer save since your last sync"}"#;
    let peer = Peer::new(vec![json("409 Conflict", detail)]);
    let error = send(&peer.server(), &known).await.unwrap_err();
    let UploadError::Server { error, .. } = error else {
        panic!("{error}");
    };
    assert!(matches!(error.trouble, Trouble::Conflict { .. }), "{error}");
}

#[tokio::test]
async fn a_refusal_counts_even_before_all_was_sent() {
    let known = Known::new(&vec![1; 4 << 20]);
    let peer = Peer::new(vec![Then::Early("413 Payload Too Large")]);
    let error = send(&peer.server(), &known).await.unwrap_err();
    assert!(error.to_string().contains("413"), "{error}");
}

#[tokio::test]
async fn a_peer_that_takes_nothing_is_given_up() {
    // More than the system takes in advance.
    let known = Known::new(&vec![1; 64 << 20]);
    let peer = Peer::new(vec![Then::Deaf]);
    let error = send(&peer.server(), &known).await.unwrap_err();
    let UploadError::Server { error, .. } = error else {
        panic!("{error}");
    };
    let after = Duration::from_millis(200);
    assert_eq!(error.trouble, Trouble::Stalled { after });
}

#[tokio::test]
async fn progress_is_told() {
    #[derive(Default)]
    struct Heard(std::sync::Mutex<Vec<(u64, Option<u64>)>>);
    impl Progress for Heard {
        fn at(&self, done: u64, of: Option<u64>) {
            self.0.lock().unwrap().push((done, of));
        }
    }
    let known = Known::new(&vec![1; 200_000]);
    let peer = Peer::new(vec![json("200 OK", SAVE)]);
    let heard = Arc::<Heard>::default();
    let path = known.path();
    let file = outgoing(&path, &known, "a.srm");
    let server = peer.server();
    let save = plain();
    let sent = server.upload_save(&save, &file, heard.clone());
    sent.await.unwrap();
    let heard = heard.0.lock().unwrap();
    assert!(heard.len() >= 4 && heard.is_sorted(), "{heard:?}");
    assert_eq!(heard.last(), Some(&(200_000, Some(200_000))));
}
