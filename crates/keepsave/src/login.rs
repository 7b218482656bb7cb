//! `keepsave login`: signs in to a server, and remembers it.

use std::io::{IsTerminal, stderr};

use clap::Args;
use keepsave_core::ids::DeviceId;
use keepsave_device::account::file::{Credentials, Saved};
use keepsave_device::account::keyring::{self, SystemKeyring};
use keepsave_device::account::sign_in::{Machine, SignInError, SigningIn, Waiting};
use keepsave_device::server::{Address, Secret, Trouble};
use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;
use serde_json::json;

use crate::exit::{Exit, Failure};
use crate::reach::{Reach, connection, credentials, places, runtime, warn_if_exposed};
use crate::seat::enrol;
use crate::terminal::{note, password_of, print_json, secret_of};
use crate::{Shared, logging};

/// Signs in to a server, and remembers it
#[derive(Args)]
#[command(
    long_about = "\
Signs in to a server, and remembers it.

Without more it shows a code that you approve on the server's page; that also makes this machine \
one of your devices. Saves belong to the account that signs in: use your own, not one that others \
share.",
    after_help = "\
Examples:
  keepsave login https://saves.example.com
  keepsave login https://saves.example.com --code ABCD2345
  keepsave login http://nas:8080 --token-file token.txt
  keepsave login http://nas:8080 --username ada"
)]
pub struct Login {
    /// The server's address, as in the browser
    url: String,
    /// With a pairing code, which the server's page shows
    #[arg(long, group = "how")]
    code: Option<String>,
    /// With a token; others on this machine may see it, so rather use --token-file
    #[arg(long, group = "how")]
    token: Option<String>,
    /// With the token in this file; `-` is stdin
    #[arg(long, group = "how", value_name = "FILE")]
    token_file: Option<String>,
    /// With this name and a password, which is asked for and not kept
    #[arg(long, group = "how", value_name = "NAME")]
    username: Option<String>,
    /// Reads the password from this file; `-` is stdin
    #[arg(long, requires = "username", value_name = "FILE")]
    password_file: Option<String>,
    /// What this machine is called on the server; by default its host name
    #[arg(long)]
    name: Option<String>,
}

impl Login {
    pub fn run(&self, shared: &Shared) -> Result<Exit, Failure> {
        logging::for_commands(shared.verbose);
        let address = Address::parse(&self.url).map_err(Failure::usage)?;
        let places = places()?;
        // First of all, for what cannot be read must not be written over.
        let mut credentials = credentials(&places)?;
        warn_if_exposed(&address);
        let connection = connection()?;
        let signing_in = SigningIn {
            address: &address,
            connection: &connection,
        };
        let mut saved = runtime()?.block_on(self.sign_in(signing_in, &mut credentials))?;
        if let Some(before) = credentials.of(&address)
            && before.user == saved.user
        {
            saved.device = saved.device.or_else(|| before.device.clone());
        }
        if let Some(said) = keyring::save(&mut credentials, saved.clone(), &SystemKeyring) {
            note(&said);
        }
        credentials.store(&places.config)?;
        tell(&saved);
        if saved.device.is_none() {
            saved.device = self.introduce(shared);
        }
        if shared.json {
            print_json(&json!({
                "url": saved.url,
                "user": saved.user,
                "device_id": saved.device,
                "scopes": saved.scopes,
                "expires_at": saved.expires_at,
            }))?;
        }
        Ok(Exit::Done)
    }

    /// Makes this machine a device by the name that was given to it. Who gave none makes it one with
    /// the first sync.
    fn introduce(&self, shared: &Shared) -> Option<DeviceId> {
        let enrolled = self.name.as_ref().map(|name| {
            let reached = Reach::to(&self.url).open(shared)?;
            enrol(&reached, name)
        });
        match enrolled {
            Some(Ok(device)) => return Some(device),
            Some(Err(why)) => note(why.message()),
            None => {}
        }
        note(
            "this machine becomes a device of the account with its first `keepsave sync`; for \
             `keepsave sync run` make it one with `keepsave sync device register --name NAME`",
        );
        None
    }

    async fn sign_in(
        &self,
        signing_in: SigningIn<'_>,
        credentials: &mut Credentials,
    ) -> Result<Saved, Failure> {
        let name = self.name.clone().unwrap_or_else(host_name);
        if let Some(code) = &self.code {
            return Ok(signing_in.with_code(code).await?);
        }
        if let Some(user) = &self.username {
            let password = match &self.password_file {
                Some(file) => secret_of(file)?,
                None => password_of(user)?,
            };
            let password = Secret::new(password);
            return Ok(signing_in.with_password(user, password, &name).await?);
        }
        let file = self.token_file.as_deref().map(secret_of).transpose()?;
        if let Some(token) = file.or_else(|| self.token.clone()) {
            return Ok(signing_in.with_token(Secret::new(token)).await?);
        }
        by_device_code(signing_in, &name, credentials).await
    }
}

/// Shows a code and waits until a person has approved it.
async fn by_device_code(
    signing_in: SigningIn<'_>,
    name: &str,
    credentials: &mut Credentials,
) -> Result<Saved, Failure> {
    let server = signing_in.stranger()?;
    let heartbeat = server.heartbeat().await?;
    if let Some(warning) = heartbeat.warning() {
        note(&format!("warning: {warning}"));
    }
    let has_codes = heartbeat.keepsave.is_some()
        || heartbeat
            .release
            .as_ref()
            .is_some_and(|release| release.has_device_codes());
    let other_ways = format!(
        "{} cannot let a device in by a code that it shows. Use --code, --token-file or --username",
        heartbeat.name()
    );
    if !has_codes {
        return Err(Failure::usage(other_ways));
    }
    let identifier = match &credentials.device_identifier {
        Some(known) => known.clone(),
        None => new_identifier()?,
    };
    credentials.device_identifier = Some(identifier.clone());
    let machine = Machine {
        identifier: &identifier,
        name,
        platform: std::env::consts::OS,
        version: env!("CARGO_PKG_VERSION"),
    };
    let waiting = match signing_in.ask(&machine).await {
        Err(SignInError::Server(error))
            if error.trouble == (Trouble::NotFound { detail: None }) =>
        {
            return Err(Failure::usage(other_ways));
        }
        asked => asked?,
    };
    show(&waiting);
    let token = waiting.decision().await?;
    Ok(signing_in.with(token).await?)
}

fn show(waiting: &Waiting) {
    if stderr().is_terminal()
        && let Some(drawn) = drawn(&waiting.page_with_code())
    {
        note(&format!("scan this, or open the page below:\n\n{drawn}\n"));
    }
    note(&format!(
        "open {} and approve the code {}",
        waiting.page(),
        waiting.code()
    ));
    note(&format!("or open {}", waiting.page_with_code()));
}

/// A QR code of half blocks, black on white whatever the terminal's colours are.
fn drawn(text: &str) -> Option<String> {
    let code = QrCode::new(text).ok()?;
    let blocks = code
        .render::<Dense1x2>()
        .dark_color(Dense1x2::Light)
        .light_color(Dense1x2::Dark)
        .build();
    let lines = blocks
        .lines()
        .map(|line| format!("\x1b[97;40m{line}\x1b[0m"));
    Some(lines.collect::<Vec<_>>().join("\n"))
}

fn tell(saved: &Saved) {
    note(&format!(
        "signed in to {} as {}. Saves belong to this account: use your own, not one that others \
         share",
        saved.url, saved.user.name
    ));
}

/// What this machine is called.
pub fn host_name() -> String {
    let name = rustix::system::uname()
        .nodename()
        .to_string_lossy()
        .into_owned();
    if name.is_empty() {
        "keepsave".to_owned()
    } else {
        name
    }
}

/// Of this installation, and of nothing that could be known of machine or person.
fn new_identifier() -> Result<String, Failure> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(Failure::failed)?;
    Ok(format!("keepsave-{:032x}", u128::from_be_bytes(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The three squares by which a reader finds the code, and the quiet zone around it.
    #[test]
    fn a_code_is_drawn_black_on_white() {
        let drawn = drawn("https://saves.example.com/pair/device?user_code=ABCD2345").unwrap();
        let rows: Vec<Vec<char>> = drawn
            .lines()
            .map(|line| {
                let line = line.strip_prefix("\x1b[97;40m").unwrap();
                line.strip_suffix("\x1b[0m").unwrap().chars().collect()
            })
            .collect();
        let width = rows[0].len();
        assert!(rows.iter().all(|row| row.len() == width));
        assert!(width > 29 && rows.len() == width.div_ceil(2), "{width}");
        // Four modules of white, which is the foreground.
        assert!(rows[..2].iter().flatten().all(|c| *c == '█'));
        assert_eq!(rows[2][4..11].iter().collect::<String>(), " ▄▄▄▄▄ ");
        assert_eq!(
            rows[2][width - 11..width - 4].iter().collect::<String>(),
            " ▄▄▄▄▄ "
        );
    }
}
