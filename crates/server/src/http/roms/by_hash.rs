//! `GET /api/roms/by-hash`: the game with a file of that hash.

use axum::Json;
use axum::extract::{RawQuery, State};
use keepsave_wire::roms::DetailedRomSchema;

use super::detail::detail;
use crate::app::App;
use crate::auth::Caller;
use crate::auth::scope::Scope;
use crate::http::error::Failure;
use crate::http::fields::Fields;
use crate::library::browse;
use crate::vault::roms::Hashes;

/// The first game that has one of the hashes, or a file with one.
///
/// `ra_hash` is taken and fits no game: the achievements' own hashes are not computed here.
#[utoipa::path(
    get, path = "/api/roms/by-hash", tag = "roms",
    params(
        ("crc_hash" = Option<String>, Query),
        ("md5_hash" = Option<String>, Query),
        ("sha1_hash" = Option<String>, Query),
        ("ra_hash" = Option<String>, Query),
    ),
    responses(
        (status = OK, body = DetailedRomSchema),
        (status = BAD_REQUEST, description = "No hash is given"),
        (status = NOT_FOUND),
    ),
)]
pub async fn by_hash(
    State(app): State<App>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Json<DetailedRomSchema>, Failure> {
    caller.require(Scope::RomsRead)?;
    let mut fields = Fields::of_query(query.as_deref());
    let mut hash = |name: &str| {
        fields
            .optional_text(name)
            .unwrap_or_default()
            .to_lowercase()
    };
    let (crc, md5, sha1) = (hash("crc_hash"), hash("md5_hash"), hash("sha1_hash"));
    let all_are_empty = [&crc, &md5, &sha1, &hash("ra_hash")]
        .iter()
        .all(|hash| hash.is_empty());
    let hashes = fields.finish(Hashes { crc, md5, sha1 })?;
    if all_are_empty {
        return Err(Failure::bad_request(
            "At least one metadata hash value must be provided",
        ));
    }
    let found = match browse::by_hash(&app, &hashes)? {
        Some(id) => detail(&app, id, caller.id())?,
        None => None,
    };
    found
        .map(Json)
        .ok_or_else(|| Failure::not_found("No ROM or file found with given hash values"))
}
