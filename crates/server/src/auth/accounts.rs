//! Accounts: making, changing and deleting users.
//!
//! A token reaches no further than its scopes: who may change others is asked of the request, not
//! only of the person.

use keepsave_core::accounts::{Unfit, check_email, check_password, check_username};
use keepsave_core::ids::UserId;
use keepsave_core::time::Time;

use super::Caller;
use super::address::Origin;
use super::scope::{Role, Scope};
use super::sign_in::{SignIn, with_password};
use crate::app::App;
use crate::http::error::Failure;
use crate::vault::users::{self, User};
use crate::vault::{Tx, sessions, tokens};

impl From<Unfit> for Failure {
    fn from(unfit: Unfit) -> Self {
        Self::bad_request(unfit.0)
    }
}

/// A user to be made.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// The name to sign in with.
    pub username: String,
    /// May be empty.
    pub email: String,
    /// The password.
    pub password: String,
    /// What they will be.
    pub role: Role,
}

impl NewAccount {
    /// The same, fit to be stored.
    pub(super) async fn prepare(self, app: &App) -> Result<Prepared, Failure> {
        check_username(&self.username)?;
        check_password(&self.password)?;
        check_email(&self.email)?;
        Ok(Prepared {
            password_hash: app.passwords.hash(&self.password).await?,
            account: self,
            now: app.now(),
        })
    }
}

/// A user whose name and password were found fit.
pub(super) struct Prepared {
    account: NewAccount,
    password_hash: String,
    now: Time,
}

impl Prepared {
    pub(super) fn add(&self, tx: &Tx<'_>) -> Result<User, Failure> {
        let new = &self.account;
        demand_free_name(tx, &new.username)?;
        demand_free_email(tx, &new.email)?;
        let email = Some(new.email.as_str()).filter(|email| !email.is_empty());
        let hash = &self.password_hash;
        let id = users::add(tx, &new.username, email, hash, new.role, self.now)?;
        found(tx, id)
    }
}

/// Makes a user.
pub async fn add(app: &App, by: &Caller, new: NewAccount) -> Result<User, Failure> {
    by.require(Scope::UsersWrite)?;
    let prepared = new.prepare(app).await?;
    app.vault.write(move |tx| prepared.add(tx)).await
}

/// What is to be changed about a user; nothing stays as it is.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "the columns of the table")]
pub struct Changes {
    pub username: Option<String>,
    pub password: Option<String>,
    /// Empty: none any more.
    pub email: Option<String>,
    pub role: Option<Role>,
    pub enabled: Option<bool>,
    /// A JSON object.
    pub ui_settings: Option<String>,
}

/// Changes a user. People change themselves, but neither their role nor whether they may sign in;
/// admins change everyone. A new password ends all that was signed in with the old one.
pub async fn change(app: &App, by: &Caller, id: UserId, changes: Changes) -> Result<User, Failure> {
    by.require(Scope::MeWrite)?;
    let is_self = by.id() == id;
    let may = is_self || by.scopes.has(Scope::UsersWrite);
    app.vault.read(|tx| may_change(tx, id, may))?;
    let password_hash = match &changes.password {
        Some(password) => {
            check_password(password)?;
            Some(app.passwords.hash(password).await?)
        }
        None => None,
    };
    let now = app.now();
    app.vault
        .write(move |tx| {
            let mut user = may_change(tx, id, may)?;
            if let Some(name) = changes.username.filter(|name| *name != user.username) {
                check_username(&name)?;
                user.username = free_name_for(tx, &user, &name)?;
            }
            if let Some(email) = changes.email {
                check_email(&email)?;
                user.email = free_email_for(tx, &user, &email)?;
            }
            if !is_self {
                let was_admin = user.role == Role::Admin;
                user.role = changes.role.unwrap_or(user.role);
                user.enabled = changes.enabled.unwrap_or(user.enabled);
                let is_admin = user.role == Role::Admin && user.enabled;
                if was_admin && !is_admin && users::is_last_admin(tx, id)? {
                    let last = "You cannot demote the last admin user";
                    return Err(Failure::bad_request(last));
                }
            }
            if let Some(settings) = changes.ui_settings {
                user.ui_settings = settings;
            }
            if let Some(hash) = password_hash {
                user.password_hash = hash;
                sessions::remove_all(tx, id)?;
                tokens::remove_grants(tx, id)?;
            }
            users::update(tx, &user, now)?;
            found(tx, id)
        })
        .await
}

/// Gives oneself another password, for whoever knows the one before. All that was signed in with
/// that ends.
pub async fn change_password(
    app: &App,
    by: &Caller,
    current: &str,
    new: &str,
    origin: &Origin,
) -> Result<SignIn, Failure> {
    by.require(Scope::MeWrite)?;
    let checked = with_password(app, &by.user.username, current, origin).await?;
    if !matches!(checked, SignIn::Welcome(_)) {
        return Ok(checked);
    }
    let changes = Changes {
        password: Some(new.to_owned()),
        ..Changes::default()
    };
    Ok(SignIn::Welcome(change(app, by, by.id(), changes).await?))
}

/// Deletes a user: they are gone from everywhere and can sign in nowhere, but no save of theirs is
/// destroyed.
pub async fn delete(app: &App, by: &Caller, id: UserId) -> Result<(), Failure> {
    by.require(Scope::UsersWrite)?;
    let (own, now) = (by.id(), app.now());
    app.vault
        .write(move |tx| {
            let unknown = || Failure::not_found("User not found");
            let user = users::by_id(tx, id)?.ok_or_else(unknown)?;
            if id == own {
                return Err(Failure::bad_request("You cannot delete yourself"));
            }
            if user.role == Role::Admin && users::is_last_admin(tx, id)? {
                let last = "You cannot delete the last admin user";
                return Err(Failure::bad_request(last));
            }
            sessions::remove_all(tx, id)?;
            tokens::remove_all(tx, id)?;
            users::hide(tx, id, now)?;
            Ok(())
        })
        .await
}

fn may_change(tx: &Tx<'_>, id: UserId, may: bool) -> Result<User, Failure> {
    match users::by_id(tx, id)? {
        _ if !may => Err(Failure::forbidden()),
        Some(user) => Ok(user),
        None => Err(Failure::not_found(format!(
            "Username with id {id} not found"
        ))),
    }
}

fn free_name_for(tx: &Tx<'_>, user: &User, name: &str) -> Result<String, Failure> {
    let name = name.to_lowercase();
    if name != user.username {
        demand_free_name(tx, &name)?;
    }
    Ok(name)
}

fn free_email_for(tx: &Tx<'_>, user: &User, email: &str) -> Result<Option<String>, Failure> {
    let email = Some(email.to_lowercase()).filter(|email| !email.is_empty());
    if email != user.email {
        demand_free_email(tx, email.as_deref().unwrap_or_default())?;
    }
    Ok(email)
}

fn demand_free_name(tx: &Tx<'_>, name: &str) -> Result<(), Failure> {
    match users::by_name(tx, name)? {
        Some(_) => Err(Failure::bad_request(format!(
            "Username {name} already exists"
        ))),
        None => Ok(()),
    }
}

fn demand_free_email(tx: &Tx<'_>, email: &str) -> Result<(), Failure> {
    if !email.is_empty() && users::by_email(tx, email)?.is_some() {
        return Err(Failure::bad_request(format!(
            "User with email {email} already exists"
        )));
    }
    Ok(())
}

/// A user that was just written.
fn found(tx: &Tx<'_>, id: UserId) -> Result<User, Failure> {
    let user = users::by_id(tx, id)?;
    user.ok_or_else(|| Failure::not_found("User not found"))
}
