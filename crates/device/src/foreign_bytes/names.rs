//! Texts that others wrote: names of files and of states, moments, hashes, slots.

use keepsave_core::content::{BlobHash, ContentHash};
use keepsave_core::limits;
use keepsave_core::names::{
    FileName, NameParts, distinct, pairing_name, sanitise, tagged, untagged,
};
use keepsave_core::slots::{Emulator, Slot};
use keepsave_core::states::{Ending, Stamp};
use keepsave_core::time::Time;

use crate::files::names::local_name;

/// A name that is taken is a plain file name, stays as it is, and fits on a disk with its tag.
pub fn file_names(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let _parts = NameParts::of(&text);
    let pairing = pairing_name(&text);
    assert_eq!(pairing_name(&pairing), pairing, "it is told once");
    if let Ok(name) = sanitise(&text) {
        is_plain(&name);
        assert_eq!(
            sanitise(name.as_str()).ok().as_ref(),
            Some(&name),
            "it stays as it is"
        );
        let at = Time::EPOCH.plus_seconds(i64::try_from(data.len()).unwrap_or(0) * 86_399);
        for tagged in [tagged(&name, at), distinct(&name, at, 7)] {
            is_plain(&tagged);
            assert!(tagged.as_str().len() <= limits::PATH_COMPONENT_BYTES);
            let bare = untagged(tagged.as_str());
            assert!(bare.len() <= tagged.as_str().len());
        }
    }
    if let Ok(name) = local_name(&text) {
        is_plain(&name);
        assert_eq!(name.as_str(), text);
    }
}

fn is_plain(name: &FileName) {
    let name = name.as_str();
    assert!(!matches!(name, "" | "." | ".."), "{name:?}");
    assert!(!name.contains(['/', '\\', '\0']), "{name:?}");
}

/// What a name says of a state is written as it was read.
pub fn state_names(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    if let Some(stamp) = Stamp::read(&text) {
        let written = stamp.file_name("Game");
        if stamp.core == Stamp::word(&stamp.core)
            && stamp
                .version
                .as_ref()
                .is_none_or(|it| *it == Stamp::word(it) && !it.is_empty())
        {
            assert_eq!(Stamp::read(&written).as_ref(), Some(&stamp), "{written}");
        }
    }
    if let Ok(ending) = text.parse::<Ending>() {
        assert_eq!(ending.to_string(), text, "one ending has one spelling");
    }
    let word = Stamp::word(&text);
    assert_eq!(Stamp::word(&word), word);
}

/// Moments, hashes, slots and emulators are written as they were read.
pub fn times_and_hashes(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    if let Some(time) = Time::parse(&text) {
        assert_eq!(Time::parse(&time.to_string()), Some(time));
        assert_eq!(
            Time::from_micros(time.micros()),
            time,
            "it is within the years"
        );
    }
    if let Ok(hash) = text.parse::<ContentHash>() {
        assert_eq!(hash.to_string(), text.to_lowercase());
    }
    if let Ok(hash) = text.parse::<BlobHash>() {
        assert_eq!(hash.to_string(), text.to_lowercase());
    }
    if let Ok(slot) = Slot::new(&text) {
        assert_eq!(Slot::new(slot.as_str()).as_ref(), Ok(&slot));
        let own = slot.for_device("Steam Deck");
        assert!(
            Slot::new(own.as_str()).is_ok(),
            "a slot of a device is a slot"
        );
    }
    if let Ok(emulator) = Emulator::new(&text) {
        assert_eq!(Emulator::new(emulator.as_str()).as_ref(), Ok(&emulator));
        for folder in emulator.folders() {
            assert!(!folder.contains('/') && !matches!(folder, "" | "." | ".."));
        }
    }
}
