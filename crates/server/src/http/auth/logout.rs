//! `POST /api/logout`: the browser's session ends.

use axum::extract::State;
use axum::response::{AppendHeaders, IntoResponse};
use axum::{Extension, Json};
use http::header::SET_COOKIE;

use crate::app::App;
use crate::auth::address::Origin;
use crate::auth::session::{self, Current};
use crate::http::error::Failure;

/// Signs the browser out. Nothing happens when it was not signed in.
#[utoipa::path(
    post, path = "/api/logout", tag = "auth",
    responses(
        (status = OK, description = "Null, and the cookie is taken away"),
        (status = FORBIDDEN, description = "`CSRF token verification failed`"),
    )
)]
pub async fn logout(
    State(app): State<App>,
    current: Option<Extension<Current>>,
    origin: Origin,
) -> Result<impl IntoResponse, Failure> {
    let cookie = match current {
        Some(Extension(current)) => {
            session::end(&app, current).await?;
            Some((SET_COOKIE, session::no_cookie(origin.secure)))
        }
        None => None,
    };
    Ok((cookie.map(|cookie| AppendHeaders([cookie])), Json(())))
}
