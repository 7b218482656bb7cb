//! `POST /api/users`: another user, or the first.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use keepsave_wire::users::{NewUser, UserSchema};

use super::view;
use crate::app::App;
use crate::auth::accounts::{self, NewAccount};
use crate::auth::address::Origin;
use crate::auth::scope::Role;
use crate::auth::{Caller, setup};
use crate::http::body::SmallBody;
use crate::http::error::Failure;
use crate::http::fields::Fields;

/// Makes a user. While there is none, anyone may who has the code that the server printed.
#[utoipa::path(
    post, path = "/api/users", tag = "users", request_body = NewUser,
    responses(
        (status = CREATED, body = UserSchema),
        (status = BAD_REQUEST, description = "A name or a password that will not do"),
        (status = FORBIDDEN, description = "Not for this caller, or the code is wrong"),
    )
)]
pub async fn add_user(
    State(app): State<App>,
    caller: Option<Caller>,
    origin: Origin,
    SmallBody(body): SmallBody,
) -> Result<(StatusCode, Json<UserSchema>), Failure> {
    let mut fields = Fields::of_parameters(&body)?;
    let new = NewAccount {
        username: fields.text("username"),
        email: fields.text("email"),
        password: fields.text("password"),
        role: Role::named(&fields.text("role")),
    };
    let code = fields.optional_text("setup_code").unwrap_or_default();
    let new = fields.finish(new)?;
    let user = match caller {
        Some(caller) => accounts::add(&app, &caller, new).await?,
        None if setup::is_needed(&app)? => {
            setup::first_user_by_code(&app, &code, new, &origin).await?
        }
        None => return Err(Failure::forbidden()),
    };
    Ok((StatusCode::CREATED, Json(view::schema(user, None))))
}
