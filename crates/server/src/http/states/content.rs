//! `GET /api/states/{id}/content`: the bytes of a state.

use axum::extract::State;
use axum::response::Response;
use keepsave_core::ids::StateId;

use super::not_found;
use crate::app::App;
use crate::auth::Caller;
use crate::auth::scope::Scope;
use crate::http::content::{Conditions, Content};
use crate::http::error::Failure;
use crate::http::path::Id;
use crate::vault::states;

/// Sends one of the caller's states, or one that someone made public.
#[utoipa::path(
    get, path = "/api/states/{id}/content", tag = "states",
    params(("id" = i64, Path)),
    responses((status = OK, content_type = "application/octet-stream"),
              (status = PARTIAL_CONTENT), (status = NOT_MODIFIED), (status = NOT_FOUND),
              (status = RANGE_NOT_SATISFIABLE)),
)]
pub async fn content(
    State(app): State<App>,
    caller: Caller,
    id: Id<StateId>,
    conditions: Conditions,
) -> Result<Response, Failure> {
    caller.require(Scope::AssetsRead)?;
    let state = app
        .vault
        .read(|tx| states::by_id(tx, id.0))?
        .filter(|state| state.user_id == caller.id() || state.is_public)
        .ok_or_else(|| not_found(id.0))?;
    let blobs = app.vault.blobs();
    let name = &state.file_name;
    let content = Content::opaque_attachment(blobs, &state.blob, name, state.updated_at)?;
    Ok(content.answer(&conditions).await)
}
