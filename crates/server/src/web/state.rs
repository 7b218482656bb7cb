//! How a device stands towards a save, as pages say it: one pill, always an icon with a word.

use std::borrow::Borrow;
use std::fmt::Write;

use keepsave_core::whereabouts::Whereabouts;

use super::page::{Page, icon};
use super::words::Markup;
use crate::overview::State;

impl Page {
    /// The pill of where a device is in a timeline.
    pub fn whereabouts(&self, whereabouts: impl Borrow<Whereabouts>) -> Markup {
        let (look, sign, word) = match *whereabouts.borrow() {
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
        let html = format!("<span class=\"pill{look}\">{}{word}</span>", icon(sign));
        Markup::new(html, word.plain())
    }

    /// The pill of a state.
    pub fn pill(&self, state: impl Borrow<State>) -> Markup {
        self.marked(*state.borrow(), "pill")
    }

    /// The same in a line of a tile.
    pub fn state(&self, state: impl Borrow<State>) -> Markup {
        self.marked(*state.borrow(), "state")
    }

    fn marked(&self, state: State, class: &str) -> Markup {
        let (look, sign) = look(state);
        let word = match state {
            State::InSync => self.state_in_sync(),
            State::Behind(versions) => self.state_behind(versions),
            State::NeedsYou => self.state_needs_you(),
            State::HeldBack => self.state_held_back(),
            State::SyncOff => self.state_sync_off(),
            State::Silent(days) => self.state_silent(days),
            State::Failed => self.state_failed(),
            State::NoSave => self.state_no_save(),
        };
        let mut html = format!("<span class=\"{class}{look}\">{}", icon(sign));
        let _never = write!(html, "{word}</span>");
        Markup::new(html, word.plain())
    }
}

fn look(state: State) -> (&'static str, &'static str) {
    match state {
        State::InSync => (" ok", "check"),
        State::Behind(_) => ("", "behind"),
        State::NeedsYou => (" warn", "fork"),
        State::HeldBack => (" warn", "shield"),
        State::SyncOff | State::NoSave => ("", "off"),
        State::Silent(_) => ("", "devices"),
        State::Failed => (" bad", "alert"),
    }
}
