//! `/admin/log`: what the server logged last.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use http::StatusCode;
use keepsave_core::time::Time;
use tracing::Level;

use super::{Admin, Tab};
use crate::app::App;
use crate::http::fields::Fields;
use crate::logs::Line;
use crate::web::failure::Refusal;
use crate::web::page::{Page, Place};
use crate::web::render;

#[derive(Template)]
#[template(path = "admin_log.html")]
struct LogPage {
    page: Page,
    tab: Tab,
    rows: Vec<Row>,
    /// Whether only those are shown that need a look.
    is_narrowed: bool,
}

struct Row {
    at: Time,
    kind: Kind,
    text: String,
}

#[derive(PartialEq, Eq)]
enum Kind {
    Error,
    Warning,
    Other,
}

impl Row {
    fn of(line: Line) -> Self {
        Self {
            at: line.at,
            kind: match line.level {
                Level::ERROR => Kind::Error,
                Level::WARN => Kind::Warning,
                _ => Kind::Other,
            },
            text: line.text,
        }
    }
}

/// The last lines, the newest first; with `?only=attention` those that need a look.
pub async fn show(
    State(app): State<App>,
    admin: Admin,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    let only = Fields::of_query(query.as_deref()).optional_text("only");
    let is_narrowed = only.as_deref() == Some("attention");
    let lines = app.environment.log.newest_first().into_iter().map(Row::of);
    let shown = LogPage {
        page: admin.page(&app)?,
        tab: Tab::Log,
        rows: lines
            .filter(|row| !is_narrowed || row.kind != Kind::Other)
            .collect(),
        is_narrowed,
    };
    render(StatusCode::OK, &shown)
}
