//! Test support: a real server in process, a clock that tests move, one call to ask it something.
//!
//! Nothing that ships depends on this crate.

pub mod server;
