//! What names, passwords and addresses may look like. The sentences are RomM's.

use crate::limits::{CREDENTIAL_CHARS, PASSWORD_CHARS_AT_LEAST, USERNAME_CHARS_AT_LEAST};

/// What is wrong with one of them, in a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfit(pub String);

/// Whether a user can be called so.
pub fn check_username(name: &str) -> Result<(), Unfit> {
    const WHAT: &str = "Username";
    check_text(WHAT, name, USERNAME_CHARS_AT_LEAST)?;
    let fits = |sign: char| sign.is_ascii_alphanumeric() || matches!(sign, '_' | '-');
    if name.chars().all(fits) {
        Ok(())
    } else {
        unfit("Username can only contain letters, numbers, underscores, and hyphens")
    }
}

/// Whether a password will do.
pub fn check_password(password: &str) -> Result<(), Unfit> {
    check_text("Password", password, PASSWORD_CHARS_AT_LEAST)
}

/// Whether this can be an address; having none is fine.
pub fn check_email(email: &str) -> Result<(), Unfit> {
    if email.is_empty() {
        return Ok(());
    }
    check_text("Email", email, 0)?;
    if is_email(email) {
        Ok(())
    } else {
        unfit("Invalid email format")
    }
}

/// Only ASCII: in a Basic header other signs arrive in whatever encoding the app likes.
fn check_text(what: &str, text: &str, least: usize) -> Result<(), Unfit> {
    if text.trim().is_empty() {
        unfit(format!("{what} cannot be empty"))
    } else if !text.is_ascii() {
        unfit(format!("{what} must contain only ASCII characters"))
    } else if text.len() < least {
        unfit(format!("{what} must be at least {least} characters long"))
    } else if text.len() > CREDENTIAL_CHARS {
        unfit(format!(
            "{what} must be no more than {CREDENTIAL_CHARS} characters long"
        ))
    } else {
        Ok(())
    }
}

fn unfit<T>(sentence: impl Into<String>) -> Result<T, Unfit> {
    Err(Unfit(sentence.into()))
}

/// `name@host.tld`
fn is_email(email: &str) -> bool {
    let Some((name, host)) = email.split_once('@') else {
        return false;
    };
    let Some((domain, last)) = host.rsplit_once('.') else {
        return false;
    };
    let made_of = |text: &str, others: &[u8]| {
        let fits = |sign: u8| sign.is_ascii_alphanumeric() || others.contains(&sign);
        !text.is_empty() && text.bytes().all(fits)
    };
    made_of(name, b"._%+-")
        && made_of(domain, b".-")
        && last.len() >= 2
        && last.bytes().all(|sign| sign.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_sentence_says_what_is_wrong() {
        let long = "x".repeat(256);
        for (name, wrong) in [
            ("", "Username cannot be empty"),
            ("  ", "Username cannot be empty"),
            ("jürgen", "Username must contain only ASCII characters"),
            ("ab", "Username must be at least 3 characters long"),
            (
                long.as_str(),
                "Username must be no more than 255 characters long",
            ),
            (
                "a b c",
                "Username can only contain letters, numbers, underscores, and hyphens",
            ),
        ] {
            assert_eq!(check_username(name), unfit(wrong), "{name}");
        }
        assert_eq!(check_username("Marit_2-x"), Ok(()));

        for (password, wrong) in [
            ("", "Password cannot be empty"),
            ("      ", "Password cannot be empty"),
            ("päßwörter", "Password must contain only ASCII characters"),
            ("12345", "Password must be at least 6 characters long"),
            (
                long.as_str(),
                "Password must be no more than 255 characters long",
            ),
        ] {
            assert_eq!(check_password(password), unfit(wrong), "{password}");
        }
        assert_eq!(check_password("123456"), Ok(()));
    }

    #[test]
    fn an_address_is_optional_and_looks_like_one() {
        for email in ["", "a@b.de", "a.b+c@sub.example.org"] {
            assert_eq!(check_email(email), Ok(()), "{email}");
        }
        for email in ["a", "a@b", "@b.de", "a@.d", "a b@c.de", "a@b@c.de", "a@b.d"] {
            assert_eq!(check_email(email), unfit("Invalid email format"), "{email}");
        }
        let umlaut = unfit("Email must contain only ASCII characters");
        assert_eq!(check_email("ä@b.de"), umlaut);
    }
}
