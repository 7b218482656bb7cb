//! `GET` and `HEAD /api/roms/{id}/content/{file_name}`: a game's bytes.

use std::collections::BTreeSet;

use axum::extract::{RawQuery, State};
use axum::response::Response;
use keepsave_core::ids::{RomFileId, RomId};
use keepsave_core::names::sanitise;

use super::not_found;
use crate::app::App;
use crate::auth::Caller;
use crate::auth::scope::Scope;
use crate::http::content::{Conditions, Content};
use crate::http::error::Failure;
use crate::http::fields::Fields;
use crate::http::path::{Id, Text};
use crate::library::download::{self, Download, NotSent};

/// Sends a game: the file of a game that has one, or a zip of several with a playlist of its discs.
///
/// Both can be asked for in ranges, and a transfer that broke off can be resumed.
#[utoipa::path(
    get, path = "/api/roms/{id}/content/{file_name}", tag = "roms",
    params(
        ("id" = i64, Path),
        ("file_name" = String, Path, description = "What to call a zip, without `.zip`"),
        ("file_ids" = Option<String>, Query, description = "Only these files, commas between them"),
        ("hidden_folder" = Option<bool>, Query, description = "Put the files of a zip into `.hidden/`"),
    ),
    responses(
        (status = OK, content_type = "application/octet-stream"),
        (status = PARTIAL_CONTENT, content_type = "application/octet-stream"),
        (status = NOT_FOUND, description = "No such game, or its files are gone"),
    ),
)]
pub async fn content(
    State(app): State<App>,
    caller: Caller,
    id: Id<RomId>,
    Text(name): Text<1>,
    conditions: Conditions,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    caller.require(Scope::RomsRead)?;
    let mut fields = Fields::of_query(query.as_deref());
    let chosen = chosen(&mut fields);
    let hidden_folder = fields.optional_flag("hidden_folder").unwrap_or(false);
    let chosen = fields.finish(chosen)?;
    let id = id.0;
    let content = match download::game(&app, id, chosen, hidden_folder).await {
        Ok(Download::File(file, name)) => Content::game_file(file, &name)?,
        Ok(Download::Archive(archive)) => {
            let name =
                sanitise(&name).map_or_else(|_| format!("{id}.zip"), |name| format!("{name}.zip"));
            Content::archive(*archive, &name)
        }
        Err(NotSent::Unknown) => return Err(not_found(id)),
        Err(NotSent::NoFiles) => {
            return Err(Failure::not_found(format!("No files found for ROM {id}")));
        }
        Err(NotSent::Gone(file)) => {
            let detail = format!("File {file} not found on disk for ROM {id}");
            return Err(Failure::not_found(detail));
        }
        Err(NotSent::Fault(fault)) => return Err(fault.into()),
    };
    Ok(content.answer(&conditions).await)
}

fn chosen(fields: &mut Fields) -> Option<BTreeSet<RomFileId>> {
    let text = fields.optional_text("file_ids")?;
    let ids = text.split(',').map(str::trim).filter(|id| !id.is_empty());
    let ids: Result<BTreeSet<RomFileId>, _> = ids.map(|id| id.parse().map(RomFileId)).collect();
    if ids.is_err() {
        fields.refuse_field("file_ids", "ids are integers with commas between them");
    }
    // RomM: an empty list is none.
    ids.ok().filter(|ids| !ids.is_empty())
}
