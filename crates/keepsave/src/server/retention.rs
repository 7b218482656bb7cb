//! `keepsave server retention`: which old versions are given up.

use clap::Args;
use keepsave_core::retention::Policy;
use keepsave_server::maintenance::retention::{Thinned, apply, policy, preview};

use super::store::Store;
use crate::exit::{Exit, Failure};
use crate::terminal::{bytes, counted, print, print_json};

/// Shows which old versions the settings would give up, or gives them up.
///
/// Without a choice everything is kept: see the settings that begin with `retention`. Heads,
/// branches, pins, and what a device holds or has yet to fetch are always kept. A version that is
/// given up keeps its place in the history; its bytes are removed by the server within hours.
#[derive(Args)]
#[command(after_help = "\
Examples:
  KEEPSAVE_RETENTION_KEEP_LAST=10 keepsave server retention
  keepsave server retention --config /etc/keepsave.toml --apply")]
pub struct Retention {
    /// Gives them up; without this they are only shown
    #[arg(long)]
    apply: bool,
}

impl Retention {
    pub fn run(&self, store: &Store, json: bool) -> Result<Exit, Failure> {
        let thinned = if self.apply {
            store.wait(apply(&store.app))
        } else {
            preview(&store.app)
        };
        let thinned = thinned.map_err(Failure::unusable)?;
        if json {
            print_json(&thinned)?;
        } else if policy(&store.app.settings) == Policy::KeepEverything {
            print("Everything is kept: no retention is chosen.");
        } else {
            self.tell(&thinned);
        }
        Ok(Exit::Done)
    }

    fn tell(&self, thinned: &[Thinned]) {
        let (mut versions, mut size) = (0, 0);
        for timeline in thinned {
            let place = &timeline.place;
            let slot = place.slot.as_deref().unwrap_or("(no slot)");
            for version in &timeline.given_up {
                versions += 1;
                size += version.size;
                print(&format!(
                    "{}, {}, {slot}{}: version {} of {}, {}",
                    place.username,
                    place.game,
                    if place.part.is_empty() {
                        String::new()
                    } else {
                        format!(" ({})", place.part)
                    },
                    version.ordinal,
                    version.created_at,
                    bytes(version.size)
                ));
            }
        }
        let what = format!("{}, {}", counted(versions, "version"), bytes(size));
        print(&match (versions, self.apply) {
            (0, _) => "Nothing is given up: every version is wanted.".to_owned(),
            (_, true) => format!("Gave up {what}."),
            (_, false) => format!("Would give up {what}. Nothing was changed: --apply does it."),
        });
    }
}
