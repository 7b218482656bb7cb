//! The built program, driven as a person or a script drives it.

mod configuration;
mod start;

use keepsave_testkit::binary::Sandbox;

fn sandbox() -> Sandbox {
    Sandbox::new(env!("CARGO_BIN_EXE_keepsave"))
}
