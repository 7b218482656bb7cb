//! `keepsave whoami`: which server, and who we are to it.

use clap::Args;
use keepsave_device::server::seen::SeenDevice;
use keepsave_device::server::{Credential, ServerError, Trouble};
use serde_json::json;

use crate::Shared;
use crate::exit::{Exit, Failure};
use crate::reach::{Reach, Reached};
use crate::terminal::{note, or_dash, print, print_json};

/// Shows which server, and who we are to it
#[derive(Args)]
#[command(after_help = "\
Examples:
  keepsave whoami
  keepsave whoami --json | jq -r .device.id")]
pub struct Whoami {
    #[command(flatten)]
    reach: Reach,
}

impl Whoami {
    pub fn run(&self, shared: &Shared) -> Result<Exit, Failure> {
        let reached = self.reach.open(shared)?;
        reached.greet()?;
        let Reached {
            server, account, ..
        } = &reached;
        let heartbeat = reached.wait(server.heartbeat())?;
        let me = reached.wait(server.me())?.seen;
        let id = account.device().or(me.current_device_id.as_ref());
        let device = id.map(|id| reached.wait(server.device(id))).transpose();
        let device = known(device.map(|device| device.map(|told| told.seen)))?;
        let scopes = match (&account.saved, &account.credential) {
            (Some(saved), _) if !saved.scopes.is_empty() => Some(saved.scopes.clone()),
            // With a password a user may do all that they may do; of a token only its maker knows.
            (_, Credential::Password { .. }) => Some(me.oauth_scopes),
            _ => None,
        };
        let name = device.as_ref().and_then(|device| device.name.clone());
        if shared.json {
            print_json(&json!({
                "url": account.address.to_string(),
                "server": {
                    "name": heartbeat.name(),
                    "romm_version": heartbeat.release.as_ref().map(ToString::to_string),
                    "keepsave_version": heartbeat.keepsave,
                    "speaks": heartbeat.speaks.as_str(),
                },
                "user": { "id": me.id, "name": me.username, "role": me.role },
                "device": device.map(|device| json!({ "id": device.id, "name": device.name })),
                "scopes": scopes,
            }))?;
            return Ok(Exit::Done);
        }
        let device = device.map(|device| format!("{} ({})", or_dash(name.as_deref()), device.id));
        let scopes = scopes.map(|scopes| scopes.join(" "));
        let rows = [
            ["server", &account.address.to_string()],
            ["version", &heartbeat.name()],
            ["speaks", heartbeat.speaks.as_str()],
            ["user", &format!("{} ({})", me.username, me.id)],
            ["device", &or_dash(device.as_deref())],
            ["scopes", &or_dash(scopes.as_deref())],
        ];
        for [what, value] in rows {
            print(&format!("{what:8} {value}"));
        }
        Ok(Exit::Done)
    }
}

/// A device that is gone, or that the token may not look at, is no failure here.
fn known(device: Result<Option<SeenDevice>, ServerError>) -> Result<Option<SeenDevice>, Failure> {
    match device {
        Err(error) if matches!(error.trouble, Trouble::NoDevice { .. }) => {
            note(
                "the server does not know this machine's device any more: `keepsave sync device \
                 register --name NAME` makes a new one",
            );
            Ok(None)
        }
        Err(error) if matches!(error.trouble, Trouble::Forbidden { .. }) => Ok(None),
        device => Ok(device?),
    }
}
