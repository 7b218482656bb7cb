//! `keepsave server`: runs the server, and what its operator does with it.

mod backup;
mod remembered;
mod restore;
mod retention;
mod scan;
mod settings;
mod start;
mod store;
mod token;
mod user;
mod verify;

use clap::{Args, Subcommand};
use keepsave_server::config::sources::Loaded;

use crate::exit::{EXIT_CODES, Exit, Failure};
use crate::{Shared, logging};
use settings::SettingFlags;
use store::Store;

/// Runs the save server, and does what its operator needs.
#[derive(Args)]
#[command(
    long_about = LONG_ABOUT,
    after_help = EXAMPLES,
    after_long_help = format!("{EXAMPLES}\n\n{EXIT_CODES}"),
    subcommand_help_heading = "For the operator, beside a running server or without one",
    disable_help_subcommand = true
)]
pub struct Server {
    #[command(flatten)]
    settings: SettingFlags,
    #[command(subcommand)]
    command: Option<Command>,
}

const LONG_ABOUT: &str = "\
Runs the save server, and does what its operator needs.

It starts without configuration. Every setting below is also a variable \
(KEEPSAVE_MAX_UPLOAD_BYTES=1GiB) and a line of the file that --config names \
(max_upload_bytes = \"1GiB\"). Flags count first, then variables, then the file.";
const EXAMPLES: &str = "\
Examples:
  keepsave server
  keepsave server --data /srv/keepsave --library /srv/games
  keepsave server --listen 127.0.0.1:9000 --log-format json";

#[derive(Subcommand)]
enum Command {
    User(user::Users),
    Token(token::Tokens),
    Scan(scan::Scan),
    Verify(verify::Verify),
    Backup(backup::Backup),
    Restore(restore::Restore),
    Retention(retention::Retention),
}

impl Server {
    pub fn run(&self, shared: &Shared) -> Result<Exit, Failure> {
        let loaded = self.settings.load(shared.config.as_deref())?;
        let Some(command) = &self.command else {
            return start::run(loaded, shared);
        };
        let Loaded { settings, warnings } = loaded;
        logging::for_commands(shared.verbose);
        for warning in warnings {
            tracing::warn!("{warning}");
        }
        let json = shared.json;
        match command {
            Command::User(users) => users.run(&Store::open(settings)?, json),
            Command::Token(tokens) => tokens.run(&Store::open(settings)?, json),
            Command::Scan(_) => scan::Scan::run(&Store::open(settings)?, json),
            Command::Verify(verify) => verify.run(&Store::open(settings)?, json),
            Command::Backup(backup) => backup.run(&Store::open(settings)?, json),
            Command::Restore(restore) => restore.run(&settings, json),
            Command::Retention(retention) => retention.run(&Store::open(settings)?, json),
        }
    }
}
