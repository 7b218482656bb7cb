//! What a page says when it cannot do what was asked.

use std::sync::Arc;

use askama::Template;
use axum::extract::{FromRequestParts, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::ACCEPT;
use http::{Method, StatusCode};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::page::{Page, Place};
use super::visitor::Visitor;
use super::words::{Phrase, Words};
use super::{render, see};
use crate::app::App;
use crate::http::error::Failure;
use crate::vault::Fault;

/// Why there is no page. [`explain`] makes one of it, in the words of whoever asked.
#[derive(Clone, Debug)]
pub enum Refusal {
    /// What was asked for failed.
    Failed(Arc<Failure>),
    /// Nobody is signed in: sign in first, then come back here.
    SignInFirst(String),
}

impl Refusal {
    /// A page that could not be written.
    pub fn unreadable(error: &askama::Error) -> Self {
        tracing::error!(%error, "a page could not be written");
        Failure::internal().into()
    }

    /// There is no such thing, or it is another person's: never tell which.
    pub fn not_found() -> Self {
        Failure::not_found("Not Found").into()
    }

    /// Sign in, then come back to this path.
    pub fn sign_in_first(path: &str) -> Self {
        Self::SignInFirst(path.to_owned())
    }
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        Self::Failed(Arc::new(failure))
    }
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        Failure::from(fault).into()
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match &self {
            Self::SignInFirst(path) => {
                let next = utf8_percent_encode(path, NON_ALPHANUMERIC);
                see(&format!("/login?next={next}"))
            }
            Self::Failed(failure) => {
                let mut response = failure.status().into_response();
                response.extensions_mut().insert(self);
                response
            }
        }
    }
}

#[derive(Template)]
#[template(path = "failure.html")]
struct FailurePage {
    page: Page,
    heading: Phrase<'static>,
    sentence: String,
}

/// Surrounds every page: what failed is said on a page, too.
pub async fn explain(State(app): State<App>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let visitor = Visitor::from_request_parts(&mut parts, &app).await;
    let response = next.run(Request::from_parts(parts, body)).await;
    let (Some(Refusal::Failed(failure)), Ok(visitor)) =
        (response.extensions().get::<Refusal>().cloned(), visitor)
    else {
        return response;
    };
    // A page that says what failed and fails itself leaves the plain answer.
    told(&app, &visitor, &failure).unwrap_or(response)
}

/// Whether a page is asked for, at a place where there is none.
pub fn is_lost(request: &Request) -> bool {
    let accepted = request.headers().get(ACCEPT);
    let accepted = accepted.and_then(|accepted| accepted.to_str().ok());
    let wants_page = accepted.is_some_and(|accepted| accepted.contains("text/html"));
    wants_page && request.method() == Method::GET && !request.uri().path().starts_with("/api/")
}

/// There is no page at this place.
pub async fn nowhere(app: &App, request: Request) -> Response {
    let (mut parts, _) = request.into_parts();
    let lost = Failure::not_found("Not Found");
    match Visitor::from_request_parts(&mut parts, app).await {
        Ok(visitor) => told(app, &visitor, &lost).unwrap_or_else(|_| lost.into_response()),
        Err(_) => lost.into_response(),
    }
}

fn told(app: &App, visitor: &Visitor, failure: &Failure) -> Result<Response, Refusal> {
    let (status, words) = (failure.status(), visitor.words);
    let shown = FailurePage {
        page: visitor.bare_page(app, Place::Elsewhere),
        heading: match status {
            StatusCode::FORBIDDEN => words.failure_out_of_date(),
            StatusCode::NOT_FOUND => words.failure_not_found(),
            status if status.is_server_error() => words.failure_server(),
            _ => words.failure_did_not_work(),
        },
        sentence: sentence(words, failure),
    };
    render(status, &shown)
}

/// What a use case says when it fails, in the words of the page. A sentence that no page expects
/// stays as it is.
pub fn sentence(words: Words, failure: &Failure) -> String {
    let said = failure.to_string();
    let phrase = match failure.status() {
        StatusCode::NOT_FOUND => words.failure_not_found_sentence(),
        StatusCode::PAYLOAD_TOO_LARGE => words.failure_too_large(),
        StatusCode::INSUFFICIENT_STORAGE => words.failure_disk_full(),
        StatusCode::TOO_MANY_REQUESTS => words.failure_too_many_soon(),
        status if status.is_server_error() => words.failure_server_sentence(),
        _ if said.starts_with("CSRF token") => words.failure_out_of_date_sentence(),
        _ if said.starts_with("The first user needs the code") => words.failure_setup_code(),
        _ if said.starts_with("Username") && said.ends_with("already exists") => {
            words.failure_username_taken()
        }
        _ if said.starts_with("Username") => words.failure_username_bad(),
        _ if said.contains("the last admin") => words.failure_last_admin(),
        _ if said.starts_with("Maximum of") => words.failure_tokens_full(),
        _ if said.starts_with("Password") => words.failure_password_bad(),
        _ if said.starts_with("Email") && said.ends_with("already exists") => {
            words.failure_email_taken()
        }
        _ if said.contains("mail") => words.failure_email_bad(),
        _ => return said,
    };
    phrase.plain()
}
