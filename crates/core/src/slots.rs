//! Names of slots and of emulators: what a client may send, and what becomes of it.
//!
//! Both are a client's own words. A slot names a timeline and is only ever compared. An emulator
//! also becomes folders of the asset tree, so it must be safe as such. RomM takes any text and
//! answers 500 where its database or its disk refuses it; here the client is told why, before
//! anything is written.

use std::fmt;

use crate::limits;

/// The slot that clients use when nobody chose one.
pub const DEFAULT: &str = "autosave";

/// The name of a timeline. Any text, also the empty one, which RomM tells from no slot at all.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot(String);

impl Slot {
    /// Takes a slot as a client names it.
    pub fn new(raw: &str) -> Result<Self, SlotError> {
        if raw.chars().any(char::is_control) {
            return Err(SlotError::ControlCharacters);
        }
        if raw.chars().count() > limits::SLOT_CHARS {
            return Err(SlotError::TooLong);
        }
        Ok(Self(raw.to_owned()))
    }

    /// The slot as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The slot to which *keep both* moves what `device` brought: `autosave (Steam Deck)`.
    ///
    /// Names that are too long are cut, so that different ones can become one. Whether the slot
    /// is free is for the caller to see.
    #[must_use]
    pub fn for_device(&self, device: &str) -> Self {
        let device: String = device
            .chars()
            .filter(|letter| !letter.is_control())
            .collect();
        let device = match cut(device.trim(), limits::SLOT_CHARS / 2) {
            "" => "device",
            name => name,
        };
        let device = format!("({device})");
        let room = limits::SLOT_CHARS - device.chars().count() - 1;
        Self(match cut(&self.0, room) {
            "" => device,
            slot => format!("{slot} {device}"),
        })
    }
}

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The beginning of `text`, at most `characters` long.
fn cut(text: &str, characters: usize) -> &str {
    match text.char_indices().nth(characters) {
        Some((end, _)) => text[..end].trim_end(),
        None => text,
    }
}

/// Why a slot is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SlotError {
    /// It is longer than RomM can store.
    #[error("Slot cannot be longer than {} characters", limits::SLOT_CHARS)]
    TooLong,
    /// It cannot be shown.
    #[error("Slot cannot have control characters")]
    ControlCharacters,
}

/// The emulator a save was made with, as its client calls it: `mgba`, `retroarch-mgba`, `a/b`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Emulator(String);

impl Emulator {
    /// Takes an emulator as a client names it.
    ///
    /// Parts between slashes are folders, as they are to RomM, and none of them may lead out of
    /// the tree. A backslash is refused because it separates folders elsewhere.
    pub fn new(raw: &str) -> Result<Self, EmulatorError> {
        if raw.chars().any(char::is_control) {
            return Err(EmulatorError::ControlCharacters);
        }
        if raw.chars().count() > limits::EMULATOR_CHARS {
            return Err(EmulatorError::TooLong);
        }
        let emulator = Self(raw.to_owned());
        if emulator.folders().any(leads_astray) {
            return Err(EmulatorError::NotAFolder);
        }
        Ok(emulator)
    }

    /// The emulator as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The folders it becomes, each safe as one component of a path. None when it is empty.
    pub fn folders(&self) -> impl Iterator<Item = &str> {
        let folders = (!self.0.is_empty()).then(|| self.0.split('/'));
        folders.into_iter().flatten()
    }
}

impl fmt::Display for Emulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn leads_astray(folder: &str) -> bool {
    matches!(folder, "" | "." | "..") || folder.contains('\\')
}

/// Why an emulator is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EmulatorError {
    /// It is longer than RomM can store.
    #[error("Emulator cannot be longer than {} characters", limits::EMULATOR_CHARS)]
    TooLong,
    /// It cannot be shown.
    #[error("Emulator cannot have control characters")]
    ControlCharacters,
    /// It would lead out of the folder of its game.
    #[error("Emulator cannot have '..', '.', '\\' or an empty folder in its path")]
    NotAFolder,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn takes_slots_as_they_are() {
        for slot in ["autosave", "", " ", "état 1 (Deck)", "../x", "null"] {
            assert_eq!(Slot::new(slot).unwrap().as_str(), slot);
        }
        assert!(Slot::new(&"é".repeat(255)).is_ok());
        assert_eq!(Slot::new(&"s".repeat(256)), Err(SlotError::TooLong));
        assert_eq!(Slot::new("a\nb"), Err(SlotError::ControlCharacters));
        assert_eq!(
            SlotError::TooLong.to_string(),
            "Slot cannot be longer than 255 characters"
        );
    }

    #[test]
    fn what_is_kept_apart_is_named_after_its_device() {
        let slot = |slot: &str, device: &str| Slot::new(slot).unwrap().for_device(device).0;
        assert_eq!(slot("autosave", "Steam Deck"), "autosave (Steam Deck)");
        assert_eq!(slot("autosave", " \n\tPocket\0 "), "autosave (Pocket)");
        assert_eq!(slot("autosave", "\u{7F} "), "autosave (device)");
        assert_eq!(slot("", "Deck"), "(Deck)");
        assert_eq!(
            slot(&"s".repeat(255), "Deck"),
            format!("{} (Deck)", "s".repeat(248))
        );
        assert_eq!(
            slot("autosave", &"é".repeat(255)),
            format!("autosave ({})", "é".repeat(127))
        );
        assert_eq!(
            slot(&format!("{} tail", "s".repeat(247)), "Deck"),
            format!("{} (Deck)", "s".repeat(247)),
            "no space is left at the cut"
        );
    }

    #[test]
    fn an_emulator_is_folders_within_its_game() {
        let folders = |raw: &str| {
            let emulator = Emulator::new(raw)?;
            Ok(emulator.folders().map(str::to_owned).collect::<Vec<_>>())
        };
        assert_eq!(folders("mgba"), Ok(vec!["mgba".to_owned()]));
        assert_eq!(folders("a/b"), Ok(vec!["a".to_owned(), "b".to_owned()]));
        assert_eq!(folders("PCSX2 (Qt)"), Ok(vec!["PCSX2 (Qt)".to_owned()]));
        assert_eq!(folders("...").unwrap().len(), 1);
        assert_eq!(folders(""), Ok(vec![]));
        for astray in [
            "../../evil",
            "..",
            ".",
            "/",
            "/etc",
            "a/",
            "a//b",
            "a/../b",
            "a/./b",
            r"..\evil",
            r"a\b",
        ] {
            assert_eq!(folders(astray), Err(EmulatorError::NotAFolder), "{astray}");
        }
        assert_eq!(folders("a\0b"), Err(EmulatorError::ControlCharacters));
        assert!(folders(&"é".repeat(50)).is_ok());
        assert_eq!(folders(&"e".repeat(51)), Err(EmulatorError::TooLong));
        assert_eq!(
            EmulatorError::NotAFolder.to_string(),
            r"Emulator cannot have '..', '.', '\' or an empty folder in its path"
        );
    }

    proptest! {
        #[test]
        fn a_slot_for_a_device_is_a_slot(slot in ".{0,300}", device in ".{0,300}") {
            let Ok(slot) = Slot::new(&slot) else { return Ok(()) };
            let kept = slot.for_device(&device);
            prop_assert_eq!(Slot::new(kept.as_str()), Ok(kept.clone()));
            prop_assert_ne!(kept, slot);
        }

        #[test]
        fn no_folder_leads_astray(raw in "[./\\\\a-c ]{0,12}") {
            if let Ok(emulator) = Emulator::new(&raw) {
                for folder in emulator.folders() {
                    prop_assert!(!matches!(folder, "" | "." | ".."));
                    prop_assert!(!folder.contains(['/', '\\']));
                }
            }
        }
    }
}
