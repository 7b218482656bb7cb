//! `/api/keepsave/states`: what states had before, and states that were deleted.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use keepsave_core::ids::{EarlierContentId, StateId};
use keepsave_wire::assets::EarlierContent;
use keepsave_wire::states::{DeletedState, StateSchema};

use super::{earlier_schema, no_earlier};
use crate::app::App;
use crate::auth::Caller;
use crate::auth::scope::Scope;
use crate::http::content::{Conditions, Content};
use crate::http::error::Failure;
use crate::http::path::Id;
use crate::http::states::{not_found, schema};
use crate::states::undelete as service;
use crate::vault::{Fault, earlier, states};

/// Lists the contents that a state had before, the last first. A deleted one's, too.
#[utoipa::path(
    get, path = "/api/keepsave/states/{id}/earlier", tag = "states",
    params(("id" = i64, Path)),
    responses((status = OK, body = Vec<EarlierContent>), (status = NOT_FOUND)),
)]
pub async fn earlier_contents(
    State(app): State<App>,
    caller: Caller,
    id: Id<StateId>,
) -> Result<Json<Vec<EarlierContent>>, Failure> {
    caller.require(Scope::AssetsRead)?;
    let found = app.vault.read(|tx| {
        let Some(state) = states::of_user_even_hidden(tx, caller.id(), id.0)? else {
            return Ok::<_, Fault>(None);
        };
        earlier::of_state(tx, state.id).map(Some)
    })?;
    let found = found.ok_or_else(|| not_found(id.0))?;
    Ok(Json(found.into_iter().map(earlier_schema).collect()))
}

/// Sends a content that a state had before.
#[utoipa::path(
    get, path = "/api/keepsave/states/earlier/{id}/content", tag = "states",
    params(("id" = i64, Path)),
    responses((status = OK, content_type = "application/octet-stream"), (status = PARTIAL_CONTENT),
              (status = NOT_MODIFIED), (status = NOT_FOUND)),
)]
pub async fn earlier_content(
    State(app): State<App>,
    caller: Caller,
    id: Id<EarlierContentId>,
    conditions: Conditions,
) -> Result<Response, Failure> {
    caller.require(Scope::AssetsRead)?;
    let earlier = app
        .vault
        .read(|tx| earlier::of_users_state(tx, caller.id(), id.0))?
        .ok_or_else(|| no_earlier(id.0))?;
    let (blobs, name) = (app.vault.blobs(), &earlier.file_name);
    let content = Content::opaque_attachment(blobs, &earlier.blob, name, earlier.replaced_at)?;
    Ok(content.answer(&conditions).await)
}

/// Lists the states that were deleted, the last first.
#[utoipa::path(
    get, path = "/api/keepsave/states/deleted", tag = "states",
    responses((status = OK, body = Vec<DeletedState>)),
)]
pub async fn deleted(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<Vec<DeletedState>>, Failure> {
    caller.require(Scope::AssetsRead)?;
    let hidden = app.vault.read(|tx| states::hidden(tx, caller.id()))?;
    let deleted = hidden.into_iter().filter_map(|state| {
        Some(DeletedState {
            id: state.id,
            rom_id: state.rom_id,
            file_name: state.file_name,
            emulator: state.emulator,
            size_bytes: state.size,
            deleted_at: state.hidden_at?,
        })
    });
    Ok(Json(deleted.collect()))
}

/// Brings a deleted state back, with its picture. When another state took its name meanwhile it
/// gets a tag.
#[utoipa::path(
    post, path = "/api/keepsave/states/{id}/undelete", tag = "states",
    params(("id" = i64, Path)),
    responses((status = OK, body = StateSchema), (status = NOT_FOUND)),
)]
pub async fn undelete(
    State(app): State<App>,
    caller: Caller,
    id: Id<StateId>,
) -> Result<Json<StateSchema>, Failure> {
    caller.require(Scope::AssetsWrite)?;
    let state = service::undelete(&app, caller.id(), id.0).await?;
    state
        .map(|state| Json(schema(state)))
        .ok_or_else(|| not_found(id.0))
}
