//! What surrounds every request: its id, its line in the log, its counts, an end to waiting for its
//! body, and a net for panics.
//!
//! Neither bodies nor queries nor headers are ever logged: they may hold secrets.

mod bodies;

use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use http::{HeaderName, HeaderValue, Method, StatusCode};
use tracing::Instrument;

use self::bodies::{UnderWay, patient, watched};
use super::error::Failure;
use crate::app::App;

/// Names a request in the answer and in the log.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The longest id that is taken over from a proxy, in bytes.
const LONGEST_ID: usize = 64;
/// What a request for no route of ours is counted as.
const NO_ROUTE: &str = "none";

/// Watches over one request.
pub async fn observe(State(app): State<App>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let id = request_id(&request);
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = route.as_ref().map_or(NO_ROUTE, MatchedPath::as_str);
    let span = tracing::error_span!(
        "request",
        id = id.to_str().unwrap_or_default(),
        %method,
        path = loggable_path(route, request.uri().path()),
    );
    let metrics = &app.metrics;
    let under_way = UnderWay::begin(&metrics.in_flight);

    let request = request.map(|body| watched(patient(body), &metrics.received_bytes, None));
    let answering = AssertUnwindSafe(next.run(request)).catch_unwind();
    let answered = answering.instrument(span.clone()).await;
    // What panicked was logged where it did.
    let mut response = answered.unwrap_or_else(|_| Failure::internal().into_response());
    response.headers_mut().insert(REQUEST_ID, id);

    let (status, took) = (response.status(), began.elapsed());
    metrics.answered(counted_method(&method), route, status.as_u16(), took);
    span.in_scope(|| {
        let status = status.as_u16();
        if response.status() == StatusCode::INTERNAL_SERVER_ERROR {
            tracing::error!(status, ?took, "failed");
        } else {
            tracing::debug!(status, ?took, "answered");
        }
    });
    response.map(|body| watched(body, &metrics.sent_bytes, Some(under_way)))
}

/// A proxy's name for the request when it gave one that is fit for a log, else one of ours.
fn request_id(request: &Request) -> HeaderValue {
    static LAST: AtomicU64 = AtomicU64::new(0);
    let fit = |id: &&HeaderValue| {
        let text = id.as_bytes();
        let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
        !text.is_empty() && text.len() <= LONGEST_ID && text.iter().all(plain)
    };
    match request.headers().get(&REQUEST_ID).filter(fit) {
        Some(id) => id.clone(),
        None => HeaderValue::from(LAST.fetch_add(1, Ordering::Relaxed) + 1),
    }
}

/// A pairing code in a path is a secret.
fn loggable_path<'a>(route: &'a str, path: &'a str) -> &'a str {
    if route.contains("{code}") {
        route
    } else {
        path
    }
}

/// Anyone can invent methods; each would be a time series of its own.
fn counted_method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use axum::Router;
    use axum::body::{Body, Bytes};
    use axum::middleware;
    use axum::routing::{get, post};
    use http_body::Body as _;
    use http_body_util::BodyExt;
    use tower::ServiceExt;

    use super::*;
    use crate::config::Settings;
    use crate::environment::Environment;
    use crate::vault::Vault;

    fn app() -> App {
        let settings = Settings::for_data(Path::new("nowhere"));
        App::with(settings, Vault::in_memory().unwrap(), Environment::real())
    }

    fn router(app: &App) -> Router {
        async fn fails() -> StatusCode {
            panic!("on purpose")
        }
        Router::new()
            .route("/fails", get(fails))
            .route("/echo/{id}", post(|body: Bytes| async move { body }))
            .layer(middleware::from_fn_with_state(app.clone(), observe))
    }

    async fn ask(router: &Router, request: http::request::Builder, body: &'static str) -> Response {
        let request = request.body(Body::from(body)).unwrap();
        router.clone().oneshot(request).await.unwrap()
    }

    #[tokio::test]
    async fn a_panic_is_an_answer_and_the_next_request_is_fine() {
        let app = app();
        let router = router(&app);
        for _ in 0..2 {
            let response = ask(&router, Request::get("/fails"), "").await;
            assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
            let body = response.into_body().collect().await.unwrap().to_bytes();
            assert!(body.starts_with(b"{\"detail\":"), "{body:?}");
        }
        assert_eq!(app.metrics.in_flight.get(), 0);
    }

    #[tokio::test]
    async fn requests_are_counted_by_route_and_bytes_by_direction() {
        let app = app();
        let router = router(&app);
        for path in ["/echo/1", "/echo/2"] {
            let response = ask(&router, Request::post(path), "12345").await;
            assert_eq!(app.metrics.in_flight.get(), 1);
            assert_eq!(response.body().size_hint().exact(), Some(5));
        }
        let response = ask(&router, Request::post("/echo/3"), "12345").await;
        response.into_body().collect().await.unwrap();
        ask(&router, Request::builder().method("BREW").uri("/pot"), "").await;

        assert_eq!(app.metrics.in_flight.get(), 0);
        assert_eq!(app.metrics.received_bytes.get(), 15);
        assert_eq!(
            app.metrics.sent_bytes.get(),
            5,
            "what was not read was not sent"
        );
        let page = app.metrics.encode();
        for line in [
            r#"keepsave_http_requests_total{method="POST",route="/echo/{id}",status="200"} 3"#,
            r#"keepsave_http_requests_total{method="other",route="none",status="404"} 1"#,
            r#"keepsave_http_request_duration_seconds_count{method="POST",route="/echo/{id}"} 3"#,
        ] {
            assert!(page.contains(line), "{line}\n{page}");
        }
    }

    #[tokio::test]
    async fn a_request_has_one_id_from_the_proxy_to_the_answer() {
        let app = app();
        let router = router(&app);
        for (sent, kept) in [
            (Some("a1-B2_c.3"), true),
            (Some("no\tsuch thing"), false),
            (Some(""), false),
            (None, false),
        ] {
            let mut request = Request::post("/echo/1");
            if let Some(sent) = sent {
                request = request.header(REQUEST_ID, sent);
            }
            let response = ask(&router, request, "").await;
            let id = response.headers()[REQUEST_ID].to_str().unwrap().to_owned();
            assert_eq!(Some(id.as_str()) == sent, kept, "{sent:?} {id}");
            assert!(!id.is_empty());
        }
    }

    #[test]
    fn a_secret_in_a_path_is_not_logged() {
        let route = "/api/client-tokens/pair/{code}/status";
        assert_eq!(
            loggable_path(route, "/api/client-tokens/pair/AB12/status"),
            route
        );
        assert_eq!(
            loggable_path("/api/saves/{id}", "/api/saves/7"),
            "/api/saves/7"
        );
    }
}
