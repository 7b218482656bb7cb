//! `/community`: what others here made public, and taking a copy.

use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use http::StatusCode;
use keepsave_core::ids::{SaveId, StateId};
use keepsave_core::limits;
use keepsave_core::slots::Slot;

use super::activity::asked_page;
use super::failure::Refusal;
use super::notice::Notice;
use super::page::{Page, Place};
use super::pages::Pages;
use super::render;
use super::visitor::{Sent, Visitor};
use crate::app::App;
use crate::overview::community;
use crate::vault::community::Shared;
use crate::versions::NotDone;

#[derive(Template)]
#[template(path = "community.html")]
struct CommunityPage {
    page: Page,
    pages: Pages,
    shared: Vec<Shared>,
}

/// The slot that a copy would go to: that of the original, or the usual one.
fn slot_of(shared: &Shared) -> &str {
    let slot = shared.slot.as_deref().filter(|slot| !slot.is_empty());
    slot.unwrap_or(keepsave_core::slots::DEFAULT)
}

/// What others share, the newest first.
pub async fn show(
    State(app): State<App>,
    visitor: Visitor,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    let user = visitor.person()?.id();
    let asked = asked_page(query.as_deref());
    let (shared, total) = community::page(&app, user, asked)?;
    let size = limits::COMMUNITY_SAVES.unsigned_abs();
    let shown = CommunityPage {
        page: visitor.page(&app, Place::Elsewhere)?,
        pages: Pages::new(asked, total, size, "/community", &[]),
        shared,
    };
    render(StatusCode::OK, &shown)
}

/// Copies someone's public save into a slot of the person's.
pub async fn copy_save(
    State(app): State<App>,
    Path(id): Path<i64>,
    sent: Sent,
) -> Result<Response, Refusal> {
    let Sent { visitor, form } = sent;
    let (user, words) = (visitor.person()?.id(), visitor.words);
    let slot = form.get("slot").unwrap_or_default().trim();
    let slot = Slot::new(slot)
        .ok()
        .filter(|slot| !slot.as_str().is_empty());
    let Some(slot) = slot else {
        let notice = Notice::failed(&words.community_bad_slot());
        return Ok(notice.on("/community", visitor.session.as_ref()));
    };
    let slot = slot.as_str().to_owned();
    let view = community::copy_save(&app, user, SaveId(id), slot.clone()).await;
    let view = view.map_err(refused)?;
    let game = format!("/games/{}", view.save.rom_id);
    let name = crate::library::browse::one(&app, view.save.rom_id, user)?;
    let name = name.map(|game| game.rom.name).unwrap_or_default();
    let notice = Notice::done(&words.community_copied(&name, &slot));
    Ok(notice.on(&game, visitor.session.as_ref()))
}

/// Copies someone's public state among the person's.
pub async fn copy_state(
    State(app): State<App>,
    Path(id): Path<i64>,
    sent: Sent,
) -> Result<Response, Refusal> {
    let Sent { visitor, form: _ } = sent;
    let (user, words) = (visitor.person()?.id(), visitor.words);
    let state = match community::copy_state(&app, user, StateId(id)).await {
        Ok(state) => state,
        Err(NotDone::SlotTaken(file)) => {
            let notice = Notice::failed(&words.community_taken(&file));
            return Ok(notice.on("/community", visitor.session.as_ref()));
        }
        Err(other) => return Err(refused(other)),
    };
    let name = crate::library::browse::one(&app, state.rom_id, user)?;
    let name = name.map(|game| game.rom.name).unwrap_or_default();
    let notice = Notice::done(&words.community_copied_state(&name));
    let states = format!("/games/{}/states", state.rom_id);
    Ok(notice.on(&states, visitor.session.as_ref()))
}

fn refused(not_done: NotDone) -> Refusal {
    match not_done {
        NotDone::Fault(fault) => fault.into(),
        _ => Refusal::not_found(),
    }
}
