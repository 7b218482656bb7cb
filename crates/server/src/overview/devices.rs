//! A person's devices, each with how it stands in one word.

use std::collections::HashMap;

use keepsave_core::ids::{DeviceId, UserId};
use keepsave_core::limits;
use keepsave_core::time::Time;
use keepsave_wire::sync::SessionStatus;

use crate::app::App;
use crate::vault::devices::{self, Device};
use crate::vault::shelf::{self, Standing};
use crate::vault::sync_sessions::{self, Session};
use crate::vault::{Fault, Tx};

/// A device and how it stands.
#[derive(Clone, Debug)]
pub struct DeviceView {
    /// The device.
    pub device: Device,
    /// Over all slots that it ever synced.
    pub standing: Standing,
    /// How many of its saves wait for the person.
    pub waiting: u64,
    /// Its newest sync.
    pub last: Option<Session>,
    /// In one word.
    pub state: State,
}

/// How a device stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Something of it waits for the person.
    NeedsYou,
    /// The person lets it sync nothing.
    SyncOff,
    /// Its last sync went wrong.
    Failed,
    /// Nothing was heard of it since then.
    Silent(Time),
    /// In so many slots it gets a newer save at its next sync.
    Behind(u64),
    /// Holds the current save everywhere.
    InSync,
    /// It never synced anything.
    NoSave,
}

impl DeviceView {
    /// Whether it is a browser and not something that is played on.
    pub fn is_browser(&self) -> bool {
        self.device.platform.as_deref() == Some("Web") && self.standing.timelines == 0
    }

    /// In how many slots it is not up to date.
    pub fn behind(&self) -> u64 {
        let standing = &self.standing;
        standing
            .timelines
            .saturating_sub(standing.in_sync + standing.off)
    }
}

/// Every device, those that were heard of last first.
pub fn list(app: &App, user: UserId) -> Result<Vec<DeviceView>, Fault> {
    let now = app.now();
    app.vault.read(|tx| {
        let mut views = views(tx, user, now)?;
        views.sort_by_key(|view| std::cmp::Reverse(view.device.last_seen));
        Ok(views)
    })
}

/// One of the person's devices.
pub fn one(app: &App, user: UserId, id: &DeviceId) -> Result<Option<DeviceView>, Fault> {
    let now = app.now();
    app.vault.read(|tx| {
        let mut views = views(tx, user, now)?;
        let at = views.iter().position(|view| view.device.id == *id);
        Ok(at.map(|at| views.swap_remove(at)))
    })
}

fn views(tx: &Tx<'_>, user: UserId, now: Time) -> Result<Vec<DeviceView>, Fault> {
    let mut standings: HashMap<_, _> = shelf::standings(tx, user)?.into_iter().collect();
    let branches: HashMap<_, _> = shelf::waiting_branches(tx, user)?.into_iter().collect();
    let sessions = sync_sessions::last_of_each(tx, user)?.into_iter();
    let mut last: HashMap<_, _> = sessions.map(|it| (it.device_id.clone(), it)).collect();
    let view = |device: Device| {
        let standing = standings.remove(&device.id).unwrap_or_default();
        let branches = branches.get(&device.id).copied().unwrap_or_default();
        let mut view = DeviceView {
            waiting: branches.max(standing.waiting),
            last: last.remove(&device.id),
            state: State::NoSave,
            standing,
            device,
        };
        view.state = state(&view, now);
        view
    };
    Ok(devices::list(tx, user)?.into_iter().map(view).collect())
}

fn state(view: &DeviceView, now: Time) -> State {
    let failed = |session: &Session| {
        session.status == SessionStatus::Failed || session.operations_failed > 0
    };
    let silent = |seen: &Time| seen.plus_seconds(limits::SILENT_SECONDS) <= now;
    if view.waiting > 0 {
        State::NeedsYou
    } else if !view.device.sync_enabled {
        State::SyncOff
    } else if view.last.as_ref().is_some_and(failed) {
        State::Failed
    } else if view.standing.timelines == 0 {
        State::NoSave
    } else if let Some(seen) = view.device.last_seen.filter(silent) {
        State::Silent(seen)
    } else if view.behind() > 0 {
        State::Behind(view.behind())
    } else {
        State::InSync
    }
}
