//! Reads the bytes of games that were not read yet, one file at a time, in the background.

use std::path::Path;

use keepsave_core::ids::RomId;
use keepsave_core::time::Time;

use super::looks::Reading;
use super::reading::{ReadGame, Source, identity_size, read_game};
use crate::app::App;
use crate::run::Stopping;
use crate::vault::blobs::in_background;
use crate::vault::roms::scanning::{self, FileHashes, KnownGame};
use crate::vault::{Fault, Tx, Vault};

/// How much is read before it is written down.
const BATCH_BYTES: u64 = 256 * 1024 * 1024;
const BATCH_GAMES: usize = 64;

/// Reads what was not read yet, the small games first. How many games are left because their files
/// cannot be read, or are being written; the next scan tries them again.
pub async fn hash_pending(app: &App) -> Result<u64, Fault> {
    let _one_at_a_time = app.library.hashing.lock().await;
    let mut pending = app.vault.read(scanning::unhashed)?.into_iter();
    let reading = Reading::begin(&app.library.looks, pending.len());
    while pending.len() > 0 && !app.stopping.has_begun() {
        reading.left(pending.len());
        let (vault, library) = (app.vault.clone(), app.settings.library.clone());
        let stopping = app.stopping.clone();
        let (rest, read) = in_background(move || {
            let read = read_batch(&vault, &library, &mut pending, &stopping)?;
            Ok((pending, read))
        })
        .await?;
        pending = rest;
        let now = app.now();
        app.vault
            .write(move |tx| {
                read.iter()
                    .try_for_each(|(game, read)| store(tx, game, read, now))
            })
            .await?;
    }
    let left = app.vault.read(scanning::unhashed)?.len() as u64;
    app.library.reports.send_if_modified(|report| {
        let before = std::mem::replace(&mut report.unhashed, left);
        before != left
    });
    Ok(left)
}

fn read_batch(
    vault: &Vault,
    library: &Path,
    pending: &mut impl Iterator<Item = RomId>,
    stopping: &Stopping,
) -> Result<Vec<(KnownGame, ReadGame)>, Fault> {
    let (mut batch, mut size) = (Vec::new(), 0);
    while batch.len() < BATCH_GAMES && size < BATCH_BYTES {
        let Some(id) = pending.next() else { break };
        let Some(game) = vault.read(|tx| scanning::known_game(tx, id))? else {
            continue;
        };
        match read_game(library, &sources(&game), stopping) {
            Ok(read) => {
                size += game.files.iter().map(|file| file.size).sum::<u64>();
                batch.push((game, read));
            }
            Err(error) => {
                tracing::warn!(game = game.fs_name, %error, "its bytes could not be read yet");
            }
        }
    }
    Ok(batch)
}

fn sources(game: &KnownGame) -> Vec<Source> {
    game.files
        .iter()
        .map(|file| Source {
            path: file.full_path(),
            size: file.size,
            modified_at: file.modified_at,
            is_top: game.within(file).is_empty(),
            known: file.hashed.then(|| FileHashes {
                hashes: file.hashes.clone(),
                uniform: file.uniform,
                archive_members: file.archive_members.clone(),
            }),
        })
        .collect()
}

/// Writes down what was read, unless a scan has seen other files there since.
fn store(tx: &Tx<'_>, game: &KnownGame, read: &ReadGame, now: Time) -> Result<(), Fault> {
    let mut all_stand = true;
    for (file, read) in game.files.iter().zip(&read.files) {
        let stands = scanning::set_file_hashes(tx, file.id, file.size, file.modified_at, read)?;
        all_stand &= stands;
    }
    if !all_stand || scanning::file_count(tx, game.id)? != game.files.len() as u64 {
        return Ok(());
    }
    let files = game.files.iter();
    let size = identity_size(files.map(|file| (file.file_name.as_str(), file.size)));
    scanning::set_hashes(tx, game.id, &read.hashes, read.identity, size, now)
}
