//! All versions of a game, or of one slot, in one zip.

use std::collections::hash_map::Entry::{Occupied, Vacant};
use std::collections::{HashMap, HashSet};
use std::io::Read;

use keepsave_core::content::BlobHash;
use keepsave_core::ids::{RomId, SlotId, UserId};
use keepsave_core::names;

use crate::app::App;
use crate::library::archive::{Archive, Content, Entry};
use crate::vault::blobs::in_background;
use crate::vault::history::{self, Of};
use crate::vault::versions::Record;
use crate::vault::{Blobs, Fault};

/// The versions that can be had, each in a folder that says which one it is. Their bytes are read
/// once for their checksums, and again when they are sent; they are never all held.
pub async fn archive(
    app: &App,
    user: UserId,
    rom: RomId,
    slot: Option<SlotId>,
) -> Result<Archive, Fault> {
    let of = Of { user, rom, slot };
    let (slots, records) = app.vault.read(|tx| {
        let courses = history::courses(tx, of)?.into_iter();
        let slots = courses.map(|course| (course.timeline.id, course.timeline.slot));
        let slots: HashMap<_, _> = slots.collect();
        Ok::<_, Fault>((slots, history::newest(tx, of, i64::MAX)?))
    })?;
    let blobs = app.vault.blobs().clone();
    in_background(move || {
        let mut taken = HashSet::new();
        let mut known = HashMap::new();
        let mut entries = Vec::new();
        let there = |record: &Record| record.purged_at.is_none() && record.deleted_at.is_none();
        for record in records.into_iter().filter(there) {
            let slot = slots.get(&record.timeline_id).cloned().flatten();
            let (crc, content) = match known.entry(record.content.blob) {
                Occupied(found) => Clone::clone(found.get()),
                Vacant(new) => Clone::clone(new.insert(find(&blobs, &record.content.blob)?)),
            };
            entries.push(Entry {
                name: free_name(&path(slot.as_deref(), &record), &mut taken),
                content,
                size: record.size,
                crc,
                modified_at: record.created_at,
            });
        }
        Ok(Archive::of(entries))
    })
    .await
}

/// `autosave/Version 14, 2026-11-20_21-42-07, Steam Deck/Golden Sun.srm`.
fn path(slot: Option<&str>, record: &Record) -> String {
    let slot = slot.map_or(
        "No slot",
        |slot| if slot.is_empty() { "Unnamed" } else { slot },
    );
    let device = record.device_name.as_deref();
    let by = device.map(|name| format!(", {name}")).unwrap_or_default();
    let at = record.created_at.as_tag();
    let version = format!("Version {}, {at}{by}", record.ordinal);
    format!(
        "{}/{}/{}",
        plain(slot),
        plain(&version),
        plain(&record.file_name)
    )
}

/// A name that is a plain one on every system.
fn plain(name: &str) -> String {
    names::sanitise(name).map_or_else(|_| "Unnamed".to_owned(), |name| name.as_str().to_owned())
}

fn free_name(path: &str, taken: &mut HashSet<String>) -> String {
    let mut name = path.to_owned();
    let mut number = 2;
    while !taken.insert(name.to_lowercase()) {
        name = format!("{path} ({number})");
        number += 1;
    }
    name
}

/// A content and its checksum.
fn find(blobs: &Blobs, hash: &BlobHash) -> Result<(u32, Content), Fault> {
    let mut reader = blobs.open(hash)?;
    if let Some(path) = blobs.path(hash) {
        let mut crc = crc32fast::Hasher::new();
        let mut piece = vec![0; 256 * 1024];
        loop {
            match reader.read(&mut piece)? {
                0 => return Ok((crc.finalize(), Content::File(path))),
                count => crc.update(&piece[..count]),
            }
        }
    }
    let mut bytes = Vec::new();
    reader.read_to_end(&mut bytes)?;
    Ok((crc32fast::hash(&bytes), Content::Bytes(bytes.into())))
}
