//! Which game may have been meant by a name that none has.

use super::naming::fold;

/// From how alike on a name counts as meant.
const ALIKE: f64 = 0.6;

/// The name that is most like what was typed, if one is like it at all. Of a title with a subtitle
/// either part may have been meant.
pub fn meant(typed: &str, names: Vec<String>) -> Option<String> {
    let typed = plain(typed);
    let likeness = |name: &str| {
        let whole = plain(name);
        let subtitle = name.split_once([':', '-']).map(|(_, rest)| plain(rest));
        let alike = |other: &str| strsim::normalized_damerau_levenshtein(&typed, other);
        let parts = subtitle.iter().map(|part| alike(part));
        parts.fold(alike(&whole), f64::max)
    };
    let mut best: Option<(String, f64)> = None;
    for name in names {
        let alike = likeness(&name);
        if alike >= ALIKE && best.as_ref().is_none_or(|(_, so_far)| alike > *so_far) {
            best = Some((name, alike));
        }
    }
    best.map(|(name, _)| name)
}

/// Words that say nothing of a game.
const SKIPPED: [&str; 3] = ["the", "a", "an"];

/// Without case, tags, signs and articles.
fn plain(name: &str) -> String {
    let name = name.split(['(', '[']).next().unwrap_or_default();
    let words = fold(name);
    let words = words.split(|sign: char| !sign.is_alphanumeric());
    words
        .filter(|word| !word.is_empty() && !SKIPPED.contains(word))
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_meant_is_found_and_nothing_is_made_up() {
        let names = [
            "Golden Sun (USA)",
            "Golden Sun: The Lost Age",
            "Castlevania: Symphony of the Night",
            "Pokémon Emerald",
        ];
        for (typed, found) in [
            ("goldn sun", Some("Golden Sun (USA)")),
            ("GODLEN  SUN", Some("Golden Sun (USA)")),
            ("lost agge", Some("Golden Sun: The Lost Age")),
            (
                "simphony of the nigt",
                Some("Castlevania: Symphony of the Night"),
            ),
            ("pokemon emerlad", Some("Pokémon Emerald")),
            ("half-life", None),
            ("", None),
        ] {
            let names = names.map(str::to_owned).to_vec();
            assert_eq!(meant(typed, names).as_deref(), found, "{typed}");
        }
    }
}
