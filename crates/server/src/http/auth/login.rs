//! `POST /api/login`: a name and a password in a Basic header become a browser's session.

use axum::Json;
use axum::extract::{Request, State};
use axum::response::{AppendHeaders, IntoResponse};
use http::StatusCode;
use http::header::SET_COOKIE;

use crate::app::App;
use crate::auth::session::{self, Browser};
use crate::auth::sign_in::{SignIn, TOO_MANY, with_password};
use crate::auth::{name_and_password, too_many};
use crate::http::error::Failure;

/// Signs a browser in.
#[utoipa::path(
    post, path = "/api/login", tag = "auth",
    security(("basic" = [])),
    responses(
        (status = OK, description = "Null, with the cookie `romm_session`"),
        (status = UNAUTHORIZED, description = "`Incorrect username or password`, `Disabled user`"),
        (status = TOO_MANY_REQUESTS, description = "Too many wrong passwords"),
    )
)]
pub async fn login(State(app): State<App>, request: Request) -> Result<impl IntoResponse, Failure> {
    let (parts, _) = request.into_parts();
    let browser = Browser::of(&parts, &app);
    let (name, password) = name_and_password(&parts.headers).ok_or_else(wrong)?;
    match with_password(&app, &name, &password, browser.origin()).await? {
        SignIn::Welcome(user) => {
            let cookie = session::begin(&app, &user, browser).await?;
            Ok((AppendHeaders([(SET_COOKIE, cookie)]), Json(())))
        }
        SignIn::Wrong { .. } => Err(wrong()),
        SignIn::Disabled => Err(Failure::new(StatusCode::UNAUTHORIZED, "Disabled user")),
        SignIn::Paused(wait) => Err(too_many(TOO_MANY, wait)),
    }
}

fn wrong() -> Failure {
    Failure::new(StatusCode::UNAUTHORIZED, "Incorrect username or password")
}
