//! Passwords: argon2id, off the threads that answer requests, a bounded number at a time.
//!
//! RomM's clients send theirs with every request. One that was right is remembered for a few
//! minutes as a keyed hash over the name, the password and the stored hash, so that another
//! password is another memory. One that is wrong again and again has to wait.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use keepsave_core::limits;
use keepsave_core::time::Time;
use tokio::sync::Semaphore;

use super::limiter::{Attempt, Limiter, Wait};
use crate::environment::Environment;
use crate::vault::Fault;
use crate::vault::blobs::in_background;

/// How many passwords are checked at once: each takes 19 MiB and a whole core for a moment.
const CHECKS_AT_ONCE: usize = 1;

/// Checked where there is no user, so that it takes as long as a wrong password. Nothing matches.
const NOBODYS_HASH: &str = "$argon2id$v=19$m=19456,t=2,p=1$a2VlcHNhdmUta2VlcHNhdmU\
     $AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// A name and a password, as someone gave them.
#[derive(Clone, Copy)]
pub struct Guess<'a> {
    /// The name.
    pub name: &'a str,
    /// The password.
    pub password: &'a str,
    /// What is stored for that name; none when no one has it.
    pub stored: Option<&'a str>,
    /// Whom to count it against when it is wrong.
    pub who: &'a str,
}

/// What came of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is the one.
    Right,
    /// It is not.
    Wrong {
        /// How many more may be tried before a pause.
        tries_left: u32,
    },
    /// Too many were wrong; this one was not looked at.
    Paused(Wait),
}

/// Hashes and checks passwords.
pub struct Passwords {
    environment: Environment,
    turns: Arc<Semaphore>,
    key: [u8; 32],
    checked: Mutex<HashMap<[u8; 32], Time>>,
    wrong: Limiter,
}

impl Passwords {
    /// With the randomness for salts.
    pub fn new(environment: Environment) -> Self {
        Self {
            key: environment.random(),
            environment,
            turns: Arc::new(Semaphore::new(CHECKS_AT_ONCE)),
            checked: Mutex::default(),
            wrong: Limiter::default(),
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
    pub async fn check(&self, guess: Guess<'_>) -> Result<Verdict, Fault> {
        let memory = self.memory_of(&guess);
        if self.is_checked(&memory) {
            return Ok(Verdict::Right);
        }
        let _turn = self.turns.acquire().await;
        // Whoever waited behind the same password need not check it again.
        if self.is_checked(&memory) {
            return Ok(Verdict::Right);
        }
        let counted = format!("{} {}", guess.who, guess.name.to_lowercase());
        let now = self.environment.now();
        if let Err(wait) = self.wrong.check(Attempt::WrongPassword, &counted, now) {
            return Ok(Verdict::Paused(wait));
        }
        if matches(guess.password, guess.stored.unwrap_or(NOBODYS_HASH)).await? {
            self.remember(memory);
            return Ok(Verdict::Right);
        }
        let left = self.wrong.count(Attempt::WrongPassword, &counted, now);
        Ok(Verdict::Wrong {
            tries_left: left.unwrap_or_default(),
        })
    }

    fn memory_of(&self, guess: &Guess<'_>) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new_keyed(&self.key);
        let name = guess.name.to_lowercase();
        for part in [&name, guess.password, guess.stored.unwrap_or_default()] {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        *hasher.finalize().as_bytes()
    }

    fn is_checked(&self, memory: &[u8; 32]) -> bool {
        let now = self.environment.now();
        let checked = self.checked();
        checked.get(memory).is_some_and(|until| now < *until)
    }

    fn remember(&self, memory: [u8; 32]) {
        let now = self.environment.now();
        let mut checked = self.checked();
        if checked.len() >= limits::CHECKED_PASSWORDS {
            checked.retain(|_, until| now < *until);
        }
        if checked.len() >= limits::CHECKED_PASSWORDS {
            checked.clear();
        }
        checked.insert(memory, now.plus_seconds(limits::CHECKED_PASSWORD_SECONDS));
    }

    fn checked(&self) -> MutexGuard<'_, HashMap<[u8; 32], Time>> {
        self.checked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn matches(password: &str, hash: &str) -> Result<bool, Fault> {
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Else an unknown name would be answered faster than a wrong password.
    #[test]
    fn nobodys_hash_costs_what_a_real_one_does() {
        let real = Argon2::default()
            .hash_password_with_salt(b"password", b"saltsaltsaltsalt")
            .unwrap();
        let nobodys = PasswordHash::new(NOBODYS_HASH).unwrap();
        assert_eq!(nobodys.algorithm, real.algorithm);
        assert_eq!(nobodys.version, real.version);
        assert_eq!(nobodys.params, real.params);
        assert_eq!(
            nobodys.hash.map(|hash| hash.len()),
            real.hash.map(|hash| hash.len())
        );
    }

    #[tokio::test]
    async fn a_right_password_is_remembered_only_beside_the_hash_it_matched() {
        let passwords = Passwords::new(Environment::real());
        let (old, new) = (
            passwords.hash("first").await.unwrap(),
            passwords.hash("second").await.unwrap(),
        );
        let guess = |stored| Guess {
            name: "Bob",
            password: "first",
            stored: Some(stored),
            who: "192.0.2.1",
        };
        assert_eq!(passwords.check(guess(&old)).await.unwrap(), Verdict::Right);
        assert!(passwords.is_checked(&passwords.memory_of(&guess(&old))));
        assert!(!passwords.is_checked(&passwords.memory_of(&guess(&new))));
        assert!(matches!(
            passwords.check(guess(&new)).await.unwrap(),
            Verdict::Wrong { .. }
        ));
    }
}
