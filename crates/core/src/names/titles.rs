//! What the name of a game's file or folder says about the game.

use super::NameParts;

/// A game as its file name tells it: `Super Metroid (Japan, USA) (En,Ja).sfc`.
///
/// Regions and languages stand in the order of the name, by their full names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RomTitle {
    /// The name without extension and tags.
    pub name: String,
    /// From tags such as `(Europe)`, `(U)` or `(Reg-PAL)`.
    pub regions: Vec<String>,
    /// From tags such as `(En,Fr)`.
    pub languages: Vec<String>,
    /// From a tag such as `(Rev 1)`.
    pub revision: String,
    /// From a tag such as `(v1.1)`.
    pub version: String,
    /// All other tags.
    pub tags: Vec<String>,
}

impl RomTitle {
    /// Reads `file_name`.
    pub fn of(file_name: &str) -> Self {
        let mut title = Self {
            name: NameParts::of(file_name).no_tags,
            ..Self::default()
        };
        for tag in groups(file_name).flat_map(|group| group.split(',')) {
            title.read(tag.trim());
        }
        title
    }

    /// Codes come first as they are written, because `Nl` is a language and `NL` is a region.
    fn read(&mut self, tag: &str) {
        if let Some(region) = by_code(REGIONS, tag) {
            self.regions.push(region.to_owned());
        } else if let Some(language) = by_code(LANGUAGES, tag) {
            self.languages.push(language.to_owned());
        } else if let Some(region) = by_any(REGIONS, tag) {
            self.regions.push(region.to_owned());
        } else if let Some(language) = by_any(LANGUAGES, tag) {
            self.languages.push(language.to_owned());
        } else if let Some(version) = version(tag) {
            version.trim().clone_into(&mut self.version);
        } else if let Some(region) = region(tag) {
            self.regions.push(region);
        } else if let Some(revision) = after_prefix(tag, "rev", is_dash) {
            revision.clone_into(&mut self.revision);
        } else {
            self.tags.push(tag.to_owned());
        }
    }
}

/// The key by which games are listed: articles do not count, and numbers sort as numbers.
pub fn sort_key(name: &str) -> String {
    const CHARACTERS: usize = 500;
    const DIGITS: usize = 12;
    let name = name.to_lowercase();
    let mut key = String::new();
    let mut rest = without_article(&name).trim();
    while !rest.is_empty() {
        let digits = prefix(rest, is_digit);
        if !digits.is_empty() {
            let missing = DIGITS.saturating_sub(digits.chars().count());
            key.extend(std::iter::repeat_n('0', missing));
            key += digits;
        }
        rest = &rest[digits.len()..];
        let other = prefix(rest, |character| !is_digit(character));
        key += other;
        rest = &rest[other.len()..];
    }
    key.chars().take(CHARACTERS).collect()
}

/// Decimal digits, also the wide ones of Japanese titles.
fn is_digit(character: char) -> bool {
    matches!(character, '0'..='9' | '０'..='９')
}

fn prefix(text: &str, belongs: impl Fn(char) -> bool) -> &str {
    let end = text.find(|character| !belongs(character));
    &text[..end.unwrap_or(text.len())]
}

fn without_article(name: &str) -> &str {
    match name.split_once(char::is_whitespace) {
        Some((first, rest)) if ARTICLES.contains(&first) => rest,
        _ => name,
    }
}

/// What stands within brackets, one group after the other; empty ones are none.
fn groups(name: &str) -> impl Iterator<Item = &str> {
    let mut rest = name;
    std::iter::from_fn(move || {
        loop {
            let (_, after) = rest.split_at_checked(rest.find(['(', '['])?)?;
            let close = if after.starts_with('(') { ')' } else { ']' };
            let inner = &after[1..];
            rest = inner;
            match inner.find(close) {
                None | Some(0) => {}
                Some(end) => {
                    rest = &inner[end + 1..];
                    return Some(&inner[..end]);
                }
            }
        }
    })
}

fn version(tag: &str) -> Option<&str> {
    ["version", "ver", "v"].into_iter().find_map(|prefix| {
        let separates =
            |character: char| character.is_whitespace() || matches!(character, '.' | '_' | '-');
        after_prefix(tag, prefix, separates).or_else(|| {
            let rest = strip_prefix_ignoring_case(tag, prefix)?;
            rest.starts_with(|character: char| character.is_ascii_digit())
                .then_some(rest)
        })
    })
}

/// A region by its prefix is one whatever it is called.
fn region(tag: &str) -> Option<String> {
    let region = after_prefix(tag, "reg", is_dash)?.trim();
    (!region.is_empty()).then(|| by_any(REGIONS, region).unwrap_or(region).to_owned())
}

fn is_dash(character: char) -> bool {
    character.is_whitespace() || matches!(character, '|' | '-')
}

/// What stands behind `prefix` and a separator.
fn after_prefix<'a>(
    tag: &'a str,
    prefix: &str,
    separates: impl Fn(char) -> bool,
) -> Option<&'a str> {
    let mut rest = strip_prefix_ignoring_case(tag, prefix)?.chars();
    rest.next().filter(|&first| separates(first))?;
    Some(rest.as_str())
}

fn strip_prefix_ignoring_case<'a>(tag: &'a str, prefix: &str) -> Option<&'a str> {
    let (start, rest) = tag.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then_some(rest)
}

/// Codes and the names they stand for.
type Table = &'static [(&'static str, &'static str)];

fn by_code(table: Table, tag: &str) -> Option<&'static str> {
    let (_, name) = table.iter().find(|(code, _)| *code == tag)?;
    Some(name)
}

fn by_any(table: Table, tag: &str) -> Option<&'static str> {
    let (_, name) = table
        .iter()
        .find(|(code, name)| code.eq_ignore_ascii_case(tag) || name.eq_ignore_ascii_case(tag))?;
    Some(name)
}

const ARTICLES: &[&str] = &[
    "the", "a", "an", "le", "la", "les", "el", "los", "las", "il", "lo", "gli", "der", "die",
    "das", "het",
];

const LANGUAGES: Table = &[
    ("Ar", "Arabic"),
    ("Da", "Danish"),
    ("De", "German"),
    ("El", "Greek"),
    ("En", "English"),
    ("Es", "Spanish"),
    ("Fi", "Finnish"),
    ("Fr", "French"),
    ("It", "Italian"),
    ("Ja", "Japanese"),
    ("Ko", "Korean"),
    ("Nl", "Dutch"),
    ("No", "Norwegian"),
    ("Pl", "Polish"),
    ("Pt", "Portuguese"),
    ("Ru", "Russian"),
    ("Sr", "Serbian"),
    ("Sv", "Swedish"),
    ("Zh", "Chinese"),
    ("nolang", "No Language"),
];

const REGIONS: Table = &[
    ("A", "Australia"),
    ("AS", "Asia"),
    ("B", "Brazil"),
    ("C", "Canada"),
    ("CH", "China"),
    ("E", "Europe"),
    ("F", "France"),
    ("FN", "Finland"),
    ("G", "Germany"),
    ("GR", "Greece"),
    ("H", "Holland"),
    ("HK", "Hong Kong"),
    ("I", "Italy"),
    ("J", "Japan"),
    ("K", "Korea"),
    ("NL", "Netherlands"),
    ("NO", "Norway"),
    ("PD", "Public Domain"),
    ("R", "Russia"),
    ("S", "Spain"),
    ("SW", "Sweden"),
    ("T", "Taiwan"),
    ("U", "USA"),
    ("UK", "England"),
    ("UNK", "Unknown"),
    ("UNL", "Unlicensed"),
    ("W", "World"),
];
