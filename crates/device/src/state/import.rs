//! Takes over what another program knew: all of it or nothing, and never in place of what is known
//! here already.

use keepsave_core::ids::{DeviceId, RomId};
use rusqlite::Connection;

use super::document::{GameDocument, StateDocument};
use super::store::unpoisoned;
use super::{Key, Playtime, State, StateError, baselines, games, machine, playtime, slots};

/// What was taken over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// Games that nothing was known of.
    pub games: u64,
    /// Files that nothing was known of.
    pub files: u64,
    /// Games of which it was not known how long they were played.
    pub playtimes: u64,
    /// What was known here already and stayed as it was: games, files and playtimes.
    pub known: u64,
}

impl State {
    /// Takes over what `save_sync_state.json` says. Its files were synced by `device`: this machine
    /// is that device now. Playtime is taken over as a total: no session of it is ever told to a
    /// server.
    pub fn import(
        &self,
        document: &StateDocument,
        device: Option<&DeviceId>,
    ) -> Result<Imported, StateError> {
        unpoisoned(&self.store).with(|connection| {
            let transaction = connection.transaction()?;
            let mut imported = Imported::default();
            let mut known = machine::find(&transaction)?;
            known.device_id = known
                .device_id
                .or_else(|| document.machine.device_id.clone());
            known.server_device_id = device.cloned().or(known.server_device_id);
            machine::put(&transaction, &known)?;
            for (rom, game) in &document.games {
                import_game(&transaction, &mut imported, *rom, game)?;
                let Some(device) = device else { continue };
                import_files(&transaction, &mut imported, (device, *rom), game)?;
            }
            for (rom, playtime) in &document.playtime {
                import_playtime(&transaction, &mut imported, *rom, playtime)?;
            }
            transaction.commit()?;
            Ok(imported)
        })
    }
}

fn import_game(
    connection: &Connection,
    imported: &mut Imported,
    rom: RomId,
    document: &GameDocument,
) -> rusqlite::Result<()> {
    if games::find(connection, rom)?.is_some() {
        imported.known += 1;
        return Ok(());
    }
    imported.games += 1;
    games::put(connection, rom, &document.game)?;
    match &document.own_uploads {
        Some(uploads) => {
            for save in uploads {
                games::add_upload(connection, rom, *save)?;
            }
        }
        None => games::forget_who_uploaded(connection, rom)?,
    }
    for slot in &document.slots {
        slots::put(connection, rom, slot)?;
    }
    Ok(())
}

fn import_files(
    connection: &Connection,
    imported: &mut Imported,
    (device, rom): (&DeviceId, RomId),
    document: &GameDocument,
) -> rusqlite::Result<()> {
    for (name, file) in &document.files {
        let key = Key {
            device: device.clone(),
            rom,
            slot: document.game.active_slot.clone(),
            file_name: name.clone(),
        };
        if baselines::find(connection, &key)?.is_some() {
            imported.known += 1;
            continue;
        }
        imported.files += 1;
        baselines::insert(connection, &key, file)?;
    }
    Ok(())
}

fn import_playtime(
    connection: &Connection,
    imported: &mut Imported,
    rom: RomId,
    document: &Playtime,
) -> rusqlite::Result<()> {
    if playtime::find(connection, rom)?.is_some() {
        imported.known += 1;
        return Ok(());
    }
    imported.playtimes += 1;
    playtime::put(connection, rom, document)
}
