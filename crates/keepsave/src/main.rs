//! `keepsave`: play anywhere, lose nothing.
//!
//! Each command is one file: it reads its arguments, calls a use case of the server, and says what
//! happened. stdout is data, stderr is talk. No rule of the product is decided here.

mod completions;
mod docs;
mod exit;
mod logging;
mod memory;
mod server;
mod terminal;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{ArgAction, Args, Parser, Subcommand};

use exit::{EXIT_CODES, Failure};

/// Keeps every version of every game save and puts the right one on each device.
#[derive(Parser)]
#[command(name = "keepsave", version, arg_required_else_help = true, after_help = EXIT_CODES)]
struct Keepsave {
    #[command(flatten)]
    shared: Shared,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Server(Box<server::Server>),
    Completions(completions::Completions),
    #[command(hide = true)]
    Docs(docs::Docs),
}

/// What every command understands.
#[derive(Args)]
struct Shared {
    /// Prints the result as JSON
    #[arg(long, global = true)]
    json: bool,
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        help = "Reads the settings from this TOML file [variable: KEEPSAVE_CONFIG]"
    )]
    config: Option<PathBuf>,
    /// Says more; twice, everything
    #[arg(short, long, global = true, action = ArgAction::Count)]
    verbose: u8,
}

fn main() -> ExitCode {
    let Keepsave { shared, command } = Keepsave::parse();
    let done = match command {
        Command::Server(server) => server.run(&shared),
        Command::Completions(completions) => Ok(completions.run()),
        Command::Docs(docs) => docs.run(),
    };
    done.unwrap_or_else(Failure::tell).into()
}
