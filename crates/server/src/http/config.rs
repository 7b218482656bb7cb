//! `GET /api/config`: how the library is read, in RomM's terms.

use axum::Json;
use serde_json::{Value, json};

use crate::library::exclusions::{EXTENSIONS, FILES, FOLDERS};

/// What RomM's configuration file would say here. Nothing in it can be changed: folders are bound
/// to platforms by their names, and there are no metadata providers.
#[utoipa::path(get, path = "/api/config", tag = "system", responses((status = OK)))]
pub async fn config() -> Json<Value> {
    let (folders, files, extensions) = (sorted(FOLDERS), sorted(FILES), sorted(EXTENSIONS));
    Json(json!({
        "CONFIG_FILE_MOUNTED": true,
        "CONFIG_FILE_WRITABLE": true,
        "CONFIG_FILE_PARSE_ERROR": null,
        "EXCLUDED_PLATFORMS": folders,
        "EXCLUDED_SINGLE_EXT": extensions,
        "EXCLUDED_SINGLE_FILES": files,
        "EXCLUDED_MULTI_FILES": folders,
        "EXCLUDED_MULTI_PARTS_EXT": extensions,
        "EXCLUDED_MULTI_PARTS_FILES": files,
        "DEFAULT_EXCLUDED_DIRS": FOLDERS,
        "DEFAULT_EXCLUDED_FILES": FILES,
        "DEFAULT_EXCLUDED_EXTENSIONS": EXTENSIONS,
        "PLATFORMS_BINDING": {},
        "PLATFORMS_VERSIONS": {},
        "SKIP_HASH_CALCULATION": false,
        "EJS_DEBUG": false,
        "EJS_CACHE_LIMIT": null,
        "EJS_DISABLE_AUTO_UNLOAD": false,
        "EJS_DISABLE_BATCH_BOOTUP": false,
        "EJS_NETPLAY_ENABLED": false,
        "EJS_NETPLAY_ICE_SERVERS": [],
        "EJS_SETTINGS": {},
        "EJS_CONTROLS": {},
        "SCAN_METADATA_PRIORITY": METADATA,
        "SCAN_ARTWORK_PRIORITY": ARTWORK,
        "SCAN_ARTWORK_PRIORITY_OVERRIDES": {},
        "SCAN_REGION_PRIORITY": ["us", "wor", "ss", "eu", "jp"],
        "SCAN_LANGUAGE_PRIORITY": ["en"],
        "SCAN_MEDIA": ["box2d", "screenshot", "manual"],
        "GAMELIST_AUTO_EXPORT_ON_SCAN": false,
        "GAMELIST_MEDIA_THUMBNAIL": "box2d",
        "GAMELIST_MEDIA_IMAGE": "screenshot",
        "PEGASUS_AUTO_EXPORT_ON_SCAN": false,
    }))
}

const METADATA: &[&str] = &[
    "igdb",
    "moby",
    "ss",
    "ra",
    "launchbox",
    "gamelist",
    "hasheous",
    "tgdb",
    "flashpoint",
    "hltb",
];

const ARTWORK: &[&str] = &[
    "sgdb",
    "igdb",
    "moby",
    "ss",
    "libretro",
    "ra",
    "launchbox",
    "gamelist",
    "hasheous",
    "tgdb",
    "flashpoint",
    "hltb",
];

fn sorted<'a>(names: &[&'a str]) -> Vec<&'a str> {
    let mut names = names.to_vec();
    names.sort_unstable();
    names
}
