//! `keepsave`: play anywhere, lose nothing.
//!
//! Each command is one file: it reads its arguments, calls a use case of the server or of the device,
//! and says what happened. stdout is data, stderr is talk. No rule of the product is decided here.

mod completions;
mod conflicts;
#[cfg(feature = "server")]
mod docs;
mod doctor;
mod exit;
mod games;
mod guarded;
mod here;
mod hooks;
mod journal;
mod launched;
mod layout;
mod logging;
mod login;
mod logout;
mod meant;
mod memory;
mod patience;
mod play;
mod played;
mod playtime;
mod pull;
mod push;
mod reach;
mod resolve;
mod restore;
mod saves;
mod scripts;
mod seat;
#[cfg(feature = "server")]
mod server;
mod settings;
mod slots;
mod state;
mod states;
mod status;
mod sync;
mod terminal;
mod versions;
mod watch;
mod whoami;
mod wizard;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{ArgAction, Args, Parser, Subcommand};

use exit::{EXIT_CODES, Failure};

/// Keeps every version of every game save and puts the right one on each device.
#[derive(Parser)]
#[command(
    name = "keepsave",
    version,
    arg_required_else_help = true,
    after_help = format!("{EXAMPLES}\n\n{EXIT_CODES}")
)]
struct Keepsave {
    #[command(flatten)]
    shared: Shared,
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  keepsave login http://nas:8080
  keepsave sync run --manifest saves.json";

#[derive(Subcommand)]
enum Command {
    #[cfg(feature = "server")]
    Server(Box<server::Server>),
    Login(Box<login::Login>),
    Logout(logout::Logout),
    Whoami(whoami::Whoami),
    Games(Box<games::Games>),
    Doctor(doctor::Doctor),
    Status(status::StatusCommand),
    Sync(Box<sync::Sync>),
    Pull(pull::Pull),
    Push(push::Push),
    Conflicts(conflicts::Conflicts),
    Resolve(resolve::Resolve),
    Versions(versions::Versions),
    Restore(restore::Restore),
    Slots(slots::Slots),
    Journal(journal::JournalCommand),
    Layout(layout::LayoutCommand),
    Play(play::Play),
    Playtime(playtime::PlaytimeCommand),
    Hooks(hooks::HooksCommand),
    Watch(Box<watch::WatchCommand>),
    Saves(saves::Saves),
    States(states::States),
    Settings(settings::SettingsCommand),
    State(state::StateCommand),
    Completions(completions::Completions),
    #[cfg(feature = "server")]
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
        #[cfg(feature = "server")]
        Command::Server(server) => server.run(&shared),
        Command::Login(login) => login.run(&shared),
        Command::Logout(logout) => logout.run(&shared),
        Command::Whoami(whoami) => whoami.run(&shared),
        Command::Games(games) => games.run(&shared),
        Command::Doctor(doctor) => doctor.run(&shared),
        Command::Status(status) => status.run(&shared),
        Command::Sync(sync) => sync.run(&shared),
        Command::Pull(pull) => pull.run(&shared),
        Command::Push(push) => push.run(&shared),
        Command::Conflicts(conflicts) => conflicts.run(&shared),
        Command::Resolve(resolve) => resolve.run(&shared),
        Command::Versions(versions) => versions.run(&shared),
        Command::Restore(restore) => restore.run(&shared),
        Command::Slots(slots) => slots.run(&shared),
        Command::Journal(journal) => journal.run(&shared),
        Command::Layout(layout) => layout.run(&shared),
        Command::Play(play) => return play.run(&shared),
        Command::Playtime(playtime) => playtime.run(&shared),
        Command::Hooks(hooks) => hooks.run(&shared),
        Command::Watch(watch) => watch.run(&shared),
        Command::Saves(saves) => saves.run(&shared),
        Command::States(states) => states.run(&shared),
        Command::Settings(settings) => settings.run(&shared),
        Command::State(state) => state.run(&shared),
        Command::Completions(completions) => Ok(completions.run()),
        #[cfg(feature = "server")]
        Command::Docs(docs) => docs.run(),
    };
    let exit = done.unwrap_or_else(|failure: Failure| failure.tell(shared.json));
    exit.into()
}
