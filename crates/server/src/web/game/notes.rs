//! `/games/{id}/notes`: what people write about a game. The script saves what is typed after a
//! while; without it there is a button.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use keepsave_core::ids::NoteId;
use keepsave_core::limits;

use super::head::{Head, Tab};
use super::{Ids, Opened, open, said};
use crate::app::App;
use crate::auth::scope::Scope;
use crate::http::form::Form;
use crate::library::notes::{self as service, Change, Filter, NotDone};
use crate::vault::notes::{Note, Text};
use crate::web::failure::Refusal;
use crate::web::notice::Notice;
use crate::web::page::{Page, Place};
use crate::web::visitor::{Sent, Visitor};
use crate::web::{render, see};

#[derive(Template)]
#[template(path = "game/notes.html")]
struct NotesPage {
    page: Page,
    head: Head,
    own: Vec<Note>,
    others: Vec<Note>,
}

/// Shows them: one's own to be changed, then what others made public.
pub async fn show(
    State(app): State<App>,
    visitor: Visitor,
    ids: Ids<1>,
) -> Result<Response, Refusal> {
    let opened = open(&app, &visitor, ids.ids[0])?;
    let (user, rom) = (opened.user, opened.rom.id);
    let page = visitor.page(&app, Place::Library)?;
    let all = service::list(&app, rom, user, &Filter::default()).map_err(unknown)?;
    let (own, others) = all.into_iter().partition(|note| note.user_id == user);
    let shown = NotesPage {
        head: Head::alone(&app, &page, &opened, Tab::Notes)?,
        own,
        others,
        page,
    };
    render(StatusCode::OK, &shown)
}

fn unknown(not_done: NotDone) -> Refusal {
    match not_done {
        NotDone::Fault(fault) => fault.into(),
        NotDone::UnknownGame | NotDone::UnknownNote | NotDone::TitleTaken => Refusal::not_found(),
    }
}

fn writer(app: &App, visitor: &Visitor, id: i64) -> Result<Opened, Refusal> {
    visitor.person()?.require(Scope::RomsUserWrite)?;
    open(app, visitor, id)
}

/// A title that is one.
fn title(form: &Form) -> Option<String> {
    let title = form.get("title").unwrap_or_default().trim();
    let is_one = !title.is_empty() && title.chars().count() <= limits::NOTE_TITLE_CHARS;
    is_one.then(|| title.to_owned())
}

fn answer(
    visitor: &Visitor,
    path: &str,
    title: String,
    done: Result<Note, NotDone>,
) -> Result<Response, Refusal> {
    let words = visitor.words;
    match done {
        Ok(note) => {
            let notice = Notice::done(&words.notes_is_saved(title));
            Ok(said(visitor, &format!("{path}#n{}", note.id), &notice))
        }
        Err(NotDone::TitleTaken) => {
            let notice = Notice::failed(&words.notes_taken(title));
            Ok(said(visitor, path, &notice))
        }
        Err(not_done) => Err(unknown(not_done)),
    }
}

/// Writes a note.
pub async fn write(State(app): State<App>, ids: Ids<1>, sent: Sent) -> Result<Response, Refusal> {
    let Sent { visitor, form } = sent;
    let opened = writer(&app, &visitor, ids.ids[0])?;
    let path = format!("/games/{}/notes", opened.rom.id);
    let Some(title) = title(&form) else {
        let notice = Notice::failed(&visitor.words.notes_no_title());
        return Ok(said(&visitor, &path, &notice));
    };
    let text = Text {
        title: title.clone(),
        content: form.text("content").unwrap_or_default(),
        is_public: form.get("public").is_some(),
        tags: Vec::new(),
    };
    let done = service::write(&app, opened.rom.id, opened.user, text).await;
    answer(&visitor, &path, title, done)
}

/// Changes a person's own note.
pub async fn change(State(app): State<App>, ids: Ids<2>, sent: Sent) -> Result<Response, Refusal> {
    let Sent { visitor, form } = sent;
    let opened = writer(&app, &visitor, ids.ids[0])?;
    let path = format!("/games/{}/notes", opened.rom.id);
    let Some(title) = title(&form) else {
        let notice = Notice::failed(&visitor.words.notes_no_title());
        return Ok(said(&visitor, &path, &notice));
    };
    let change = Change {
        title: Some(title.clone()),
        content: Some(form.text("content").unwrap_or_default()),
        is_public: Some(form.get("public").is_some()),
        tags: None,
    };
    let (rom, note) = (opened.rom.id, NoteId(ids.ids[1]));
    let done = service::change(&app, rom, note, opened.user, change).await;
    if form.get("quiet").is_some() {
        // The script says it in its place: there is no notice to be carried.
        return done.map(|_| see(&path)).map_err(unknown);
    }
    answer(&visitor, &path, title, done)
}

/// Removes a person's own note. The way back is to write it again, with all that it said.
pub async fn remove(State(app): State<App>, ids: Ids<2>, sent: Sent) -> Result<Response, Refusal> {
    let Sent { visitor, .. } = sent;
    let opened = writer(&app, &visitor, ids.ids[0])?;
    let (user, rom, id) = (opened.user, opened.rom.id, NoteId(ids.ids[1]));
    let all = service::list(&app, rom, user, &Filter::default()).map_err(unknown)?;
    let mut own = all
        .into_iter()
        .filter(|note| note.user_id == user && note.id == id);
    let note = own.next().ok_or_else(Refusal::not_found)?;
    service::remove(&app, rom, id, user)
        .await
        .map_err(unknown)?;
    let path = format!("/games/{rom}/notes");
    let notice = Notice::done(&visitor.words.notes_is_deleted(note.title.clone()));
    let mut fields = vec![
        ("title", note.title.as_str()),
        ("content", note.content.as_str()),
    ];
    if note.is_public {
        fields.push(("public", "yes"));
    }
    // What does not fit in a cookie cannot come back by a button.
    let fits = note.content.len() <= limits::UNDONE_NOTE_BYTES;
    let notice = if fits {
        notice.or_undo(path.clone(), &fields)
    } else {
        notice
    };
    Ok(said(&visitor, &path, &notice))
}
