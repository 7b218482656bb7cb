//! `GET /api/heartbeat`: is a server there, which one, and what can it do.

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use crate::app::App;

/// The RomM that clients see: they gate features on it and read nothing but digits and dots.
pub const ROMM_VERSION: &str = "5.1.0";

/// Answers without anyone being signed in.
#[utoipa::path(get, path = "/api/heartbeat", tag = "system", responses((status = OK)))]
pub async fn heartbeat(State(_app): State<App>) -> Json<Value> {
    Json(json!({
        "SYSTEM": { "VERSION": ROMM_VERSION, "SHOW_SETUP_WIZARD": false },
        "KEEPSAVE": { "VERSION": env!("CARGO_PKG_VERSION") },
    }))
}
