//! The device side from outside: against a peer that says whatever a test wants, and against a real
//! server.

#![expect(
    clippy::unwrap_used,
    reason = "what cannot be set up fails the test that needs it"
)]

mod asking;
mod downloads;
mod keepsave;
mod peer;
mod playtime;
mod uploads;
