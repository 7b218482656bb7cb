//! `GET /api/saves/{id}/content`: a save goes down.

use axum::extract::{RawQuery, State};
use axum::response::Response;
use keepsave_core::ids::{SaveId, SessionId};

use super::{named_device, not_found};
use crate::app::App;
use crate::auth::Caller;
use crate::auth::scope::Scope;
use crate::http::content::{Conditions, Content};
use crate::http::error::Failure;
use crate::http::fields::Fields;
use crate::http::path::Id;
use crate::saves::download::{self, Sent};

/// Sends the content of one of the caller's saves, or of one that someone made public.
///
/// With a device, an optimistic download (the default) counts as held by it once the last byte was
/// sent; otherwise once the device confirms it.
#[utoipa::path(
    get, path = "/api/saves/{id}/content", tag = "saves",
    params(
        ("id" = i64, Path),
        ("device_id" = Option<String>, Query, description = "The device that fetches it"),
        ("session_id" = Option<i64>, Query, description = "The sync session it belongs to"),
        ("optimistic" = Option<bool>, Query, description = "False: wait for `/downloaded`"),
    ),
    responses((status = OK, content_type = "application/octet-stream"), (status = PARTIAL_CONTENT),
              (status = NOT_MODIFIED), (status = NOT_FOUND), (status = RANGE_NOT_SATISFIABLE)),
)]
pub async fn content(
    State(app): State<App>,
    caller: Caller,
    id: Id<SaveId>,
    RawQuery(query): RawQuery,
    conditions: Conditions,
) -> Result<Response, Failure> {
    caller.require(Scope::AssetsRead)?;
    let mut fields = Fields::of_query(query.as_deref());
    let device_id = fields.optional_text("device_id");
    let session = fields.optional_integer("session_id").map(SessionId);
    let optimistic = fields.optional_flag("optimistic").unwrap_or(true);
    let optimistic = fields.finish(optimistic)?;
    let device = named_device(&app, &caller, device_id.as_deref(), Scope::DevicesRead)?;
    let save = download::readable(&app, caller.id(), id.0)?.ok_or_else(|| not_found(id.0))?;
    let blobs = app.vault.blobs();
    let mut content =
        Content::attachment(blobs, &save.content.blob, &save.file_name, save.updated_at)?;
    if let Some(device) = device {
        let sent = Sent {
            user: caller.id(),
            device: device.id,
            save,
            optimistic,
        };
        let app = app.clone();
        content = content.when_sent(async move {
            if let Err(fault) = sent.record(&app).await {
                tracing::warn!(%fault, "a download was not recorded; the device may repeat it");
            }
        });
    }
    if let Some(session) = session {
        download::count(&app, caller.id(), session).await?;
    }
    Ok(content.answer(&conditions).await)
}
