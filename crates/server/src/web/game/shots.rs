//! `/games/{id}/screenshots`: a person's pictures of a game.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use keepsave_core::ids::ScreenshotId;

use super::head::{Head, Tab};
use super::{Ids, change, open, said};
use crate::app::App;
use crate::screenshots::{delete, undelete, visibility};
use crate::vault::screenshots::{self, Screenshot};
use crate::web::failure::Refusal;
use crate::web::notice::Notice;
use crate::web::page::{Page, Place};
use crate::web::render;
use crate::web::visitor::{Sent, Visitor};

#[derive(Template)]
#[template(path = "game/shots.html")]
struct ShotsPage {
    page: Page,
    head: Head,
    shots: Vec<Screenshot>,
    deleted: Vec<Screenshot>,
    most: u64,
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
    let hidden = app.vault.read(|tx| screenshots::hidden(tx, user))?;
    let hidden = hidden.into_iter().filter(|shot| shot.rom_id == rom);
    let shown = ShotsPage {
        head: Head::alone(&app, &page, &opened, Tab::Screenshots)?,
        shots: app.vault.read(|tx| screenshots::of_rom(tx, user, rom))?,
        // One that went with a save or a state comes back with it.
        deleted: hidden.filter(|shot| shot.is_gallery).collect(),
        most: app.settings.max_upload_bytes,
        page,
    };
    render(StatusCode::OK, &shown)
}

/// Does something with a picture, and goes back to it.
pub async fn act(State(app): State<App>, ids: Ids<2>, sent: Sent) -> Result<Response, Refusal> {
    let Sent { visitor, .. } = sent;
    let opened = change(&app, &visitor, ids.ids[0])?;
    let (user, rom, id) = (opened.user, opened.rom.id, ScreenshotId(ids.ids[1]));
    let shot = app
        .vault
        .read(|tx| screenshots::of_user_even_hidden(tx, user, id))?
        .filter(|shot| shot.rom_id == rom)
        .ok_or_else(Refusal::not_found)?;
    let (words, name) = (visitor.words, shot.file_name);
    let path = format!("/games/{rom}/screenshots");
    let notice = match ids.act.as_str() {
        "delete" => {
            delete::delete(&app, user, id).await?;
            let back = format!("{path}/{id}/bring-back");
            Notice::done(&words.shots_deleted(name)).or_undo(back, &[])
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
