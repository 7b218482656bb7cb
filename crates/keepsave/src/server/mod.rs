//! `keepsave server`: runs the server, and what its operator does with it.

mod settings;
mod start;

use clap::{Args, Subcommand};

use crate::Shared;
use crate::exit::{EXIT_CODES, Exit, Failure};
use settings::SettingFlags;

/// Runs the save server, and does what its operator needs.
#[derive(Args)]
#[command(
    long_about = LONG_ABOUT,
    after_help = EXAMPLES,
    after_long_help = format!("{EXAMPLES}\n\n{EXIT_CODES}"),
    subcommand_help_heading = "For the operator",
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
enum Command {}

impl Server {
    pub fn run(&self, shared: &Shared) -> Result<Exit, Failure> {
        let loaded = self.settings.load(shared.config.as_deref())?;
        match &self.command {
            None => start::run(loaded, shared),
            Some(command) => match *command {},
        }
    }
}
