//! A device reports when games were played: `POST /api/play-sessions`, and when a sync session is
//! complete.

use keepsave_core::ids::{DeviceId, RomId, SessionId, UserId};
use keepsave_core::limits;
use keepsave_core::time::Time;
use keepsave_wire::play_sessions::{
    IngestStatus, PlaySessionEntry, PlaySessionIngestResponse, PlaySessionIngestResult,
};

use crate::app::App;
use crate::bind;
use crate::vault::play_sessions::{self, NewPlaySession};
use crate::vault::{Fault, Tx, devices, rom_users};

/// Where play sessions come from.
#[derive(Clone, Debug)]
pub struct Source {
    /// Who played.
    pub user: UserId,
    /// The device; none when none was named. One that is not the user's is no device.
    pub device: Option<DeviceId>,
    /// The sync session that they were reported with.
    pub session: Option<SessionId>,
}

/// Stores what is new of the reported play sessions.
pub async fn ingest(
    app: &App,
    source: Source,
    entries: Vec<PlaySessionEntry>,
) -> Result<PlaySessionIngestResponse, Fault> {
    let now = app.now();
    app.vault
        .write(move |tx| store(tx, source, &entries, now))
        .await
}

/// The same within a larger work.
pub fn store(
    tx: &Tx<'_>,
    source: Source,
    entries: &[PlaySessionEntry],
    now: Time,
) -> Result<PlaySessionIngestResponse, Fault> {
    let device = match source.device {
        Some(id) => devices::of_user(tx, source.user, &id)?.map(|device| device.id),
        None => None,
    };
    let latest_end = now.plus_seconds(limits::PLAY_SESSION_AHEAD_SECONDS);
    let mut results = Vec::with_capacity(entries.len());
    for (index, entry) in entries.iter().enumerate() {
        let result = |status, id, detail| PlaySessionIngestResult {
            index,
            status,
            id,
            detail,
        };
        if entry.end_time > latest_end {
            let detail = "end_time is too far in the future".to_owned();
            results.push(result(IngestStatus::Error, None, Some(detail)));
            continue;
        }
        let rom = known_game(tx, entry.rom_id)?;
        let new = NewPlaySession {
            user_id: source.user,
            device_id: device.as_ref(),
            rom_id: rom,
            sync_session_id: source.session,
            save_slot: entry.save_slot.as_deref(),
            start_time: entry.start_time,
            end_time: entry.end_time,
            duration_ms: entry.duration_ms,
        };
        let Some(id) = play_sessions::add(tx, &new, now)? else {
            results.push(result(IngestStatus::Duplicate, None, None));
            continue;
        };
        if let Some(rom) = rom {
            rom_users::played_until(tx, source.user, rom, entry.end_time, now)?;
        }
        results.push(result(IngestStatus::Created, Some(id), None));
    }
    if let Some(device) = &device {
        devices::seen(tx, device, now)?;
    }
    Ok(response(results))
}

fn known_game(tx: &Tx<'_>, rom: Option<RomId>) -> Result<Option<RomId>, Fault> {
    match rom {
        Some(rom) => tx.optional("SELECT id FROM roms WHERE id = $1", bind![rom], |row| {
            row.get()
        }),
        None => Ok(None),
    }
}

/// RomM's order: what went wrong, what was known, what was created.
fn response(mut results: Vec<PlaySessionIngestResult>) -> PlaySessionIngestResponse {
    results.sort_by_key(|result| match result.status {
        IngestStatus::Error => 0,
        IngestStatus::Duplicate => 1,
        IngestStatus::Created => 2,
    });
    let created = results
        .iter()
        .filter(|result| result.status == IngestStatus::Created)
        .count();
    PlaySessionIngestResponse {
        created_count: created,
        skipped_count: results.len() - created,
        results,
    }
}
