//! A file goes up and becomes a version.
//!
//! The one request that must not simply be repeated: RomM answers the same bytes twice within a
//! second by deleting the only copy. So when an answer is lost, the slot is listed first, and only
//! what is not there is sent again. Nor may one name be sent twice for a game within a second, were
//! it to two slots: RomM tells such files apart by the second, and would take the first away.

use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use keepsave_core::content::Digester;
use keepsave_core::decide::{self, Entry, Step};
use keepsave_core::ids::{DeviceId, RomId};
use keepsave_core::layouts::part_of;
use keepsave_core::limits;
use keepsave_core::release::Speaks;
use tokio::time::{Instant, sleep, sleep_until};

use super::error::LineError;
use super::line::{self, Item, ServerSave};
use super::listing::{Games, Listing};
use super::outcome::{Done, Outcome};
use super::run::Run;
use crate::files::Snapshot;
use crate::server::download::{DownloadError, SaveDownload, Sink};
use crate::server::retry::{Attempts, Repeat};
use crate::server::saves::Listed;
use crate::server::seen::SeenSave;

use crate::server::upload::{Outgoing, SaveUpload, UploadError};
use crate::server::{ServerError, Trouble, Unwatched};

/// Bytes that are only wanted to be known.
#[derive(Default)]
struct Weighed(Digester);

impl Sink for Weighed {
    fn write(&mut self, piece: &[u8]) -> io::Result<()> {
        self.0.update(piece);
        Ok(())
    }

    fn restart(&mut self) -> io::Result<()> {
        *self = Self::default();
        Ok(())
    }
}

/// What came of sending a file.
enum Sent {
    /// A save shows it.
    Shown(Box<SeenSave>),
    /// The slot has a head that this device did not know.
    Refused,
}

impl Run<'_> {
    /// Sends the file as a new version after what this device knows.
    pub(super) async fn upload(&self, item: &Item, outcome: &mut Outcome) -> Done {
        let slot = item.entry.slot.clone();
        let grew_from = outcome
            .line
            .save
            .as_ref()
            .filter(|_| self.speaks == Speaks::Lineage);
        if let Some(head) = grew_from.filter(|head| is_unaware(head))
            && let Err(error) = self.tell_held(head.id).await
        {
            return Done::failed(&error);
        }
        let sent = self.send(item, slot.as_deref(), false).await;
        let done = match sent {
            Ok(Sent::Shown(save)) if !is_older(&save, outcome.line.save.as_ref()) => {
                return self.uploaded(item, &save, outcome).await;
            }
            // The server knew the content as an older version and left its head as it is.
            Ok(Sent::Shown(save)) => self.went_back(item, &save, outcome).await,
            Ok(Sent::Refused) => self.refused_or_unaware(item, outcome).await,
            Err(error) => Err(error),
        };
        done.unwrap_or_else(|error| Done::failed(&error))
    }

    /// Sends the file over the head that the person was shown.
    pub(super) async fn upload_over(&self, item: &Item, outcome: &mut Outcome) -> Done {
        let slot = item.entry.slot.clone();
        let done = match self.send(item, slot.as_deref(), true).await {
            Ok(Sent::Shown(save)) if !is_older(&save, outcome.line.save.as_ref()) => {
                return self.uploaded(item, &save, outcome).await;
            }
            Ok(Sent::Shown(save)) if is_shown_by(&save, item) => {
                self.made_newest(item, &save, outcome).await
            }
            Ok(Sent::Shown(save)) => return self.uploaded(item, &save, outcome).await,
            Ok(Sent::Refused) => self.refused(item, outcome).await,
            Err(error) => Err(error),
        };
        done.unwrap_or_else(|error| Done::failed(&error))
    }

    /// The file holds what an older save shows. Where this device had the head and still has, a
    /// person went back to it here: it becomes the head again.
    async fn went_back(
        &self,
        item: &Item,
        older: &SeenSave,
        outcome: &mut Outcome,
    ) -> Result<Done, LineError> {
        let had = outcome.line.save.clone();
        let had = had.filter(|head| head.entry == Entry::Current);
        let head = self.head_of(item).await?;
        match (had, head) {
            (Some(had), Some(head))
                if had.id == head.id && had.hash == head.hash && is_shown_by(older, item) =>
            {
                self.made_newest(item, older, outcome).await
            }
            _ => self.refused(item, outcome).await,
        }
    }

    /// An older save of the slot becomes its newest: the file's bytes, which it shows, are sent onto
    /// it.
    async fn made_newest(
        &self,
        item: &Item,
        older: &SeenSave,
        outcome: &mut Outcome,
    ) -> Result<Done, LineError> {
        let save = self.send_onto(item, older).await?;
        Ok(self.uploaded(item, &save, outcome).await)
    }

    /// Sends the file into another slot, where it is safe and syncs nothing.
    pub(super) async fn set_aside(&self, item: &Item, slot: &str) -> Result<(), LineError> {
        match self.send(item, Some(slot), false).await? {
            Sent::Shown(_) => Ok(()),
            Sent::Refused => Err(LineError::AsideTaken {
                slot: slot.to_owned(),
            }),
        }
    }

    /// Sends what another slot has into this one, where nothing else is. No device has it by that.
    pub(super) async fn send_anew(&self, item: &Item, slot: &str) -> Result<SeenSave, LineError> {
        match self.send_of(None, item, Some(slot), true).await? {
            Sent::Shown(save) if save.slot.as_deref() == Some(slot) => Ok(*save),
            Sent::Shown(_) | Sent::Refused => Err(LineError::NotStored),
        }
    }

    /// Sends a save the bytes that it shows, which makes it the newest.
    pub(super) async fn send_onto(
        &self,
        item: &Item,
        save: &SeenSave,
    ) -> Result<SeenSave, LineError> {
        let file = item.file().ok_or(LineError::NotStored)?;
        let outgoing = outgoing(file, &item.entry.file_name);
        let device = &self.engine.device;
        let put = self
            .engine
            .server
            .replace_save(save.id, device, &outgoing, self.meter());
        Ok(self.unless_stopped(put).await?.seen)
    }

    /// Whether the save gives back what the file holds.
    pub(super) async fn gives_back(&self, item: &Item, save: &SeenSave) -> Result<bool, LineError> {
        match item.file() {
            Some(file) => self.has_content(save, file).await,
            None => Ok(false),
        }
    }

    async fn send(
        &self,
        item: &Item,
        slot: Option<&str>,
        overwrite: bool,
    ) -> Result<Sent, LineError> {
        let device = Some(&self.engine.device);
        self.send_of(device, item, slot, overwrite).await
    }

    /// Sends the file as what that device has.
    async fn send_of(
        &self,
        device: Option<&DeviceId>,
        item: &Item,
        slot: Option<&str>,
        overwrite: bool,
    ) -> Result<Sent, LineError> {
        let Some(file) = item.file() else {
            return Err(LineError::NotStored);
        };
        let set = slot.and_then(|slot| self.set_of(item, slot));
        let mut upload = SaveUpload {
            rom: item.entry.rom,
            slot,
            emulator: item.entry.emulator.as_deref(),
            device,
            session: self.plan.session,
            overwrite,
            keep: self.orders.autocleanup,
            set: set.as_deref(),
        };
        let outgoing = outgoing(file, &item.entry.file_name);
        let mut attempts = Attempts::new(self.engine.server.timing().pause);
        let mut may_be_there = false;
        loop {
            let lost = match self.attempt(&upload, &outgoing).await {
                // A RomM 4.8.1 that has the content in another slot stores none in this one. It has
                // looked for a newer head before, so not to be held up by the other one is safe.
                Ok(save) if save.slot.as_deref() != slot && !upload.overwrite => {
                    upload.overwrite = true;
                    continue;
                }
                Ok(save) if !may_be_there || self.has_content(&save, file).await? => {
                    return Ok(Sent::Shown(Box::new(save)));
                }
                // Sent twice within a second, RomM shows a save whose bytes it removed.
                Ok(_) => {
                    upload.overwrite = true;
                    None
                }
                Err(LineError::Upload(UploadError::Server { error, .. }))
                    if is_conflict(&error) =>
                {
                    return Ok(Sent::Refused);
                }
                Err(LineError::Upload(UploadError::Server { path, error })) => Some((path, error)),
                Err(error) => return Err(error),
            };
            may_be_there |= lost.as_ref().is_none_or(|(_, error)| error.may_be_done());
            if may_be_there {
                let shown = self.find(item.entry.rom, slot, &item.entry.file_name, file);
                if let Some(save) = self.unless_stopped(shown).await? {
                    return Ok(Sent::Shown(Box::new(save)));
                }
            }
            // Now it is known not to be there, so to send it is as safe as it was at first.
            let pause = match &lost {
                Some((_, error)) => attempts.pause_after(&error.trouble, Repeat::Safe),
                None => attempts.pause(),
            };
            match (pause, lost) {
                (Some(pause), _) => self.pause(pause).await?,
                (None, Some((path, error))) => {
                    return Err(UploadError::Server { path, error }.into());
                }
                (None, None) => return Err(LineError::NotStored),
            }
        }
    }

    /// Whether the item is one of several files of a save, which come down together or not at all.
    fn has_other_files(&self, item: &Item) -> bool {
        let mut items = self.plan.items.iter();
        let is_other =
            |other: &Item| other.is_of_one_save_with(item) && other.entry.path != item.entry.path;
        self.in_sets && items.any(is_other)
    }

    async fn pause(&self, pause: Duration) -> Result<(), LineError> {
        let paused = async {
            sleep(pause).await;
            Ok::<_, LineError>(())
        };
        self.unless_stopped(paused).await
    }

    async fn attempt(
        &self,
        upload: &SaveUpload<'_>,
        file: &Outgoing<'_>,
    ) -> Result<SeenSave, LineError> {
        self.let_a_second_pass(upload.rom, file.name).await;
        let sending = self.engine.server.upload_save(upload, file, self.meter());
        Ok(self.unless_stopped(sending).await?.seen)
    }

    /// Waits until RomM gives another name to what is sent under one that was sent before.
    async fn let_a_second_pass(&self, rom: RomId, name: &str) {
        if self.speaks == Speaks::Lineage {
            return;
        }
        let key = (rom, name.to_owned());
        let next = |sent: &Instant| *sent + limits::ROMM_NAMES_APART;
        let wait = unpoisoned(&self.sent).get(&key).map(next);
        if let Some(until) = wait {
            sleep_until(until).await;
        }
        unpoisoned(&self.sent).insert(key, Instant::now());
    }

    /// The save that shows this very file, if the server has it.
    async fn find(
        &self,
        rom: RomId,
        slot: Option<&str>,
        file_name: &str,
        file: &Snapshot,
    ) -> Result<Option<SeenSave>, LineError> {
        let part = part_of(file_name);
        let listed = Listed {
            rom: Some(rom),
            slot: None,
            device: Some(&self.engine.device),
        };
        let saves = self.engine.server.saves(listed).await?.seen.rows;
        let shows = |save: &SeenSave| {
            save.slot.as_deref() == slot
                && !save.missing_from_fs
                && save.content_hash.is_some()
                && save.content_hash == file.content.hash
                && part_of(&save.file_name) == part
        };
        let found = saves.into_iter().filter(shows);
        Ok(found.max_by_key(|save| (save.updated_at, save.id)))
    }

    /// Whether the server gives back what it was sent. Asked where it was sent more than once.
    async fn has_content(&self, save: &SeenSave, file: &Snapshot) -> Result<bool, LineError> {
        let wanted = SaveDownload {
            id: save.id,
            device: None,
            session: None,
            size: None,
        };
        let back = self
            .engine
            .server
            .download_save(&wanted, Weighed::default(), &Unwatched);
        match self.unless_stopped(back).await {
            Ok(weighed) => Ok(weighed.0.finish().blob == file.content.blob),
            Err(LineError::Download(DownloadError::Server(ServerError {
                trouble: Trouble::NotFound { .. },
                ..
            }))) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The file is a version: that is what was last in sync from now on.
    async fn uploaded(&self, item: &Item, save: &SeenSave, outcome: &mut Outcome) -> Done {
        let Some(file) = item.file() else {
            return Done::Nothing;
        };
        if let (Some(ours), Some(theirs)) = (file.content.hash, save.content_hash)
            && ours != theirs
        {
            return Done::Failed {
                error: format!(
                    "the server says that it stored other bytes ({theirs}, not {ours}). The file \
                     here is untouched. Run it again"
                ),
            };
        }
        let shown = ServerSave::of(save, self.speaks, &self.engine.device);
        self.settle(item, file, &shown, outcome).await;
        let sync = save.sync_of(&self.engine.device);
        if !sync.is_some_and(|sync| sync.is_current) {
            self.confirm(save.id, outcome).await;
        }
        outcome.line.save = Some(shown);
        Done::Uploaded { save: save.id }
    }

    /// The server refused the file. Perhaps only because it was never told that this device has
    /// the head which the file grew from.
    async fn refused_or_unaware(
        &self,
        item: &Item,
        outcome: &mut Outcome,
    ) -> Result<Done, LineError> {
        let head = self.head_of(item).await?;
        let Some(head) = head.filter(is_unaware) else {
            return self.refused(item, outcome).await;
        };
        self.tell_held(head.id).await?;
        match self.send(item, item.entry.slot.as_deref(), false).await? {
            Sent::Shown(save) => Ok(self.uploaded(item, &save, outcome).await),
            Sent::Refused => self.refused(item, outcome).await,
        }
    }

    /// The slot has a head that this device did not know when it decided.
    async fn refused(&self, item: &Item, outcome: &mut Outcome) -> Result<Done, LineError> {
        let Some(file) = item.file() else {
            return Ok(Done::Nothing);
        };
        let Some(save) = self.head_of(item).await? else {
            return Ok(Done::Failed {
                error: "the server refused the file as out of date and shows no newer save. The \
                        file here is untouched. Run it again"
                    .to_owned(),
            });
        };
        let was = item.last_in_sync();
        let choice = decide::after_refusal(&line::local(file), &save.head(), was.as_ref());
        outcome.line.save = Some(save);
        outcome.line.decide(choice);
        let settles = self.orders.on_conflict.settles_by_server();
        let comes_down = match choice.step {
            Step::Download { .. } => true,
            Step::Conflict => settles,
            Step::Skip { .. } | Step::Upload => false,
        };
        if comes_down && self.has_other_files(item) {
            return Err(LineError::MovedOn);
        }
        Ok(Box::pin(self.step(choice.step, Some(item), outcome)).await)
    }

    /// The newest save that the item is compared with, as the server has it now.
    async fn head_of(&self, item: &Item) -> Result<Option<ServerSave>, LineError> {
        let games = Games::These([item.entry.rom].into());
        let listing = Listing::fetch(self.engine, games);
        Ok(self.unless_stopped(listing).await?.counterpart(item))
    }
}

/// The file, as it is sent under that name.
pub(super) fn outgoing<'a>(file: &'a Snapshot, name: &'a str) -> Outgoing<'a> {
    Outgoing {
        path: &file.path,
        name,
        size: file.size,
        blob: file.content.blob,
        form: file.form,
    }
}

/// Whether this device holds a save and the server does not know it.
fn is_unaware(head: &ServerSave) -> bool {
    head.entry == Entry::Current && !head.confirmed
}

fn is_conflict(error: &ServerError) -> bool {
    matches!(error.trouble, Trouble::Conflict { .. })
}

fn unpoisoned<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether a save shows what the file holds, in the file's own slot: a RomM 4.8.1 answers with the
/// row of any slot.
fn is_shown_by(save: &SeenSave, item: &Item) -> bool {
    let hash = item.file().and_then(|file| file.content.hash);
    save.slot == item.entry.slot && hash.is_some() && save.content_hash == hash
}

/// Whether a save that came back is not the newest of its slot.
fn is_older(save: &SeenSave, head: Option<&ServerSave>) -> bool {
    head.is_some_and(|head| save.id != head.id && save.updated_at <= head.updated_at)
}
