//! Covers: the library's picture of a game, or one of its own that is always the same for a title:
//! one of twelve hues, one of four patterns, two initials, and the platform.

use std::fmt::Write;

use unicode_normalization::UnicodeNormalization;

use super::words::{Markup, Part, Words};

const HUES: [&str; 12] = [
    "h0", "h1", "h2", "h3", "h4", "h5", "h6", "h7", "h8", "h9", "h10", "h11",
];
const PATTERNS: [&str; 4] = ["p0", "p1", "p2", "p3"];
/// Words that say nothing of a game.
const SKIPPED: [&str; 12] = [
    "the", "a", "an", "of", "and", "to", "in", "no", "der", "die", "das", "le",
];

/// The class of a title's colour.
pub fn hue(title: &str) -> &'static str {
    HUES[usize::from(blake3::hash(title.as_bytes()).as_bytes()[0]) % HUES.len()]
}

fn pattern(title: &str) -> &'static str {
    PATTERNS[usize::from(blake3::hash(title.as_bytes()).as_bytes()[1]) % PATTERNS.len()]
}

/// A cover. It says nothing by itself: the title stands beside it.
pub fn cover(title: &str, platform: &str, art: Option<&str>) -> Markup {
    let mut html = format!(
        "<span class=\"cover {} {}\" aria-hidden=\"true\">",
        hue(title),
        pattern(title)
    );
    let _never = match art {
        Some(art) => write!(
            html,
            "<img src=\"{}\" alt=\"\" width=\"3\" height=\"4\" loading=\"lazy\" decoding=\"async\">",
            escaped(art)
        ),
        None => write!(
            html,
            "<i>{}</i><b>{}</b>",
            escaped(platform),
            escaped(&initials(title))
        ),
    };
    html.push_str("</span>");
    Markup::new(html, "")
}

fn escaped(text: &str) -> String {
    Words::english().bare(Part::from(text)).to_string()
}

/// Two letters: of the subtitle's words where there is one, without those that say nothing, and of a
/// sequel its number.
fn initials(title: &str) -> String {
    let title: String = title
        .split(['(', '['])
        .next()
        .unwrap_or_default()
        .nfc()
        .collect();
    let words = |part: &str| -> Vec<String> {
        let words = part
            .split(|sign: char| !sign.is_alphanumeric())
            .filter(|word| !word.is_empty());
        let telling = words.filter(|word| !SKIPPED.contains(&word.to_lowercase().as_str()));
        telling.map(str::to_owned).collect()
    };
    let subtitle = title.split_once([':', '–']).map(|(_, rest)| words(rest));
    let words = subtitle
        .filter(|words| words.len() > 1)
        .unwrap_or_else(|| words(&title));
    let first = words.first().and_then(|word| word.chars().next());
    let second = match words.as_slice() {
        [] => return "?".to_owned(),
        [only] => only.chars().nth(1),
        [_, .., last] if number(last).is_some() => number(last),
        [_, second, ..] => second.chars().next(),
    };
    first
        .into_iter()
        .chain(second)
        .flat_map(char::to_uppercase)
        .collect()
}

/// The digit of a sequel's number.
fn number(word: &str) -> Option<char> {
    const ROMAN: [&str; 9] = ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX"];
    let roman = ROMAN
        .iter()
        .zip('1'..='9')
        .find(|(roman, _)| *roman == &word);
    match roman {
        Some((_, digit)) => Some(digit),
        None => word.chars().next().filter(char::is_ascii_digit),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_tell_games_apart() {
        for (title, letters) in [
            ("Golden Sun", "GS"),
            ("The Legend of Zelda: The Minish Cap", "MC"),
            ("Castlevania: Symphony of the Night", "SN"),
            ("Suikoden II", "S2"),
            ("Mother 3", "M3"),
            ("Pokémon Emerald", "PE"),
            ("Okami", "OK"),
            ("Tetris: DX", "TD"),
            ("ゼルダの伝説", "ゼル"),
            ("<b>", "B"),
            ("", "?"),
            ("The", "?"),
        ] {
            assert_eq!(initials(title), letters, "{title}");
        }
    }

    #[test]
    fn a_cover_is_always_the_same_and_holds_no_markup_of_a_name() {
        let shown = cover("<script>", "\"><i>", None);
        assert_eq!(
            shown.to_string(),
            cover("<script>", "\"><i>", None).to_string()
        );
        assert!(
            shown
                .to_string()
                .contains("<i>&quot;&gt;&lt;i&gt;</i><b>SC</b>")
        );
        let art = cover("Golden Sun", "GBA", Some("/a\"b.png"));
        assert!(art.to_string().contains("src=\"/a&quot;b.png\""));
    }
}
