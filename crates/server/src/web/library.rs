//! `/library`: every game, by platform, what needs the person first.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use http::StatusCode;
use keepsave_core::ids::PlatformId;
use keepsave_core::limits;
use keepsave_core::whereabouts::Whereabouts;

use super::failure::Refusal;
use super::page::{Page, Place};
use super::pages::Pages;
use super::render;
use super::visitor::Visitor;
use super::words::Markup;
use crate::app::App;
use crate::http::fields::Fields;
use crate::overview::shelf::{self, Shelf, Sort, Wanted};
use crate::vault::platforms::Platform;

#[derive(Template)]
#[template(path = "library.html")]
struct LibraryPage {
    page: Page,
    wanted: Wanted,
    shelf: Shelf,
    pages: Pages,
    folder: String,
}

/// How an order is spelled in an address.
const SORTS: [(Sort, &str); 4] = [
    (Sort::Needs, ""),
    (Sort::Title, "title"),
    (Sort::Size, "size"),
    (Sort::Added, "added"),
];

/// A page of the library.
pub async fn show(
    State(app): State<App>,
    visitor: Visitor,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    let user = visitor.person()?.id();
    let mut fields = Fields::of_query(query.as_deref());
    let mut text = |name: &str| fields.optional_text(name).unwrap_or_default();
    let (search, sort, page, platform) = (text("q"), text("sort"), text("page"), text("platform"));
    let sort = SORTS.into_iter().find(|(_, name)| *name == sort);
    let platform: Option<i64> = platform.parse().ok();
    let wanted = Wanted {
        platform: platform.map(PlatformId),
        search: search.trim().chars().take(limits::SEARCH_CHARS).collect(),
        sort: sort.map(|(sort, _)| sort).unwrap_or_default(),
        page: page.parse().unwrap_or(1),
    };
    let shelf = shelf::page(&app, user, &wanted)?;
    let shown = LibraryPage {
        page: visitor.page(&app, Place::Library)?,
        pages: Pages::new(
            wanted.page,
            shelf.total,
            limits::SHELF_GAMES.unsigned_abs(),
            "/library",
            &[
                ("q", &wanted.search),
                (
                    "platform",
                    &platform.map(|id| id.to_string()).unwrap_or_default(),
                ),
                ("sort", spelled(wanted.sort)),
            ],
        ),
        folder: app.settings.library.display().to_string(),
        wanted,
        shelf,
    };
    render(StatusCode::OK, &shown)
}

fn spelled(sort: Sort) -> &'static str {
    let found = SORTS.into_iter().find(|(other, _)| *other == sort);
    found.map_or("", |(_, name)| name)
}

impl LibraryPage {
    fn sorts(&self) -> Vec<(&'static str, bool, Markup)> {
        let name = |sort| match sort {
            Sort::Needs => self.page.library_sort_needs(),
            Sort::Title => self.page.library_sort_title(),
            Sort::Size => self.page.library_sort_size(),
            Sort::Added => self.page.library_sort_added(),
        };
        let line = |(sort, value): (Sort, &'static str)| {
            let name = name(sort);
            let said = Markup::new(name.to_string(), name.plain());
            (value, sort == self.wanted.sort, said)
        };
        SORTS.into_iter().map(line).collect()
    }

    fn is_current(&self, platform: Option<&Platform>) -> Markup {
        let here = self.wanted.platform == platform.map(|platform| platform.id);
        Markup::new(if here { " aria-current=\"page\"" } else { "" }, "")
    }

    fn title(&self) -> String {
        let chosen = |platform: &&Platform| Some(platform.id) == self.wanted.platform;
        match self.shelf.platforms.iter().find(chosen) {
            Some(platform) => name(platform).to_owned(),
            None => self.page.library_title().plain(),
        }
    }
}

/// What people call a platform.
pub fn name(platform: &Platform) -> &str {
    match platform.custom_name.as_str() {
        "" => &platform.name,
        chosen => chosen,
    }
}
