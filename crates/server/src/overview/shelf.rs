//! The library as a person looks through it: what needs them first, then what was played last.

use std::collections::HashMap;

use keepsave_core::ids::{PlatformId, RomId, UserId};
use keepsave_core::limits;
use keepsave_core::time::Time;
use keepsave_core::whereabouts::Whereabouts;

use super::tiles;
use crate::app::App;
use crate::library::{browse, suggest};
use crate::vault::platforms::{self, Platform};
use crate::vault::roms::Rom;
use crate::vault::roms::listing::{self, Filter, Order, OrderBy};
use crate::vault::{Fault, Tx, history, shelf};

/// What is looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// On this platform alone.
    pub platform: Option<PlatformId>,
    /// With this in its name.
    pub search: String,
    /// In which order.
    pub sort: Sort,
    /// Which page, counted from one.
    pub page: u64,
}

/// In which order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// What needs the person, then what was played last.
    #[default]
    Needs,
    /// By name.
    Title,
    /// The largest first.
    Size,
    /// What came last first.
    Added,
}

/// A game on the shelf.
#[derive(Clone, Debug)]
pub struct Tile {
    /// The game.
    pub rom: Rom,
    /// Where its devices are; none where no device ever synced it.
    pub whereabouts: Option<Whereabouts>,
    /// When its newest save came.
    pub saved: Option<Time>,
    /// Whether something of it waits for the person.
    pub needs: bool,
}

/// A page of the shelf.
#[derive(Clone, Debug)]
pub struct Shelf {
    /// The games of the page.
    pub tiles: Vec<Tile>,
    /// How many games fit.
    pub total: u64,
    /// How many games there are.
    pub games: u64,
    /// Of how many the person has saves.
    pub with_saves: u64,
    /// Every platform that has games.
    pub platforms: Vec<Platform>,
    /// A name that may have been meant, where nothing fits.
    pub meant: Option<String>,
}

/// Looks through the library.
pub fn page(app: &App, user: UserId, wanted: &Wanted) -> Result<Shelf, Fault> {
    let now = app.now();
    app.vault.read(|tx| {
        let filter = Filter {
            platforms: wanted.platform.into_iter().collect(),
            search: browse::search(&wanted.search),
            ..Filter::all(user)
        };
        let total = listing::count(tx, &filter, Order::BY_NAME)?;
        let mut platforms = platforms::all(tx, None)?;
        platforms.retain(|platform| platform.games > 0);
        let games = platforms.iter().map(|platform| platform.games).sum();
        let (roms, needs) = of_page(tx, user, &filter, wanted, total)?;
        let ids: Vec<RomId> = roms.iter().map(|rom| rom.id).collect();
        let mut whereabouts = tiles::of(tx, user, &ids, now)?;
        let mut saved = HashMap::new();
        for save in shelf::newest(tx, user, &ids)? {
            saved.entry(save.rom).or_insert(save.updated_at);
        }
        let tile = |rom: Rom| Tile {
            whereabouts: whereabouts.remove(&rom.id),
            saved: saved.remove(&rom.id),
            needs: needs.contains(&rom.id),
            rom,
        };
        Ok(Shelf {
            tiles: roms.into_iter().map(tile).collect(),
            total,
            games,
            with_saves: shelf::games_with_saves(tx, user)?,
            platforms,
            meant: match total {
                0 if !wanted.search.is_empty() => suggest::meant(&wanted.search, shelf::names(tx)?),
                _ => None,
            },
        })
    })
}

/// The games of a page, and all that need the person.
fn of_page(
    tx: &Tx<'_>,
    user: UserId,
    filter: &Filter,
    wanted: &Wanted,
    total: u64,
) -> Result<(Vec<Rom>, Vec<RomId>), Fault> {
    let mut needs: Vec<RomId> = Vec::new();
    for unsettled in history::unsettled(tx, user)? {
        if !needs.contains(&unsettled.rom) {
            needs.push(unsettled.rom);
        }
    }
    let size = limits::SHELF_GAMES;
    let pages = total.div_ceil(size.unsigned_abs()).max(1);
    let offset = (wanted.page.clamp(1, pages) - 1) * size.unsigned_abs();
    let mut offset = i64::try_from(offset).unwrap_or(i64::MAX);
    let by = |by, descending| Order { by, descending };
    let order = match wanted.sort {
        Sort::Needs => by(OrderBy::Activity, true),
        Sort::Title => Order::BY_NAME,
        Sort::Size => by(OrderBy::Size, true),
        Sort::Added => by(OrderBy::CreatedAt, true),
    };
    if wanted.sort != Sort::Needs || needs.is_empty() {
        return Ok((listing::page(tx, filter, order, size, offset)?, needs));
    }
    let first = Filter {
        only: Some(needs.clone()),
        ..filter.clone()
    };
    let mut all = listing::page(tx, &first, order, i64::MAX, 0)?;
    all.sort_by_key(|rom| needs.iter().position(|id| *id == rom.id));
    let of_needs = i64::try_from(all.len()).unwrap_or(i64::MAX);
    let shown = all
        .into_iter()
        .skip(usize::try_from(offset).unwrap_or(usize::MAX));
    let mut roms: Vec<Rom> = shown
        .take(usize::try_from(size).unwrap_or_default())
        .collect();
    let left = size - i64::try_from(roms.len()).unwrap_or(size);
    offset = (offset - of_needs).max(0);
    let rest = Filter {
        except: needs.clone(),
        ..filter.clone()
    };
    roms.extend(listing::page(tx, &rest, order, left, offset)?);
    Ok((roms, needs))
}
