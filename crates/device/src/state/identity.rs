//! Whose state it is: one user of one server.

use keepsave_core::content::Digest;
use keepsave_core::ids::UserId;

/// A user of a server. Nothing that is known of one is ever used with another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Scheme, host and port, and the path below them if the server stands there.
    pub origin: String,
    /// The user, by the server's number: names change.
    pub user: UserId,
}

impl Identity {
    /// What the files of this account begin with: readable, and no two accounts' are the same.
    pub fn file_stem(&self) -> String {
        let host = self.origin.split("://").last().unwrap_or_default();
        let readable: String = host
            .chars()
            .map(|character| match character {
                'a'..='z' | 'A'..='Z' | '0'..='9' | '.' | '-' => character,
                _ => '_',
            })
            .take(60)
            .collect();
        let exact = format!("{}\n{}", self.origin, self.user);
        let digest = Digest::of(exact.as_bytes()).blob.to_string();
        format!("{readable}-{}-{}", self.user, &digest[..12])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stem(origin: &str, user: i64) -> String {
        let identity = Identity {
            origin: origin.to_owned(),
            user: UserId(user),
        };
        identity.file_stem()
    }

    #[test]
    fn a_stem_is_readable_and_one_accounts_own() {
        let own = stem("https://saves.example.org", 7);
        assert!(own.starts_with("saves.example.org-7-"), "{own}");
        for (origin, user) in [
            ("https://saves.example.org", 8),
            ("http://saves.example.org", 7),
            ("https://saves.example.org:8443", 7),
            ("https://saves.example.org/romm", 7),
        ] {
            assert_ne!(stem(origin, user), own);
        }
        let odd = stem("http://[::1]:80/../x/\u{e9}", 1);
        assert!(!odd.contains(['/', ':', '\u{e9}']), "{odd}");
        assert!(stem(&"x".repeat(5000), 1).len() < 100);
    }
}
