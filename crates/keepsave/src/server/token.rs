//! `keepsave server token`: what clients and scripts sign in with.

use clap::builder::{NonEmptyStringValueParser, PossibleValuesParser};
use clap::{Args, Subcommand};
use keepsave_core::ids::TokenId;
use keepsave_core::time::Time;
use keepsave_server::auth::scope::{Role, Scope};
use keepsave_server::auth::{Caller, client_tokens};
use keepsave_server::vault::tokens::{self, ClientToken};
use keepsave_server::vault::users::User;
use serde::Serialize;

use super::store::Store;
use super::user::named;
use crate::exit::{Exit, Failure};
use crate::terminal::{print, print_json, table};

/// Makes, lists and revokes tokens that clients sign in with.
#[derive(Args)]
#[command(
    arg_required_else_help = true,
    disable_help_subcommand = true,
    after_help = "\
Examples:
  keepsave server token create ada --name Deck
  keepsave server token create ada --name scraper --scopes logs.read --expires 1y
  keepsave server token list ada
  keepsave server token revoke 3

The secret of a new token is printed once, on stdout. The server keeps its hash only."
)]
pub struct Tokens {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Makes a token for a user and prints its secret
    #[command(after_help = "\
Examples:
  keepsave server token create ada --name Deck
  keepsave server token create ada --name scraper --scopes logs.read --expires 1y")]
    Create(Create),
    /// Lists the tokens of a user, or of everyone
    #[command(after_help = "\
Examples:
  keepsave server token list ada")]
    List {
        /// Whose
        user: Option<String>,
    },
    /// Revokes a token: it is dead at once
    #[command(after_help = "\
Examples:
  keepsave server token revoke 3")]
    Revoke {
        /// Its id, as `list` shows it
        id: i64,
    },
}

#[derive(Args)]
struct Create {
    /// Whose it is
    user: String,
    /// What it is for
    #[arg(long, value_parser = NonEmptyStringValueParser::new())]
    name: String,
    /// What it may do, separated by commas; by default all that a user may do with what is theirs
    #[arg(long, value_delimiter = ',', value_name = "SCOPES", value_parser = scopes())]
    scopes: Vec<String>,
    /// How long it lives
    #[arg(long, default_value = "never", value_parser = ["30d", "90d", "1y", "never"])]
    expires: String,
}

fn scopes() -> PossibleValuesParser {
    PossibleValuesParser::new(Scope::ALL.iter().map(|scope| scope.as_str()))
}

/// A token as this command shows it.
#[derive(Serialize)]
struct Shown {
    id: i64,
    user: String,
    name: String,
    scopes: Vec<String>,
    expires_at: Option<Time>,
    last_used_at: Option<Time>,
    created_at: Time,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
}

impl Shown {
    fn new(token: ClientToken, user: &User, secret: Option<String>) -> Self {
        Self {
            id: token.id.0,
            user: user.username.clone(),
            name: token.name,
            scopes: token.scopes.split_whitespace().map(str::to_owned).collect(),
            expires_at: token.expires_at,
            last_used_at: token.last_used_at,
            created_at: token.created_at,
            secret,
        }
    }
}

impl Tokens {
    pub fn run(&self, store: &Store, json: bool) -> Result<Exit, Failure> {
        match &self.command {
            Command::Create(create) => create.run(store, json),
            Command::List { user } => list(store, user.as_deref(), json),
            Command::Revoke { id } => {
                let by = Caller::operator(&store.app);
                let deleted = client_tokens::delete_anyones(&store.app, &by, TokenId(*id));
                store.wait(deleted).map_err(Failure::failed)?;
                if json {
                    print_json(&serde_json::json!({ "revoked": id }))?;
                } else {
                    print(&format!("Token {id} was revoked."));
                }
                Ok(Exit::Done)
            }
        }
    }
}

impl Create {
    fn run(&self, store: &Store, json: bool) -> Result<Exit, Failure> {
        let user = named(store, &self.user)?;
        let by = Caller::in_person(user.clone());
        let mut scopes = self.scopes.clone();
        if scopes.is_empty() {
            let usual = Role::User.scopes().names();
            scopes.extend(usual.into_iter().map(str::to_owned));
        }
        let lifetime = Some(self.expires.as_str());
        let minted = client_tokens::create(&store.app, &by, self.name.clone(), &scopes, lifetime);
        let minted = store.wait(minted).map_err(Failure::failed)?;
        if json {
            print_json(&Shown::new(minted.token, &user, Some(minted.secret)))?;
        } else {
            eprintln!(
                "Token {} of {}. Its secret is shown only now:",
                minted.token.id, self.user
            );
            print(&minted.secret);
        }
        Ok(Exit::Done)
    }
}

fn list(store: &Store, user: Option<&str>, json: bool) -> Result<Exit, Failure> {
    let only = user.map(|user| named(store, user)).transpose()?;
    let all = store
        .app
        .vault
        .read(tokens::of_everyone)
        .map_err(Failure::unusable)?;
    let shown: Vec<Shown> = all
        .into_iter()
        .filter(|(_, owner)| only.as_ref().is_none_or(|user| user.id == owner.id))
        .map(|(token, owner)| Shown::new(token, &owner, None))
        .collect();
    if json {
        print_json(&shown)?;
        return Ok(Exit::Done);
    }
    let moment = |at: Option<Time>| at.map_or_else(|| "never".to_owned(), |at| at.to_string());
    let rows: Vec<_> = shown
        .into_iter()
        .map(|token| {
            [
                token.id.to_string(),
                token.user,
                token.name,
                moment(token.expires_at),
                moment(token.last_used_at),
            ]
        })
        .collect();
    print(&table(
        ["id", "user", "name", "expires", "last used"],
        &rows,
    ));
    Ok(Exit::Done)
}
