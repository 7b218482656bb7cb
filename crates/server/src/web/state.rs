//! Where a device is, as pages say it: one pill, always an icon with a word.

use keepsave_core::whereabouts::Whereabouts;

use super::page::{Given, Page, icon};
use super::words::{Markup, Phrase};

impl Page {
    /// The pill of where a device is in a timeline.
    pub fn whereabouts(&self, whereabouts: impl Given<Whereabouts>) -> Markup {
        self.marked(whereabouts.given(), "pill")
    }

    /// The same in a line of a tile.
    pub fn state(&self, whereabouts: impl Given<Whereabouts>) -> Markup {
        self.marked(whereabouts.given(), "state")
    }

    fn marked(&self, whereabouts: Whereabouts, class: &str) -> Markup {
        let (look, sign, word) = match whereabouts {
            Whereabouts::InSync => (" ok", "check", self.state_in_sync()),
            Whereabouts::Sent => (" busy", "sync", self.state_sent()),
            Whereabouts::Behind(versions) => ("", "behind", self.state_behind(versions)),
            Whereabouts::NeedsYou => (" warn", "fork", self.state_needs_you()),
            Whereabouts::HeldBack => (" warn", "shield", self.state_held_back()),
            Whereabouts::OwnBranch => ("", "fork", self.state_own_branch()),
            Whereabouts::SyncOff => ("", "off", self.state_sync_off()),
            Whereabouts::Silent(seen) => ("", "devices", self.state_silent(self.days_since(seen))),
            Whereabouts::NoSave => ("", "off", self.state_no_save()),
        };
        marked(class, look, sign, &word)
    }
}

/// An icon with a word.
pub(super) fn marked(class: &str, look: &str, sign: &str, word: &Phrase<'_>) -> Markup {
    let html = format!("<span class=\"{class}{look}\">{}{word}</span>", icon(sign));
    Markup::new(html, word.plain())
}
