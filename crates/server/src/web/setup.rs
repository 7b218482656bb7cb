//! `/setup`: the first user.

use askama::Template;
use axum::extract::State;
use axum::response::{AppendHeaders, IntoResponse, Response};
use http::StatusCode;
use http::header::SET_COOKIE;

use super::failure::{Refusal, sentence};
use super::page::{Page, Place};
use super::visitor::{Sent, Visitor};
use super::{render, see};
use crate::app::App;
use crate::auth::accounts::NewAccount;
use crate::auth::scope::Role;
use crate::auth::{session, setup};

#[derive(Template)]
#[template(path = "setup.html")]
struct SetupPage<'a> {
    page: Page,
    code: &'a str,
    username: &'a str,
    wrong: Option<String>,
}

/// The form, while there is no user.
pub async fn show(State(app): State<App>, visitor: Visitor) -> Result<Response, Refusal> {
    if !setup::is_needed(&app)? {
        return Ok(see("/"));
    }
    let shown = SetupPage {
        page: visitor.bare_page(&app, Place::Elsewhere),
        code: "",
        username: "",
        wrong: None,
    };
    render(StatusCode::OK, &shown)
}

/// Makes the first user and signs them in.
pub async fn create(State(app): State<App>, sent: Sent) -> Result<Response, Refusal> {
    let Sent { visitor, form } = sent;
    if !setup::is_needed(&app)? {
        return Ok(see("/"));
    }
    let code = form.get("code").unwrap_or_default();
    let username = form.get("username").unwrap_or_default();
    let new = NewAccount {
        username: username.to_owned(),
        email: String::new(),
        password: form.text("password").unwrap_or_default(),
        role: Role::Admin,
    };
    match setup::first_user_by_code(&app, code, new, visitor.browser.origin()).await {
        Ok(user) => {
            let cookie = session::begin(&app, &user, visitor.browser).await?;
            Ok((AppendHeaders([(SET_COOKIE, cookie)]), see("/")).into_response())
        }
        Err(failure) if failure.status().is_client_error() => {
            let wrong = sentence(visitor.words, &failure);
            let shown = SetupPage {
                page: visitor.bare_page(&app, Place::Elsewhere),
                code,
                username,
                wrong: Some(wrong),
            };
            render(failure.status(), &shown)
        }
        Err(failure) => Err(failure.into()),
    }
}
