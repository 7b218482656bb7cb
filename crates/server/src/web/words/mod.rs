//! The catalogue of words: every text of every page, in each language, from `locales/`.
//!
//! Each entry is a function of [`Words`] that the build script makes of `locales/en.toml`; its
//! parameters are the arguments. A language is one file there and nothing else.

mod amounts;
mod phrase;
mod times;

pub use phrase::{Count, Markup, Part, Phrase};
pub use times::{Zone, zone_of};

use std::fmt;

include!(concat!(env!("OUT_DIR"), "/words.rs"));

/// The words of one language.
#[derive(Clone, Copy)]
pub struct Words(&'static Language);

struct Language {
    tag: &'static str,
    name: &'static str,
    plural: Plural,
    thousands: &'static str,
    decimal: &'static str,
    /// The forms of each entry, in the order of the entries' names.
    entries: &'static [&'static [(&'static str, &'static str)]],
}

/// How a language counts. A new way of counting is a new line here, named after what it tells apart.
#[derive(Clone, Copy)]
#[cfg_attr(
    not(test),
    expect(dead_code, reason = "a language that is added finds its own")
)]
enum Plural {
    /// No plurals: Chinese, Japanese, Korean.
    Never,
    /// One, and everything else: English, German, Spanish.
    One,
    /// Nothing and one, and everything else: French, Portuguese of Brazil.
    ZeroAndOne,
    /// Russian, Ukrainian.
    EastSlavic,
    /// Polish.
    Polish,
    /// Czech, Slovak.
    Czech,
}

impl Plural {
    fn form(self, count: u64) -> &'static str {
        let few = matches!(count % 10, 2..=4) && !matches!(count % 100, 12..=14);
        match (self, count) {
            (Self::One | Self::Polish | Self::Czech, 1) | (Self::ZeroAndOne, 0 | 1) => "one",
            (Self::EastSlavic, _) if count % 10 == 1 && count % 100 != 11 => "one",
            (Self::EastSlavic | Self::Polish, _) if few => "few",
            (Self::EastSlavic | Self::Polish, _) => "many",
            (Self::Czech, 2..=4) => "few",
            _ => "other",
        }
    }
}

impl Words {
    /// English: what is spoken where nothing else is wished for.
    pub fn english() -> Self {
        Self::named("en").unwrap_or(Self(&LANGUAGES[0]))
    }

    /// Every language.
    pub fn all() -> impl Iterator<Item = Self> {
        LANGUAGES.iter().map(Self)
    }

    /// The language of that tag, as `de` for `de-AT`.
    pub fn named(tag: &str) -> Option<Self> {
        let main = tag.split(['-', '_']).next().unwrap_or_default();
        Self::all().find(|words| words.tag().eq_ignore_ascii_case(main))
    }

    /// The language that a browser asks for in `Accept-Language`.
    pub fn accepted(header: &str) -> Option<Self> {
        let wish = |part: &str| {
            let (tag, quality) = part.split_once(";q=").unwrap_or((part, "1"));
            let quality: f32 = quality.trim().parse().unwrap_or_default();
            Some((Self::named(tag.trim())?, quality)).filter(|(_, quality)| *quality > 0.0)
        };
        let mut best: Option<(Self, f32)> = None;
        for (words, quality) in header.split(',').filter_map(wish) {
            if best.is_none_or(|(_, so_far)| quality > so_far) {
                best = Some((words, quality));
            }
        }
        best.map(|(words, _)| words)
    }

    /// `en`.
    pub fn tag(self) -> &'static str {
        self.0.tag
    }

    /// What the language calls itself.
    pub fn name(self) -> &'static str {
        self.0.name
    }

    /// A part by itself, written as within a sentence.
    pub(super) fn bare(self, part: Part<'_>) -> Phrase<'_> {
        Phrase::new(self, "{part}", vec![("part", part)])
    }

    fn phrase<'a>(
        self,
        entry: usize,
        count: Option<u64>,
        given: Vec<(&'static str, Part<'a>)>,
    ) -> Phrase<'a> {
        let forms = self.0.entries[entry];
        let named = |form: &str| forms.iter().find(|(name, _)| *name == form);
        let wanted = count.map_or("other", |count| self.0.plural.form(count));
        let text = named(wanted).or_else(|| named("other"));
        Phrase::new(self, text.map_or("", |(_, text)| text), given)
    }
}

impl PartialEq for Words {
    fn eq(&self, other: &Self) -> bool {
        self.tag() == other.tag()
    }
}

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.tag())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    fn parameters(text: &str) -> BTreeSet<&str> {
        let pieces = text.split('{').skip(1);
        pieces
            .map(|piece| piece.split_once('}').unwrap().0)
            .collect()
    }

    #[test]
    fn every_language_has_every_entry_with_the_same_parameters() {
        let english = Words::english().0;
        assert!(Words::all().count() >= 2);
        for Words(language) in Words::all() {
            assert_eq!(language.entries.len(), english.entries.len());
            for (own, first) in language.entries.iter().zip(english.entries) {
                let forms: BTreeMap<_, _> = own.iter().copied().collect();
                let first: BTreeMap<_, _> = first.iter().copied().collect();
                let wanted = parameters(first["other"]);
                assert_eq!(
                    parameters(forms["other"]),
                    wanted,
                    "{}: {own:?}",
                    language.tag
                );
                if !wanted.contains("count") {
                    continue;
                }
                // Whatever is counted, there is a form for it.
                for count in 0..200 {
                    let form = language.plural.form(count);
                    assert!(forms.contains_key(form), "{}: {own:?} {form}", language.tag);
                }
            }
        }
    }

    #[test]
    fn every_entry_is_said_somewhere() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut said = String::new();
        let mut folders = vec![root.join("templates"), root.join("src/web")];
        while let Some(folder) = folders.pop() {
            for entry in fs_err::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    said += &fs_err::read_to_string(path).unwrap();
                }
            }
        }
        let catalogue = fs_err::read_to_string(root.join("locales/en.toml")).unwrap();
        let catalogue: toml::Table = catalogue.parse().unwrap();
        let sections = catalogue.iter().filter(|(name, _)| *name != "language");
        let mut unsaid = Vec::new();
        for (section, entries) in sections {
            for name in entries.as_table().unwrap().keys() {
                let call = format!(".{section}_{name}(");
                let named = format!("::{section}_{name}");
                if !said.contains(&call) && !said.contains(&named) {
                    unsaid.push(format!("{section}.{name}"));
                }
            }
        }
        assert_eq!(unsaid, [""; 0]);
    }

    #[test]
    fn a_browser_gets_the_language_that_it_likes_best() {
        let tag = |header| Words::accepted(header).map(Words::tag);
        assert_eq!(tag("de-AT,de;q=0.9,en;q=0.8"), Some("de"));
        assert_eq!(tag("fr-FR, en;q=0.5, de;q=0.7"), Some("de"));
        assert_eq!(tag("en,de"), Some("en"));
        assert_eq!(tag("de;q=0"), None);
        assert_eq!(tag("*, tlh;q=x"), None);
    }

    #[test]
    fn languages_count_in_their_own_way() {
        let forms = |plural: Plural| [0, 1, 2, 5, 11, 12, 21, 22].map(|count| plural.form(count));
        let other = "other";
        assert_eq!(forms(Plural::Never), [other; 8]);
        assert_eq!(forms(Plural::One)[..3], [other, "one", other]);
        assert_eq!(forms(Plural::ZeroAndOne)[..3], ["one", "one", other]);
        let slavic = ["many", "one", "few", "many", "many", "many", "one", "few"];
        assert_eq!(forms(Plural::EastSlavic), slavic);
        let polish = ["many", "one", "few", "many", "many", "many", "many", "few"];
        assert_eq!(forms(Plural::Polish), polish);
        assert_eq!(forms(Plural::Czech)[..4], [other, "one", "few", other]);
    }
}
