//! Takes connections and serves HTTP on them until told to stop.

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use keepsave_core::limits;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tower::ServiceExt;

use super::Stopping;

/// How long to wait before the next try when the system has no room for a connection.
const BREATHER: Duration = Duration::from_millis(100);

/// How a server ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Everything that was under way has finished.
    Clean,
    /// So many connections were cut off. What their clients were not told may not have happened.
    CutOff(usize),
}

/// Serves until `stopping` begins. Then takes no connection more, closes those that are idle, and
/// lets requests that are under way finish for as long as `grace`.
pub(super) async fn serve(
    listener: TcpListener,
    router: Router,
    stopping: &Stopping,
    grace: Duration,
) -> Ending {
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            biased;
            () = stopping.begun() => break,
            Some(_ended) = connections.join_next() => continue,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                connections.spawn(talk(stream, peer, router.clone(), stopping.clone()));
            }
            Err(error) if is_about_one_connection(&error) => {}
            Err(error) => {
                tracing::error!(%error, "no connection can be taken; trying again");
                tokio::time::sleep(BREATHER).await;
            }
        }
    }
    drop(listener);
    let all_ended = async { while connections.join_next().await.is_some() {} };
    match tokio::time::timeout(grace, all_ended).await {
        Ok(()) => Ending::Clean,
        Err(_) => Ending::CutOff(connections.len()),
    }
}

/// Answers the requests of one connection.
async fn talk(stream: TcpStream, peer: SocketAddr, router: Router, stopping: Stopping) {
    // An answer is sent at once, not when there is more to send.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, %peer, "the connection was gone before it could be used");
        return;
    }
    let answer = service_fn(move |request: http::Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        router.clone().oneshot(request)
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(limits::REQUEST_HEAD_WAIT);
    let mut connection = pin!(http.serve_connection(TokioIo::new(stream), answer));
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stopping.begun() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, %peer, "a connection ended early");
    }
}

/// The connection was gone before it was taken: the listener is fine.
fn is_about_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
    )
}

#[cfg(test)]
mod tests;
