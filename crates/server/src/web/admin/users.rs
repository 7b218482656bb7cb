//! `/admin/users`: who has an account, what they may do, and another password for who forgot theirs.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use keepsave_core::ids::UserId;
use keepsave_core::time::Time;

use super::{Admin, SentByAdmin, Tab};
use crate::app::App;
use crate::auth::accounts::{self, Changes, NewAccount};
use crate::auth::scope::Role;
use crate::http::error::Failure;
use crate::http::form::Form;
use crate::vault::users::{self, User};
use crate::web::failure::{Refusal, sentence};
use crate::web::notice::Notice;
use crate::web::page::{Page, Place};
use crate::web::render;
use crate::web::words::Words;

const PATH: &str = "/admin/users";

#[derive(Template)]
#[template(path = "admin_users.html")]
struct UsersPage {
    page: Page,
    tab: Tab,
    rows: Vec<Row>,
    wrong: Option<String>,
    name: String,
}

struct Row {
    id: UserId,
    name: String,
    is_admin: bool,
    is_enabled: bool,
    is_self: bool,
    seen: Option<Time>,
}

/// Everyone.
pub async fn show(State(app): State<App>, admin: Admin) -> Result<Response, Refusal> {
    render(StatusCode::OK, &listed(&app, &admin)?)
}

fn listed(app: &App, admin: &Admin) -> Result<UsersPage, Refusal> {
    let own = admin.caller.id();
    let all = app.vault.read(users::all)?;
    let rows = all.into_iter().map(|user| Row {
        id: user.id,
        is_admin: user.role == Role::Admin,
        is_enabled: user.enabled,
        is_self: user.id == own,
        seen: user.last_active,
        name: user.username,
    });
    Ok(UsersPage {
        page: admin.page(app)?,
        tab: Tab::Users,
        rows: rows.collect(),
        wrong: None,
        name: String::new(),
    })
}

/// Makes a user.
pub async fn add(State(app): State<App>, sent: SentByAdmin) -> Result<Response, Refusal> {
    let SentByAdmin { admin, form } = sent;
    let words = admin.visitor.words;
    let new = NewAccount {
        username: form.text("username").unwrap_or_default(),
        email: String::new(),
        password: form.text("password").unwrap_or_default(),
        role: Role::named(form.get("role").unwrap_or_default()),
    };
    let name = new.username.clone();
    match accounts::add(&app, &admin.caller, new).await {
        Ok(user) => {
            let added = Notice::done(&words.admin_user_added(&user.username));
            Ok(added.on(PATH, admin.visitor.session.as_ref()))
        }
        Err(failure) if failure.status().is_client_error() => {
            let shown = UsersPage {
                wrong: Some(sentence(words, &failure)),
                name,
                ..listed(&app, &admin)?
            };
            render(failure.status(), &shown)
        }
        Err(failure) => Err(failure.into()),
    }
}

/// Changes what a user is, or whether they may sign in; with a way back.
pub async fn change(State(app): State<App>, sent: SentByAdmin) -> Result<Response, Refusal> {
    let SentByAdmin { admin, form } = sent;
    let before = named(&app, &form)?;
    let changes = Changes {
        role: form.get("role").map(Role::named),
        enabled: form.get("enabled").map(|text| text == "true"),
        ..Changes::default()
    };
    let is_about_role = changes.role.is_some();
    let changed = accounts::change(&app, &admin.caller, before.id, changes).await;
    told(&admin, changed, |words, after| {
        let id = before.id.to_string();
        let was = if before.enabled { "true" } else { "false" };
        let name = &after.username;
        let (sentence, undo) = match (is_about_role, after.role, after.enabled) {
            (true, Role::Admin, _) => (words.admin_user_promoted(name), ("role", "user")),
            (true, Role::User, _) => (words.admin_user_demoted(name), ("role", "admin")),
            (false, _, true) => (words.admin_user_enabled(name), ("enabled", was)),
            (false, _, false) => (words.admin_user_disabled(name), ("enabled", was)),
        };
        Notice::done(&sentence).or_undo("/admin/users/change", &[("user", &id), undo])
    })
}

/// Gives a user another password.
pub async fn password(State(app): State<App>, sent: SentByAdmin) -> Result<Response, Refusal> {
    let SentByAdmin { admin, form } = sent;
    let user = named(&app, &form)?;
    let changes = Changes {
        password: Some(form.text("password").unwrap_or_default()),
        ..Changes::default()
    };
    let changed = accounts::change(&app, &admin.caller, user.id, changes).await;
    told(&admin, changed, |words, user| {
        Notice::done(&words.admin_user_password_set(&user.username))
    })
}

fn told(
    admin: &Admin,
    changed: Result<User, Failure>,
    done: impl FnOnce(Words, &User) -> Notice,
) -> Result<Response, Refusal> {
    let words = admin.visitor.words;
    let notice = match changed {
        Ok(user) => done(words, &user),
        Err(failure) if failure.status().is_client_error() => {
            Notice::refused(sentence(words, &failure))
        }
        Err(failure) => return Err(failure.into()),
    };
    Ok(notice.on(PATH, admin.visitor.session.as_ref()))
}

/// The user that a form is about.
fn named(app: &App, form: &Form) -> Result<User, Refusal> {
    let id = form.get("user").and_then(|id| id.parse().ok());
    let id = UserId(id.ok_or_else(Refusal::not_found)?);
    let user = app.vault.read(|tx| users::by_id(tx, id))?;
    user.ok_or_else(Refusal::not_found)
}
