//! What a game is called and found under, from the name of its file.

use keepsave_core::ids::PlatformId;
use keepsave_core::names::{RomTitle, sort_key};
use unicode_normalization::UnicodeNormalization;

use crate::vault::roms::scanning::GameRow;

/// A name in the form in which two names are the same when they only differ in case, or in how an
/// accent is written: some systems store `é` as one character, others as two.
pub fn fold(name: &str) -> String {
    name.nfc().flat_map(char::to_lowercase).nfc().collect()
}

/// What a game is searched in.
pub fn search_text(name: &str, fs_name: &str) -> String {
    format!("{}\n{}", fold(name), fold(fs_name))
}

/// The row of a game that is known by nothing but its file's name, and by the name that a person
/// chose, if any did.
pub fn game_row(
    platform_id: PlatformId,
    fs_path: String,
    fs_name: &str,
    chosen_name: Option<&str>,
) -> GameRow {
    let title = RomTitle::of(fs_name);
    let name = match chosen_name {
        Some(name) => name.to_owned(),
        // Clients demand a name.
        None if title.name.is_empty() => fs_name.to_owned(),
        None => title.name,
    };
    GameRow {
        platform_id,
        fs_name: fs_name.to_owned(),
        fs_path,
        size: 0,
        is_folder: false,
        top_files: 0,
        named: chosen_name.is_some(),
        sort_key: sort_key(&name),
        search_text: search_text(&name, fs_name),
        name,
        regions: json(title.regions),
        languages: json(title.languages),
        tags: json(title.tags),
        revision: title.revision,
    }
}

fn json(texts: Vec<String>) -> String {
    serde_json::Value::from(texts).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_the_writing_of_accents_do_not_tell_names_apart() {
        assert_eq!(fold("Poke\u{301}mon.GBA"), fold("pok\u{e9}mon.gba"));
        assert_ne!(fold("Pokemon.gba"), fold("pok\u{e9}mon.gba"));
    }

    #[test]
    fn a_name_of_nothing_but_tags_is_a_name() {
        let row = game_row(PlatformId(1), "roms/gba".to_owned(), "(USA).gba", None);
        assert_eq!(row.name, "(USA).gba");
    }
}
