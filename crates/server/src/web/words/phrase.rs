//! A sentence with what was put into it: as HTML, in which nothing that a person wrote is markup,
//! and as plain text.

use std::borrow::Cow;
use std::fmt::{self, Write};

use askama::filters::HtmlSafe;

use super::Words;

/// A sentence. It is written as HTML; [`Phrase::plain`] is its text.
pub struct Phrase<'a> {
    words: Words,
    text: &'static str,
    given: Vec<(&'static str, Part<'a>)>,
}

/// What is put into a sentence.
pub enum Part<'a> {
    /// A name, as people wrote it.
    Text(Cow<'a, str>),
    /// How many.
    Number(u64),
    /// Something that was said already.
    Phrase(Box<Phrase<'a>>),
    /// A piece of a page, as a moment is.
    Markup(Markup),
}

/// A piece of HTML in which nothing has to be escaped any more, and the text that it shows.
#[derive(Clone, Debug, Default)]
pub struct Markup {
    html: String,
    plain: String,
}

impl<'a> Phrase<'a> {
    pub(super) fn new(
        words: Words,
        text: &'static str,
        given: Vec<(&'static str, Part<'a>)>,
    ) -> Self {
        Self { words, text, given }
    }

    /// Its text without any markup.
    pub fn plain(&self) -> String {
        let mut plain = String::new();
        // Writing to a string does not fail.
        let _never = self.write(&mut plain, false);
        plain
    }

    fn write(&self, to: &mut dyn Write, as_html: bool) -> fmt::Result {
        let mut rest = self.text;
        let mut is_set_off = false;
        while let Some(at) = rest.find(['{', '*']) {
            write_text(to, &rest[..at], as_html)?;
            if rest[at..].starts_with('*') {
                is_set_off = !is_set_off;
                if as_html {
                    to.write_str(if is_set_off { "<b>" } else { "</b>" })?;
                }
                rest = &rest[at + 1..];
                continue;
            }
            let (name, after) = rest[at + 1..].split_once('}').unwrap_or_default();
            rest = after;
            if let Some((_, part)) = self.given.iter().find(|(given, _)| *given == name) {
                part.write(self.words, to, as_html)?;
            }
        }
        write_text(to, rest, as_html)
    }
}

impl Part<'_> {
    fn write(&self, words: Words, to: &mut dyn Write, as_html: bool) -> fmt::Result {
        match self {
            Self::Text(text) => write_text(to, text, as_html),
            Self::Number(number) => to.write_str(&words.number(*number)),
            Self::Phrase(phrase) => phrase.write(to, as_html),
            Self::Markup(markup) if as_html => to.write_str(&markup.html),
            Self::Markup(markup) => to.write_str(&markup.plain),
        }
    }
}

/// As `HtmlSafe` demands: what stands in double quotes is safe, too.
fn write_text(to: &mut dyn Write, text: &str, as_html: bool) -> fmt::Result {
    if !as_html {
        return to.write_str(text);
    }
    for sign in text.chars() {
        match sign {
            '&' => to.write_str("&amp;")?,
            '<' => to.write_str("&lt;")?,
            '>' => to.write_str("&gt;")?,
            '"' => to.write_str("&quot;")?,
            '\'' => to.write_str("&#39;")?,
            sign => to.write_char(sign)?,
        }
    }
    Ok(())
}

impl fmt::Display for Phrase<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, true)
    }
}

impl HtmlSafe for Phrase<'_> {}

impl Markup {
    /// A piece of a page, written by us, and the text that it shows.
    pub fn new(html: impl Into<String>, plain: impl Into<String>) -> Self {
        Self {
            html: html.into(),
            plain: plain.into(),
        }
    }

    /// The text that it shows.
    pub fn plain(&self) -> &str {
        &self.plain
    }
}

impl fmt::Display for Markup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.html)
    }
}

impl HtmlSafe for Markup {}

/// How many of something: what a plural is chosen by.
pub struct Count(pub(super) u64);

macro_rules! counted_by {
    ($($number:ty),*) => {
        $(impl From<$number> for Count {
            fn from(number: $number) -> Self {
                Self(u64::try_from(number).unwrap_or_default())
            }
        }

        impl From<&$number> for Count {
            fn from(number: &$number) -> Self {
                Self::from(*number)
            }
        }

        impl From<$number> for Part<'_> {
            fn from(number: $number) -> Self {
                Self::Number(Count::from(number).0)
            }
        }

        impl From<&$number> for Part<'_> {
            fn from(number: &$number) -> Self {
                Self::from(*number)
            }
        })*
    };
}

counted_by!(u64, usize, u32, i64, i32);

impl<'a> From<&&'a str> for Part<'a> {
    fn from(text: &&'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl<'a> From<&&'a String> for Part<'a> {
    fn from(text: &&'a String) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl<'a> From<&'a str> for Part<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl<'a> From<&'a String> for Part<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Part<'_> {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl<'a> From<Phrase<'a>> for Part<'a> {
    fn from(phrase: Phrase<'a>) -> Self {
        Self::Phrase(Box::new(phrase))
    }
}

impl From<Markup> for Part<'_> {
    fn from(markup: Markup) -> Self {
        Self::Markup(markup)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_person_wrote_is_markup() {
        let words = Words::english();
        let given = vec![
            ("device", Part::from("<i>\"Deck\" & 'co' *x* {n}")),
            ("n", Part::from(Markup::new("<time>now</time>", "now"))),
            ("more", Part::from(words.state_behind(2))),
        ];
        let phrase = Phrase::new(words, "*{device}* <{n}, {more}", given);
        assert_eq!(
            phrase.to_string(),
            "<b>&lt;i&gt;&quot;Deck&quot; &amp; &#39;co&#39; *x* {n}</b> &lt;<time>now</time>, \
             2 behind"
        );
        assert_eq!(phrase.plain(), "<i>\"Deck\" & 'co' *x* {n} <now, 2 behind");
    }
}
