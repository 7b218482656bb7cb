//! Where a token is kept that does not stand in the file: the keyring of a desktop, in builds that
//! know it. Handhelds have none, so the file is what always works.

use super::file::{Credentials, Saved};
use crate::server::Secret;

/// Keeps the token of each server.
pub trait Keyring {
    /// Whether this build knows one. It may fail all the same.
    fn is_known(&self) -> bool;
    /// Keeps a token.
    fn keep(&self, url: &str, token: &Secret) -> Result<(), KeyringError>;
    /// The token that was kept.
    fn fetch(&self, url: &str) -> Result<Secret, KeyringError>;
    /// Forgets it.
    fn forget(&self, url: &str) -> Result<(), KeyringError>;
}

/// What the keyring says why not.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct KeyringError(pub String);

/// The keyring of this system.
pub struct SystemKeyring;

#[cfg(feature = "keyring")]
mod known {
    use keyring::v1::{Entry, Error};

    use super::{Keyring, KeyringError, Secret, SystemKeyring};

    /// What our tokens are filed under.
    const SERVICE: &str = "keepsave";

    fn told(error: &Error) -> KeyringError {
        KeyringError(error.to_string())
    }

    fn entry(url: &str) -> Result<Entry, KeyringError> {
        Entry::new(SERVICE, url).map_err(|error| told(&error))
    }

    impl Keyring for SystemKeyring {
        fn is_known(&self) -> bool {
            true
        }

        fn keep(&self, url: &str, token: &Secret) -> Result<(), KeyringError> {
            let kept = entry(url)?.set_password(token.reveal());
            kept.map_err(|error| told(&error))
        }

        fn fetch(&self, url: &str) -> Result<Secret, KeyringError> {
            let token = entry(url)?.get_password();
            token.map(Secret::new).map_err(|error| told(&error))
        }

        fn forget(&self, url: &str) -> Result<(), KeyringError> {
            match entry(url)?.delete_credential() {
                Err(error) if !matches!(error, Error::NoEntry) => Err(told(&error)),
                _ => Ok(()),
            }
        }
    }
}

#[cfg(not(feature = "keyring"))]
mod unknown {
    use super::{Keyring, KeyringError, Secret, SystemKeyring};

    fn told() -> KeyringError {
        KeyringError("this build of keepsave knows no keyring".to_owned())
    }

    impl Keyring for SystemKeyring {
        fn is_known(&self) -> bool {
            false
        }

        fn keep(&self, _: &str, _: &Secret) -> Result<(), KeyringError> {
            Err(told())
        }

        fn fetch(&self, _: &str) -> Result<Secret, KeyringError> {
            Err(told())
        }

        fn forget(&self, _: &str) -> Result<(), KeyringError> {
            Err(told())
        }
    }
}

/// Saves an account: its token in the keyring where there is one, else in the file. Gives what a
/// person should know about that.
pub fn save(
    credentials: &mut Credentials,
    mut saved: Saved,
    keyring: &dyn Keyring,
) -> Option<String> {
    let mut note = None;
    if keyring.is_known() {
        match keyring.keep(&saved.url, &saved.token) {
            Ok(()) => {
                saved.token = Secret::default();
                saved.in_keyring = true;
            }
            Err(error) => {
                note = Some(format!(
                    "the system's keyring cannot be used ({error}), so the token stands in the \
                     file of credentials, which is yours alone"
                ));
            }
        }
    }
    credentials.put(saved);
    note
}
