//! A slot is copied or moved with its saves.
//!
//! A Keepsave does it in one step, history and all. A RomM cannot, so each save is fetched and sent
//! into the other slot, the oldest first, and where the slot moves, fetched back from there and
//! compared: only when every content is proved to be there do those go that it was made from.
//! Whatever breaks off goes on where it ended when it is begun again, and deletes nothing before.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use keepsave_core::ids::{RomId, SaveId};
use keepsave_core::layouts::{Part, part_of};
use keepsave_core::names::pairing_name;
use keepsave_core::release::Speaks;

use super::error::LineError;
use super::in_use::Seen;
use super::line::{Found, Item, ServerSave};
use super::listing::{Games, Listing};
use super::plan::Plan;
use super::run::{Orders, Run, Watch};
use super::slots::{SlotTrouble, named};
use super::stop::Stop;
use super::{Engine, EngineError};
use crate::files::{Expected, NothingKnown, Snapshot, Verified, content_at, snapshot};
use crate::games::Present;
use crate::library::SaveFile;
use crate::manifest::Entry;
use crate::server::download::SaveDownload;
use crate::server::seen::SeenSave;
use crate::state::{Baseline, Key, SlotSource};
use crate::threads::elsewhere;

/// What is to become of a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carry {
    /// Another slot has its saves, too.
    Copy,
    /// Another slot has its saves instead.
    Move,
}

/// A save, and the one of the other slot that has its content.
pub(super) struct Carried {
    from: SaveId,
    to: SeenSave,
}

/// Which slot goes where.
#[derive(Clone, Copy)]
struct Way<'a> {
    rom: RomId,
    from: &'a str,
    to: &'a str,
}

impl Engine {
    /// Copies or moves a slot, and says how many saves the other one has of it. A game that syncs
    /// with a slot that moves goes on with the other one.
    pub async fn carry_slot(
        &self,
        present: &Present,
        carry: Carry,
        (from, to): (&str, &str),
        (watch, stop): (Arc<dyn Watch>, Stop),
    ) -> Result<usize, SlotTrouble> {
        let rom = present.rom().ok_or(SlotTrouble::Unmatched)?;
        named(to)?;
        if from == to {
            return Err(SlotTrouble::Same);
        }
        let way = Way { rom, from, to };
        let _held = self.hold(&[rom].into(), &watch, &stop).await?;
        let listing = self.listing_of(present).await?;
        let (there, taken) = (of_slot(&listing, rom, from), of_slot(&listing, rom, to));
        if there.is_empty() {
            let follows = self.is_of_no_other(present, &listing, way);
            return self.carry_name(carry, way, (&taken, follows));
        }
        if !taken.iter().all(|save| has_content_of(&there, save)) {
            return Err(SlotTrouble::Taken(to.to_owned()));
        }
        if self.speaks().await? == Speaks::Lineage && taken.is_empty() {
            let follows = self.is_of_no_other(present, &listing, way);
            self.carry_at_once(carry, way, follows).await?;
            return Ok(there.len());
        }
        let carrying = self.carrying(rom, to, (watch, stop)).await?;
        let carried = carrying.saves(&there, taken, carry).await?;
        if carry == Carry::Move {
            self.give_up(way, &carried).await?;
        }
        Ok(carried.len())
    }

    /// A slot without saves on the server: its name is all there is of it, or all that is left.
    fn carry_name(
        &self,
        carry: Carry,
        Way { rom, from, to }: Way<'_>,
        (taken, follows): (&[SeenSave], bool),
    ) -> Result<usize, SlotTrouble> {
        let game = self.state.game(rom)?.unwrap_or_default();
        let held = self.state.held_saves(&self.device, rom, from)?;
        let is_active = game.active_slot.as_deref() == Some(from);
        let mut known = self.state.slots(rom)?.into_iter();
        let is_known = known
            .any(|slot| slot.source == SlotSource::Local && slot.name.as_deref() == Some(from));
        if !is_known && !is_active && held.is_empty() {
            return Err(SlotTrouble::Missing(from.to_owned()));
        }
        // What the server did already and this device did not hear of.
        let has_moved = held
            .iter()
            .all(|held| taken.iter().any(|save| save.id == *held));
        if !taken.is_empty() && (held.is_empty() || carry == Carry::Copy) {
            return Err(SlotTrouble::Taken(to.to_owned()));
        }
        match carry {
            Carry::Copy => self.state.create_slot(rom, Some(to))?,
            Carry::Move if taken.is_empty() || has_moved => {
                let way = (from, to);
                self.state.rename_slot(&self.device, rom, way, follows)?;
            }
            Carry::Move if is_active => return Err(SlotTrouble::Taken(to.to_owned())),
            Carry::Move => self.state.remove_slot(&self.device, rom, Some(from))?,
        }
        Ok(taken.len())
    }

    /// Whether no file here holds what only another slot has, as one does where a switch broke off.
    fn is_of_no_other(&self, present: &Present, listing: &Listing, way: Way<'_>) -> bool {
        let is_ours = |slot: Option<&str>| [Some(way.from), Some(way.to)].contains(&slot);
        let of_another = |file: &SaveFile| {
            let content = content_at(&file.path, file.form, &*self.state);
            let hash = content.ok().flatten().and_then(|file| file.content.hash);
            let saves = listing.saves_of(way.rom).iter();
            let is_it = |save: &&SeenSave| hash.is_some() && save.content_hash == hash;
            let mut saves = saves.filter(is_it).peekable();
            saves.peek().is_some() && !saves.any(|save| is_ours(save.slot.as_deref()))
        };
        !present.game.save.files.iter().any(of_another)
    }

    /// As a Keepsave does it.
    async fn carry_at_once(
        &self,
        carry: Carry,
        Way { rom, from, to }: Way<'_>,
        is_of_no_other: bool,
    ) -> Result<(), SlotTrouble> {
        if carry == Carry::Copy {
            let copied = self.server.copy_slot(rom, from, to).await;
            return Ok(copied.map_err(EngineError::from)?);
        }
        let game = self.state.game(rom)?.unwrap_or_default();
        let is_active = game.active_slot.as_deref() == Some(from);
        let follows = is_active && (game.slot_confirmed || is_of_no_other);
        let confirm = |confirmed| {
            let change = |game: &mut crate::state::Game| game.slot_confirmed = confirmed;
            self.state.change_game(rom, change)
        };
        if follows {
            // Between the two steps nothing moves by itself, for the slot would begin anew.
            confirm(false)?;
        }
        if let Err(error) = self.server.move_slot(rom, from, to).await {
            if follows && !error.may_be_done() {
                confirm(true)?;
            }
            return Err(EngineError::from(error).into());
        }
        let way = (from, to);
        Ok(self.state.rename_slot(&self.device, rom, way, follows)?)
    }

    /// Every content is in the other slot: this device follows, and the saves that it was made
    /// from go.
    async fn give_up(&self, way: Way<'_>, carried: &[Carried]) -> Result<(), SlotTrouble> {
        let Way { rom, from, to } = way;
        let listing = self.listing_of_game(rom).await?;
        let all: Vec<SaveId> = of_slot(&listing, rom, from)
            .iter()
            .map(|save| save.id)
            .collect();
        let is_proved = |id: &SaveId| carried.iter().any(|one| one.from == *id);
        if !all.iter().all(is_proved) {
            return Err(SlotTrouble::Broken(format!(
                "slot `{from}` got another save meanwhile"
            )));
        }
        let speaks = self.speaks().await?;
        let by_id: HashMap<SaveId, &SeenSave> =
            carried.iter().map(|one| (one.from, &one.to)).collect();
        let files = self.state.files_of(&self.device, rom, Some(from))?;
        let follows = files.into_iter().filter_map(|(name, was)| {
            let now = by_id.get(&was.save?)?;
            let now = ServerSave::of(now, speaks, &self.device);
            let key = self.key(rom, Some(to), &name);
            Some((key, was.of_another(&now)))
        });
        let follows: Vec<(Key, Baseline)> = follows.collect();
        for save in follows.iter().filter_map(|(_, now)| now.save) {
            let told = self.server.confirm_download(save, &self.device).await;
            told.map_err(EngineError::from)?;
        }
        self.state.follow_slot((rom, from), to, &follows)?;
        let deleted = self.server.delete_saves(&all).await;
        deleted.map_err(EngineError::from)?;
        Ok(self.state.remove_slot(&self.device, rom, Some(from))?)
    }

    async fn speaks(&self) -> Result<Speaks, EngineError> {
        Ok(self.server.speaks().await?)
    }

    /// What takes saves into a slot one by one.
    pub(super) async fn carrying<'a>(
        &'a self,
        rom: RomId,
        to: &'a str,
        (watch, stop): (Arc<dyn Watch>, Stop),
    ) -> Result<Carrying<'a>, EngineError> {
        Ok(Carrying {
            engine: self,
            rom,
            to,
            speaks: self.speaks().await?,
            watch,
            stop,
        })
    }

    async fn listing_of_game(&self, rom: RomId) -> Result<Listing, EngineError> {
        Ok(Listing::fetch(self, Games::These([rom].into())).await?)
    }
}

impl Baseline {
    /// The same content, as another save has it.
    pub(super) fn of_another(self, save: &ServerSave) -> Self {
        Self {
            save: Some(save.id),
            tracked: Some(save.id),
            server_hash: save.hash.or(self.server_hash),
            server_size: save.size.or(self.server_size),
            server_updated_at: save.updated_at,
            ..self
        }
    }
}

/// The saves of a slot, the oldest first.
fn of_slot(listing: &Listing, rom: RomId, slot: &str) -> Vec<SeenSave> {
    let saves = listing.saves_of(rom).iter();
    let mut saves: Vec<SeenSave> = saves
        .filter(|save| save.slot.as_deref() == Some(slot))
        .cloned()
        .collect();
    saves.sort_by_key(|save| (save.updated_at, save.id));
    saves
}

/// Whether one of the saves surely has that one's content, in the same file of a set.
pub(super) fn has_content_of(saves: &[SeenSave], other: &SeenSave) -> bool {
    saves.iter().any(|save| is_same(save, other))
}

fn is_same(one: &SeenSave, other: &SeenSave) -> bool {
    one.content_hash.is_some()
        && one.content_hash == other.content_hash
        && part_of(&one.file_name) == part_of(&other.file_name)
}

/// Saves that go into another slot one by one.
pub(super) struct Carrying<'a> {
    engine: &'a Engine,
    rom: RomId,
    to: &'a str,
    speaks: Speaks,
    watch: Arc<dyn Watch>,
    stop: Stop,
}

impl Carrying<'_> {
    /// Each of the saves, the oldest first, and in the end the newest of each file is the newest
    /// there, too.
    pub(super) async fn saves(
        &self,
        saves: &[SeenSave],
        mut there: Vec<SeenSave>,
        carry: Carry,
    ) -> Result<Vec<Carried>, SlotTrouble> {
        let (plan, orders) = (Plan::empty(), Orders::default());
        let run = Run {
            engine: self.engine,
            orders: &orders,
            speaks: self.speaks,
            plan: &plan,
            beside: None,
            roots: &[],
            forms: None,
            in_sets: false,
            up_only: &HashSet::new(),
            watch: self.watch.clone(),
            stop: self.stop.clone(),
            sent: std::sync::Mutex::default(),
            seen: Seen::default(),
        };
        let sizes = saves.iter().filter_map(|save| save.file_size_bytes);
        self.watch.expects(sizes.sum::<u64>() * 2);
        let broken = |error: LineError| SlotTrouble::Broken(error.to_string());
        let mut carried = Vec::with_capacity(saves.len());
        let newest = newest_of(saves);
        for save in saves {
            let (_scratch, item) = self.fetch(&run, save).await.map_err(broken)?;
            let found = there.iter().find(|one| is_same(one, save)).cloned();
            let mut to = if let Some(found) = found {
                found
            } else {
                let sent = run.send_anew(&item, self.to).await.map_err(broken)?;
                self.engine.state.uploaded(self.rom, sent.id)?;
                sent
            };
            let part = part_of(&save.file_name);
            if newest.get(&part) == Some(&save.id) && !is_newest(&there, &to) {
                to = run.send_onto(&item, &to).await.map_err(broken)?;
            }
            if carry == Carry::Move && !run.gives_back(&item, &to).await.map_err(broken)? {
                return Err(SlotTrouble::Broken(format!(
                    "save {} did not become one of slot `{}`",
                    save.id, self.to
                )));
            }
            there.retain(|one| one.id != to.id);
            there.push(to.clone());
            carried.push(Carried { from: save.id, to });
        }
        Ok(carried)
    }

    /// A save comes to where it can be sent from, which is gone when it is dropped.
    async fn fetch(&self, run: &Run<'_>, save: &SeenSave) -> Result<(Verified, Item), LineError> {
        let incoming = self.engine.journal.incoming()?;
        let wanted = SaveDownload {
            id: save.id,
            device: None,
            session: None,
            size: save.file_size_bytes,
        };
        let incoming = run.receive(&wanted, incoming).await?;
        let expected = Expected {
            size: save.file_size_bytes,
            hash: save.content_hash,
        };
        let look = move || -> Result<(Verified, Option<Snapshot>), LineError> {
            let verified = incoming.verify(&expected)?;
            let file = snapshot(verified.path(), &NothingKnown)?;
            Ok((verified, file))
        };
        let (verified, file) = elsewhere(look).await??;
        let file = file.ok_or(LineError::NotStored)?;
        let entry = Entry {
            rom: self.rom,
            path: verified.path().to_owned(),
            outside: None,
            file_name: pairing_name(&save.file_name),
            slot: Some(self.to.to_owned()),
            emulator: save.emulator.clone(),
        };
        let item = Item {
            entry,
            listed: true,
            found: Found::File(Box::new(file)),
            baseline: None,
        };
        Ok((verified, item))
    }
}

/// The newest save of each file of a set.
fn newest_of(saves: &[SeenSave]) -> HashMap<Part, SaveId> {
    let parts = saves.iter();
    parts
        .map(|save| (part_of(&save.file_name), save.id))
        .collect()
}

/// Whether none of the saves of the same file was stored after that one.
fn is_newest(saves: &[SeenSave], save: &SeenSave) -> bool {
    let part = part_of(&save.file_name);
    let of_part = saves.iter().filter(|one| part_of(&one.file_name) == part);
    let newest = of_part.max_by_key(|one| (one.updated_at, one.id));
    newest.is_none_or(|newest| (newest.updated_at, newest.id) <= (save.updated_at, save.id))
}
