//! What the stand-in for RomM and the faults in front of a server are, seen from outside.

#![expect(
    clippy::unwrap_used,
    reason = "what cannot be set up fails the test that needs it"
)]

mod client;
mod faults;
mod losses;
mod releases;
mod replay;
