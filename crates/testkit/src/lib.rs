//! Test support: a real server in process, a clock that tests move, one call to ask it something,
//! the built program in a sandbox, the seed library, the replay of what a real RomM answered, a
//! stand-in for RomM, and faults in front of any server.
//!
//! Nothing that ships depends on this crate.

#![expect(
    clippy::unwrap_used,
    reason = "what cannot be set up fails the test that needs it"
)]

mod background;
pub mod binary;
pub mod browser;
pub mod conformance;
pub mod durability;
pub mod faults;
pub mod foreign_bytes;
mod library;
pub mod mortal;
pub mod replay;
pub mod romm;
pub mod server;
mod watched;
pub mod world;

pub use background::Listening;
pub use library::{SEED_FILES, seed_library};
