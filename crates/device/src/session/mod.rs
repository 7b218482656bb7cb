//! A game is played: which one a launch is about, the command that plays it, which emulators run,
//! when its save is at rest again, and the hooks of frontends that tell of it.
//!
//! Moves no save and asks no server: what is synced before and after is the engine's.

pub mod hooks;
pub mod launch;
pub mod rest;
pub mod running;
pub mod which;
