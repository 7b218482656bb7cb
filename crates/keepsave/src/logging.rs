//! Log lines on stderr: text for people or JSON for programs.

use std::io::{IsTerminal, stderr};

use keepsave_server::config::{LogFormat, LogLevel, Settings};
use tracing::Level;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt, registry};

/// Starts logging as the settings say; each `-v` says more.
pub fn start(settings: &Settings, verbose: u8) {
    let chosen = match settings.log_level {
        LogLevel::Error => Level::ERROR,
        LogLevel::Warn => Level::WARN,
        LogLevel::Info => Level::INFO,
        LogLevel::Debug => Level::DEBUG,
        LogLevel::Trace => Level::TRACE,
    };
    let level = match verbose {
        0 => chosen,
        1 => chosen.max(Level::DEBUG),
        _ => Level::TRACE,
    };
    // What the libraries think is of use only to those who asked for everything.
    let others = if level == Level::TRACE {
        level
    } else {
        Level::WARN
    };
    let filter = Targets::new()
        .with_default(others.min(level))
        .with_target("keepsave", level)
        .with_target("keepsave_server", level);
    let lines = match settings.log_format {
        LogFormat::Text => fmt::layer()
            .with_writer(stderr)
            .with_ansi(stderr().is_terminal())
            .with_target(false)
            .boxed(),
        LogFormat::Json => fmt::layer()
            .json()
            .flatten_event(true)
            .with_writer(stderr)
            .boxed(),
    };
    registry().with(lines.with_filter(filter)).init();
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
