//! Access and refresh grants: what `POST /api/token` gives for a password, and for the refresh
//! grant before. A refresh grant works once.

use keepsave_core::ids::UserId;
use keepsave_core::time::Time;

use super::scope::Scopes;
use super::secret;
use crate::app::App;
use crate::vault::tokens::{self, GrantKind};
use crate::vault::users::{self, User};
use crate::vault::{Fault, Tx};

/// A pair of grants, as text: the only time that it is seen.
#[derive(Debug)]
pub struct Grants {
    /// Signs requests in.
    pub access: String,
    /// Gets the next pair, once.
    pub refresh: String,
}

/// Grants someone who has shown their password the scopes that they asked for.
pub async fn grant(app: &App, user: UserId, scopes: Scopes) -> Result<Grants, Fault> {
    let drawn = Drawn::new(app);
    app.vault
        .write(move |tx| drawn.keep(tx, user, &scopes.to_string()))
        .await
}

/// What came of a refresh.
#[derive(Debug)]
pub enum Refreshed {
    /// The next pair, with the scopes of the one before.
    Granted(Grants),
    /// The refresh grant is not known, has run out or was used before.
    Refused,
    /// Its owner may not sign in.
    Disabled,
}

/// Gives the next pair of grants for a refresh grant and uses that up.
pub async fn refresh(app: &App, refresh: &str) -> Result<Refreshed, Fault> {
    let (hash, now, drawn) = (secret::hash(refresh), app.now(), Drawn::new(app));
    app.vault
        .write(move |tx| {
            let Some((user, scopes)) = tokens::take_refresh_grant(tx, &hash, now)? else {
                return Ok(Refreshed::Refused);
            };
            match users::by_id(tx, user)? {
                Some(User { enabled: true, .. }) => {
                    Ok(Refreshed::Granted(drawn.keep(tx, user, &scopes)?))
                }
                Some(_) => Ok(Refreshed::Disabled),
                None => Ok(Refreshed::Refused),
            }
        })
        .await
}

/// A new pair that is not stored yet.
struct Drawn {
    grants: Grants,
    at: Time,
    access_ends: Time,
    refresh_ends: Time,
}

impl Drawn {
    fn new(app: &App) -> Self {
        let at = app.now();
        Self {
            grants: Grants {
                access: secret::random(&app.environment),
                refresh: secret::random(&app.environment),
            },
            at,
            access_ends: at.plus_seconds(app.settings.access_token_expire_seconds),
            refresh_ends: at.plus_seconds(app.settings.refresh_token_expire_seconds),
        }
    }

    fn keep(self, tx: &Tx<'_>, user: UserId, scopes: &str) -> Result<Grants, Fault> {
        tokens::remove_expired_grants(tx, self.at)?;
        for (kind, secret, ends) in [
            (GrantKind::Access, &self.grants.access, self.access_ends),
            (GrantKind::Refresh, &self.grants.refresh, self.refresh_ends),
        ] {
            tokens::add_grant(tx, kind, &secret::hash(secret), user, scopes, ends)?;
        }
        Ok(self.grants)
    }
}
