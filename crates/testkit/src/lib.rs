//! Test support: a real server in process, a clock that tests move, one call to ask it something,
//! the built program in a sandbox, the seed library, and the replay of what a real RomM answered.
//!
//! Nothing that ships depends on this crate.

#![expect(
    clippy::unwrap_used,
    reason = "what cannot be set up fails the test that needs it"
)]

pub mod binary;
pub mod browser;
pub mod conformance;
mod library;
pub mod replay;
pub mod server;

pub use library::{SEED_FILES, seed_library};
