//! `PUT /api/users/{id}`: change oneself, or as an admin anyone.

use axum::Json;
use axum::extract::State;
use axum::response::{AppendHeaders, IntoResponse};
use http::header::SET_COOKIE;
use keepsave_core::ids::UserId;
use keepsave_wire::users::{UserForm, UserSchema};
use serde_json::{Map, Value};

use super::view;
use crate::app::App;
use crate::auth::accounts::{self, Changes};
use crate::auth::address::Origin;
use crate::auth::scope::Role;
use crate::auth::{Caller, session};
use crate::http::error::Failure;
use crate::http::fields::Fields;
use crate::http::form::Form;
use crate::http::path::Id;

/// Changes a user: what the form does not name stays. A new password ends every session.
#[utoipa::path(
    put, path = "/api/users/{id}", tag = "users", params(("id" = i64, Path)),
    request_body(content = UserForm, content_type = "multipart/form-data"),
    responses(
        (status = OK, body = UserSchema),
        (status = BAD_REQUEST, description = "A name or a password that will not do"),
        (status = FORBIDDEN, description = "Someone else, and the caller is no admin"),
        (status = NOT_FOUND, description = "`Username with id … not found`"),
    )
)]
pub async fn change_user(
    State(app): State<App>,
    caller: Caller,
    id: Id<UserId>,
    origin: Origin,
    form: Form,
) -> Result<impl IntoResponse, Failure> {
    let changes = Changes {
        username: form.text("username"),
        password: form.text("password"),
        email: form.text("email"),
        role: form.get("role").map(Role::named),
        enabled: enabled(&form)?,
        ui_settings: form.get("ui_settings").map(ui_settings).transpose()?,
    };
    let signed_out = changes.password.is_some() && caller.id() == id.0;
    let cookie = signed_out.then(|| (SET_COOKIE, session::no_cookie(origin.secure)));
    let user = accounts::change(&app, &caller, id.0, changes).await?;
    let body: Json<UserSchema> = Json(view::schema(user, None));
    Ok((cookie.map(|cookie| AppendHeaders([cookie])), body))
}

fn enabled(form: &Form) -> Result<Option<bool>, Failure> {
    let named = form.get("enabled").map(|text| {
        let value = Value::from(text);
        ("enabled".to_owned(), value)
    });
    let mut fields = Fields::of("body", named.into_iter().collect());
    let enabled = fields.optional_flag("enabled");
    fields.finish(enabled)
}

fn ui_settings(text: &str) -> Result<String, Failure> {
    match serde_json::from_str::<Map<String, Value>>(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(error) => Err(Failure::bad_request(format!(
            "Invalid ui_settings JSON: {error}"
        ))),
    }
}
