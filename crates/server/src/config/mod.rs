//! What the operator can choose, with defaults that need no choice.
//!
//! [`Settings`] holds the values, [`table`] describes each of them once, [`sources`] reads them
//! from file, environment and flags. Nothing here acts on a setting.

pub mod sources;
pub mod table;

mod reference;
mod value;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use ipnet::IpNet;
use keepsave_core::limits;

pub use reference::reference;
pub use value::{LogFormat, LogLevel, MetricsReaders, Secret};

/// Every setting of the server. What each means stands in [`table::SETTINGS`].
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "each is described in the table")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "choices that are independent of one another"
)]
pub struct Settings {
    pub listen: SocketAddr,
    pub data: PathBuf,
    pub library: PathBuf,
    pub admin_username: Option<String>,
    pub admin_password: Option<Secret>,
    pub max_upload_bytes: u64,
    pub max_autocleanup_limit: i64,
    pub session_max_age_seconds: i64,
    pub access_token_expire_seconds: i64,
    pub refresh_token_expire_seconds: i64,
    pub disable_csrf_protection: bool,
    pub cors_allowed_origins: String,
    pub kiosk_mode: bool,
    pub trusted_proxies: Vec<IpNet>,
    pub metrics_readers: MetricsReaders,
    pub stop_grace_seconds: u64,
    pub retention_keep_last: u32,
    pub retention_keep_daily: u32,
    pub retention_keep_monthly: u32,
    pub retention_keep_listed: bool,
    pub log_format: LogFormat,
    pub log_level: LogLevel,
    pub enable_sync_push_pull: bool,
    pub sync_push_pull_cron: String,
    pub enable_sync_folder_watcher: bool,
    pub sync_folder_scan_delay: u64,
    pub sync_ssh_keys_path: PathBuf,
    pub sync_ssh_known_hosts_path: PathBuf,
    /// Where the values stand that somebody chose, by the setting's name.
    pub places: BTreeMap<&'static str, String>,
}

impl Settings {
    /// Where the data is when nobody says otherwise.
    pub const DEFAULT_DATA: &str = "./keepsave-data";

    /// The defaults for a data directory.
    pub fn for_data(data: &Path) -> Self {
        Self {
            listen: SocketAddr::from(([0, 0, 0, 0], 8080)),
            data: data.to_owned(),
            library: data.join("library"),
            admin_username: None,
            admin_password: None,
            max_upload_bytes: limits::UPLOAD_BYTES,
            max_autocleanup_limit: 100,
            session_max_age_seconds: 14 * 24 * 60 * 60,
            access_token_expire_seconds: 30 * 60,
            refresh_token_expire_seconds: 7 * 24 * 60 * 60,
            disable_csrf_protection: false,
            cors_allowed_origins: "*".to_owned(),
            kiosk_mode: false,
            trusted_proxies: Vec::new(),
            metrics_readers: MetricsReaders::Admin,
            stop_grace_seconds: 30,
            retention_keep_last: 0,
            retention_keep_daily: 0,
            retention_keep_monthly: 0,
            retention_keep_listed: true,
            log_format: LogFormat::Text,
            log_level: LogLevel::Info,
            enable_sync_push_pull: false,
            sync_push_pull_cron: "*/30 * * * *".to_owned(),
            enable_sync_folder_watcher: false,
            sync_folder_scan_delay: 2,
            sync_ssh_keys_path: data.join("sync/keys"),
            sync_ssh_known_hosts_path: data.join("sync/known_hosts"),
            places: BTreeMap::new(),
        }
    }
}
