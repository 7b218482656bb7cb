//! What a page says when it cannot do what was asked.

use askama::Template;
use axum::response::{IntoResponse, Response};
use http::StatusCode;

use super::page;
use crate::http::error::Failure;
use crate::vault::Fault;

/// A failure, for people.
pub struct Refusal(Failure);

impl Refusal {
    /// A page that could not be written.
    pub fn unreadable(error: &askama::Error) -> Self {
        tracing::error!(%error, "a page could not be written");
        Self(Failure::internal())
    }
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        Self(failure)
    }
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        Self(fault.into())
    }
}

#[derive(Template)]
#[template(path = "failure.html")]
struct Page {
    heading: &'static str,
    sentence: String,
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = self.0.status();
        let shown = Page {
            heading: match status {
                StatusCode::FORBIDDEN => "This page is out of date",
                status if status.is_server_error() => "Keepsave could not do that",
                _ => "That did not work",
            },
            sentence: self.0.to_string(),
        };
        // A page that says what failed and fails itself leaves the plain answer.
        page(status, &shown).unwrap_or_else(|_| self.0.into_response())
    }
}
