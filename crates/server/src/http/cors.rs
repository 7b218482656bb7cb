//! Which other sites' pages may call the API from a browser.
//!
//! Where any may, none of them may use the browser's session: only sites that the operator names
//! are trusted with that.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
    ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY,
};
use http::{HeaderMap, HeaderValue, Method, StatusCode};

use crate::app::App;

const METHODS: HeaderValue =
    HeaderValue::from_static("DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT");

/// Answers a browser's question in advance, and marks the answers that a page may read.
pub async fn share(State(app): State<App>, request: Request, next: Next) -> Response {
    let Some(origin) = request.headers().get(ORIGIN).cloned() else {
        return next.run(request).await;
    };
    let shared = shared_with(&app.settings.cors_allowed_origins, &origin);
    let asks_first = request.method() == Method::OPTIONS
        && request
            .headers()
            .contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = if asks_first {
        answer_in_advance(request.headers(), shared.is_some())
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    headers.append(VARY, HeaderValue::from_static("Origin"));
    if let Some(shared) = shared {
        if shared == origin {
            let yes = HeaderValue::from_static("true");
            headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, yes);
        }
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, shared);
    }
    response
}

fn answer_in_advance(asked: &HeaderMap, allowed: bool) -> Response {
    let mut response = if allowed {
        (StatusCode::OK, "OK").into_response()
    } else {
        (StatusCode::BAD_REQUEST, "Disallowed CORS origin").into_response()
    };
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, METHODS);
    headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    if let Some(wanted) = asked.get(ACCESS_CONTROL_REQUEST_HEADERS) {
        headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, wanted.clone());
    }
    response
}

/// Whom an answer to `origin` is shared with: everyone, this origin, or no one.
fn shared_with(allowed: &str, origin: &HeaderValue) -> Option<HeaderValue> {
    let mut allowed = allowed.split(',').map(str::trim);
    let named = |name: &str| name == "*" || name.as_bytes() == origin.as_bytes();
    allowed.find(|name| named(name)).map(|name| match name {
        "*" => HeaderValue::from_static("*"),
        _ => origin.clone(),
    })
}
