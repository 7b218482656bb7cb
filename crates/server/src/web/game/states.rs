//! `/games/{id}/states`: save states, what made them, and where they load.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use keepsave_core::ids::{RomId, StateId, UserId};
use keepsave_core::lineage::Node;
use keepsave_core::states::{Ending, Mark, Stamp};

use super::head::{Head, Tab};
use super::{Ids, and, change, open, said};
use crate::app::App;
use crate::history::players::{self, Player};
use crate::states::{delete, undelete, visibility};
use crate::vault::history::{Of, Past, past};
use crate::vault::{Fault, states};
use crate::web::failure::Refusal;
use crate::web::notice::Notice;
use crate::web::page::{Page, Place};
use crate::web::render;
use crate::web::visitor::{Sent, Visitor};
use crate::web::words::Phrase;

#[derive(Template)]
#[template(path = "game/states.html")]
struct StatesPage {
    page: Page,
    head: Head,
    states: Vec<Row>,
    deleted: Vec<(StateId, String)>,
    most: u64,
}

/// A state.
struct Row {
    id: StateId,
    name: String,
    shot: Option<String>,
    facts: Vec<Phrase<'static>>,
    loads: Phrase<'static>,
    is_public: bool,
}

/// Shows them, the newest first.
pub async fn show(
    State(app): State<App>,
    visitor: Visitor,
    ids: Ids<1>,
) -> Result<Response, Refusal> {
    let opened = open(&app, &visitor, ids.ids[0])?;
    let (user, rom) = (opened.user, opened.rom.id);
    let page = visitor.page(&app, Place::Library)?;
    let head = Head::alone(&app, &page, &opened, Tab::States)?;
    let players = players::of_game(&app, user, rom)?;
    let (mut all, hidden, versions) = app.vault.read(|tx| {
        let of = Of {
            user,
            rom,
            slot: None,
        };
        let all = states::list(tx, user, Some(rom), None)?;
        Ok::<_, Fault>((all, states::hidden(tx, user)?, past(tx, of)?))
    })?;
    all.reverse();
    let shown = StatesPage {
        head,
        states: all
            .iter()
            .map(|state| row(&page, state, &players, &versions))
            .collect(),
        deleted: hidden
            .into_iter()
            .filter(|state| state.rom_id == rom)
            .map(|state| (state.id, state.file_name))
            .collect(),
        most: app.settings.max_upload_bytes,
        page,
    };
    render(StatusCode::OK, &shown)
}

fn row(page: &Page, state: &states::State, players: &[Player], versions: &[Past]) -> Row {
    let stamp = Stamp::read(&state.file_name);
    let core = stamp.as_ref().map(|stamp| stamp.core.as_str());
    let core = core.or(state.emulator.as_deref());
    let version = stamp.as_ref().and_then(|stamp| stamp.version.as_deref());
    let made_with = match (core, version) {
        (Some(core), Some(version)) => page.states_core(core.to_owned(), version.to_owned()),
        (Some(core), None) => page.states_core_only(core.to_owned()),
        (None, _) => page.states_no_core(),
    };
    let mut facts = vec![
        page.words.bare(page.time(state.updated_at).into()),
        made_with,
        page.words.size(state.size),
    ];
    if stamp
        .as_ref()
        .is_some_and(|stamp| stamp.ending == Ending::Auto)
    {
        facts.push(page.states_auto());
    }
    let save = stamp.as_ref().and_then(|stamp| stamp.save);
    if let Some(with) = save.and_then(|save| made_with_version(save, versions)) {
        facts.push(page.states_with_save(with.ordinal.to_string()));
    }
    if state.is_public {
        facts.push(page.version_public());
    }
    let loads: Vec<String> = core
        .map(|core| players::who_plays_with(players, core))
        .unwrap_or_default();
    let shot = state.screenshot.as_ref();
    Row {
        id: state.id,
        name: state.file_name.clone(),
        shot: shot.map(|shot| format!("/api/screenshots/{}/content", shot.id)),
        facts,
        loads: if loads.is_empty() {
            page.states_loads_nowhere()
        } else {
            page.states_loads_on(and(page.words, &loads))
        },
        is_public: state.is_public,
    }
}

/// The newest version of the save that a state was made with.
fn made_with_version(save: Mark, versions: &[Past]) -> Option<&Node> {
    let same = |version: &&Past| Mark::of_save(&version.content) == save;
    let newest = versions
        .iter()
        .filter(same)
        .max_by_key(|version| version.created_at);
    newest.map(|version| &version.node)
}

/// Does something with a state, and goes back to it.
pub async fn act(State(app): State<App>, ids: Ids<2>, sent: Sent) -> Result<Response, Refusal> {
    let Sent { visitor, .. } = sent;
    let opened = change(&app, &visitor, ids.ids[0])?;
    let (user, rom, id) = (opened.user, opened.rom.id, StateId(ids.ids[1]));
    let name = name_of(&app, user, rom, id)?;
    let words = visitor.words;
    let path = format!("/games/{rom}/states");
    let notice = match ids.act.as_str() {
        "delete" => {
            delete::delete(&app, user, vec![id])
                .await
                .map_err(not_deleted)?;
            let back = format!("{path}/{id}/bring-back");
            Notice::done(&words.states_deleted(name)).or_undo(back, &[])
        }
        "bring-back" => {
            undelete::undelete(&app, user, id).await?;
            Notice::done(&words.states_is_back(name))
        }
        "public" => {
            visibility::set_public(&app, user, id, true).await?;
            Notice::done(&words.states_is_public(name))
        }
        "private" => {
            visibility::set_public(&app, user, id, false).await?;
            Notice::done(&words.states_is_private(name))
        }
        _ => return Err(Refusal::not_found()),
    };
    Ok(said(&visitor, &format!("{path}#s{id}"), &notice))
}

fn name_of(app: &App, user: UserId, rom: RomId, id: StateId) -> Result<String, Refusal> {
    let state = app
        .vault
        .read(|tx| states::of_user_even_hidden(tx, user, id))?;
    let state = state.filter(|state| state.rom_id == rom);
    Ok(state.ok_or_else(Refusal::not_found)?.file_name)
}

fn not_deleted(error: delete::NotDeleted) -> Refusal {
    match error {
        delete::NotDeleted::Unknown(_) => Refusal::not_found(),
        delete::NotDeleted::Fault(fault) => fault.into(),
    }
}
