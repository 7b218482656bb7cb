//! A save comes down: fetched beside its place, verified, and only then put there. What was there
//! is in the journal before. The server is told last, when the bytes are in their place.

use std::io;
use std::path::PathBuf;

use keepsave_core::content::BlobHash;
use keepsave_core::ids::SaveId;
use keepsave_core::layouts::{Part, part_of};
use keepsave_core::time::Time;

use super::Engine;
use super::error::LineError;
use super::item::shown;
use super::line::{Item, Line, ServerSave, Todo};
use super::outcome::{Done, Outcome};
use super::run::Run;
use super::target::Target;
use crate::files::together::{self, Together};
use crate::files::{Expected, Incoming, PlaceError, Placed, Replacing, Snapshot, Verified};
use crate::journal::{About, Kept};
use crate::server::download::{SaveDownload, Sink};
use crate::state::Key;
use crate::threads::elsewhere;

impl Sink for Incoming {
    fn write(&mut self, piece: &[u8]) -> io::Result<()> {
        Self::write(self, piece).map_err(io::Error::other)
    }

    fn restart(&mut self) -> io::Result<()> {
        Self::restart(self).map_err(io::Error::other)
    }
}

/// A save that has come in and is not in its place yet.
struct Arrived {
    verified: Verified,
    target: Target,
    save: ServerSave,
}

impl Arrived {
    /// Which file of the save it is, and what it holds.
    fn content(&self) -> (Part, BlobHash) {
        (part_of(&self.target.key_name), self.verified.blob())
    }
}

/// What has become of one file of a save.
enum Came {
    /// It is in its place.
    Placed(Box<(Target, ServerSave)>, Placed),
    /// It left its place.
    Gone(PathBuf, Kept),
}

/// Why none came, and of which of them where it is about one.
type Failed = (Option<usize>, LineError);

impl Run<'_> {
    /// Fetches the line's save.
    pub(super) async fn download(
        &self,
        item: Option<&Item>,
        reason: &str,
        outcome: &mut Outcome,
    ) -> Done {
        let alone = std::slice::from_mut(outcome);
        self.download_together(&[item], reason, alone).await;
        std::mem::replace(&mut outcome.result, Done::Nothing)
    }

    /// Fetches the files of one save: all of them have come in before the first takes its place, and
    /// all take their places or none, so that a save is not mixed by what breaks off.
    pub(super) async fn download_together(
        &self,
        items: &[Option<&Item>],
        reason: &str,
        outcomes: &mut [Outcome],
    ) {
        let come = async {
            let arrived = self.bring_together(items, outcomes).await?;
            self.place_together(arrived, items, reason, outcomes).await
        };
        let came = match come.await {
            Ok(came) => came,
            Err((which, error)) => return nothing_came(which, &error, outcomes),
        };
        for (came, outcome) in came.into_iter().zip(outcomes) {
            outcome.result = match came {
                Came::Placed(place, placed) => self.settle_arrived(*place, placed, outcome).await,
                Came::Gone(path, kept) => Done::PutAway {
                    path,
                    kept: Box::new(kept),
                },
            };
        }
    }

    /// The files of one save come in, if none of what they replace is in use.
    async fn bring_together(
        &self,
        items: &[Option<&Item>],
        outcomes: &[Outcome],
    ) -> Result<Vec<Option<Arrived>>, Failed> {
        let mut arrived = Vec::with_capacity(outcomes.len());
        for (index, (item, outcome)) in items.iter().zip(outcomes).enumerate() {
            let one = match outcome.line.todo {
                Todo::Leave => Ok(None),
                Todo::Unreadable => Err(LineError::Unread(
                    item.map_or_else(String::new, Item::trouble),
                )),
                _ => self.bring(*item, &outcome.line).await.map(Some),
            };
            arrived.push(one.map_err(|error| (Some(index), error))?);
        }
        let contents = arrived.iter().flatten().map(Arrived::content);
        let contents: Vec<(Part, BlobHash)> = contents.collect();
        let whole = self.demand_whole(&contents, outcomes).await;
        whole.map_err(|error| (None, error))?;
        for ((one, item), outcome) in arrived.iter().zip(items).zip(outcomes) {
            let path = match (one, item) {
                (Some(one), _) => &one.target.path,
                (None, Some(item)) => &item.entry.path,
                (None, None) => continue,
            };
            let used = self.unless_in_use(Some(outcome.line.rom), path).await;
            used.map_err(|error| (None, error))?;
        }
        Ok(arrived)
    }

    /// The line's save comes in beside its place, and is what the server says it is.
    async fn bring(&self, item: Option<&Item>, line: &Line) -> Result<Arrived, LineError> {
        if self.up_only.contains(&line.rom) {
            return Err(LineError::Moving);
        }
        let planned = line.save.as_ref().ok_or(LineError::NoId)?;
        // Not every server says in its plan how large a save is, and it may have moved on since.
        let asked = self
            .engine
            .server
            .save(planned.id, Some(&self.engine.device));
        let seen = self.unless_stopped(asked).await?.seen;
        let save = ServerSave::of(&seen, self.speaks, &self.engine.device);
        let target = self.unless_stopped(self.target(item, &seen)).await?;
        let incoming = {
            let (path, parents, form) = (target.path.clone(), target.parents, target.form);
            let disk = self.engine.journal.disk().clone();
            let begin = move || Incoming::holding_on(disk, form, &path, parents);
            elsewhere(begin).await??
        };
        let wanted = SaveDownload {
            id: save.id,
            device: Some(&self.engine.device),
            session: self.plan.session,
            size: seen.file_size_bytes,
        };
        let expected = Expected {
            size: seen.file_size_bytes,
            hash: save.hash,
        };
        let incoming = self.receive(&wanted, incoming).await?;
        let verified = elsewhere(move || incoming.verify(&expected)).await??;
        Ok(Arrived {
            verified,
            target,
            save,
        })
    }

    /// Takes all of it to its places. Once begun this is not stopped: a save is there or it is not.
    async fn place_together(
        &self,
        arrived: Vec<Option<Arrived>>,
        items: &[Option<&Item>],
        reason: &str,
        outcomes: &[Outcome],
    ) -> Result<Vec<Came>, Failed> {
        let (mut coming, mut going, mut places) = (Vec::new(), Vec::new(), Vec::new());
        for ((one, item), outcome) in arrived.into_iter().zip(items).zip(outcomes) {
            let line = &outcome.line;
            if let Some(one) = one {
                let about = self.about(line, &one.target.key_name, reason);
                let mtime = one.save.updated_at;
                coming.push((one.verified, one.target.found.clone(), about, mtime));
                places.push((one.target.path.clone(), Some((one.target, one.save))));
            } else if let Some(item) = item {
                let about = self.about(line, &item.entry.file_name, reason);
                going.push((item.file().cloned(), about));
                places.push((item.entry.path.clone(), None));
            }
        }
        let engine = self.engine.clone();
        let place = elsewhere(move || engine.put_together(coming, &going));
        let together = place.await.map_err(|error| (None, error.into()))?;
        let together = together.map_err(|error| {
            let which = places.iter().position(|(path, _)| *path == error.path);
            (which, error.into())
        })?;
        let mut placed = together.placed.into_iter();
        let mut gone = together.gone.into_iter();
        let came = places.into_iter().filter_map(|(path, place)| match place {
            Some(place) => Some(Came::Placed(Box::new(place), placed.next()?)),
            None => Some(Came::Gone(path, gone.next()?)),
        });
        Ok(came.collect())
    }

    fn about(&self, line: &Line, file_name: &str, reason: &str) -> About {
        About {
            account: self.engine.account.clone(),
            rom: line.rom,
            slot: line.slot.clone(),
            file_name: file_name.to_owned(),
            reason: reason.to_owned(),
        }
    }

    /// What came is in its place: that is what was last in sync, and the server is told.
    async fn settle_arrived(
        &self,
        (target, save): (Target, ServerSave),
        placed: Placed,
        outcome: &mut Outcome,
    ) -> Done {
        outcome.line.save = Some(save.clone());
        if target.counts {
            let key = self.engine.key(
                outcome.line.rom,
                outcome.line.slot.as_deref(),
                &target.key_name,
            );
            self.record(key, &placed.snapshot, &save, outcome).await;
            self.confirm(save.id, outcome).await;
        } else {
            outcome.notes.push(format!(
                "{} was written beside the file that the manifest lists, so the server was not \
                 told that this device has it",
                shown(&target.path)
            ));
        }
        Done::Downloaded {
            path: target.path,
            kept: placed.kept.map(Box::new),
        }
    }

    /// The bytes come in, unless the person stops it.
    pub(super) async fn receive(
        &self,
        wanted: &SaveDownload<'_>,
        incoming: Incoming,
    ) -> Result<Incoming, LineError> {
        let meter = self.meter();
        let receiving = self.engine.server.download_save(wanted, incoming, &*meter);
        self.unless_stopped(receiving).await
    }

    /// Keeps in the journal what the server holds, because it is about to be written over there.
    pub(super) async fn keep_from_server(
        &self,
        save: &ServerSave,
        item: &Item,
    ) -> Result<Kept, LineError> {
        let incoming = self.engine.journal.incoming()?;
        let wanted = SaveDownload {
            id: save.id,
            device: None,
            session: None,
            size: None,
        };
        let incoming = self.receive(&wanted, incoming).await?;
        let expected = Expected {
            size: None,
            hash: save.hash,
        };
        let about = About {
            account: self.engine.account.clone(),
            rom: item.entry.rom,
            slot: None,
            file_name: item.entry.file_name.clone(),
            reason: "written over on the server on request".to_owned(),
        };
        let (engine, path) = (self.engine.clone(), item.entry.path.clone());
        let keep = move || -> Result<Kept, LineError> {
            let whole = incoming.verify(&expected)?;
            let now = engine.clock.now();
            Ok(engine.journal.keep_incoming(&whole, &path, &about, now)?)
        };
        elsewhere(keep).await?
    }

    /// What both sides hold is what was last in sync from now on.
    pub(super) async fn settle(
        &self,
        item: &Item,
        file: &Snapshot,
        save: &ServerSave,
        outcome: &mut Outcome,
    ) {
        let entry = &item.entry;
        let key = self
            .engine
            .key(entry.rom, entry.slot.as_deref(), &entry.file_name);
        self.record(key, file, save, outcome).await;
    }

    async fn record(&self, key: Key, file: &Snapshot, save: &ServerSave, outcome: &mut Outcome) {
        let baseline = self.engine.baseline_of(file, save);
        let state = self.engine.state.clone();
        let recorded = elsewhere(move || state.record(&key, &baseline)).await;
        let error = match recorded {
            Ok(Ok(())) => return,
            Ok(Err(error)) => error.to_string(),
            Err(error) => error.to_string(),
        };
        outcome.notes.push(format!(
            "what is in sync now could not be noted ({error}); the next run compares the contents"
        ));
    }

    /// Tells the server that this device holds the save.
    pub(super) async fn confirm(&self, save: SaveId, outcome: &mut Outcome) {
        if let Err(error) = self.tell_held(save).await {
            outcome.notes.push(format!(
                "the server could not be told that this device has the save ({error}); the next \
                 run tells it"
            ));
        }
    }

    /// The same, where something depends on it.
    pub(super) async fn tell_held(&self, save: SaveId) -> Result<(), LineError> {
        let telling = self
            .engine
            .server
            .confirm_download(save, &self.engine.device);
        self.unless_stopped(telling).await
    }
}

impl Engine {
    /// Files take their places, and others leave theirs, all of them or none.
    fn put_together(
        &self,
        coming: Vec<(Verified, Option<Snapshot>, About, Option<Time>)>,
        going: &[(Option<Snapshot>, About)],
    ) -> Result<Together, PlaceError> {
        let now = self.clock.now();
        let (files, places): (Vec<Verified>, Vec<_>) = coming
            .into_iter()
            .map(|(file, found, about, mtime)| (file, (found, about, mtime)))
            .unzip();
        let coming = places.iter().map(|(found, about, mtime)| Replacing {
            found: found.as_ref(),
            journal: &self.journal,
            about,
            mtime: *mtime,
            now,
        });
        let going = going.iter().map(|(found, about)| Replacing {
            found: found.as_ref(),
            journal: &self.journal,
            about,
            mtime: None,
            now,
        });
        let going: Vec<Replacing<'_>> = going.collect();
        together::commit(files.into_iter().zip(coming).collect(), &going)
    }
}

/// Of the files of one save none came, because of one of them.
fn nothing_came(which: Option<usize>, error: &LineError, outcomes: &mut [Outcome]) {
    for (index, outcome) in outcomes.iter_mut().enumerate() {
        outcome.result = if which.is_none_or(|which| which == index) {
            Done::failed(error)
        } else {
            let why = format!("another file of the same save did not come: {error}");
            Done::LeftOut { why }
        };
    }
}
