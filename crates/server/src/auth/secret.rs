//! Secrets that the server hands out, and the hashes that it keeps of them.

use crate::environment::Environment;
use crate::vault::tokens::Hash;

/// What every client token begins with, as RomM's do.
pub const CLIENT_TOKEN: &str = "rmm_";

/// The signs of a code that people type: none that looks like another.
const SIGNS: &[u8; 31] = b"ABCDEFGHJKMNPQRSTUVWXYZ23456789";
const SIGNS_IN_A_CODE: usize = 8;

/// 256 random bits as text.
pub fn random(environment: &Environment) -> String {
    hex::encode(environment.random::<32>())
}

/// A new client token.
pub fn client_token(environment: &Environment) -> String {
    format!("{CLIENT_TOKEN}{}", random(environment))
}

/// A new code for people to type.
pub fn code(environment: &Environment) -> String {
    let mut code = String::with_capacity(SIGNS_IN_A_CODE);
    while code.len() < SIGNS_IN_A_CODE {
        // Bytes above the last whole round of the signs would favour the first ones.
        let fair = environment
            .random::<SIGNS_IN_A_CODE>()
            .into_iter()
            .map(usize::from)
            .filter(|byte| byte / SIGNS.len() < 256 / SIGNS.len());
        code.extend(
            fair.map(|byte| char::from(SIGNS[byte % SIGNS.len()]))
                .take(SIGNS_IN_A_CODE - code.len()),
        );
    }
    code
}

/// A code as it was given out, however it was typed: in small letters, in groups.
pub fn typed(code: &str) -> String {
    code.chars()
        .filter(|sign| !matches!(sign, '-' | ' '))
        .map(|sign| sign.to_ascii_uppercase())
        .collect()
}

/// What the server keeps of a secret. A plain hash is enough: every secret is random and long, or
/// lives for a minute.
pub fn hash(secret: &str) -> Hash {
    *blake3::hash(secret.as_bytes()).as_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_hold_only_signs_that_people_can_tell_apart() {
        let environment = Environment::real();
        for _ in 0..1000 {
            let code = code(&environment);
            assert_eq!(code.len(), 8);
            assert!(code.bytes().all(|sign| SIGNS.contains(&sign)), "{code}");
        }
    }

    #[test]
    fn a_code_is_the_same_however_it_is_typed() {
        for text in ["KMPV4ETT", "kmpv-4ETT", " kmpv 4ett ", "k-m-p-v-4-e-t-t"] {
            assert_eq!(typed(text), "KMPV4ETT");
        }
    }
}
