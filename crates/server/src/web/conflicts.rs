//! `/conflicts`: what waits for a person, and the page on which they choose. Whatever is chosen can
//! be taken back, and choosing later is a choice.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use http::StatusCode;
use keepsave_core::ids::{RomId, SlotId, UserId, VersionId};

use super::failure::Refusal;
use super::game::{self, Ids, and, device_icon, name_of, slot_name, taken_back_by};
use super::notice::Notice;
use super::page::{Page, Place};
use super::visitor::{Sent, Visitor};
use super::words::{Markup, Phrase};
use super::{render, see};
use crate::app::App;
use crate::auth::scope::Scope;
use crate::history::choose;
use crate::history::conflicts::{self, Conflict, Listed, Side};
use crate::history::undo::Undo;
use crate::library::browse;
use crate::versions::NotDone;
use crate::versions::settle::slot_beside;

/// The list and the pages of conflicts.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/conflicts", get(list))
        .route("/conflicts/{slot}", get(show).post(settle))
}

#[derive(Template)]
#[template(path = "conflict/list.html")]
struct ListPage {
    page: Page,
    rows: Vec<ListRow>,
}

/// A conflict in the list.
struct ListRow {
    game: String,
    sentence: Phrase<'static>,
    when: Markup,
    href: String,
    button: Phrase<'static>,
}

/// Shows every conflict.
async fn list(State(app): State<App>, visitor: Visitor) -> Result<Response, Refusal> {
    let user = reader(&visitor)?;
    let page = visitor.page(&app, Place::Conflicts)?;
    let rows = conflicts::list(&app, user)?;
    let shown = ListPage {
        rows: rows.into_iter().map(|one| list_row(&page, one)).collect(),
        page,
    };
    render(StatusCode::OK, &shown)
}

fn reader(visitor: &Visitor) -> Result<UserId, Refusal> {
    let caller = visitor.person()?;
    caller.require(Scope::AssetsRead)?;
    Ok(caller.id())
}

fn list_row(page: &Page, one: Listed) -> ListRow {
    let slot = slot_name(page.words, one.unsettled.name.as_deref());
    let name = |name: &Option<String>| name_of(page.words, name.as_deref());
    let mut devices = vec![name(&one.head_by)];
    for device in one.branches_by.iter().map(name) {
        if !devices.contains(&device) {
            devices.push(device);
        }
    }
    let more = devices.len().saturating_sub(2);
    devices.truncate(2);
    let both = and(page.words, &devices);
    let sentence = match (one.waiting.first(), one.branches_by.is_empty(), more) {
        (Some(waiting), true, _) => page.conflict_waiting_for(name(waiting), slot),
        (_, _, 0) => page.conflict_between(both, slot),
        (_, _, more) => page.conflict_and_more(both, more, slot),
    };
    ListRow {
        game: one.unsettled.game,
        sentence,
        when: page.time(one.unsettled.since),
        href: format!("/conflicts/{}", one.unsettled.slot),
        button: if one.branches_by.is_empty() {
            page.game_look()
        } else {
            page.game_compare()
        },
    }
}

#[derive(Template)]
#[template(path = "conflict/one.html")]
struct ConflictPage {
    page: Page,
    rom: RomId,
    game: String,
    slot: SlotId,
    /// Which one it is, of how many, and the next one.
    place: Phrase<'static>,
    next: Option<(Phrase<'static>, String)>,
    parting: Option<Phrase<'static>>,
    sides: Vec<SideRow>,
    waiting: Vec<WaitingRow>,
    /// That choosing later is a choice.
    later: Phrase<'static>,
    /// Keep them all: button and sentence.
    all: Option<(Phrase<'static>, Phrase<'static>)>,
}

/// One of the saves to choose from.
struct SideRow {
    version: VersionId,
    href: String,
    shot: Option<String>,
    icon: &'static str,
    device: String,
    meta: Phrase<'static>,
    is_head: bool,
    facts: Vec<Fact>,
    button: Phrase<'static>,
    then: Phrase<'static>,
}

/// A fact of a side; the larger of the sides' values is set off, without a verdict.
struct Fact {
    name: Phrase<'static>,
    value: Phrase<'static>,
    is_more: bool,
}

/// A device whose save has yet to come.
struct WaitingRow {
    icon: &'static str,
    title: Phrase<'static>,
    sentence: Phrase<'static>,
    hint: Phrase<'static>,
}

/// Shows one conflict. One that is settled leads to its game.
async fn show(State(app): State<App>, visitor: Visitor, ids: Ids<1>) -> Result<Response, Refusal> {
    let user = reader(&visitor)?;
    let slot = SlotId(ids.ids[0]);
    let found = conflicts::one(&app, user, slot).await?;
    let conflict = found.ok_or_else(Refusal::not_found)?;
    if !conflict.slot.is_unsettled() {
        let name = slot_name(visitor.words, conflict.slot.name.as_deref());
        let notice = Notice::done(&visitor.words.conflict_settled(name));
        return Ok(game::said(
            &visitor,
            &format!("/games/{}", conflict.rom),
            &notice,
        ));
    }
    let game = browse::one(&app, conflict.rom, user)?.ok_or_else(Refusal::not_found)?;
    let page = visitor.page(&app, Place::Conflicts)?;
    let all = conflicts::list(&app, user)?;
    let at = all
        .iter()
        .position(|one| one.unsettled.slot == slot)
        .unwrap_or_default();
    let next = all.get(at + 1).or_else(|| all.first().filter(|_| at > 0));
    let shown = ConflictPage {
        rom: conflict.rom,
        game: game.rom.name,
        slot,
        place: page.conflict_place(at + 1, all.len()),
        next: next.map(|next| {
            let href = format!("/conflicts/{}", next.unsettled.slot);
            (page.conflict_next(next.unsettled.game.clone()), href)
        }),
        parting: (conflict.sides.len() > 1).then(|| parting(&page, &conflict)),
        sides: sides(&page, &conflict),
        waiting: waiting(&page, &conflict),
        all: keep_all(&page, &conflict),
        later: later(&page, conflict.rom),
        page,
    };
    render(StatusCode::OK, &shown)
}

fn later(page: &Page, rom: RomId) -> Phrase<'static> {
    let link = page.conflict_later_link();
    let html = format!("<a href=\"/games/{rom}\">{link}</a>");
    page.conflict_later(Markup::new(html, link.plain()))
}

fn parting(page: &Page, conflict: &Conflict) -> Phrase<'static> {
    match conflict.parting {
        Some((ordinal, at)) => page.conflict_parting(ordinal.to_string(), page.time(at)),
        None => page.conflict_no_parting(),
    }
}

fn sides(page: &Page, conflict: &Conflict) -> Vec<SideRow> {
    let most = |of: fn(&Side) -> i64| {
        let values: Vec<i64> = conflict.sides.iter().map(of).collect();
        let most = values.iter().copied().max().unwrap_or_default();
        let is_alone = values.iter().filter(|value| **value == most).count() == 1;
        (is_alone && values.len() > 1).then_some(most)
    };
    let played = most(|side| side.played.ms);
    let changed = most(changed_bytes);
    let sides = conflict.sides.iter();
    sides
        .map(|side| side_row(page, conflict, side, played, changed))
        .collect()
}

fn changed_bytes(side: &Side) -> i64 {
    let bytes = side.changed.map_or(0, |changed| changed.bytes);
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

fn side_row(
    page: &Page,
    conflict: &Conflict,
    side: &Side,
    played: Option<i64>,
    changed: Option<i64>,
) -> SideRow {
    let (view, record) = (&side.view, &side.view.record);
    let seats = conflict.slot.timelines.iter().flat_map(|one| &one.seats);
    let mut seats = seats.filter(|seat| Some(&seat.device) == record.device_id.as_ref());
    let number = record.ordinal.to_string();
    let device = view.by.clone();
    let then = match &side.gets_it[..] {
        [] => page.conflict_nobody_gets(),
        [only] => page.conflict_other_gets(only.clone()),
        several => page.conflict_others_get(and(page.words, several)),
    };
    SideRow {
        version: record.id,
        href: format!("/games/{}/versions/{}", conflict.rom, record.id),
        shot: view
            .picture
            .map(|shot| format!("/api/screenshots/{shot}/content")),
        icon: seats.next().map_or("pc", device_icon),
        meta: page.conflict_meta(page.time(record.created_at), number.clone()),
        is_head: side.is_head(),
        facts: facts(page, side, played, changed),
        button: match device.clone() {
            Some(device) => page.conflict_keep(device),
            None => page.conflict_keep_version(number.clone()),
        },
        device: device.unwrap_or_else(|| page.version_number(number).plain()),
        then,
    }
}

fn facts(page: &Page, side: &Side, most_played: Option<i64>, most: Option<i64>) -> Vec<Fact> {
    let record = &side.view.record;
    let played = match side.played.sessions {
        0 => page.conflict_not_played(),
        sessions => {
            let ms = u64::try_from(side.played.ms).unwrap_or_default();
            page.conflict_played(page.words.lasted(ms), sessions)
        }
    };
    let changed = match side.changed {
        Some(changed) => {
            let bytes = page.words.number(changed.bytes);
            page.conflict_changed_bytes(bytes, changed.of)
        }
        None => page.conflict_not_changed(),
    };
    let size = page.words.size(record.size);
    let file = match record.emulator.clone() {
        Some(emulator) => page.conflict_file_of(size, emulator),
        None => size,
    };
    let also_on = match &side.also_on[..] {
        [] => page.conflict_nowhere_else(),
        devices => and(page.words, devices),
    };
    let fact = |name, value, is_more| Fact {
        name,
        value,
        is_more,
    };
    let mut facts = vec![
        fact(
            page.conflict_played_since(),
            played,
            most_played == Some(side.played.ms),
        ),
        fact(
            page.conflict_changed(),
            changed,
            most == Some(changed_bytes(side)),
        ),
        fact(page.conflict_file(), file, false),
        fact(page.conflict_also_on(), also_on, false),
    ];
    if record.blank {
        facts.insert(0, fact(page.version_blank(), page.conflict_blank(), false));
    }
    facts
}

fn waiting(page: &Page, conflict: &Conflict) -> Vec<WaitingRow> {
    let rows = conflict.waiting.iter().map(|seat| {
        let name = name_of(page.words, seat.name.as_deref());
        let since = seat
            .waiting_since
            .map_or_else(Markup::default, |at| page.time(at));
        WaitingRow {
            icon: device_icon(seat),
            title: page.conflict_waiting_title(name.clone()),
            sentence: page.conflict_waiting_sentence(since, name.clone()),
            hint: page.conflict_put_away_hint(name),
        }
    });
    rows.collect()
}

fn keep_all(page: &Page, conflict: &Conflict) -> Option<(Phrase<'static>, Phrase<'static>)> {
    let branches: Vec<_> = conflict
        .sides
        .iter()
        .filter(|side| !side.is_head())
        .collect();
    let timelines = conflict.slot.timelines.iter();
    match &branches[..] {
        [] => None,
        [only] => {
            let record = &only.view.record;
            let mut timelines = timelines.map(|one| &one.timeline);
            let timeline = timelines.find(|one| one.id == record.timeline_id)?;
            let slot = slot_beside(timeline, record.device_name.as_deref());
            let device = name_of(page.words, only.view.by.as_deref());
            let sentence = page.conflict_both_sentence(device, slot);
            Some((page.conflict_keep_both(), sentence))
        }
        _ => Some((page.conflict_keep_all(), page.conflict_all_sentence())),
    }
}

/// Does what was chosen, and goes back to the game with the way back.
async fn settle(State(app): State<App>, ids: Ids<1>, sent: Sent) -> Result<Response, Refusal> {
    let Sent { visitor, form } = sent;
    let user = reader(&visitor)?;
    visitor.person()?.require(Scope::AssetsWrite)?;
    let slot = SlotId(ids.ids[0]);
    let found = conflicts::one(&app, user, slot).await?;
    let conflict = found.ok_or_else(Refusal::not_found)?;
    let path = format!("/games/{}", conflict.rom);
    let words = visitor.words;
    let done = match form.get("keep") {
        Some("all") => {
            let chosen = choose::keep_all(&app, user, slot).await;
            chosen.map(|chosen| {
                let views = &chosen.views[..];
                let sentence = match views {
                    [only] => words.conflict_kept_both(slot_name(words, only.save.slot.as_deref())),
                    _ => words.conflict_kept_all(),
                };
                (sentence, chosen.undo)
            })
        }
        Some("nothing") => {
            let done = choose::put_away(&app, user, slot).await;
            done.map(|()| (words.conflict_is_put_away(), Undo::default()))
        }
        Some(version) => {
            let id = VersionId(version.parse().map_err(|_| Refusal::not_found())?);
            let side = conflict.sides.iter().find(|side| side.view.record.id == id);
            let sentence = kept(&visitor, side);
            let chosen = choose::keep(&app, user, slot, id).await;
            chosen.map(|chosen| (sentence, chosen.undo))
        }
        None => return Ok(see(&format!("/conflicts/{slot}"))),
    };
    match done {
        Ok((sentence, undo)) => {
            let notice = taken_back_by(Notice::done(&sentence), &path, &undo);
            Ok(game::said(&visitor, &path, &notice))
        }
        // It was settled elsewhere meanwhile.
        Err(NotDone::Unknown) => Ok(see(&format!("/conflicts/{slot}"))),
        Err(not_done) => Err(game::refused(&visitor, not_done)),
    }
}

fn kept(visitor: &Visitor, side: Option<&Side>) -> Phrase<'static> {
    match side.map(|side| (side.view.by.clone(), side.view.record.ordinal)) {
        Some((Some(device), _)) => visitor.words.conflict_kept(device),
        Some((None, ordinal)) => visitor.words.conflict_kept_version(ordinal.to_string()),
        None => visitor.words.conflict_kept_version(String::new()),
    }
}
