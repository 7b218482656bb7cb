//! A save goes down: what to send, and what the server knows once it was sent.

use keepsave_core::ids::{DeviceId, SaveId, SessionId, UserId, VersionId};
use keepsave_core::lineage;

use crate::app::App;
use crate::vault::saves::{self, Save};
use crate::vault::{Fault, holdings, sync_sessions};

/// The save, when this person may read it: their own, or what someone made public.
pub fn readable(app: &App, user: UserId, id: SaveId) -> Result<Option<Save>, Fault> {
    let save = app.vault.read(|tx| saves::by_id(tx, id))?;
    Ok(save.filter(|save| save.user_id == user || save.is_public))
}

/// What a device was sent.
#[derive(Clone, Debug)]
pub struct Sent {
    /// The person who asked.
    pub user: UserId,
    /// The device.
    pub device: DeviceId,
    /// The row and what it showed.
    pub save: Save,
    /// Whether the bytes count as held from now on, until an inventory says otherwise.
    pub optimistic: bool,
}

impl Sent {
    /// Remembers which version went out, and an optimistic download as held.
    pub async fn record(self, app: &App) -> Result<(), Fault> {
        let now = app.now();
        app.vault
            .write(move |tx| {
                let Self { device, save, .. } = &self;
                holdings::sent(tx, device, save.id, save.version_id)?;
                if self.user != save.user_id || !self.optimistic {
                    return Ok(());
                }
                let before = holdings::load(tx, device, save.timeline_id)?;
                let after = lineage::claim(&before, save.version_id);
                holdings::save(tx, device, save.timeline_id, &before, &after, now)?;
                if after.baseline == Some(save.version_id) {
                    holdings::synced(tx, device, save.id, save.updated_at)?;
                }
                Ok(())
            })
            .await
    }
}

/// Counts a download for the sync session that it belongs to.
pub async fn count(app: &App, user: UserId, session: SessionId) -> Result<(), Fault> {
    let now = app.now();
    app.vault
        .write(move |tx| sync_sessions::count_done(tx, user, session, now))
        .await
}

/// A version that a device was sent earlier, or what the row shows.
pub fn sent_or_shown(
    tx: &crate::vault::Tx<'_>,
    device: &DeviceId,
    save: &Save,
) -> Result<VersionId, Fault> {
    Ok(holdings::last_sent(tx, device, save.id)?.unwrap_or(save.version_id))
}
