//! `keepsave saves download` and `upload`, and what they share with those of states.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use keepsave_core::ids::{DeviceId, RomId, SaveId, SessionId};
use keepsave_device::by_hand::{ByHand, Output, Wanted};
use keepsave_device::environment::SystemClock;
use keepsave_device::files::Placed;
use keepsave_device::journal::Journal;
use keepsave_device::server::Progress;
use keepsave_device::server::upload::SaveUpload;
use serde_json::json;

use crate::exit::{Exit, Failure};
use crate::reach::Reached;
use crate::terminal::{Bar, note, print, print_json};

/// Fetches a save
#[derive(Args)]
#[command(after_help = "\
Examples:
  keepsave saves download 345
  keepsave saves download 345 --output saves/zelda.srm --device-id 3f0c7e52-…

What stands there before goes into the journal.")]
pub struct Download {
    /// Its id, as `list` shows it
    id: i64,
    #[command(flatten)]
    place: Place,
    /// Tells the server that this device holds it, once it does
    #[arg(long, value_name = "ID")]
    device_id: Option<String>,
    /// Counts it for this sync session
    #[arg(long, value_name = "ID")]
    session_id: Option<i64>,
}

/// Where a download goes.
#[derive(Args)]
pub struct Place {
    /// The file, or the directory, that it goes to; by default here, under the server's name
    #[arg(short, long, value_name = "PATH")]
    output: Option<PathBuf>,
}

impl Place {
    pub fn output(&self) -> Output {
        match &self.output {
            None => Output::Directory(PathBuf::from(".")),
            Some(path) if path.is_dir() => Output::Directory(path.clone()),
            Some(path) => Output::File(path.clone()),
        }
    }
}

/// Sends a file as a save
#[derive(Args)]
#[command(after_help = "\
Examples:
  keepsave saves upload zelda.srm --rom-id 12 --slot autosave
  keepsave saves upload zelda.srm --rom-id 12 --slot autosave --device-id 3f0c7e52-… --overwrite")]
pub struct Upload {
    /// The file
    file: PathBuf,
    /// The game that it belongs to
    #[arg(long, value_name = "ID")]
    rom_id: i64,
    /// The emulator that wrote it
    #[arg(long)]
    emulator: Option<String>,
    /// The slot that it goes to; without one, into the archive of slotless saves
    #[arg(long)]
    slot: Option<String>,
    /// The device that it comes from: the server refuses what this device has not seen the latest of
    #[arg(long, value_name = "ID")]
    device_id: Option<String>,
    /// Takes the place of what that device has not seen
    #[arg(long)]
    overwrite: bool,
    /// Lets the server keep only so many saves of the slot
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    autocleanup_limit: Option<u32>,
}

impl Download {
    pub fn run(&self, reached: &Reached, json: bool) -> Result<Exit, Failure> {
        let device = self.device_id.clone().map(DeviceId);
        let wanted = Wanted {
            id: SaveId(self.id),
            device: device.as_ref(),
            session: self.session_id.map(SessionId),
        };
        let (by_hand, output) = (by_hand(reached)?, self.place.output());
        let bar = Drawn::new("downloading");
        let placed = reached.wait(by_hand.download_save(wanted, &output, &bar));
        drop(bar);
        tell(self.id, &placed?, json)
    }
}

impl Upload {
    pub fn run(&self, reached: &Reached, json: bool) -> Result<Exit, Failure> {
        let device = self.device_id.clone().map(DeviceId);
        let save = SaveUpload {
            rom: RomId(self.rom_id),
            slot: self.slot.as_deref(),
            emulator: self.emulator.as_deref(),
            device: device.as_ref(),
            session: None,
            overwrite: self.overwrite,
            keep: self.autocleanup_limit,
            set: None,
        };
        let by_hand = by_hand(reached)?;
        let bar = Arc::new(Drawn::new("uploading"));
        let sent = by_hand.upload_save(&self.file, &save, bar.clone());
        let told = reached.wait(sent);
        drop(bar);
        let told = told?;
        if json {
            print_json(&told.json())?;
        } else {
            print(&told.seen.id.to_string());
            note(&format!("{} is save {}", self.file.display(), told.seen.id));
        }
        Ok(Exit::Done)
    }
}

/// Says where a file went, and where what was there is kept.
pub fn tell(id: i64, placed: &Placed, json: bool) -> Result<Exit, Failure> {
    let path = &placed.snapshot.path;
    let kept = placed.kept.as_ref().map(|kept| kept.id.clone());
    if let Some(kept) = &kept {
        note(&format!("what was there is kept as journal entry {kept}"));
    }
    if json {
        let path = path.to_string_lossy();
        print_json(&json!({ "id": id, "path": path, "journal_entry": kept }))?;
    } else {
        print(&path.display().to_string());
    }
    Ok(Exit::Done)
}

/// A person at work, with the journal of this machine.
pub fn by_hand(reached: &Reached) -> Result<ByHand, Failure> {
    let journal = Journal::open(&reached.places.journal).map_err(Failure::failed)?;
    let user = reached.account.user().map_or("", |user| &user.name);
    Ok(ByHand {
        server: reached.server.clone(),
        journal: Arc::new(journal),
        account: format!("{user} at {}", reached.account.origin()),
        clock: Arc::new(SystemClock),
    })
}

/// A bar for one file.
pub struct Drawn(Bar);

impl Drawn {
    pub fn new(what: &'static str) -> Self {
        Self(Bar::new(what))
    }
}

impl Progress for Drawn {
    fn at(&self, done: u64, of: Option<u64>) {
        if let Some(of) = of {
            self.0.at(done, of);
        }
    }
}
