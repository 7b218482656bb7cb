//! A save comes down: fetched beside its place, verified, and only then put there. What was there
//! is in the journal before. The server is told last, when the bytes are in their place.

use std::io;

use keepsave_core::ids::SaveId;
use keepsave_core::time::Time;

use super::error::LineError;
use super::item::shown;
use super::line::{Item, Line, ServerSave};
use super::outcome::{Done, Outcome};
use super::run::Run;
use super::target::Target;
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

impl Run<'_> {
    /// Fetches the line's save.
    pub(super) async fn download(
        &self,
        item: Option<&Item>,
        reason: &str,
        outcome: &mut Outcome,
    ) -> Done {
        let bring = async |line: &Line| {
            let arrived = self.bring(item, line).await?;
            self.unless_in_use(Some(line.rom), &arrived.target.path)
                .await?;
            Ok(arrived)
        };
        let done = match bring(&outcome.line).await {
            Ok(arrived) => self.put(arrived, reason, outcome).await,
            Err(error) => Err(error),
        };
        done.unwrap_or_else(|error| Done::failed(&error))
    }

    /// Fetches the files of one save: all of them have come in before the first takes its place, so
    /// a save is not mixed by a transfer that breaks off.
    pub(super) async fn download_together(
        &self,
        items: &[Option<&Item>],
        reason: &str,
        outcomes: &mut [Outcome],
    ) {
        let mut arrived = Vec::with_capacity(outcomes.len());
        for (item, outcome) in items.iter().zip(&mut *outcomes) {
            match self.bring(*item, &outcome.line).await {
                Ok(one) => arrived.push(one),
                Err(error) => {
                    outcome.result = Done::failed(&error);
                    let why = format!("another file of the same save did not come: {error}");
                    let rest = outcomes.iter_mut();
                    for rest in rest.filter(|rest| matches!(rest.result, Done::Nothing)) {
                        rest.result = Done::LeftOut { why: why.clone() };
                    }
                    return;
                }
            }
        }
        for one in &arrived {
            let rom = outcomes.first().map(|outcome| outcome.line.rom);
            let used = self.unless_in_use(rom, &one.target.path).await;
            if let Err(error) = used {
                for outcome in outcomes {
                    outcome.result = Done::failed(&error);
                }
                return;
            }
        }
        for (one, outcome) in arrived.into_iter().zip(outcomes) {
            let done = self.put(one, reason, outcome).await;
            outcome.result = done.unwrap_or_else(|error| Done::failed(&error));
        }
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

    /// What came in takes its place, and the server is told.
    async fn put(
        &self,
        arrived: Arrived,
        reason: &str,
        outcome: &mut Outcome,
    ) -> Result<Done, LineError> {
        let Arrived {
            verified,
            target,
            save,
        } = arrived;
        let about = About {
            account: self.engine.account.clone(),
            rom: outcome.line.rom,
            slot: outcome.line.slot.clone(),
            file_name: target.key_name.clone(),
            reason: reason.to_owned(),
        };
        let placed = self
            .place(verified, &target, about, save.updated_at)
            .await?;
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
        Ok(Done::Downloaded {
            path: target.path,
            kept: placed.kept.map(Box::new),
        })
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

    /// Once begun this is not stopped: the file is in its place or it is not.
    async fn place(
        &self,
        verified: Verified,
        target: &Target,
        about: About,
        mtime: Option<Time>,
    ) -> Result<Placed, LineError> {
        let engine = self.engine.clone();
        let found = target.found.clone();
        let place = move || -> Result<Placed, PlaceError> {
            verified.commit(&Replacing {
                found: found.as_ref(),
                journal: &engine.journal,
                about: &about,
                mtime,
                now: engine.clock.now(),
            })
        };
        Ok(elsewhere(place).await??)
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
