//! Gives up the bytes of versions that nobody asked to keep, as the operator chose.
//!
//! What is given up is decided in core; without a choice that is nothing.

use keepsave_core::ids::VersionId;
use keepsave_core::retention::{Plan, Policy, Rules, Verdict, Version, plan};
use keepsave_core::time::Time;
use serde::Serialize;

use crate::app::App;
use crate::config::Settings;
use crate::saves::hide;
use crate::vault::retention::{self, Place};
use crate::vault::saves::{self, Hidden};
use crate::vault::tree::TreeStep;
use crate::vault::{Fault, Tx};

/// A version whose bytes are given up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GivenUp {
    /// Its id.
    pub id: VersionId,
    /// Its number in the timeline.
    pub ordinal: i64,
    /// When it was made.
    pub created_at: Time,
    /// How many bytes it holds.
    pub size: u64,
}

/// What becomes of one timeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Thinned {
    /// The timeline.
    #[serde(flatten)]
    pub place: Place,
    /// How many of its versions keep their bytes.
    pub kept: usize,
    /// Those that do not.
    pub given_up: Vec<GivenUp>,
}

/// What the settings choose.
pub fn policy(settings: &Settings) -> Policy {
    let rules = Rules {
        last: settings.retention_keep_last,
        days: settings.retention_keep_daily,
        months: settings.retention_keep_monthly,
        shown: settings.retention_keep_listed,
    };
    if (rules.last, rules.days, rules.months) == (0, 0, 0) {
        Policy::KeepEverything
    } else {
        Policy::Thin(rules)
    }
}

/// What would be given up: the timelines that lose something.
pub fn preview(app: &App) -> Result<Vec<Thinned>, Fault> {
    let (policy, now) = (policy(&app.settings), app.now());
    if policy == Policy::KeepEverything {
        return Ok(Vec::new());
    }
    let mut all = Vec::new();
    for place in app.vault.read(retention::places)? {
        let versions = app
            .vault
            .read(|tx| retention::versions(tx, place.timeline_id))?;
        let thinned = thinned(place, &versions, &plan(&versions, policy, now));
        all.extend((!thinned.given_up.is_empty()).then_some(thinned));
    }
    Ok(all)
}

/// Gives it up. The room is free after the next sweep.
pub async fn apply(app: &App) -> Result<Vec<Thinned>, Fault> {
    let (policy, now) = (policy(&app.settings), app.now());
    let mut all = Vec::new();
    for Thinned { place, .. } in preview(app)? {
        // Decided again, by what is true when it is done.
        let given_up = app.vault.write(move |tx| give_up(tx, place, policy, now));
        let (thinned, steps) = given_up.await?;
        app.follow(steps);
        all.extend((!thinned.given_up.is_empty()).then_some(thinned));
    }
    app.following.caught_up().await;
    Ok(all)
}

fn give_up(
    tx: &Tx<'_>,
    place: Place,
    policy: Policy,
    now: Time,
) -> Result<(Thinned, Vec<TreeStep>), Fault> {
    let versions = retention::versions(tx, place.timeline_id)?;
    let thinned = thinned(place, &versions, &plan(&versions, policy, now));
    let mut steps = Vec::new();
    for version in &thinned.given_up {
        retention::purge(tx, version.id, now)?;
        for save in saves::showing(tx, version.id)? {
            steps.extend(hide(tx, &save, Hidden::Cleaned, now)?);
        }
    }
    Ok((thinned, steps))
}

fn thinned(place: Place, versions: &[Version], plan: &Plan) -> Thinned {
    let verdicts = versions.iter().zip(&plan.verdicts);
    let given_up: Vec<GivenUp> = verdicts
        .filter(|(_, (_, verdict))| *verdict == Verdict::Purge)
        .map(|(version, _)| GivenUp {
            id: version.id,
            ordinal: version.ordinal,
            created_at: version.created_at,
            size: version.size,
        })
        .collect();
    Thinned {
        place,
        kept: versions.len() - given_up.len(),
        given_up,
    }
}
