//! What a command tells the shell when it ends.

use std::fmt::Display;
use std::process::ExitCode;

use keepsave_core::release;
use keepsave_device::account::NoAccount;
use keepsave_device::account::file::FileError;
use keepsave_device::account::sign_in::SignInError;
use keepsave_device::by_hand::ByHandError;
use keepsave_device::engine::EngineError;
use keepsave_device::giving_up::GivingUpError;
use keepsave_device::places::Homeless;
use keepsave_device::playtime::PlaytimeError;
use keepsave_device::server::download::DownloadError;
use keepsave_device::server::upload::UploadError;
use keepsave_device::server::{BadConnection, ServerError, Trouble};
use serde_json::{Value, json};

use crate::terminal::print_json;

/// For `--help` and the reference page.
pub const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  something failed, was left out or needs a person; the output says what
  2  wrong usage, or a wrong configuration of the server
  3  not signed in, not allowed, or not configured
  4  the server, its store or the network could not be used";

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done = 0,
    /// Something failed, was left out, or was found.
    Found = 1,
    /// Wrong usage or configuration.
    Usage = 2,
    /// Not signed in, or not allowed.
    SignedOut = 3,
    /// The server, its store or the network could not be used.
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
    /// The same for programs, where they know this failure by name.
    json: Option<Value>,
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

    /// Whoever asks is not signed in, or may not.
    pub fn signed_out(message: impl Display) -> Self {
        Self::new(Exit::SignedOut, message)
    }

    /// The server, its store or the network could not be used.
    pub fn unusable(message: impl Display) -> Self {
        Self::new(Exit::Unusable, message)
    }

    fn new(exit: Exit, message: impl Display) -> Self {
        Self {
            exit,
            message: message.to_string(),
            json: None,
        }
    }

    /// Why, for a person.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Tells the person, or with `json` the program, and gives the exit that tells the shell.
    pub fn tell(self, json: bool) -> Exit {
        for line in self.message.lines() {
            eprintln!("keepsave: {line}");
        }
        if let Some(value) = self.json.filter(|_| json) {
            // What cannot be written was said on stderr.
            let _said = print_json(&value);
        }
        self.exit
    }
}

impl From<PlaytimeError> for Failure {
    fn from(error: PlaytimeError) -> Self {
        match error {
            PlaytimeError::Server(error) => error.into(),
            PlaytimeError::State(error) => Self::failed(error),
        }
    }
}

impl From<GivingUpError> for Failure {
    fn from(error: GivingUpError) -> Self {
        match error {
            GivingUpError::Server(error) => error.into(),
            GivingUpError::Journal(_) | GivingUpError::Fault(_) => Self::failed(error),
        }
    }
}

impl From<ServerError> for Failure {
    fn from(error: ServerError) -> Self {
        let message = error.to_string();
        let exit = match &error.trouble {
            Trouble::SignedOut | Trouble::Forbidden { .. } | Trouble::NoDevice { .. } => {
                Exit::SignedOut
            }
            Trouble::Conflict { .. } | Trouble::NoSync { .. } => Exit::Found,
            _ => Exit::Unusable,
        };
        let json = match error.trouble {
            Trouble::NoSync { missing, .. } => Some(json!({
                "error": "save_sync_unsupported",
                "message": message,
                "missing_endpoints": missing,
            })),
            Trouble::TooOld(unsupported) => Some(json!({
                "error": "version_error",
                "message": message,
                "found": unsupported.found(),
                "needed": release::FLOOR,
            })),
            _ => None,
        };
        Self {
            exit,
            message,
            json,
        }
    }
}

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Server(error) => error.into(),
            EngineError::State(_)
            | EngineError::Lock(_)
            | EngineError::Stopped
            | EngineError::StaleConflict { .. }
            | EngineError::GameGone { .. }
            | EngineError::Moving
            | EngineError::Fault(_) => Self::failed(error),
        }
    }
}

impl From<ByHandError> for Failure {
    fn from(error: ByHandError) -> Self {
        let message = error.to_string();
        let advice = match &error {
            ByHandError::Upload(UploadError::Server { error, .. }) if error.may_be_done() => {
                "\nIt may have arrived all the same: look with `list` before you send it again"
            }
            ByHandError::Upload(UploadError::Server { error, .. })
                if matches!(error.trouble, Trouble::Conflict { .. }) =>
            {
                "\nDownload what the server has, or say --overwrite; what it replaces stays a \
                 version at a Keepsave"
            }
            _ => "",
        };
        let by_server = match error {
            ByHandError::Server(error)
            | ByHandError::Download(DownloadError::Server(error))
            | ByHandError::Upload(UploadError::Server { error, .. })
            | ByHandError::Unconfirmed { error, .. } => Some(error),
            ByHandError::Download(DownloadError::WrongLength { .. }) => {
                return Self::unusable(message);
            }
            _ => None,
        };
        let failure = by_server.map_or_else(|| Self::failed(""), Self::from);
        Self {
            message: message + advice,
            ..failure
        }
    }
}

impl From<SignInError> for Failure {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::Server(error) => error.into(),
            SignInError::Connection(error) => error.into(),
            error @ (SignInError::Denied
            | SignInError::Expired
            | SignInError::WrongPassword
            | SignInError::BadCode { .. }) => Self::signed_out(error),
        }
    }
}

impl From<BadConnection> for Failure {
    fn from(error: BadConnection) -> Self {
        match error {
            BadConnection::Client { .. } => Self::unusable(error),
            BadConnection::Seconds { .. } | BadConnection::CaFile { .. } => Self::signed_out(error),
        }
    }
}

impl From<NoAccount> for Failure {
    fn from(error: NoAccount) -> Self {
        Self::signed_out(error)
    }
}

impl From<FileError> for Failure {
    fn from(error: FileError) -> Self {
        Self::signed_out(error)
    }
}

impl From<Homeless> for Failure {
    fn from(error: Homeless) -> Self {
        Self::signed_out(error)
    }
}
