//! Pages for people: plain forms over the same use cases as the API, complete without a script.
//!
//! No rule lives here, and no SQL. Words and looks only.

pub mod assets;

mod docs;
mod failure;
mod home;
mod login;
mod logout;
mod pair;
mod permissions;
mod setup;
mod visitor;

use askama::Template;
use axum::Router;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use http::StatusCode;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, LOCATION, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};

use crate::app::App;
use failure::Refusal;

/// Every page.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/", get(home::show))
        .route("/docs", get(docs::show))
        .route("/setup", get(setup::show).post(setup::create))
        .route("/login", get(login::show).post(login::sign_in))
        .route("/logout", get(logout::show).post(logout::sign_out))
        .route("/pair/device", get(pair::show).post(pair::decide))
        .route("/pair/device/connected", get(pair::connected))
        .route("/pair/device/refused", get(pair::refused))
        .route("/assets/{file}", get(assets::send))
}

/// Everything comes from here, nothing runs, no other site frames it.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const HEADERS: [(HeaderName, HeaderValue); 4] = [
    (CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    (CACHE_CONTROL, HeaderValue::from_static("no-store")),
];

/// A page.
fn page(status: StatusCode, template: &impl Template) -> Result<Response, Refusal> {
    let html = template
        .render()
        .map_err(|error| Refusal::unreadable(&error))?;
    Ok((status, HEADERS, Html(html)).into_response())
}

/// Go and look there: what a form answers when it is done.
fn see(path: &str) -> Response {
    let place = HeaderValue::from_str(path).unwrap_or(HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(LOCATION, place)]).into_response()
}
