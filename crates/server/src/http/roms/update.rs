//! `PUT /api/roms/{id}`: gives a game another name.

use axum::Json;
use axum::extract::State;
use keepsave_core::ids::RomId;
use keepsave_core::limits;
use keepsave_wire::roms::DetailedRomSchema;

use super::detail::detail;
use super::not_found;
use crate::app::App;
use crate::auth::Caller;
use crate::auth::scope::Scope;
use crate::http::error::Failure;
use crate::http::form::Form;
use crate::http::path::Id;
use crate::library::rename::{NotRenamed, rename};

/// Gives a game another name, which stays when its file is renamed.
///
/// What RomM's form has besides is about metadata and covers: it is taken and changes nothing.
/// Files of the library are never renamed here.
#[utoipa::path(
    put, path = "/api/roms/{id}", tag = "roms",
    params(("id" = i64, Path)),
    request_body(content_type = "multipart/form-data", description = "`name`"),
    responses(
        (status = OK, body = DetailedRomSchema),
        (status = BAD_REQUEST, description = "The name is too long, or `fs_name` another one"),
        (status = NOT_FOUND),
    ),
)]
pub async fn update(
    State(app): State<App>,
    caller: Caller,
    id: Id<RomId>,
    form: Form,
) -> Result<Json<DetailedRomSchema>, Failure> {
    caller.require(Scope::RomsWrite)?;
    let id = id.0;
    let name = form.text("name").map(|name| name.trim().to_owned());
    rename(&app, id, name, form.text("fs_name"))
        .await
        .map_err(|not| match not {
            NotRenamed::Unknown => not_found(id),
            NotRenamed::NoName => Failure::bad_request(format!(
                "A name has 1 to {} characters",
                limits::GAME_NAME_CHARS
            )),
            NotRenamed::OtherFile => Failure::bad_request(
                "Files of the library are not renamed here. Rename the file on the server's disk: \
                 the game keeps its id and its saves.",
            ),
            NotRenamed::Fault(fault) => fault.into(),
        })?;
    detail(&app, id, caller.id())?
        .map(Json)
        .ok_or_else(|| not_found(id))
}
