//! `/pair/device`: a device shows a code, a person says here whether to let it in.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use http::StatusCode;
use keepsave_core::limits;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::failure::{Refusal, sentence};
use super::page::{Page, Place};
use super::permissions;
use super::visitor::{Sent, Visitor};
use super::words::Phrase;
use super::{render, see};
use crate::app::App;
use crate::auth::Caller;
use crate::auth::device_flow::{self, Waiting, Welcome};
use crate::http::error::Failure;
use crate::http::fields::Fields;

const PATH: &str = "/pair/device";

#[derive(Template)]
#[template(path = "pair_code.html")]
struct CodePage {
    page: Page,
    wrong: bool,
}

#[derive(Template)]
#[template(path = "pair_device.html")]
struct DevicePage<'a> {
    page: Page,
    code: &'a str,
    name: &'a str,
    app: String,
    platform: Option<&'a str>,
    address: &'a str,
    may: Vec<Phrase<'static>>,
    wrong: Option<String>,
}

#[derive(Template)]
#[template(path = "pair_done.html")]
struct DonePage {
    page: Page,
    heading: Phrase<'static>,
    sentence: Phrase<'static>,
}

/// Asks for the code, or shows who shows it.
pub async fn show(
    State(app): State<App>,
    visitor: Visitor,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    let code = Fields::of_query(query.as_deref()).optional_text("user_code");
    let Some(caller) = visitor.caller.as_ref() else {
        return Ok(sign_in_first(code.as_deref()));
    };
    let Some(code) = code.filter(|code| !code.trim().is_empty()) else {
        return ask_for_code(&app, &visitor, StatusCode::OK);
    };
    show_device(&app, &visitor, caller, &code, None)
}

fn ask_for_code(app: &App, visitor: &Visitor, status: StatusCode) -> Result<Response, Refusal> {
    let shown = CodePage {
        page: visitor.page(app, Place::Devices)?,
        wrong: status != StatusCode::OK,
    };
    render(status, &shown)
}

fn show_device(
    app: &App,
    visitor: &Visitor,
    caller: &Caller,
    code: &str,
    wrong: Option<String>,
) -> Result<Response, Refusal> {
    let waiting = match device_flow::waiting(app, caller, code) {
        Ok(waiting) => waiting,
        Err(failure) if failure.status() == StatusCode::NOT_FOUND => {
            return ask_for_code(app, visitor, StatusCode::NOT_FOUND);
        }
        Err(failure) => return Err(failure.into()),
    };
    let Waiting { request, allowed } = waiting;
    let version = request.client_version.as_deref().unwrap_or_default();
    let shown = DevicePage {
        page: visitor.page(app, Place::Devices)?,
        code: request.user_code.as_deref().unwrap_or_default(),
        name: &request.name,
        app: format!("{} {version}", request.client)
            .trim_end()
            .to_owned(),
        platform: request.platform.as_deref(),
        address: &request.ip_address,
        may: permissions::in_words(visitor.words, allowed),
        wrong,
    };
    let status = if shown.wrong.is_some() {
        StatusCode::BAD_REQUEST
    } else {
        StatusCode::OK
    };
    render(status, &shown)
}

/// Lets the device in with all that it asked for and the person can give, or refuses it.
pub async fn decide(State(app): State<App>, sent: Sent) -> Result<Response, Refusal> {
    let Sent { visitor, form } = sent;
    let code = form.text("user_code").unwrap_or_default();
    let Some(caller) = visitor.caller.as_ref() else {
        return Ok(sign_in_first(Some(&code)));
    };
    let decided = match form.get("answer") {
        Some("connect") => {
            let name = form.get("device_name").map(short);
            connect(&app, caller, &code, name)
                .await
                .map(|()| "connected")
        }
        Some("refuse") => device_flow::deny(&app, caller, code.clone())
            .await
            .map(|()| "refused"),
        _ => Err(Failure::bad_request(visitor.words.pair_choose().plain())),
    };
    match decided {
        Ok(end) => Ok(see(&format!("{PATH}/{end}"))),
        Err(failure) if failure.status().is_client_error() => {
            let wrong = Some(sentence(visitor.words, &failure));
            show_device(&app, &visitor, caller, &code, wrong)
        }
        Err(failure) => Err(failure.into()),
    }
}

async fn connect(
    app: &App,
    caller: &Caller,
    code: &str,
    name: Option<String>,
) -> Result<(), Failure> {
    let allowed = device_flow::waiting(app, caller, code)?.allowed;
    let welcome = Welcome {
        code: code.to_owned(),
        scopes: allowed.iter().map(|scope| scope.to_string()).collect(),
        name,
        lifetime: None,
    };
    device_flow::approve(app, caller, welcome).await?;
    Ok(())
}

fn short(name: &str) -> String {
    name.chars().take(limits::CREDENTIAL_CHARS).collect()
}

/// The device was let in.
pub async fn connected(State(app): State<App>, visitor: Visitor) -> Result<Response, Refusal> {
    let words = visitor.words;
    let (heading, sentence) = (words.pair_connected(), words.pair_connected_sentence());
    done(&app, &visitor, heading, sentence)
}

/// It was refused.
pub async fn refused(State(app): State<App>, visitor: Visitor) -> Result<Response, Refusal> {
    let words = visitor.words;
    let (heading, sentence) = (words.pair_refused(), words.pair_refused_sentence());
    done(&app, &visitor, heading, sentence)
}

fn done(
    app: &App,
    visitor: &Visitor,
    heading: Phrase<'static>,
    sentence: Phrase<'static>,
) -> Result<Response, Refusal> {
    let shown = DonePage {
        page: visitor.page(app, Place::Devices)?,
        heading,
        sentence,
    };
    render(StatusCode::OK, &shown)
}

fn sign_in_first(code: Option<&str>) -> Response {
    let back = match code {
        Some(code) => {
            let code = utf8_percent_encode(code, NON_ALPHANUMERIC);
            format!("{PATH}?user_code={code}")
        }
        None => PATH.to_owned(),
    };
    let next = utf8_percent_encode(&back, NON_ALPHANUMERIC);
    see(&format!("/login?next={next}"))
}
