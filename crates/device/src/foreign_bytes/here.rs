//! Files on this machine that people and other programs write: the manifest, the files of
//! decky-romm-sync, the settings.

use std::path::Path;

use crate::manifest;
use crate::settings::Settings;
use crate::settings::table::SETTINGS;
use crate::state::document::Document;

/// The manifest.
pub fn manifest(data: &[u8]) {
    let path = Path::new("saves.json");
    match manifest::parse(path, data) {
        Ok(entries) => assert!(entries.len() <= data.len()),
        Err(error) => assert!(error.to_string().contains("saves.json"), "{error}"),
    }
}

/// `save_sync_state.json` and `settings.json`: what was read is written so that it is read again.
pub fn state_import(data: &[u8]) {
    let path = Path::new("state.json");
    match Document::parse(path, data) {
        Ok(read) => {
            let written = read.json().to_string();
            let again = Document::parse(path, written.as_bytes());
            assert!(again.is_ok(), "what was written is read: {written}");
            let again = again.map(|again| again.json()).ok();
            assert_eq!(again, Some(read.json()), "and means the same");
        }
        Err(error) => assert!(error.to_string().contains("state.json"), "{error}"),
    }
}

/// The settings: what is set to what it is set to stays as it is.
pub fn settings(data: &[u8]) {
    let path = Path::new("settings.toml");
    let Ok(mut settings) = Settings::read(path, data) else {
        return;
    };
    let choices = settings.choices.clone();
    for setting in SETTINGS {
        let value = setting.get(&choices);
        assert!(
            setting.kind.takes(&value),
            "{} has a value it takes",
            setting.name
        );
        if settings.is_chosen(setting) {
            assert!(settings.set(setting, &value).is_ok());
        }
    }
    let text = settings.text();
    let again = Settings::read(path, text.as_bytes());
    assert_eq!(again.ok().map(|it| it.choices), Some(choices), "{text}");
}
