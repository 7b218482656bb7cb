//! Signing in: a code that a person approves, a pairing code, a token, or a name and a password.
//! Each ends with a token, whose it is, and nothing else: a password is forgotten.

use std::time::Duration;

use keepsave_core::limits;
use keepsave_wire::device_auth::DeviceAuthInitPayload;
use keepsave_wire::tokens::ClientTokenCreatePayload;
use tokio::time::Instant;

use super::User;
use super::file::Saved;
use crate::server::seen::{SeenDeviceCode, SeenToken};
use crate::server::sign_in::Poll;
use crate::server::{
    Address, BadConnection, Connection, Credential, Secret, Server, ServerError, Trouble,
};

/// What the program is called where servers ask.
pub const CLIENT: &str = "keepsave";

/// What a device needs: to know who it is, which games there are, to sync saves and states, to say
/// when games were played, and to give its token back.
pub const SCOPES: [&str; 10] = [
    "me.read",
    "me.write",
    "roms.read",
    "platforms.read",
    "assets.read",
    "assets.write",
    "devices.read",
    "devices.write",
    "roms.user.read",
    "roms.user.write",
];

/// Why signing in failed.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// The server did not let us.
    #[error(transparent)]
    Server(#[from] ServerError),
    /// It cannot be connected to at all.
    #[error(transparent)]
    Connection(#[from] BadConnection),
    /// A person refused.
    #[error("the request was refused there. Nothing was changed")]
    Denied,
    /// No one decided in time.
    #[error("no one approved the code in time. Nothing was changed. Run it again for a new one")]
    Expired,
    /// Wrong name or password.
    #[error("the server does not know that name and password. Nothing was changed")]
    WrongPassword,
    /// A code that is none, or not any more.
    #[error("{detail}. A pairing code counts for a minute and works once: make a new one")]
    BadCode {
        /// In the server's words.
        detail: String,
    },
}

/// A sign-in that waits for a person.
#[derive(Debug)]
pub struct Waiting {
    server: Server,
    code: SeenDeviceCode,
    /// When it was asked.
    since: Instant,
}

/// What this machine calls itself.
#[derive(Clone, Debug)]
pub struct Machine<'a> {
    /// The same every time: of its own, not of the person.
    pub identifier: &'a str,
    /// For people.
    pub name: &'a str,
    /// `linux`.
    pub platform: &'a str,
    /// Keepsave's version.
    pub version: &'a str,
}

/// Someone who signs in to a server.
#[derive(Clone, Copy, Debug)]
pub struct SigningIn<'a> {
    /// The server.
    pub address: &'a Address,
    /// How to reach it.
    pub connection: &'a Connection,
}

impl SigningIn<'_> {
    fn server(&self, credential: Credential) -> Result<Server, BadConnection> {
        Server::new(self.address.clone(), credential, self.connection)
    }

    /// The server, asked by nobody.
    pub fn stranger(&self) -> Result<Server, BadConnection> {
        self.server(Credential::Nobody)
    }

    /// Asks that this machine be let in. Where the server does so, it makes the device too.
    pub async fn ask(&self, machine: &Machine<'_>) -> Result<Waiting, SignInError> {
        let server = self.stranger()?;
        let payload = DeviceAuthInitPayload {
            client_device_identifier: machine.identifier.to_owned(),
            name: machine.name.to_owned(),
            client: CLIENT.to_owned(),
            platform: Some(machine.platform.to_owned()),
            client_version: Some(machine.version.to_owned()),
            requested_scopes: SCOPES.map(str::to_owned).to_vec(),
        };
        let code = server.ask_to_be_let_in(&payload).await?;
        let since = Instant::now();
        Ok(Waiting {
            server,
            code,
            since,
        })
    }

    /// With the token of a pairing code.
    pub async fn with_code(&self, code: &str) -> Result<Saved, SignInError> {
        let token = self.stranger()?.exchange(code.trim()).await;
        let token = token.map_err(|error| match error.trouble {
            Trouble::NotFound {
                detail: Some(detail),
            } => SignInError::BadCode { detail },
            _ => error.into(),
        })?;
        self.with(token).await
    }

    /// With a token that a person made.
    pub async fn with_token(&self, token: Secret) -> Result<Saved, SignInError> {
        let token = SeenToken {
            id: None,
            raw_token: token,
            device_id: None,
            scopes: Vec::new(),
            expires_at: None,
        };
        self.with(token).await
    }

    /// With a token that is made for this machine. The password is not kept.
    pub async fn with_password(
        &self,
        user: &str,
        password: Secret,
        name: &str,
    ) -> Result<Saved, SignInError> {
        let credential = Credential::Password {
            user: user.to_owned(),
            password,
        };
        let payload = ClientTokenCreatePayload {
            name: format!("{CLIENT} on {name}"),
            scopes: SCOPES.map(str::to_owned).to_vec(),
            expires_in: Some("never".to_owned()),
        };
        let token = self.server(credential)?.make_token(&payload).await;
        let token = token.map_err(|error| match error.trouble {
            Trouble::SignedOut => SignInError::WrongPassword,
            _ => error.into(),
        })?;
        self.with(token).await
    }

    /// Asks whose token it is: so it is known to work before it is saved.
    pub async fn with(&self, token: SeenToken) -> Result<Saved, SignInError> {
        let credential = Credential::Token(token.raw_token.clone());
        let me = self.server(credential)?.me().await?.seen;
        Ok(Saved {
            url: self.address.to_string(),
            token: token.raw_token,
            in_keyring: false,
            user: User {
                id: me.id,
                name: me.username,
            },
            device: token.device_id.or(me.current_device_id),
            token_id: token.id,
            scopes: token.scopes,
            expires_at: token.expires_at,
        })
    }
}

impl Waiting {
    /// What a person types there.
    pub fn code(&self) -> &str {
        &self.code.user_code
    }

    /// Where a person types it.
    pub fn page(&self) -> String {
        let path = self.code.verification_path.as_deref();
        self.below(path.unwrap_or("/pair/device"))
    }

    /// Where it is typed already.
    pub fn page_with_code(&self) -> String {
        match &self.code.verification_path_complete {
            Some(path) => self.below(path),
            None => self.page(),
        }
    }

    /// A path of the server. One that is a whole address is not believed: it could lead elsewhere.
    fn below(&self, path: &str) -> String {
        let slash = if path.starts_with('/') { "" } else { "/" };
        format!("{}{slash}{path}", self.server.address())
    }

    /// Waits until a person has decided.
    pub async fn decision(self) -> Result<SeenToken, SignInError> {
        let usual = limits::DEVICE_POLL_SECONDS.unsigned_abs();
        let step = Duration::from_secs(usual);
        let asked = Duration::from_secs(self.code.interval.unwrap_or(usual).min(60));
        let mut interval = asked.max(limits::DEVICE_POLL_PAUSE);
        let lives = limits::DEVICE_REQUEST_SECONDS.unsigned_abs();
        let lives = Duration::from_secs(self.code.expires_in.unwrap_or(lives).min(lives * 6));
        loop {
            match self.server.poll(&self.code.device_code).await {
                Ok(Poll::In(token)) => return Ok(token),
                Ok(Poll::Pending) => {}
                Ok(Poll::TooSoon) => interval += step,
                Ok(Poll::Denied) => return Err(SignInError::Denied),
                Ok(Poll::Expired) => return Err(SignInError::Expired),
                Err(error) if is_passing(&error.trouble) => {
                    tracing::debug!(%error, "asked again later");
                }
                Err(error) => return Err(error.into()),
            }
            if self.since.elapsed() + interval > lives {
                return Err(SignInError::Expired);
            }
            tokio::time::sleep(interval).await;
        }
    }
}

/// While a person types, a network may come and go.
fn is_passing(trouble: &Trouble) -> bool {
    matches!(
        trouble,
        Trouble::Unreachable { .. }
            | Trouble::Stalled { .. }
            | Trouble::CutOff { .. }
            | Trouble::Broken { .. }
    )
}

/// What became of a token that was given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revoked {
    /// The server does not know it any more.
    Gone,
    /// The server did not let us: a person made it, or narrowed what it may do.
    NotOurs,
}

/// Gives a token back, so that no one can use it.
pub async fn revoke(server: &Server, saved: &Saved) -> Result<Revoked, ServerError> {
    let ids = match (saved.token_id, &saved.device) {
        (Some(id), _) => vec![id],
        // Of a device that was let in only the device is known; its tokens are this machine's.
        (None, Some(device)) => match server.tokens().await {
            Ok(tokens) => {
                let tokens = tokens.seen.rows.into_iter();
                let ours = tokens.filter(|token| token.device_id.as_ref() == Some(device));
                // The newest is the one that is shown, so it goes last.
                let mut ours: Vec<_> = ours.map(|token| token.id).collect();
                ours.sort_unstable();
                ours
            }
            Err(error) => return settled(&error.trouble).ok_or(error),
        },
        (None, None) => Vec::new(),
    };
    let mut revoked = Revoked::NotOurs;
    for id in ids {
        revoked = match server.revoke_token(id).await {
            Ok(()) => Revoked::Gone,
            Err(error) => settled(&error.trouble).ok_or(error)?,
        };
    }
    Ok(revoked)
}

fn settled(trouble: &Trouble) -> Option<Revoked> {
    match trouble {
        Trouble::SignedOut | Trouble::NotFound { detail: Some(_) } => Some(Revoked::Gone),
        Trouble::Forbidden { .. } | Trouble::NotFound { detail: None } => Some(Revoked::NotOurs),
        _ => None,
    }
}
