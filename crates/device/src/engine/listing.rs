//! The saves of games, as the server lists them: what an older RomM is decided by, and what answers
//! the questions that a newer one's plan leaves open.

use std::collections::{BTreeMap, HashMap, HashSet};

use futures_util::future::join;
use futures_util::stream::{self, StreamExt, TryStreamExt};
use keepsave_core::decide::Entry;
use keepsave_core::ids::{DeviceId, RomId};
use keepsave_core::layouts::{Part, part_of};
use keepsave_core::limits;
use keepsave_core::negotiate::Action;
use keepsave_core::release::Speaks;

use super::line::{Item, ServerSave};
use super::plan::is_of;
use super::{Engine, judge};
use crate::server::ServerError;
use crate::server::saves::Listed;
use crate::server::seen::{Rows, SeenAction, SeenOperation, SeenSave, SeenSync};

/// Saves by game.
#[derive(Debug)]
pub struct Listing {
    speaks: Speaks,
    device: DeviceId,
    by_game: HashMap<RomId, Vec<SeenSave>>,
    /// Rows that could not be read.
    pub unreadable: Vec<String>,
}

impl Listing {
    /// Asks for the saves of these games, or of all. Which server it is, is asked meanwhile, if it
    /// is not known yet: who waits for a game to start waits once.
    pub async fn fetch(engine: &Engine, games: Games) -> Result<Self, ServerError> {
        let ask = async |rom| {
            let listed = Listed {
                rom,
                slot: None,
                device: Some(&engine.device),
            };
            Ok::<_, ServerError>(engine.server.saves(listed).await?.seen)
        };
        let answers = Box::pin(async {
            match games {
                Games::All => Ok(vec![ask(None).await?]),
                Games::These(games) => {
                    let asked = stream::iter(games).map(|rom| ask(Some(rom)));
                    asked
                        .buffer_unordered(limits::TRANSFERS)
                        .try_collect()
                        .await
                }
            }
        });
        let (speaks, answers) = join(engine.server.speaks(), answers).await;
        // What a server that no device can sync with answers to the rest says nothing.
        let (speaks, answers): (_, Vec<Rows<SeenSave>>) = (speaks?, answers?);
        let mut listing = Self {
            speaks,
            device: engine.device.clone(),
            by_game: HashMap::new(),
            unreadable: Vec::new(),
        };
        for answer in answers {
            listing
                .unreadable
                .extend(answer.unreadable.iter().map(ToString::to_string));
            for save in answer.rows {
                listing.by_game.entry(save.rom_id).or_default().push(save);
            }
        }
        Ok(listing)
    }

    /// The save that an item is compared with: the newest of its slot and part, or in the archive
    /// the one of its name.
    pub fn counterpart(&self, item: &Item) -> Option<ServerSave> {
        let entry = &item.entry;
        let saves = self.by_game.get(&entry.rom)?;
        let newest = match &entry.slot {
            Some(_) => newest_of(saves, entry.slot.as_deref(), &part_of(&entry.file_name)),
            None => saves
                .iter()
                .filter(|save| save.slot.is_none() && save.file_name == entry.file_name)
                .max_by_key(|save| (save.updated_at, save.id)),
        };
        let save = self.seen(newest?);
        let entry = judge::entry(save.entry, &save, item.baseline.as_ref());
        Some(ServerSave { entry, ..save })
    }

    /// Whether an item is what its slot shows, and server and device both know that the other knows
    /// it: nothing that the server could say of it beside would change anything.
    pub fn shows_held(&self, item: &Item) -> bool {
        let held = || {
            let (file, baseline) = (item.file()?, item.baseline.as_ref()?);
            let save = self.counterpart(item)?;
            let is_same = save.hash.is_some() && save.hash == file.content.hash;
            Some(is_same && save.confirmed && !save.untracked && is_of(baseline, file, &save))
        };
        held().unwrap_or_default()
    }

    /// What the server that was asked makes of devices.
    pub const fn speaks(&self) -> Speaks {
        self.speaks
    }

    /// The saves of a game.
    pub fn saves_of(&self, rom: RomId) -> &[SeenSave] {
        self.by_game.get(&rom).map_or(&[], Vec::as_slice)
    }

    /// The newest save of each slot and part of a game.
    pub fn newest_of(&self, rom: RomId) -> Vec<&SeenSave> {
        let mut newest: BTreeMap<(&Option<String>, Part), &SeenSave> = BTreeMap::new();
        for save in self.saves_of(rom) {
            if save.missing_from_fs {
                continue;
            }
            let place = (&save.slot, part_of(&save.file_name));
            let shown = newest.entry(place).or_insert(save);
            if (save.updated_at, save.id) > (shown.updated_at, shown.id) {
                *shown = save;
            }
        }
        newest.into_values().collect()
    }

    /// What a server that makes no plan would offer beside the items: the newest save of each slot
    /// and part that the device does not hold.
    pub fn beside(&self, items: &[Item]) -> Vec<SeenOperation> {
        if self.speaks != Speaks::Lists {
            return Vec::new();
        }
        let place = |rom, slot: &Option<String>, name: &str| (rom, slot.clone(), part_of(name));
        let mut named: HashSet<_> = items
            .iter()
            .map(|item| place(item.entry.rom, &item.entry.slot, &item.entry.file_name))
            .collect();
        let mut saves: Vec<&SeenSave> = self.by_game.values().flatten().collect();
        saves.sort_by_key(|save| (save.rom_id, std::cmp::Reverse((save.updated_at, save.id))));
        let mut offered = Vec::new();
        for save in saves {
            let fresh = save.slot.is_some() && !save.missing_from_fs;
            if !fresh || !named.insert(place(save.rom_id, &save.slot, &save.file_name)) {
                continue;
            }
            let seen = self.seen(save);
            if seen.entry != Entry::Current && !seen.untracked {
                offered.push(offer(save));
            }
        }
        offered
    }

    fn seen(&self, save: &SeenSave) -> ServerSave {
        ServerSave::of(save, self.speaks, &self.device)
    }
}

/// Which games to list.
#[derive(Debug)]
pub enum Games {
    /// All, in one answer.
    All,
    /// These, one by one.
    These(HashSet<RomId>),
}

impl ServerSave {
    /// What a row shows.
    pub(super) fn of(save: &SeenSave, speaks: Speaks, device: &DeviceId) -> Self {
        let sync = save.sync_of(device);
        Self {
            id: save.id,
            file_name: save.file_name.clone(),
            emulator: save.emulator.clone(),
            hash: save.content_hash,
            size: save.file_size_bytes,
            updated_at: save.updated_at,
            entry: entry_of(speaks, save, sync),
            confirmed: sync.is_some_and(|sync| sync.is_current),
            untracked: sync.is_some_and(|sync| sync.is_untracked),
        }
    }
}

/// What a row says of the device. A RomM that negotiates shows a device that has none a row that
/// never was: in step with the save and yet not current. An older one makes such a row for good.
fn entry_of(speaks: Speaks, save: &SeenSave, sync: Option<&SeenSync>) -> Entry {
    match sync {
        None => Entry::Never,
        Some(sync) if sync.is_current => Entry::Current,
        Some(sync) => {
            let in_step = sync.last_synced_at.is_some() && sync.last_synced_at == save.updated_at;
            if in_step && speaks != Speaks::Lists {
                Entry::Never
            } else {
                Entry::Stale
            }
        }
    }
}

fn newest_of<'a>(saves: &'a [SeenSave], slot: Option<&str>, part: &Part) -> Option<&'a SeenSave> {
    let fits = |save: &&SeenSave| {
        save.slot.as_deref() == slot && !save.missing_from_fs && part_of(&save.file_name) == *part
    };
    saves
        .iter()
        .filter(fits)
        .max_by_key(|save| (save.updated_at, save.id))
}

/// The words of a RomM that makes plans.
fn offer(save: &SeenSave) -> SeenOperation {
    SeenOperation {
        action: SeenAction::Known(Action::Download),
        rom_id: save.rom_id,
        save_id: Some(save.id),
        file_name: save.file_name.clone(),
        slot: save.slot.clone(),
        emulator: save.emulator.clone(),
        reason: "Save exists on server but not on client".to_owned(),
        server_updated_at: save.updated_at,
        server_content_hash: save.content_hash,
    }
}
