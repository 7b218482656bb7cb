//! `/`: what needs the person, what happened lately, where the devices are, how much room it takes.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use http::{HeaderMap, StatusCode, header};

use super::failure::Refusal;
use super::page::{Page, Place};
use super::visitor::Visitor;
use super::{render, see};
use crate::app::App;
use crate::auth::setup;
use crate::overview::devices::{self, DeviceView};
use crate::overview::lately::{self, Lately};
use crate::overview::storage::{self, Storage};

#[derive(Template)]
#[template(path = "home.html")]
struct HomePage {
    page: Page,
    address: String,
    has_saves: bool,
    lately: Vec<Lately>,
    devices: Vec<DeviceView>,
    storage: Storage,
}

/// Where one is; whoever is not signed in goes to where that is done.
pub async fn show(
    State(app): State<App>,
    visitor: Visitor,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let Some(caller) = &visitor.caller else {
        let place = if setup::is_needed(&app)? {
            "/setup"
        } else {
            "/login"
        };
        return Ok(see(place));
    };
    let user = caller.id();
    let mut devices = devices::list(&app, user)?;
    devices.retain(|view| !view.is_browser());
    let shown = HomePage {
        page: visitor.page(&app, Place::Home)?,
        address: address(&headers, visitor.browser.origin().secure),
        has_saves: lately::has_saves(&app, user)?,
        lately: lately::list(&app, user)?,
        storage: storage::of(&app, user)?,
        devices,
    };
    render(StatusCode::OK, &shown)
}

/// The address that this browser found the server at: apps on other devices most likely do too.
pub(super) fn address(headers: &HeaderMap, secure: bool) -> String {
    let host = headers.get(header::HOST).and_then(|it| it.to_str().ok());
    let scheme = if secure { "https" } else { "http" };
    format!("{scheme}://{}", host.unwrap_or("localhost"))
}
