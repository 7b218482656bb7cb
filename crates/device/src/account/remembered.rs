//! Who an account is that was named by variables, as its server last said: so that what happens
//! without a network is known to be theirs.
//!
//! Holds no secret. Whoever talks to the server asks anew.

use std::io;
use std::path::{Path, PathBuf};

use keepsave_core::content::Digest;

use super::{Account, User};
use crate::files::whole::write_whole;
use crate::server::Credential;

/// Who that was, if it was ever asked.
pub fn remembered(directory: &Path, account: &Account) -> Option<User> {
    let text = std::fs::read(path(directory, account)?).ok()?;
    serde_json::from_slice(&text).ok()
}

/// Remembers who it is.
pub fn remember(directory: &Path, account: &Account, user: &User) -> io::Result<()> {
    let Some(path) = path(directory, account) else {
        return Ok(());
    };
    if remembered(directory, account).as_ref() == Some(user) {
        return Ok(());
    }
    write_whole(&path, &serde_json::to_vec(user)?)
}

/// A token is random and leaves a digest. A password could be found from one: its name stands for
/// it.
fn path(directory: &Path, account: &Account) -> Option<PathBuf> {
    let who = match &account.credential {
        Credential::Nobody => return None,
        Credential::Token(token) => format!("token\n{}", token.reveal()),
        Credential::Password { user, .. } => format!("user\n{user}"),
    };
    let exact = format!("{}\n{who}", account.origin());
    let digest = Digest::of(exact.as_bytes()).blob.to_string();
    Some(directory.join(format!("who-{}.json", &digest[..24])))
}

#[cfg(test)]
mod tests {
    use keepsave_core::ids::UserId;

    use super::*;
    use crate::server::{Address, Secret};

    fn account(url: &str, credential: Credential) -> Account {
        Account {
            address: Address::parse(url).unwrap(),
            credential,
            saved: None,
        }
    }

    fn password(user: &str, password: &str) -> Credential {
        Credential::Password {
            user: user.to_owned(),
            password: Secret::new(password),
        }
    }

    #[test]
    fn who_it_is_stays_known_for_that_account_alone() {
        let directory = tempfile::tempdir().unwrap();
        let directory = directory.path().join("state");
        let ada = account("http://nas", password("ada", "sesame12"));
        let user = User {
            id: UserId(7),
            name: "ada".to_owned(),
        };
        assert_eq!(remembered(&directory, &ada), None);
        remember(&directory, &ada, &user).unwrap();
        assert_eq!(remembered(&directory, &ada), Some(user.clone()));
        let others = [
            account("http://nas:81", password("ada", "sesame12")),
            account("http://nas", password("bob", "sesame12")),
            account("http://nas", Credential::Token(Secret::new("rmm_1"))),
        ];
        for other in &others {
            assert_eq!(remembered(&directory, other), None);
        }
        remember(&directory, &others[2], &user).unwrap();
        for file in std::fs::read_dir(&directory).unwrap() {
            let path = file.unwrap().path();
            let text = path.display().to_string() + &std::fs::read_to_string(&path).unwrap();
            assert!(!text.contains("sesame") && !text.contains("rmm_"), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_asked_again() {
        let directory = tempfile::tempdir().unwrap();
        let ada = account("http://nas", password("ada", "sesame12"));
        std::fs::write(path(directory.path(), &ada).unwrap(), "{").unwrap();
        assert_eq!(remembered(directory.path(), &ada), None);
    }
}
