//! The file of credentials: one account for each server, readable to its owner alone, replaced as
//! a whole. One that cannot be read is never written over.

use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use keepsave_core::ids::{DeviceId, TokenId};
use keepsave_core::time::Time;
use serde::{Deserialize, Serialize};

use super::User;
use crate::files::whole::write_whole;
use crate::server::{Address, Secret};

const NAME: &str = "credentials.json";
const VERSION: u32 = 1;
/// Readable and writable to its owner alone.
const PRIVATE: u32 = 0o600;

/// The accounts of this machine.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Credentials {
    version: u32,
    /// What this machine calls itself when it asks to be let in, so that it stays one device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_identifier: Option<String>,
    /// The address of the account that counts where none is named.
    #[serde(default)]
    usual: Option<String>,
    #[serde(default)]
    accounts: Vec<Saved>,
}

/// What was saved when we signed in to a server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saved {
    /// The server's address as it was written.
    pub url: String,
    /// What we show to it; empty where the keyring has it.
    #[serde(default)]
    pub token: Secret,
    /// Whether the keyring has the token.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub in_keyring: bool,
    /// Whose it is.
    pub user: User,
    /// The device that this machine is there.
    pub device: Option<DeviceId>,
    /// What revokes the token.
    pub token_id: Option<TokenId>,
    /// What the token may do; empty where that was not said.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// Until when it counts.
    pub expires_at: Option<Time>,
}

/// Credentials that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It cannot be read or written.
    #[error("{}: {error}. Nothing was changed", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why not.
        error: io::Error,
    },
    /// It holds something else.
    #[error(
        "{}: it cannot be read ({why}), and it was left as it is. Repair it, or move it away and \
         sign in again with `keepsave login`",
        path.display()
    )]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
}

impl Default for Credentials {
    fn default() -> Self {
        Self {
            version: VERSION,
            device_identifier: None,
            usual: None,
            accounts: Vec::new(),
        }
    }
}

impl Saved {
    /// The server's address; none when someone wrote nonsense into the file.
    pub fn address(&self) -> Option<Address> {
        Address::parse(&self.url).ok()
    }
}

impl Credentials {
    /// The account for that server.
    pub fn of(&self, address: &Address) -> Option<&Saved> {
        let is_there = |saved: &&Saved| saved.address().as_ref() == Some(address);
        self.accounts.iter().find(is_there)
    }

    /// The account that counts where none is named.
    pub fn usual(&self) -> Option<&Saved> {
        let usual = self.usual.as_deref();
        let named = self
            .accounts
            .iter()
            .find(|saved| Some(saved.url.as_str()) == usual);
        named.or_else(|| self.accounts.last())
    }

    /// Saves an account in place of the one for the same server; it becomes the usual one.
    pub fn put(&mut self, saved: Saved) {
        self.forget(&saved.url);
        self.usual = Some(saved.url.clone());
        self.accounts.push(saved);
    }

    /// Changes what is saved of a server.
    pub fn change(&mut self, url: &str, change: impl FnOnce(&mut Saved)) {
        if let Some(saved) = self.accounts.iter_mut().find(|saved| saved.url == url) {
            change(saved);
        }
    }

    /// Forgets the account for a server.
    pub fn forget(&mut self, url: &str) {
        self.accounts.retain(|saved| saved.url != url);
        if self.usual.as_deref() == Some(url) {
            self.usual = self.accounts.last().map(|saved| saved.url.clone());
        }
    }

    /// Reads the file in that directory; none is an empty one. The second is a warning.
    pub fn load(directory: &Path) -> Result<(Self, Option<String>), FileError> {
        let path = directory.join(NAME);
        let io = |error| FileError::Io {
            path: path.clone(),
            error,
        };
        let text = match std::fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok((Self::default(), None));
            }
            read => read.map_err(io)?,
        };
        let corrupt = |why: String| FileError::Corrupt {
            path: path.clone(),
            why,
        };
        let read: Self =
            serde_json::from_slice(&text).map_err(|error| corrupt(error.to_string()))?;
        if read.version != VERSION {
            let why = format!("it is of version {}; this is {VERSION}", read.version);
            return Err(corrupt(why));
        }
        let warning = tighten(&path).map_err(io)?;
        Ok((read, warning))
    }

    /// Writes the file in that directory: all of it or nothing, and durably.
    pub fn store(&self, directory: &Path) -> Result<(), FileError> {
        let path = directory.join(NAME);
        let text = serde_json::to_string_pretty(self).map_err(io::Error::other);
        text.and_then(|text| write_whole(&path, format!("{text}\n").as_bytes()))
            .map_err(|error| FileError::Io { path, error })
    }
}

/// Takes from others what they could do with the file.
fn tighten(path: &Path) -> io::Result<Option<String>> {
    let mode = std::fs::metadata(path)?.permissions().mode() & 0o777;
    if mode & !PRIVATE == 0 {
        return Ok(None);
    }
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(PRIVATE))?;
    Ok(Some(format!(
        "{}: others could read it (mode {mode:03o}); it is now yours alone. If that was a shared \
         machine, sign in anew",
        path.display()
    )))
}

#[cfg(test)]
mod tests {
    use keepsave_core::ids::UserId;

    use super::*;

    fn saved(url: &str) -> Saved {
        Saved {
            url: url.into(),
            token: Secret::new("rmm_sesame"),
            in_keyring: false,
            user: User {
                id: UserId(1),
                name: "ada".into(),
            },
            device: None,
            token_id: Some(TokenId(3)),
            scopes: vec!["me.read".into()],
            expires_at: Some(Time::EPOCH),
        }
    }

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    fn set_mode(path: &Path, mode: u32) {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn what_is_stored_is_loaded_and_is_its_owners_alone() {
        let home = tempfile::tempdir().unwrap();
        let directory = home.path().join("config/keepsave");
        let (none, _) = Credentials::load(&directory).unwrap();
        assert!(none.usual().is_none());
        let mut credentials = none;
        credentials.device_identifier = Some("i".into());
        credentials.put(saved("http://nas"));
        credentials.store(&directory).unwrap();
        let (loaded, warning) = Credentials::load(&directory).unwrap();
        assert_eq!(loaded.usual(), Some(&saved("http://nas")));
        assert_eq!(
            (loaded.device_identifier.as_deref(), warning),
            (Some("i"), None)
        );
        let path = directory.join(NAME);
        assert_eq!((mode(&path), mode(&directory)), (0o600, 0o700));
        let names: Vec<_> = std::fs::read_dir(&directory).unwrap().collect();
        assert_eq!(names.len(), 1, "nothing is left beside it");
    }

    #[test]
    fn a_laxer_mode_is_tightened_and_told() {
        let home = tempfile::tempdir().unwrap();
        Credentials::default().store(home.path()).unwrap();
        let path = home.path().join(NAME);
        for lax in [0o644, 0o640, 0o604, 0o700, 0o666] {
            set_mode(&path, lax);
            let (_, warning) = Credentials::load(home.path()).unwrap();
            assert!(warning.unwrap().contains(&format!("{lax:03o}")));
            assert_eq!(mode(&path), 0o600);
            assert_eq!(Credentials::load(home.path()).unwrap().1, None);
        }
        set_mode(&path, 0o400);
        assert_eq!(Credentials::load(home.path()).unwrap().1, None);
    }

    #[test]
    fn what_cannot_be_read_is_left_as_it_is() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join(NAME);
        for text in [
            "",
            "{",
            "[]",
            r#"{"version": 2}"#,
            r#"{"accounts": []}"#,
            "\u{0}",
        ] {
            std::fs::write(&path, text).unwrap();
            let told = Credentials::load(home.path()).unwrap_err().to_string();
            assert!(
                told.contains(NAME) && told.contains("left as it is"),
                "{told}"
            );
            assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        }
    }

    #[test]
    fn a_link_is_followed() {
        let home = tempfile::tempdir().unwrap();
        let (config, dotfiles) = (home.path().join("config"), home.path().join("dotfiles"));
        std::fs::create_dir_all(&config).unwrap();
        std::fs::create_dir_all(&dotfiles).unwrap();
        let real = dotfiles.join("secrets.json");
        std::fs::write(&real, r#"{"version": 1}"#).unwrap();
        std::os::unix::fs::symlink(&real, config.join(NAME)).unwrap();
        let (mut credentials, _) = Credentials::load(&config).unwrap();
        credentials.put(saved("http://nas"));
        credentials.store(&config).unwrap();
        assert!(
            std::fs::read_to_string(&real)
                .unwrap()
                .contains("http://nas")
        );
        assert!(config.join(NAME).is_symlink());
    }

    #[test]
    fn one_account_for_each_server_and_the_last_is_the_usual_one() {
        let mut credentials = Credentials::default();
        for url in ["http://one", "http://two", "http://one"] {
            credentials.put(saved(url));
        }
        assert_eq!(credentials.accounts.len(), 2);
        assert_eq!(credentials.usual().unwrap().url, "http://one");
        let two = Address::parse("http://two/").unwrap();
        assert_eq!(credentials.of(&two).unwrap().url, "http://two");
        credentials.forget("http://one");
        assert_eq!(credentials.usual().unwrap().url, "http://two");
        credentials.forget("http://two");
        assert!(credentials.usual().is_none() && credentials.of(&two).is_none());
    }

    #[test]
    fn a_secret_is_not_in_what_is_shown() {
        let mut credentials = Credentials::default();
        credentials.put(saved("http://nas"));
        assert!(!format!("{credentials:?}").contains("sesame"));
    }
}
