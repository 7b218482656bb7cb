//! `/api/roms`: the games of the library.

mod by_hash;
mod detail;
mod filters;
mod get;
mod identifiers;
mod list;
mod schema;
mod simple;
mod wanted;

use keepsave_core::ids::RomId;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::error::Failure;
use crate::app::App;

/// The routes of this area.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list))
        .routes(routes!(identifiers::identifiers))
        .routes(routes!(filters::filters))
        .routes(routes!(by_hash::by_hash))
        .routes(routes!(get::get))
        .routes(routes!(simple::simple))
}

fn not_found(id: RomId) -> Failure {
    Failure::not_found(format!("Rom with id '{id}' not found"))
}
