//! A scan: compares the disk with what is known and writes down what changed.
//!
//! What it reads (the disk, the rows) is gathered first; `matching` decides; then each platform is
//! written in one transaction. What came in between, such as a game that someone registered, is
//! found there and not made twice.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Instant;

use keepsave_core::ids::RomId;
use keepsave_wire::library::{ScanProblem, ScanReport};

use super::catalogue::{self, Listed};
use super::looks::Comparing;
use super::matching::{self, FoundGame, Pairs};
use super::placing::{self, PlatformPlan};
use super::reading::{identity_size, read_game};
use super::walk::{Layout, Walk, walk};
use super::{hashing, platforms};
use crate::app::App;
use crate::run::Stopping;
use crate::vault::blobs::in_background;
use crate::vault::platforms::{self as platform_rows, Folder};
use crate::vault::roms::scanning::{self, KnownGame};
use crate::vault::{Fault, Vault};

/// Takes stock of the library, and reads the bytes of what is new in it.
pub async fn scan(app: &App) -> Result<ScanReport, Fault> {
    let mut report = take_stock(app).await?;
    report.unhashed = hashing::hash_pending(app).await?;
    Ok(report)
}

/// Takes stock of the library because someone asked for it. The bytes of what is new are read
/// afterwards.
pub async fn scan_now(app: &App) -> Result<ScanReport, Fault> {
    let report = take_stock(app).await?;
    if report.unhashed > 0 {
        let app = app.clone();
        tokio::spawn(async move {
            if let Err(fault) = hashing::hash_pending(&app).await {
                tracing::error!(%fault, "new games could not be read; the next scan tries again");
            }
        });
    }
    Ok(report)
}

/// The same for someone who does not wait, unless it goes on already: [`Library::looks`] says how
/// far it is.
///
/// [`Library::looks`]: super::Library::looks
pub fn begin_scan(app: &App) {
    if app.library.looks.borrow().under_way {
        return;
    }
    let app = app.clone();
    tokio::spawn(async move {
        if let Err(fault) = scan_now(&app).await {
            tracing::error!(%fault, "the library could not be scanned; nothing was changed");
        }
    });
}

/// Takes stock of the library: afterwards every game that is there has its row.
///
/// Reads no bytes, except where only they can tell whether a game was renamed.
pub async fn take_stock(app: &App) -> Result<ScanReport, Fault> {
    let _one_at_a_time = app.library.scanning.lock().await;
    let comparing = Comparing::begin(&app.library.looks);
    let began = Instant::now();
    let (vault, library) = (app.vault.clone(), app.settings.library.clone());
    let stopping = app.stopping.clone();
    let stock = in_background(move || compare(&vault, &library, &stopping)).await?;

    let mut report = stock.report;
    for plan in stock.plans {
        let now = app.now();
        let done = app.vault.write(move |tx| placing::place(tx, &plan, now));
        let counts = done.await?;
        report.added += counts.added;
        report.moved += counts.moved;
        report.changed += counts.changed;
        report.returned += counts.returned;
        report.missing += counts.missing;
        report.unchanged += counts.unchanged;
    }
    report.unhashed = app.vault.read(scanning::unhashed)?.len() as u64;
    app.metrics.scanned(app.now(), began.elapsed());
    for ScanProblem { path, what } in &report.problems {
        tracing::warn!(path, what, "a part of the library was left out");
    }
    tracing::info!(
        added = report.added,
        moved = report.moved,
        changed = report.changed,
        returned = report.returned,
        missing = report.missing,
        unchanged = report.unchanged,
        unhashed = report.unhashed,
        "the library was scanned"
    );
    comparing.done(app.now());
    app.library.reports.send_replace(report.clone());
    Ok(report)
}

/// What is to be written, platform by platform.
struct Stock {
    plans: Vec<PlatformPlan>,
    report: ScanReport,
}

fn compare(vault: &Vault, library: &Path, stopping: &Stopping) -> Result<Stock, Fault> {
    let (folders, known) = vault
        .read(|tx| Ok::<_, Fault>((platform_rows::folders(tx)?, scanning::known_games(tx)?)))?;
    let mut seen = walk(library);
    let mut report = ScanReport {
        problems: std::mem::take(&mut seen.problems),
        ..ScanReport::default()
    };
    if seen.unreadable {
        return Ok(Stock {
            plans: Vec::new(),
            report,
        });
    }
    let is_platform = |name: &str| {
        platforms::known(name).is_some() || folders.iter().any(|folder| folder.fs_slug == name)
    };
    let mut listed = catalogue::read(library, is_platform);
    report.problems.append(&mut listed.problems);

    let known: Vec<KnownGame> = known
        .into_iter()
        .filter(|game| !cannot_be_told(&seen, game))
        .collect();
    let mut found = found_games(&mut seen);
    matching::mark_twins(&known, &mut found);
    let mut pairs = Pairs::unchanged(&known, &found);
    for at in pairs.to_read(&found) {
        let game = &mut found[at];
        let sources = placing::sources(seen.layout, game);
        match read_game(library, &sources, stopping) {
            Ok(read) => game.read = Some(read),
            Err(error) => report.problems.push(ScanProblem {
                path: format!(
                    "{}/{}",
                    seen.layout.games_of(&game.platform),
                    game.seen.fs_name
                ),
                what: format!("its bytes cannot be read ({error}); it is known by its name only"),
            }),
        }
    }
    pairs.settle_rest(&found);
    let gone: Vec<(String, RomId)> = pairs
        .gone()
        .filter(|game| placing::can_be_lost(game))
        .map(|game| (game.platform.clone(), game.id))
        .collect();
    let listed_before: BTreeSet<&str> = known
        .iter()
        .filter(|game| game.listed)
        .map(|game| game.platform.as_str())
        .collect();
    let paired = (0..found.len())
        .map(|at| pairs.known_of(at).cloned())
        .collect::<Vec<_>>();
    let games = found.into_iter().zip(paired).collect();
    let mut plans = plans(seen.layout, &seen, &folders, listed, games, gone);
    plans.retain(|plan| {
        let folder = folders.iter().find(|folder| folder.fs_slug == plan.fs_slug);
        let was_listed = listed_before.contains(plan.fs_slug.as_str());
        let has_work = plan.has_work(folder, was_listed);
        if !has_work {
            report.unchanged += plan.games.len() as u64;
        }
        has_work
    });
    Ok(Stock { plans, report })
}

/// What is not seen because it cannot be read is not gone.
fn cannot_be_told(seen: &Walk, game: &KnownGame) -> bool {
    seen.platforms.iter().any(|platform| {
        platform.fs_slug == game.platform
            && (platform.unread.contains(&game.fs_name)
                || platform.unreadable
                    && !platform
                        .games
                        .iter()
                        .any(|seen| seen.fs_name == game.fs_name))
    })
}

fn found_games(seen: &mut Walk) -> Vec<FoundGame> {
    let mut found = Vec::new();
    for platform in &mut seen.platforms {
        for game in std::mem::take(&mut platform.games) {
            let files = game
                .files
                .iter()
                .map(|file| (file.name.as_str(), file.size));
            found.push(FoundGame {
                platform: platform.fs_slug.clone(),
                identity_size: identity_size(files),
                seen: game,
                read: None,
            });
        }
    }
    found
}

/// Sorts everything by platform. A game that moved is written with the platform it moved to.
fn plans(
    layout: Layout,
    seen: &Walk,
    folders: &[Folder],
    listed: Listed,
    games: Vec<(FoundGame, Option<KnownGame>)>,
    gone: Vec<(String, RomId)>,
) -> Vec<PlatformPlan> {
    let names: BTreeSet<&str> = (seen.platforms.iter().map(|seen| seen.fs_slug.as_str()))
        .chain(folders.iter().map(|folder| folder.fs_slug.as_str()))
        .chain(listed.games.keys().map(String::as_str))
        .collect();
    let mut plans: BTreeMap<String, PlatformPlan> = names
        .into_iter()
        .map(|name| {
            let plan = PlatformPlan {
                fs_slug: name.to_owned(),
                name: platforms::name(name),
                fs_path: layout.games_of(name),
                has_folder: seen.platforms.iter().any(|seen| seen.fs_slug == name),
                games: Vec::new(),
                gone: Vec::new(),
                listed: (!listed.unreadable).then(BTreeSet::new),
            };
            (name.to_owned(), plan)
        })
        .collect();
    for (game, known) in games {
        if let Some(plan) = plans.get_mut(&game.platform) {
            plan.games.push((game, known));
        }
    }
    for (platform, id) in gone {
        if let Some(plan) = plans.get_mut(&platform) {
            plan.gone.push(id);
        }
    }
    for (platform, names) in listed.games {
        if let Some(plan) = plans.get_mut(&platform) {
            plan.listed.get_or_insert_default().extend(names);
        }
    }
    plans.into_values().collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use keepsave_core::ids::PlatformId;

    use super::*;
    use crate::library::walk::{SeenGame, SeenPlatform};

    fn game(platform: &str, fs_name: &str) -> KnownGame {
        KnownGame {
            id: RomId(1),
            platform_id: PlatformId(1),
            platform: platform.to_owned(),
            fs_name: fs_name.to_owned(),
            fs_path: format!("roms/{platform}"),
            is_folder: false,
            name: fs_name.to_owned(),
            named: false,
            hashed: true,
            identity: None,
            identity_size: 0,
            registered: false,
            listed: false,
            missing: false,
            files: Vec::new(),
        }
    }

    #[test]
    fn what_cannot_be_read_is_not_gone() {
        let seen = |unread: &[&str], unreadable| Walk {
            platforms: vec![SeenPlatform {
                fs_slug: "gba".to_owned(),
                games: vec![SeenGame {
                    fs_name: "Seen.gba".to_owned(),
                    is_folder: false,
                    files: Vec::new(),
                }],
                unread: unread
                    .iter()
                    .map(|name| (*name).to_owned())
                    .collect::<HashSet<_>>(),
                unreadable,
            }],
            ..Walk::default()
        };
        let whole = seen(&[], false);
        assert!(!cannot_be_told(&whole, &game("gba", "Gone.gba")));
        let partly = seen(&["Broken.gba"], false);
        assert!(cannot_be_told(&partly, &game("gba", "Broken.gba")));
        assert!(!cannot_be_told(&partly, &game("gba", "Gone.gba")));
        let broken = seen(&[], true);
        assert!(cannot_be_told(&broken, &game("gba", "Perhaps.gba")));
        assert!(!cannot_be_told(&broken, &game("gba", "Seen.gba")));
        assert!(!cannot_be_told(&broken, &game("snes", "Other.sfc")));
    }
}
