//! `GET /api/heartbeat`: is a server there, which one, and what can it do.

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use crate::app::App;
use crate::auth::setup;
use crate::http::error::Failure;
use crate::vault::platforms;

/// The RomM that clients see: they gate features on it and read nothing but digits and dots.
pub const ROMM_VERSION: &str = "5.1.0";

/// Answers without anyone being signed in.
#[utoipa::path(
    get, path = "/api/heartbeat", tag = "system",
    responses((status = OK, body = Object))
)]
pub async fn heartbeat(State(app): State<App>) -> Result<Json<Value>, Failure> {
    let folders = app.vault.read(platforms::folders)?.into_iter();
    let there = folders.filter(|folder| !folder.missing);
    let folders: Vec<String> = there.map(|folder| folder.fs_slug).collect();
    Ok(Json(json!({
        "SYSTEM": {
            "VERSION": ROMM_VERSION,
            "SHOW_SETUP_WIZARD": setup::is_needed(&app)?,
        },
        "METADATA_SOURCES": {
            "ANY_SOURCE_ENABLED": false,
            "IGDB_API_ENABLED": false,
            "SS_API_ENABLED": false,
            "SS_DEV_CREDENTIALS_SET": false,
            "MOBY_API_ENABLED": false,
            "STEAMGRIDDB_API_ENABLED": false,
            "RA_API_ENABLED": false,
            "LAUNCHBOX_API_ENABLED": false,
            "HASHEOUS_API_ENABLED": false,
            "PLAYMATCH_API_ENABLED": false,
            "TGDB_API_ENABLED": false,
            "FLASHPOINT_API_ENABLED": false,
            "HLTB_API_ENABLED": false,
            "LIBRETRO_API_ENABLED": false,
        },
        "FILESYSTEM": { "FS_PLATFORMS": folders },
        "EMULATION": { "DISABLE_EMULATOR_JS": false, "DISABLE_RUFFLE_RS": false },
        "FRONTEND": {
            "DISABLE_USERPASS_LOGIN": false,
            "DISABLE_LOGS_VIEWER": false,
            "YOUTUBE_BASE_URL": "https://www.youtube.com",
        },
        "OIDC": {
            "ENABLED": false,
            "AUTOLOGIN": false,
            "PROVIDER": "",
            "RP_INITIATED_LOGOUT": false,
        },
        "TASKS": {
            "ENABLE_SCHEDULED_RESCAN": false,
            "SCHEDULED_RESCAN_CRON": "0 3 * * *",
            "ENABLE_SCHEDULED_UPDATE_SWITCH_TITLEDB": false,
            "SCHEDULED_UPDATE_SWITCH_TITLEDB_CRON": "0 4 * * *",
            "ENABLE_SCHEDULED_UPDATE_LAUNCHBOX_METADATA": false,
            "SCHEDULED_UPDATE_LAUNCHBOX_METADATA_CRON": "0 4 * * *",
            "ENABLE_SCHEDULED_CONVERT_IMAGES_TO_WEBP": false,
            "SCHEDULED_CONVERT_IMAGES_TO_WEBP_CRON": "0 4 * * *",
        },
        "KEEPSAVE": { "VERSION": env!("CARGO_PKG_VERSION") },
    })))
}
