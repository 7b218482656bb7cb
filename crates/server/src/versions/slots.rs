//! A slot is copied or moved with its history.

use std::collections::HashMap;

use keepsave_core::ids::{RomId, SaveId, UserId, VersionId};
use keepsave_core::names::{self, FileName};

use super::NotDone;
use crate::app::App;
use crate::saves::change::tree_path;
use crate::screenshots;
use crate::vault::saves::{self, Save};
use crate::vault::timelines::{self, Timeline};
use crate::vault::tree::TreeStep;
use crate::vault::{Fault, Tx, versions};

/// Renames a slot: ids, history and every device's place in it stay.
pub async fn rename(
    app: &App,
    user: UserId,
    rom: RomId,
    from: String,
    to: String,
) -> Result<(), NotDone> {
    app.vault
        .write(move |tx| {
            let source = source(tx, user, rom, &from)?;
            free(tx, user, rom, &to)?;
            let slot_id = source.first().ok_or(NotDone::Unknown)?.slot_id;
            Ok(timelines::rename_slot(tx, slot_id, &to)?)
        })
        .await
}

/// Copies a slot: every version and row anew, over the same contents. No device holds the copy.
pub async fn copy(
    app: &App,
    user: UserId,
    rom: RomId,
    from: String,
    to: String,
) -> Result<(), NotDone> {
    let steps = app
        .vault
        .write(move |tx| {
            let source = source(tx, user, rom, &from)?;
            free(tx, user, rom, &to)?;
            let copy = |from: Timeline| {
                let copy = timelines::open(tx, user, rom, Some(&to), &from.part)?;
                Ok((from, copy))
            };
            let copies = source.into_iter().map(copy);
            let copies = copies.collect::<Result<Vec<_>, Fault>>()?;
            let ids = copy_versions(tx, &copies)?;
            let mut steps = Vec::new();
            for (from, to) in &copies {
                copy_rows(tx, from, to, &ids, &mut steps)?;
            }
            Ok::<_, NotDone>(steps)
        })
        .await?;
    app.follow(steps);
    Ok(())
}

fn source(tx: &Tx<'_>, user: UserId, rom: RomId, slot: &str) -> Result<Vec<Timeline>, NotDone> {
    let source = timelines::of_slot(tx, user, rom, Some(slot))?;
    if source.is_empty() {
        Err(NotDone::Unknown)
    } else {
        Ok(source)
    }
}

/// A slot with any history, deleted rows too, is not written over.
fn free(tx: &Tx<'_>, user: UserId, rom: RomId, slot: &str) -> Result<(), NotDone> {
    if timelines::of_slot(tx, user, rom, Some(slot))?.is_empty() {
        Ok(())
    } else {
        Err(NotDone::SlotTaken(slot.to_owned()))
    }
}

/// The versions of all timelines in the order in which they came: every parent has its copy already,
/// and what was there together still is.
fn copy_versions(
    tx: &Tx<'_>,
    copies: &[(Timeline, Timeline)],
) -> Result<HashMap<VersionId, VersionId>, NotDone> {
    let mut all = Vec::new();
    for (from, to) in copies {
        let records = versions::page(tx, from.id, i64::MAX, i64::MAX)?;
        all.extend(records.into_iter().map(|record| (record.id, to.id)));
    }
    all.sort_unstable_by_key(|(id, _)| *id);
    let mut ids: HashMap<VersionId, VersionId> = HashMap::new();
    for (id, to) in all {
        let parents = versions::parents(tx, id)?;
        let parents: Vec<_> = parents
            .iter()
            .filter_map(|id| ids.get(id).copied())
            .collect();
        ids.insert(id, versions::copy(tx, id, to, &parents)?);
    }
    Ok(ids)
}

fn copy_rows(
    tx: &Tx<'_>,
    from: &Timeline,
    to: &Timeline,
    ids: &HashMap<VersionId, VersionId>,
    steps: &mut Vec<TreeStep>,
) -> Result<(), NotDone> {
    let mut rows: HashMap<SaveId, SaveId> = HashMap::new();
    let records = versions::page(tx, from.id, i64::MAX, i64::MAX)?;
    for save in saves::of_timeline_even_hidden(tx, from.id)? {
        let Some(shown) = ids.get(&save.version_id) else {
            continue;
        };
        let name = free_name(tx, &save)?;
        let copy = saves::copy(tx, save.id, to, *shown, &name)?;
        if let Some(shot) = save.screenshot_id {
            steps.extend(screenshots::copy(tx, shot, copy, save.created_at)?);
        }
        rows.insert(save.id, copy);
    }
    for record in &records {
        let row = record.save_id.and_then(|row| rows.get(&row));
        if let (Some(copy), Some(row)) = (ids.get(&record.id), row) {
            versions::set_row(tx, *copy, *row)?;
        }
    }
    timelines::copy_clock(tx, from, to)?;
    to.refresh_head(tx)?;
    for copy in rows.into_values() {
        if let Some(save) = saves::by_id(tx, copy)? {
            steps.push(TreeStep::Place {
                path: tree_path(&save),
                blob: save.content.blob,
            });
        }
    }
    Ok(())
}

/// The copies stand in the same folder as the rows that they were made from.
fn free_name(tx: &Tx<'_>, save: &Save) -> Result<String, Fault> {
    let untagged = FileName::stored(names::untagged(&save.file_name));
    let mut number = 2;
    loop {
        let name = names::distinct(&untagged, save.created_at, number);
        if !saves::name_is_taken(
            tx,
            save.user_id,
            save.rom_id,
            &save.file_path,
            name.as_str(),
        )? {
            return Ok(name.into());
        }
        number += 1;
    }
}
