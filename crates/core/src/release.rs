//! Which server is there, by the version it names, and what a device can ask of it.
//!
//! RomM counts `4.9.0-alpha.2`; a checkout of it calls itself `development`. A Keepsave answers as
//! a RomM does and names its own version beside it.

use std::cmp::Ordering;
use std::fmt;

/// The oldest RomM that a device can sync with.
pub const FLOOR: &str = "4.8.1";
/// The first RomM that negotiates: before it a device compares lists of saves.
pub const NEGOTIATES_FROM: &str = "4.9.0-alpha.2";
/// What a RomM calls itself that runs from a checkout.
const DEVELOPMENT: &str = "development";
/// The first major version that lets a device in by a code shown on it.
const DEVICE_CODES_FROM: u64 = 5;

/// How a device syncs with a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Speaks {
    /// It lists saves; the device compares.
    Lists,
    /// It negotiates as RomM does, by clocks.
    Negotiates,
    /// It negotiates by lineage: a Keepsave.
    Lineage,
}

impl Speaks {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Lists => "lists",
            Self::Negotiates => "negotiates",
            Self::Lineage => "lineage",
        }
    }
}

/// The release of a RomM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Release {
    /// Of a number.
    Numbered(Version),
    /// From a checkout: counts as newer than every number.
    Development,
}

/// A version number: `4.9.0-alpha.2`.
#[derive(Clone, Debug)]
pub struct Version {
    text: String,
    /// Without zeros at the end: `5` is `5.0.0`.
    numbers: Vec<u64>,
    /// Empty for the release itself.
    stage: Vec<Word>,
}

/// A part of what stands behind the dash. Numbers come before words, letters by the alphabet.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Word {
    Number(u64),
    Letters(String),
}

/// A server that a device cannot sync with.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unsupported {
    /// It is older than the floor, or a pre-release of it.
    #[error("the server is RomM {found}; RomM {FLOOR} or newer is needed, or a Keepsave")]
    TooOld {
        /// What it says.
        found: String,
    },
    /// It says something that is no version.
    #[error(
        "the server names its version as {found:?}, which cannot be read; RomM {FLOOR} or newer is \
         needed, or a Keepsave"
    )]
    Unreadable {
        /// What it says.
        found: String,
    },
    /// It names no version.
    #[error("the server names no version; RomM {FLOOR} or newer is needed, or a Keepsave")]
    Unnamed,
}

impl Unsupported {
    /// What the server says it is.
    pub fn found(&self) -> Option<&str> {
        match self {
            Self::TooOld { found } | Self::Unreadable { found } => Some(found),
            Self::Unnamed => None,
        }
    }
}

impl Release {
    /// Reads a version; none when the text is not one.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text == DEVELOPMENT {
            return Some(Self::Development);
        }
        Version::parse(text).map(Self::Numbered)
    }

    /// Whether it lets a device in by a code that the device shows.
    pub fn has_device_codes(&self) -> bool {
        match self {
            Self::Numbered(version) => version.numbers.first() >= Some(&DEVICE_CODES_FROM),
            Self::Development => true,
        }
    }

    fn is_at_least(&self, text: &str) -> bool {
        match self {
            Self::Numbered(version) => Version::parse(text).is_some_and(|least| *version >= least),
            Self::Development => true,
        }
    }
}

/// Says which release a server is that names this version, and how a device syncs with it.
/// `keepsave` tells whether it names a version of Keepsave beside it.
pub fn judge(
    named: Option<&str>,
    keepsave: bool,
) -> Result<(Option<Release>, Speaks), Unsupported> {
    let release = named.and_then(Release::parse);
    if keepsave {
        return Ok((release, Speaks::Lineage));
    }
    let found = named.ok_or(Unsupported::Unnamed)?;
    let Some(release) = release else {
        let found = found.to_owned();
        return Err(Unsupported::Unreadable { found });
    };
    if !release.is_at_least(FLOOR) {
        let found = found.trim().to_owned();
        return Err(Unsupported::TooOld { found });
    }
    let speaks = if release.is_at_least(NEGOTIATES_FROM) {
        Speaks::Negotiates
    } else {
        Speaks::Lists
    };
    Ok((Some(release), speaks))
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Numbered(version) => f.write_str(&version.text),
            Self::Development => f.write_str(DEVELOPMENT),
        }
    }
}

impl Version {
    fn parse(text: &str) -> Option<Self> {
        let lower = text.to_ascii_lowercase();
        let bare = lower.strip_prefix('v').unwrap_or(&lower);
        // What stands behind a plus tells builds apart, not versions.
        let counted = bare.split_once('+').map_or(bare, |(counted, _)| counted);
        let (numbers, stage) = match counted.split_once('-') {
            Some((numbers, stage)) => (numbers, words(stage)?),
            None => (counted, Vec::new()),
        };
        let numbers: Option<Vec<u64>> = numbers.split('.').map(number).collect();
        let mut numbers = numbers?;
        while numbers.last() == Some(&0) {
            numbers.pop();
        }
        Some(Self {
            text: text.to_owned(),
            numbers,
            stage,
        })
    }
}

/// Digits and nothing else; `parse` alone would take a sign.
fn number(text: &str) -> Option<u64> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

/// `alpha.2` and `alpha2` are the same words.
fn words(stage: &str) -> Option<Vec<Word>> {
    let mut words = Vec::new();
    for part in stage.split('.') {
        let ours = |c: char| c.is_ascii_alphanumeric() || c == '-';
        if part.is_empty() || !part.chars().all(ours) {
            return None;
        }
        let letters = part.trim_end_matches(|c: char| c.is_ascii_digit());
        let digits = &part[letters.len()..];
        if !letters.is_empty() {
            words.push(Word::Letters(letters.to_owned()));
        }
        if !digits.is_empty() {
            words.push(Word::Number(number(digits)?));
        }
    }
    Some(words)
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        // A release comes after all that led to it.
        let led_to = |version: &Self| version.stage.is_empty();
        self.numbers
            .cmp(&other.numbers)
            .then_with(|| led_to(self).cmp(&led_to(other)))
            .then_with(|| self.stage.cmp(&other.stage))
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Version {}

#[cfg(test)]
mod tests {
    use super::*;

    /// From old to new. Those of one line are the same.
    const LADDER: &[&[&str]] = &[
        &["0", "0.0.0"],
        &["3.10.3"],
        &["4.7.9"],
        &["4.8", "4.8.0", "v4.8.0"],
        &["4.8.1-1"],
        &["4.8.1-alpha", "4.8.1-ALPHA"],
        &["4.8.1-alpha.1", "4.8.1-alpha1"],
        &["4.8.1-beta.3"],
        &["4.8.1-rc.1", "4.8.1-rc1"],
        &["4.8.1", "v4.8.1", "4.8.1+build.7", "V4.8.1.0"],
        &["4.8.1.1"],
        &["4.8.2"],
        &["4.9.0-alpha"],
        &["4.9.0-alpha.1", "4.9-alpha1"],
        &["4.9.0-alpha.2", "4.9.0-alpha2", "4.9.0-alpha.2+abc"],
        &["4.9.0-alpha.10"],
        &["4.9.0-beta"],
        &["4.9.0", "4.9"],
        &["4.10.0"],
        &["5.0.0-beta.1"],
        &["5", "5.0.0"],
        &["5.1.0"],
        &["10.0.0"],
        &["development", " development "],
    ];

    const NOT_VERSIONS: &[&str] = &[
        "",
        " ",
        "v",
        "unknown",
        "5.x",
        "5..1",
        ".5",
        "5.",
        "-1",
        "+5",
        "5.-1",
        "5.0.0-",
        "5.0.0-a..b",
        "5.0.0-a_b",
        "master",
        "dev",
        "5.0.0 beta",
        "99999999999999999999",
        "5.0.0-99999999999999999999",
        "١.٢",
        "null",
        "Development!",
    ];

    fn ladder() -> impl Iterator<Item = (usize, &'static str)> {
        let steps = LADDER.iter().enumerate();
        steps.flat_map(|(step, names)| names.iter().map(move |name| (step, *name)))
    }

    fn step(name: &str) -> usize {
        ladder().find(|(_, known)| *known == name).unwrap().0
    }

    #[test]
    fn every_two_versions_are_in_order() {
        for (mine, name) in ladder() {
            for (theirs, other) in ladder() {
                let (Some(left), Some(right)) = (Release::parse(name), Release::parse(other))
                else {
                    panic!("{name} or {other} is not read");
                };
                if let (Release::Numbered(left), Release::Numbered(right)) = (&left, &right) {
                    assert_eq!(left.cmp(right), mine.cmp(&theirs), "{name} and {other}");
                }
                assert_eq!(left == right, mine == theirs, "{name} and {other}");
            }
        }
    }

    /// Every version, with and without a Keepsave behind it.
    #[test]
    fn every_server_is_judged() {
        for (at, name) in ladder() {
            let told = judge(Some(name), false);
            let expected = if at < step(FLOOR) {
                Err(Unsupported::TooOld { found: name.into() })
            } else if at < step(NEGOTIATES_FROM) {
                Ok((Release::parse(name), Speaks::Lists))
            } else {
                Ok((Release::parse(name), Speaks::Negotiates))
            };
            assert_eq!(told, expected, "{name}");
            let keepsave = judge(Some(name), true);
            assert_eq!(keepsave, Ok((Release::parse(name), Speaks::Lineage)));
        }
        for name in NOT_VERSIONS {
            let found = (*name).to_owned();
            assert_eq!(
                judge(Some(name), false),
                Err(Unsupported::Unreadable { found }),
                "{name:?}"
            );
            assert_eq!(judge(Some(name), true), Ok((None, Speaks::Lineage)));
        }
        assert_eq!(judge(None, false), Err(Unsupported::Unnamed));
        assert_eq!(judge(None, true), Ok((None, Speaks::Lineage)));
    }

    #[test]
    fn device_codes_came_with_the_fifth() {
        for (at, name) in ladder() {
            let has = Release::parse(name).unwrap().has_device_codes();
            assert_eq!(has, at >= step("5.0.0-beta.1"), "{name}");
        }
    }

    #[test]
    fn a_refusal_names_what_was_found_and_what_is_needed() {
        let told = judge(Some("4.8.1-beta.3"), false).unwrap_err().to_string();
        assert!(
            told.contains("4.8.1-beta.3") && told.contains("4.8.1 or newer"),
            "{told}"
        );
        let told = judge(Some("latest"), false).unwrap_err().to_string();
        assert!(
            told.contains("\"latest\"") && told.contains("4.8.1 or newer"),
            "{told}"
        );
    }
}
