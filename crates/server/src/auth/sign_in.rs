//! Signing in with a name and a password, by whatever way they came.

use super::address::Origin;
use super::limiter::Wait;
use super::password::{Guess, Verdict};
use crate::app::App;
use crate::vault::Fault;
use crate::vault::users::{self, User};

/// What is answered while too many passwords were wrong.
pub const TOO_MANY: &str = "Too many failed sign-ins. Try again later.";

/// What came of it.
#[derive(Debug)]
pub enum SignIn {
    /// It is this person.
    Welcome(User),
    /// No one has this name and this password.
    Wrong {
        /// How many more may be tried before a pause.
        tries_left: u32,
    },
    /// Someone has, but may not sign in.
    Disabled,
    /// Too many were wrong.
    Paused(Wait),
}

/// Finds out whose name and password these are.
pub async fn with_password(
    app: &App,
    name: &str,
    password: &str,
    origin: &Origin,
) -> Result<SignIn, Fault> {
    let user = app.vault.read(|tx| users::by_name(tx, name))?;
    let guess = Guess {
        name,
        password,
        stored: user.as_ref().map(|user| user.password_hash.as_str()),
        who: &origin.who(),
    };
    let verdict = app.passwords.check(guess).await?;
    Ok(match (verdict, user) {
        (Verdict::Right, Some(user)) if user.enabled => SignIn::Welcome(user),
        (Verdict::Right, Some(_)) => SignIn::Disabled,
        (Verdict::Right, None) => SignIn::Wrong { tries_left: 0 },
        (Verdict::Wrong { tries_left }, _) => SignIn::Wrong { tries_left },
        (Verdict::Paused(wait), _) => SignIn::Paused(wait),
    })
}
