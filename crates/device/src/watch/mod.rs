//! What an agent is told by the machine that it runs on. What it does then is decided in core.
//!
//! [`hints`] says where something was written, [`roster`] which games' saves are others by now and
//! which games are being played, [`control`] talks to a `RetroArch` that lets itself be told, and
//! [`moved`] tells what a server's list of saves says. Moves no save.

pub mod control;
pub mod hints;
pub mod moved;
pub mod roster;
