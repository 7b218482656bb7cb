//! Every setting, described once: the file, the command line and its help all come from here.

use std::path::PathBuf;

use keepsave_core::slots::{self, Slot};

/// What a person chose for this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is described in the table")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "choices that are independent of one another"
)]
pub struct Choices {
    pub save_sync_enabled: bool,
    pub sync_before_launch: bool,
    pub sync_after_exit: bool,
    pub default_slot: String,
    pub autocleanup_limit: u64,
    pub device_name: String,
    pub ask_on_first_difference: bool,
    pub sync_states: bool,
    pub launch_budget_seconds: u64,
    pub watch_ask_seconds: u64,
    pub added_folders: Vec<PathBuf>,
    pub journal_newest_of_each_file: u64,
    pub journal_mebibytes: u64,
}

impl Default for Choices {
    fn default() -> Self {
        Self {
            save_sync_enabled: true,
            sync_before_launch: true,
            sync_after_exit: true,
            default_slot: slots::DEFAULT.to_owned(),
            autocleanup_limit: 10,
            device_name: String::new(),
            ask_on_first_difference: false,
            sync_states: false,
            launch_budget_seconds: 15,
            watch_ask_seconds: 60,
            added_folders: Vec::new(),
            journal_newest_of_each_file: 10,
            journal_mebibytes: 1024,
        }
    }
}

/// The value of a setting.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(untagged)]
pub enum Value {
    /// On or off.
    Switch(bool),
    /// A number.
    Number(u64),
    /// A text.
    Text(String),
    /// Several texts.
    List(Vec<String>),
}

impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Switch(value) => value.fmt(f),
            Self::Number(value) => value.fmt(f),
            Self::Text(value) => f.write_str(value),
            Self::List(values) => f.write_str(&values.join("\n")),
        }
    }
}

/// What values a setting takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `true` or `false`.
    Switch,
    /// A number within these bounds.
    Number(u64, u64),
    /// The name of a slot.
    Slot,
    /// Any text on one line.
    Text,
    /// Absolute paths.
    Folders,
}

impl Kind {
    /// What is expected, to be read behind `must be`.
    pub fn expected(self) -> String {
        match self {
            Self::Switch => "true or false".to_owned(),
            Self::Number(least, most) => format!("a number from {least} to {most}"),
            Self::Slot => "the name of a slot, which is not empty".to_owned(),
            Self::Text => "a text on one line".to_owned(),
            Self::Folders => "a list of absolute paths".to_owned(),
        }
    }

    /// A value as people write it on a command line.
    pub fn of_words(self, words: &[String]) -> Option<Value> {
        let value = match (self, words) {
            (Self::Folders, words) => Value::List(words.to_vec()),
            (Self::Switch, [word]) => match word.to_ascii_lowercase().as_str() {
                "true" | "yes" | "on" | "1" => Value::Switch(true),
                "false" | "no" | "off" | "0" => Value::Switch(false),
                _ => return None,
            },
            (Self::Number(..), [word]) => Value::Number(word.trim().parse().ok()?),
            (Self::Slot | Self::Text, [word]) => Value::Text(word.clone()),
            _ => return None,
        };
        self.takes(&value).then_some(value)
    }

    /// Whether it is a value for such a setting.
    pub fn takes(self, value: &Value) -> bool {
        match (self, value) {
            (Self::Switch, Value::Switch(_)) => true,
            (Self::Number(least, most), Value::Number(number)) => (least..=most).contains(number),
            (Self::Slot, Value::Text(name)) => !name.trim().is_empty() && Slot::new(name).is_ok(),
            (Self::Text, Value::Text(text)) => !text.chars().any(char::is_control),
            (Self::Folders, Value::List(paths)) => {
                let mut paths = paths.iter();
                paths.all(|path| PathBuf::from(path).is_absolute())
            }
            _ => false,
        }
    }
}

/// One thing that a person can choose.
#[derive(Debug)]
pub struct Setting {
    /// Its name.
    pub name: &'static str,
    /// What values it takes.
    pub kind: Kind,
    /// What it does, in a sentence or two.
    pub meaning: &'static str,
    get: fn(&Choices) -> Value,
    set: fn(&mut Choices, &Value),
}

/// Settings are the same when their names are.
impl PartialEq for Setting {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Setting {
    /// The setting of that name.
    pub fn named(name: &str) -> Option<&'static Self> {
        SETTINGS.iter().find(|setting| setting.name == name)
    }

    /// What was chosen.
    pub fn get(&self, choices: &Choices) -> Value {
        (self.get)(choices)
    }

    /// Chooses a value that [`Kind::takes`].
    pub(super) fn set(&self, choices: &mut Choices, value: &Value) {
        (self.set)(choices, value);
    }
}

macro_rules! setting {
    ($name:ident, Switch, $meaning:literal) => {
        setting!(@ $name, Kind::Switch, $meaning, Value::Switch, |value| *value)
    };
    ($name:ident, Number($least:literal, $most:literal), $meaning:literal) => {
        setting!(@ $name, Kind::Number($least, $most), $meaning, Value::Number, |value| *value)
    };
    ($name:ident, Slot, $meaning:literal) => {
        setting!(@ $name, Kind::Slot, $meaning, Value::Text, |value| value.clone())
    };
    ($name:ident, Text, $meaning:literal) => {
        setting!(@ $name, Kind::Text, $meaning, Value::Text, |value| value.clone())
    };
    (@ $name:ident, $kind:expr, $meaning:literal, $value:path, |$of:ident| $taken:expr) => {
        Setting {
            name: stringify!($name),
            kind: $kind,
            meaning: $meaning,
            get: |choices| $value(choices.$name.clone()),
            set: |choices, value| {
                if let $value($of) = value {
                    choices.$name = $taken;
                }
            },
        }
    };
}

/// Every setting, in the order in which people read about them.
pub const SETTINGS: &[Setting] = &[
    setting! {
        save_sync_enabled, Switch,
        "Lets saves be synced at all. While it is off, launches, hooks and the agent move nothing."
    },
    setting! {
        sync_before_launch, Switch,
        "Syncs a game's saves before it is launched."
    },
    setting! {
        sync_after_exit, Switch,
        "Syncs a game's saves after it was played."
    },
    setting! {
        default_slot, Slot,
        "The slot that a game syncs with when nobody chose another."
    },
    setting! {
        autocleanup_limit, Number(1, 100),
        "How many saves of a slot the server is asked to keep when one is uploaded."
    },
    setting! {
        device_name, Text,
        "What this machine is called on the server. While it is empty, its host name counts."
    },
    setting! {
        ask_on_first_difference, Switch,
        "Asks where a game that was never synced here differs from the server's save. Otherwise \
         the newer one takes the place of the other, which the journal keeps."
    },
    setting! {
        sync_states, Switch,
        "Lets save states of RetroArch and their pictures travel too. A Keepsave's come here by \
         themselves where the core that made them is, a RomM's are only offered."
    },
    setting! {
        launch_budget_seconds, Number(0, 600),
        "How long a launch may wait for the sync before it, in seconds."
    },
    setting! {
        watch_ask_seconds, Number(1, 86_400),
        "How often `keepsave watch` asks a server what moved that does not tell by itself, in \
         seconds. While nothing moves it asks less and less."
    },
    Setting {
        name: "added_folders",
        kind: Kind::Folders,
        meaning: "Folders of games to look through besides those that are found. Each is named \
                  after its platform, as `/media/card/gba`, or holds folders that are.",
        get: |choices| {
            let paths = choices.added_folders.iter();
            Value::List(
                paths
                    .map(|path| path.to_string_lossy().into_owned())
                    .collect(),
            )
        },
        set: |choices, value| {
            if let Value::List(paths) = value {
                choices.added_folders = paths.iter().map(PathBuf::from).collect();
            }
        },
    },
    setting! {
        journal_newest_of_each_file, Number(1, 1000),
        "How many replaced contents of each file the journal keeps whatever they take."
    },
    setting! {
        journal_mebibytes, Number(0, 1_048_576),
        "How much the journal may take beyond those, in MiB."
    },
];
