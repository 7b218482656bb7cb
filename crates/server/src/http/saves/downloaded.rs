//! `POST /api/saves/{id}/downloaded`: a device has the bytes in place.

use crate::http::body::Body;
use axum::Json;
use axum::extract::State;
use keepsave_core::ids::SaveId;
use keepsave_wire::saves::SaveSchema;

use super::{not_found, own_device, schema};
use crate::app::App;
use crate::auth::Caller;
use crate::auth::scope::Scope;
use crate::http::error::Failure;
use crate::http::fields::Fields;
use crate::http::path::Id;
use crate::saves::confirm;

/// Confirms that a device holds what it was last sent of this save.
#[utoipa::path(
    post, path = "/api/saves/{id}/downloaded", tag = "saves",
    params(("id" = i64, Path)),
    request_body(content_type = "application/json", description = "`{\"device_id\": \"…\"}`"),
    responses((status = OK, body = SaveSchema), (status = NOT_FOUND)),
)]
pub async fn downloaded(
    State(app): State<App>,
    caller: Caller,
    id: Id<SaveId>,
    Body(body): Body,
) -> Result<Json<SaveSchema>, Failure> {
    caller.require(Scope::DevicesWrite)?;
    let device = device_in_body(&app, &caller, &body)?;
    let view = confirm::confirm(&app, caller.id(), id.0, device).await?;
    view.map(|view| Json(schema(view)))
        .ok_or_else(|| not_found(id.0))
}

/// The device that a body of one parameter names.
pub(super) fn device_in_body(
    app: &App,
    caller: &Caller,
    body: &[u8],
) -> Result<crate::vault::versions::Maker, Failure> {
    let mut fields = Fields::of_parameters(body)?;
    let device = fields.text("device_id");
    own_device(app, caller.id(), &fields.finish(device)?)
}
