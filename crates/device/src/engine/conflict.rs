//! Where a person must choose: what they chose beforehand, or nothing.
//!
//! Whatever is chosen, both contents stay: the server keeps each as a version or in a slot of its
//! own, and the journal keeps what a file held.

use keepsave_core::release::Speaks;
use keepsave_core::slots::Slot;

use super::error::LineError;
use super::line::{Item, ServerSave};
use super::listing::{Games, Listing};
use super::outcome::{Done, Outcome};
use super::run::{OnConflict, Run};

impl Run<'_> {
    /// Does what was chosen for conflicts.
    pub(super) async fn conflict(&self, item: Option<&Item>, outcome: &mut Outcome) -> Done {
        let passed_over = match self.orders.on_conflict {
            OnConflict::Fail => false,
            OnConflict::Skip => true,
            OnConflict::KeepLocal | OnConflict::KeepServer | OnConflict::KeepBoth => {
                return match self.settle_conflict(item, outcome).await {
                    Ok(done) => done,
                    Err(error) => Done::failed(&error),
                };
            }
        };
        Done::Conflict { passed_over }
    }

    async fn settle_conflict(
        &self,
        item: Option<&Item>,
        outcome: &mut Outcome,
    ) -> Result<Done, LineError> {
        let Some(item) = item.filter(|item| item.file().is_some()) else {
            return Ok(Done::Conflict { passed_over: false });
        };
        if let Some(moved) = self.moved_on(item, outcome).await? {
            return Ok(moved);
        }
        let has_head = outcome.line.save.is_some();
        Ok(match self.orders.on_conflict {
            OnConflict::KeepServer if !has_head => Done::Failed {
                error: "the server has no save to keep. Both sides are as they were".to_owned(),
            },
            OnConflict::KeepServer => {
                self.download(
                    Some(item),
                    "given up for the server's save on request",
                    outcome,
                )
                .await
            }
            OnConflict::KeepBoth if has_head => self.keep_both(item, outcome).await?,
            _ => {
                if item.entry.slot.is_none() && self.speaks != Speaks::Lineage {
                    self.keep_archived(item, outcome).await?;
                }
                self.upload_over(item, outcome).await
            }
        })
    }

    /// The choice was made about a head that the person could know: if it has moved since, nothing
    /// is done.
    async fn moved_on(&self, item: &Item, outcome: &Outcome) -> Result<Option<Done>, LineError> {
        let games = Games::These([item.entry.rom].into());
        let listing = Listing::fetch(self.engine, games);
        let listing = self.unless_stopped(listing).await?;
        let now = listing.counterpart(item);
        let key = |save: &ServerSave| (save.id, save.hash);
        if now.as_ref().map(key) == outcome.line.save.as_ref().map(key) {
            return Ok(None);
        }
        Ok(Some(Done::Failed {
            error: "stale_conflict: the server's save moved on since it was looked at. Both sides \
                    are as they were. Run it again"
                .to_owned(),
        }))
    }

    /// What is here first goes to a slot of its own, then the server's save takes its place.
    async fn keep_both(&self, item: &Item, outcome: &mut Outcome) -> Result<Done, LineError> {
        let Some(slot) = &item.entry.slot else {
            return Ok(Done::Failed {
                error: "a save without a slot cannot be kept beside another. Both sides are as \
                        they were. Name a slot in the manifest"
                    .to_owned(),
            });
        };
        let device = self.engine.server.device(&self.engine.device);
        let device = self.unless_stopped(device).await?.seen;
        let aside = match Slot::new(slot) {
            Ok(slot) => slot.for_device(device.name.as_deref().unwrap_or_default()),
            Err(error) => {
                return Ok(Done::Failed {
                    error: format!("slot `{slot}`: {error}. Both sides are as they were"),
                });
            }
        };
        if let Err(done) = self.set_aside(item, aside.as_str()).await {
            return Ok(done);
        }
        outcome
            .notes
            .push(format!("what was here is in slot `{aside}` now"));
        let reason = "kept in a slot of its own, and replaced by the server's save";
        Ok(self.download(Some(item), reason, outcome).await)
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
