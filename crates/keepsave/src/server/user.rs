//! `keepsave server user`: who has an account.

use clap::{Args, Subcommand, ValueEnum};
use keepsave_core::time::Time;
use keepsave_server::auth::Caller;
use keepsave_server::auth::accounts::{self, Changes, NewAccount};
use keepsave_server::auth::scope::Role;
use keepsave_server::vault::users::{self, User};
use serde::Serialize;

use super::store::Store;
use crate::exit::{Exit, Failure};
use crate::terminal::{new_password, print, print_json, table};

/// Adds, lists and changes users.
#[derive(Args)]
#[command(
    arg_required_else_help = true,
    disable_help_subcommand = true,
    after_help = "\
Examples:
  keepsave server user add ada --role admin
  echo 'a long password' | keepsave server user password ada
  keepsave server user list --json

A password is asked for on the terminal, or read from stdin. It is never an argument."
)]
pub struct Users {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Adds a user
    #[command(after_help = "\
Examples:
  keepsave server user add ada --role admin
  keepsave server user add bob < password.txt")]
    Add {
        /// The name to sign in with
        name: String,
        /// What they may do
        #[arg(long, value_enum, default_value_t = ChosenRole::User)]
        role: ChosenRole,
        /// Their address
        #[arg(long, default_value = "", hide_default_value = true)]
        email: String,
    },
    /// Lists the users
    #[command(after_help = "\
Examples:
  keepsave server user list --json")]
    List,
    /// Lets a user no longer sign in; their saves stay
    #[command(after_help = "\
Examples:
  keepsave server user disable bob")]
    Disable {
        /// Their name
        name: String,
    },
    /// Lets a user sign in again
    #[command(after_help = "\
Examples:
  keepsave server user enable bob")]
    Enable {
        /// Their name
        name: String,
    },
    /// Gives a user another password, and ends their sessions
    #[command(after_help = "\
Examples:
  keepsave server user password ada < password.txt")]
    Password {
        /// Their name
        name: String,
    },
    /// Gives a user another role
    #[command(after_help = "\
Examples:
  keepsave server user role bob admin")]
    Role {
        /// Their name
        name: String,
        /// What they may do
        #[arg(value_enum)]
        role: ChosenRole,
    },
}

#[derive(Clone, Copy, ValueEnum)]
enum ChosenRole {
    /// Everything with what is theirs
    User,
    /// Everything
    Admin,
}

impl From<ChosenRole> for Role {
    fn from(role: ChosenRole) -> Self {
        match role {
            ChosenRole::User => Self::User,
            ChosenRole::Admin => Self::Admin,
        }
    }
}

/// A user as this command shows them: without the hash of their password.
#[derive(Serialize)]
struct Shown {
    id: i64,
    username: String,
    email: Option<String>,
    role: &'static str,
    enabled: bool,
    last_active: Option<Time>,
    created_at: Time,
}

impl From<User> for Shown {
    fn from(user: User) -> Self {
        Self {
            id: user.id.0,
            username: user.username,
            email: user.email,
            role: user.role.as_str(),
            enabled: user.enabled,
            last_active: user.last_active,
            created_at: user.created_at,
        }
    }
}

impl Users {
    pub fn run(&self, store: &Store, json: bool) -> Result<Exit, Failure> {
        match &self.command {
            Command::List => list(store, json),
            Command::Add { name, role, email } => {
                let new = NewAccount {
                    username: name.clone(),
                    email: email.clone(),
                    password: new_password()?,
                    role: (*role).into(),
                };
                let by = Caller::operator(&store.app);
                let user = store.wait(accounts::add(&store.app, &by, new));
                done(user.map_err(Failure::failed)?, "was added", json)
            }
            Command::Disable { name } => {
                let changes = Changes {
                    enabled: Some(false),
                    ..Changes::default()
                };
                change(store, name, changes, "can no longer sign in", json)
            }
            Command::Enable { name } => {
                let changes = Changes {
                    enabled: Some(true),
                    ..Changes::default()
                };
                change(store, name, changes, "can sign in", json)
            }
            Command::Password { name } => {
                named(store, name)?;
                let changes = Changes {
                    password: Some(new_password()?),
                    ..Changes::default()
                };
                change(store, name, changes, "has another password", json)
            }
            Command::Role { name, role } => {
                let changes = Changes {
                    role: Some((*role).into()),
                    ..Changes::default()
                };
                change(store, name, changes, "has another role", json)
            }
        }
    }
}

fn list(store: &Store, json: bool) -> Result<Exit, Failure> {
    let users = store
        .app
        .vault
        .read(users::all)
        .map_err(Failure::unusable)?;
    let users: Vec<Shown> = users.into_iter().map(Shown::from).collect();
    if json {
        print_json(&users)?;
        return Ok(Exit::Done);
    }
    let rows: Vec<_> = users
        .into_iter()
        .map(|user| {
            [
                user.id.to_string(),
                user.username,
                user.role.to_owned(),
                if user.enabled { "yes" } else { "no" }.to_owned(),
                user.last_active
                    .map_or_else(|| "never".to_owned(), |at| at.to_string()),
            ]
        })
        .collect();
    print(&table(
        ["id", "name", "role", "enabled", "last active"],
        &rows,
    ));
    Ok(Exit::Done)
}

/// The user of that name.
pub fn named(store: &Store, name: &str) -> Result<User, Failure> {
    let found = store.app.vault.read(|tx| users::by_name(tx, name));
    let found = found.map_err(Failure::unusable)?;
    found.ok_or_else(|| Failure::failed(format!("there is no user `{name}`")))
}

fn change(
    store: &Store,
    name: &str,
    changes: Changes,
    sentence: &str,
    json: bool,
) -> Result<Exit, Failure> {
    let id = named(store, name)?.id;
    let by = Caller::operator(&store.app);
    let changed = store.wait(accounts::change(&store.app, &by, id, changes));
    done(changed.map_err(Failure::failed)?, sentence, json)
}

fn done(user: User, sentence: &str, json: bool) -> Result<Exit, Failure> {
    if json {
        print_json(&Shown::from(user))?;
    } else {
        print(&format!("{} {sentence}.", user.username));
    }
    Ok(Exit::Done)
}
