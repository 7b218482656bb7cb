//! What a device shows to say who it is. It never appears in a log or an error.

use std::fmt;

use base64::Engine as _;
use reqwest::header::HeaderValue;

/// A text that is not shown.
#[derive(Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Hides a text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself: for a request, or for the place where it is kept.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}

/// How a device signs in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credential {
    /// It does not: for the heartbeat, and for signing in.
    Nobody,
    /// With a token.
    Token(Secret),
    /// With a name and a password, every time.
    Password {
        /// The name.
        user: String,
        /// The password.
        password: Secret,
    },
}

impl Credential {
    /// The header that says it; none where it cannot stand in one.
    pub(crate) fn header(&self) -> Option<HeaderValue> {
        let text = match self {
            Self::Nobody => return None,
            Self::Token(token) => format!("Bearer {}", token.reveal()),
            Self::Password { user, password } => {
                let pair = format!("{user}:{}", password.reveal());
                let encoded = base64::engine::general_purpose::STANDARD.encode(pair);
                format!("Basic {encoded}")
            }
        };
        let mut value = HeaderValue::try_from(text).ok()?;
        value.set_sensitive(true);
        Some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_sent_and_not_shown() {
        let token = Credential::Token(Secret::new("rmm_abc"));
        let password = Credential::Password {
            user: "ada".into(),
            password: Secret::new("sésame"),
        };
        for (credential, header) in [
            (&token, "Bearer rmm_abc"),
            (&password, "Basic YWRhOnPDqXNhbWU="),
        ] {
            assert_eq!(credential.header().unwrap(), header);
            let shown = format!("{credential:?} {:?}", credential.header().unwrap());
            assert!(!shown.contains("abc") && !shown.contains("same"), "{shown}");
        }
        assert_eq!(Credential::Nobody.header(), None);
        assert_eq!(Credential::Token(Secret::new("a\nb")).header(), None);
    }
}
