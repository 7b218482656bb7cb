//! Devices: one use case, one file. Nothing here reads a request or writes an answer.

pub mod change;
pub mod register;
pub mod secrets;

use keepsave_core::ids::{DeviceId, UserId};

use crate::app::App;
use crate::vault::Fault;
use crate::vault::devices::{self, Device};

/// A user's devices, oldest first.
pub fn list(app: &App, user: UserId) -> Result<Vec<Device>, Fault> {
    app.vault.read(|tx| devices::list(tx, user))
}

/// The user's device of that id.
pub fn one(app: &App, user: UserId, id: &DeviceId) -> Result<Option<Device>, Fault> {
    app.vault.read(|tx| devices::of_user(tx, user, id))
}

/// Removes a device: what is known of its syncs goes with it, its tokens are bound to no device any
/// more. The versions that it made stay and keep its name. Whether there was one.
pub async fn remove(app: &App, user: UserId, id: DeviceId) -> Result<bool, Fault> {
    app.vault
        .write(move |tx| devices::remove(tx, user, &id))
        .await
}
