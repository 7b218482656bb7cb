//! `POST /api/token`: a password, or the refresh token before, becomes a pair of tokens.

use axum::Json;
use axum::extract::State;
use http::{HeaderValue, StatusCode, header};
use keepsave_wire::tokens::{TokenForm, TokenResponse};

use crate::app::App;
use crate::auth::address::Origin;
use crate::auth::grants::{self, Grants, Refreshed};
use crate::auth::scope::{Scope, Scopes};
use crate::auth::sign_in::{SignIn, TOO_MANY, with_password};
use crate::auth::too_many;
use crate::http::error::Failure;
use crate::http::form::Form;

/// Gives an access token and a refresh token. The latter works once.
#[utoipa::path(
    post, path = "/api/token", tag = "auth",
    request_body(content = TokenForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = OK, body = TokenResponse),
        (status = BAD_REQUEST, description = "A field is missing, or the grant type is another"),
        (status = UNAUTHORIZED, description = "The name, the password or the token is wrong"),
        (status = FORBIDDEN, description = "The user is disabled, or may not do all of the scopes"),
        (status = TOO_MANY_REQUESTS, description = "Too many wrong passwords"),
    )
)]
pub async fn token(
    State(app): State<App>,
    origin: Origin,
    form: Form,
) -> Result<Json<TokenResponse>, Failure> {
    let grants = match form.get("grant_type").unwrap_or("password") {
        "password" => by_password(&app, &form, &origin).await?,
        "refresh_token" => by_refresh_token(&app, &form).await?,
        "client_credentials" => {
            let detail = "Client credentials are not yet supported";
            return Err(Failure::bad_request(detail));
        }
        _ => return Err(Failure::bad_request("Invalid or unsupported grant type")),
    };
    Ok(Json(TokenResponse {
        access_token: grants.access,
        token_type: "bearer".to_owned(),
        expires: app.settings.access_token_expire_seconds,
        refresh_token: grants.refresh,
        refresh_expires: app.settings.refresh_token_expire_seconds,
    }))
}

async fn by_password(app: &App, form: &Form, origin: &Origin) -> Result<Grants, Failure> {
    let (Some(name), Some(password)) = (form.get("username"), form.get("password")) else {
        return Err(Failure::bad_request("Missing username or password"));
    };
    let user = match with_password(app, name, password, origin).await? {
        SignIn::Welcome(user) => user,
        SignIn::Wrong { .. } => {
            let detail = "Invalid username or password";
            return Err(Failure::new(StatusCode::UNAUTHORIZED, detail));
        }
        SignIn::Disabled => return Err(disabled()),
        SignIn::Paused(wait) => return Err(too_many(TOO_MANY, wait)),
    };
    let wanted: Option<Scopes> = form
        .get("scope")
        .unwrap_or_default()
        .split_whitespace()
        .map(|name| Scope::named(name).filter(|scope| user.role.scopes().has(*scope)))
        .collect();
    let wanted = wanted.ok_or_else(|| Failure::new(StatusCode::FORBIDDEN, "Insufficient scope"))?;
    Ok(grants::grant(app, user.id, wanted).await?)
}

async fn by_refresh_token(app: &App, form: &Form) -> Result<Grants, Failure> {
    let token = form
        .get("refresh_token")
        .ok_or_else(|| Failure::bad_request("Missing refresh token"))?;
    match grants::refresh(app, token).await? {
        Refreshed::Granted(grants) => Ok(grants),
        Refreshed::Disabled => Err(disabled()),
        Refreshed::Refused => Err(Failure::new(
            StatusCode::UNAUTHORIZED,
            "Could not validate credentials",
        )
        .with_header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))),
    }
}

fn disabled() -> Failure {
    Failure::new(StatusCode::FORBIDDEN, "User account is disabled")
}
