//! Log lines on stderr: text for people or JSON for programs.

use std::io::{IsTerminal, stderr};

#[cfg(feature = "server")]
use keepsave_server::config::{LogFormat, LogLevel, Settings};
use tracing::Level;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, Registry, fmt, registry};

/// Something that hears every line.
pub type Lines = Box<dyn Layer<Registry> + Send + Sync>;

/// Logs as the settings say, and to whom else it may concern; each `-v` says more.
#[cfg(feature = "server")]
pub fn for_server(settings: &Settings, verbose: u8, others: Lines) {
    let chosen = match settings.log_level {
        LogLevel::Error => Level::ERROR,
        LogLevel::Warn => Level::WARN,
        LogLevel::Info => Level::INFO,
        LogLevel::Debug => Level::DEBUG,
        LogLevel::Trace => Level::TRACE,
    };
    let format = match settings.log_format {
        LogFormat::Text => Format::Text,
        LogFormat::Json => Format::Json,
    };
    start(format, chosen, verbose, Some(others));
}

/// Logs only what needs a look: a command says itself what it did.
pub fn for_commands(verbose: u8) {
    start(Format::Text, Level::WARN, verbose, None);
}

/// For whom the lines are.
#[derive(Clone, Copy)]
enum Format {
    /// People.
    Text,
    /// Programs: what reads the log of a server.
    #[cfg(feature = "server")]
    Json,
}

fn start(format: Format, chosen: Level, verbose: u8, besides: Option<Lines>) {
    let level = match verbose {
        0 => chosen,
        1 => chosen.max(Level::DEBUG),
        _ => Level::TRACE,
    };
    // What the libraries think is of use only to those who asked for everything.
    let others = if level == Level::TRACE {
        level
    } else {
        level.min(Level::WARN)
    };
    let filter = Targets::new()
        .with_default(others)
        .with_target("keepsave", level)
        .with_target("keepsave_device", level)
        .with_target("keepsave_server", level);
    let lines = match format {
        Format::Text => fmt::layer()
            .with_writer(stderr)
            .with_ansi(stderr().is_terminal())
            .with_target(false)
            .boxed(),
        #[cfg(feature = "server")]
        Format::Json => fmt::layer()
            .json()
            .flatten_event(true)
            .with_writer(stderr)
            .boxed(),
    };
    let mut all = vec![lines];
    all.extend(besides);
    if registry().with(all.with_filter(filter)).try_init().is_err() {
        // A command that reaches the server a second time logs as it did the first time.
        return;
    }
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        let message = panic.payload_as_str();
        tracing::error!(
            place,
            message,
            "a fault in Keepsave itself; please report it"
        );
    }));
}
