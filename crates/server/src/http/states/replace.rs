//! `PUT /api/states/{id}`: a state is rewritten under its name.

use axum::Json;
use axum::extract::State;
use keepsave_core::ids::StateId;
use keepsave_wire::states::StateSchema;

use super::{not_found, schema};
use crate::app::App;
use crate::auth::Caller;
use crate::auth::scope::Scope;
use crate::http::assets::Named;
use crate::http::error::Failure;
use crate::http::path::Id;
use crate::http::upload::Incoming;
use crate::states::replace::{self as service, Replacement};
use crate::vault::states;

/// Rewrites one of the caller's states. Its name stays, whatever the upload is called, and what it
/// replaces is kept.
#[utoipa::path(
    put, path = "/api/states/{id}", tag = "states",
    params(("id" = i64, Path)),
    request_body(content_type = "multipart/form-data",
                 description = "`stateFile` or `screenshotFile` or both"),
    responses((status = OK, body = StateSchema), (status = BAD_REQUEST), (status = NOT_FOUND),
              (status = PAYLOAD_TOO_LARGE), (status = INSUFFICIENT_STORAGE)),
)]
pub async fn replace(
    State(app): State<App>,
    caller: Caller,
    id: Id<StateId>,
    incoming: Incoming,
) -> Result<Json<StateSchema>, Failure> {
    caller.require(Scope::AssetsWrite)?;
    let (user, state) = (caller.id(), id.0);
    if app
        .vault
        .read(|tx| states::of_user(tx, user, state))?
        .is_none()
    {
        return Err(not_found(state));
    }
    let fields = ["stateFile", "screenshotFile"];
    let [content, picture] = incoming.files(app.vault.blobs(), fields).await?;
    let picture = Named::picture(picture)?;
    let replacement = Replacement {
        user,
        state,
        stored: match content {
            Some(content) => Some(content.store().await?),
            None => None,
        },
        picture: match picture {
            Some(picture) => Some(picture.store_picture().await?),
            None => None,
        },
    };
    let replaced = service::replace(&app, replacement).await?;
    replaced
        .map(|state| Json(schema(state)))
        .ok_or_else(|| not_found(state))
}
