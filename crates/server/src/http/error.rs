//! How a failure looks on the wire.
//!
//! RomM's envelope is `{"detail": "<sentence>"}`. A use case fails with a [`Failure`]; it becomes a
//! response here and nowhere else. Which constructor to use:
//!
//! - [`Failure::not_found`]: unknown, or another user's; never tell which.
//! - [`Failure::bad_request`], [`Failure::conflict`]: the client can do something about it.
//! - [`Failure::invalid`]: fields of query, path or body are wrong (422, one entry for each).
//! - [`Fault`] by `?`: the store failed; 507 when the disk is full, else 500, logged once, here.

use std::fmt;

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use super::fields::Problem;
use crate::vault::Fault;

/// Why a request was not done.
#[derive(Debug)]
pub struct Failure(Box<Answer>);

#[derive(Debug)]
struct Answer {
    status: StatusCode,
    body: Body,
    header: Option<(HeaderName, HeaderValue)>,
}

#[derive(Debug)]
enum Body {
    Detail(Value),
    Text(String),
}

impl Failure {
    /// Any status with RomM's envelope.
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self::with_detail(status, Value::String(detail.into()))
    }

    /// 400 with a sentence.
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    /// 404 with a sentence that names what was not found.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, detail)
    }

    /// 409 with a sentence.
    pub fn conflict(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, detail)
    }

    /// 401: nobody is signed in.
    pub fn unauthenticated() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "Not authenticated")
            .with_header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
    }

    /// 403: signed in, but not allowed.
    pub fn forbidden() -> Self {
        Self::new(StatusCode::FORBIDDEN, "Forbidden")
    }

    /// 500: what happened is in the log.
    pub fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "The server failed at this request and changed nothing. Its log says why.",
        )
    }

    /// 422: one problem for each field that is wrong.
    pub fn invalid(problems: Vec<Problem>) -> Self {
        Self::with_detail(
            StatusCode::UNPROCESSABLE_ENTITY,
            problems.into_iter().map(Problem::into_json).collect(),
        )
    }

    /// A status whose detail is not a sentence.
    pub fn with_detail(status: StatusCode, detail: Value) -> Self {
        Self(Box::new(Answer {
            status,
            body: Body::Detail(detail),
            header: None,
        }))
    }

    /// A status with plain text, where RomM has no envelope.
    pub fn text(status: StatusCode, text: impl Into<String>) -> Self {
        Self(Box::new(Answer {
            status,
            body: Body::Text(text.into()),
            header: None,
        }))
    }

    /// The same failure with one header more.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.header = Some((name, value));
        self
    }

    /// The status it will be answered with.
    pub fn status(&self) -> StatusCode {
        self.0.status
    }
}

/// The sentence, for those who do not speak HTTP.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.body {
            Body::Detail(Value::String(text)) | Body::Text(text) => f.write_str(text),
            Body::Detail(detail) => detail.fmt(f),
        }
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        if fault.is_full() {
            tracing::error!(%fault, "nothing was stored: the disk is full");
            return Self::new(
                StatusCode::INSUFFICIENT_STORAGE,
                "The server's disk is full. Nothing was stored; free some space and try again.",
            );
        }
        if matches!(fault, Fault::BlobMissing(_)) {
            tracing::error!(%fault, "run `keepsave server verify`");
            return Self::not_found("Save file not found on disk");
        }
        tracing::error!(%fault, "a request failed inside the server");
        Self::internal()
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let Answer {
            status,
            body,
            header,
        } = *self.0;
        let mut response = match body {
            Body::Detail(detail) => (status, Json(json!({ "detail": detail }))).into_response(),
            Body::Text(text) => (status, text).into_response(),
        };
        if let Some((name, value)) = header {
            response.headers_mut().insert(name, value);
        }
        response
    }
}
