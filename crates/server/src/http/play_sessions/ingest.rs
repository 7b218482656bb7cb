//! `POST /api/play-sessions`: a device reports when games were played.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use keepsave_core::ids::DeviceId;
use keepsave_core::limits;
use keepsave_wire::play_sessions::{PlaySessionIngestPayload, PlaySessionIngestResponse};

use super::entries;
use crate::app::App;
use crate::auth::Caller;
use crate::auth::scope::Scope;
use crate::http::body::Body;
use crate::http::error::Failure;
use crate::http::fields::Fields;
use crate::play::ingest::{self, Source};

/// A device reports when games were played. What it reported before is not stored twice.
#[utoipa::path(
    post,
    path = "/api/play-sessions",
    tag = "play sessions",
    request_body = PlaySessionIngestPayload,
    responses((status = CREATED, body = PlaySessionIngestResponse))
)]
pub async fn ingest(
    State(app): State<App>,
    caller: Caller,
    Body(body): Body,
) -> Result<(StatusCode, Json<PlaySessionIngestResponse>), Failure> {
    caller.require(Scope::RomsUserWrite)?;
    let reported = read(&body)?;
    if reported.sessions.is_empty() {
        return Err(Failure::bad_request(
            "Payload must contain at least one session",
        ));
    }
    if reported.sessions.len() > limits::PLAY_SESSIONS {
        let most = limits::PLAY_SESSIONS;
        let detail = format!("Batch size exceeds maximum of {most}");
        return Err(Failure::bad_request(detail));
    }
    let named = reported.device_id.filter(|id| !id.is_empty());
    let source = Source {
        user: caller.id(),
        device: named.map(DeviceId).or(caller.device),
        session: None,
    };
    let stored = ingest::ingest(&app, source, reported.sessions).await?;
    Ok((StatusCode::CREATED, Json(stored)))
}

fn read(body: &[u8]) -> Result<PlaySessionIngestPayload, Failure> {
    let mut fields = Fields::of_body(body)?;
    let reported = PlaySessionIngestPayload {
        device_id: fields.optional_text("device_id"),
        sessions: entries(&mut fields, "sessions"),
    };
    fields.finish(reported)
}
