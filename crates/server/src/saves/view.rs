//! A save as its owner sees it: the row, its picture, and where each device stands.

use std::collections::HashMap;

use keepsave_core::ids::{DeviceId, SaveId, TimelineId, UserId};
use keepsave_core::lineage::has_head;
use keepsave_core::time::Time;

use crate::events::Event;
use crate::vault::saves::{self, Filter, Save};
use crate::vault::screenshots::{self, Screenshot};
use crate::vault::standings::{self, Standing};
use crate::vault::timelines::Lineage;
use crate::vault::{Fault, Tx, holdings};

/// A save with what belongs to it.
#[derive(Clone, Debug)]
pub struct SaveView {
    /// The row.
    pub save: Save,
    /// Its picture.
    pub screenshot: Option<Screenshot>,
    /// The devices that synced the row, the asking one first; empty when none asked.
    pub devices: Vec<DeviceView>,
}

/// Where one device stands towards one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceView {
    /// The device.
    pub id: DeviceId,
    /// Its name.
    pub name: Option<String>,
    /// When it last synced the row.
    pub last_synced_at: Time,
    /// Whether it opted out of the timeline.
    pub is_untracked: bool,
    /// On the head's row: whether it has the head, so that an upload would be taken. On others:
    /// whether it last held what the row shows.
    pub is_current: bool,
}

impl SaveView {
    /// The event that says that this save's slot has a new head.
    pub fn changed(&self, device: Option<&DeviceId>) -> Event {
        Event::Changed {
            rom_id: self.save.rom_id,
            slot: self.save.slot.clone(),
            save_id: self.save.id,
            version_id: self.save.version_id,
            device_id: device.cloned(),
        }
    }
}

/// One row that is known to be there, as a device sees it, or without devices.
pub fn one(tx: &Tx<'_>, id: SaveId, device: Option<&DeviceId>) -> Result<SaveView, Fault> {
    let save = saves::by_id(tx, id)?
        .ok_or_else(|| Fault::Database(rusqlite::Error::QueryReturnedNoRows))?;
    let screenshot = match save.screenshot_id {
        Some(shot) => screenshots::by_id(tx, shot)?,
        None => None,
    };
    let devices = match device {
        Some(device) => {
            let mut standings = standings::of_row(tx, save.id)?;
            standings.push(standings::of_device_on_row(tx, save.id, device)?);
            in_order(tx, &save, device, standings)?
        }
        None => Vec::new(),
    };
    Ok(SaveView {
        save,
        screenshot,
        devices,
    })
}

/// A user's rows, oldest first, as a device sees them, or without devices.
pub fn list(
    tx: &Tx<'_>,
    user: UserId,
    filter: &Filter,
    device: Option<&DeviceId>,
) -> Result<Vec<SaveView>, Fault> {
    let mut views = Vec::new();
    each(tx, user, filter, device, |view| {
        views.push(view);
        Ok(())
    })?;
    Ok(views)
}

/// Visits what [`list`] lists, one by one: all saves of a user are too many to hold at once.
pub fn each(
    tx: &Tx<'_>,
    user: UserId,
    filter: &Filter,
    device: Option<&DeviceId>,
    mut visit: impl FnMut(SaveView) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let mut standings: HashMap<SaveId, Vec<Standing>> = HashMap::new();
    if let Some(device) = device {
        let others = standings::of_rows(tx, user, filter)?;
        let own = standings::of_device(tx, user, filter, device)?;
        for standing in others.into_iter().chain(own) {
            standings
                .entry(standing.save_id)
                .or_default()
                .push(standing);
        }
    }
    // Most listings have no picture: they are asked for when the first row has one.
    let mut pictures: Option<HashMap<SaveId, Screenshot>> = None;
    saves::each(tx, user, filter, |save| {
        if save.screenshot_id.is_some() && pictures.is_none() {
            pictures = Some(screenshots::of_saves(tx, user, filter)?);
        }
        let pictures = pictures.as_mut();
        let screenshot = pictures.and_then(|pictures| pictures.remove(&save.id));
        let devices = match device {
            Some(device) => {
                let standings = standings.remove(&save.id).unwrap_or_default();
                in_order(tx, &save, device, standings)?
            }
            None => Vec::new(),
        };
        visit(SaveView {
            save,
            screenshot,
            devices,
        })
    })
}

/// The asking device first, the others by when they synced, newest first. The asking device stands
/// last in `standings`, and a second time among the others when it ever synced the row.
fn in_order(
    tx: &Tx<'_>,
    save: &Save,
    asking: &DeviceId,
    mut standings: Vec<Standing>,
) -> Result<Vec<DeviceView>, Fault> {
    let mut views = Vec::with_capacity(standings.len());
    if let Some(own) = standings.pop() {
        views.push(seen_by(tx, save, own)?);
    }
    standings.retain(|standing| standing.device_id != *asking);
    standings.sort_by_key(|standing| std::cmp::Reverse(standing.last_synced_at));
    for standing in standings {
        views.push(seen_by(tx, save, standing)?);
    }
    Ok(views)
}

fn seen_by(tx: &Tx<'_>, save: &Save, standing: Standing) -> Result<DeviceView, Fault> {
    let last_held = standing
        .baseline
        .is_some_and(|held| held.same(&save.content));
    let is_current = last_held
        || (standing.is_head_row
            && standing.baseline.is_some()
            && has_head_of(tx, &standing.device_id, save.timeline_id)?);
    Ok(DeviceView {
        id: standing.device_id,
        name: standing.device_name,
        last_synced_at: standing.last_synced_at.unwrap_or(save.updated_at),
        is_untracked: standing.is_untracked,
        is_current,
    })
}

fn has_head_of(tx: &Tx<'_>, device: &DeviceId, timeline: TimelineId) -> Result<bool, Fault> {
    let holding = holdings::load(tx, device, timeline)?;
    has_head(&Lineage::of(tx, timeline), &holding)
}
