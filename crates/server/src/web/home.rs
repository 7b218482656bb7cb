//! `/`: where one is, and how to connect an app.

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

#[derive(Template)]
#[template(path = "home.html")]
struct HomePage {
    page: Page,
    address: String,
}

/// Where one is; whoever is not signed in goes to where that is done.
pub async fn show(
    State(app): State<App>,
    visitor: Visitor,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    if visitor.caller.is_none() {
        let place = if setup::is_needed(&app)? {
            "/setup"
        } else {
            "/login"
        };
        return Ok(see(place));
    }
    let shown = HomePage {
        page: visitor.page(&app, Place::Home)?,
        address: address(&headers, visitor.browser.origin().secure),
    };
    render(StatusCode::OK, &shown)
}

/// The address that this browser found the server at: apps on other devices most likely do too.
pub(super) fn address(headers: &HeaderMap, secure: bool) -> String {
    let host = headers.get(header::HOST).and_then(|it| it.to_str().ok());
    let scheme = if secure { "https" } else { "http" };
    format!("{scheme}://{}", host.unwrap_or("localhost"))
}
