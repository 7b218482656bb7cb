//! Connections over real sockets: what is under way finishes, what takes too long is cut off.

use axum::body::Bytes;
use axum::routing::post;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::task::JoinHandle;

use super::*;

const LONG: Duration = Duration::from_hours(1);

/// A server whose one route answers with the length of what was sent.
struct Running {
    address: SocketAddr,
    stopping: Stopping,
    ending: JoinHandle<Ending>,
}

async fn start(grace: Duration) -> Running {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let length = |body: Bytes| async move { body.len().to_string() };
    let router = Router::new().route("/", post(length));
    let stopping = Stopping::default();
    let told = stopping.clone();
    let ending = tokio::spawn(async move { serve(listener, router, &told, grace).await });
    Running {
        address,
        stopping,
        ending,
    }
}

impl Running {
    /// Sends all but the last byte of an upload, once the server has begun to read it.
    async fn begin_upload(&self) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let head =
            "POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n";
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut go_on = [0; 25];
        stream.read_exact(&mut go_on).await.unwrap();
        assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
        stream.write_all(b"1234").await.unwrap();
        stream
    }

    async fn refuses_connections(&self) {
        while TcpStream::connect(self.address).await.is_ok() {
            tokio::task::yield_now().await;
        }
    }
}

async fn rest(mut stream: TcpStream) -> String {
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn what_is_under_way_finishes_and_nothing_new_begins() {
    let server = start(LONG).await;
    let idle = TcpStream::connect(server.address).await.unwrap();
    let mut upload = server.begin_upload().await;
    server.stopping.begin();
    server.refuses_connections().await;
    assert_eq!(rest(idle).await, "");

    upload.write_all(b"5").await.unwrap();
    let answer = rest(upload).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.ends_with("\r\n\r\n5"), "{answer}");
    assert_eq!(server.ending.await.unwrap(), Ending::Clean);
}

#[tokio::test]
async fn what_takes_longer_than_the_grace_is_cut_off() {
    let server = start(Duration::ZERO).await;
    let _upload = server.begin_upload().await;
    server.stopping.begin();
    assert_eq!(server.ending.await.unwrap(), Ending::CutOff(1));
}

#[tokio::test]
async fn every_answer_says_when_it_was_made() {
    let server = start(LONG).await;
    let mut upload = server.begin_upload().await;
    upload.write_all(b"5").await.unwrap();
    let mut answer = vec![0; 15];
    upload.read_exact(&mut answer).await.unwrap();
    server.stopping.begin();
    let answer = rest(upload).await.to_lowercase();
    assert!(answer.contains("\r\ndate: "), "{answer}");
}
