//! `/admin`: who has an account, the library, the store, the settings, the log. For admins: to
//! everyone else these pages are not there.

mod backup;
mod library;
mod log;
mod settings;
mod storage;
mod users;

use axum::Router;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::response::Response;
use axum::routing::{get, post};
use http::request::Parts;

use super::failure::Refusal;
use super::page::{Page, Place};
use super::see;
use super::visitor::{Sent, Visitor};
use crate::app::App;
use crate::auth::Caller;
use crate::auth::scope::Role;
use crate::http::form::Form;

/// The pages of whoever runs this server.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/admin", get(start))
        .route("/admin/users", get(users::show).post(users::add))
        .route("/admin/users/change", post(users::change))
        .route("/admin/users/password", post(users::password))
        .route("/admin/library", get(library::show).post(library::scan))
        .route("/admin/storage", get(storage::show))
        .route("/admin/storage/thin", post(storage::thin))
        .route("/admin/storage/verify", post(storage::verify))
        .route("/admin/storage/backup", post(backup::send))
        .route("/admin/settings", get(settings::show))
        .route("/admin/log", get(log::show))
}

/// The pages' tabs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tab {
    Users,
    Library,
    Storage,
    Settings,
    Log,
}

async fn start(_admin: Admin) -> Response {
    see("/admin/users")
}

/// An admin who looks at a page.
struct Admin {
    visitor: Visitor,
    caller: Caller,
}

impl Admin {
    fn of(visitor: Visitor) -> Result<Self, Refusal> {
        let caller = visitor.person()?.clone();
        if caller.user.role == Role::Admin {
            Ok(Self { visitor, caller })
        } else {
            Err(Refusal::not_found())
        }
    }

    fn page(&self, app: &App) -> Result<Page, Refusal> {
        self.visitor.page(app, Place::Elsewhere)
    }
}

impl FromRequestParts<App> for Admin {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        Self::of(Visitor::from_request_parts(parts, app).await?)
    }
}

/// A form that an admin sent.
struct SentByAdmin {
    admin: Admin,
    form: Form,
}

impl FromRequest<App> for SentByAdmin {
    type Rejection = Refusal;

    async fn from_request(request: Request, app: &App) -> Result<Self, Refusal> {
        let Sent { visitor, form } = Sent::from_request(request, app).await?;
        Ok(Self {
            admin: Admin::of(visitor)?,
            form,
        })
    }
}
