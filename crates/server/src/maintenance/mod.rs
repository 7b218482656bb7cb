//! What keeps a store well: is it ready, is it whole, what can be given up, how is it copied.
//!
//! Use cases of the operator, called by the command line and by jobs. They talk to the vault and
//! are safe beside a running server.

pub mod disk;
pub mod ready;
