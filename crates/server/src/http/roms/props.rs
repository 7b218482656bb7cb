//! `PUT /api/roms/{id}/props`: what the caller notes about a game.

use axum::Json;
use axum::extract::{RawQuery, State};
use keepsave_core::ids::RomId;
use keepsave_wire::roms::RomUserSchema;

use super::not_found;
use super::schema::rom_user;
use crate::app::App;
use crate::auth::Caller;
use crate::auth::scope::Scope;
use crate::http::body::SmallBody;
use crate::http::error::Failure;
use crate::http::fields::Fields;
use crate::http::path::Id;
use crate::library::props::{self, Change, Played};

const STATUSES: &[(&str, &str)] = &[
    ("incomplete", "incomplete"),
    ("finished", "finished"),
    ("completed_100", "completed_100"),
    ("retired", "retired"),
    ("never_playing", "never_playing"),
];

/// Changes what the caller notes about a game. What the body does not name stays.
#[utoipa::path(
    put, path = "/api/roms/{id}/props", tag = "roms",
    params(
        ("id" = i64, Path),
        ("update_last_played" = Option<bool>, Query, description = "It was played now"),
        ("remove_last_played" = Option<bool>, Query, description = "It was never played"),
    ),
    request_body(
        content_type = "application/json",
        description = "`is_main_sibling`, `backlogged`, `now_playing`, `hidden`, `rating` and \
                       `difficulty` (0 to 10), `completion` (0 to 100), `status`"
    ),
    responses((status = OK, body = RomUserSchema), (status = BAD_REQUEST), (status = NOT_FOUND)),
)]
pub async fn props(
    State(app): State<App>,
    caller: Caller,
    id: Id<RomId>,
    RawQuery(query): RawQuery,
    SmallBody(body): SmallBody,
) -> Result<Json<RomUserSchema>, Failure> {
    caller.require(Scope::RomsUserWrite)?;
    let mut flags = Fields::of_query(query.as_deref());
    let played_now = flags.optional_flag("update_last_played").unwrap_or(false);
    let never_played = flags.optional_flag("remove_last_played").unwrap_or(false);
    flags.finish(())?;
    let mut fields = Fields::of_body(&body)?;
    let takes_status_back = fields.json("status").is_some_and(|status| status.is_null());
    let change = Change {
        is_main_sibling: fields.optional_flag("is_main_sibling"),
        backlogged: fields.optional_flag("backlogged"),
        now_playing: fields.optional_flag("now_playing"),
        hidden: fields.optional_flag("hidden"),
        rating: fields.bounded_integer("rating", 0, 10),
        difficulty: fields.bounded_integer("difficulty", 0, 10),
        completion: fields.bounded_integer("completion", 0, 100),
        status: if takes_status_back {
            Some(None)
        } else {
            fields.optional_word("status", STATUSES).map(Some)
        },
        played: match (played_now, never_played) {
            (true, _) => Played::Now,
            (false, true) => Played::Never,
            (false, false) => Played::AsItWas,
        },
    };
    let change = fields.finish(change)?;
    if played_now && never_played {
        return Err(Failure::bad_request(
            "update_last_played and remove_last_played are mutually exclusive.",
        ));
    }
    let noted = props::change(&app, caller.id(), id.0, change).await?;
    let noted = noted.ok_or_else(|| not_found(id.0))?;
    Ok(Json(rom_user(Some(noted), app.now())))
}
