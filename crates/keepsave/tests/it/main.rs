//! The built program, driven as a person or a script drives it.

#![expect(
    clippy::unwrap_used,
    reason = "what cannot be set up fails the test that needs it"
)]

mod accounts;
mod at_a_terminal;
mod configuration;
mod documents;
mod in_flight;
mod machine;
mod remote;
mod settings;
mod signing_in;
mod start;
mod state;
mod sync;
mod tls;
mod upkeep;

use keepsave_testkit::binary::Sandbox;

fn sandbox() -> Sandbox {
    Sandbox::new(env!("CARGO_BIN_EXE_keepsave"))
}
