//! `/api/states`: RomM's routes for save states.

mod content;
mod delete;
mod get;
mod identifiers;
mod list;
mod replace;
mod upload;
mod visibility;

use keepsave_core::ids::StateId;
use keepsave_core::names::AssetKind;
use keepsave_wire::assets::{Asset, AssetRow};
use keepsave_wire::states::StateSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::assets::screenshot_schema;
use super::error::Failure;
use crate::app::App;
use crate::vault::states::State;

/// Every route below `/api/states`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list, upload::upload))
        .routes(routes!(identifiers::identifiers))
        .routes(routes!(delete::delete))
        .routes(routes!(get::get, replace::replace))
        .routes(routes!(content::content))
        .routes(routes!(visibility::visibility))
}

/// The same words for an unknown state and for another person's.
pub fn not_found(id: StateId) -> Failure {
    Failure::not_found(format!("State with ID {id} not found"))
}

/// A state as the wire spells it.
pub fn schema(state: State) -> StateSchema {
    let row = AssetRow {
        rom_id: state.rom_id,
        user_id: state.user_id,
        file_name: state.file_name,
        file_path: state.file_path,
        size: state.size,
        created_at: state.created_at,
        updated_at: state.updated_at,
    };
    StateSchema {
        id: state.id,
        asset: Asset::of(AssetKind::State, state.id.0, row),
        emulator: state.emulator,
        is_public: state.is_public,
        screenshot: state.screenshot.map(screenshot_schema),
    }
}
