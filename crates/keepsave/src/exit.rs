//! What a command tells the shell when it ends.

use std::fmt::Display;
use std::process::ExitCode;

/// For `--help` and the reference page.
pub const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  something failed or was found; the output says what
  2  wrong usage or configuration
  4  the server or its store could not be used";

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done = 0,
    /// Something failed, or was found.
    Found = 1,
    /// Wrong usage or configuration.
    Usage = 2,
    /// The server or its store could not be used.
    Unusable = 4,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a command did not do what it was asked.
#[derive(Debug)]
pub struct Failure {
    exit: Exit,
    message: String,
}

impl Failure {
    /// Something failed.
    pub fn failed(message: impl Display) -> Self {
        Self::new(Exit::Found, message)
    }

    /// The command was used wrongly, or the configuration is wrong.
    pub fn usage(message: impl Display) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// The server or its store could not be used.
    pub fn unusable(message: impl Display) -> Self {
        Self::new(Exit::Unusable, message)
    }

    fn new(exit: Exit, message: impl Display) -> Self {
        Self {
            exit,
            message: message.to_string(),
        }
    }

    /// Tells the person, and the exit that tells the shell.
    pub fn tell(self) -> Exit {
        for line in self.message.lines() {
            eprintln!("keepsave: {line}");
        }
        self.exit
    }
}
