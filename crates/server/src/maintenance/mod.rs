//! What keeps a store well: is it ready, is it whole, what can be given up, how is it copied.
//!
//! Use cases of the operator, called by the command line and by jobs. They talk to the vault and,
//! unless they say otherwise, are safe beside a running server. Work that takes long says how far
//! it is.

pub mod backup;
pub mod disk;
pub mod hold;
pub mod ready;
pub mod restore;
pub mod retention;
pub mod sweep;
pub mod tree;
pub mod verify;
pub mod work;

/// Hears how far long work is: so much is done, of so much.
pub type Progress<'a> = &'a (dyn Fn(u64, u64) + Sync);
