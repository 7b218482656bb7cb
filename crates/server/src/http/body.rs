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

impl FromRequest<App> for Body {
    type Rejection = Failure;

    async fn from_request(request: Request, _app: &App) -> Result<Self, Failure> {
        Limited::new(request.into_body(), limits::JSON_BODY_BYTES)
            .collect()
            .await
            .map(|body| Self(body.to_bytes()))
            .map_err(|error| {
                if error.is::<LengthLimitError>() {
                    Failure::new(
                        StatusCode::PAYLOAD_TOO_LARGE,
                        format!(
                            "Request body exceeds the maximum allowed size of {} bytes",
                            limits::JSON_BODY_BYTES
                        ),
                    )
                } else {
                    Failure::bad_request("The request's body broke off")
                }
            })
    }
}
