//! What the operator can choose, with defaults that need no choice.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use keepsave_core::limits;

/// Every setting of the server.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The address to listen on.
    pub listen: SocketAddr,
    /// Where everything is stored.
    pub data: PathBuf,
    /// Where the games are; `DATA/library` when not chosen.
    pub library: PathBuf,
    /// The largest upload, in bytes.
    pub max_upload_bytes: u64,
    /// The most rows that a client's autocleanup may ask to keep.
    pub max_autocleanup_limit: i64,
    /// How long a browser stays signed in, in seconds.
    pub session_max_age_seconds: i64,
    /// How long an access token of `POST /api/token` lives, in seconds.
    pub access_token_expire_seconds: i64,
    /// How long its refresh token lives, in seconds.
    pub refresh_token_expire_seconds: i64,
    /// Turns the protection against forged browser requests off.
    pub disable_csrf_protection: bool,
    /// Which origins a browser may call from: `*` or a list separated by commas.
    pub cors_allowed_origins: String,
    /// Lets anyone read without signing in.
    pub kiosk_mode: bool,
}

impl Settings {
    /// The defaults for a data directory.
    pub fn for_data(data: &Path) -> Self {
        Self {
            listen: SocketAddr::from(([0, 0, 0, 0], 8080)),
            data: data.to_owned(),
            library: data.join("library"),
            max_upload_bytes: limits::UPLOAD_BYTES,
            max_autocleanup_limit: 100,
            session_max_age_seconds: 14 * 24 * 60 * 60,
            access_token_expire_seconds: 30 * 60,
            refresh_token_expire_seconds: 7 * 24 * 60 * 60,
            disable_csrf_protection: false,
            cors_allowed_origins: "*".to_owned(),
            kiosk_mode: false,
        }
    }
}
