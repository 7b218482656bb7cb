//! How a command reaches the server: who we are, how long to wait, and what to say on the way.

use std::cell::OnceCell;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use keepsave_core::ids::{DeviceId, UserId};
use keepsave_device::account::keyring::SystemKeyring;
use keepsave_device::account::{self, Account, Told, User, file::Credentials, remembered};
use keepsave_device::environment::SystemClock;
use keepsave_device::places::Places;
use keepsave_device::server::seen::UnreadableRow;
use keepsave_device::server::{Address, Connection, Secret, Server};
use keepsave_device::settings::{self, Settings};
use keepsave_device::state::{Identity, State};
use tokio::runtime::Runtime;

use crate::exit::{Exit, Failure};
use crate::patience::Patience;
use crate::terminal::{note, secret_of};
use crate::{Shared, logging};

/// Which server, and who we are to it.
#[derive(Args)]
#[command(next_help_heading = "Server")]
pub struct Reach {
    #[arg(
        long,
        global = true,
        value_name = "URL",
        help = "The server, instead of the one signed in to last [variable: KEEPSAVE_URL]"
    )]
    url: Option<String>,
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        help = "Shows the token in this file; `-` is stdin [variable: KEEPSAVE_TOKEN]"
    )]
    token_file: Option<String>,
}

/// A server within reach.
pub struct Reached {
    /// The server.
    pub server: Server,
    /// Who we are to it.
    pub account: Account,
    /// Where things are kept.
    pub places: Places,
    /// Who we are, once the server was asked.
    asked: OnceCell<(UserId, String)>,
    /// How long it is waited for.
    pub patience: Patience,
}

impl Reach {
    /// The server at that address, with what was saved of it.
    pub fn to(url: &str) -> Self {
        Self {
            url: Some(url.to_owned()),
            token_file: None,
        }
    }

    /// Finds out who we are and gets ready to ask. Nothing is sent yet.
    pub fn open(&self, shared: &Shared) -> Result<Reached, Failure> {
        self.open_with(shared, Patience::endless()?)
    }

    /// The same, for a command that has other things to do than to wait.
    pub fn open_with(&self, shared: &Shared, patience: Patience) -> Result<Reached, Failure> {
        logging::for_commands(shared.verbose);
        let places = places()?;
        let token = self.token_file.as_deref().map(secret_of).transpose()?;
        let told = Told {
            url: self.url.clone(),
            token: token.map(Secret::new),
        };
        let credentials = credentials(&places)?;
        let account = account::find(&told, variable, &credentials, &SystemKeyring)?;
        warn_if_exposed(&account.address);
        let server = Server::new(
            account.address.clone(),
            account.credential.clone(),
            &connection()?,
        )?;
        Ok(Reached {
            server,
            account,
            places,
            asked: OnceCell::new(),
            patience,
        })
    }
}

impl Reached {
    /// Waits for what is asked of the server.
    pub fn wait<T>(&self, work: impl Future<Output = T>) -> T {
        self.patience.wait(work)
    }

    /// Asks which server it is, and says what a person should know of it. Fails for one that a
    /// device cannot sync with.
    pub fn greet(&self) -> Result<(), Failure> {
        let heartbeat = self.patience.ask(self.server.heartbeat())?;
        if let Some(warning) = heartbeat.warning() {
            note(&format!("warning: {warning}"));
        }
        Ok(())
    }

    /// The device that a command is about: the one it names, or else this machine.
    pub fn device(&self, named: Option<&str>) -> Result<DeviceId, Failure> {
        let named = named.map(|id| DeviceId(id.to_owned()));
        let device = named.or_else(|| self.account.device().cloned());
        device.ok_or_else(|| {
            Failure::signed_out(
                "this machine is no device of the server yet: make it one with `keepsave sync \
                 device register --name NAME`, or name one with --device-id",
            )
        })
    }

    /// The user that we are, by number and name. The server is asked where that was not saved.
    pub fn who(&self) -> Result<(UserId, String), Failure> {
        if let Some(user) = self.account.user() {
            return Ok((user.id, user.name.clone()));
        }
        if let Some(who) = self.asked.get() {
            return Ok(who.clone());
        }
        let me = self.patience.ask(self.server.me())?.seen;
        let user = User {
            id: me.id,
            name: me.username,
        };
        // It is only needed where there is no network, and asked again where there is.
        let _remembered = remembered::remember(&self.places.state, &self.account, &user);
        Ok(self.asked.get_or_init(|| (user.id, user.name)).clone())
    }

    /// The same, where it is known without asking the server.
    fn who_unasked(&self) -> Option<(UserId, String)> {
        let named = |user: User| (user.id, user.name);
        let saved = self.account.user().cloned().map(named);
        let asked = || self.asked.get().cloned();
        let remembered = || remembered::remembered(&self.places.state, &self.account).map(named);
        saved.or_else(asked).or_else(remembered)
    }

    /// The same, asking only where nobody knows.
    pub fn who_offline(&self) -> Result<(UserId, String), Failure> {
        self.who_unasked().map_or_else(|| self.who(), Ok)
    }

    /// What this device knows, where it is known whose that is without asking the server.
    pub fn state_unasked(&self) -> Result<Option<State>, Failure> {
        let user = self.who_unasked();
        user.map(|(user, _)| self.state_of(user)).transpose()
    }

    /// Whose state and journal it is.
    pub fn identity(&self) -> Result<Identity, Failure> {
        Ok(self.identity_of(self.who()?.0))
    }

    /// Whose state that of a user is.
    pub fn identity_of(&self, user: UserId) -> Identity {
        Identity {
            origin: self.account.origin().to_string(),
            user,
        }
    }

    /// What this device knows of the account's saves.
    pub fn state(&self) -> Result<State, Failure> {
        self.state_of(self.who()?.0)
    }

    /// What this device knows of the saves of a user.
    pub fn state_of(&self, user: UserId) -> Result<State, Failure> {
        let identity = self.identity_of(user);
        let state = State::open(&self.places.state, &identity, Arc::new(SystemClock));
        let state = state.map_err(Failure::failed)?;
        if let Some(aside) = state.set_aside() {
            note(&format!(
                "what this device knew of its last syncs could not be read and was set aside as \
                 {}; files are compared by content until it is learnt anew, and where they differ you \
                 are asked for as long as that file is there",
                aside.display()
            ));
        }
        if let Some(device) = self.account.device() {
            state.be_device(device).map_err(Failure::failed)?;
        }
        Ok(state)
    }

    /// Changes what is saved of this account.
    pub fn save(&self, change: impl FnOnce(&mut account::file::Saved)) -> Result<(), Failure> {
        let Some(saved) = &self.account.saved else {
            return Ok(());
        };
        let mut credentials = credentials(&self.places)?;
        credentials.change(&saved.url, change);
        Ok(credentials.store(&self.places.config)?)
    }
}

/// The variables of this process; what is not text counts as not set.
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Where things are kept.
pub fn places() -> Result<Places, Failure> {
    Ok(Places::of(|name| std::env::var_os(name))?)
}

/// The file of this machine's settings.
pub fn settings_path(shared: &Shared) -> Result<PathBuf, Failure> {
    let named = shared.config.clone().or_else(named_settings);
    match named {
        Some(path) => Ok(path),
        None => Ok(places()?.config.join(settings::FILE)),
    }
}

fn named_settings() -> Option<PathBuf> {
    let named = std::env::var_os(settings::FILE_VARIABLE);
    named.filter(|path| !path.is_empty()).map(PathBuf::from)
}

/// What is chosen for this machine. A file that was named must be there.
pub fn settings_of(shared: &Shared) -> Result<Settings, Failure> {
    let path = settings_path(shared)?;
    let is_named = shared.config.is_some() || named_settings().is_some();
    if is_named && !path.exists() {
        return Err(Failure::usage(format!(
            "{}: there is no such file. Name the settings with --config or {}, or none: nothing \
             has to be chosen",
            path.display(),
            settings::FILE_VARIABLE
        )));
    }
    Settings::load(&path).map_err(Failure::usage)
}

/// How to connect.
pub fn connection() -> Result<Connection, Failure> {
    let agent = concat!("keepsave/", env!("CARGO_PKG_VERSION"));
    Ok(Connection::of(agent, variable)?)
}

/// What was saved of every account.
pub fn credentials(places: &Places) -> Result<Credentials, Failure> {
    let (credentials, warning) = Credentials::load(&places.config)?;
    if let Some(warning) = warning {
        note(&format!("warning: {warning}"));
    }
    Ok(credentials)
}

/// Runs what waits for the network.
pub fn runtime() -> Result<Runtime, Failure> {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().build().map_err(Failure::unusable)
}

/// Says that others could read what is sent.
pub fn warn_if_exposed(address: &Address) {
    if address.is_exposed() {
        note(&format!(
            "warning: {address} is not encrypted and not at home: whoever is on the way can read \
             the token. Use https"
        ));
    }
}

/// Says which rows could not be read. A command that shows the others has left something out.
pub fn report(unreadable: &[UnreadableRow]) -> Exit {
    for row in unreadable {
        note(&row.to_string());
    }
    if unreadable.is_empty() {
        Exit::Done
    } else {
        Exit::Found
    }
}
