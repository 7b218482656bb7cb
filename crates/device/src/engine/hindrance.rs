//! What stands in the way of syncing a game, and what a person does about it.

use std::path::PathBuf;

use keepsave_core::ids::RomId;
use keepsave_core::matching::Doubt;
use keepsave_core::setup::Scenario;

use super::sync::Considered;
use crate::library::Stopped;

/// Why a game is not synced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hindrance {
    /// Its save must not be touched.
    Stopped(Stopped),
    /// Its save stands in several places.
    Several(Vec<PathBuf>),
    /// Its layout changed, and several copies stand of which none is known to be the newer one.
    TwoCopies {
        /// Where.
        paths: Vec<PathBuf>,
    },
    /// What stands at one of its places cannot be read.
    Unread(String),
    /// It is not known which game it is.
    Unsure {
        /// One of these.
        roms: Vec<RomId>,
        /// Why.
        reason: Doubt,
    },
    /// The server does not have the game.
    Unknown,
    /// A person must choose the slot.
    Unconfirmed {
        /// What is found.
        scenario: Scenario,
        /// Which can be chosen.
        offers: Vec<String>,
    },
    /// The slot that it syncs with is no more on the server, which has others.
    SlotGone {
        /// Its name.
        slot: String,
        /// The others.
        offers: Vec<String>,
    },
    /// The server's save is one that is not read here.
    OtherKind {
        /// Its name there.
        theirs: String,
        /// The file here, or where it would be.
        ours: PathBuf,
    },
}

impl Considered {
    /// What stands in its way, and what to do, if something does.
    pub(super) fn waits_for(&self) -> Option<String> {
        Some(self.hindrance.as_ref()?.told(self))
    }
}

impl Hindrance {
    /// What stands in the way, and what to do.
    pub(super) fn told(&self, game: &Considered) -> String {
        let name = &game.present.game.stem;
        match self {
            Self::Stopped(stopped) => stopped.to_string(),
            Self::Several(paths) => {
                format!(
                    "its save stands in several places ({}): keep the one that is played, and \
                     move the others away",
                    listed(paths)
                )
            }
            Self::Unsure { roms, reason } => {
                let roms: Vec<String> = roms.iter().map(ToString::to_string).collect();
                format!(
                    "{reason} (game {}): say which with `keepsave games match {} ID`",
                    roms.join(", "),
                    quoted(&game.present.game.path.to_string_lossy())
                )
            }
            Self::Unknown => format!(
                "the server does not have this game: add it there, or make it known with \
                 `keepsave games register {}`",
                quoted(&game.present.game.path.to_string_lossy())
            ),
            Self::Unconfirmed { scenario, offers } => format!(
                "{}: choose a slot ({}) with `keepsave slots setup {} --slot NAME`",
                scenario.sentence(),
                offers.join(", "),
                quoted(name)
            ),
            Self::SlotGone { slot, offers } => format!(
                "slot `{slot}`, which it syncs with, is gone from the server, which has others ({}): \
                 go on with one of them with `keepsave slots switch {name} NAME`, or begin it anew \
                 with `keepsave slots setup {name} --slot {}`",
                offers.join(", "),
                quoted(slot),
                name = quoted(name),
            ),
            Self::TwoCopies { paths } => format!(
                "{} hold different saves of it since the layout changed, and which is the newer \
                 one is not known from what was last in sync: see `keepsave layout status`, and \
                 move them with `keepsave layout migrate`",
                listed(paths)
            ),
            Self::Unread(why) => why.clone(),
            Self::OtherKind { theirs, ours } => format!(
                "the server's save is `{theirs}`, of another kind than {}: play it with the \
                 emulator that made it, or use another slot",
                ours.display()
            ),
        }
    }
}

fn listed(paths: &[PathBuf]) -> String {
    let paths: Vec<String> = paths
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    paths.join(", ")
}

/// As a shell takes it for one word.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}
