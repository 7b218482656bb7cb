//! `/account`: who one is, and another password.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::{AppendHeaders, IntoResponse, Response};
use http::StatusCode;
use http::header::SET_COOKIE;

use super::Tab;
use crate::app::App;
use crate::auth::accounts;
use crate::auth::session;
use crate::auth::sign_in::SignIn;
use crate::http::fields::Fields;
use crate::web::failure::{Refusal, sentence};
use crate::web::login::paused;
use crate::web::page::{Page, Place};
use crate::web::visitor::{Sent, Visitor};
use crate::web::{render, see};

/// Where one is told that it was done: the session in which a notice would travel has ended.
const DONE: &str = "/account?password=changed";

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage {
    page: Page,
    tab: Tab,
    name: String,
    is_admin: bool,
    is_changed: bool,
    wrong: Option<String>,
}

/// Who one is.
pub async fn show(
    State(app): State<App>,
    visitor: Visitor,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    let said = Fields::of_query(query.as_deref()).optional_text("password");
    let mut shown = about(&app, &visitor)?;
    shown.is_changed = said.as_deref() == Some("changed");
    render(StatusCode::OK, &shown)
}

fn about(app: &App, visitor: &Visitor) -> Result<AccountPage, Refusal> {
    let caller = visitor.person()?;
    Ok(AccountPage {
        page: visitor.page(app, Place::Elsewhere)?,
        tab: Tab::Account,
        name: caller.user.username.clone(),
        is_admin: caller.user.role == crate::auth::scope::Role::Admin,
        is_changed: false,
        wrong: None,
    })
}

/// Changes the password of whoever knows the one before. Only this browser stays signed in, by a
/// session of its own.
pub async fn change(State(app): State<App>, sent: Sent) -> Result<Response, Refusal> {
    let Sent { visitor, form } = sent;
    let caller = visitor.person()?;
    let current = form.get("current").unwrap_or_default();
    let new = form.get("new").unwrap_or_default();
    let origin = visitor.browser.origin();
    let words = visitor.words;
    let (status, wrong) = match accounts::change_password(&app, caller, current, new, origin).await
    {
        Ok(SignIn::Welcome(user)) => {
            let cookie = session::begin(&app, &user, visitor.browser).await?;
            return Ok((AppendHeaders([(SET_COOKIE, cookie)]), see(DONE)).into_response());
        }
        Ok(SignIn::Wrong { .. } | SignIn::Disabled) => {
            let wrong = words.account_password_wrong().plain();
            (StatusCode::UNPROCESSABLE_ENTITY, wrong)
        }
        Ok(SignIn::Paused(wait)) => (StatusCode::TOO_MANY_REQUESTS, paused(words, wait).plain()),
        Err(failure) if failure.status().is_client_error() => {
            (failure.status(), sentence(words, &failure))
        }
        Err(failure) => return Err(failure.into()),
    };
    let mut shown = about(&app, &visitor)?;
    shown.wrong = Some(wrong);
    render(status, &shown)
}
