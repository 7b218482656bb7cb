//! `/api/saves`: RomM's routes for saves.

mod content;
mod delete;
mod downloaded;
mod get;
mod identifiers;
mod list;
mod replace;
mod summary;
mod tracking;
mod upload;
mod visibility;

use keepsave_core::ids::{SaveId, UserId};
use keepsave_core::names::AssetKind;
use keepsave_wire::assets::{Asset, AssetRow};
use keepsave_wire::saves::{DeviceSync, SaveSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::assets::screenshot_schema;
use super::error::Failure;
use crate::app::App;
use crate::auth::Caller;
use crate::auth::scope::Scope;
use crate::saves::view::SaveView;
use crate::vault::devices;
use crate::vault::versions::Maker;

/// Every route below `/api/saves`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list, upload::upload))
        .routes(routes!(identifiers::identifiers))
        .routes(routes!(summary::summary))
        .routes(routes!(delete::delete))
        .routes(routes!(get::get, replace::replace))
        .routes(routes!(content::content))
        .routes(routes!(downloaded::downloaded))
        .routes(routes!(visibility::visibility))
        .routes(routes!(tracking::track))
        .routes(routes!(tracking::untrack))
}

/// The same words for an unknown save and for another person's.
fn not_found(id: SaveId) -> Failure {
    Failure::not_found(format!("Save with ID {id} not found"))
}

/// The device that a request names, when it names one: the caller must be allowed to speak of
/// devices, and it must be the caller's own.
fn named_device(
    app: &App,
    caller: &Caller,
    id: Option<&str>,
    scope: Scope,
) -> Result<Option<Maker>, Failure> {
    let Some(id) = id else {
        return Ok(None);
    };
    caller.require(scope)?;
    own_device(app, caller.id(), id).map(Some)
}

fn own_device(app: &App, user: UserId, id: &str) -> Result<Maker, Failure> {
    app.vault
        .read(|tx| devices::maker(tx, user, id))?
        .ok_or_else(|| Failure::not_found(format!("Device with ID {id} not found")))
}

/// A save as the wire spells it.
pub fn schema(view: SaveView) -> SaveSchema {
    let SaveView {
        save,
        screenshot,
        devices,
    } = view;
    SaveSchema {
        id: save.id,
        asset: Asset::of(
            AssetKind::Save,
            save.id.0,
            AssetRow {
                rom_id: save.rom_id,
                user_id: save.user_id,
                file_name: save.file_name,
                file_path: save.file_path,
                size: save.size,
                created_at: save.created_at,
                updated_at: save.updated_at,
            },
        ),
        emulator: save.emulator,
        slot: save.slot,
        content_hash: save.content.hash,
        is_public: save.is_public,
        screenshot: screenshot.map(screenshot_schema),
        origin_device_id: save.origin_device_id,
        device_syncs: devices
            .into_iter()
            .map(|device| DeviceSync {
                device_id: device.id,
                device_name: device.name,
                last_synced_at: device.last_synced_at,
                is_untracked: device.is_untracked,
                is_current: device.is_current,
            })
            .collect(),
    }
}
