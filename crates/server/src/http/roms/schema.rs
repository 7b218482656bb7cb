//! Games as RomM's clients know them. What only metadata providers could say is empty.

use keepsave_core::ids::{RomId, UserId};
use keepsave_core::names::NameParts;
use keepsave_core::time::Time;
use keepsave_wire::roms::{
    Metadata, RomFileSchema, RomFilters, RomMetadata, RomSchema, RomUserSchema, SimpleRomSchema,
};

use crate::library::browse::Listed;
use crate::vault::rom_users::RomUser;
use crate::vault::roms::files::RomFile;
use crate::vault::roms::listing::Values;

/// RomM counts one player where no provider says otherwise.
pub const PLAYER_COUNT: &str = "1";

/// A game as it stands in a list.
pub fn simple_rom(game: Listed, now: Time) -> SimpleRomSchema {
    SimpleRomSchema {
        rom: rom(game, now),
        screenshot_path: None,
    }
}

/// What lists and details say of a game.
#[expect(clippy::too_many_lines, reason = "one line for each of RomM's fields")]
pub fn rom(game: Listed, now: Time) -> RomSchema {
    let Listed { rom: row, files } = game;
    let full_path = format!("{}/{}", row.fs_path, row.fs_name);
    let parts = NameParts::of(&row.fs_name);
    let nothing = || Some(Metadata::new());
    let empty = || Some(String::new());
    let platform_display_name = if row.platform.custom_name.is_empty() {
        row.platform.name
    } else {
        row.platform.custom_name.clone()
    };
    RomSchema {
        id: row.id,
        igdb_id: None,
        sgdb_id: None,
        moby_id: None,
        ss_id: None,
        ra_id: None,
        launchbox_id: None,
        hasheous_id: None,
        tgdb_id: None,
        flashpoint_id: None,
        hltb_id: None,
        gamelist_id: None,
        libretro_id: None,
        platform_id: row.platform.id,
        platform_slug: row.platform.slug,
        platform_fs_slug: row.platform.fs_slug,
        platform_custom_name: Some(row.platform.custom_name),
        platform_display_name,
        fs_name_no_tags: parts.no_tags,
        fs_name_no_ext: parts.no_ext,
        fs_extension: parts.extension,
        fs_path: row.fs_path,
        fs_size_bytes: row.size,
        name: Some(row.name),
        name_sort_key: Some(row.sort_key),
        slug: None,
        summary: None,
        alternative_names: Vec::new(),
        youtube_video_id: None,
        metadatum: metadatum(row.id),
        igdb_metadata: nothing(),
        moby_metadata: nothing(),
        ss_metadata: nothing(),
        launchbox_metadata: nothing(),
        hasheous_metadata: nothing(),
        flashpoint_metadata: nothing(),
        hltb_metadata: nothing(),
        gamelist_metadata: nothing(),
        manual_metadata: nothing(),
        path_cover_small: empty(),
        path_cover_large: empty(),
        url_cover: empty(),
        has_manual: false,
        has_soundtrack: false,
        path_manual: None,
        url_manual: empty(),
        path_video: None,
        is_identifying: false,
        is_unidentified: true,
        is_identified: false,
        revision: Some(row.revision),
        regions: row.regions,
        languages: row.languages,
        tags: row.tags,
        crc_hash: Some(row.hashes.crc),
        md5_hash: Some(row.hashes.md5),
        sha1_hash: Some(row.hashes.sha1),
        ra_hash: empty(),
        // A game without a file is one that its device keeps in a single one.
        has_simple_single_file: !row.is_folder,
        has_nested_single_file: row.is_folder && row.top_files == 1,
        has_multiple_files: row.top_files > 1,
        created_at: row.created_at,
        updated_at: row.updated_at,
        missing_from_fs: row.missing,
        has_notes: row.has_notes,
        rom_user: rom_user(row.noted, now),
        merged_screenshots: Vec::new(),
        merged_ra_metadata: nothing(),
        files: files
            .into_iter()
            .map(|file| rom_file(file, &full_path))
            .collect(),
        sibling_roms: Vec::new(),
        fs_name: row.fs_name,
        full_path,
    }
}

fn metadatum(rom_id: RomId) -> RomMetadata {
    RomMetadata {
        rom_id,
        genres: Vec::new(),
        franchises: Vec::new(),
        collections: Vec::new(),
        companies: Vec::new(),
        game_modes: Vec::new(),
        age_ratings: Vec::new(),
        player_count: PLAYER_COUNT.to_owned(),
        first_release_date: None,
        average_rating: None,
    }
}

/// One file of the game at `game_path`.
pub fn rom_file(row: RomFile, game_path: &str) -> RomFileSchema {
    let full_path = row.full_path();
    let is_top_level = full_path == game_path || row.file_path == game_path;
    RomFileSchema {
        id: row.id,
        rom_id: row.rom_id,
        file_size_bytes: row.size,
        full_path,
        is_top_level,
        created_at: row.created_at,
        updated_at: row.updated_at,
        last_modified: row.modified_at,
        crc_hash: Some(row.hashes.crc),
        md5_hash: Some(row.hashes.md5),
        sha1_hash: Some(row.hashes.sha1),
        ra_hash: None,
        chd_sha1_hash: Some(String::new()),
        archive_members: row
            .archive_members
            .and_then(|json| serde_json::from_str(&json).ok()),
        category: category(row.file_path.strip_prefix(game_path), is_top_level).map(str::to_owned),
        track_meta: None,
        file_name: row.file_name,
        file_path: row.file_path,
    }
}

/// RomM's categories, by the folders within the game's that a file stands in.
fn category(within: Option<&str>, is_top_level: bool) -> Option<&'static str> {
    const CATEGORIES: &[&str] = &[
        "game",
        "dlc",
        "hack",
        "manual",
        "patch",
        "update",
        "mod",
        "demo",
        "translation",
        "prototype",
        "cheat",
        "soundtrack",
        "screenshot",
    ];
    let folders = within.unwrap_or_default().to_lowercase();
    let named = CATEGORIES.iter().copied().find(|category| {
        folders.split('/').any(|folder| {
            folder.strip_suffix('s').unwrap_or(folder) == *category || folder == *category
        })
    });
    named.or(is_top_level.then_some("game"))
}

/// What a person noted about a game; RomM's stand-in when that is nothing.
pub fn rom_user(row: Option<RomUser>, now: Time) -> RomUserSchema {
    match row {
        Some(row) => RomUserSchema {
            id: row.id,
            user_id: row.user_id,
            rom_id: row.rom_id,
            created_at: row.created_at,
            updated_at: row.updated_at,
            last_played: row.last_played,
            is_main_sibling: row.is_main_sibling,
            backlogged: row.backlogged,
            now_playing: row.now_playing,
            hidden: row.hidden,
            rating: row.rating,
            difficulty: row.difficulty,
            completion: row.completion,
            status: row.status,
        },
        None => RomUserSchema {
            id: -1,
            user_id: UserId(-1),
            rom_id: RomId(-1),
            created_at: now,
            updated_at: now,
            last_played: None,
            is_main_sibling: false,
            backlogged: false,
            now_playing: false,
            hidden: false,
            rating: 0,
            difficulty: 0,
            completion: 0,
            status: None,
        },
    }
}

/// The values that games can be filtered by.
pub fn filters(values: Values) -> RomFilters {
    let player_counts = match values.platforms.as_slice() {
        [] => Vec::new(),
        _ => vec![PLAYER_COUNT.to_owned()],
    };
    RomFilters {
        player_counts,
        regions: values.regions,
        languages: values.languages,
        tags: values.tags,
        platforms: values.platforms,
        ..RomFilters::default()
    }
}
