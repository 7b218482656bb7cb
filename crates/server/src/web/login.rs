//! `/login`: signing in.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::{AppendHeaders, IntoResponse, Response};
use http::StatusCode;
use http::header::SET_COOKIE;

use super::failure::Refusal;
use super::page::{Page, Place};
use super::visitor::{Sent, Visitor};
use super::words::{Phrase, Words};
use super::{render, see};
use crate::app::App;
use crate::auth::limiter::Wait;
use crate::auth::session;
use crate::auth::sign_in::{SignIn, with_password};
use crate::http::fields::Fields;

/// From how many tries on it is said how many are left.
const FEW_TRIES: u32 = 3;

#[derive(Template)]
#[template(path = "login.html")]
struct LoginPage<'a> {
    page: Page,
    next: &'a str,
    username: &'a str,
    wrong: Option<Phrase<'a>>,
}

/// The form.
pub async fn show(
    State(app): State<App>,
    visitor: Visitor,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    let next = Fields::of_query(query.as_deref()).optional_text("next");
    let next = here(next.as_deref());
    if visitor.caller.is_some() {
        return Ok(see(next));
    }
    if crate::auth::setup::is_needed(&app)? {
        return Ok(see("/setup"));
    }
    let shown = LoginPage {
        page: visitor.bare_page(&app, Place::Elsewhere),
        next,
        username: "",
        wrong: None,
    };
    render(StatusCode::OK, &shown)
}

/// Signs in and goes on to where one wanted to go.
pub async fn sign_in(State(app): State<App>, sent: Sent) -> Result<Response, Refusal> {
    let Sent { visitor, form } = sent;
    let username = form.get("username").unwrap_or_default();
    let password = form.get("password").unwrap_or_default();
    let next = here(form.get("next"));
    let origin = visitor.browser.origin();
    let (page, words) = (visitor.bare_page(&app, Place::Elsewhere), visitor.words);
    let (status, wrong) = match with_password(&app, username, password, origin).await? {
        SignIn::Welcome(user) => {
            let cookie = session::begin(&app, &user, visitor.browser).await?;
            return Ok((AppendHeaders([(SET_COOKIE, cookie)]), see(next)).into_response());
        }
        SignIn::Wrong { tries_left } => (StatusCode::UNAUTHORIZED, wrong(words, tries_left)),
        SignIn::Disabled => (StatusCode::UNAUTHORIZED, words.login_disabled()),
        SignIn::Paused(wait) => (StatusCode::TOO_MANY_REQUESTS, paused(words, wait)),
    };
    let shown = LoginPage {
        page,
        next,
        username,
        wrong: Some(wrong),
    };
    render(status, &shown)
}

fn wrong<'a>(words: Words, tries_left: u32) -> Phrase<'a> {
    match tries_left {
        0 => words.login_wrong_pause(),
        1..=FEW_TRIES => words.login_wrong_tries(tries_left),
        _ => words.login_wrong(),
    }
}

pub(super) fn paused<'a>(words: Words, wait: Wait) -> Phrase<'a> {
    let minutes = (wait.seconds + 59) / 60;
    words.failure_too_many(u64::try_from(minutes).unwrap_or_default())
}

/// A path of this server, or its start: no link may lead people elsewhere by way of a page.
pub(super) fn here(next: Option<&str>) -> &str {
    let is_here = |path: &&str| {
        path.starts_with('/')
            && !path.starts_with("//")
            && path
                .bytes()
                .all(|sign| sign.is_ascii_graphic() && sign != b'\\')
    };
    next.filter(is_here).unwrap_or("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_this_server_are_gone_on_to() {
        for path in ["/", "/pair/device?user_code=ABCDEFGH", "/a//b"] {
            assert_eq!(here(Some(path)), path);
        }
        for path in [
            "",
            "https://x.example",
            "//x.example",
            "/\\x.example",
            "/a b",
            "/\n/x.example",
            "x",
        ] {
            assert_eq!(here(Some(path)), "/", "{path}");
        }
        assert_eq!(here(None), "/");
    }
}
