//! `/games/{id}/slots`: a new slot, and what can be done with one: rename, copy, delete, and sync of
//! each device.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use keepsave_core::ids::{DeviceId, SlotId, VersionId};
use keepsave_core::slots::Slot;
use keepsave_core::whereabouts::Whereabouts;

use super::acts::taken_back_by;
use super::head::{Head, Tab, device_icon, name_of};
use super::rows::slot_name;
use super::{Ids, Opened, change, open, refused, said};
use crate::app::App;
use crate::history::{self, SlotView, choose, delete};
use crate::http::content::Conditions;
use crate::http::form::Form;
use crate::vault::devices;
use crate::versions::{NotDone, list, slots};
use crate::web::failure::Refusal;
use crate::web::notice::Notice;
use crate::web::page::{Page, Place};
use crate::web::render;
use crate::web::visitor::{Sent, Visitor};
use crate::web::words::{Markup, Phrase};

#[derive(Template)]
#[template(path = "game/slot.html")]
struct SlotPage {
    page: Page,
    head: Head,
    id: SlotId,
    name: String,
    title: Phrase<'static>,
    is_archive: bool,
    saves: usize,
    devices: Vec<DeviceRow>,
}

/// A device that syncs the slot.
struct DeviceRow {
    id: DeviceId,
    icon: &'static str,
    name: String,
    pill: Markup,
    sentence: Phrase<'static>,
    is_off: bool,
    can_switch: bool,
}

fn find(app: &App, opened: &Opened, id: i64) -> Result<(SlotView, Vec<SlotView>), Refusal> {
    let all = history::heads(app, opened.user, opened.rom.id)?;
    let slot = all.iter().find(|slot| slot.id == SlotId(id)).cloned();
    Ok((slot.ok_or_else(Refusal::not_found)?, all))
}

/// Shows what can be done with a slot.
pub async fn show(
    State(app): State<App>,
    visitor: Visitor,
    ids: Ids<2>,
) -> Result<Response, Refusal> {
    let opened = open(&app, &visitor, ids.ids[0])?;
    let (slot, all) = find(&app, &opened, ids.ids[1])?;
    let page = visitor.page(&app, Place::Library)?;
    let name = slot_name(page.words, slot.name.as_deref());
    let devices = history::fleet(std::slice::from_ref(&slot));
    let shown = SlotPage {
        head: Head::of(&app, &page, &opened, &all, Tab::Beneath)?,
        id: slot.id,
        title: page.slot_settings(name.clone(), opened.rom.name.clone()),
        name,
        is_archive: slot.name.is_none(),
        saves: history::listed(&app, opened.user, opened.rom.id, slot.id)?,
        devices: devices
            .iter()
            .map(|one| device(&page, &slot, &one.seat))
            .collect(),
        page,
    };
    render(StatusCode::OK, &shown)
}

fn device(page: &Page, slot: &SlotView, seat: &history::SeatView) -> DeviceRow {
    let seats = slot.timelines.iter().flat_map(|view| &view.seats);
    let mut seats = seats.filter(|one| one.device == seat.device);
    DeviceRow {
        id: seat.device.clone(),
        icon: device_icon(seat),
        name: name_of(page.words, seat.name.as_deref()),
        pill: page.whereabouts(seat.whereabouts),
        sentence: sentence(page, seat),
        is_off: seats.any(|one| one.untracked),
        can_switch: slot.name.is_some() && slot.has_head(),
    }
}

fn sentence(page: &Page, seat: &history::SeatView) -> Phrase<'static> {
    let seen = || {
        seat.last_seen
            .map_or_else(Markup::default, |seen| page.time(seen))
    };
    match seat.whereabouts {
        Whereabouts::InSync => page.seat_in_sync(seen()),
        Whereabouts::Sent => page.seat_sent(),
        Whereabouts::Behind(_) => page.seat_behind(),
        Whereabouts::NeedsYou => page.seat_needs_you(),
        Whereabouts::HeldBack => page.seat_held_back(),
        Whereabouts::OwnBranch => page.seat_own_branch(),
        Whereabouts::SyncOff => page.seat_sync_off(),
        Whereabouts::Silent(_) => page.seat_silent(seen()),
        Whereabouts::NoSave => page.seat_no_save(),
    }
}

/// A name that a slot can have.
fn wanted_name(form: &Form) -> Option<String> {
    let name = form.get("slot").unwrap_or_default().trim();
    let slot = Slot::new(name).ok()?;
    Some(slot.as_str().to_owned()).filter(|name| !name.is_empty())
}

/// Makes a slot that begins with a version of another.
pub async fn begin(State(app): State<App>, ids: Ids<1>, sent: Sent) -> Result<Response, Refusal> {
    let Sent { visitor, form } = sent;
    let opened = change(&app, &visitor, ids.ids[0])?;
    let words = visitor.words;
    let path = format!("/games/{}", opened.rom.id);
    let Some(name) = wanted_name(&form) else {
        let notice = Notice::failed(&words.slot_bad_name());
        return Ok(said(&visitor, &path, &notice));
    };
    let from = form
        .get("from")
        .and_then(|id| id.parse().ok())
        .map(VersionId);
    let from = from.ok_or_else(Refusal::not_found)?;
    let done = async {
        let number = list::one(&app, opened.user, from)?
            .record
            .ordinal
            .to_string();
        let is_taken = history::heads(&app, opened.user, opened.rom.id)?
            .iter()
            .any(|slot| slot.name.as_deref() == Some(name.as_str()));
        if is_taken {
            return Err(NotDone::SlotTaken(name));
        }
        let done = choose::to_slot(&app, opened.user, from, name.clone(), false).await?;
        Ok((words.slot_made(name, number), done.undo))
    };
    match done.await {
        Ok((sentence, undo)) => {
            let notice = taken_back_by(Notice::done(&sentence), &path, &undo);
            Ok(said(&visitor, &path, &notice))
        }
        Err(NotDone::SlotTaken(name)) => {
            let notice = Notice::failed(&words.slot_taken(name));
            Ok(said(&visitor, &path, &notice))
        }
        Err(not_done) => Err(refused(&visitor, not_done)),
    }
}

/// Does something with a slot.
pub async fn act(State(app): State<App>, ids: Ids<2>, sent: Sent) -> Result<Response, Refusal> {
    let Sent { visitor, form } = sent;
    let opened = change(&app, &visitor, ids.ids[0])?;
    let (slot, _) = find(&app, &opened, ids.ids[1])?;
    let game = format!("/games/{}", opened.rom.id);
    let here = format!("{game}/slots/{}", slot.id);
    let done = match ids.act.as_str() {
        "rename" | "copy" => {
            let Some(name) = wanted_name(&form) else {
                let notice = Notice::failed(&visitor.words.slot_bad_name());
                return Ok(said(&visitor, &here, &notice));
            };
            to_name(&app, &visitor, &opened, &slot, name, ids.act == "copy").await
        }
        "delete" => {
            let name = slot_name(visitor.words, slot.name.as_deref());
            let (user, rom) = (opened.user, opened.rom.id);
            let undo = delete::slot(&app, user, rom, slot.name.clone()).await;
            undo.map(|undo| {
                let notice = Notice::done(&visitor.words.slot_deleted(name));
                taken_back_by(notice, &game, &undo)
            })
        }
        "sync" => {
            let done = sync(&app, &visitor, &opened, &slot, &form).await;
            return done.map(|notice| said(&visitor, &format!("{here}#sync"), &notice));
        }
        _ => return Err(Refusal::not_found()),
    };
    match done {
        Ok(notice) => Ok(said(&visitor, &game, &notice)),
        Err(NotDone::SlotTaken(name)) => {
            let notice = Notice::failed(&visitor.words.slot_taken(name));
            Ok(said(&visitor, &here, &notice))
        }
        Err(not_done) => Err(refused(&visitor, not_done)),
    }
}

async fn to_name(
    app: &App,
    visitor: &Visitor,
    opened: &Opened,
    slot: &SlotView,
    name: String,
    copies: bool,
) -> Result<Notice, NotDone> {
    let (user, rom) = (opened.user, opened.rom.id);
    // The archive has no name that could be changed.
    let from = slot.name.clone().ok_or(NotDone::Unknown)?;
    let sentence = if copies {
        slots::copy(app, user, rom, from.clone(), name.clone()).await?;
        visitor.words.slot_copied(name, from)
    } else {
        slots::rename(app, user, rom, from, name.clone()).await?;
        visitor.words.slot_renamed(name)
    };
    Ok(Notice::done(&sentence))
}

/// A device takes part in a slot, or does not, with every file of it.
async fn sync(
    app: &App,
    visitor: &Visitor,
    opened: &Opened,
    slot: &SlotView,
    form: &Form,
) -> Result<Notice, Refusal> {
    let id = form.get("device").unwrap_or_default();
    let device = app
        .vault
        .read(|tx| devices::maker(tx, opened.user, id))?
        .ok_or_else(Refusal::not_found)?;
    let is_off = form.get("sync") == Some("off");
    let heads = slot.timelines.iter().filter_map(|view| view.head());
    for row in heads.filter_map(|view| view.row.as_ref()) {
        let (user, device) = (opened.user, device.clone());
        crate::saves::track::set_untracked(app, user, row.save, device, is_off).await?;
    }
    let name = slot_name(visitor.words, slot.name.as_deref());
    let device = name_of(visitor.words, device.name.as_deref());
    Ok(Notice::done(&if is_off {
        visitor.words.slot_turned_off(name, device)
    } else {
        visitor.words.slot_turned_on(name, device)
    }))
}

/// All versions of a slot in one zip.
pub async fn archive(
    State(app): State<App>,
    visitor: Visitor,
    ids: Ids<2>,
    conditions: Conditions,
) -> Result<Response, Refusal> {
    let opened = open(&app, &visitor, ids.ids[0])?;
    let (slot, _) = find(&app, &opened, ids.ids[1])?;
    let slot_name = slot_name(visitor.words, slot.name.as_deref());
    let name = format!("{} - {slot_name}", opened.rom.name);
    super::saves::zip(&app, &opened, Some(slot.id), &name, &conditions).await
}
