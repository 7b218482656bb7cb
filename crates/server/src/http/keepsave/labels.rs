//! `PUT /api/keepsave/versions/{id}`: a version's name and pin.

use axum::Json;
use axum::extract::State;
use keepsave_core::ids::VersionId;
use keepsave_wire::versions::VersionSchema;

use super::{not_done, version_schema};
use crate::app::App;
use crate::auth::Caller;
use crate::auth::scope::Scope;
use crate::http::body::Body;
use crate::http::error::Failure;
use crate::http::fields::{Change, Fields};
use crate::http::path::Id;
use crate::versions::list;

/// The longest name that a version may have, in characters.
const NAME_CHARS: usize = 100;

/// Names a version, pins it so that retention leaves it alone, or takes either away. What is
/// absent stays.
#[utoipa::path(
    put, path = "/api/keepsave/versions/{id}", tag = "versions",
    params(("id" = i64, Path)),
    request_body(content_type = "application/json",
                 description = "`{\"name\": \"before the boss\", \"is_pinned\": true}`"),
    responses((status = OK, body = VersionSchema), (status = NOT_FOUND)),
)]
pub async fn label(
    State(app): State<App>,
    caller: Caller,
    id: Id<VersionId>,
    Body(body): Body,
) -> Result<Json<VersionSchema>, Failure> {
    caller.require(Scope::AssetsWrite)?;
    let mut fields = Fields::of_body(&body)?;
    let name = match fields.changed_text("name") {
        Change::Keep => None,
        Change::Set(name) => {
            fields.check_length("name", name.as_deref().unwrap_or_default(), NAME_CHARS);
            Some(name)
        }
    };
    let pinned = fields.optional_flag("is_pinned");
    let (name, pinned) = fields.finish((name, pinned))?;
    let labelled = list::label(&app, caller.id(), id.0, name, pinned)
        .await
        .map_err(|error| not_done(error, &format!("Version with ID {}", id.0)))?;
    Ok(Json(version_schema(labelled)))
}
