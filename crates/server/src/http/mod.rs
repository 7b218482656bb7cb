//! RomM's routes and ours. Each endpoint is one file: its description, its handler, its tests.
//!
//! Handlers read a request, call a use case and write its answer. They hold no rules.

pub mod assets;
pub mod body;
pub mod content;
pub mod error;
pub mod fields;
pub mod form;
pub mod keepsave;
pub mod observe;
pub mod path;
pub mod router;
pub mod saves;
pub mod screenshots;
pub mod states;
pub mod upload;

mod auth;
mod collections;
mod config;
mod cors;
mod devices;
mod firmware;
mod heartbeat;
mod notes;
mod platforms;
pub(crate) mod play_sessions;
mod roms;
mod stats;
pub(crate) mod sync;
mod system;
mod tokens;
mod users;
