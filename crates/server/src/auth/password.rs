//! Passwords: argon2id, off the threads that answer requests, a bounded number at a time.

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use tokio::sync::Semaphore;

use crate::environment::Environment;
use crate::vault::Fault;
use crate::vault::blobs::in_background;

/// How many passwords are checked at once: each takes 19 MiB and a whole core for a moment.
const CHECKS_AT_ONCE: usize = 1;

/// Hashes and checks passwords.
pub struct Passwords {
    environment: Environment,
    turns: Arc<Semaphore>,
}

impl Passwords {
    /// With the randomness for salts.
    pub fn new(environment: Environment) -> Self {
        Self {
            environment,
            turns: Arc::new(Semaphore::new(CHECKS_AT_ONCE)),
        }
    }

    /// The hash to store for a new password.
    pub async fn hash(&self, password: &str) -> Result<String, Fault> {
        let _turn = self.turns.acquire().await;
        let salt: [u8; 16] = self.environment.random();
        let password = password.to_owned();
        in_background(move || {
            let hash = Argon2::default().hash_password_with_salt(password.as_bytes(), &salt);
            hash.map(|hash| hash.to_string())
                .map_err(|error| Fault::File(std::io::Error::other(error.to_string())))
        })
        .await
    }

    /// Whether a password is the one that was hashed. A hash that cannot be read matches nothing.
    pub async fn check(&self, password: &str, hash: &str) -> Result<bool, Fault> {
        let _turn = self.turns.acquire().await;
        let (password, hash) = (password.to_owned(), hash.to_owned());
        in_background(move || {
            Ok(PasswordHash::new(&hash).is_ok_and(|hash| {
                Argon2::default()
                    .verify_password(password.as_bytes(), &hash)
                    .is_ok()
            }))
        })
        .await
    }
}
