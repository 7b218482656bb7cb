//! Versions as rows of a timeline: each sentence of a row is said here, its looks are in
//! `game/row.html`.

use keepsave_core::ids::{RomId, SlotId, TimelineId, VersionId};
use keepsave_core::whereabouts::Whereabouts;

use super::head::device_icon;
use crate::history::{Line, SeatView, SlotView, TimelineView, VersionView};
use crate::web::page::{Page, icon};
use crate::web::words::{Markup, Phrase, Words};

/// From so many rows on a page would be heavy with icons.
const LIGHT_FROM: usize = 25;

/// A slot on its page.
pub struct SlotRows {
    /// Its id.
    pub id: SlotId,
    /// Its name.
    pub name: String,
    /// Whether it is the archive of saves without a slot.
    pub is_archive: bool,
    /// How many versions and lines it has.
    pub facts: Vec<Phrase<'static>>,
    /// Its timelines: the save's own, then its companions'.
    pub timelines: Vec<Rows>,
}

/// A timeline.
pub struct Rows {
    /// Its id.
    pub id: TimelineId,
    /// The file that it is of, where it is not the save's own.
    pub beside: Option<String>,
    /// Whether branches stand beside the main line.
    pub is_forked: bool,
    /// Its rows, day by day.
    pub days: Vec<Day>,
    /// How many versions are older, and where they are.
    pub older: Option<(Phrase<'static>, String)>,
}

/// The rows of one day.
pub struct Day {
    /// Which day.
    pub heading: Phrase<'static>,
    /// Whether a branch passes beside the heading.
    pub class: &'static str,
    /// Its rows.
    pub rows: Vec<Row>,
}

/// A version.
#[expect(clippy::struct_excessive_bools, reason = "each is looked at by itself")]
pub struct Row {
    /// The version.
    pub id: VersionId,
    /// Its number.
    pub ordinal: i64,
    /// Its looks.
    pub class: String,
    /// Its picture.
    pub shot: Option<String>,
    /// Its own page.
    pub href: String,
    /// What it is called: its name, or when and where it was made.
    pub title: Markup,
    /// Its facts.
    pub facts: Vec<Phrase<'static>>,
    /// The devices that hold it.
    pub chips: Vec<Chip>,
    /// Until when it is kept, when it was deleted.
    pub deleted: Option<Phrase<'static>>,
    /// Whether it is current.
    pub is_head: bool,
    /// Whether it waits for a person.
    pub is_branch: bool,
    /// Whether it is pinned.
    pub is_pinned: bool,
    /// Whether its bytes can be had.
    pub is_there: bool,
    /// Whether others see it; none where it cannot be shown to them.
    pub is_public: Option<bool>,
    /// How many versions go when it is deleted.
    pub goes: i64,
    /// Whether it is one of many: then its menu has words and no icons, which are half its weight.
    pub is_light: bool,
}

impl Row {
    /// The icon of an entry of its menu.
    pub fn sign(&self, name: &str) -> Markup {
        if self.is_light {
            Markup::default()
        } else {
            icon(name)
        }
    }
}

/// A device that holds a version.
pub struct Chip {
    /// Its icon.
    pub icon: &'static str,
    /// What is said.
    pub text: Phrase<'static>,
    /// Whether nothing was heard of it for long.
    pub is_silent: bool,
}

/// A slot with its rows.
pub fn slot(page: &Page, rom: RomId, view: &SlotView) -> SlotRows {
    let mut timelines = view.timelines.iter();
    let count = timelines
        .clone()
        .map(|one| one.count)
        .max()
        .unwrap_or_default();
    let branches = timelines.clone().map(|one| one.branches).max();
    let mut facts = vec![page.slot_versions(count)];
    if let Some(branches) = branches.filter(|branches| *branches > 0) {
        facts.push(page.slot_lines(branches + 1));
    }
    let first = timelines.next().map(|one| one.timeline.id);
    SlotRows {
        id: view.id,
        name: slot_name(page.words, view.name.as_deref()),
        is_archive: view.name.is_none(),
        facts,
        timelines: view
            .timelines
            .iter()
            .filter(|one| !one.versions.is_empty())
            .map(|one| rows(page, rom, one, first == Some(one.timeline.id)))
            .collect(),
    }
}

/// What a slot is called on a page.
pub fn slot_name(words: Words, name: Option<&str>) -> String {
    match name {
        None => words.slot_none().plain(),
        Some("") => words.slot_unnamed().plain(),
        Some(name) => name.to_owned(),
    }
}

fn rows(page: &Page, rom: RomId, view: &TimelineView, is_first: bool) -> Rows {
    let mut days: Vec<Day> = Vec::new();
    let mut last = String::new();
    for version in &view.versions {
        let heading = page.day(version.record.created_at);
        let text = heading.plain();
        if days.is_empty() || text != last {
            last = text;
            let passes = version.beside || version.parted;
            days.push(Day {
                heading,
                class: if passes { " beside" } else { "" },
                rows: Vec::new(),
            });
        }
        if let Some(day) = days.last_mut() {
            day.rows.push(row(page, rom, view, version));
        }
    }
    let file = view
        .versions
        .first()
        .map(|one| one.record.file_name.clone());
    let is_plain = is_first && view.timeline.slot.is_some();
    Rows {
        id: view.timeline.id,
        beside: file.filter(|_| !is_plain),
        is_forked: view.branches > 0,
        days,
        older: (view.older > 0).then(|| {
            let (timeline, before) = (view.timeline.id, view.older + 1);
            let href = format!("/games/{rom}?timeline={timeline}&before={before}#t{timeline}");
            (page.slot_older(view.older), href)
        }),
    }
}

/// One version as a row.
pub fn row(page: &Page, rom: RomId, timeline: &TimelineView, view: &VersionView) -> Row {
    let record = &view.record;
    let is_there = record.purged_at.is_none();
    let deleted = record.deleted_at.map(|_| match &view.kept_until {
        Some(until) => page.version_deleted_until(page.date(until)),
        None => page.version_deleted(),
    });
    let listed = view.row.as_ref().filter(|row| row.is_listed);
    Row {
        id: record.id,
        ordinal: record.ordinal,
        class: class(view),
        shot: view
            .picture
            .map(|shot| format!("/api/screenshots/{shot}/content")),
        href: format!("/games/{rom}/versions/{}", record.id),
        title: title(page, view),
        facts: facts(page, view),
        chips: chips(page, timeline, view),
        is_head: view.line == Line::Head,
        is_branch: view.line == Line::Branch,
        is_pinned: record.pinned,
        is_there,
        is_public: listed.map(|row| row.is_public),
        goes: view.row.as_ref().map_or(1, |row| row.versions),
        is_light: timeline.versions.len() > LIGHT_FROM,
        deleted,
    }
}

fn class(view: &VersionView) -> String {
    let mut class = "version".to_owned();
    class += match view.line {
        Line::Head => " head",
        Line::Branch => " branch",
        Line::OfBranch => " branch of",
        Line::Main => "",
        Line::Aside => " aside",
    };
    if view.beside {
        class += " beside";
    }
    if view.parted {
        class += " parted";
    }
    class
}

/// When and where a version was made.
fn made(page: &Page, view: &VersionView) -> Phrase<'static> {
    let time = page.time(view.record.created_at);
    match (&view.by, view.record.made_by.as_str()) {
        (Some(device), _) => page.version_on(time, device.clone()),
        (None, "restore") => page.version_restored(time),
        (None, "copy") => page.version_copied(time),
        (None, _) => page.version_at(time),
    }
}

fn title(page: &Page, view: &VersionView) -> Markup {
    let said = match &view.record.name {
        Some(name) => page.words.bare(name.clone().into()),
        None => made(page, view),
    };
    let tag = if view.record.deleted_at.is_some() {
        "s"
    } else {
        "span"
    };
    Markup::new(format!("<{tag}>{said}</{tag}>"), said.plain())
}

/// What a row says of its version, beside its title.
pub fn facts(page: &Page, view: &VersionView) -> Vec<Phrase<'static>> {
    let record = &view.record;
    let mut facts = Vec::new();
    if record.name.is_some() {
        facts.push(made(page, view));
    }
    facts.push(page.version_number(record.ordinal.to_string()));
    facts.push(page.words.size(record.size));
    if let Some(emulator) = &record.emulator {
        facts.push(page.words.bare(emulator.clone().into()));
    }
    if let Some(ms) = view.played_ms {
        let lasted = page.words.lasted(u64::try_from(ms).unwrap_or_default());
        facts.push(page.version_played(lasted));
    }
    match (view.brought_back, &view.grew_from[..]) {
        (Some(number), _) => facts.push(page.version_brought_back(number.to_string())),
        (None, [one]) if *one + 1 != record.ordinal => {
            facts.push(page.version_grew_from(one.to_string()));
        }
        (None, [one, other, ..]) => {
            facts.push(page.version_grew_from_two(one.to_string(), other.to_string()));
        }
        _ => {}
    }
    if view.parted {
        facts.push(page.version_parted());
    }
    if record.blank {
        facts.push(page.version_blank());
    } else if record.refused {
        facts.push(page.version_was_refused());
    }
    if record.purged_at.is_some() {
        facts.push(page.version_purged());
    }
    if view
        .row
        .as_ref()
        .is_some_and(|row| row.is_public && row.is_listed)
    {
        facts.push(page.version_public());
    }
    facts
}

fn chips(page: &Page, timeline: &TimelineView, view: &VersionView) -> Vec<Chip> {
    let seats = timeline.seats.iter();
    let here = seats.filter(|seat| is_at(seat, view));
    here.map(|seat| chip(page, seat)).collect()
}

/// Whether a device is where a version is. One whose refused save waits is there.
fn is_at(seat: &SeatView, view: &VersionView) -> bool {
    let waits = matches!(
        seat.whereabouts,
        Whereabouts::NeedsYou | Whereabouts::HeldBack
    );
    if waits && view.line == Line::Branch {
        view.record.device_id.as_ref() == Some(&seat.device)
    } else {
        seat.version == Some(view.record.id) && !(waits && seat.waiting_since.is_none())
    }
}

fn chip(page: &Page, seat: &SeatView) -> Chip {
    let name = super::head::name_of(page.words, seat.name.as_deref());
    let text = match seat.whereabouts {
        Whereabouts::Behind(count) => page.version_here_behind(name, count),
        Whereabouts::Silent(seen) => page.version_here_silent(name, page.time(seen)),
        _ => page.version_here(name),
    };
    Chip {
        icon: device_icon(seat),
        text,
        is_silent: matches!(seat.whereabouts, Whereabouts::Silent(_)),
    }
}
