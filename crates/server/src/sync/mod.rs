//! Device sync: one use case, one file. Nothing here reads a request or writes an answer.

pub mod complete;
mod inventory;
pub mod negotiate;
pub mod plan;
pub mod push_pull;

use keepsave_core::ids::{DeviceId, SessionId, UserId};
use keepsave_wire::sync::SyncOperation;

use crate::app::App;
use crate::vault::Fault;
use crate::vault::sync_sessions::{self, Session};

/// Why a device is not synced.
#[derive(Debug)]
pub enum NotSynced {
    /// The user has no such device.
    UnknownDevice,
    /// The device's user switched its sync off.
    Disabled,
    /// The server cannot visit the device.
    NotPushPull,
    /// The store failed.
    Fault(Fault),
}

impl From<Fault> for NotSynced {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// A user's newest sessions, or those of one of the user's devices.
pub fn sessions(
    app: &App,
    user: UserId,
    device: Option<&DeviceId>,
    limit: i64,
) -> Result<Vec<Session>, Fault> {
    app.vault
        .read(|tx| sync_sessions::newest(tx, user, device, limit))
}

/// The user's session of that id.
pub fn session(app: &App, user: UserId, id: SessionId) -> Result<Option<Session>, Fault> {
    app.vault.read(|tx| sync_sessions::of_user(tx, user, id))
}

/// What was planned for the user's session of that id: what was to be done, and why.
pub fn planned(
    app: &App,
    user: UserId,
    id: SessionId,
) -> Result<Option<Vec<SyncOperation>>, Fault> {
    let plan = app.vault.read(|tx| sync_sessions::plan(tx, user, id))?;
    let operations = |stored: String| {
        let lines = plan::read(&stored).into_iter();
        lines.map(|line| line.operation).collect()
    };
    Ok(plan.map(operations))
}
