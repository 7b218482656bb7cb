//! A device is done with a sync session: `POST /api/sync/sessions/{session_id}/complete`.

use keepsave_core::ids::{SessionId, UserId};
use keepsave_wire::play_sessions::PlaySessionIngestResponse;
use keepsave_wire::sync::{SessionStatus, SyncCompletePayload};

use crate::app::App;
use crate::events::Event;
use crate::play::ingest::{self, Source};
use crate::vault::Fault;
use crate::vault::sync_sessions::{self, End, Session};

/// Why a session was not completed.
#[derive(Debug)]
pub enum NotCompleted {
    /// The user has no such session.
    Unknown,
    /// It ended before.
    Ended(SessionStatus),
    /// The store failed.
    Fault(Fault),
}

impl From<Fault> for NotCompleted {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// Completes an open session with the numbers that the device tells, and stores the play sessions
/// that come with it: all of it or nothing.
pub async fn complete(
    app: &App,
    user: UserId,
    id: SessionId,
    told: SyncCompletePayload,
) -> Result<(Session, Option<PlaySessionIngestResponse>), NotCompleted> {
    let now = app.now();
    let (session, ingested) = app
        .vault
        .write(move |tx| {
            let open = sync_sessions::of_user(tx, user, id)?.ok_or(NotCompleted::Unknown)?;
            if !open.status.is_open() {
                return Err(NotCompleted::Ended(open.status));
            }
            let end = End {
                status: SessionStatus::Completed,
                completed: told.operations_completed,
                failed: told.operations_failed,
                error: None,
            };
            let session = sync_sessions::end(tx, id, &end, now)?;
            let played = told.play_sessions.unwrap_or_default();
            let ingested = if played.is_empty() {
                None
            } else {
                let source = Source {
                    user,
                    device: Some(open.device_id),
                    session: Some(id),
                };
                Some(ingest::store(tx, source, &played, now)?)
            };
            Ok((session, ingested))
        })
        .await?;
    let event = Event::Finished {
        session_id: session.id,
        device_id: session.device_id.clone(),
    };
    app.events.tell(user, event);
    Ok((session, ingested))
}
