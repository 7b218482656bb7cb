//! Files that `RetroArch` and the frontends of the `EmulationStation` family write.

use crate::library::es_de::station::Chosen;
use crate::library::es_de::xml::{Step, walk};
use crate::library::es_de::{find_rules, gamelist, settings, systems};
use crate::library::retroarch::cfg::Cfg;
use crate::library::retroarch::playlist;

/// `retroarch.cfg`, `.info`, `.opt`, overrides.
pub fn retroarch_cfg(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let read = Cfg::parse(&text);
    let mut written = String::new();
    for (key, value) in read.entries() {
        assert!(!key.is_empty() && !key.contains(char::is_whitespace));
        assert!(!value.contains('\n'), "no value has a second line");
        assert!(text.contains(value), "nothing is made up");
        // A value that has its quote at its end alone cannot be quoted.
        if !value.contains('"') {
            written.push_str(key);
            written.push_str(" = \"");
            written.push_str(value);
            written.push_str("\"\n");
        }
    }
    let again = Cfg::parse(&written);
    for (key, value) in again.entries() {
        assert_eq!(read.get(key), Some(value));
    }
    let quotable = read.entries().filter(|(_, value)| !value.contains('"'));
    assert_eq!(again.entries().count(), quotable.count());
}

/// A playlist, as JSON or in six lines each.
pub fn playlist(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let Ok(entries) = playlist::entries(&text) else {
        return;
    };
    assert!(
        entries.len() <= text.len(),
        "an entry takes at least a letter"
    );
    for entry in &entries {
        if let Some(core) = entry.core() {
            assert!(core.ends_with("_libretro") && !core.contains('/'), "{core}");
        }
    }
}

/// `es_systems.xml` and `es_systems.cfg`.
pub fn es_systems(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    elements_end_where_they_began(&text);
    let (read, _) = systems::parse(&text);
    for system in &read.list {
        assert!(!system.extensions.iter().any(|it| it.starts_with('.')));
    }
    let names = read.list.len();
    let over_nothing = read.clone().over(systems::Systems::default());
    assert!(
        over_nothing.len() <= names,
        "laid over nothing it grows by nothing"
    );
    let over_itself = read.clone().over(read);
    assert!(over_itself.len() <= names, "laid over itself neither");
}

/// `gamelist.xml`.
pub fn gamelist(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    elements_end_where_they_began(&text);
    let (list, _) = gamelist::parse(&text);
    assert!(list.game_labels.len() <= text.matches('<').count());
    assert!(list.system_label.is_none_or(|label| !label.is_empty()));
    assert!(list.game_labels.values().all(|label| !label.is_empty()));
}

/// `es_settings.xml`, and lines of `key=value`.
pub fn es_settings(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    elements_end_where_they_began(&text);
    let (settings, _) = settings::parse(&text);
    assert!(settings.rom_directory.is_none_or(|path| !path.is_empty()));
    let (_chosen, _) = Chosen::of_settings(&text);
    let _chosen = Chosen::of_lines(&text);
}

/// `es_find_rules.xml`.
pub fn es_find_rules(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (rules, _) = find_rules::parse(&text);
    let over_nothing = rules.clone().over(find_rules::FindRules::default());
    assert_eq!(over_nothing, rules);
}

/// However the text is nested, no element ends that did not begin.
fn elements_end_where_they_began(text: &str) {
    let mut open: Vec<String> = Vec::new();
    let _fault = walk(text, |step| match step {
        Step::Open { name, .. } => {
            open.push(name.to_owned());
            let deepest = keepsave_core::limits::FRONTEND_NESTING + 1;
            assert!(open.len() <= deepest, "memory is bounded by depth");
        }
        Step::Close { name, .. } => assert_eq!(open.pop().as_deref(), Some(name)),
    });
}
