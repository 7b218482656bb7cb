//! `keepsave sync device`: the devices of the account.

use clap::{Args, Subcommand, ValueEnum};
use keepsave_core::ids::DeviceId;
use keepsave_device::server::Trouble;
use keepsave_device::server::seen::SeenDevice;
use keepsave_wire::devices::{DeviceCreatePayload, DeviceUpdatePayload, SyncMode};
use serde_json::{Map, Value, json};

use crate::Shared;
use crate::exit::{Exit, Failure};
use crate::reach::{Reach, Reached, report};
use crate::terminal::{moment, note, or_dash, print, print_json, table};

/// The devices of the account
#[derive(Args)]
#[command(
    arg_required_else_help = true,
    disable_help_subcommand = true,
    after_help = "\
Examples:
  keepsave sync device register --name \"My handheld\" --sync-mode api
  keepsave sync device list
  keepsave sync device rename 3f0c7e52-… \"Living room\"
  keepsave sync device disable 3f0c7e52-…

Who signed in by a code that was approved has a device already."
)]
pub struct Devices {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Register(Box<Register>),
    /// Lists the devices of the account
    #[command(after_help = "\
Examples:
  keepsave sync device list
  keepsave sync device list --json")]
    List,
    /// Shows one device
    #[command(after_help = "\
Examples:
  keepsave sync device get 3f0c7e52-…")]
    Get {
        /// Its id, as `list` shows it
        id: String,
    },
    /// Gives a device another name
    #[command(after_help = "\
Examples:
  keepsave sync device rename 3f0c7e52-… \"Living room\"")]
    Rename {
        /// Its id, as `list` shows it
        id: String,
        /// The name
        name: String,
    },
    /// Removes a device, and what the server knows of its syncs; saves stay
    #[command(after_help = "\
Examples:
  keepsave sync device delete 3f0c7e52-…")]
    Delete {
        /// Its id, as `list` shows it
        id: String,
    },
    /// Lets a device sync again
    #[command(after_help = "\
Examples:
  keepsave sync device enable 3f0c7e52-…")]
    Enable {
        /// Its id, as `list` shows it
        id: String,
    },
    /// Keeps a device from syncing
    #[command(after_help = "\
Examples:
  keepsave sync device disable 3f0c7e52-…")]
    Disable {
        /// Its id, as `list` shows it
        id: String,
    },
}

/// Makes this machine a device of the account, or finds the one that it is
#[derive(Args)]
#[command(after_help = "\
Examples:
  keepsave sync device register --name \"My handheld\"
  keepsave sync device register --name Deck --hostname \"$(hostname)\" --platform linux

A device with the same MAC address, or the same host name and platform, is the same device.")]
struct Register {
    /// What it is called
    #[arg(long)]
    name: Option<String>,
    /// What it runs, such as `linux`
    #[arg(long)]
    platform: Option<String>,
    /// The program that syncs there
    #[arg(long, default_value = "keepsave")]
    client: String,
    /// The version of that program
    #[arg(long)]
    client_version: Option<String>,
    /// Its host name
    #[arg(long)]
    hostname: Option<String>,
    /// Its MAC address
    #[arg(long)]
    mac_address: Option<String>,
    /// Its IP address
    #[arg(long)]
    ip_address: Option<String>,
    /// How its saves travel
    #[arg(long, value_enum, default_value_t = Mode::Api)]
    sync_mode: Mode,
    /// What the server needs to visit it, as a JSON object
    #[arg(long, value_name = "OBJECT", value_parser = object)]
    sync_config_json: Option<Object>,
    /// Makes a new device even when the server knows one like it
    #[arg(long)]
    allow_duplicate: bool,
    /// Forgets what the server knows of the device's syncs
    #[arg(long)]
    reset_syncs: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Mode {
    /// A program there asks the server
    Api,
    /// The server watches a folder
    FileTransfer,
    /// The server visits it
    PushPull,
}

/// A JSON object: a type of its own, for the parser takes a map for many arguments.
#[derive(Clone)]
struct Object(Map<String, Value>);

fn object(text: &str) -> Result<Object, String> {
    match serde_json::from_str(text) {
        Ok(Value::Object(object)) => Ok(Object(object)),
        Ok(other) => Err(format!("{other} is no JSON object")),
        Err(error) => Err(error.to_string()),
    }
}

impl Devices {
    pub fn run(&self, reach: &Reach, shared: &Shared) -> Result<Exit, Failure> {
        let reached = reach.open(shared)?;
        reached.greet()?;
        let json = shared.json;
        let switch = |id: &str, is_enabled| {
            let change = DeviceUpdatePayload {
                sync_enabled: Some(is_enabled),
                ..DeviceUpdatePayload::default()
            };
            change_one(&reached, id, &change, json)
        };
        match &self.command {
            Command::Register(register) => register.run(&reached, json),
            Command::List => list(&reached, json),
            Command::Get { id } => {
                let told = reached.wait(reached.server.device(&DeviceId(id.clone())))?;
                show(&told.seen, &told.json(), json)
            }
            Command::Rename { id, name } => {
                let change = DeviceUpdatePayload {
                    name: Some(name.clone()),
                    ..DeviceUpdatePayload::default()
                };
                change_one(&reached, id, &change, json)
            }
            Command::Delete { id } => delete(&reached, id, json),
            Command::Enable { id } => switch(id, true),
            Command::Disable { id } => switch(id, false),
        }
    }
}

impl Register {
    fn run(&self, reached: &Reached, json: bool) -> Result<Exit, Failure> {
        let payload = DeviceCreatePayload {
            name: self.name.clone(),
            platform: self.platform.clone(),
            client: Some(self.client.clone()),
            client_version: self.client_version.clone(),
            ip_address: self.ip_address.clone(),
            mac_address: self.mac_address.clone(),
            hostname: self.hostname.clone(),
            sync_mode: Some(match self.sync_mode {
                Mode::Api => SyncMode::Api,
                Mode::FileTransfer => SyncMode::FileTransfer,
                Mode::PushPull => SyncMode::PushPull,
            }),
            sync_config: self.sync_config_json.clone().map(|object| object.0),
            allow_existing: true,
            allow_duplicate: self.allow_duplicate,
            reset_syncs: self.reset_syncs,
        };
        let is_first = reached.account.saved.is_some() && is_no_device(reached);
        let told = reached.wait(reached.server.register_device(&payload))?;
        let id = &told.seen.device_id;
        if is_first {
            reached.save(|saved| saved.device = Some(id.clone()))?;
            note(&format!("this machine is now the device {id}"));
        }
        if json {
            print_json(&told.json())?;
        } else {
            print(&id.to_string());
        }
        Ok(Exit::Done)
    }
}

/// Whether this machine is no device yet, or one that the server does not know any more.
fn is_no_device(reached: &Reached) -> bool {
    reached.account.device().is_none_or(|device| {
        let told = reached.wait(reached.server.device(device));
        matches!(told, Err(error) if matches!(error.trouble, Trouble::NoDevice { .. }))
    })
}

fn list(reached: &Reached, json: bool) -> Result<Exit, Failure> {
    let told = reached.wait(reached.server.devices())?;
    if json {
        print_json(&told.json())?;
        return Ok(Exit::Done);
    }
    let rows: Vec<_> = told.seen.rows.iter().map(row).collect();
    print(&table(HEADINGS, &rows));
    Ok(report(&told.seen.unreadable))
}

const HEADINGS: [&str; 7] = [
    "id",
    "name",
    "platform",
    "client",
    "mode",
    "sync",
    "last seen",
];

fn row(device: &SeenDevice) -> [String; 7] {
    let version = device.client_version.as_deref().unwrap_or_default();
    let client = device.client.as_deref().unwrap_or_default();
    [
        device.id.to_string(),
        or_dash(device.name.as_deref()),
        or_dash(device.platform.as_deref()),
        or_dash(Some(format!("{client} {version}").trim())),
        or_dash(device.sync_mode.as_deref()),
        if device.sync_enabled == Some(false) {
            "off"
        } else {
            "on"
        }
        .to_owned(),
        moment(device.last_seen),
    ]
}

fn show(device: &SeenDevice, verbatim: &Value, json: bool) -> Result<Exit, Failure> {
    if json {
        print_json(verbatim)?;
    } else {
        print(&table(HEADINGS, &[row(device)]));
    }
    Ok(Exit::Done)
}

fn change_one(
    reached: &Reached,
    id: &str,
    change: &DeviceUpdatePayload,
    json: bool,
) -> Result<Exit, Failure> {
    let id = DeviceId(id.to_owned());
    let told = reached.wait(reached.server.change_device(&id, change))?;
    show(&told.seen, &told.json(), json)
}

fn delete(reached: &Reached, id: &str, json: bool) -> Result<Exit, Failure> {
    let id = DeviceId(id.to_owned());
    reached.wait(reached.server.delete_device(&id))?;
    if reached.account.device() == Some(&id) {
        reached.save(|saved| saved.device = None)?;
        note("that was this machine: it is no device of the server any more");
    }
    if json {
        print_json(&json!({ "deleted": id }))?;
    } else {
        note(&format!("device {id} was removed"));
    }
    Ok(Exit::Done)
}
