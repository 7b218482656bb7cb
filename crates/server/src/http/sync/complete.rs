//! `POST /api/sync/sessions/{session_id}/complete`: a device is done with a sync session.

use axum::Json;
use axum::extract::State;
use keepsave_core::ids::SessionId;
use keepsave_wire::sync::{SyncCompletePayload, SyncCompleteResponse};

use super::{schema, unknown};
use crate::app::App;
use crate::auth::Caller;
use crate::auth::scope::Scope;
use crate::http::body::Body;
use crate::http::error::Failure;
use crate::http::fields::Fields;
use crate::http::path::Id;
use crate::http::play_sessions;
use crate::sync::complete::{self, NotCompleted};

/// A device is done with a sync session, and tells how many operations it did and when games were
/// played.
#[utoipa::path(
    post,
    path = "/api/sync/sessions/{session_id}/complete",
    tag = "sync",
    params(("session_id" = i64, Path)),
    request_body = SyncCompletePayload,
    responses((status = OK, body = SyncCompleteResponse))
)]
pub async fn complete(
    State(app): State<App>,
    caller: Caller,
    id: Id<SessionId>,
    Body(body): Body,
) -> Result<Json<SyncCompleteResponse>, Failure> {
    caller.require(Scope::DevicesWrite)?;
    let told = read(&body)?;
    let (session, play_session_ingest) = complete::complete(&app, caller.id(), id.0, told)
        .await
        .map_err(|why| not_completed(id.0, why))?;
    Ok(Json(SyncCompleteResponse {
        session: schema(session),
        play_session_ingest,
    }))
}

fn read(body: &[u8]) -> Result<SyncCompletePayload, Failure> {
    let mut fields = Fields::of_body(body)?;
    let told = SyncCompletePayload {
        operations_completed: fields
            .optional_integer("operations_completed")
            .unwrap_or_default(),
        operations_failed: fields
            .optional_integer("operations_failed")
            .unwrap_or_default(),
        play_sessions: fields
            .json("play_sessions")
            .filter(|played| !played.is_null())
            .map(|_| play_sessions::entries(&mut fields, "play_sessions")),
    };
    fields.finish(told)
}

fn not_completed(id: SessionId, why: NotCompleted) -> Failure {
    match why {
        NotCompleted::Unknown => unknown(id),
        NotCompleted::Ended(status) => {
            Failure::bad_request(format!("Session is already {}", status.as_str()))
        }
        NotCompleted::Fault(fault) => fault.into(),
    }
}
