//! A person asks the server to visit a device: `POST /api/sync/devices/{device_id}/push-pull`.
//!
//! The visit itself is not in this version. The session says so at once, rather than waiting for
//! what never comes.

use keepsave_core::ids::{DeviceId, UserId};
use keepsave_wire::devices::SyncMode;
use keepsave_wire::sync::SessionStatus;

use super::NotSynced;
use crate::app::App;
use crate::events::Event;
use crate::vault::devices;
use crate::vault::sync_sessions::{self, End, Session};

/// Why every visit fails.
const NOT_YET: &str = "push-pull is not in this version yet";

/// Opens a session for the visit, and ends it as failed.
pub async fn visit(app: &App, user: UserId, device: DeviceId) -> Result<Session, NotSynced> {
    let now = app.now();
    let session = app
        .vault
        .write(move |tx| {
            let known = devices::of_user(tx, user, &device)?.ok_or(NotSynced::UnknownDevice)?;
            if known.sync_mode != SyncMode::PushPull {
                return Err(NotSynced::NotPushPull);
            }
            if !known.sync_enabled {
                return Err(NotSynced::Disabled);
            }
            let id = sync_sessions::start(tx, user, &device, 0, "[]", now)?;
            let end = End {
                status: SessionStatus::Failed,
                completed: 0,
                failed: 0,
                error: Some(NOT_YET),
            };
            Ok(sync_sessions::end(tx, id, &end, now)?)
        })
        .await?;
    let event = Event::Finished {
        session_id: session.id,
        device_id: session.device_id.clone(),
    };
    app.events.tell(user, event);
    Ok(session)
}
