//! `/api/collections`: none. Keepsave has no collections, and clients that ask for them go on.

use axum::Json;
use serde_json::Value;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::error::Failure;
use crate::app::App;
use crate::auth::Caller;
use crate::auth::scope::Scope;

/// The routes of this area.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(collections))
        .routes(routes!(identifiers))
        .routes(routes!(virtual_collections))
        .routes(routes!(virtual_identifiers))
        .routes(routes!(smart_collections))
        .routes(routes!(smart_identifiers))
}

macro_rules! nothing {
    ($($(#[$doc:meta])* $name:ident at $path:literal;)*) => {$(
        $(#[$doc])*
        #[utoipa::path(
            get, path = $path, tag = "collections",
            responses((status = OK, body = Vec<Object>, description = "Always empty")),
        )]
        pub async fn $name(caller: Caller) -> Result<Json<[Value; 0]>, Failure> {
            caller.require(Scope::CollectionsRead)?;
            Ok(Json([]))
        }
    )*};
}

nothing! {
    /// Collections: none.
    collections at "/api/collections";
    /// Their ids: none.
    identifiers at "/api/collections/identifiers";
    /// Collections that follow from metadata: none.
    virtual_collections at "/api/collections/virtual";
    /// Their ids: none.
    virtual_identifiers at "/api/collections/virtual/identifiers";
    /// Collections that follow from a search: none.
    smart_collections at "/api/collections/smart";
    /// Their ids: none.
    smart_identifiers at "/api/collections/smart/identifiers";
}
