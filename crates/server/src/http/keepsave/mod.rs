//! `/api/keepsave`: what RomM does not have. Timelines, versions, branches, sets, slots, events,
//! scans.

mod branches;
mod copies;
mod deleted;
mod events;
mod labels;
mod library;
mod restore;
mod screenshots;
mod sets;
mod states;
mod timelines;
mod versions;

use keepsave_core::ids::EarlierContentId;
use keepsave_wire::assets::EarlierContent;
use keepsave_wire::versions::VersionSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::error::Failure;
use crate::app::App;
use crate::vault::earlier::Earlier;
use crate::versions::NotDone;
use crate::versions::list::Grown;

/// Every route below `/api/keepsave`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(timelines::timelines))
        .routes(routes!(timelines::versions))
        .routes(routes!(versions::version, labels::label))
        .routes(routes!(versions::content))
        .routes(routes!(restore::restore))
        .routes(routes!(copies::copy_version))
        .routes(routes!(copies::copy_slot))
        .routes(routes!(copies::move_slot))
        .routes(routes!(branches::branches))
        .routes(routes!(branches::keep_both))
        .routes(routes!(branches::dismiss))
        .routes(routes!(deleted::deleted))
        .routes(routes!(deleted::undelete))
        .routes(routes!(sets::set))
        .routes(routes!(sets::restore))
        .routes(routes!(events::events))
        .routes(routes!(states::deleted))
        .routes(routes!(states::undelete))
        .routes(routes!(states::earlier_contents))
        .routes(routes!(states::earlier_content))
        .routes(routes!(screenshots::deleted))
        .routes(routes!(screenshots::undelete))
        .routes(routes!(screenshots::earlier_contents))
        .routes(routes!(screenshots::earlier_content))
        .routes(routes!(library::scan))
        .routes(routes!(library::games))
}

/// What is told when nothing was done. `what` is what was asked for: "Version with ID 7".
fn not_done(not_done: NotDone, what: &str) -> Failure {
    match not_done {
        NotDone::Unknown => Failure::not_found(format!("{what} not found")),
        NotDone::Purged => Failure::new(
            http::StatusCode::GONE,
            format!("{what} was thinned out by the retention policy; only its lineage is left"),
        ),
        NotDone::SlotTaken(slot) => Failure::conflict(format!(
            "The slot '{slot}' has saves already. Choose another name; nothing was changed."
        )),
        NotDone::Fault(fault) => fault.into(),
    }
}

fn version_schema(grown: Grown) -> VersionSchema {
    let Grown { record, parents } = grown;
    VersionSchema {
        id: record.id,
        timeline_id: record.timeline_id,
        ordinal: record.ordinal,
        parents,
        save_id: record.save_id,
        file_name: record.file_name,
        size_bytes: record.size,
        content_hash: record.content.hash,
        emulator: record.emulator,
        device_id: record.device_id,
        device_name: record.device_name,
        made_by: record.made_by,
        set_id: record.set_id,
        name: record.name,
        is_pinned: record.pinned,
        is_refused: record.refused,
        is_deleted: record.deleted_at.is_some(),
        is_purged: record.purged_at.is_some(),
        created_at: record.created_at,
    }
}

fn earlier_schema(earlier: Earlier) -> EarlierContent {
    EarlierContent {
        id: earlier.id,
        file_name: earlier.file_name,
        emulator: earlier.emulator,
        size_bytes: earlier.size,
        replaced_at: earlier.replaced_at,
    }
}

/// The same words for an unknown one and for another person's.
fn no_earlier(id: EarlierContentId) -> Failure {
    Failure::not_found(format!("Earlier content with ID {id} not found"))
}
