//! The save server: RomM's HTTP API over a store that never loses a version.
//!
//! `http` (one endpoint, one file) asks one service per use case, which gathers facts from the
//! `vault`, lets core decide, and does what was decided. It must not know the device side.

pub mod app;
pub mod auth;
pub mod config;
pub mod devices;
pub mod environment;
pub mod events;
#[cfg(any(test, fuzzing))]
pub mod foreign_bytes;
pub mod history;
pub mod http;
pub mod jobs;
pub mod library;
pub mod logs;
pub mod maintenance;
pub mod metrics;
pub mod overview;
pub mod play;
pub mod run;
pub mod saves;
pub mod screenshots;
pub mod states;
pub mod sync;
pub mod vault;
pub mod versions;
pub mod web;
