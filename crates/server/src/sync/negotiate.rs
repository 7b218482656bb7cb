//! A device shows its saves and is told what to do with each: `POST /api/sync/negotiate`.
//!
//! Where the device stands on all timelines of its user is gathered at once; beyond that, only what
//! differs costs a question, and only what changed is written.

use keepsave_core::content::ContentHash;
use keepsave_core::ids::{DeviceId, UserId};
use keepsave_core::layouts::Part;
use keepsave_core::negotiate::{
    Action, Negotiated, SyncDecision, content_named, negotiate as decide, negotiate_archive,
    negotiate_new, offer,
};
use keepsave_core::time::Time;
use keepsave_wire::sync::{ClientSaveState, SyncNegotiateResponse};

use super::plan::{self, Line};
use super::{NotSynced, inventory};
use crate::app::App;
use crate::events::Event;
use crate::vault::positions::{self, HeadRow, Position};
use crate::vault::timelines::Lineage;
use crate::vault::{Fault, Tx, devices, holdings, sync_sessions};

/// Decides what the device is to do, and opens a session for it. A session that the device had open
/// is cancelled.
pub async fn negotiate(
    app: &App,
    user: UserId,
    device: DeviceId,
    saves: Vec<ClientSaveState>,
) -> Result<SyncNegotiateResponse, NotSynced> {
    let now = app.now();
    let (response, conflicts) = app
        .vault
        .write(move |tx| {
            let known = devices::of_user(tx, user, &device)?.ok_or(NotSynced::UnknownDevice)?;
            if !known.sync_enabled {
                return Err(NotSynced::Disabled);
            }
            let (lines, conflicts) = Visit::new(tx, &device, &saves, now).plan(user)?;
            let to_do = i64::try_from(plan::to_do(&lines).count()).unwrap_or(i64::MAX);
            sync_sessions::cancel_open(tx, &device, now)?;
            let stored = plan::stored(&lines);
            let session = sync_sessions::start(tx, user, &device, to_do, &stored, now)?;
            devices::seen(tx, &device, now)?;
            Ok((plan::response(session, lines), conflicts))
        })
        .await?;
    for conflict in conflicts {
        app.events.tell(user, conflict);
    }
    Ok(response)
}

/// A device that shows its saves, while it is being answered.
struct Visit<'a> {
    tx: &'a Tx<'a>,
    device: &'a DeviceId,
    saves: &'a [ClientSaveState],
    now: Time,
    answers: Vec<Option<Line>>,
    offers: Vec<Line>,
    conflicts: Vec<Event>,
}

impl<'a> Visit<'a> {
    fn new(tx: &'a Tx<'a>, device: &'a DeviceId, saves: &'a [ClientSaveState], now: Time) -> Self {
        Self {
            tx,
            device,
            saves,
            now,
            answers: vec![None; saves.len()],
            offers: Vec::new(),
            conflicts: Vec::new(),
        }
    }

    /// Every line of the plan: one for each save, in order, then what else the server has.
    fn plan(mut self, user: UserId) -> Result<(Vec<Line>, Vec<Event>), Fault> {
        let with_archive = self.saves.iter().any(|save| save.slot.is_none());
        let positions = positions::of_device(self.tx, user, self.device, with_archive)?;
        let sorted = inventory::sort(self.saves, &positions);
        for entry in sorted.new {
            self.answer(entry, None, &negotiate_new(self.hash(entry)));
        }
        for (position, entries) in positions.iter().zip(&sorted.by_position) {
            match (&position.slot, entries.as_slice()) {
                (Some(_), []) => self.offer(position)?,
                (Some(_), entries) => self.timeline(position, entries)?,
                (None, entries) => self.archive(position, entries),
            }
        }
        let answers = self.answers.into_iter().flatten();
        Ok((answers.chain(self.offers).collect(), self.conflicts))
    }

    fn hash(&self, entry: usize) -> Option<ContentHash> {
        content_named(self.saves[entry].content_hash.as_deref())
    }

    fn answer(&mut self, entry: usize, head: Option<&HeadRow>, decision: &SyncDecision) {
        self.answers[entry] = Some(plan::answer(&self.saves[entry], head, decision));
    }

    fn lineage(&self, position: &Position) -> Lineage<'a> {
        let head = position.head.as_ref().map(|head| head.version.clone());
        Lineage::with_head(self.tx, position.timeline, head)
    }

    /// A timeline of a slot that the inventory does not name.
    fn offer(&mut self, position: &Position) -> Result<(), Fault> {
        let is_companion = !Part::stored(position.part.as_str()).is_save();
        let decision = offer(&self.lineage(position), &position.holding, is_companion)?;
        if let (Some(head), Some(decision)) = (&position.head, decision)
            && decision.action == Action::Download
        {
            self.offers.push(plan::offer(position, head, &decision));
        }
        Ok(())
    }

    /// A row of the archive.
    fn archive(&mut self, position: &Position, entries: &[usize]) {
        let head = position.head.as_ref();
        for &entry in entries {
            let decision = negotiate_archive(head.map(|head| &head.version), self.hash(entry));
            let paired = head.filter(|_| decision.action == Action::NoOp);
            self.answer(entry, paired, &decision);
        }
    }

    /// A timeline of a slot, and every save of the inventory that names it. Equal ones are decided
    /// once.
    fn timeline(&mut self, position: &Position, entries: &[usize]) -> Result<(), Fault> {
        let mut shown: Vec<_> = entries.iter().map(|&entry| self.hash(entry)).collect();
        shown.sort_unstable();
        shown.dedup();
        let Negotiated { decisions, holding } =
            decide(&self.lineage(position), &position.holding, &shown)?;
        if holding != position.holding {
            let (timeline, before) = (position.timeline, &position.holding);
            holdings::save(self.tx, self.device, timeline, before, &holding, self.now)?;
            if let Some(head) = &position.head
                && holding.baseline == Some(head.version.id)
            {
                holdings::synced(self.tx, self.device, head.save, head.updated_at)?;
            }
        }
        self.remember_conflict(position, &shown, &decisions)?;
        for &entry in entries {
            if let Ok(at) = shown.binary_search(&self.hash(entry)) {
                self.answer(entry, position.head.as_ref(), &decisions[at]);
            }
        }
        Ok(())
    }

    /// What a person must settle stays known until it is settled, and is told once.
    fn remember_conflict(
        &mut self,
        position: &Position,
        shown: &[Option<ContentHash>],
        decisions: &[SyncDecision],
    ) -> Result<(), Fault> {
        let in_conflict = shown
            .iter()
            .zip(decisions)
            .find(|(_, decision)| decision.action == Action::Conflict);
        let reported = in_conflict.and_then(|(hash, _)| *hash);
        if reported != position.reported {
            holdings::report(self.tx, self.device, position.timeline, reported, self.now)?;
        }
        // Without a hash no one can tell whether it was told before.
        let is_new = reported.is_none() || reported != position.reported;
        if in_conflict.is_some() && is_new {
            self.conflicts.push(Event::Conflict {
                rom_id: position.rom,
                slot: position.slot.clone(),
                device_id: Some(self.device.clone()),
                version_id: None,
            });
        }
        Ok(())
    }
}
