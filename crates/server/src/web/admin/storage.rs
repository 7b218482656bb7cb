//! `/admin/storage`: how much there is, what would be given up, whether everything is whole, and
//! everything in one file.

use std::cmp::Reverse;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use keepsave_core::retention::{Policy, Rules};

use super::{Admin, SentByAdmin, Tab};
use crate::app::App;
use crate::maintenance::disk;
use crate::maintenance::retention::{self, Thinned};
use crate::maintenance::verify::Report;
use crate::maintenance::work::{self, Standing};
use crate::vault::blobs::in_background;
use crate::web::failure::Refusal;
use crate::web::page::{Page, Place};
use crate::web::{render, see};

/// How many timelines are named that would give something up.
const PLACES_SHOWN: usize = 20;

#[derive(Template)]
#[template(path = "admin_storage.html")]
struct StoragePage {
    page: Page,
    tab: Tab,
    folder: String,
    database: u64,
    room: u64,
    /// None where everything is kept.
    rules: Option<Rules>,
    given_up: Sum,
    places: Vec<PlaceLine>,
    thinning: Standing<Vec<Thinned>>,
    verifying: Standing<Report>,
}

impl StoragePage {
    fn is_busy(&self) -> bool {
        matches!(self.thinning, Standing::UnderWay { .. })
            || matches!(self.verifying, Standing::UnderWay { .. })
    }
}

/// What is given up, taken together.
#[derive(Clone, Copy, Default)]
struct Sum {
    versions: usize,
    bytes: u64,
}

impl Sum {
    fn of(all: &[Thinned]) -> Self {
        let given_up = all.iter().flat_map(|thinned| &thinned.given_up);
        given_up.fold(Self::default(), |sum, version| Self {
            versions: sum.versions + 1,
            bytes: sum.bytes + version.size,
        })
    }
}

/// What one timeline gives up.
struct PlaceLine {
    user: String,
    game: String,
    slot: Option<String>,
    sum: Sum,
    kept: usize,
}

impl PlaceLine {
    fn of(thinned: Thinned) -> Self {
        Self {
            sum: Sum::of(std::slice::from_ref(&thinned)),
            kept: thinned.kept,
            user: thinned.place.username,
            game: thinned.place.game,
            slot: thinned.place.slot,
        }
    }
}

/// How it stands. What would be given up is only said: when it is done, it is decided again.
pub async fn show(State(app): State<App>, admin: Admin) -> Result<Response, Refusal> {
    let asked = app.clone();
    let found = in_background(move || Ok((disk::sizes(&asked)?, retention::preview(&asked)?)));
    let ((database, room), thinned) = found.await?;
    let given_up = Sum::of(&thinned);
    let mut places: Vec<PlaceLine> = thinned.into_iter().map(PlaceLine::of).collect();
    places.sort_by_key(|place| Reverse(place.sum.bytes));
    places.truncate(PLACES_SHOWN);
    let shown = StoragePage {
        page: admin.page(&app)?,
        tab: Tab::Storage,
        folder: app.settings.data.display().to_string(),
        database,
        room,
        rules: match retention::policy(&app.settings) {
            Policy::KeepEverything => None,
            Policy::Thin(rules) => Some(rules),
        },
        given_up,
        places,
        thinning: app.works.retention.standing().borrow().clone(),
        verifying: app.works.verify.standing().borrow().clone(),
    };
    render(StatusCode::OK, &shown)
}

/// Gives up what is not kept.
pub async fn thin(State(app): State<App>, _sent: SentByAdmin) -> Result<Response, Refusal> {
    work::begin_thinning_out(&app);
    Ok(see("/admin/storage#retention"))
}

/// Begins to read everything.
pub async fn verify(State(app): State<App>, _sent: SentByAdmin) -> Result<Response, Refusal> {
    work::begin_verifying(&app);
    Ok(see("/admin/storage#verify"))
}
