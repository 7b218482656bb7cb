//! The rules of Keepsave.
//!
//! Everything here is a pure function of its arguments: no I/O, no async, no clock, no randomness,
//! no environment. A use case gathers facts elsewhere, asks a decision here, and does what the
//! returned value says.

pub mod accounts;
pub mod content;
pub mod decide;
pub mod ids;
pub mod layouts;
pub mod limits;
pub mod lineage;
pub mod matching;
pub mod names;
pub mod negotiate;
pub mod platforms;
pub mod playtime;
mod reasons;
pub mod release;
pub mod retention;
pub mod setup;
pub mod slots;
pub mod split;
pub mod states;
pub mod time;
pub mod watch;
pub mod whereabouts;
