//! States: like saves, without slots, devices and hashes.

use super::accounts::allow;
use super::assets::{self, Kind, own, sanitized, shown};
use super::call::{Answered, Call, Reply};
use super::fields::{Fields, Source, id};
use super::library::unknown_rom;
use super::saves::{delete_many, set_visibility};
use super::world::{Asset, World};

pub(super) fn add(world: &mut World, call: &Call) -> Answered {
    let caller = allow(world, call, &["assets.write"])?;
    let mut fields = Fields::new();
    let rom_id = fields.required_int(&Source::query(call), "rom_id");
    let file = assets::file(&mut fields, call, "stateFile", true);
    let picture = assets::file(&mut fields, call, "screenshotFile", false);
    fields.done()?;
    let rom = world.rom(rom_id).ok_or_else(|| unknown_rom(rom_id))?;
    let (name, content) = file.map_or_else(Default::default, |file| {
        (file.file_name.unwrap_or_default(), file.content)
    });
    if name.is_empty() {
        return Err(Reply::detail(400, "State file has no filename"));
    }
    let name = sanitized(&name, "state")?;
    let emulator = call.query("emulator");
    let folder = assets::folder(world, Kind::State, caller.user_id, rom, emulator);
    let size = content.len() as u64;
    assets::write(world, &folder, &name, content)?;

    let (now, stays) = (world.stamp(), world.quirks.rows_stay_where_they_were);
    let same = |row: &&mut Asset| {
        row.user_id == caller.user_id && row.rom_id == rom_id && row.file_name == name
    };
    let row = if let Some(row) = world.states.iter_mut().find(same) {
        let before = row.full_path();
        row.file_size_bytes = size;
        row.updated = now;
        if !stays {
            row.file_path = folder;
            row.emulator = emulator.map(str::to_owned);
        }
        let row = row.clone();
        if row.full_path() != before {
            world.files.remove(&before);
        }
        row
    } else {
        let owner = (caller.user_id, rom_id);
        let mut row = assets::new_row(world, Kind::State, owner, (folder, name), size);
        row.emulator = emulator.map(str::to_owned);
        assets::add(world, Kind::State, row)
    };
    assets::store_picture(world, caller.user_id, rom_id, picture)?;
    assets::play(world, caller.user_id, rom_id);
    Ok(Reply::ok(&shown(world, Kind::State, &row)))
}

pub(super) fn list(world: &mut World, call: &Call) -> Answered {
    let caller = allow(world, call, &["assets.read"])?;
    let (mut fields, query) = (Fields::new(), Source::query(call));
    let rom_id = fields.int(&query, "rom_id").filter(|id| *id != 0);
    let platform_id = fields.int(&query, "platform_id").filter(|id| *id != 0);
    fields.done()?;
    let wanted = |row: &&Asset| {
        let platform = world.rom(row.rom_id).map(|rom| rom.platform_id);
        row.user_id == caller.user_id
            && rom_id.is_none_or(|id| id == row.rom_id)
            && platform_id.is_none_or(|id| Some(id) == platform)
    };
    let found = world.states.iter().filter(wanted);
    Ok(Reply::ok(
        &found.map(|row| shown(world, Kind::State, row)).collect(),
    ))
}

pub(super) fn identifiers(world: &mut World, call: &Call) -> Answered {
    let caller = allow(world, call, &["assets.read"])?;
    let own = world
        .states
        .iter()
        .filter(|row| row.user_id == caller.user_id);
    Ok(Reply::ok(&own.map(|row| row.id).collect()))
}

pub(super) fn get(world: &mut World, call: &Call) -> Answered {
    let caller = allow(world, call, &["assets.read"])?;
    let at = own(world, Kind::State, id(call, i64::MIN)?, caller.user_id)?;
    Ok(Reply::ok(&shown(world, Kind::State, &world.states[at])))
}

pub(super) fn update(world: &mut World, call: &Call) -> Answered {
    let caller = allow(world, call, &["assets.write"])?;
    let id = id(call, i64::MIN)?;
    let mut fields = Fields::new();
    let file = assets::file(&mut fields, call, "stateFile", false);
    let picture = assets::file(&mut fields, call, "screenshotFile", false);
    fields.done()?;
    let at = own(world, Kind::State, id, caller.user_id)?;
    if let Some(file) = file {
        let (path, now) = (world.states[at].full_path(), world.stamp());
        world.states[at].file_size_bytes = file.content.len() as u64;
        world.states[at].updated = now;
        world.write_file(path, file.content);
    }
    let rom_id = world.states[at].rom_id;
    assets::store_picture(world, caller.user_id, rom_id, picture)?;
    assets::play(world, caller.user_id, rom_id);
    Ok(Reply::ok(&shown(world, Kind::State, &world.states[at])))
}

pub(super) fn visibility(world: &mut World, call: &Call) -> Answered {
    set_visibility(world, call, Kind::State)
}

pub(super) fn delete(world: &mut World, call: &Call) -> Answered {
    delete_many(world, call, Kind::State)
}
