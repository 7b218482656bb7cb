//! Who we are to which server.
//!
//! What a command was told counts first, then Keepsave's variables, then romm-cli's, then the file
//! that `keepsave login` writes. A token is shown to the server it belongs to and to no other: one
//! from the file to its origin, one from a variable to the address that stands beside it.

pub mod file;
pub mod keyring;
pub mod remembered;
pub mod sign_in;

use keepsave_core::ids::{DeviceId, UserId};
use serde::{Deserialize, Serialize};

use crate::server::{Address, BadAddress, Credential, Origin, Secret};
use file::{Credentials, Saved};
use keyring::{Keyring, KeyringError};

/// Who we are to a server.
#[derive(Clone, Debug)]
pub struct Account {
    /// Where the server is.
    pub address: Address,
    /// How we sign in.
    pub credential: Credential,
    /// What was saved when we signed in; none where the credential is not the saved one.
    pub saved: Option<Saved>,
}

/// A user of a server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Their id there.
    pub id: UserId,
    /// Their name there.
    pub name: String,
}

impl Account {
    /// What its tokens and its state belong to.
    pub fn origin(&self) -> Origin {
        self.address.origin()
    }

    /// The user, where it was saved who it is.
    pub fn user(&self) -> Option<&User> {
        Some(&self.saved.as_ref()?.user)
    }

    /// The device that this machine is to the server, where it was saved.
    pub fn device(&self) -> Option<&DeviceId> {
        self.saved.as_ref()?.device.as_ref()
    }
}

/// What a command was told about the account.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// The server's address.
    pub url: Option<String>,
    /// A token.
    pub token: Option<Secret>,
}

/// Why there is no account to use.
#[derive(Debug, thiserror::Error)]
pub enum NoAccount {
    /// No server was ever named.
    #[error(
        "no server is known. Sign in with `keepsave login URL`, or set KEEPSAVE_URL and KEEPSAVE_TOKEN"
    )]
    Nowhere,
    /// Nothing to show to that server.
    #[error("not signed in to {address}. Sign in with `keepsave login {address}`")]
    SignedOut {
        /// The server.
        address: Address,
    },
    /// A variable holds what is no address.
    #[error("{from}: {error}")]
    BadAddress {
        /// The flag or variable.
        from: &'static str,
        /// Why it is none.
        error: BadAddress,
    },
    /// A token without the server that it belongs to.
    #[error(
        "{token} is set without {url}, so it is not known which server it belongs to, and it is \
         shown to none. Set {url} beside it"
    )]
    Homeless {
        /// The variable of the token.
        token: &'static str,
        /// The variable of the address.
        url: &'static str,
    },
    /// The token is where it cannot be had now.
    #[error(
        "the token for {url} is in the system's keyring, which cannot be used ({error}). Unlock \
         it, or sign in again with `keepsave login {url}`"
    )]
    Locked {
        /// The server.
        url: String,
        /// Why not.
        error: KeyringError,
    },
    /// A name without a password.
    #[error("API_USERNAME is set without API_PASSWORD. Set both, or neither")]
    HalfPassword,
}

/// The names of variables that belong together.
struct Family {
    url: &'static str,
    token: &'static str,
}

const OURS: Family = Family {
    url: "KEEPSAVE_URL",
    token: "KEEPSAVE_TOKEN",
};
const ROMM_CLI: Family = Family {
    url: "API_BASE_URL",
    token: "API_TOKEN",
};

/// Finds the account to use.
pub fn find(
    told: &Told,
    variable: impl Fn(&str) -> Option<String>,
    saved: &Credentials,
    keyring: &dyn Keyring,
) -> Result<Account, NoAccount> {
    let variable = |name: &str| variable(name).filter(|value| !value.trim().is_empty());
    let address_in = |from: &'static str, text: Option<String>| {
        let address = text.map(|text| Address::parse(&text)).transpose();
        address.map_err(|error| NoAccount::BadAddress { from, error })
    };
    let ours = address_in(OURS.url, variable(OURS.url))?;
    let romm_cli = address_in(ROMM_CLI.url, variable(ROMM_CLI.url))?;
    let flag = address_in("--url", told.url.clone())?;
    let named = [&flag, &ours, &romm_cli];
    let named = named.into_iter().find_map(Option::as_ref).cloned();

    if let Some(token) = &told.token {
        let address = named.or_else(|| saved.usual()?.address());
        return Ok(Account {
            address: address.ok_or(NoAccount::Nowhere)?,
            credential: Credential::Token(token.clone()),
            saved: None,
        });
    }
    let beside = [
        (
            OURS,
            ours,
            variable(OURS.token).map(|token| Credential::Token(Secret::new(token))),
        ),
        (ROMM_CLI, romm_cli, of_romm_cli(&variable)?),
    ];
    for (family, home, credential) in beside {
        let Some(credential) = credential else {
            continue;
        };
        let belongs = match (&home, &flag) {
            // It stands beside an address: that is where it belongs.
            (Some(home), _) => named
                .as_ref()
                .is_some_and(|named| named.origin() == home.origin()),
            // It stands alone, and the command says where it goes.
            (None, Some(_)) => true,
            (None, None) => {
                let Family { token, url } = family;
                return Err(NoAccount::Homeless { token, url });
            }
        };
        if let Some(address) = named.clone().filter(|_| belongs) {
            return Ok(Account {
                address,
                credential,
                saved: None,
            });
        }
    }
    let found = match &named {
        Some(address) => saved.of(address),
        None => Some(saved.usual().ok_or(NoAccount::Nowhere)?),
    };
    let signed_out = |address| NoAccount::SignedOut { address };
    let Some(found) = found else {
        return Err(named.map_or(NoAccount::Nowhere, signed_out));
    };
    let address = named.or_else(|| found.address());
    Ok(Account {
        address: address.ok_or(NoAccount::Nowhere)?,
        credential: Credential::Token(token_of(found, keyring)?),
        saved: Some(found.clone()),
    })
}

fn token_of(saved: &Saved, keyring: &dyn Keyring) -> Result<Secret, NoAccount> {
    if !saved.in_keyring {
        return Ok(saved.token.clone());
    }
    keyring
        .fetch(&saved.url)
        .map_err(|error| NoAccount::Locked {
            url: saved.url.clone(),
            error,
        })
}

/// A token counts before a name and a password, which are sent with every request.
fn of_romm_cli(
    variable: &impl Fn(&str) -> Option<String>,
) -> Result<Option<Credential>, NoAccount> {
    if let Some(token) = variable(ROMM_CLI.token) {
        return Ok(Some(Credential::Token(Secret::new(token))));
    }
    match (variable("API_USERNAME"), variable("API_PASSWORD")) {
        (Some(user), Some(password)) => Ok(Some(Credential::Password {
            user,
            password: Secret::new(password),
        })),
        (Some(_), None) => Err(NoAccount::HalfPassword),
        (None, _) => Ok(None),
    }
}

#[cfg(test)]
mod tests;
