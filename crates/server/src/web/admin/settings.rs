//! `/admin/settings`: each setting, its value, and where it was chosen. It is changed there.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;

use super::{Admin, Tab};
use crate::app::App;
use crate::config::table::SETTINGS;
use crate::web::failure::Refusal;
use crate::web::page::{Page, Place};
use crate::web::render;

#[derive(Template)]
#[template(path = "admin_settings.html")]
struct SettingsPage<'a> {
    page: Page,
    tab: Tab,
    rows: Vec<Row<'a>>,
}

struct Row<'a> {
    name: &'static str,
    /// Empty where there is none or it is secret.
    value: String,
    is_secret: bool,
    /// None where it is the default.
    place: Option<&'a str>,
    meaning: &'static str,
}

/// Every setting.
pub async fn show(State(app): State<App>, admin: Admin) -> Result<Response, Refusal> {
    let rows = SETTINGS.iter().map(|setting| Row {
        name: setting.name,
        value: setting.show(&app.settings),
        is_secret: setting.secret,
        place: app.settings.places.get(setting.name).map(String::as_str),
        meaning: setting.meaning,
    });
    let shown = SettingsPage {
        page: admin.page(&app)?,
        tab: Tab::Settings,
        rows: rows.collect(),
    };
    render(StatusCode::OK, &shown)
}
