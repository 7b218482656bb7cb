//! `/login`: signing in.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::{AppendHeaders, IntoResponse, Response};
use http::StatusCode;
use http::header::SET_COOKIE;

use super::failure::Refusal;
use super::visitor::{Sent, Visitor};
use super::{page, see};
use crate::app::App;
use crate::auth::limiter::Wait;
use crate::auth::session;
use crate::auth::sign_in::{SignIn, with_password};
use crate::http::fields::Fields;

/// From how many tries on it is said how many are left.
const FEW_TRIES: u32 = 3;

#[derive(Template)]
#[template(path = "login.html")]
struct Page<'a> {
    csrf: &'a str,
    next: &'a str,
    username: &'a str,
    wrong: Option<String>,
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
    let shown = Page {
        csrf: visitor.csrf.as_str(),
        next,
        username: "",
        wrong: None,
    };
    page(StatusCode::OK, &shown)
}

/// Signs in and goes on to where one wanted to go.
pub async fn sign_in(State(app): State<App>, sent: Sent) -> Result<Response, Refusal> {
    let Sent { visitor, form } = sent;
    let username = form.get("username").unwrap_or_default();
    let password = form.get("password").unwrap_or_default();
    let next = here(form.get("next"));
    let origin = visitor.browser.origin();
    let (status, wrong) = match with_password(&app, username, password, origin).await? {
        SignIn::Welcome(user) => {
            let cookie = session::begin(&app, &user, visitor.browser).await?;
            return Ok((AppendHeaders([(SET_COOKIE, cookie)]), see(next)).into_response());
        }
        SignIn::Wrong { tries_left } => (StatusCode::UNAUTHORIZED, wrong(tries_left)),
        SignIn::Disabled => {
            let sentence = "This account may not sign in. Ask whoever runs this Keepsave.";
            (StatusCode::UNAUTHORIZED, sentence.to_owned())
        }
        SignIn::Paused(wait) => (StatusCode::TOO_MANY_REQUESTS, paused(wait)),
    };
    let shown = Page {
        csrf: visitor.csrf.as_str(),
        next,
        username,
        wrong: Some(wrong),
    };
    page(status, &shown)
}

fn wrong(tries_left: u32) -> String {
    match tries_left {
        0 => "Name or password is wrong. Now a pause of 5 minutes.".to_owned(),
        1 => "Name or password is wrong. 1 try left, then a 5 minute pause.".to_owned(),
        2..=FEW_TRIES => {
            format!("Name or password is wrong. {tries_left} tries left, then a 5 minute pause.")
        }
        _ => "Name or password is wrong.".to_owned(),
    }
}

fn paused(wait: Wait) -> String {
    let minutes = (wait.seconds + 59) / 60;
    let unit = if minutes == 1 { "minute" } else { "minutes" };
    format!("Too many tries. Wait {minutes} {unit}, then try again.")
}

/// A path of this server, or its start: no link may lead people elsewhere by way of this page.
fn here(next: Option<&str>) -> &str {
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
