//! `/api/platforms`: what games run on.

mod get;
mod identifiers;
mod list;

use keepsave_core::ids::PlatformId;
use keepsave_wire::platforms::PlatformSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::error::Failure;
use crate::app::App;
use crate::library::platforms::{elsewhere, known};
use crate::vault::platforms::Platform;

/// The routes of this area.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list))
        .routes(routes!(identifiers::identifiers))
        .routes(routes!(get::get))
}

fn not_found(id: PlatformId) -> Failure {
    Failure::not_found(format!("Platform with id '{id}' not found"))
}

/// A platform as every route sends it.
fn schema(row: Platform) -> PlatformSchema {
    let known = known(&row.slug);
    let elsewhere = elsewhere(&row.slug);
    let text = |text: Option<&str>| text.map(str::to_owned);
    let family = known.and_then(|known| known.family);
    let display_name = if row.custom_name.is_empty() {
        &row.name
    } else {
        &row.custom_name
    };
    PlatformSchema {
        id: row.id,
        display_name: display_name.clone(),
        fs_slug: row.fs_slug,
        rom_count: row.games,
        igdb_slug: text(elsewhere.igdb_slug),
        moby_slug: text(elsewhere.moby_slug),
        hltb_slug: text(elsewhere.hltb_slug),
        libretro_slug: text(known.and_then(|known| known.libretro)),
        custom_name: Some(row.custom_name),
        description: Some(String::new()),
        igdb_id: elsewhere.igdb_id,
        sgdb_id: None,
        moby_id: elsewhere.moby_id,
        launchbox_id: elsewhere.launchbox_id,
        ss_id: elsewhere.ss_id,
        ra_id: elsewhere.ra_id,
        hasheous_id: elsewhere.hasheous_id,
        tgdb_id: elsewhere.tgdb_id,
        flashpoint_id: None,
        category: known.map(|known| known.category.as_str().to_owned()),
        generation: known.and_then(|known| known.generation),
        family_name: text(family),
        family_slug: family.map(str::to_lowercase),
        url: elsewhere
            .igdb_slug
            .map(|slug| format!("https://www.igdb.com/platforms/{slug}")),
        url_logo: elsewhere
            .logo
            .map(|logo| format!("https://images.igdb.com/igdb/image/upload/t_1080p/{logo}.jpg")),
        firmware: Vec::new(),
        created_at: row.created_at,
        updated_at: row.updated_at,
        fs_size_bytes: row.size,
        is_unidentified: known.is_none(),
        is_identified: known.is_some(),
        missing_from_fs: row.missing,
        firmware_count: 0,
        slug: row.slug,
        name: row.name,
    }
}
