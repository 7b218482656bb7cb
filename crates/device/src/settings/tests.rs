//! What is written comes back, what a person wrote stays, and what cannot be read is never lost.

use std::fs;

use proptest::prelude::*;
use tempfile::{TempDir, tempdir};

use super::table::Kind;
use super::*;

struct Room(TempDir);

impl Room {
    fn new() -> Self {
        Self(tempdir().unwrap())
    }

    fn with(text: &str) -> Self {
        let room = Self::new();
        fs::write(room.file(), text).unwrap();
        room
    }

    fn file(&self) -> PathBuf {
        self.0.path().join(FILE)
    }

    fn text(&self) -> String {
        fs::read_to_string(self.file()).unwrap()
    }

    fn load(&self) -> Result<Settings, SettingsError> {
        Settings::load(&self.file())
    }

    fn set(&self, name: &str, words: &[&str]) -> Result<Changed<()>, SettingsError> {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let setting = named(name)?;
        Settings::change(&self.file(), |settings| {
            let value = setting.kind.of_words(&words);
            // None is a value that no setting takes.
            settings.set(setting, &value.unwrap_or(Value::List(vec![String::new()])))
        })
    }

    /// The name of everything beside the file.
    fn beside(&self) -> Vec<String> {
        let entries = fs::read_dir(self.0.path()).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name != FILE).collect()
    }
}

#[test]
fn without_a_file_the_defaults_count_and_none_is_made() {
    let room = Room::new();
    let settings = room.load().unwrap();
    assert_eq!(settings.choices, Choices::default());
    assert!(SETTINGS.iter().all(|setting| !settings.is_chosen(setting)));
    assert!(!room.file().exists());
    let new = Choices::default();
    assert!(new.save_sync_enabled && new.sync_before_launch && new.sync_after_exit);
    assert_eq!(
        (new.default_slot.as_str(), new.autocleanup_limit),
        ("autosave", 10)
    );
    assert!(!new.ask_on_first_difference && !new.sync_states);
    assert_eq!(new.launch_budget_seconds, 15);
}

#[test]
fn every_setting_is_told_apart_and_takes_its_own_default() {
    for setting in SETTINGS {
        let room = Room::new();
        let default = setting.get(&Choices::default());
        assert!(setting.kind.takes(&default), "{}", setting.name);
        let other = match &default {
            Value::Switch(on) => Value::Switch(!on),
            Value::Number(number) => Value::Number(number + 1),
            Value::Text(_) => Value::Text("another".into()),
            Value::List(_) => Value::List(vec!["/a".into(), "/b c".into()]),
        };
        Settings::change(&room.file(), |settings| settings.set(setting, &other)).unwrap();
        let settings = room.load().unwrap();
        for known in SETTINGS {
            let is_it = known.name == setting.name;
            let expected = if is_it {
                other.clone()
            } else {
                known.get(&Choices::default())
            };
            assert_eq!(known.get(&settings.choices), expected, "{}", known.name);
            assert_eq!(settings.is_chosen(known), is_it);
        }
        let reset = |settings: &mut Settings| {
            settings.reset(setting);
            Ok(())
        };
        Settings::change(&room.file(), reset).unwrap();
        assert_eq!(room.load().unwrap().choices, Choices::default());
        assert_eq!(room.text(), "");
    }
}

#[test]
fn comments_and_order_stay() {
    let room = Room::with(
        "# My handheld.\nsync_states = true # since spring\n\n# Where the games are:\n\
         added_folders = [\n  \"/media/card/gba\", # the old card\n]\ndevice_name = 'Deck'\n",
    );
    room.set("sync_states", &["off"]).unwrap();
    room.set("autocleanup_limit", &["5"]).unwrap();
    assert_eq!(
        room.text(),
        "# My handheld.\nsync_states = false # since spring\n\n# Where the games are:\n\
         added_folders = [\n  \"/media/card/gba\", # the old card\n]\ndevice_name = 'Deck'\n\
         autocleanup_limit = 5\n",
    );
    assert!(room.beside().is_empty(), "nothing is left beside it");
}

#[test]
fn every_mistake_is_told_with_its_line_and_nothing_is_written_meanwhile() {
    let text = "sync_befor_launch = true\nlaunch_budget_seconds = 700\n\nsync_states = \"yes\"\n\
                [section]\nx = 1\n";
    let room = Room::with(text);
    let told = room.load().unwrap_err().to_string();
    let told = told.replace(room.file().to_str().unwrap(), "FILE");
    assert_eq!(
        told,
        "FILE, line 1: there is no setting `sync_befor_launch`; did you mean `sync_before_launch`?\n\
         FILE, line 2: `launch_budget_seconds` must be a number from 0 to 600\n\
         FILE, line 4: `sync_states` must be true or false\n\
         FILE, line 5: there is no setting `section`",
    );
    room.set("sync_states", &["on"]).unwrap_err();
    assert_eq!(room.text(), text);
}

#[test]
fn a_file_that_cannot_be_read_stays_and_is_kept_when_a_new_one_begins() {
    let damages: [&[u8]; 4] = [
        b"a = 1\nsync_states = tr",
        b"\0\0\0",
        b"x",
        b"device_name = \"\xff\"",
    ];
    for damage in damages {
        let room = Room::new();
        fs::write(room.file(), damage).unwrap();
        let told = room.load().unwrap_err();
        assert!(matches!(told, SettingsError::Damaged { .. }), "{told}");
        assert!(told.to_string().contains("line "), "{told}");
        assert_eq!(fs::read(room.file()).unwrap(), damage);
        room.set("autocleanup_limit", &["0"]).unwrap_err();
        assert_eq!(
            fs::read(room.file()).unwrap(),
            damage,
            "a refused change changes nothing"
        );

        let changed = room.set("sync_states", &["on"]).unwrap();
        let aside = changed.aside.unwrap();
        assert_eq!(fs::read(aside).unwrap(), damage);
        assert_eq!(room.text(), "sync_states = true\n");
        assert_eq!(room.set("sync_states", &["off"]).unwrap().aside, None);
    }
}

#[test]
fn what_is_no_value_is_refused() {
    let room = Room::new();
    for (name, words) in [
        ("sync_states", &["perhaps"][..]),
        ("sync_states", &["on", "off"]),
        ("sync_states", &[]),
        ("autocleanup_limit", &["0"]),
        ("autocleanup_limit", &["101"]),
        ("autocleanup_limit", &["-1"]),
        ("default_slot", &[" "]),
        ("default_slot", &["a\nb"]),
        ("device_name", &["a\tb"]),
        ("added_folders", &["relative"]),
    ] {
        let error = room.set(name, words).unwrap_err();
        assert!(error.to_string().contains(name), "{error}");
    }
    assert!(!room.file().exists());
    let unknown = room.set("sync-state", &["on"]).unwrap_err().to_string();
    assert!(unknown.contains("did you mean `sync_states`?"), "{unknown}");
}

#[test]
fn two_who_change_it_at_once_both_do() {
    let room = Room::new();
    std::thread::scope(|scope| {
        for (name, value) in [
            ("device_name", "Deck"),
            ("default_slot", "mine"),
            ("sync_states", "on"),
        ] {
            let room = &room;
            scope.spawn(move || room.set(name, &[value]).unwrap());
        }
    });
    let choices = room.load().unwrap().choices;
    assert_eq!(
        (choices.device_name.as_str(), choices.default_slot.as_str()),
        ("Deck", "mine")
    );
    assert!(choices.sync_states);
}

proptest! {
    #[test]
    fn any_value_comes_back(
        slot in "[^\\pC]{1,20}", name in "[^\\pC]{0,20}", folders in prop::collection::vec("/[^\\pC]{0,10}", 0..4),
    ) {
        prop_assume!(!slot.trim().is_empty());
        let room = Room::new();
        room.set("default_slot", &[&slot]).unwrap();
        room.set("device_name", &[&name]).unwrap();
        let paths: Vec<&str> = folders.iter().map(String::as_str).collect();
        room.set("added_folders", &paths).unwrap();
        let choices = room.load().unwrap().choices;
        prop_assert_eq!(choices.default_slot, slot);
        prop_assert_eq!(choices.device_name, name);
        prop_assert_eq!(choices.added_folders, folders.iter().map(PathBuf::from).collect::<Vec<_>>());
    }
}

#[test]
fn a_kind_takes_what_it_says() {
    let number = Kind::Number(1, 3);
    for (value, taken) in [(0, false), (1, true), (3, true), (4, false)] {
        assert_eq!(number.takes(&Value::Number(value)), taken);
    }
    assert!(!number.takes(&Value::Switch(true)));
    assert!(!Kind::Switch.takes(&Value::Text("true".into())));
}
