//! `/api/sync`: plans, the sessions that carry them out, and the push-pull trigger.

mod complete;
mod negotiate;
mod push_pull;
mod session;
mod sessions;

#[cfg(any(test, fuzzing))]
pub(crate) use self::negotiate::read as read_inventory;

use keepsave_core::ids::SessionId;
use keepsave_wire::sync::SyncSessionSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::devices;
use super::error::Failure;
use crate::app::App;
use crate::sync::NotSynced;
use crate::vault::sync_sessions::Session;

/// The routes of this area.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(negotiate::negotiate))
        .routes(routes!(sessions::sessions))
        .routes(routes!(session::session))
        .routes(routes!(complete::complete))
        .routes(routes!(push_pull::push_pull))
}

/// The user has no session of that id.
fn unknown(id: SessionId) -> Failure {
    Failure::not_found(format!("Sync session with ID {id} not found"))
}

/// Why the device of that id is not synced, in RomM's words.
fn not_synced(device: &str, why: NotSynced) -> Failure {
    match why {
        NotSynced::UnknownDevice => devices::unknown(device),
        NotSynced::Disabled => Failure::bad_request("Sync is disabled for this device"),
        NotSynced::NotPushPull => Failure::bad_request("Device is not in push_pull sync mode"),
        NotSynced::Fault(fault) => fault.into(),
    }
}

fn schema(session: Session) -> SyncSessionSchema {
    SyncSessionSchema {
        id: session.id,
        device_id: session.device_id,
        user_id: session.user_id,
        status: session.status,
        initiated_at: session.initiated_at,
        completed_at: session.completed_at,
        operations_planned: session.operations_planned,
        operations_completed: session.operations_completed,
        operations_failed: session.operations_failed,
        error_message: session.error_message,
        created_at: session.created_at,
        updated_at: session.updated_at,
    }
}
