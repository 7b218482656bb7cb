//! Platforms and games, in their right shapes and with the filters that clients use.

use std::collections::BTreeSet;

use bytes::Bytes;
use keepsave_core::time::Time;
use md5::{Digest, Md5};
use serde_json::{Map, Value, json};
use sha1::Sha1;

use super::accounts::allow;
use super::assets::{Kind, no_tags, shown_to_all, split_extension};
use super::call::{Answered, Call, Reply};
use super::fields::{Fields, Source, id};
use super::notes;
use super::world::{Platform, Rom, RomFile, World, iso, iso_or_null};

/// What the words in a game's name mean.
const REGIONS: [&str; 4] = ["Europe", "Japan", "USA", "World"];
const LANGUAGES: [(&str, &str); 5] = [
    ("De", "German"),
    ("En", "English"),
    ("Es", "Spanish"),
    ("Fr", "French"),
    ("Ja", "Japanese"),
];

/// Adds a game of one or more files: names below the platform's folder, and what they hold.
pub(super) fn add_rom(world: &mut World, slug: &str, name: &str, files: &[(&str, Bytes)]) -> i64 {
    let created = world.stamp();
    let known = world
        .platforms
        .iter()
        .find(|platform| platform.slug == slug);
    let platform_id = if let Some(platform) = known {
        platform.id
    } else {
        let id = world.next_id("platform");
        let slug = slug.to_owned();
        world.platforms.push(Platform { id, slug, created });
        id
    };
    let files = files
        .iter()
        .map(|(name, content)| RomFile {
            id: world.next_id("rom file"),
            name: (*name).to_owned(),
            content: content.clone(),
        })
        .collect();
    let id = world.next_id("rom");
    world.roms.push(Rom {
        id,
        platform_id,
        name: name.to_owned(),
        files,
        created,
    });
    id
}

/// No such game.
pub(super) fn unknown_rom(id: i64) -> Reply {
    Reply::detail(404, &format!("Rom with id '{id}' not found"))
}

fn platform_facts(slug: &str) -> Map<String, Value> {
    let known: Map<String, Value> =
        serde_json::from_str(include_str!("shapes/platforms.json")).unwrap();
    let mut facts = match known.get(slug) {
        Some(facts) => facts.clone(),
        // Any platform has the fields of any other.
        None => known["gba"].clone(),
    };
    let facts = facts.as_object_mut().unwrap();
    if !known.contains_key(slug) {
        for (name, value) in facts.iter_mut() {
            match name.as_str() {
                "name" | "display_name" => *value = slug.into(),
                "is_unidentified" => *value = true.into(),
                "is_identified" => *value = false.into(),
                "custom_name" | "description" | "firmware" | "missing_from_fs"
                | "firmware_count" => {}
                _ => *value = Value::Null,
            }
        }
    }
    std::mem::take(facts)
}

fn shown_platform(world: &World, platform: &Platform) -> Value {
    let roms: Vec<&Rom> = world.roms.iter().collect();
    let own = || roms.iter().filter(|rom| rom.platform_id == platform.id);
    let size: usize = own()
        .flat_map(|rom| &rom.files)
        .map(|file| file.content.len())
        .sum();
    let mut body = platform_facts(&platform.slug);
    for (name, value) in [
        ("id", platform.id.into()),
        ("slug", platform.slug.clone().into()),
        ("fs_slug", platform.slug.clone().into()),
        ("rom_count", own().count().into()),
        ("created_at", iso(platform.created).into()),
        ("updated_at", iso(platform.created).into()),
        ("fs_size_bytes", size.into()),
    ] {
        body.insert(name.to_owned(), value);
    }
    Value::Object(body)
}

/// Only what changed since then, where a client asks for that.
fn updated_after(call: &Call) -> Result<Option<Time>, Reply> {
    let mut fields = Fields::new();
    let after = fields.moment(&Source::query(call), "updated_after");
    fields.done()?;
    Ok(after.map(|moment| moment.at))
}

pub(super) fn platforms(world: &mut World, call: &Call) -> Answered {
    allow(world, call, &["platforms.read"])?;
    let after = updated_after(call)?;
    let wanted = |platform: &&Platform| after.is_none_or(|after| platform.created > after);
    let platforms = world.platforms.iter().filter(wanted);
    let shown = platforms.map(|platform| shown_platform(world, platform));
    Ok(Reply::ok(&shown.collect()))
}

pub(super) fn platform_ids(world: &mut World, call: &Call) -> Answered {
    allow(world, call, &["platforms.read"])?;
    Ok(Reply::ok(
        &world.platforms.iter().map(|platform| platform.id).collect(),
    ))
}

pub(super) fn platform(world: &mut World, call: &Call) -> Answered {
    allow(world, call, &["platforms.read"])?;
    let id = id(call, 1)?;
    let found = world.platforms.iter().find(|platform| platform.id == id);
    match found {
        Some(platform) => Ok(Reply::ok(&shown_platform(world, platform))),
        None => Err(Reply::detail(
            404,
            &format!("Platform with id '{id}' not found"),
        )),
    }
}

/// What the groups in parentheses say.
fn words_in_parentheses(name: &str) -> Vec<&str> {
    let groups = name
        .split('(')
        .skip(1)
        .filter_map(|rest| rest.split(')').next());
    groups
        .flat_map(|group| group.split(','))
        .map(str::trim)
        .collect()
}

fn hashes(files: &[RomFile]) -> [(&'static str, String); 3] {
    let (mut crc, mut md5, mut sha1) = (crc32fast::Hasher::new(), Md5::new(), Sha1::new());
    // In the order in which the folder lists them, whatever that is.
    for file in files {
        crc.update(&file.content);
        md5.update(&file.content);
        sha1.update(&file.content);
    }
    [
        ("crc_hash", format!("{:08x}", crc.finalize())),
        ("md5_hash", hex::encode(md5.finalize())),
        ("sha1_hash", hex::encode(sha1.finalize())),
    ]
}

/// The folder of a game's files, and whether there are several.
fn folder(world: &World, rom: &Rom) -> (String, bool) {
    let several = rom.files.len() != 1 || rom.files[0].name != rom.name;
    (format!("roms/{}", world.platform_of(rom).slug), several)
}

fn shown_file(world: &World, rom: &Rom, file: &RomFile) -> Value {
    let (mut path, several) = folder(world, rom);
    if several {
        path = format!("{path}/{}", rom.name);
    }
    let mut body = json!({
        "id": file.id,
        "rom_id": rom.id,
        "file_name": file.name,
        "file_path": path,
        "file_size_bytes": file.content.len(),
        "full_path": format!("{path}/{}", file.name),
        "is_top_level": true,
        "created_at": iso(rom.created),
        "updated_at": iso(rom.created),
        "last_modified": iso(rom.created),
        "ra_hash": null,
        "chd_sha1_hash": "",
        "archive_members": null,
        "category": "game",
        "track_meta": null,
    });
    for (name, hash) in hashes(std::slice::from_ref(file)) {
        body[name] = hash.into();
    }
    body
}

/// A game as lists show it.
fn shown(world: &World, rom: &Rom, user_id: i64, with_files: bool) -> Value {
    let platform = world.platform_of(rom);
    let facts = platform_facts(&platform.slug);
    let (path, several) = folder(world, rom);
    let (stem, extension) = if several {
        (rom.name.as_str(), "")
    } else {
        split_extension(&rom.name)
    };
    let title = no_tags(stem);
    let words = words_in_parentheses(stem);
    let revision = words.iter().find_map(|word| word.strip_prefix("Rev "));
    let spoken = LANGUAGES.iter().filter(|(short, _)| words.contains(short));
    let regions: Vec<&&str> = words.iter().filter(|word| REGIONS.contains(word)).collect();
    let size: usize = rom.files.iter().map(|file| file.content.len()).sum();
    let mut body: Value = serde_json::from_str(include_str!("shapes/rom.json")).unwrap();
    let known = json!({
        "id": rom.id,
        "platform_id": platform.id,
        "platform_slug": platform.slug,
        "platform_fs_slug": platform.slug,
        "platform_display_name": facts["display_name"],
        "fs_name": rom.name,
        "fs_name_no_tags": title,
        "fs_name_no_ext": stem,
        "fs_extension": extension,
        "fs_path": path,
        "fs_size_bytes": size,
        "name": title,
        "name_sort_key": title.to_lowercase(),
        "metadatum": {
            "rom_id": rom.id, "genres": [], "franchises": [], "collections": [], "companies": [],
            "game_modes": [], "age_ratings": [], "player_count": "1",
            "first_release_date": null, "average_rating": null,
        },
        "revision": revision.unwrap_or_default(),
        "regions": regions,
        "languages": spoken.map(|(_, language)| *language).collect::<Vec<_>>(),
        "has_simple_single_file": !several,
        "has_multiple_files": several,
        "full_path": format!("{path}/{}", rom.name),
        "created_at": iso(rom.created),
        "updated_at": iso(rom.created),
        "has_notes": world.notes.iter().any(|note| note.rom_id == rom.id),
        "rom_user": shown_played(world, rom, user_id),
        "files": if with_files { shown_files(world, rom) } else { json!([]) },
    });
    let body_fields = body.as_object_mut().unwrap();
    body_fields.extend(known.as_object().unwrap().clone());
    for (name, hash) in hashes(&rom.files) {
        body_fields.insert(name.to_owned(), hash.into());
    }
    body
}

fn shown_files(world: &World, rom: &Rom) -> Value {
    let mut files: Vec<&RomFile> = rom.files.iter().collect();
    files.sort_by_key(|file| &file.name);
    let files = files.into_iter();
    files.map(|file| shown_file(world, rom, file)).collect()
}

pub(super) fn shown_played(world: &World, rom: &Rom, user_id: i64) -> Value {
    let mut rows = world.played.iter();
    let row = rows.find(|row| row.user_id == user_id && row.rom_id == rom.id);
    let mark = |name: &str, usual: Value| {
        let said = row.and_then(|row| row.marks.get(name));
        said.cloned().unwrap_or(usual)
    };
    // RomM makes one up when there is none.
    let now = world.now();
    json!({
        "id": row.map_or(-1, |row| row.id),
        "user_id": row.map_or(-1, |row| row.user_id),
        "rom_id": row.map_or(-1, |row| row.rom_id),
        "created_at": iso(row.map_or(now, |row| row.created)),
        "updated_at": iso(row.map_or(now, |row| row.updated)),
        "last_played": iso_or_null(row.and_then(|row| row.last_played)),
        "is_main_sibling": mark("is_main_sibling", false.into()),
        "backlogged": mark("backlogged", false.into()),
        "now_playing": row.is_some_and(|row| row.now_playing),
        "hidden": mark("hidden", false.into()),
        "rating": mark("rating", 0.into()),
        "difficulty": mark("difficulty", 0.into()),
        "completion": mark("completion", 0.into()),
        "status": row.and_then(|row| row.status),
    })
}

/// The words of some field over all these games.
fn all_words(shown: &[Value], field: &str) -> BTreeSet<String> {
    let words = shown
        .iter()
        .filter_map(|rom| rom[field].as_array())
        .flatten();
    words.filter_map(Value::as_str).map(str::to_owned).collect()
}

fn filter_values(shown: &[Value], wanted: bool) -> Value {
    let mut values = Map::new();
    for name in [
        "genres",
        "franchises",
        "collections",
        "companies",
        "game_modes",
        "age_ratings",
        "player_counts",
        "regions",
        "languages",
        "tags",
        "platforms",
    ] {
        let value = match name {
            _ if !wanted => json!([]),
            "player_counts" if !shown.is_empty() => json!(["1"]),
            "regions" | "languages" => json!(all_words(shown, name)),
            "platforms" => {
                let ids = shown.iter().filter_map(|rom| rom["platform_id"].as_i64());
                json!(ids.collect::<BTreeSet<_>>())
            }
            _ => json!([]),
        };
        values.insert(name.to_owned(), value);
    }
    Value::Object(values)
}

pub(super) fn roms(world: &mut World, call: &Call) -> Answered {
    const MOST: i64 = 10_000;
    let caller = allow(world, call, &["roms.read"])?;
    let (mut fields, query) = (Fields::new(), Source::query(call));
    let limit = fields.bounded(&query, "limit", 1, MOST).unwrap_or(50);
    let offset = fields.bounded(&query, "offset", 0, i64::MAX).unwrap_or(0);
    let mut with = |name, default| fields.bool(&query, name).unwrap_or(default);
    let with_files = with("with_files", false);
    let with_total = with("with_total", true);
    let with_index = with("with_rom_id_index", true);
    let with_characters = with("with_char_index", true);
    let with_values = with("with_filter_values", true);
    fields.done()?;
    let after = updated_after(call)?;

    let term = call.query("search_term").unwrap_or_default().to_lowercase();
    let platforms: Vec<&str> = call
        .query
        .iter()
        .filter(|(name, _)| name == "platform_ids")
        .map(|(_, value)| value.as_str())
        .collect();
    let mut wanted: Vec<&Rom> = world.roms.iter().collect();
    wanted.retain(|rom| {
        let of_platform =
            platforms.is_empty() || platforms.contains(&rom.platform_id.to_string().as_str());
        of_platform && rom.name.to_lowercase().contains(&term)
    });
    wanted.sort_by_key(|rom| rom.name.to_lowercase());
    if call.query("order_by") == Some("id") {
        wanted.sort_by_key(|rom| rom.id);
    }
    if call.query("order_dir") == Some("desc") {
        wanted.reverse();
    }
    let all: Vec<Value> = wanted
        .iter()
        .map(|rom| shown(world, rom, caller.user_id, with_files))
        .collect();
    // What could be chosen does not shrink by what changed.
    let values = filter_values(&all, with_values);
    let found = wanted.iter().zip(&all);
    let found = found.filter(|(rom, _)| after.is_none_or(|after| rom.created > after));
    let found: Vec<&Value> = found.map(|(_, shown)| shown).collect();

    let mut characters = Map::new();
    for (at, rom) in found.iter().enumerate().filter(|_| with_characters) {
        let first = rom["name_sort_key"]
            .as_str()
            .and_then(|key| key.chars().next());
        let first = first.unwrap_or('#').to_string();
        characters.entry(first).or_insert_with(|| at.into());
    }
    let ids: Vec<&Value> = found
        .iter()
        .map(|rom| &rom["id"])
        .filter(|_| with_index)
        .collect();
    let skipped = usize::try_from(offset).unwrap_or(usize::MAX);
    let taken = usize::try_from(limit).unwrap_or(usize::MAX);
    let items: Vec<&Value> = found.iter().copied().skip(skipped).take(taken).collect();
    Ok(Reply::ok(&json!({
        "items": items,
        "total": with_total.then_some(found.len()),
        "limit": limit,
        "offset": offset,
        "char_index": characters,
        "rom_id_index": ids,
        "filter_values": values,
    })))
}

pub(super) fn rom_ids(world: &mut World, call: &Call) -> Answered {
    allow(world, call, &["roms.read"])?;
    let mut roms: Vec<&Rom> = world.roms.iter().collect();
    roms.sort_by_key(|rom| rom.name.to_lowercase());
    Ok(Reply::ok(&roms.iter().map(|rom| rom.id).collect()))
}

fn detailed(world: &World, rom: &Rom, user_id: i64) -> Value {
    let mut body = shown(world, rom, user_id, true);
    let fields = body.as_object_mut().unwrap();
    fields.shift_remove("screenshot_path");
    for (kind, own, all) in [
        (Kind::Save, "user_saves", "all_user_saves"),
        (Kind::State, "user_states", "all_user_states"),
        (Kind::Screenshot, "user_screenshots", "all_user_screenshots"),
    ] {
        let (mine, theirs) = shown_to_all(world, kind, rom.id, user_id);
        fields.insert(own.to_owned(), mine);
        fields.insert(all.to_owned(), theirs);
    }
    fields.insert("user_collections".to_owned(), json!([]));
    let notes = notes::shown_to(world, rom.id, user_id);
    fields.insert("all_user_notes".to_owned(), notes);
    body
}

pub(super) fn rom(world: &mut World, call: &Call) -> Answered {
    let caller = allow(world, call, &["roms.read"])?;
    let id = id(call, 1)?;
    let rom = world.rom(id).ok_or_else(|| unknown_rom(id))?;
    Ok(Reply::ok(&detailed(world, rom, caller.user_id)))
}

pub(super) fn simple_rom(world: &mut World, call: &Call) -> Answered {
    let caller = allow(world, call, &["roms.read"])?;
    let id = id(call, 1)?;
    let rom = world.rom(id).ok_or_else(|| unknown_rom(id))?;
    Ok(Reply::ok(&shown(world, rom, caller.user_id, true)))
}

pub(super) fn rom_by_hash(world: &mut World, call: &Call) -> Answered {
    let caller = allow(world, call, &["roms.read"])?;
    let asked: Vec<(&str, &str)> = ["crc_hash", "md5_hash", "sha1_hash", "ra_hash"]
        .into_iter()
        .filter_map(|name| Some((name, call.query(name)?)))
        .collect();
    if asked.is_empty() {
        let detail = "At least one metadata hash value must be provided";
        return Err(Reply::detail(400, detail));
    }
    let has = |rom: &&Rom| {
        let whole = hashes(&rom.files);
        let each = rom
            .files
            .iter()
            .flat_map(|file| hashes(std::slice::from_ref(file)));
        let mut all = whole.into_iter().chain(each);
        all.any(|(name, hash)| asked.contains(&(name, hash.as_str())))
    };
    match world.roms.iter().find(has) {
        Some(rom) => Ok(Reply::ok(&detailed(world, rom, caller.user_id))),
        None => Err(Reply::detail(
            404,
            "No ROM or file found with given hash values",
        )),
    }
}
