//! Runs the command that plays a game, as if it had been started without us: the same terminal and
//! environment, signals passed on, its exit told.
//!
//! Knows nothing of games.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, ExitStatus};

use rustix::process::{Pid, Signal, getpgrp, kill_process};
use rustix::termios::tcgetpgrp;
use tokio::signal::unix::{self, SignalKind, signal};

/// What is passed on to the command.
const PASSED_ON: [(SignalKind, Signal); 3] = [
    (SignalKind::hangup(), Signal::HUP),
    (SignalKind::interrupt(), Signal::INT),
    (SignalKind::terminate(), Signal::TERM),
];

/// The signals that end a program. From the moment this is made they end us no more: each is kept
/// until it is asked for.
pub struct Signals {
    heard: [(unix::Signal, Signal); 3],
}

/// A command that was run to its end.
#[derive(Clone, Copy, Debug)]
pub struct Played {
    /// How it ended.
    pub status: ExitStatus,
}

impl Signals {
    /// Listens from now on.
    pub fn listen() -> io::Result<Self> {
        let [hangup, interrupt, terminate] = PASSED_ON;
        let of = |(kind, passed): (SignalKind, Signal)| Ok::<_, io::Error>((signal(kind)?, passed));
        Ok(Self {
            heard: [of(hangup)?, of(interrupt)?, of(terminate)?],
        })
    }

    /// The next one.
    pub async fn next(&mut self) -> Signal {
        let [(hangup, a), (interrupt, b), (terminate, c)] = &mut self.heard;
        tokio::select! {
            _ = hangup.recv() => *a,
            _ = interrupt.recv() => *b,
            _ = terminate.recv() => *c,
        }
    }

    /// One that was sent already.
    pub async fn sent(&mut self) -> Option<Signal> {
        tokio::select! {
            biased;
            signal = self.next() => Some(signal),
            () = tokio::task::yield_now() => None,
        }
    }
}

impl Played {
    /// What a shell would say of it: its exit code, or 128 and the signal that ended it.
    pub fn code(&self) -> u8 {
        let signal = self.status.signal().map(code_of_signal);
        let code = self.status.code().map(|code| code.to_le_bytes()[0]);
        code.or(signal).unwrap_or(u8::MAX)
    }
}

/// What a shell says of a program that a signal ended.
pub fn code_of_signal(signal: i32) -> u8 {
    u8::try_from(128 + signal).unwrap_or(u8::MAX)
}

/// Runs a command to its end. The error says why it could not be started.
pub async fn run(command: &[OsString], signals: &mut Signals) -> io::Result<Played> {
    let [program, arguments @ ..] = command else {
        return Err(io::ErrorKind::NotFound.into());
    };
    // Before it starts, so that no end is missed.
    let mut ends = signal(SignalKind::child())?;
    let mut child = Command::new(program).args(arguments).spawn()?;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Played { status });
        }
        tokio::select! {
            _ = ends.recv() => {}
            signal = signals.next() => pass_on(signal, &child),
        }
    }
}

/// The child is not waited for meanwhile, so its id is still its own.
fn pass_on(signal: Signal, child: &Child) {
    // A terminal sends its Ctrl-C to the child, too. A second one makes emulators quit at once and
    // leave their save unwritten.
    if signal == Signal::INT && is_in_front_of_a_terminal() {
        return;
    }
    let id = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    if let Some(id) = id {
        // It may have ended; then there is nothing to pass on.
        let _ended = kill_process(id, signal);
    }
}

fn is_in_front_of_a_terminal() -> bool {
    let terminal = File::open("/dev/tty");
    terminal.is_ok_and(|terminal| tcgetpgrp(&terminal).is_ok_and(|group| group == getpgrp()))
}
