//! `keepsave server` itself: starts, says where to go, stops when told to.

use std::io::Write;

use keepsave_server::config::sources::Loaded;
use keepsave_server::config::{LogFormat, Settings};
use keepsave_server::environment::Environment;
use keepsave_server::run::{Ending, Server, addresses};
use rustix::process::{Resource, getrlimit, setrlimit};
use serde_json::json;
use tokio::runtime::Runtime;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::remembered;
use crate::exit::{Exit, Failure};
use crate::{Shared, logging, memory};

/// Enough for the deepest call here; the default is for programs with fewer threads.
const THREAD_STACK_BYTES: usize = 1024 * 1024;
/// Threads that wait for the disk, at most.
const DISK_THREADS: usize = 64;

pub fn run(loaded: Loaded, shared: &Shared) -> Result<Exit, Failure> {
    let Loaded { settings, warnings } = loaded;
    let environment = Environment::real();
    logging::for_server(&settings, shared.verbose, remembered::lines(&environment));
    for warning in warnings {
        tracing::warn!("{warning}");
    }
    memory::give_back();
    allow_many_connections();
    let runtime = runtime().map_err(Failure::unusable)?;
    let exit = runtime.block_on(serve(settings, environment, shared.json));
    // A second signal does not wait for work on the disk.
    runtime.shutdown_background();
    exit
}

fn runtime() -> std::io::Result<Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .thread_name("keepsave")
        .thread_stack_size(THREAD_STACK_BYTES)
        .max_blocking_threads(DISK_THREADS)
        .enable_all()
        .build()
}

/// As many open files as the system lets this process have: each connection is one.
fn allow_many_connections() {
    let mut files = getrlimit(Resource::Nofile);
    files.current = files.maximum;
    if let Err(error) = setrlimit(Resource::Nofile, files) {
        tracing::debug!(%error, "the number of open files stays as it was");
    }
}

async fn serve(settings: Settings, environment: Environment, json: bool) -> Result<Exit, Failure> {
    let mut signals = Signals::new().map_err(Failure::unusable)?;
    let server = Server::open(settings, environment);
    let server = server.await.map_err(Failure::unusable)?;
    let code = server.setup_code().await.map_err(Failure::unusable)?;
    announce(&server, code, json).map_err(Failure::unusable)?;

    let stopping = server.app().stopping.clone();
    let mut serving = std::pin::pin!(server.serve());
    tokio::select! {
        // It ends by itself only when it is told to stop.
        _ending = serving.as_mut() => return Ok(Exit::Done),
        () = signals.next() => stopping.begin(),
    }
    tracing::info!("stopping when what is under way has finished; a second signal stops at once");
    tokio::select! {
        ending = serving => {
            match ending {
                Ending::Clean => tracing::info!("stopped"),
                Ending::CutOff(connections) => tracing::warn!(
                    connections,
                    "stopped; requests that took longer than the grace were cut off"
                ),
            }
            Ok(Exit::Done)
        }
        () = signals.next() => Err(Failure::failed(
            "stopped at once; what was not acknowledged may not have been stored",
        )),
    }
}

/// What asks a server to stop.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// Says where to go: to programs on stdout, to people on stderr. The code for the first user is
/// said wherever a person may look, because without it no one gets in.
fn announce(server: &Server, code: Option<String>, json: bool) -> std::io::Result<()> {
    let settings = &server.app().settings;
    let addresses = addresses(server.address());
    let first = addresses.first().cloned().unwrap_or_default();
    let setup = format!("{first}/setup");
    if json {
        let line = json!({
            "listening": first,
            "addresses": addresses,
            "pid": std::process::id(),
            "version": env!("CARGO_PKG_VERSION"),
            "setup": code.as_ref().map(|code| json!({ "url": setup, "code": code })),
        });
        let mut stdout = std::io::stdout();
        writeln!(stdout, "{line}")?;
        stdout.flush()?;
    }
    if settings.log_format == LogFormat::Json {
        tracing::info!(?addresses, data = %settings.data.display(), "listening");
        if let Some(code) = code {
            tracing::warn!(
                setup,
                code,
                "no one has an account yet; make one with this code"
            );
        }
        return Ok(());
    }
    eprintln!("Keepsave {} is ready:", env!("CARGO_PKG_VERSION"));
    for address in addresses {
        eprintln!("  {address}");
    }
    eprintln!("Saves are kept in {}.", settings.data.display());
    if let Some(code) = code {
        let (one, two) = code.split_at(code.len() / 2);
        eprintln!();
        eprintln!("No one has an account yet. Open {setup} and type this code:");
        eprintln!("  {one}-{two}");
    }
    Ok(())
}
