//! Where a person must choose: what they chose beforehand, or nothing.
//!
//! Whatever is chosen, both contents stay: the server keeps each as a version or in a slot of its
//! own, and the journal keeps what a file held.

use keepsave_core::decide::Step;
use keepsave_core::release::Speaks;
use keepsave_core::slots::Slot;

use super::error::LineError;
use super::line::{Item, ServerSave, Todo};
use super::listing::{Games, Listing};
use super::outcome::{Done, Outcome};
use super::run::{OnConflict, Run};

impl Run<'_> {
    /// Does what was chosen for conflicts, where that is not for the files of a save together.
    pub(super) async fn conflict(&self, item: Option<&Item>, outcome: &mut Outcome) -> Done {
        match self.orders.on_conflict {
            OnConflict::Fail => Done::Conflict { passed_over: false },
            OnConflict::Skip => Done::Conflict { passed_over: true },
            OnConflict::KeepLocal => {
                let done = self.keep_local(item, outcome).await;
                done.unwrap_or_else(|error| Done::failed(&error))
            }
            OnConflict::KeepServer | OnConflict::KeepBoth => {
                let alone = std::slice::from_mut(outcome);
                self.settle_together(&[item], alone).await;
                std::mem::replace(&mut outcome.result, Done::Nothing)
            }
        }
    }

    async fn keep_local(
        &self,
        item: Option<&Item>,
        outcome: &mut Outcome,
    ) -> Result<Done, LineError> {
        let Some(item) = item.filter(|item| item.file().is_some()) else {
            return Ok(Done::Conflict { passed_over: false });
        };
        if self.have_moved_on(&[item], &[&*outcome]).await? {
            return Ok(Done::Failed {
                error: MOVED_ON.to_owned(),
            });
        }
        if item.entry.slot.is_none() && self.speaks != Speaks::Lineage {
            self.keep_archived(item, outcome).await?;
        }
        Ok(self.upload_over(item, outcome).await)
    }

    /// The server's save takes the place of the one here, all of its files or none. What is here
    /// goes to a slot of its own before, where both are to be kept.
    pub(super) async fn settle_together(&self, items: &[Option<&Item>], outcomes: &mut [Outcome]) {
        if let Err(why) = self.try_settle(items, outcomes).await {
            for outcome in outcomes {
                outcome.result = why.done();
            }
        }
    }

    /// Says what becomes of all of them, where they were not settled.
    async fn try_settle(
        &self,
        items: &[Option<&Item>],
        outcomes: &mut [Outcome],
    ) -> Result<(), Open> {
        let asks = |outcome: &Outcome| outcome.line.step() == Some(Step::Conflict);
        let asked = items.iter().zip(&*outcomes);
        let asked = asked.filter(|(_, outcome)| asks(outcome));
        let asked: Option<Vec<(&Item, &Outcome)>> = asked
            .map(|(item, outcome)| Some(((*item).filter(|item| item.file().is_some())?, outcome)))
            .collect();
        let (here, there): (Vec<&Item>, Vec<&Outcome>) =
            asked.ok_or(Open::Asks)?.into_iter().unzip();
        if self.have_moved_on(&here, &there).await? {
            return Err(Open::Failed(MOVED_ON.to_owned()));
        }
        let keeps_both = self.orders.on_conflict == OnConflict::KeepBoth;
        if outcomes.iter().all(|outcome| outcome.line.save.is_none()) {
            return self.without_a_head(&here, keeps_both, outcomes).await;
        }
        let mut reason = "given up for the server's save on request";
        if keeps_both {
            reason = "kept in a slot of its own, and replaced by the server's save";
            let aside = self.keep_here_aside(&here).await?;
            for outcome in &mut *outcomes {
                let said = format!("what was here is in slot `{aside}` now");
                outcome.notes.push(said);
            }
        }
        // Beside the server's save nothing stays that it does not have.
        for outcome in outcomes.iter_mut().filter(|one| one.line.save.is_none()) {
            outcome.line.todo = Todo::Leave;
        }
        self.download_together(items, reason, outcomes).await;
        Ok(())
    }

    /// The server has nothing that could take a place.
    async fn without_a_head(
        &self,
        here: &[&Item],
        keeps_both: bool,
        outcomes: &mut [Outcome],
    ) -> Result<(), Open> {
        if !keeps_both {
            let why = "the server has no save to keep. Both sides are as they were";
            return Err(Open::Failed(why.to_owned()));
        }
        for (item, outcome) in here.iter().zip(outcomes) {
            outcome.result = self.upload_over(item, outcome).await;
        }
        Ok(())
    }

    /// The choice was made about a head that the person could know: if it has moved since, nothing
    /// is done.
    async fn have_moved_on(
        &self,
        items: &[&Item],
        outcomes: &[&Outcome],
    ) -> Result<bool, LineError> {
        let games = Games::These(items.iter().map(|item| item.entry.rom).collect());
        let listing = Listing::fetch(self.engine, games);
        let listing = self.unless_stopped(listing).await?;
        let key = |save: &ServerSave| (save.id, save.hash);
        let mut both = items.iter().zip(outcomes);
        Ok(both.any(|(item, outcome)| {
            let now = listing.counterpart(item);
            now.as_ref().map(key) != outcome.line.save.as_ref().map(key)
        }))
    }

    /// What is here goes to a slot of its own, with those of its files that are in sync: it is to be
    /// a whole save there. Says which slot that is.
    async fn keep_here_aside(&self, here: &[&Item]) -> Result<Slot, Open> {
        let slot = here.first().and_then(|item| item.entry.slot.as_deref());
        let slot = slot.ok_or_else(|| {
            let why = "a save without a slot cannot be kept beside another. Both sides are as they \
                       were. Name a slot in the manifest";
            Open::Failed(why.to_owned())
        })?;
        let device = self.engine.server.device(&self.engine.device);
        let device = self.unless_stopped(device).await?.seen;
        let aside = Slot::new(slot)
            .map_err(|error| {
                Open::Failed(format!(
                    "slot `{slot}`: {error}. Both sides are as they were"
                ))
            })?
            .for_device(device.name.as_deref().unwrap_or_default());
        let is_of_it = |item: &&Item| {
            let mut here = here.iter();
            here.any(|one| {
                one.entry.path == item.entry.path || self.in_sets && item.is_of_one_save_with(one)
            })
        };
        for item in self.plan.items.iter().filter(is_of_it) {
            if item.file().is_some() {
                self.set_aside(item, aside.as_str()).await?;
            }
        }
        Ok(aside)
    }

    /// A RomM writes over an archived save in place, so what it holds is kept here first.
    async fn keep_archived(&self, item: &Item, outcome: &mut Outcome) -> Result<(), LineError> {
        let Some(save) = &outcome.line.save else {
            return Ok(());
        };
        let kept = self.keep_from_server(save, item).await?;
        outcome.notes.push(format!(
            "what the server had under that name is in the journal as {}",
            kept.id
        ));
        Ok(())
    }
}

/// Why a conflict stays one.
enum Open {
    /// A person must choose.
    Asks,
    /// It could not be done.
    Undone(LineError),
    /// The same, in words.
    Failed(String),
}

impl Open {
    fn done(&self) -> Done {
        match self {
            Self::Asks => Done::Conflict { passed_over: false },
            Self::Undone(error) => Done::failed(error),
            Self::Failed(error) => Done::Failed {
                error: error.clone(),
            },
        }
    }
}

impl From<LineError> for Open {
    fn from(error: LineError) -> Self {
        Self::Undone(error)
    }
}

const MOVED_ON: &str = "stale_conflict: the server's save moved on since it was looked at. Both \
                        sides are as they were. Run it again";
