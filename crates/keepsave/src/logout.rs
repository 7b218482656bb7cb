//! `keepsave logout`: gives the token back, and forgets it.

use clap::Args;
use keepsave_device::account::keyring::{Keyring as _, SystemKeyring};
use keepsave_device::account::sign_in::{Revoked, revoke};
use serde_json::json;

use crate::Shared;
use crate::exit::{Exit, Failure};
use crate::reach::{Reach, credentials};
use crate::terminal::{note, print_json};

/// Gives the token back, and forgets it
#[derive(Args)]
#[command(after_help = "\
Examples:
  keepsave logout
  keepsave logout --url https://saves.example.com

What is on this machine, the journal too, and what is on the server stay as they are.")]
pub struct Logout {
    #[command(flatten)]
    reach: Reach,
}

impl Logout {
    pub fn run(&self, shared: &Shared) -> Result<Exit, Failure> {
        let reached = self.reach.open(shared)?;
        let Some(saved) = &reached.account.saved else {
            return Err(Failure::signed_out(
                "the token comes from a flag or a variable, not from `keepsave login`. Unset \
                 KEEPSAVE_TOKEN, or API_TOKEN, API_USERNAME and API_PASSWORD",
            ));
        };
        let revoked = reached.wait(revoke(&reached.server, saved));
        let mut credentials = credentials(&reached.places)?;
        credentials.forget(&saved.url);
        if saved.in_keyring
            && let Err(error) = SystemKeyring.forget(&saved.url)
        {
            note(&format!("the token stays in the system's keyring: {error}"));
        }
        credentials.store(&reached.places.config)?;
        note(&format!("signed out of {}", saved.url));
        let (exit, is_revoked) = match revoked {
            Ok(Revoked::Gone) => (Exit::Done, true),
            Ok(Revoked::NotOurs) => {
                note("the token is forgotten here; the server keeps it until you revoke it there");
                (Exit::Done, false)
            }
            Err(error) => {
                note(&format!(
                    "the token is forgotten here, but could not be revoked: {error}. Revoke it on \
                     the server's page"
                ));
                (Exit::Found, false)
            }
        };
        if shared.json {
            print_json(&json!({ "url": saved.url, "revoked": is_revoked }))?;
        }
        Ok(exit)
    }
}
