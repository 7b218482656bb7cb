//! What the name of a state on a server says of it: which file of which core it is, which content
//! it has, which one it grew from, and with which save it was made.

use std::fmt;
use std::str::FromStr;

use crate::content::{BlobHash, Content};
use crate::limits;

/// Which of a game's states it is, as `RetroArch` calls its file after the game's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ending {
    /// `.state`, which is number 0, or `.state7`: made and loaded when a person asks for it.
    Numbered(u32),
    /// `.state.auto`: made when a game is closed, and loaded unasked when it is started.
    Auto,
}

impl Ending {
    /// Of the name of a file that begins with `stem`.
    pub fn of_file(name: &str, stem: &str) -> Option<Self> {
        name.strip_prefix(stem)?.parse().ok()
    }

    /// Of the name of a state, whatever it is called before that.
    pub fn at_the_end_of(name: &str) -> Option<Self> {
        name[name.rfind(".state")?..].parse().ok()
    }
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Numbered(0) => f.write_str(".state"),
            Self::Numbered(number) => write!(f, ".state{number}"),
            Self::Auto => f.write_str(".state.auto"),
        }
    }
}

/// A text that is no ending of a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoState;

impl FromStr for Ending {
    type Err = NoState;

    fn from_str(text: &str) -> Result<Self, NoState> {
        match text.strip_prefix(".state").ok_or(NoState)? {
            "" => Ok(Self::Numbered(0)),
            ".auto" => Ok(Self::Auto),
            // One number has one spelling.
            digits if digits.starts_with('0') || digits.starts_with('+') => Err(NoState),
            digits => digits.parse().map(Self::Numbered).map_err(|_| NoState),
        }
    }
}

/// By which a content is known in a stamp: the beginning of its hash.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mark([u8; 6]);

impl Mark {
    /// Of a save that nobody knows: no content has it.
    pub const UNKNOWN: Self = Self([0; 6]);

    /// The mark of a state, by its bytes.
    pub fn of(blob: &BlobHash) -> Self {
        Self::beginning(&blob.0)
    }

    /// The mark of a save, by what makes two the same: packed anew it is the same save.
    pub fn of_save(content: &Content) -> Self {
        match &content.hash {
            Some(hash) => Self::beginning(&hash.0),
            None => Self::of(&content.blob),
        }
    }

    fn beginning(hash: &[u8]) -> Self {
        let mut mark = Self::UNKNOWN;
        for (digit, of) in mark.0.iter_mut().zip(hash) {
            *digit = *of;
        }
        mark
    }

    /// Reads its digits.
    pub fn read(digits: &str) -> Option<Self> {
        let mut mark = [0; 6];
        let is_lower = !digits.contains(|c: char| c.is_ascii_uppercase());
        hex::decode_to_slice(digits, &mut mark).ok()?;
        is_lower.then_some(Self(mark))
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mark({self})")
    }
}

/// What a state says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Stamp {
    /// Which of the game's states it is.
    pub ending: Ending,
    /// The core that made it: `mgba`. No other loads it.
    pub core: String,
    /// That core's version, where it says one.
    pub version: Option<String>,
    /// What it holds.
    pub content: Mark,
    /// What it grew from: the state that the device had in its place before.
    pub parent: Option<Mark>,
    /// The save that the device had when it was made.
    pub save: Option<Mark>,
}

impl Stamp {
    /// A core or a version as it can stand in a name.
    pub fn word(text: &str) -> String {
        let kept = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        let word = text.trim().chars();
        let word = word.map(|c| if kept(c) { c } else { '-' });
        word.take(limits::STATE_WORD_CHARS).collect()
    }

    /// The name of the state of a game that is called `stem`. It is like no other state's.
    pub fn file_name(&self, stem: &str) -> String {
        let word = |before: &str, word: Option<String>| {
            word.map(|word| format!("{before}{word}"))
                .unwrap_or_default()
        };
        let mark = |mark: Option<Mark>| mark.map(|mark| mark.to_string());
        let stamp = format!(
            " [{}{}] [{}{}{}]{}",
            self.core,
            word(" ", self.version.clone()),
            self.content,
            word(" after ", mark(self.parent)),
            word(" with ", mark(self.save)),
            self.ending,
        );
        let room = limits::FILE_NAME_BYTES.saturating_sub(stamp.len());
        let stem = &stem[..stem.floor_char_boundary(room)];
        format!("{stem}{stamp}")
    }

    /// What its picture is called: as servers find the picture of a state.
    pub fn picture_name(&self, stem: &str) -> String {
        let name = self.file_name(stem);
        let ending = self.ending.to_string();
        format!("{}.png", name.strip_suffix(&ending).unwrap_or(&name))
    }

    /// Reads a name. None for a state that another program sent.
    pub fn read(name: &str) -> Option<Self> {
        let (head, ending) = name.rsplit_once(']')?;
        let (head, lineage) = head.rsplit_once("] [")?;
        let (_, made_by) = head.rsplit_once(" [")?;
        let (core, version) = match made_by.split_once(' ') {
            Some((core, version)) => (core, Some(version.to_owned())),
            None => (made_by, None),
        };
        let mut words = lineage.split(' ');
        let mut stamp = Self {
            ending: ending.parse().ok()?,
            core: core.to_owned(),
            version,
            content: Mark::read(words.next()?)?,
            parent: None,
            save: None,
        };
        while let Some(word) = words.next() {
            let mark = Mark::read(words.next()?)?;
            match word {
                "after" => stamp.parent = Some(mark),
                "with" => stamp.save = Some(mark),
                _ => return None,
            }
        }
        (!stamp.core.is_empty()).then_some(stamp)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::{NameParts, sanitise, untagged};

    fn mark(byte: u8) -> Mark {
        Mark::of(&BlobHash([byte; 32]))
    }

    fn stamps() -> Vec<Stamp> {
        let mut all = Vec::new();
        for ending in [Ending::Numbered(0), Ending::Numbered(12), Ending::Auto] {
            for version in [None, Some("0.10.3"), Some("v1.2-git")] {
                for (parent, save) in [
                    (None, None),
                    (Some(mark(1)), None),
                    (None, Some(mark(2))),
                    (Some(mark(1)), Some(mark(2))),
                ] {
                    all.push(Stamp {
                        ending,
                        core: "mgba".to_owned(),
                        version: version.map(str::to_owned),
                        content: mark(0xab),
                        parent,
                        save,
                    });
                }
            }
        }
        all
    }

    #[test]
    fn a_name_says_what_was_stamped_and_is_taken_as_it_is() {
        for stem in ["Zelda", "Hack v1.1 [!] (USA)", "ポケモン", &"ä".repeat(200)] {
            for stamp in stamps() {
                let name = stamp.file_name(stem);
                assert_eq!(Stamp::read(&name).as_ref(), Some(&stamp), "{name}");
                assert_eq!(sanitise(&name).unwrap().as_str(), name);
                assert_eq!(untagged(&name), name);
                let picture = stamp.picture_name(stem);
                assert_eq!(sanitise(&picture).unwrap().as_str(), picture);
                let [state, picture] = [name, picture].map(|name| NameParts::of(&name).no_ext);
                assert_eq!(state, picture, "a server pairs them by that");
            }
        }
        let stamp = stamps().pop().unwrap();
        assert_eq!(
            stamp.file_name("Zelda"),
            "Zelda [mgba v1.2-git] [abababababab after 010101010101 with 020202020202].state.auto"
        );
    }

    #[test]
    fn states_of_other_programs_have_no_stamp() {
        for name in [
            "",
            "Zelda.state",
            "Zelda [mgba].state",
            "Zelda [mgba] [ab].state",
            "Zelda [mgba] [abababababab].srm",
            "Zelda [mgba] [ABABABABABAB].state",
            "Zelda [mgba] [abababababab then 010101010101].state",
            "Zelda [mgba] [abababababab after].state",
            "Zelda [] [abababababab].state",
            "Zelda [2026-11-20 07-28-30-123].state",
        ] {
            assert_eq!(Stamp::read(name), None, "{name}");
        }
    }

    #[test]
    fn an_ending_has_one_spelling() {
        for ending in [".state", ".state1", ".state999", ".state.auto"] {
            let read: Ending = ending.parse().unwrap();
            assert_eq!(read.to_string(), ending);
            assert_eq!(Ending::of_file(&format!("A{ending}"), "A"), Some(read));
        }
        for other in [
            "",
            ".srm",
            ".state.png",
            ".state0",
            ".state01",
            ".state+1",
            ".state1.entry",
            ".state.auto.bak",
            ".state4294967296",
        ] {
            assert_eq!(other.parse::<Ending>(), Err(NoState), "{other}");
        }
        assert_eq!(Ending::of_file("B.state", "A"), None);
        let auto = Ending::at_the_end_of("My.state of [mind].state.auto");
        assert_eq!(auto, Some(Ending::Auto));
        assert_eq!(Ending::at_the_end_of("Zelda.srm"), None);
    }

    #[test]
    fn a_word_can_stand_in_a_name() {
        for (text, word) in [
            ("0.11-dev", "0.11-dev"),
            (" v1 (svn) ", "v1--svn-"),
            ("a]b+c", "a-b-c"),
            ("", ""),
        ] {
            assert_eq!(Stamp::word(text), word);
        }
        assert_eq!(Stamp::word(&"9".repeat(99)).len(), limits::STATE_WORD_CHARS);
    }
}
