//! Every setting, described once: reading, `--help` and the reference page all come from here.
//!
//! A setting has one name. In the file it is written `max_upload_bytes`, in the environment
//! `KEEPSAVE_MAX_UPLOAD_BYTES`, as a flag `--max-upload-bytes`. Some have RomM's variable beside.

use super::Settings;
use super::value::{
    ADDRESS, BYTES, COUNT, LOG_FORMAT, LOG_LEVEL, METRICS_READERS, NETWORKS, OPTIONAL_TEXT, PATH,
    ROWS, SECONDS, SECRET, TEXT, WAIT, YES_OR_NO,
};

/// What our variables begin with.
pub const PREFIX: &str = "KEEPSAVE_";

/// One thing the operator can choose.
pub struct Setting {
    /// Its name.
    pub name: &'static str,
    /// RomM's variable that counts where ours is not set.
    pub romm: Option<&'static str>,
    /// What a value looks like.
    pub expected: &'static str,
    /// What it does, in a sentence or two.
    pub meaning: &'static str,
    /// Whether its value must not be shown. A secret is no flag: others can see command lines.
    pub secret: bool,
    set: fn(&mut Settings, &str) -> Option<()>,
    show: fn(&Settings) -> String,
}

impl Setting {
    /// The setting of that name.
    pub fn named(name: &str) -> Option<&'static Self> {
        SETTINGS.iter().find(|setting| setting.name == name)
    }

    /// Our variable.
    pub fn variable(&self) -> String {
        format!("{PREFIX}{}", self.name.to_uppercase())
    }

    /// The flag without its dashes; none for a secret.
    pub fn flag(&self) -> Option<String> {
        (!self.secret).then(|| self.name.replace('_', "-"))
    }

    /// Whether naming the flag alone means `true`.
    pub fn is_switch(&self) -> bool {
        self.expected == YES_OR_NO.expected
    }

    /// The value as it is written; empty when there is none or it is secret.
    pub fn show(&self, settings: &Settings) -> String {
        (self.show)(settings)
    }

    /// Takes a value as it is written; none when it is not what is expected.
    pub(super) fn set(&self, settings: &mut Settings, text: &str) -> Option<()> {
        (self.set)(settings, text)
    }
}

macro_rules! setting {
    ($name:ident, $kind:ident, $meaning:literal) => {
        setting!(@ $name, None, $kind, false, $meaning)
    };
    ($name:ident, secret $kind:ident, $meaning:literal) => {
        setting!(@ $name, None, $kind, true, $meaning)
    };
    ($name:ident, romm $romm:ident, $kind:ident, $meaning:literal) => {
        setting!(@ $name, Some(stringify!($romm)), $kind, false, $meaning)
    };
    (@ $name:ident, $romm:expr, $kind:ident, $secret:literal, $meaning:literal) => {
        Setting {
            name: stringify!($name),
            romm: $romm,
            expected: $kind.expected,
            meaning: $meaning,
            secret: $secret,
            set: |settings, text| {
                settings.$name = ($kind.read)(text)?;
                Some(())
            },
            show: |settings| ($kind.show)(&settings.$name),
        }
    };
}

/// Every setting, in the order in which people read about them.
pub const SETTINGS: &[Setting] = &[
    setting! {
        listen, ADDRESS,
        "The address and port to listen on. Port 0 takes any free one."
    },
    setting! {
        data, PATH,
        "The directory where everything is stored."
    },
    setting! {
        library, PATH,
        "The directory where the games are. Below the data directory unless chosen."
    },
    setting! {
        admin_username, OPTIONAL_TEXT,
        "The name of the first user, made at start while there is none. Without it the first \
         visit asks for the code that the server prints."
    },
    setting! {
        admin_password, secret SECRET,
        "The first user's password."
    },
    setting! {
        max_upload_bytes, romm MAX_ASSET_UPLOAD_SIZE_BYTES, BYTES,
        "The largest upload, in bytes. A larger one is refused before it is read."
    },
    setting! {
        max_autocleanup_limit, romm MAX_AUTOCLEANUP_LIMIT, ROWS,
        "The most rows of a slot that a client's autocleanup can ask to keep. What is cleaned \
         up is hidden, not destroyed."
    },
    setting! {
        session_max_age_seconds, romm SESSION_MAX_AGE_SECONDS, SECONDS,
        "How long a browser stays signed in, in seconds."
    },
    setting! {
        access_token_expire_seconds, romm OAUTH_ACCESS_TOKEN_EXPIRE_SECONDS, SECONDS,
        "How long an access token of `POST /api/token` lives, in seconds."
    },
    setting! {
        refresh_token_expire_seconds, romm OAUTH_REFRESH_TOKEN_EXPIRE_SECONDS, SECONDS,
        "How long its refresh token lives, in seconds."
    },
    setting! {
        disable_csrf_protection, romm DISABLE_CSRF_PROTECTION, YES_OR_NO,
        "Turns the protection against forged browser requests off."
    },
    setting! {
        cors_allowed_origins, romm ROMM_CORS_ALLOWED_ORIGINS, TEXT,
        "The origins that a browser may call from: `*`, or a list separated by commas."
    },
    setting! {
        kiosk_mode, romm KIOSK_MODE, YES_OR_NO,
        "Lets anyone read without signing in."
    },
    setting! {
        trusted_proxies, NETWORKS,
        "The reverse proxies, by address or network, whose `X-Forwarded-*` headers are \
         believed."
    },
    setting! {
        metrics_readers, METRICS_READERS,
        "Who may read `GET /metrics`: `admin` is whoever may read the logs, by token or \
         password; `loopback` is also any program on this machine, and whoever a proxy on it \
         lets through; `anyone` is everyone."
    },
    setting! {
        stop_grace_seconds, WAIT,
        "How long requests may take to finish when the server is told to stop, in seconds."
    },
    setting! {
        retention_keep_last, COUNT,
        "How many of a timeline's newest versions are kept. While this and the two below are \
         all 0, everything is. Pins, heads, branches and what a device has yet to fetch are \
         always kept."
    },
    setting! {
        retention_keep_daily, COUNT,
        "Of how many days the last version is kept besides."
    },
    setting! {
        retention_keep_monthly, COUNT,
        "Of how many months the last version is kept besides."
    },
    setting! {
        retention_keep_listed, YES_OR_NO,
        "Keeps a version as long as it is listed as a save. Otherwise a save whose version is \
         given up is hidden."
    },
    setting! {
        log_format, LOG_FORMAT,
        "How log lines look: `text` for people, `json` for programs."
    },
    setting! {
        log_level, LOG_LEVEL,
        "The least important lines that are logged. At `debug` each request is a line."
    },
    setting! {
        enable_sync_push_pull, romm ENABLE_SYNC_PUSH_PULL, YES_OR_NO,
        "Accepted for RomM's sake. Push-pull is not in this version yet."
    },
    setting! {
        sync_push_pull_cron, romm SYNC_PUSH_PULL_CRON, TEXT,
        "When push-pull would run. Not used in this version yet."
    },
    setting! {
        enable_sync_folder_watcher, romm ENABLE_SYNC_FOLDER_WATCHER, YES_OR_NO,
        "Accepted for RomM's sake. The watcher of the sync folder is not in this version yet."
    },
    setting! {
        sync_folder_scan_delay, romm SYNC_FOLDER_SCAN_DELAY, WAIT,
        "How long the watcher would wait. Not used in this version yet."
    },
    setting! {
        sync_ssh_keys_path, romm SYNC_SSH_KEYS_PATH, PATH,
        "Where push-pull's keys would be. Not used in this version yet."
    },
    setting! {
        sync_ssh_known_hosts_path, romm SYNC_SSH_KNOWN_HOSTS_PATH, PATH,
        "Where push-pull's known hosts would be. Not used in this version yet."
    },
];
