//! `settings.json`, and the choices that older forms of the plugin kept in `save_sync_state.json`.

use serde_json::{Value as Json, json};

use super::reading::{Cursor, Wrong};
use super::{Chosen, SHARED_SETTINGS, SettingsDocument};
use crate::settings::{Setting, Value};

/// The version from which the choices stand in this file.
pub(super) const HOLDS_CHOICES_FROM: i64 = 4;

pub(super) fn read(root: &Cursor<'_>) -> Result<SettingsDocument, Wrong> {
    let version = root.read("version", Cursor::integer)?.unwrap_or(0);
    let chosen = if version >= HOLDS_CHOICES_FROM {
        chosen(root, &SHARED_SETTINGS)?
    } else {
        Chosen::default()
    };
    let said = |text: &String| !text.trim().is_empty();
    Ok(SettingsDocument {
        version,
        server: root.read("romm_url", Cursor::text)?.filter(said),
        user: root.read("romm_user", Cursor::text)?.filter(said),
        chosen,
    })
}

/// What an older form of `save_sync_state.json` says: a block of choices, and the name beside it.
pub(super) fn legacy(root: &Cursor<'_>) -> Result<Chosen, Wrong> {
    let (name, block) = (&SHARED_SETTINGS[5..], &SHARED_SETTINGS[..5]);
    let mut all = match root.field("settings") {
        Some(settings) => chosen(&settings.object()?, block)?,
        None => Chosen::default(),
    };
    all.values.extend(chosen(root, name)?.values);
    Ok(all)
}

fn chosen(at: &Cursor<'_>, names: &[&str]) -> Result<Chosen, Wrong> {
    let mut chosen = Chosen::default();
    let known = names.iter().filter_map(|name| Setting::named(name));
    for setting in known {
        if setting.name == "default_slot" && at.has(setting.name) {
            let slot = at.read(setting.name, Cursor::text)?;
            chosen.had_no_slot = slot.is_none_or(|slot| slot.trim().is_empty());
            if chosen.had_no_slot {
                continue;
            }
        }
        let value = at.read(setting.name, |field| value(setting, field))?;
        chosen.values.extend(value.map(|value| (setting, value)));
    }
    Ok(chosen)
}

fn value(setting: &Setting, at: &Cursor<'_>) -> Result<Value, Wrong> {
    use crate::settings::table::Kind;
    let value = match setting.kind {
        Kind::Switch => Value::Switch(at.boolean()?),
        Kind::Number(..) => Value::Number(at.count()?.cast_unsigned()),
        Kind::Slot | Kind::Text | Kind::Folders => Value::Text(at.text()?),
    };
    if setting.kind.takes(&value) {
        Ok(value)
    } else {
        Err(at.wrong("within its bounds"))
    }
}

/// The plugin adds what else it needs when it reads the file.
pub(super) fn json(document: &SettingsDocument) -> Json {
    // By the server's name the file is known for what it is, also where there is none.
    let server = document.server.as_deref().unwrap_or_default();
    let mut json = json!({ "version": document.version, "romm_url": server });
    for (setting, value) in &document.chosen.values {
        json[setting.name] = match value {
            // The plugin has a name, or none.
            Value::Text(text) if text.is_empty() => Json::Null,
            value => json!(value),
        };
    }
    json
}
