//! `GET` and `HEAD /api/roms/{id}/files/content/{file_name}`: the bytes of one file of a game.

use axum::extract::State;
use axum::response::Response;
use keepsave_core::ids::RomFileId;

use crate::app::App;
use crate::auth::Caller;
use crate::auth::scope::Scope;
use crate::http::content::{Conditions, Content};
use crate::http::error::Failure;
use crate::http::path::Id;
use crate::library::download::{self, NotSent};

/// Sends one file. The id is the file's; the name is not looked at.
#[utoipa::path(
    get, path = "/api/roms/{id}/files/content/{file_name}", tag = "roms",
    params(("id" = i64, Path, description = "The file's id"), ("file_name" = String, Path)),
    responses(
        (status = OK, content_type = "application/octet-stream"),
        (status = PARTIAL_CONTENT, content_type = "application/octet-stream"),
        (status = NOT_FOUND),
    ),
)]
pub async fn file_content(
    State(app): State<App>,
    caller: Caller,
    id: Id<RomFileId>,
    conditions: Conditions,
) -> Result<Response, Failure> {
    caller.require(Scope::RomsRead)?;
    match download::file(&app, id.0) {
        Ok((file, name)) => Ok(Content::game_file(file, &name)?.answer(&conditions).await),
        Err(NotSent::Unknown | NotSent::NoFiles) => Err(Failure::not_found("File not found")),
        Err(NotSent::Gone(file)) => {
            Err(Failure::not_found(format!("File {file} not found on disk")))
        }
        Err(NotSent::Fault(fault)) => Err(fault.into()),
    }
}
