//! `POST /api/keepsave/library/scan`: looks at the library now. `GET /api/keepsave/library/games`: its
//! games, as far as a device needs to tell which of them it has.

use axum::Json;
use axum::extract::{RawQuery, State};
use keepsave_wire::library::{KnownGame, ScanReport};

use crate::app::App;
use crate::auth::Caller;
use crate::auth::scope::Scope;
use crate::http::error::Failure;
use crate::http::fields::Fields;
use crate::library::{self, browse};
use crate::vault::roms::Rom;

/// How many games are told at once.
const MOST: i64 = 10_000;

/// Compares the library with what is known of it, and says what has changed.
///
/// The bytes of new games are read afterwards: `unhashed` says how many are left.
#[utoipa::path(
    post, path = "/api/keepsave/library/scan", tag = "library",
    responses((status = OK, body = ScanReport), (status = FORBIDDEN)),
)]
pub async fn scan(State(app): State<App>, caller: Caller) -> Result<Json<ScanReport>, Failure> {
    caller.require(Scope::TasksRun)?;
    Ok(Json(library::scan_now(&app).await?))
}

/// Lists the games that the caller has not hidden, by id, with what a game is known by: a hundredth
/// of what `GET /api/roms` says of each.
#[utoipa::path(
    get, path = "/api/keepsave/library/games", tag = "library",
    params(
        ("limit" = Option<i64>, Query, description = "1 to 10,000, which is what counts when not given"),
        ("offset" = Option<i64>, Query),
    ),
    responses((status = OK, body = Vec<KnownGame>)),
)]
pub async fn games(
    State(app): State<App>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Json<Vec<KnownGame>>, Failure> {
    caller.require(Scope::RomsRead)?;
    let mut fields = Fields::of_query(query.as_deref());
    let limit = fields.bounded_integer("limit", 1, MOST);
    let offset = fields.bounded_integer("offset", 0, i64::MAX);
    let (limit, offset) = fields.finish((limit.unwrap_or(MOST), offset.unwrap_or(0)))?;
    let games = browse::known_games(&app, caller.id(), limit, offset)?;
    let known = |rom: Rom| KnownGame {
        id: rom.id,
        fs_name: rom.fs_name,
        platform_slug: rom.platform.slug,
        platform_fs_slug: rom.platform.fs_slug,
        md5_hash: rom.hashes.md5,
        missing_from_fs: rom.missing,
    };
    Ok(Json(games.into_iter().map(known).collect()))
}
