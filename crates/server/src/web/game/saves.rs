//! `/games/{id}`: the saves of a game, slot by slot.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use http::StatusCode;
use keepsave_core::ids::{SlotId, TimelineId};
use keepsave_core::slots;

use super::head::{Head, Tab};
use super::rows::{self, SlotRows, slot_name};
use super::{Ids, Opened, and, open};
use crate::app::App;
use crate::history::{self, Line, SlotView};
use crate::http::content::{Conditions, Content};
use crate::http::fields::Fields;
use crate::web::failure::Refusal;
use crate::web::home::address;
use crate::web::page::{Page, Place};
use crate::web::render;
use crate::web::visitor::Visitor;
use crate::web::words::Phrase;

#[derive(Template)]
#[template(path = "game/saves.html", whitespace = "minimize")]
struct SavesPage {
    page: Page,
    head: Head,
    notices: Vec<Parted>,
    slots: Vec<SlotRows>,
    /// The names that a save can be uploaded to.
    names: Vec<String>,
    /// The current saves that a new slot can begin with.
    heads: Vec<(String, String)>,
    /// The timeline of which older versions are shown.
    older: bool,
    most: u64,
    address: String,
}

/// A slot that waits for a person.
struct Parted {
    sentence: Phrase<'static>,
    button: Phrase<'static>,
    href: String,
}

/// Shows them: of every slot the newest, or a page of older ones of one timeline.
pub async fn show(
    State(app): State<App>,
    visitor: Visitor,
    ids: Ids<1>,
    RawQuery(query): RawQuery,
    headers: http::HeaderMap,
) -> Result<Response, Refusal> {
    let opened = open(&app, &visitor, ids.ids[0])?;
    let (user, rom) = (opened.user, opened.rom.id);
    let mut fields = Fields::of_query(query.as_deref());
    let timeline = fields.optional_integer("timeline").map(TimelineId);
    let before = fields.optional_integer("before").unwrap_or(i64::MAX);
    let all = history::game(&app, user, rom)?;
    let page = visitor.page(&app, Place::Library)?;
    let older = match timeline {
        Some(timeline) => {
            let slot = history::older(&app, user, rom, timeline, before)?;
            Some(slot.ok_or_else(Refusal::not_found)?)
        }
        None => None,
    };
    let shown = older.as_ref().map_or(&all[..], std::slice::from_ref);
    let shown_page = SavesPage {
        head: Head::of(&app, &page, &opened, &all, Tab::Saves)?,
        notices: all.iter().filter_map(|slot| parted(&page, slot)).collect(),
        slots: shown
            .iter()
            .map(|slot| rows::slot(&page, rom, slot))
            .collect(),
        names: names(&all),
        heads: heads(&page, &all),
        older: older.is_some(),
        most: app.settings.max_upload_bytes,
        address: address(&headers, visitor.browser.origin().secure),
        page,
    };
    render(StatusCode::OK, &shown_page)
}

fn names(slots: &[SlotView]) -> Vec<String> {
    let mut names: Vec<String> = slots.iter().filter_map(|slot| slot.name.clone()).collect();
    if !names.iter().any(|name| name == slots::DEFAULT) {
        names.insert(0, slots::DEFAULT.to_owned());
    }
    names
}

/// The current save of each slot: its version, and what the slot is called.
fn heads(page: &Page, slots: &[SlotView]) -> Vec<(String, String)> {
    let head = |slot: &SlotView| {
        let head = slot.head()?;
        let name = slot_name(page.words, slot.name.as_deref());
        Some((head.record.id.to_string(), name))
    };
    slots.iter().filter_map(head).collect()
}

fn parted(page: &Page, slot: &SlotView) -> Option<Parted> {
    let name = slot_name(page.words, slot.name.as_deref());
    let href = format!("/conflicts/{}", slot.id);
    let views = slot.timelines.iter().flat_map(|view| &view.versions);
    let branches: Vec<_> = views.filter(|view| view.line == Line::Branch).collect();
    let mut devices: Vec<String> = Vec::new();
    let makers = slot.head().into_iter().chain(branches.iter().copied());
    for device in makers.filter_map(|view| view.by.clone()) {
        if !devices.contains(&device) {
            devices.push(device);
        }
    }
    let mut seats = slot.timelines.iter().flat_map(|view| &view.seats);
    let waiting = seats.find(|seat| seat.waiting_since.is_some());
    let waiting = waiting.map(|seat| super::head::name_of(page.words, seat.name.as_deref()));
    let sentence = match (branches.len(), devices.len(), waiting) {
        (0, _, None) => return None,
        (0, _, Some(device)) => page.game_waits(device, name),
        (1, 2, _) => page.game_parted(and(page.words, &devices), name),
        (many, _, _) => page.game_parted_many(many, name),
    };
    let button = if branches.is_empty() {
        page.game_look()
    } else {
        page.game_compare()
    };
    Some(Parted {
        sentence,
        button,
        href,
    })
}

/// All versions in one zip.
pub async fn archive(
    State(app): State<App>,
    visitor: Visitor,
    ids: Ids<1>,
    conditions: Conditions,
) -> Result<Response, Refusal> {
    let opened = open(&app, &visitor, ids.ids[0])?;
    zip(&app, &opened, None, &opened.rom.name, &conditions).await
}

/// Versions in one zip of that name.
pub async fn zip(
    app: &App,
    opened: &Opened,
    slot: Option<SlotId>,
    name: &str,
    conditions: &Conditions,
) -> Result<Response, Refusal> {
    let archive = history::archive::archive(app, opened.user, opened.rom.id, slot).await?;
    let content = Content::archive(archive, &format!("{name}.zip"));
    Ok(content.answer(conditions).await)
}
