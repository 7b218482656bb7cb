//! Bodies that are read whole: JSON and forms. Uploads stream and do not come here.

use axum::extract::{FromRequest, Request};
use bytes::Bytes;
use http::StatusCode;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use keepsave_core::limits;

use super::error::Failure;
use crate::app::App;

/// A request's body, no larger than [`limits::JSON_BODY_BYTES`]: 413 beyond.
pub struct Body(pub Bytes);

/// A request's body, no larger than [`limits::SMALL_BODY_BYTES`]: for requests that anyone may
/// send, and those that are never large.
pub struct SmallBody(pub Bytes);

impl FromRequest<App> for Body {
    type Rejection = Failure;

    async fn from_request(request: Request, _app: &App) -> Result<Self, Failure> {
        whole(request, limits::JSON_BODY_BYTES).await.map(Self)
    }
}

impl FromRequest<App> for SmallBody {
    type Rejection = Failure;

    async fn from_request(request: Request, _app: &App) -> Result<Self, Failure> {
        whole(request, limits::SMALL_BODY_BYTES).await.map(Self)
    }
}

async fn whole(request: Request, most: usize) -> Result<Bytes, Failure> {
    let body = Limited::new(request.into_body(), most).collect().await;
    body.map(|body| body.to_bytes()).map_err(|error| {
        if error.is::<LengthLimitError>() {
            Failure::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                format!("Request body exceeds the maximum allowed size of {most} bytes"),
            )
        } else {
            Failure::bad_request("The request's body broke off")
        }
    })
}
