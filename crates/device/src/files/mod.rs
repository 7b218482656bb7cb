//! Files on this machine: read so that what is known of them is true, replaced so that nothing is
//! torn or lost.
//!
//! [`snapshot`] reads, [`incoming`] replaces. Nothing here knows a server, a game or a slot.

pub mod cleaning;
pub(crate) mod folder;
pub mod form;
pub mod incoming;
pub mod known;
pub mod names;
pub(crate) mod place;
mod place_error;
mod placing;
pub(crate) mod reading;
pub mod removing;
pub mod rzip;
pub(crate) mod scratch;
pub mod snapshot;
pub mod together;
pub(crate) mod whole;

#[cfg(test)]
pub(crate) mod trial;

pub use keepsave_disk as disk;

pub use self::cleaning::{Cleaned, clean};
pub(crate) use self::folder::put_away;
pub use self::form::Form;
pub use self::incoming::{
    Expected, Incoming, Parents, PlaceError, Placed, Problem, Replacing, Safe, Verified,
};
pub use self::known::{Fingerprint, Hashed, Known, NothingKnown, Packed};
pub use self::snapshot::{ReadError, Snapshot, Stamp, content_at, snapshot, unpacked};
