//! `/games/{id}`: a game's saves and what belongs to them, tab by tab. One page or one kind of form,
//! one file. Every form leads back to the page, to the row that changed.

mod acts;
mod head;
mod ids;
mod notes;
mod playtime;
mod rows;
mod saves;
mod shots;
mod slots;
mod states;
mod upload;
mod version;

pub use acts::taken_back_by;
pub use head::{and, device_icon, name_of};
pub use ids::Ids;
pub use rows::slot_name;

use axum::Router;
use axum::response::Response;
use axum::routing::{get, post};
use http::StatusCode;
use keepsave_core::ids::{RomId, UserId};

use super::failure::Refusal;
use super::notice::Notice;
use super::visitor::Visitor;
use crate::app::App;
use crate::auth::scope::Scope;
use crate::http::error::Failure;
use crate::library::browse;
use crate::vault::roms::Rom;
use crate::versions::NotDone;

/// Every page of a game, and its forms.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/games/{id}", get(saves::show))
        .route("/games/{id}/saves", post(upload::save))
        .route("/games/{id}/saves.zip", get(saves::archive))
        .route("/games/{id}/undo", post(acts::undo))
        .route("/games/{id}/versions/{version}", get(version::show))
        .route("/games/{id}/versions/{version}/{act}", post(acts::act))
        .route("/games/{id}/slots", post(slots::begin))
        .route("/games/{id}/slots/{slot}", get(slots::show))
        .route("/games/{id}/slots/{slot}/saves.zip", get(slots::archive))
        .route("/games/{id}/slots/{slot}/{act}", post(slots::act))
        .route("/games/{id}/states", get(states::show).post(upload::state))
        .route("/games/{id}/states/{state}/{act}", post(states::act))
        .route(
            "/games/{id}/screenshots",
            get(shots::show).post(upload::screenshot),
        )
        .route("/games/{id}/screenshots/{shot}/{act}", post(shots::act))
        .route("/games/{id}/playtime", get(playtime::show))
        .route("/games/{id}/notes", get(notes::show).post(notes::write))
        .route("/games/{id}/notes/{note}", post(notes::change))
        .route("/games/{id}/notes/{note}/delete", post(notes::remove))
}

/// A game that someone looks at.
pub struct Opened {
    /// Who.
    pub user: UserId,
    /// The game.
    pub rom: Rom,
}

/// The game of that id, for whoever is signed in.
pub fn open(app: &App, visitor: &Visitor, id: i64) -> Result<Opened, Refusal> {
    let caller = visitor.person()?;
    caller.require(Scope::AssetsRead)?;
    let user = caller.id();
    let game = browse::one(app, RomId(id), user)?.ok_or_else(Refusal::not_found)?;
    Ok(Opened {
        user,
        rom: game.rom,
    })
}

/// The same for someone who changes something.
pub fn change(app: &App, visitor: &Visitor, id: i64) -> Result<Opened, Refusal> {
    visitor.person()?.require(Scope::AssetsWrite)?;
    open(app, visitor, id)
}

/// Back to a page that says what was done.
pub fn said(visitor: &Visitor, path: &str, notice: &Notice) -> Response {
    notice.on(path, visitor.session.as_ref())
}

/// What a page says when a use case did nothing.
pub fn refused(visitor: &Visitor, not_done: NotDone) -> Refusal {
    match not_done {
        NotDone::Unknown => Refusal::not_found(),
        NotDone::Purged => {
            let gone = visitor.words.version_gone().plain();
            Failure::new(StatusCode::GONE, gone).into()
        }
        NotDone::SlotTaken(slot) => {
            Failure::conflict(visitor.words.slot_taken(slot).plain()).into()
        }
        NotDone::Fault(fault) => fault.into(),
    }
}
