//! What every tab of a game has above it: the game, where its current save is, every device.

use keepsave_core::ids::RomId;
use keepsave_core::whereabouts::Whereabouts;

use super::Opened;
use crate::app::App;
use crate::history::{self, SlotView, played};
use crate::vault::history::{Contents, contents};
use crate::web::device_words::kind;
use crate::web::failure::Refusal;
use crate::web::page::Page;
use crate::web::words::{Markup, Phrase, Words};

/// Above every tab.
pub struct Head {
    /// The game.
    pub id: RomId,
    /// Its title.
    pub title: String,
    /// Its platform's name.
    pub platform: String,
    /// Where the platform's games are.
    pub platform_href: String,
    /// The platform in a few letters.
    pub letters: String,
    /// Whether its file is gone.
    pub is_missing: bool,
    /// How long it was played, on how many devices.
    pub facts: Vec<Phrase<'static>>,
    /// Where its current save is.
    pub lead: Phrase<'static>,
    /// Every device.
    pub fleet: Vec<FleetRow>,
    /// How much each tab holds.
    pub contents: Contents,
    /// Which tab it is.
    pub tab: Tab,
}

/// One device.
pub struct FleetRow {
    /// Its icon.
    pub icon: &'static str,
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub pill: Markup,
    /// Where one sees more of it.
    pub href: String,
}

/// The tabs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tab {
    /// Saves.
    Saves,
    /// States.
    States,
    /// Screenshots.
    Screenshots,
    /// Playtime.
    Playtime,
    /// Notes.
    Notes,
    /// A page beneath one of them.
    Beneath,
}

impl Head {
    /// Of a game whose slots are at hand.
    pub fn of(
        app: &App,
        page: &Page,
        opened: &Opened,
        slots: &[SlotView],
        tab: Tab,
    ) -> Result<Self, Refusal> {
        let Opened { user, rom } = opened;
        let fleet = history::fleet(slots);
        let played = played::of_game(app, *user, rom.id)?.total();
        let mut facts = Vec::new();
        if played.ms > 0 {
            let ms = u64::try_from(played.ms).unwrap_or_default();
            facts.push(page.game_played(page.words.lasted(ms)));
        }
        if !fleet.is_empty() {
            facts.push(page.game_devices(fleet.len()));
        }
        let platform = match rom.platform.custom_name.as_str() {
            "" => rom.platform.name.clone(),
            custom => custom.to_owned(),
        };
        Ok(Self {
            id: rom.id,
            title: rom.name.clone(),
            platform,
            platform_href: format!("/library?platform={}", rom.platform.id),
            letters: rom.platform.slug.to_uppercase(),
            is_missing: rom.missing,
            facts,
            lead: lead(page, slots, &fleet),
            fleet: fleet
                .iter()
                .map(|one| fleet_row(page, rom.id, one))
                .collect(),
            contents: app.vault.read(|tx| contents(tx, *user, rom.id))?,
            tab,
        })
    }

    /// The same, of a page that needs nothing else of the slots.
    pub fn alone(app: &App, page: &Page, opened: &Opened, tab: Tab) -> Result<Self, Refusal> {
        let slots = history::heads(app, opened.user, opened.rom.id)?;
        Self::of(app, page, opened, &slots, tab)
    }

    /// `aria-current` of a tab.
    pub fn current(&self, tab: Tab) -> Markup {
        let here = if self.tab == tab {
            " aria-current=\"page\""
        } else {
            ""
        };
        Markup::new(here, "")
    }
}

fn lead(page: &Page, slots: &[SlotView], fleet: &[history::Fleet]) -> Phrase<'static> {
    let heads = slots.iter().filter_map(SlotView::head);
    let Some(newest) = heads.max_by_key(|head| head.record.created_at) else {
        return page.game_none();
    };
    let in_sync = |one: &&history::Fleet| one.seat.whereabouts == Whereabouts::InSync;
    let (on, all) = (fleet.iter().filter(in_sync).count(), fleet.len());
    let time = page.time(newest.record.created_at);
    match newest.by.clone() {
        Some(device) => page.game_saved_on(time, device, on, all),
        None => page.game_saved(time, on, all),
    }
}

fn fleet_row(page: &Page, rom: RomId, one: &history::Fleet) -> FleetRow {
    let seat = &one.seat;
    let href = match seat.whereabouts {
        Whereabouts::NeedsYou | Whereabouts::HeldBack => format!("/conflicts/{}", one.slot),
        _ => format!("/games/{rom}/slots/{}#sync", one.slot),
    };
    FleetRow {
        icon: device_icon(seat),
        name: name_of(page.words, seat.name.as_deref()),
        pill: page.whereabouts(seat.whereabouts),
        href,
    }
}

/// What a device is called on a page.
pub fn name_of(words: Words, name: Option<&str>) -> String {
    name.map_or_else(|| words.conflict_device().plain(), str::to_owned)
}

/// The icon that looks most like a device.
pub fn device_icon(seat: &history::SeatView) -> &'static str {
    let more = [&seat.name, &seat.client];
    kind(seat.platform.as_deref(), &more.map(|text| text.as_deref()))
}

/// `Steam Deck and Retroid Pocket 5`, `A, B and C`.
pub fn and(words: Words, names: &[String]) -> Phrase<'static> {
    match names {
        [] => words.bare(String::new().into()),
        [only] => words.bare(only.clone().into()),
        [first @ .., last] => words.game_and(first.join(", "), last.clone()),
    }
}
