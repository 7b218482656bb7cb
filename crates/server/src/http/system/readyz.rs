//! `GET /readyz`: can the server do its work.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::maintenance::ready::{self, Readiness};

/// Whether requests should be sent here, and if not, why.
#[derive(Serialize, ToSchema)]
pub struct Ready {
    /// Whether all is well.
    ready: bool,
    /// What is not: one sentence each.
    problems: Vec<String>,
}

/// Answers 200 when the store answers, its disk can be written to and the server is not stopping;
/// else 503 and why. Send requests elsewhere until it is ready again.
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "system",
    responses((status = OK, body = Ready), (status = SERVICE_UNAVAILABLE, body = Ready))
)]
pub async fn readyz(State(app): State<App>) -> (StatusCode, Json<Ready>) {
    let Readiness { problems } = ready::check(&app).await;
    let status = if problems.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    let ready = problems.is_empty();
    (status, Json(Ready { ready, problems }))
}
