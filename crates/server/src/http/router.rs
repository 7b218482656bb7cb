//! The whole API on one screen.

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, Uri};
use tower::util::MapRequestLayer;
use tower::{Layer, ServiceExt};
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::error::Failure;
use super::{
    auth, collections, config, cors, devices, firmware, heartbeat, keepsave, notes, observe,
    platforms, play_sessions, roms, saves, screenshots, states, stats, sync, system, tokens, users,
};
use crate::app::App;
use crate::auth::gate;
use crate::web;

#[derive(OpenApi)]
#[openapi(info(
    title = "Keepsave",
    description = "RomM's API over a store that never loses a version, and Keepsave's own beneath \
                   `/api/keepsave/`."
))]
struct Document;

/// Every area's routes, each described where it is handled.
fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(heartbeat::heartbeat))
        .routes(routes!(config::config))
        .routes(routes!(stats::stats))
        .merge(auth::routes())
        .merge(collections::routes())
        .merge(devices::routes())
        .merge(firmware::routes())
        .merge(keepsave::routes())
        .merge(notes::routes())
        .merge(platforms::routes())
        .merge(play_sessions::routes())
        .merge(roms::routes())
        .merge(saves::routes())
        .merge(screenshots::routes())
        .merge(states::routes())
        .merge(sync::routes())
        .merge(system::routes())
        .merge(tokens::routes())
        .merge(users::routes())
}

/// The description of every route.
pub fn openapi() -> utoipa::openapi::OpenApi {
    let mut document = routes().into_openapi();
    system::finish_document(&mut document);
    document
}

/// Every route and every page, with what surrounds them.
pub fn build(app: &App) -> Router {
    let watched = || from_fn_with_state(app.clone(), observe::observe);
    let api = Router::from(routes())
        .fallback(unknown_route)
        .method_not_allowed_fallback(unknown_method)
        .layer(watched())
        .with_state(app.clone());
    // Around the router, not within: a browser that asks in advance asks no route.
    let shared = from_fn_with_state(app.clone(), cors::share).layer(api);
    let guarded = from_fn_with_state(app.clone(), gate::api).layer(shared);
    let all = web::routes(app)
        .layer(from_fn_with_state(app.clone(), gate::pages))
        .layer(watched())
        .fallback_service(guarded)
        .with_state(app.clone());
    // The path must be trimmed before a route is chosen.
    let trimmed = MapRequestLayer::new(without_trailing_slash).layer(all);
    Router::new().fallback_service(trimmed.map_err(|never| match never {}))
}

/// A browser that is lost gets a page, a program RomM's words.
async fn unknown_route(State(app): State<App>, request: Request) -> Response {
    if web::is_lost(&request) {
        return web::nowhere(&app, request).await;
    }
    Failure::not_found("Not Found").into_response()
}

async fn unknown_method() -> Response {
    Failure::new(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed").into_response()
}

/// RomM answers every route with one trailing slash too.
fn without_trailing_slash(mut request: Request) -> Request {
    let path = request.uri().path();
    if path.len() > 1
        && let Some(trimmed) = path.strip_suffix('/')
    {
        let rest = request
            .uri()
            .query()
            .map(|query| format!("?{query}"))
            .unwrap_or_default();
        if let Ok(uri) = format!("{trimmed}{rest}").parse::<Uri>() {
            *request.uri_mut() = uri;
        }
    }
    request
}
