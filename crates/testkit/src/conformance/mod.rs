//! What every backend of the store must do, whatever it is made of. A backend's tests call each
//! function with an empty store of its own.

pub mod blobs;
pub mod database;
