//! `GET /api/keepsave/events`: what happens to the caller's saves, as it happens.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::Sse;
use axum::response::sse::{Event as Frame, KeepAlive};
use futures_util::Stream;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use crate::app::App;
use crate::auth::Caller;
use crate::auth::scope::Scope;
use crate::events::Event;
use crate::http::error::Failure;
use crate::run::Stopping;
use keepsave_core::ids::UserId;

/// How often a silent stream says that it is alive, so that proxies keep it open.
const KEEP_ALIVE: Duration = Duration::from_secs(20);

/// Streams events (server-sent): `changed`, `conflict`, `deleted`, `finished`; and `missed` when
/// the listener was too slow and should ask the ordinary routes.
#[utoipa::path(
    get, path = "/api/keepsave/events", tag = "versions",
    responses((status = OK, content_type = "text/event-stream", body = String)),
)]
pub async fn events(
    State(app): State<App>,
    caller: Caller,
) -> Result<Sse<impl Stream<Item = Result<Frame, Infallible>>>, Failure> {
    caller.require(Scope::AssetsRead)?;
    let stream = frames(app.events.listen(), caller.id(), app.stopping.clone());
    Ok(Sse::new(stream).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)))
}

fn frames(
    listener: Receiver<(UserId, Event)>,
    user: UserId,
    stopping: Stopping,
) -> impl Stream<Item = Result<Frame, Infallible>> {
    futures_util::stream::unfold(
        (listener, stopping),
        move |(mut listener, stopping)| async move {
            loop {
                let heard = tokio::select! {
                    // Or the server would wait for this answer to end.
                    () = stopping.begun() => return None,
                    heard = listener.recv() => heard,
                };
                match heard {
                    Ok((whose, event)) if whose == user => {
                        return frame(&event).map(|frame| (Ok(frame), (listener, stopping)));
                    }
                    Ok(_another_persons) => {}
                    Err(RecvError::Lagged(_)) => {
                        let missed = Frame::default().event("missed").data("{}");
                        return Some((Ok(missed), (listener, stopping)));
                    }
                    Err(RecvError::Closed) => return None,
                }
            }
        },
    )
}

fn frame(event: &Event) -> Option<Frame> {
    let data = serde_json::to_value(event).ok()?;
    let name = data.get("event")?.as_str()?.to_owned();
    Some(Frame::default().event(name).data(data.to_string()))
}
