//! `/games/{id}/playtime`: how long a game was played, device by device.

use std::collections::HashMap;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use keepsave_core::ids::DeviceId;

use super::head::{Head, Tab};
use super::{Ids, open};
use crate::app::App;
use crate::history::played::{self, Played};
use crate::vault::devices;
use crate::web::failure::Refusal;
use crate::web::page::{Page, Place};
use crate::web::render;
use crate::web::visitor::Visitor;
use crate::web::words::{Markup, Phrase};

/// How many of the last sessions are listed.
const SESSIONS_SHOWN: usize = 20;

#[derive(Template)]
#[template(path = "game/playtime.html")]
struct PlaytimePage {
    page: Page,
    head: Head,
    total: Line,
    devices: Vec<Line>,
    lately: Vec<Line>,
}

/// How long, and when last.
struct Line {
    name: String,
    lasted: Phrase<'static>,
    ms: i64,
    sessions: Phrase<'static>,
    when: Markup,
}

/// Shows it.
pub async fn show(
    State(app): State<App>,
    visitor: Visitor,
    ids: Ids<1>,
) -> Result<Response, Refusal> {
    let opened = open(&app, &visitor, ids.ids[0])?;
    let (user, rom) = (opened.user, opened.rom.id);
    let sessions = played::of_game(&app, user, rom)?;
    let known = app.vault.read(|tx| devices::list(tx, user))?.into_iter();
    let known: HashMap<DeviceId, String> = known
        .filter_map(|device| Some((device.id, device.name?)))
        .collect();
    let page = visitor.page(&app, Place::Library)?;
    let name = |device: &Option<DeviceId>| {
        let name = device.as_ref().and_then(|device| known.get(device));
        name.cloned()
            .unwrap_or_else(|| page.playtime_no_device().plain())
    };
    let line = |name: String, played: Played, when: Markup| Line {
        name,
        lasted: page
            .words
            .lasted(u64::try_from(played.ms).unwrap_or_default()),
        ms: played.ms,
        sessions: page.playtime_sessions(played.sessions),
        when,
    };
    let devices = sessions.by_device().into_iter();
    let devices = devices.map(|one| line(name(&one.device), one.played, page.time(one.last)));
    let lately = sessions.each().iter().take(SESSIONS_SHOWN).map(|session| {
        let played = Played {
            ms: session.duration_ms,
            sessions: 1,
        };
        line(
            name(&session.device_id),
            played,
            page.time(session.end_time),
        )
    });
    let shown = PlaytimePage {
        head: Head::alone(&app, &page, &opened, Tab::Playtime)?,
        total: line(
            page.playtime_total().plain(),
            sessions.total(),
            Markup::default(),
        ),
        devices: devices.collect(),
        lately: lately.collect(),
        page,
    };
    render(StatusCode::OK, &shown)
}
