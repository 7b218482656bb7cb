//! The reference page of the settings, written from the table.

use std::fmt::Write as _;
use std::path::Path;

use super::Settings;
use super::sources::FILE_VARIABLE;
use super::table::SETTINGS;

/// `docs/configuration.md`.
pub fn reference() -> String {
    let defaults = Settings::for_data(Path::new(Settings::DEFAULT_DATA));
    let mut page = format!(
        "# Configuration\n\n\
         <!-- Written by `cargo xtask docs` from the table of settings. Change it there. -->\n\n\
         `keepsave server` needs no configuration. Each setting below can be chosen in three ways; \
         the first that is there counts:\n\n\
         1. a flag: `keepsave server --max-upload-bytes 1GiB`\n\
         2. a variable: `KEEPSAVE_MAX_UPLOAD_BYTES=1GiB`, or RomM's where one is named\n\
         3. a TOML file, named by `--config FILE` or `{FILE_VARIABLE}`: `max_upload_bytes = \"1GiB\"`\n\n\
         An empty variable counts as none. A name that the file should not have is an error, an \
         unknown `KEEPSAVE_` variable a warning.\n"
    );
    for setting in SETTINGS {
        let names = setting.flag().map(|flag| format!("`--{flag}`"));
        let names = names
            .into_iter()
            .chain([format!("`{}`", setting.variable())]);
        let names = names.chain(setting.romm.map(|name| format!("RomM's `{name}`")));
        let default = match setting.show(&defaults) {
            none if none.is_empty() => "none".to_owned(),
            value => format!("`{value}`"),
        };
        // Writing to a string cannot fail.
        let _ = write!(
            page,
            "\n## `{}`\n\n{}\n\n- Names: {}\n- Value: {}\n- Default: {default}\n",
            setting.name,
            setting.meaning,
            names.collect::<Vec<_>>().join(", "),
            setting.expected,
        );
    }
    page
}
