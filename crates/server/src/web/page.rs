//! What every page has around its own content: words, who looks, where one is, the notice of what
//! was just done. Templates reach it as `page`.

use std::ops::Deref;

use keepsave_core::time::Time;

use super::assets;
use super::cover;
use super::notice::Notice;
use super::words::{Markup, Phrase, Words, Zone};

/// What surrounds a page's own content.
pub struct Page {
    /// The words of its language, as the page itself.
    pub words: Words,
    /// What its forms carry.
    pub csrf: String,
    /// Whoever is signed in.
    pub who: Option<Who>,
    /// Which of the places in the shell it belongs to.
    pub place: Place,
    /// Where it is: forms of the shell come back to it.
    pub path: String,
    /// What was just done, to be said once.
    pub notice: Option<Notice>,
    pub(super) now: Time,
    pub(super) zone: Zone,
}

/// A value as a template hands it over: itself, or through however many references a loop or a
/// pattern put around it.
pub trait Given<T> {
    /// The value.
    fn given(self) -> T;
}

impl<T: Copy> Given<T> for T {
    fn given(self) -> T {
        self
    }
}

impl<T: Copy> Given<T> for &T {
    fn given(self) -> T {
        *self
    }
}

impl<T: Copy> Given<T> for &&T {
    fn given(self) -> T {
        **self
    }
}

/// Whoever is signed in, and what the shell shows of theirs.
#[expect(missing_docs, reason = "each is its own text")]
pub struct Who {
    pub name: String,
    pub is_admin: bool,
    pub games: u64,
    /// How many conflicts wait for this person.
    pub conflicts: u64,
}

impl Who {
    /// The letter on the account's button.
    pub fn letter(&self) -> String {
        self.name
            .chars()
            .take(1)
            .flat_map(char::to_uppercase)
            .collect()
    }
}

/// The places in the shell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is its own text")]
pub enum Place {
    Home,
    Library,
    Conflicts,
    Devices,
    Activity,
    Elsewhere,
}

impl Deref for Page {
    type Target = Words;

    fn deref(&self) -> &Words {
        &self.words
    }
}

impl Page {
    /// An icon, which says nothing by itself: a word stands beside it, or a hidden name.
    pub fn icon(&self, name: &str) -> Markup {
        icon(name)
    }

    /// The field that every form has.
    pub fn csrf_field(&self) -> Markup {
        Markup::new(
            format!(
                "<input type=\"hidden\" name=\"csrf_token\" value=\"{}\">",
                self.csrf
            ),
            "",
        )
    }

    /// A moment: how long ago, and exactly when on hover and focus.
    pub fn time(&self, then: impl Given<Time>) -> Markup {
        self.words.moment(then.given(), self.now, &self.zone)
    }

    /// A text that is said as it came.
    pub fn said(&self, text: String) -> Phrase<'static> {
        self.words.bare(text.into())
    }

    /// How many days ago that was.
    pub fn days_since(&self, then: Time) -> i64 {
        (self.now.seconds() - then.seconds()) / (24 * 60 * 60)
    }

    /// The day of a moment, as a heading.
    pub fn day(&self, then: impl Given<Time>) -> Phrase<'static> {
        self.words.day_of(then.given(), self.now, &self.zone)
    }

    /// The date of a moment.
    pub fn date(&self, then: impl Given<Time>) -> Phrase<'static> {
        self.words.date(then.given(), &self.zone)
    }

    /// How many bytes, for people.
    pub fn size(&self, bytes: impl Given<u64>) -> Phrase<'static> {
        self.words.size(bytes.given())
    }

    /// How many.
    pub fn number(&self, number: impl Given<u64>) -> String {
        self.words.number(number.given())
    }

    /// How long that lasted.
    pub fn lasted(&self, milliseconds: impl Given<u64>) -> Phrase<'static> {
        self.words.lasted(milliseconds.given())
    }

    /// A game's cover: the library's picture, or colour and initials of the title.
    pub fn cover(
        &self,
        title: impl AsRef<str>,
        platform: impl AsRef<str>,
        art: Option<&str>,
    ) -> Markup {
        cover::cover(title.as_ref(), platform.as_ref(), art)
    }

    /// The class of a title's colour.
    pub fn hue(&self, title: impl AsRef<str>) -> &'static str {
        cover::hue(title.as_ref())
    }

    /// `aria-current` of a link of the shell that leads here.
    pub fn current(&self, place: Place) -> Markup {
        let here = if self.place == place {
            " aria-current=\"page\""
        } else {
            ""
        };
        Markup::new(here, "")
    }

    /// Every language that can be chosen.
    pub fn languages(&self) -> Vec<Words> {
        Words::all().collect()
    }

    /// The address of the style sheet.
    pub fn style(&self) -> String {
        assets::STYLE.path()
    }

    /// The address of the script.
    pub fn script(&self) -> String {
        assets::SCRIPT.path()
    }
}

/// An icon.
pub fn icon(name: &str) -> Markup {
    let file = assets::ICONS.path();
    Markup::new(
        format!("<svg class=\"icon\" aria-hidden=\"true\"><use href=\"{file}#{name}\"/></svg>"),
        "",
    )
}
