//! The first user: made by whoever reads the code that the server prints, or by the settings.

use subtle::ConstantTimeEq;

use super::accounts::NewAccount;
use super::address::Origin;
use super::limiter::Attempt;
use super::scope::Role;
use super::{secret, too_many};
use crate::app::App;
use crate::http::error::Failure;
use crate::vault::users::{self, User};
use crate::vault::{Fault, facts};

/// The fact that holds the hash of the code that was printed last.
const CODE_HASH: &str = "setup_code_hash";

/// Whether the first user is still to be made.
pub fn is_needed(app: &App) -> Result<bool, Fault> {
    app.vault.read(users::any).map(|any| !any)
}

/// A new code for the first user, for the console; none when there are users. A code that was
/// given before is void.
pub async fn new_code(app: &App) -> Result<Option<String>, Fault> {
    let code = secret::code(&app.environment);
    let hash = hex::encode(secret::hash(&code));
    let needed = app
        .vault
        .write(move |tx| {
            let needed = !users::any(tx)?;
            if needed {
                facts::set(tx, CODE_HASH, &hash)?;
            }
            Ok::<_, Fault>(needed)
        })
        .await?;
    Ok(needed.then_some(code))
}

/// Makes the first user, an admin, as the settings say. Nothing happens when there are users.
pub async fn first_user(
    app: &App,
    username: &str,
    password: &str,
) -> Result<Option<User>, Failure> {
    if !is_needed(app)? {
        return Ok(None);
    }
    let prepared = first(username, "", password).prepare(app).await?;
    app.vault
        .write(move |tx| {
            if users::any(tx)? {
                return Ok(None);
            }
            facts::remove(tx, CODE_HASH)?;
            prepared.add(tx).map(Some)
        })
        .await
}

/// Makes the first user, an admin, for someone who has the code.
pub async fn first_user_by_code(
    app: &App,
    code: &str,
    new: NewAccount,
    origin: &Origin,
) -> Result<User, Failure> {
    let wait = app
        .limiter
        .check(Attempt::SetupCode, &origin.who(), app.now());
    wait.map_err(|wait| too_many("Too many wrong codes. Try again later.", wait))?;
    let hash = hex::encode(secret::hash(&secret::typed(code)));
    let right = app.vault.read(|tx| {
        let printed = facts::get(tx, CODE_HASH)?.unwrap_or_default();
        Ok::<_, Fault>(bool::from(printed.as_bytes().ct_eq(hash.as_bytes())))
    })?;
    if !right {
        let _counted = app
            .limiter
            .count(Attempt::SetupCode, &origin.who(), app.now());
        return Err(wrong_code());
    }
    let new = NewAccount {
        role: Role::Admin,
        ..new
    };
    let prepared = new.prepare(app).await?;
    app.vault
        .write(move |tx| {
            if users::any(tx)? {
                return Err(wrong_code());
            }
            facts::remove(tx, CODE_HASH)?;
            prepared.add(tx)
        })
        .await
}

fn first(username: &str, email: &str, password: &str) -> NewAccount {
    NewAccount {
        username: username.to_owned(),
        email: email.to_owned(),
        password: password.to_owned(),
        role: Role::Admin,
    }
}

fn wrong_code() -> Failure {
    Failure::new(
        http::StatusCode::FORBIDDEN,
        "The first user needs the code that the server printed when it started",
    )
}
