//! `/admin/library`: what the last scan found, how far one is, and a scan now.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use keepsave_wire::library::ScanReport;

use super::{Admin, SentByAdmin, Tab};
use crate::app::App;
use crate::library::{self, Looks};
use crate::web::failure::Refusal;
use crate::web::page::{Page, Place};
use crate::web::{render, see};

#[derive(Template)]
#[template(path = "admin_library.html")]
struct LibraryPage {
    page: Page,
    tab: Tab,
    folder: String,
    looks: Looks,
    report: ScanReport,
}

/// How it stands.
pub async fn show(State(app): State<App>, admin: Admin) -> Result<Response, Refusal> {
    let shown = LibraryPage {
        page: admin.page(&app)?,
        tab: Tab::Library,
        folder: app.settings.library.display().to_string(),
        looks: *app.library.looks().borrow(),
        report: app.library.reports().borrow().clone(),
    };
    render(StatusCode::OK, &shown)
}

/// Begins a scan.
pub async fn scan(State(app): State<App>, _sent: SentByAdmin) -> Result<Response, Refusal> {
    library::begin_scan(&app);
    Ok(see("/admin/library"))
}
