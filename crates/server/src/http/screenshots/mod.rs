//! `/api/screenshots`: RomM's routes for pictures.

mod content;
mod delete;
mod upload;
mod visibility;

pub use upload::is_image;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::error::Failure;
use crate::app::App;

/// Every route below `/api/screenshots`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(upload::upload))
        .routes(routes!(visibility::visibility, delete::delete))
        .routes(routes!(content::content))
}

/// The same words for an unknown picture and for another person's.
pub fn not_found() -> Failure {
    Failure::not_found("Screenshot not found")
}
