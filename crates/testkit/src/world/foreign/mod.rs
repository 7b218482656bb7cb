//! Apps that RomM's users have, as they behave on the wire: what each sends, what it heeds, what it
//! writes down, and in which order.
//!
//! They are written from what was read and recorded of the real ones and share no rule with the
//! server or with our own device: a client's mistakes are what they are for. What one remembers
//! stands on its machine; what it did is told to whoever judges it.

mod argosy;
mod cli;
mod deed;
mod grout;
mod memory;
mod tender;
mod visit;

use std::cell::RefCell;

use super::client::{Choice, Client, Report, Syncing};
use super::machine::{Game, Machine};

pub use self::deed::{Deed, What};
pub use self::visit::Stop;

/// How many rows Grout, Argosy and tender want a slot to list.
const ROWS_KEPT: u8 = 10;

/// Which of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// romm-cli: downloads beside the save.
    Cli,
    /// Argosy: reports the hash of its last exchange instead of its file's.
    Argosy,
    /// Grout: what it does after a 409 is its own.
    Grout,
    /// romm-tender: ignores what it is told and decides by `is_current`.
    Tender,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Cli, Self::Argosy, Self::Grout, Self::Tender];

    /// Whether it syncs all files of a game's save. The others know one file of a game.
    pub fn syncs_sets(self) -> bool {
        self == Self::Tender
    }
}

/// One of them, on a machine.
#[derive(Debug)]
pub struct Foreign {
    /// Which.
    pub kind: Kind,
    deeds: RefCell<Vec<Deed>>,
}

impl Foreign {
    /// Installs one. It makes itself known to the server when it first syncs.
    pub fn new(kind: Kind) -> Self {
        Self {
            kind,
            deeds: RefCell::default(),
        }
    }

    /// A person makes an older row of a game's save the one that is played, counted from the newest.
    pub async fn go_back(&self, machine: &Machine, game: &Game, rows: usize) -> Result<(), Stop> {
        let deeds = &self.deeds;
        match self.kind {
            Kind::Cli => cli::go_back(machine, deeds, game, rows).await,
            Kind::Argosy => argosy::go_back(machine, deeds, game, rows).await,
            Kind::Grout => grout::go_back(machine, deeds, game, rows).await,
            Kind::Tender => tender::go_back(machine, deeds, game, rows).await,
        }
    }

    /// The id under which the server knows it, once it does.
    pub fn device(&self, machine: &Machine) -> Option<String> {
        memory::device(machine)
    }

    /// What it did and was told since this was asked last.
    pub fn deeds(&self) -> Vec<Deed> {
        self.deeds.take()
    }
}

impl Client for Foreign {
    fn name(&self) -> &'static str {
        match self.kind {
            Kind::Cli => "romm-cli",
            Kind::Argosy => "argosy",
            Kind::Grout => "grout",
            Kind::Tender => "tender",
        }
    }

    fn sync<'a>(&'a self, machine: &'a Machine, choice: Choice) -> Syncing<'a> {
        Box::pin(async move {
            let (deeds, before) = (&self.deeds, self.deeds.borrow().len());
            let ended = match self.kind {
                Kind::Cli => cli::sync(machine, deeds, choice).await,
                Kind::Argosy => argosy::sync(machine, deeds, choice).await,
                Kind::Grout => grout::sync(machine, deeds, choice).await,
                Kind::Tender => tender::sync(machine, deeds, choice).await,
            };
            let mut files = deed::said(&deeds.borrow()[before..]);
            if let Err(stop) = ended {
                files.push((String::new(), super::client::Said::Failed(stop.to_string())));
            }
            Report { files }
        })
    }
}

#[cfg(test)]
mod tests;
