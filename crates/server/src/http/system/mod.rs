//! How the server is: for whoever keeps it running, and what it can be asked.

mod livez;
mod metrics;
mod openapi;
mod readyz;

use axum::routing::get;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
pub use openapi::finish_document;

/// The routes of this area.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(livez::livez))
        .routes(routes!(readyz::readyz))
        .routes(routes!(metrics::metrics))
        .route("/openapi.json", get(openapi::openapi))
        .route("/api/openapi.json", get(openapi::openapi))
}
