//! Play sessions: they are reported, listed and removed. Nothing here reads a request or writes an
//! answer.

pub mod ingest;

use keepsave_core::ids::{PlaySessionId, UserId};

use crate::app::App;
use crate::vault::Fault;
use crate::vault::play_sessions::{self, Filter, PlaySession};

/// A user's play sessions, the last begun first.
pub fn list(app: &App, user: UserId, filter: &Filter) -> Result<Vec<PlaySession>, Fault> {
    app.vault.read(|tx| play_sessions::list(tx, user, filter))
}

/// Removes a play session. Whether there was one.
pub async fn remove(app: &App, user: UserId, id: PlaySessionId) -> Result<bool, Fault> {
    app.vault
        .write(move |tx| play_sessions::remove(tx, user, id))
        .await
}
