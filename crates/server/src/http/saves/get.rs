//! `GET /api/saves/{id}`: one save.

use axum::Json;
use axum::extract::{RawQuery, State};
use keepsave_core::ids::SaveId;
use keepsave_wire::saves::SaveSchema;

use super::{named_device, not_found, schema};
use crate::app::App;
use crate::auth::Caller;
use crate::auth::scope::Scope;
use crate::http::error::Failure;
use crate::http::fields::Fields;
use crate::http::path::Id;
use crate::saves::view;
use crate::vault::{Fault, saves};

/// Shows one of the caller's saves. Another person's is not found, public or not.
#[utoipa::path(
    get, path = "/api/saves/{id}", tag = "saves",
    params(
        ("id" = i64, Path),
        ("device_id" = Option<String>, Query, description = "As this device sees it"),
    ),
    responses((status = OK, body = SaveSchema), (status = NOT_FOUND)),
)]
pub async fn get(
    State(app): State<App>,
    caller: Caller,
    id: Id<SaveId>,
    RawQuery(query): RawQuery,
) -> Result<Json<SaveSchema>, Failure> {
    caller.require(Scope::AssetsRead)?;
    let device_id = Fields::of_query(query.as_deref()).optional_text("device_id");
    let device = named_device(&app, &caller, device_id.as_deref(), Scope::DevicesRead)?;
    let view = app
        .vault
        .read(|tx| match saves::of_user(tx, caller.id(), id.0)? {
            Some(save) => {
                view::one(tx, save.id, device.as_ref().map(|device| &device.id)).map(Some)
            }
            None => Ok::<_, Fault>(None),
        })?;
    view.map(|view| Json(schema(view)))
        .ok_or_else(|| not_found(id.0))
}
