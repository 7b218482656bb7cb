//! `POST /api/states`: a state comes up.

use axum::Json;
use axum::extract::{RawQuery, State};
use keepsave_core::ids::RomId;
use keepsave_core::names::AssetKind;
use keepsave_wire::states::StateSchema;

use super::schema;
use crate::app::App;
use crate::auth::Caller;
use crate::auth::scope::Scope;
use crate::http::assets::{self, Named};
use crate::http::error::Failure;
use crate::http::fields::Fields;
use crate::http::upload::{Incoming, missing};
use crate::states::upload::{self as service, NewState};

/// Takes a state, in place of the caller's state of that name for the game, whatever emulator that
/// was for. What it replaces is kept.
#[utoipa::path(
    post, path = "/api/states", tag = "states",
    params(
        ("rom_id" = i64, Query, description = "The game"),
        ("emulator" = Option<String>, Query, description = "The emulator it is for"),
    ),
    request_body(content_type = "multipart/form-data",
                 description = "`stateFile`, and `screenshotFile` if there is a picture"),
    responses((status = OK, body = StateSchema), (status = BAD_REQUEST), (status = NOT_FOUND),
              (status = PAYLOAD_TOO_LARGE), (status = INSUFFICIENT_STORAGE)),
)]
pub async fn upload(
    State(app): State<App>,
    caller: Caller,
    RawQuery(query): RawQuery,
    incoming: Incoming,
) -> Result<Json<StateSchema>, Failure> {
    caller.require(Scope::AssetsWrite)?;
    let mut fields = Fields::of_query(query.as_deref());
    let rom = RomId(fields.integer("rom_id"));
    let emulator = fields.optional_text("emulator");
    let (rom, emulator) = fields.finish((rom, emulator))?;
    assets::known_game(&app, rom)?;
    let emulator = assets::emulator(emulator)?;

    let fields = ["stateFile", "screenshotFile"];
    let [state, picture] = incoming.files(app.vault.blobs(), fields).await?;
    let state = state.ok_or_else(|| missing("stateFile"))?;
    let state = Named::of(state, AssetKind::State)?;
    let picture = Named::picture(picture)?;
    let new = NewState {
        user: caller.id(),
        rom,
        file_name: state.file_name,
        emulator,
        stored: state.upload.store().await?,
        picture: match picture {
            Some(picture) => Some(picture.store_picture().await?),
            None => None,
        },
    };
    Ok(Json(schema(service::upload(&app, new).await?)))
}
