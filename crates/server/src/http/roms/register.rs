//! `POST /api/roms`: registers a game that needs no file on the server.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use keepsave_core::limits;
use keepsave_wire::roms::SimpleRomSchema;

use super::not_found;
use super::schema::simple_rom;
use crate::app::App;
use crate::auth::Caller;
use crate::auth::scope::Scope;
use crate::http::body::SmallBody;
use crate::http::error::Failure;
use crate::http::fields::Fields;
use crate::library::browse;
use crate::library::register::{NotRegistered, Registration, register};

/// Registers a game whose file stays on devices, so that it can have saves.
///
/// The same platform and file name are the same game, however often they are registered; when the
/// file appears in the library later, the game keeps its id. Anyone who may note something about a
/// game may do this, not only administrators: a device must be able to register what is on it.
#[utoipa::path(
    post, path = "/api/roms", tag = "roms",
    request_body(
        content_type = "application/json",
        description = "`platform`: its slug; `file_name`; and, if wanted, `name`"
    ),
    responses(
        (status = CREATED, body = SimpleRomSchema),
        (status = OK, body = SimpleRomSchema, description = "It was there already"),
        (status = BAD_REQUEST, description = "The platform is not known"),
    ),
)]
pub async fn register_rom(
    State(app): State<App>,
    caller: Caller,
    SmallBody(body): SmallBody,
) -> Result<Response, Failure> {
    caller.require(Scope::RomsUserWrite)?;
    let mut fields = Fields::of_body(&body)?;
    let game = Registration {
        platform: fields.text("platform"),
        file_name: fields.text("file_name").trim().to_owned(),
        name: fields
            .short_text("name", limits::GAME_NAME_CHARS)
            .map(|name| name.trim().to_owned())
            .filter(|name| !name.is_empty()),
    };
    let game = fields.finish(game)?;
    let platform = game.platform.clone();
    let registered = register(&app, game).await.map_err(|not| match not {
        NotRegistered::UnknownPlatform => Failure::bad_request(format!(
            "Platform '{platform}' is not known: use one of RomM's slugs, or make a folder of that \
             name in the library"
        )),
        NotRegistered::NoFileName => Failure::bad_request("`file_name` is not the name of a file"),
        NotRegistered::Fault(fault) => fault.into(),
    })?;
    let id = registered.id;
    let game = browse::one(&app, id, caller.id())?.ok_or_else(|| not_found(id))?;
    let status = if registered.is_new {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    Ok((status, Json(simple_rom(game, app.now()))).into_response())
}
