//! `/api/roms`: the games of the library.

mod by_hash;
mod content;
mod detail;
mod file_content;
mod filters;
mod get;
mod identifiers;
mod list;
mod props;
mod register;
mod schema;
mod search;
mod simple;
mod update;
mod wanted;

use keepsave_core::ids::RomId;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::error::Failure;
use crate::app::App;

/// The routes of this area.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list, register::register_rom))
        .routes(routes!(identifiers::identifiers))
        .routes(routes!(filters::filters))
        .routes(routes!(by_hash::by_hash))
        .routes(routes!(get::get, update::update))
        .routes(routes!(simple::simple))
        .routes(routes!(props::props))
        .routes(routes!(content::content))
        .routes(routes!(file_content::file_content))
        .routes(routes!(search::search))
}

fn not_found(id: RomId) -> Failure {
    Failure::not_found(format!("Rom with id '{id}' not found"))
}
