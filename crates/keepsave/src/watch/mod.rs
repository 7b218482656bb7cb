//! `keepsave watch`: keeps the saves of a machine in step with the server, for as long as it runs.

mod driver;
mod install;
mod jobs;
mod sources;

use std::fs::File;
use std::io::{Read as _, Seek as _, Write as _};

use clap::{Args, Subcommand};
use rustix::fs::{FlockOperation, flock};
use tokio::signal::unix::SignalKind;

use self::driver::Driver;
use self::install::{Changing, Named};
use crate::exit::{Exit, Failure};
use crate::patience::Patience;
use crate::reach::{Reach, places};
use crate::{Shared, memory};

/// Keeps the saves of this machine in step with the server, for as long as it runs
#[derive(Args)]
#[command(
    disable_help_subcommand = true,
    after_help = "\
Examples:
  keepsave watch
  keepsave watch --json
  keepsave watch install

For systems whose frontends have no hooks. What is written here is sent, and what other devices
sent comes down, but never for a game that is being played: that waits until it has ended. The
settings save_sync_enabled, sync_before_launch (what comes down) and sync_after_exit (what is sent)
count. Without a network it waits, and the next contact does everything. SIGTERM or Ctrl-C ends it."
)]
pub struct WatchCommand {
    #[command(flatten)]
    reach: Reach,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Shows whether an agent starts with the machine
    #[command(after_help = "\
Examples:
  keepsave watch status
  keepsave watch status --json")]
    Status(Named),
    /// Shows what would be written, asks, and has an agent start with the machine
    #[command(after_help = "\
Examples:
  keepsave watch install
  keepsave watch install systemd --yes

By a unit of systemd for this user, or by a boot script of muOS or Onion.")]
    Install(Changing),
    /// Shows what would be removed, asks, and removes it
    #[command(after_help = "\
Examples:
  keepsave watch remove
  keepsave watch remove muos --yes")]
    Remove(Changing),
}

impl WatchCommand {
    pub fn run(&self, shared: &Shared) -> Result<Exit, Failure> {
        match &self.command {
            Some(Command::Status(named)) => return named.status(shared),
            Some(Command::Install(changing)) => return changing.install(shared),
            Some(Command::Remove(changing)) => return changing.remove(shared),
            None => {}
        }
        memory::give_back();
        let patience = Patience::endless()?;
        patience.ends_at(&[
            SignalKind::interrupt(),
            SignalKind::terminate(),
            SignalKind::hangup(),
        ]);
        let _alone = alone()?;
        Driver::new(&self.reach, shared, patience)?.run();
        Ok(Exit::Done)
    }
}

/// Two would do everything twice.
fn alone() -> Result<File, Failure> {
    let directory = places()?.state;
    fs_err::create_dir_all(&directory).map_err(Failure::failed)?;
    let path = directory.join("agent.lock");
    let mut options = File::options();
    options.read(true).write(true).create(true).truncate(false);
    let opened = options.open(&path);
    let mut file = opened.map_err(|error| {
        Failure::failed(format!("{}: cannot be locked ({error})", path.display()))
    })?;
    if flock(&file, FlockOperation::NonBlockingLockExclusive).is_err() {
        let mut pid = String::new();
        let _unknown = file.read_to_string(&mut pid);
        return Err(Failure::failed(format!(
            "another agent runs on this machine (process {}): it is enough",
            pid.trim()
        )));
    }
    // Only for whoever is told that it is there.
    let _noted = file
        .set_len(0)
        .and_then(|()| file.rewind())
        .and_then(|()| writeln!(file, "{}", std::process::id()));
    Ok(file)
}
