//! Screenshots that stand for themselves.

use super::accounts::allow;
use super::assets::{self, Kind, own, sanitized, shown};
use super::call::{Answered, Call, Reply};
use super::fields::{Fields, Source, id};
use super::library::unknown_rom;
use super::release::Release;
use super::saves::{remove, set_visibility};
use super::world::World;

/// What a picture's name may end in.
const PICTURES: [&str; 9] = [
    ".avif", ".bmp", ".gif", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp",
];

pub(super) fn add(world: &mut World, call: &Call) -> Answered {
    let caller = allow(world, call, &["assets.write"])?;
    let mut fields = Fields::new();
    let rom_id = fields.required_int(&Source::query(call), "rom_id");
    let file = assets::file(&mut fields, call, "screenshotFile", true);
    fields.done()?;
    world.rom(rom_id).ok_or_else(|| unknown_rom(rom_id))?;
    let (name, content) = file.map_or_else(Default::default, |file| {
        (file.file_name.unwrap_or_default(), file.content)
    });
    if name.is_empty() {
        return Err(Reply::detail(400, "Screenshot file has no filename"));
    }
    let name = sanitized(&name, "screenshot")?;
    let newest = world.release >= Release::V5_1;
    let is_picture = PICTURES
        .iter()
        .any(|end| name.to_ascii_lowercase().ends_with(end));
    if newest && !is_picture {
        let allowed = PICTURES.join(", ");
        let detail = format!("Unsupported image file type. Allowed: {allowed}");
        return Err(Reply::detail(400, &detail));
    }
    let file = (name, content);
    let row = assets::store_screenshot(world, caller.user_id, rom_id, file, newest)?;
    Ok(Reply::ok(&shown(world, Kind::Screenshot, &row)))
}

pub(super) fn update(world: &mut World, call: &Call) -> Answered {
    set_visibility(world, call, Kind::Screenshot)
}

pub(super) fn delete(world: &mut World, call: &Call) -> Answered {
    let caller = allow(world, call, &["assets.write"])?;
    let at = own(world, Kind::Screenshot, id(call, i64::MIN)?, caller.user_id)?;
    remove(world, Kind::Screenshot, at);
    Ok(Reply::empty(200))
}
