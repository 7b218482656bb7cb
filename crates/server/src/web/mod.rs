//! Pages for people: plain forms over the same use cases as the API, complete without a script.
//!
//! No rule lives here, and no SQL. Words and looks only: words come from the catalogue in
//! `locales/`, looks from `templates/` and `assets/`. What surrounds every page is [`page::Page`].

pub mod assets;
pub mod failure;
mod game;
pub mod notice;
pub mod page;
pub mod pages;
pub mod visitor;
pub mod words;

mod account;
mod activity;
mod admin;
mod community;
mod conflicts;
mod cover;
mod device_words;
mod devices;
mod docs;
mod home;
mod home_words;
mod language;
mod library;
mod login;
mod logout;
mod pair;
mod permissions;
mod qr;
mod setup;
mod state;
mod why;

use askama::Template;
use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use http::StatusCode;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, LOCATION, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};

use crate::app::App;
use failure::Refusal;

pub use failure::{is_lost, nowhere};

/// Every page.
pub fn routes(app: &App) -> Router<App> {
    Router::new()
        .route("/", get(home::show))
        .route("/library", get(library::show))
        .route("/devices", get(devices::list))
        .route("/devices/{id}", get(devices::show))
        .route("/devices/{id}/{act}", post(devices::act))
        .route("/activity", get(activity::list))
        .route("/activity/{id}", get(activity::show))
        .route("/community", get(community::show))
        .route("/community/saves/{id}/copy", post(community::copy_save))
        .route("/community/states/{id}/copy", post(community::copy_state))
        .route("/docs", get(docs::show))
        .route("/setup", get(setup::show).post(setup::create))
        .route("/login", get(login::show).post(login::sign_in))
        .route("/logout", get(logout::show).post(logout::sign_out))
        .route("/language", post(language::choose))
        .route("/pair/device", get(pair::show).post(pair::decide))
        .route("/pair/device/connected", get(pair::connected))
        .route("/pair/device/refused", get(pair::refused))
        .merge(game::routes())
        .merge(conflicts::routes())
        .merge(account::routes())
        .merge(admin::routes())
        .layer(from_fn_with_state(app.clone(), failure::explain))
        .layer(from_fn(notice::say_once))
        .route("/assets/{file}", get(assets::send))
}

/// Everything comes from here, one script runs, no other site frames it.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; \
     connect-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; \
     frame-ancestors 'none'";

const HEADERS: [(HeaderName, HeaderValue); 4] = [
    (CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    (CACHE_CONTROL, HeaderValue::from_static("no-store")),
];

/// A page.
fn render(status: StatusCode, template: &impl Template) -> Result<Response, Refusal> {
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
