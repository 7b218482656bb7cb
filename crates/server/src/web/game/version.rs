//! `/games/{id}/versions/{version}`: all that is known of one version, and all that can be done
//! with it.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use keepsave_core::ids::VersionId;

use super::head::{Head, Tab};
use super::rows::{self, Row, slot_name};
use super::{Ids, open, refused};
use crate::app::App;
use crate::history;
use crate::web::failure::Refusal;
use crate::web::page::{Page, Place};
use crate::web::render;
use crate::web::visitor::Visitor;
use crate::web::words::Phrase;

#[derive(Template)]
#[template(path = "game/version.html")]
struct VersionPage {
    page: Page,
    head: Head,
    row: Row,
    title: Phrase<'static>,
    name: String,
    facts: Vec<(Phrase<'static>, Phrase<'static>)>,
    /// The slots that it can go to.
    names: Vec<String>,
    can_move: bool,
}

/// Shows it.
pub async fn show(
    State(app): State<App>,
    visitor: Visitor,
    ids: Ids<2>,
) -> Result<Response, Refusal> {
    let [game, version] = ids.ids;
    let opened = open(&app, &visitor, game)?;
    let (user, rom) = (opened.user, opened.rom.id);
    let found = history::version(&app, user, rom, VersionId(version));
    let (slot, view) = found.map_err(|not_done| refused(&visitor, not_done))?;
    let timelines = slot.timelines.iter();
    let mut timelines = timelines.filter(|one| one.timeline.id == view.record.timeline_id);
    let timeline = timelines.next().ok_or_else(Refusal::not_found)?;
    let page = visitor.page(&app, Place::Library)?;
    let all = history::heads(&app, user, rom)?;
    let others = all.iter().filter(|other| other.id != slot.id);
    let row = rows::row(&page, rom, timeline, &view);
    let record = &view.record;
    let hash = record
        .content
        .hash
        .map_or_else(|| record.content.blob.to_string(), |hash| hash.to_string());
    let said = |text: String| page.words.bare(text.into());
    let mut facts = vec![
        (
            page.upload_slot(),
            said(slot_name(page.words, slot.name.as_deref())),
        ),
        (page.version_file(), said(record.file_name.clone())),
        (page.version_size(), page.words.size(record.size)),
        (
            page.version_came(),
            page.words.bare(page.time(record.created_at).into()),
        ),
        (page.version_hash(), said(hash)),
    ];
    if let Some(emulator) = &record.emulator {
        facts.push((page.version_emulator(), said(emulator.clone())));
    }
    let shown = VersionPage {
        head: Head::of(&app, &page, &opened, &all, Tab::Beneath)?,
        title: page.version_title(record.ordinal.to_string(), opened.rom.name.clone()),
        name: record.name.clone().unwrap_or_default(),
        facts,
        names: others.filter_map(|other| other.name.clone()).collect(),
        can_move: row.is_there && row.goes == 1 && record.deleted_at.is_none(),
        row,
        page,
    };
    render(StatusCode::OK, &shown)
}
