//! RomM's requests and responses as types, used by both ends.
//!
//! Names and order of fields are RomM's; nothing is left out where it is null, for clients demand
//! every key. No rule lives here.

pub mod assets;
pub mod device_auth;
pub mod devices;
pub mod firmware;
pub mod library;
pub mod notes;
pub mod platforms;
pub mod play_sessions;
pub mod roms;
pub mod saves;
pub mod screenshots;
pub mod states;
pub mod sync;
pub mod tokens;
pub mod users;
pub mod versions;
