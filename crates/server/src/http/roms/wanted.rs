//! The query of a list of games: every parameter that RomM has.

use keepsave_core::ids::{PlatformId, UserId};

use super::schema::PLAYER_COUNT;
use crate::http::fields::Fields;
use crate::library::browse::{Wanted, search};
use crate::vault::roms::listing::{Choice, Filter, Logic, Order, OrderBy, Status};

/// Reads a query.
pub fn wanted(fields: &mut Fields, user: UserId) -> Wanted {
    let scope = scope(fields, user);
    let filter = filter(fields, scope.clone());
    let mut flag = |name: &str, default| fields.optional_flag(name).unwrap_or(default);
    let (letters, values) = (
        flag("with_char_index", true),
        flag("with_filter_values", true),
    );
    let (ids, total) = (flag("with_rom_id_index", true), flag("with_total", true));
    let files = flag("with_files", false);
    // Groups games by what metadata providers call them: here each is its own group.
    flag("group_by_meta_id", false);
    Wanted {
        filter,
        scope,
        order: order(fields),
        limit: fields.bounded_integer("limit", 1, 10_000).unwrap_or(50),
        offset: fields.bounded_integer("offset", 0, i64::MAX).unwrap_or(0),
        letters,
        values,
        ids,
        total,
        files,
    }
}

/// What narrows the values to filter by, too.
fn scope(fields: &mut Fields, user: UserId) -> Filter {
    let collections = [
        fields
            .bounded_integer("collection_id", 1, i64::MAX)
            .is_some(),
        fields
            .bounded_integer("smart_collection_id", 1, i64::MAX)
            .is_some(),
        fields.optional_text("virtual_collection_id").is_some(),
    ];
    let term = fields.optional_text("search_term");
    let platforms = fields.integers("platform_ids");
    Filter {
        nothing: collections.contains(&true),
        search: term.as_deref().and_then(search),
        platforms: platforms.into_iter().map(PlatformId).collect(),
        ..Filter::all(user)
    }
}

fn filter(fields: &mut Fields, scope: Filter) -> Filter {
    let mut filter = Filter {
        missing: fields.optional_flag("missing"),
        played: fields.optional_flag("last_played"),
        has_saves: fields.optional_flag("has_saves"),
        has_states: fields.optional_flag("has_states"),
        statuses: choice(fields, "statuses").map(statuses),
        regions: choice(fields, "regions"),
        languages: choice(fields, "languages"),
        tags: choice(fields, "tags"),
        updated_after: fields.optional_moment("updated_after"),
        ..scope
    };
    // Nothing here is matched with a provider, in a collection of favourites, playable in the
    // browser, or a sibling of another game.
    for never in [
        "matched",
        "favorite",
        "duplicate",
        "playable",
        "has_ra",
        "verified",
        "has_soundtrack",
    ] {
        filter.nothing |= fields.optional_flag(never) == Some(true);
    }
    for never in [
        "genres",
        "franchises",
        "collections",
        "companies",
        "age_ratings",
    ] {
        filter.nothing |= choice(fields, never).is_some_and(|choice| choice.logic != Logic::None);
    }
    if let Some(providers) = choice(fields, "metadata_providers") {
        let any_known = providers.values.iter().any(|name| is_provider(name));
        filter.nothing |= any_known && providers.logic != Logic::None;
    }
    if let Some(players) = choice(fields, "player_counts") {
        let has = players.values.iter().any(|count| count == PLAYER_COUNT);
        filter.nothing |= has == (players.logic == Logic::None);
    }
    filter
}

fn choice(fields: &mut Fields, name: &str) -> Option<Choice<String>> {
    let values = fields.texts(name);
    let logic = match fields.optional_text(&format!("{name}_logic")).as_deref() {
        Some("all") => Logic::All,
        Some("none") => Logic::None,
        _ => Logic::Any,
    };
    (!values.is_empty()).then_some(Choice { values, logic })
}

fn statuses(choice: Choice<String>) -> Choice<Status> {
    let status = |name: String| match name.as_str() {
        "now_playing" => Status::NowPlaying,
        "backlogged" => Status::Backlogged,
        "hidden" => Status::Hidden,
        _ => Status::Named(name),
    };
    Choice {
        values: choice.values.into_iter().map(status).collect(),
        logic: choice.logic,
    }
}

/// Providers that RomM knows; others are no filter.
fn is_provider(name: &str) -> bool {
    matches!(
        name,
        "igdb"
            | "moby"
            | "ss"
            | "ra"
            | "launchbox"
            | "hasheous"
            | "flashpoint"
            | "hltb"
            | "gamelist"
            | "libretro"
    )
}

/// An unknown field sorts by name.
fn order(fields: &mut Fields) -> Order {
    let by = match fields
        .optional_text("order_by")
        .unwrap_or_default()
        .to_lowercase()
        .as_str()
    {
        "id" => OrderBy::Id,
        "fs_name" | "fs_name_no_tags" | "fs_name_no_ext" => OrderBy::FileName,
        "fs_size_bytes" => OrderBy::Size,
        "platform_id" => OrderBy::Platform,
        "created_at" => OrderBy::CreatedAt,
        "updated_at" => OrderBy::UpdatedAt,
        "last_played" => OrderBy::LastPlayed,
        "rating" => OrderBy::Rating,
        "difficulty" => OrderBy::Difficulty,
        "completion" => OrderBy::Completion,
        "status" => OrderBy::Status,
        _ => OrderBy::Name,
    };
    let direction = fields.optional_text("order_dir").unwrap_or_default();
    Order {
        by,
        descending: direction.eq_ignore_ascii_case("desc"),
    }
}
