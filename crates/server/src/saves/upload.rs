//! A save comes up: `POST /api/saves`.
//!
//! The bytes are durable already. Here their place in the timeline is decided and, in one
//! transaction, taken. A refused upload loses nothing: its bytes stay as a branch.

use keepsave_core::ids::{RomId, SaveId, SessionId, UserId, VersionId};
use keepsave_core::layouts;
use keepsave_core::lineage::{
    Keep, PostAction, PostDecision, Upload, decide_archive_post, decide_post,
};
use keepsave_core::names::{AssetKind, FileName};
use keepsave_core::time::Time;

use super::change::{Change, Made};
use super::view::{self, SaveView};
use crate::app::App;
use crate::events::Event;
use crate::screenshots::Picture;
use crate::vault::blobs::Stored;
use crate::vault::tree::{self, TreeStep};
use crate::vault::versions::{MadeBy, Maker};
use crate::vault::{Fault, Tx, rom_users, saves, sync_sessions, timelines};

/// A file that was received and is about to take its place.
#[derive(Clone, Debug)]
pub struct NewSave {
    /// Whose it is.
    pub user: UserId,
    /// The game.
    pub rom: RomId,
    /// The slot; none is the archive.
    pub slot: Option<String>,
    /// The file's name, sanitised.
    pub file_name: FileName,
    /// The emulator that was named.
    pub emulator: Option<String>,
    /// What it is a file of, when several form one save.
    pub set_id: Option<String>,
    /// The device that sends it, when one is named.
    pub maker: Option<Maker>,
    /// A person chose it over whatever the slot holds.
    pub overwrite: bool,
    /// How many rows the client wants the slot to list at most.
    pub keep_rows: Option<i64>,
    /// The sync session it belongs to.
    pub session: Option<SessionId>,
    /// The bytes.
    pub stored: Stored,
    /// A picture of the moment.
    pub picture: Option<Picture>,
}

/// What became of an upload.
#[derive(Debug)]
pub struct Uploaded {
    /// The decision, with its reason and facts.
    pub decision: PostDecision,
    /// The row that holds the content; none when it was refused.
    pub view: Option<SaveView>,
}

/// Decides and stores. The game is known to exist.
pub async fn upload(app: &App, new: NewSave) -> Result<Uploaded, Fault> {
    let now = app.now();
    let user = new.user;
    let (uploaded, steps, event) = app.vault.write(move |tx| store(tx, &new, now)).await?;
    app.follow(steps);
    if let Some(event) = event {
        app.events.tell(user, event);
    }
    Ok(uploaded)
}

type Stages = (Uploaded, Vec<TreeStep>, Option<Event>);

fn store(tx: &Tx<'_>, new: &NewSave, now: Time) -> Result<Stages, Fault> {
    let slot = new.slot.as_deref();
    let part = match slot {
        Some(_) => layouts::part_of(new.file_name.as_str()).as_str().to_owned(),
        None => new.file_name.as_str().to_owned(),
    };
    let timeline = timelines::open(tx, new.user, new.rom, slot, &part)?;
    let mut change = Change::begin(tx, timeline, new.maker.as_ref(), now)?;
    let upload = Upload {
        content: new.stored.content,
        blank: new.stored.blank,
        overwrite: new.overwrite,
    };
    let decision = match slot {
        Some(_) => decide_post(&change.lineage(), change.holding(), &upload)?,
        None => decide_archive_post(&change.lineage(), change.holding(), &upload)?,
    };
    let emulator = new.emulator.as_deref();
    let folder = tree::folder(tx, AssetKind::Save, new.user, new.rom, emulator)?;
    let device = new.maker.as_ref().map(|maker| &maker.id);
    let (row, moved_head) = match land(tx, &mut change, new, &folder, &decision.action)? {
        Landed::On { row, moved_head } => (row, moved_head),
        Landed::Refused { version } => {
            let event = Event::Conflict {
                rom_id: new.rom,
                slot: new.slot.clone(),
                device_id: device.cloned(),
                version_id: Some(version),
            };
            return Ok((
                Uploaded {
                    decision,
                    view: None,
                },
                change.finish(),
                Some(event),
            ));
        }
    };
    // As RomM, only where something new came. The row of a late retry may be an old one.
    if let Some(keep) = new.keep_rows.filter(|_| slot.is_some() && moved_head) {
        change.clean_up(keep)?;
    }
    change.also(attach(tx, new, row, now)?);
    let view = view::one(tx, row, device)?;
    let event = moved_head.then(|| view.changed(device));
    Ok((
        Uploaded {
            decision,
            view: Some(view),
        },
        change.finish(),
        event,
    ))
}

enum Landed {
    On { row: SaveId, moved_head: bool },
    Refused { version: VersionId },
}

/// Does what was decided.
fn land(
    tx: &Tx<'_>,
    change: &mut Change<'_>,
    new: &NewSave,
    folder: &str,
    action: &PostAction,
) -> Result<Landed, Fault> {
    let made = made(new);
    Ok(match action {
        PostAction::HeadHolds { row, version } => {
            change.prove(*row, *version)?;
            Landed::On {
                row: *row,
                moved_head: false,
            }
        }
        PostAction::NewRow { parents } => {
            let (row, version) = change.new_row(&made, folder, parents)?;
            change.prove(row, version)?;
            Landed::On {
                row,
                moved_head: true,
            }
        }
        PostAction::OnRow { row, parents } => {
            let before = saves::by_id(tx, *row)?.filter(|save| save.file_path != folder);
            if let Some(before) = before.filter(|save| save.slot.is_none()) {
                change.relocate(&before, folder, new.emulator.as_deref())?;
            }
            let version = change.on_row(*row, &made, parents)?;
            change.prove(*row, version)?;
            Landed::On {
                row: *row,
                moved_head: true,
            }
        }
        PostAction::LateRetry { row, .. } => Landed::On {
            row: *row,
            moved_head: false,
        },
        PostAction::Refuse(Keep::AsBranch { parents }) => Landed::Refused {
            version: change.keep_branch(&made, parents)?,
        },
        PostAction::Refuse(Keep::Already { version }) => Landed::Refused { version: *version },
    })
}

fn made(new: &NewSave) -> Made {
    Made {
        file_name: new.file_name.clone(),
        emulator: new.emulator.clone(),
        content: new.stored.content,
        size: new.stored.size,
        blank: new.stored.blank,
        made_by: MadeBy::Upload,
        set_id: new.set_id.clone(),
    }
}

/// What goes with an accepted upload: its picture, the session's count, when the game was played.
fn attach(tx: &Tx<'_>, new: &NewSave, row: SaveId, now: Time) -> Result<Vec<TreeStep>, Fault> {
    if let Some(session) = new.session {
        sync_sessions::count_done(tx, new.user, session, now)?;
    }
    rom_users::played(tx, new.user, new.rom, now)?;
    match &new.picture {
        Some(picture) => super::illustrate(tx, row, picture, now),
        None => Ok(Vec::new()),
    }
}
