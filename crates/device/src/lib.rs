//! The device side of Keepsave: a machine on which games are played.
//!
//! [`account`] knows who we are to which server, [`server`] speaks to it, [`enrolment`] makes this
//! machine a device there. [`files`] reads and
//! replaces saves so that nothing is torn or lost: [`journal`] holds what was replaced, [`state`]
//! what was last in sync. [`manifest`] reads which files to sync, [`library`] finds them, and
//! [`games`] knows whose they are. [`layout`] sees when saves are laid out otherwise. [`engine`] is
//! the use cases: gather facts, let core decide, do it. [`by_hand`] moves one file because a person
//! said so, [`session`] is a game being played, [`watch`] what an agent is told by the machine.
//!
//! Nothing here knows a terminal: the command line is a face on these use cases.

pub mod account;
pub mod by_hand;
pub mod engine;
pub mod enrolment;
pub mod environment;
pub mod files;
#[cfg(any(test, fuzzing))]
pub mod foreign_bytes;
pub mod games;
pub mod giving_up;
pub mod journal;
pub mod layout;
pub mod library;
pub mod lock;
pub mod manifest;
pub mod places;
pub mod playtime;
pub mod server;
pub mod session;
pub mod settings;
pub mod state;
pub mod threads;
pub mod undo;
pub mod watch;

#[cfg(test)]
mod traps;
