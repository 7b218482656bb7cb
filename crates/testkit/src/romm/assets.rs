//! What saves, states and screenshots have in common: names, folders, and how answers show them.

use bytes::Bytes;
use serde_json::{Value, json};

use super::call::{Call, Reply};
use super::fields::Fields;
use super::forms::Part;
use super::release::Release;
use super::world::{Asset, Rom, World, iso};

/// Which of the three.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Save,
    State,
    Screenshot,
}

impl Kind {
    /// The folder, the table and the route.
    pub fn plural(self) -> &'static str {
        match self {
            Self::Save => "saves",
            Self::State => "states",
            Self::Screenshot => "screenshots",
        }
    }

    pub fn rows(self, world: &World) -> &Vec<Asset> {
        match self {
            Self::Save => &world.saves,
            Self::State => &world.states,
            Self::Screenshot => &world.screenshots,
        }
    }

    pub fn rows_mut(self, world: &mut World) -> &mut Vec<Asset> {
        match self {
            Self::Save => &mut world.saves,
            Self::State => &mut world.states,
            Self::Screenshot => &mut world.screenshots,
        }
    }

    /// No such row of that user.
    pub fn unknown(self, id: i64) -> Reply {
        match self {
            Self::Save => Reply::detail(404, &format!("Save with ID {id} not found")),
            Self::State => Reply::detail(404, &format!("State with ID {id} not found")),
            Self::Screenshot => Reply::detail(404, "Screenshot not found"),
        }
    }
}

/// Where the row with that id stands in its list, when it is that user's.
pub(super) fn own(world: &World, kind: Kind, id: i64, user_id: i64) -> Result<usize, Reply> {
    let mut rows = kind.rows(world).iter();
    let own = rows.position(|row| row.id == id && row.user_id == user_id);
    own.ok_or_else(|| kind.unknown(id))
}

/// A name and its extension, without the dot: `tar.gz` is one, and so is the whole of `.srm`.
pub(super) fn split_extension(name: &str) -> (&str, &str) {
    let is_extension = |rest: &str| {
        let mut parts = rest.split('.').rev();
        let last = parts.next().unwrap_or_default();
        let word = |c: char| c.is_alphanumeric() || c == '_';
        let ends = !last.is_empty() && last.chars().all(word);
        ends && parts.all(|part| !part.is_empty() && part.bytes().all(|c| c.is_ascii_lowercase()))
    };
    for (dot, _) in name.match_indices('.') {
        if is_extension(&name[dot + 1..]) {
            return (name[..dot].trim(), &name[dot + 1..]);
        }
    }
    (name.trim(), "")
}

/// Without the groups in parentheses and brackets at its end.
pub(super) fn no_tags(stem: &str) -> &str {
    let mut rest = stem.trim();
    while let Some(open) = match rest.chars().last() {
        Some(')') => rest.rfind('('),
        Some(']') => rest.rfind('['),
        _ => None,
    } {
        rest = rest[..open].trim_end();
    }
    rest
}

/// The name that a file gets, or what RomM says of one that it cannot have.
pub(super) fn sanitized(name: &str, what: &str) -> Result<String, Reply> {
    let base = name.rsplit('/').next().unwrap_or_default();
    let kept = base.chars().filter(|c| !"*?\"<>+\0".contains(*c));
    let named: String = kept
        .map(|c| if "\\:|".contains(c) { '-' } else { c })
        .collect();
    let named = named.trim();
    if matches!(named, "" | "." | "..") {
        let why = "Filename cannot be empty after sanitization";
        return Err(Reply::detail(
            400,
            &format!("Invalid {what} filename: {why}"),
        ));
    }
    Ok(named.to_owned())
}

/// The folder of a user's files of a game.
pub(super) fn folder(
    world: &World,
    kind: Kind,
    user_id: i64,
    rom: &Rom,
    emulator: Option<&str>,
) -> String {
    let user = hex::encode(format!("User:{user_id}"));
    let (kind, slug) = (kind.plural(), &world.platform_of(rom).slug);
    let folder = format!("users/{user}/{kind}/{slug}/{}", rom.id);
    match emulator.filter(|name| !name.is_empty()) {
        Some(emulator) => format!("{folder}/{emulator}"),
        None => folder,
    }
}

/// Writes a file where the file system takes it.
pub(super) fn write(
    world: &mut World,
    folder: &str,
    name: &str,
    content: Bytes,
) -> Result<(), Reply> {
    const LONGEST_NAME: usize = 255;
    if folder.split('/').any(|part| part == "..") || name.len() > LONGEST_NAME {
        return Err(Reply::crashed());
    }
    world.write_file(format!("{folder}/{name}"), content);
    Ok(())
}

/// Removes a file that no row of that kind shows.
pub(super) fn remove_unless_shown(world: &mut World, kind: Kind, path: &str) {
    if !kind.rows(world).iter().any(|row| row.full_path() == path) {
        world.files.remove(path);
    }
}

/// The file that a form brings under a name: none when the name is not there.
pub(super) fn file(fields: &mut Fields, call: &Call, name: &str, must: bool) -> Option<Part> {
    let part = call.form().into_iter().find(|part| part.field == name);
    let location = ["body".into(), name.into()];
    match part {
        None if must => fields.wrong("missing", &location, "Field required", &Value::Null),
        Some(part) if part.file_name.is_none() => {
            let message = "Value error, Expected UploadFile, received: <class 'str'>";
            let text: Value = String::from_utf8_lossy(&part.content).into();
            let context = (&text, json!({"error": {}}));
            fields.wrong_with("value_error", &location, message, context);
        }
        part => return part,
    }
    None
}

/// The row as answers show it, without what is told of devices.
pub(super) fn shown(world: &World, kind: Kind, row: &Asset) -> Value {
    let (stem, extension) = split_extension(&row.file_name);
    let newest = world.release >= Release::V5_1;
    let source = if newest {
        format!("/api/{}/{}/content", kind.plural(), row.id)
    } else {
        format!("/api/raw/assets/{}", row.full_path())
    };
    // What was just made is shown with its zone, what was read from the database is not.
    let updated = iso(row.updated).replace('T', " ");
    let zone = if row.updated == row.updated.whole_seconds() {
        ""
    } else {
        "+00:00"
    };
    let updated = updated.replace("+00:00", zone);
    let mut body = json!({
        "id": row.id,
        "rom_id": row.rom_id,
        "user_id": row.user_id,
        "file_name": row.file_name,
        "file_name_no_tags": no_tags(stem),
        "file_name_no_ext": stem,
        "file_extension": extension,
        "file_path": row.file_path,
        "file_size_bytes": row.file_size_bytes,
        "full_path": row.full_path(),
        "download_path": format!("{source}?timestamp={updated}"),
        "missing_from_fs": false,
        "created_at": iso(row.created),
        "updated_at": iso(row.updated),
    });
    let fields = body.as_object_mut().unwrap();
    let mut add = |name: &str, value: Value| fields.insert(name.to_owned(), value);
    if kind == Kind::Save {
        add("slot", row.slot.clone().into());
        add("content_hash", row.content_hash.clone().into());
        if world.release >= Release::V4_9 {
            add("origin_device_id", row.origin_device_id.clone().into());
        }
        add("device_syncs", json!([]));
    }
    if kind == Kind::Screenshot {
        if newest {
            add("is_gallery", row.is_gallery.into());
        }
    } else {
        add("emulator", row.emulator.clone().into());
        let picture = picture_of(world, row).map(|at| &world.screenshots[at]);
        let picture = picture.map(|picture| shown(world, Kind::Screenshot, picture));
        add("screenshot", picture.unwrap_or_default());
    }
    if newest {
        add("is_public", row.is_public.into());
    }
    body
}

/// The screenshot whose name is the row's, by where it stands.
fn picture_of(world: &World, row: &Asset) -> Option<usize> {
    let (stem, _) = split_extension(&row.file_name);
    let names = [row.file_name.as_str(), stem];
    world.screenshots.iter().position(|shot| {
        let (shot_stem, _) = split_extension(&shot.file_name);
        shot.user_id == row.user_id
            && shot.rom_id == row.rom_id
            && (names.contains(&shot.file_name.as_str()) || names.contains(&shot_stem))
    })
}

/// A picture is shown to whom its row is.
pub(super) fn show_picture_of(world: &mut World, row: &Asset) {
    if let Some(at) = picture_of(world, row) {
        world.screenshots[at].is_public = row.is_public;
    }
}

/// A game's rows as its page shows them: the user's own, and everyone's that the user may see.
pub(super) fn shown_to_all(world: &World, kind: Kind, rom_id: i64, user_id: i64) -> (Value, Value) {
    let mut rows: Vec<&Asset> = kind.rows(world).iter().collect();
    rows.retain(|row| row.rom_id == rom_id && (row.user_id == user_id || row.is_public));
    if kind == Kind::Screenshot {
        rows.retain(|row| row.is_gallery);
        rows.sort_by_key(|row| std::cmp::Reverse(row.created));
    } else {
        rows.sort_by_key(|row| std::cmp::Reverse(row.updated));
    }
    let own = rows.iter().filter(|row| row.user_id == user_id);
    let own = own.map(|row| shown(world, kind, row)).collect();
    let with_names = rows.iter().map(|row| {
        let user = world.user(row.user_id);
        let mut body = shown(world, kind, row);
        body["username"] = user.name.clone().into();
        body["user_avatar_path"] = "".into();
        body["user_updated_at"] = iso(user.updated).into();
        body
    });
    (own, with_names.collect())
}

/// Stores the picture that came with something, when one came.
pub(super) fn store_picture(
    world: &mut World,
    user_id: i64,
    rom_id: i64,
    picture: Option<Part>,
) -> Result<(), Reply> {
    let Some(picture) = picture else {
        return Ok(());
    };
    let name = picture.file_name.unwrap_or_default();
    if !name.is_empty() {
        let name = sanitized(&name, "screenshot")?;
        store_screenshot(world, user_id, rom_id, (name, picture.content), false)?;
    }
    Ok(())
}

/// Stores a screenshot under its name and shows its row.
pub(super) fn store_screenshot(
    world: &mut World,
    user_id: i64,
    rom_id: i64,
    (name, content): (String, Bytes),
    is_gallery: bool,
) -> Result<Asset, Reply> {
    let size = content.len() as u64;
    let rom = world.rom(rom_id).unwrap();
    let folder = folder(world, Kind::Screenshot, user_id, rom, None);
    write(world, &folder, &name, content)?;
    let now = world.stamp();
    let same =
        |row: &&mut Asset| row.user_id == user_id && row.rom_id == rom_id && row.file_name == name;
    if let Some(row) = world.screenshots.iter_mut().find(same) {
        row.file_size_bytes = size;
        row.updated = now;
        row.is_gallery |= is_gallery;
        return Ok(row.clone());
    }
    let mut row = new_row(
        world,
        Kind::Screenshot,
        (user_id, rom_id),
        (folder, name),
        size,
    );
    row.is_gallery = is_gallery;
    Ok(add(world, Kind::Screenshot, row))
}

/// A row as it would be when it were made now, with the fraction that is not kept.
pub(super) fn new_row(
    world: &mut World,
    kind: Kind,
    (user_id, rom_id): (i64, i64),
    (file_path, file_name): (String, String),
    file_size_bytes: u64,
) -> Asset {
    /// How long RomM takes from one clock reading to the next.
    const BETWEEN_READINGS: i64 = 2;
    let created = world.now();
    Asset {
        id: world.next_id(kind.plural()),
        user_id,
        rom_id,
        file_name,
        file_path,
        file_size_bytes,
        created,
        updated: keepsave_core::time::Time::from_micros(created.micros() + BETWEEN_READINGS),
        emulator: None,
        slot: None,
        content_hash: None,
        is_public: false,
        is_gallery: false,
        origin_device_id: None,
    }
}

/// Keeps a new row as the database does, and gives it back as the answer shows it.
pub(super) fn add(world: &mut World, kind: Kind, row: Asset) -> Asset {
    let kept = Asset {
        created: world.kept(row.created),
        updated: world.kept(row.updated),
        ..row.clone()
    };
    kind.rows_mut(world).push(kept);
    row
}

/// The user played the game just now.
pub(super) fn play(world: &mut World, user_id: i64, rom_id: i64) {
    let now = world.stamp();
    world.played(user_id, rom_id).last_played = Some(now);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_apart_as_recorded() {
        for (name, stem, extension, plain) in [
            (
                "shot2 [2026-11-20_07-28-47].srm",
                "shot2 [2026-11-20_07-28-47]",
                "srm",
                "shot2",
            ),
            (
                "Game (USA) (Rev 1) [!].tar.gz",
                "Game (USA) (Rev 1) [!]",
                "tar.gz",
                "Game",
            ),
            (".srm", "", "srm", ""),
            ("memcard", "memcard", "", "memcard"),
            ("sp ace .srm", "sp ace", "srm", "sp ace"),
            ("v1.2 game.srm", "v1.2 game", "srm", "v1.2 game"),
        ] {
            assert_eq!(split_extension(name), (stem, extension), "{name}");
            assert_eq!(no_tags(stem), plain, "{name}");
        }
    }
}
