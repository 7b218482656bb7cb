//! `/activity`: what devices asked, what they were told, and why.

use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use http::StatusCode;
use keepsave_core::ids::SessionId;
use keepsave_core::limits;
use keepsave_core::negotiate::Action;
use keepsave_wire::sync::SessionStatus;

use super::failure::Refusal;
use super::page::{Page, Place};
use super::pages::Pages;
use super::render;
use super::state::marked;
use super::visitor::Visitor;
use super::words::{Markup, Phrase};
use crate::app::App;
use crate::http::fields::Fields;
use crate::overview::sessions::{self, Step, Synced};

#[derive(Template)]
#[template(path = "activity.html")]
struct ActivityPage {
    page: Page,
    pages: Pages,
    syncs: Vec<Synced>,
}

#[derive(Template)]
#[template(path = "session.html")]
struct SessionPage {
    page: Page,
    synced: Synced,
    steps: Vec<Step>,
}

/// A page of syncs, the newest first.
pub async fn list(
    State(app): State<App>,
    visitor: Visitor,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    let user = visitor.person()?.id();
    let asked = asked_page(query.as_deref());
    let (syncs, total) = sessions::page(&app, user, asked)?;
    let size = limits::ACTIVITY_SESSIONS.unsigned_abs();
    let shown = ActivityPage {
        page: visitor.page(&app, Place::Activity)?,
        pages: Pages::new(asked, total, size, "/activity", &[]),
        syncs,
    };
    render(StatusCode::OK, &shown)
}

/// The page of a list that an address asks for.
pub(super) fn asked_page(query: Option<&str>) -> u64 {
    let asked = Fields::of_query(query).optional_text("page");
    asked.and_then(|page| page.parse().ok()).unwrap_or(1)
}

/// One sync with its operations.
pub async fn show(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let user = visitor.person()?.id();
    let id: i64 = id.parse().map_err(|_| Refusal::not_found())?;
    let found = sessions::one(&app, user, SessionId(id))?;
    let (synced, steps) = found.ok_or_else(Refusal::not_found)?;
    let shown = SessionPage {
        page: visitor.page(&app, Place::Activity)?,
        synced,
        steps,
    };
    render(StatusCode::OK, &shown)
}

impl ActivityPage {
    /// The syncs day by day.
    fn days(&self) -> Vec<(String, &[Synced])> {
        let day = |synced: &Synced| self.page.day(synced.session.initiated_at).plain();
        let days = self.syncs.chunk_by(|one, next| day(one) == day(next));
        days.filter_map(|syncs| Some((day(syncs.first()?), syncs)))
            .collect()
    }
}

impl SessionPage {
    fn took(&self) -> Option<u64> {
        let (begun, ended) = (
            self.synced.session.initiated_at,
            self.synced.session.completed_at?,
        );
        u64::try_from((ended.micros() - begun.micros()) / 1000).ok()
    }
}

impl Page {
    /// Which device it was.
    pub(super) fn synced_device(&self, synced: &Synced) -> String {
        let name = synced.device.clone();
        name.unwrap_or_else(|| self.activity_some_device().plain())
    }

    /// What was to be done, piece by piece.
    pub(super) fn synced_counts(&self, synced: &Synced) -> Vec<Phrase<'static>> {
        let mut said = Vec::new();
        if synced.received > 0 {
            said.push(self.activity_received(synced.received));
        }
        if synced.sent > 0 {
            said.push(self.activity_sent(synced.sent));
        }
        if synced.needs > 0 {
            said.push(self.activity_needs(synced.needs));
        }
        let failed = synced.session.operations_failed;
        if failed > 0 {
            said.push(self.activity_failed_of(failed));
        }
        if said.is_empty() {
            said.push(self.activity_nothing());
        }
        said
    }

    /// How it ended.
    pub(super) fn synced_state(&self, synced: &Synced) -> Markup {
        let (look, sign, word) = match synced.session.status {
            SessionStatus::Completed if synced.session.operations_failed > 0 => {
                (" bad", "alert", self.activity_failed())
            }
            SessionStatus::Completed => (" ok", "check", self.activity_done()),
            SessionStatus::Pending | SessionStatus::InProgress => {
                (" busy", "sync", self.activity_open())
            }
            SessionStatus::Failed => (" bad", "alert", self.activity_failed()),
            SessionStatus::Cancelled => ("", "off", self.activity_cancelled()),
        };
        marked("pill", look, sign, &word)
    }

    /// What the device was told to do.
    pub(super) fn step_pill(&self, step: &Step) -> Markup {
        let (look, sign, word) = match step.operation.action {
            Action::Upload => (" busy", "upload", self.activity_upload()),
            Action::Download => (" busy", "download", self.activity_download()),
            Action::Conflict => (" warn", "fork", self.activity_conflict()),
            Action::NoOp => ("", "check", self.activity_no_op()),
        };
        marked("pill", look, sign, &word)
    }
}
