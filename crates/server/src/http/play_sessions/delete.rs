//! `DELETE /api/play-sessions/{session_id}`: a play session is forgotten.

use axum::extract::State;
use http::StatusCode;
use keepsave_core::ids::PlaySessionId;

use crate::app::App;
use crate::auth::Caller;
use crate::auth::scope::Scope;
use crate::http::error::Failure;
use crate::http::path::Id;
use crate::play;

/// A play session is forgotten.
#[utoipa::path(
    delete,
    path = "/api/play-sessions/{session_id}",
    tag = "play sessions",
    params(("session_id" = i64, Path)),
    responses((status = NO_CONTENT))
)]
pub async fn delete(
    State(app): State<App>,
    caller: Caller,
    id: Id<PlaySessionId>,
) -> Result<StatusCode, Failure> {
    caller.require(Scope::RomsUserWrite)?;
    if play::remove(&app, caller.id(), id.0).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Failure::not_found(format!(
            "Play session {} not found",
            id.0
        )))
    }
}
