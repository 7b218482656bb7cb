//! What devices did: their syncs, and of one the operations with their reasons.

use std::collections::HashMap;

use keepsave_core::ids::{DeviceId, RomId, SessionId, UserId, VersionId};
use keepsave_core::limits;
use keepsave_core::negotiate::Action;
use keepsave_wire::sync::SyncOperation;

use crate::app::App;
use crate::sync::plan;
use crate::vault::devices;
use crate::vault::sync_sessions::{self, Session};
use crate::vault::{Fault, Tx, shelf};

/// A sync in a list.
#[derive(Clone, Debug)]
pub struct Synced {
    /// The session.
    pub session: Session,
    /// The device's name.
    pub device: Option<String>,
    /// How many saves it was to send.
    pub sent: u64,
    /// How many it was to receive.
    pub received: u64,
    /// How many need the person.
    pub needs: u64,
}

/// One operation with what it was decided on.
#[derive(Clone, Debug)]
pub struct Step {
    /// What the device was told.
    pub operation: SyncOperation,
    /// The game's name; none where it is gone.
    pub game: Option<String>,
    /// The number of the version that was current.
    pub head: Option<i64>,
    /// The number of the version that the device held.
    pub held: Option<i64>,
}

/// A page of a person's syncs, the newest first, and how many there are.
pub fn page(app: &App, user: UserId, page: u64) -> Result<(Vec<Synced>, u64), Fault> {
    app.vault.read(|tx| {
        let total = sync_sessions::count(tx, user)?;
        let offset = page
            .saturating_sub(1)
            .saturating_mul(limits::ACTIVITY_SESSIONS.unsigned_abs());
        let offset = i64::try_from(offset).unwrap_or(i64::MAX);
        let sessions = sync_sessions::page(tx, user, limits::ACTIVITY_SESSIONS, offset)?;
        let names = names(tx, user)?;
        let synced = sessions
            .into_iter()
            .map(|(session, plan)| synced(session, &plan, &names));
        Ok((synced.collect(), total))
    })
}

fn names(tx: &Tx<'_>, user: UserId) -> Result<HashMap<String, Option<String>>, Fault> {
    let devices = devices::list(tx, user)?.into_iter();
    Ok(devices.map(|device| (device.id.0, device.name)).collect())
}

fn synced(session: Session, plan: &str, names: &HashMap<String, Option<String>>) -> Synced {
    let lines = plan::read(plan);
    let count = |action| {
        let fitting = lines.iter().filter(|line| line.operation.action == action);
        u64::try_from(fitting.count()).unwrap_or(u64::MAX)
    };
    Synced {
        device: names.get(&session.device_id.0).cloned().flatten(),
        sent: count(Action::Upload),
        received: count(Action::Download),
        needs: count(Action::Conflict),
        session,
    }
}

/// The newest syncs of one of the person's devices.
pub fn of_device(app: &App, user: UserId, device: &DeviceId) -> Result<Vec<Synced>, Fault> {
    app.vault.read(|tx| {
        let names = names(tx, user)?;
        let sessions = sync_sessions::of_device(tx, user, device, limits::DEVICE_SESSIONS)?;
        let synced = sessions
            .into_iter()
            .map(|(session, plan)| synced(session, &plan, &names));
        Ok(synced.collect())
    })
}

/// A person's sync of that id with its operations.
pub fn one(app: &App, user: UserId, id: SessionId) -> Result<Option<(Synced, Vec<Step>)>, Fault> {
    app.vault.read(|tx| {
        let Some(session) = sync_sessions::of_user(tx, user, id)? else {
            return Ok(None);
        };
        let plan = sync_sessions::plan(tx, user, id)?.unwrap_or_default();
        let lines = plan::read(&plan);
        let roms: Vec<RomId> = lines.iter().map(|line| line.operation.rom_id).collect();
        let seen = lines
            .iter()
            .flat_map(|line| [line.facts.head, line.facts.baseline]);
        let seen: Vec<VersionId> = seen.flatten().collect();
        let (games, ordinals) = (shelf::names_of(tx, &roms)?, shelf::ordinals(tx, &seen)?);
        let number = |id: Option<VersionId>| id.and_then(|id| ordinals.get(&id).copied());
        let steps = lines.into_iter().map(|line| Step {
            game: games.get(&line.operation.rom_id).cloned(),
            head: number(line.facts.head),
            held: number(line.facts.baseline),
            operation: line.operation,
        });
        let steps = steps.collect();
        Ok(Some((synced(session, &plan, &names(tx, user)?), steps)))
    })
}
