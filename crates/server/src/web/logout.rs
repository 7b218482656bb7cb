//! `/logout`: signing out of this browser.

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::{AppendHeaders, IntoResponse, Response};
use http::StatusCode;
use http::header::SET_COOKIE;

use super::failure::Refusal;
use super::page::{Page, Place};
use super::visitor::{Sent, Visitor};
use super::{render, see};
use crate::app::App;
use crate::auth::session::{self, Current};

#[derive(Template)]
#[template(path = "logout.html")]
struct LogoutPage<'a> {
    page: Page,
    username: &'a str,
}

/// Asks once: a link alone must sign no one out.
pub async fn show(State(app): State<App>, visitor: Visitor) -> Result<Response, Refusal> {
    let Some(caller) = &visitor.caller else {
        return Ok(see("/login"));
    };
    let shown = LogoutPage {
        page: visitor.page(&app, Place::Elsewhere)?,
        username: &caller.user.username,
    };
    render(StatusCode::OK, &shown)
}

/// Signs out.
pub async fn sign_out(
    State(app): State<App>,
    current: Option<Extension<Current>>,
    sent: Sent,
) -> Result<Response, Refusal> {
    if let Some(Extension(current)) = current {
        session::end(&app, current).await?;
    }
    let cookie = session::no_cookie(sent.visitor.browser.origin().secure);
    Ok((AppendHeaders([(SET_COOKIE, cookie)]), see("/login")).into_response())
}
