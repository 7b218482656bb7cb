//! The upload of a save, in RomM's steps: the check for a conflict, then the file, then the row.
//! Nothing holds between them, and a step that fails leaves what those before it did.

use std::sync::Arc;

use bytes::Bytes;

use super::accounts::allow;
use super::assets::{self, Kind, sanitized};
use super::call::{Answered, Call, Reply};
use super::fields::{Fields, Source};
use super::forms::Part;
use super::library::unknown_rom;
use super::release::Release;
use super::routes::Shared;
use super::saves::{self, remove, shown_for};
use super::world::{Asset, World, content_hash};

/// What an upload is, once it was checked.
struct Upload {
    user_id: i64,
    rom_id: i64,
    folder: String,
    name: String,
    content: Bytes,
    emulator: Option<String>,
    slot: Option<String>,
    device: Option<String>,
    session_id: Option<i64>,
    overwrite: bool,
    /// How many rows of the slot stay.
    keep: Option<usize>,
    picture: Option<Part>,
    /// The row of that name, when there was one.
    existing: Option<i64>,
}

pub(super) async fn post(shared: &Arc<Shared>, call: &Call) -> Answered {
    let upload = check(&mut shared.world(), call)?;
    shared.gate.pass().await;
    store(&mut shared.world(), upload)
}

/// The most rows of a slot that a client can ask to keep.
const MOST_KEPT: i64 = 100;

fn check(world: &mut World, call: &Call) -> Result<Upload, Reply> {
    let caller = allow(world, call, &["assets.write"])?;
    let (mut fields, query) = (Fields::new(), Source::query(call));
    let rom_id = fields.required_int(&query, "rom_id");
    let session_id = fields.int(&query, "session_id");
    let overwrite = fields.bool(&query, "overwrite").unwrap_or(false);
    let cleans = fields.bool(&query, "autocleanup").unwrap_or(false);
    let limit = fields.int(&query, "autocleanup_limit").unwrap_or(10);
    let file = assets::file(&mut fields, call, "saveFile", true);
    let picture = assets::file(&mut fields, call, "screenshotFile", false);
    fields.done()?;
    let device = saves::device(world, call, &caller, "devices.write")?;
    let rom = world.rom(rom_id).ok_or_else(|| unknown_rom(rom_id))?;
    let (name, content) = file.map_or_else(Default::default, |file| {
        (file.file_name.unwrap_or_default(), file.content)
    });
    if name.is_empty() {
        return Err(Reply::detail(400, "Save file has no filename"));
    }
    let mut name = sanitized(&name, "save")?;
    let slot = call.query("slot").map(str::to_owned);
    let in_slot = slot.as_deref().is_some_and(|slot| !slot.is_empty());
    if in_slot {
        name = tagged(&name, &world.now().as_tag());
    }
    let emulator = call.query("emulator").map(str::to_owned);
    let folder = assets::folder(world, Kind::Save, caller.user_id, rom, emulator.as_deref());
    let least = i64::from(!world.quirks.cleanup_may_remove_all);
    let keep = usize::try_from(limit.clamp(least, MOST_KEPT)).unwrap_or_default();
    let mut upload = Upload {
        user_id: caller.user_id,
        rom_id,
        folder,
        name,
        content,
        emulator,
        slot,
        device,
        session_id: session_id.filter(|_| world.release >= Release::V4_9),
        overwrite,
        keep: (in_slot && cleans).then_some(keep),
        picture,
        existing: None,
    };
    upload.existing = upload.same_name(world).map(|save| save.id);
    upload.check_conflict(world, in_slot)?;
    Ok(upload)
}

/// Puts a save there without a request and without a device.
pub(super) fn put(
    world: &mut World,
    (user_id, rom_id): (i64, i64),
    slot: Option<&str>,
    name: &str,
    content: &[u8],
) -> i64 {
    let rom = world.rom(rom_id).unwrap();
    let tag = world.now().as_tag();
    let in_slot = slot.is_some_and(|slot| !slot.is_empty());
    let upload = Upload {
        user_id,
        rom_id,
        folder: assets::folder(world, Kind::Save, user_id, rom, None),
        name: if in_slot {
            tagged(name, &tag)
        } else {
            name.to_owned()
        },
        content: Bytes::copy_from_slice(content),
        emulator: None,
        slot: slot.map(str::to_owned),
        device: None,
        session_id: None,
        overwrite: true,
        keep: None,
        picture: None,
        existing: None,
    };
    let hash = content_hash(content);
    world.write_file(
        format!("{}/{}", upload.folder, upload.name),
        upload.content.clone(),
    );
    insert(world, &upload, hash).id
}

/// The name with the moment before its last extension, in place of an earlier one.
fn tagged(name: &str, tag: &str) -> String {
    let dot = name.rfind('.').filter(|dot| !name[..*dot].is_empty());
    let (stem, extension) = name.split_at(dot.unwrap_or(name.len()));
    format!("{} [{tag}]{extension}", untagged(stem))
}

fn untagged(stem: &str) -> String {
    const SHAPE: &str = " [dddd-dd-dd_dd-dd-dd]";
    let is_tag = |text: &str| {
        text.len() == SHAPE.len()
            && text
                .bytes()
                .zip(SHAPE.bytes())
                .all(|(byte, shape)| match shape {
                    b'd' => byte.is_ascii_digit(),
                    _ => byte == shape,
                })
    };
    let mut rest = stem.to_owned();
    let starts: Vec<usize> = stem.match_indices(" [").map(|(at, _)| at).collect();
    for at in starts.into_iter().rev() {
        if rest.get(at..at + SHAPE.len()).is_some_and(is_tag) {
            rest.replace_range(at..at + SHAPE.len(), "");
        }
    }
    rest
}

impl Upload {
    fn is_of(&self, save: &Asset) -> bool {
        save.user_id == self.user_id && save.rom_id == self.rom_id
    }

    fn in_slot(&self) -> Option<&str> {
        self.slot.as_deref().filter(|slot| !slot.is_empty())
    }

    /// The row of that name that RomM would write over.
    fn same_name<'w>(&self, world: &'w World) -> Option<&'w Asset> {
        let crosses = match world.release {
            Release::V4_8_1 => true,
            _ => self.slot.is_none(),
        };
        let any_slot = world.quirks.names_cross_slots && crosses;
        world.saves.iter().find(|save| {
            self.is_of(save) && save.file_name == self.name && (any_slot || save.slot == self.slot)
        })
    }

    /// The slot's rows, newest first. Of the same second, the first made comes first, as the
    /// database happens to sort.
    fn slot_rows(&self, world: &World) -> Vec<i64> {
        let mut rows: Vec<&Asset> = world.saves.iter().collect();
        rows.retain(|save| self.is_of(save) && save.slot == self.slot);
        rows.sort_by_key(|save| std::cmp::Reverse(save.updated));
        rows.iter().map(|save| save.id).collect()
    }

    fn check_conflict(&self, world: &World, in_slot: bool) -> Result<(), Reply> {
        let Some(device) = self.device.as_deref().filter(|_| !self.overwrite) else {
            return Ok(());
        };
        let head = if in_slot {
            self.slot_rows(world).first().copied()
        } else {
            self.existing
        };
        let head = head.and_then(|id| world.saves.iter().find(|save| save.id == id));
        let Some(head) = head else {
            return Ok(());
        };
        let row = world.sync_row(device, head.id);
        let is_behind = row.map(|row| row.last_synced < head.updated);
        match (in_slot, is_behind) {
            (true, None | Some(true)) => {
                let detail = "Slot has a newer save since your last sync";
                Err(Reply::detail(409, detail))
            }
            // Whoever never synced may overwrite.
            (false, Some(true)) => {
                let detail = "Save has been updated since your last sync";
                Err(Reply::detail(409, detail))
            }
            _ => Ok(()),
        }
    }

    /// The row that has this content already.
    fn twin(&self, world: &World, hash: Option<&str>) -> Option<usize> {
        let hash = hash?;
        self.in_slot()?;
        if self.overwrite || !world.quirks.dedupes {
            return None;
        }
        world.saves.iter().position(|save| {
            self.is_of(save)
                && save.content_hash.as_deref() == Some(hash)
                && (world.quirks.dedupes_across_slots || save.slot == self.slot)
        })
    }

    /// The row to write over, if any.
    fn row_to_update(&self, world: &World, hash: Option<&str>) -> Option<usize> {
        let existing = self.existing.and_then(|id| {
            // A row that went meanwhile cannot be written over.
            world.saves.iter().position(|save| save.id == id)
        });
        if existing.is_some() || world.release < Release::V5_1 {
            return existing;
        }
        world.saves.iter().position(|save| {
            self.is_of(save)
                && save.file_path == self.folder
                && save.file_name == self.name
                && save.content_hash.as_deref() != hash
        })
    }
}

fn store(world: &mut World, mut upload: Upload) -> Answered {
    const LONGEST_EMULATOR: usize = 50;
    const LONGEST_SLOT: usize = 255;
    let path = format!("{}/{}", upload.folder, upload.name);
    assets::write(world, &upload.folder, &upload.name, upload.content.clone())?;
    let hash = content_hash(&upload.content);
    if let Some(twin) = upload.twin(world, hash.as_deref()) {
        if world.quirks.dedupe_removes_the_only_copy {
            world.files.remove(&path);
        } else {
            assets::remove_unless_shown(world, Kind::Save, &path);
        }
        let shown = shown_for(world, &world.saves[twin], upload.device.as_deref());
        return Ok(Reply::ok(&shown));
    }
    let length = |text: &Option<String>| text.as_ref().map_or(0, |text| text.chars().count());
    if length(&upload.emulator) > LONGEST_EMULATOR || length(&upload.slot) > LONGEST_SLOT {
        // The database says so only now.
        return Err(Reply::crashed());
    }
    let row = match upload.row_to_update(world, hash.as_deref()) {
        Some(at) => update(world, &upload, at, hash),
        None => insert(world, &upload, hash),
    };
    if let Some(device) = &upload.device {
        world.synced(device, row.id, row.updated);
        world.saw(upload.user_id, device);
    }
    world.count_operation(upload.user_id, upload.session_id);
    clean_up(world, &upload);
    assets::store_picture(world, upload.user_id, upload.rom_id, upload.picture.take())?;
    assets::play(world, upload.user_id, upload.rom_id);
    Ok(Reply::ok(&shown_for(world, &row, upload.device.as_deref())))
}

fn insert(world: &mut World, upload: &Upload, hash: Option<String>) -> Asset {
    let size = upload.content.len() as u64;
    let place = (upload.folder.clone(), upload.name.clone());
    let owner = (upload.user_id, upload.rom_id);
    let mut row = assets::new_row(world, Kind::Save, owner, place, size);
    row.emulator.clone_from(&upload.emulator);
    row.slot.clone_from(&upload.slot);
    row.content_hash = hash;
    row.origin_device_id.clone_from(&upload.device);
    assets::add(world, Kind::Save, row)
}

fn update(world: &mut World, upload: &Upload, at: usize, hash: Option<String>) -> Asset {
    let (now, stays) = (world.stamp(), world.quirks.rows_stay_where_they_were);
    let row = &mut world.saves[at];
    let before = row.full_path();
    row.file_size_bytes = upload.content.len() as u64;
    row.content_hash = hash;
    row.updated = now;
    if !stays {
        row.file_path.clone_from(&upload.folder);
        row.emulator.clone_from(&upload.emulator);
    }
    if upload.slot.is_some() {
        row.slot.clone_from(&upload.slot);
    }
    let row = row.clone();
    if row.full_path() != before {
        assets::remove_unless_shown(world, Kind::Save, &before);
    }
    row
}

fn clean_up(world: &mut World, upload: &Upload) {
    let Some(keep) = upload.keep else {
        return;
    };
    for id in upload.slot_rows(world).into_iter().skip(keep) {
        if let Some(at) = world.saves.iter().position(|save| save.id == id) {
            remove(world, Kind::Save, at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_takes_the_place_of_one_that_is_there() {
        let tag = "2026-11-20_07-28-40";
        for (name, expected) in [
            ("a.srm", "a [2026-11-20_07-28-40].srm"),
            ("a [2020-01-01_00-00-00].srm", "a [2026-11-20_07-28-40].srm"),
            (
                "a [2020-01-01 00-00-00-000].srm",
                "a [2020-01-01 00-00-00-000] [2026-11-20_07-28-40].srm",
            ),
            ("a.tar.gz", "a.tar [2026-11-20_07-28-40].gz"),
            (".srm", ".srm [2026-11-20_07-28-40]"),
            ("a", "a [2026-11-20_07-28-40]"),
        ] {
            assert_eq!(tagged(name, tag), expected);
        }
    }
}
