//! Uploads that are under way when the server stops, or when the disk is full.

use std::process::{Command, Stdio};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use keepsave_testkit::binary::{Client, Running, Sandbox};
use rustix::process::Signal;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::sandbox;

const VARIABLES: [(&str, &str); 2] = [
    ("KEEPSAVE_ADMIN_USERNAME", "ada"),
    ("KEEPSAVE_ADMIN_PASSWORD", "secret1"),
];

async fn add_game(ada: &Client) {
    let game = json!({ "platform": "gba", "file_name": "Game.gba" });
    ada.post("/api/roms", &game).await.expect(201);
}

#[tokio::test]
async fn an_upload_under_way_is_finished_before_the_server_stops() {
    let sandbox = sandbox();
    let mut server = sandbox.serve_with(&[], &VARIABLES);
    add_game(&server.user("ada", "secret1")).await;
    let mut upload = begin_upload(server.address()).await;

    server.signal(Signal::TERM);
    while TcpStream::connect(server.address()).await.is_ok() {
        tokio::task::yield_now().await;
    }
    upload.write_all(b"gress\r\n--b--\r\n").await.unwrap();
    let mut answer = String::new();
    upload.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    let (status, talk) = server.wait();
    assert!(status.success(), "{talk}");

    let server = sandbox.serve(&[]);
    let content = server
        .user("ada", "secret1")
        .get("/api/saves/1/content")
        .await;
    assert_eq!(content.text(), "progress");
}

#[tokio::test]
async fn a_second_signal_does_not_wait_and_leaves_nothing_half_written() {
    let sandbox = sandbox();
    let mut server = sandbox.serve_with(&[], &VARIABLES);
    add_game(&server.user("ada", "secret1")).await;
    let _upload = begin_upload(server.address()).await;
    server.signal(Signal::INT);
    while TcpStream::connect(server.address()).await.is_ok() {
        tokio::task::yield_now().await;
    }
    server.signal(Signal::INT);
    let (status, talk) = server.wait();
    assert_eq!(status.code(), Some(1), "{talk}");
    assert!(talk.contains("stopped at once"), "{talk}");
    let server = sandbox.serve(&[]);
    let saves = server
        .user("ada", "secret1")
        .get("/api/saves")
        .await
        .expect(200);
    assert_eq!(saves, json!([]));
}

#[tokio::test]
async fn whoever_listens_for_events_does_not_hold_a_stop_up() {
    let sandbox = sandbox();
    let server = sandbox.serve_with(&[], &VARIABLES);
    let basic = STANDARD.encode("ada:secret1");
    let request = format!(
        "GET /api/keepsave/events HTTP/1.1\r\nHost: test\r\nAuthorization: Basic {basic}\r\n\r\n"
    );
    let mut listener = TcpStream::connect(server.address()).await.unwrap();
    listener.write_all(request.as_bytes()).await.unwrap();
    let mut status = [0; 15];
    listener.read_exact(&mut status).await.unwrap();
    assert_eq!(&status, b"HTTP/1.1 200 OK");
    let talk = server.stop();
    assert!(!talk.contains("cut off"), "{talk}");
}

/// An upload of `progress`, as far as `pro`, that the server has begun to read.
async fn begin_upload(address: &str) -> TcpStream {
    let head =
        "--b\r\nContent-Disposition: form-data; name=\"saveFile\"; filename=\"g.srm\"\r\n\r\n";
    let length = head.len() + "progress\r\n--b--\r\n".len();
    let basic = STANDARD.encode("ada:secret1");
    let request = format!(
        "POST /api/saves?rom_id=1&slot=a HTTP/1.1\r\nHost: test\r\nAuthorization: Basic {basic}\r\n\
         Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {length}\r\n\
         Expect: 100-continue\r\n\r\n"
    );
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut go_on = [0; 25];
    stream.read_exact(&mut go_on).await.unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(b"pro").await.unwrap();
    stream
}

/// A server whose data directory is a disk of a few megabytes, with some more taken up by a file
/// that can be removed. The disk is its own and is gone with it.
fn serve_on_a_small_disk(sandbox: &Sandbox) -> Running {
    let namespace = if rustix::process::getuid().is_root() {
        "--mount"
    } else {
        "-Urm"
    };
    let script = "mkdir data && mount -t tmpfs -o size=8m tmpfs data && \
         head -c 2M /dev/zero > data/filler && exec \"$@\"";
    let program = env!("CARGO_BIN_EXE_keepsave");
    let mut command = Command::new("unshare");
    command
        .args([
            namespace, "sh", "-ec", script, "sh", program, "server", "--json",
        ])
        .args(["--listen", "127.0.0.1:0", "--data", "data"])
        .current_dir(sandbox.path())
        .env_clear()
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        .envs(VARIABLES)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    Running::start(command)
}

#[tokio::test]
async fn a_full_disk_is_507_and_the_server_goes_on() {
    let sandbox = sandbox();
    let server = serve_on_a_small_disk(&sandbox);
    let ada = server.user("ada", "secret1");
    add_game(&ada).await;
    let upload = async |number: u32, size: usize| {
        let bytes = [format!("{number}/").into_bytes(), vec![7; size]].concat();
        let files = [("saveFile", "g.srm", bytes.as_slice())];
        let answer = ada
            .upload("/api/saves?rom_id=1&slot=a", &files)
            .await
            .unwrap();
        (answer, bytes)
    };
    let mut stored = Vec::new();
    // First large ones until one does not fit, then ever smaller ones until nothing fits.
    for (part, size) in [(0, 512 * 1024), (1, 64 * 1024), (2, 4 * 1024), (3, 1)] {
        for number in 0.. {
            let (answer, bytes) = upload(part * 100_000 + number, size).await;
            if answer.status != 200 {
                let detail = answer.expect(507)["detail"].clone();
                assert_eq!(
                    detail,
                    "The server's disk is full. Nothing was stored; free some space and try again."
                );
                break;
            }
            stored.push((answer.expect(200)["id"].clone(), bytes));
        }
    }
    assert!(stored.len() > 10, "{}", stored.len());
    let ready = server.nobody().get("/readyz").await.expect(503);
    assert_eq!(ready["problems"], json!(["the disk is full"]));
    let list = ada.get("/api/saves?rom_id=1").await.expect(200);
    assert_eq!(
        list.as_array().unwrap().len(),
        stored.len(),
        "nothing is half-written"
    );
    for (id, bytes) in &stored {
        let content = ada.get(&format!("/api/saves/{id}/content")).await;
        assert_eq!(&content.bytes, bytes);
    }

    let root = format!("/proc/{}/root", server.pid());
    let filler = format!("{root}{}/data/filler", sandbox.path().display());
    std::fs::remove_file(filler).unwrap();
    let (answer, _) = upload(999_999, 512 * 1024).await;
    answer.expect(200);
    server.nobody().get("/readyz").await.expect(200);
    server.stop();
}
