//! What a form does with one version, and the form that takes back what was done.

use axum::extract::State;
use axum::response::Response;
use keepsave_core::ids::VersionId;
use keepsave_core::slots::Slot;

use super::rows::slot_name;
use super::{Ids, Opened, change, refused, said};
use crate::app::App;
use crate::history::undo::Undo;
use crate::history::{self, choose, delete};
use crate::http::form::Form;
use crate::saves::visibility;
use crate::versions::{NotDone, list};
use crate::web::failure::Refusal;
use crate::web::notice::Notice;
use crate::web::visitor::{Sent, Visitor};
use crate::web::words::Phrase;

/// The longest name that a version may have, in characters.
const NAME_CHARS: usize = 100;

/// One version, with who does something with it.
struct Act<'a> {
    app: &'a App,
    visitor: &'a Visitor,
    form: &'a Form,
    opened: Opened,
    id: VersionId,
    number: String,
}

/// What was done, and where one sees it.
struct Done {
    sentence: Phrase<'static>,
    undo: Undo,
    place: Option<VersionId>,
}

impl Done {
    fn at(sentence: Phrase<'static>, place: VersionId) -> Self {
        Self {
            sentence,
            undo: Undo::default(),
            place: Some(place),
        }
    }
}

/// Does it, and goes back to the row that changed.
pub async fn act(State(app): State<App>, ids: Ids<2>, sent: Sent) -> Result<Response, Refusal> {
    let Sent { visitor, form } = sent;
    let [game, version] = ids.ids;
    let opened = change(&app, &visitor, game)?;
    let (user, rom, id) = (opened.user, opened.rom.id, VersionId(version));
    let (_, view) =
        history::version(&app, user, rom, id).map_err(|not_done| refused(&visitor, not_done))?;
    let number = view.record.ordinal.to_string();
    let act = Act {
        app: &app,
        visitor: &visitor,
        form: &form,
        opened,
        id,
        number,
    };
    let goes = view.row.as_ref().map_or(1, |row| row.versions);
    let done = match ids.act.as_str() {
        "current" => act.make_current().await,
        "keep-both" => act.keep_both().await,
        "label" => act.label().await,
        "pin" => act.pin(true).await,
        "unpin" => act.pin(false).await,
        "public" => act.show_to_others(true).await,
        "private" => act.show_to_others(false).await,
        "copy" => act.to_slot(false).await,
        "move" => act.to_slot(true).await,
        "delete" => act.delete(goes).await,
        "bring-back" => act.bring_back().await,
        _ => return Err(Refusal::not_found()),
    };
    let path = format!("/games/{rom}");
    match done {
        Ok(done) => Ok(said(&visitor, &done.path(&path), &done.notice(&path))),
        Err(NotDone::SlotTaken(slot)) => {
            let notice = Notice::failed(&visitor.words.slot_taken(slot));
            Ok(said(&visitor, &format!("{path}/versions/{id}"), &notice))
        }
        Err(not_done) => Err(refused(&visitor, not_done)),
    }
}

impl Done {
    fn path(&self, path: &str) -> String {
        self.place
            .map_or_else(|| path.to_owned(), |id| format!("{path}#v{id}"))
    }

    fn notice(&self, path: &str) -> Notice {
        taken_back_by(Notice::done(&self.sentence), path, &self.undo)
    }
}

/// A notice with the form that takes back what it says.
pub fn taken_back_by(notice: Notice, path: &str, undo: &Undo) -> Notice {
    if undo.is_empty() {
        notice
    } else {
        let undo = undo.to_string();
        notice.or_undo(format!("{path}/undo"), &[("undo", undo.as_str())])
    }
}

impl Act<'_> {
    async fn make_current(&self) -> Result<Done, NotDone> {
        let chosen = choose::make_current(self.app, self.opened.user, self.id).await?;
        let words = self.visitor.words;
        let sentence = if chosen.undo.is_empty() {
            words.version_was_current(self.number.clone())
        } else {
            words.version_is_current(self.number.clone())
        };
        Ok(Done {
            sentence,
            place: chosen.views.first().map(|view| view.save.version_id),
            undo: chosen.undo,
        })
    }

    async fn keep_both(&self) -> Result<Done, NotDone> {
        let chosen = choose::keep_beside(self.app, self.opened.user, self.id).await?;
        let view = chosen.views.first().ok_or(NotDone::Unknown)?;
        let slot = slot_name(self.visitor.words, view.save.slot.as_deref());
        Ok(Done {
            sentence: self.visitor.words.conflict_kept_both(slot),
            place: Some(view.save.version_id),
            undo: chosen.undo,
        })
    }

    async fn label(&self) -> Result<Done, NotDone> {
        let words = self.visitor.words;
        let name = self.form.get("name").unwrap_or_default().trim();
        let name: String = name.chars().take(NAME_CHARS).collect();
        let name = Some(name).filter(|name| !name.is_empty());
        let number = self.number.clone();
        let sentence = match name.clone() {
            Some(name) => words.version_named(number, name),
            None => words.version_unnamed(number),
        };
        list::label(self.app, self.opened.user, self.id, Some(name), None).await?;
        Ok(Done::at(sentence, self.id))
    }

    async fn pin(&self, pinned: bool) -> Result<Done, NotDone> {
        let words = self.visitor.words;
        list::label(self.app, self.opened.user, self.id, None, Some(pinned)).await?;
        let sentence = if pinned {
            words.version_is_pinned(self.number.clone())
        } else {
            words.version_is_unpinned(self.number.clone())
        };
        Ok(Done::at(sentence, self.id))
    }

    async fn show_to_others(&self, public: bool) -> Result<Done, NotDone> {
        let words = self.visitor.words;
        let user = self.opened.user;
        let record = list::one(self.app, user, self.id)?.record;
        let row = record.save_id.ok_or(NotDone::Unknown)?;
        let changed = visibility::set_public(self.app, user, row, public).await?;
        changed.ok_or(NotDone::Unknown)?;
        let sentence = if public {
            words.version_is_public(self.number.clone())
        } else {
            words.version_is_private(self.number.clone())
        };
        Ok(Done::at(sentence, self.id))
    }

    async fn to_slot(&self, moves: bool) -> Result<Done, NotDone> {
        let words = self.visitor.words;
        let slot = self.form.get("slot").unwrap_or_default().trim();
        let slot = Slot::new(slot)
            .ok()
            .filter(|slot| !slot.as_str().is_empty());
        let slot = slot.ok_or(NotDone::Unknown)?.as_str().to_owned();
        let user = self.opened.user;
        let done = choose::to_slot(self.app, user, self.id, slot.clone(), moves).await?;
        let sentence = if moves {
            words.version_is_moved(self.number.clone(), slot)
        } else {
            words.version_is_copied(self.number.clone(), slot)
        };
        Ok(Done {
            sentence,
            place: done.views.first().map(|view| view.save.version_id),
            undo: done.undo,
        })
    }

    async fn delete(&self, goes: i64) -> Result<Done, NotDone> {
        let undo = delete::version(self.app, self.opened.user, self.id).await?;
        Ok(Done {
            sentence: self.visitor.words.version_is_deleted(goes),
            undo,
            place: Some(self.id),
        })
    }

    async fn bring_back(&self) -> Result<Done, NotDone> {
        delete::bring_back(self.app, self.opened.user, self.id).await?;
        let sentence = self.visitor.words.version_is_back(self.number.clone());
        Ok(Done::at(sentence, self.id))
    }
}

/// Takes back what a notice told of.
pub async fn undo(State(app): State<App>, ids: Ids<1>, sent: Sent) -> Result<Response, Refusal> {
    let Sent { visitor, form } = sent;
    let opened = change(&app, &visitor, ids.ids[0])?;
    let path = format!("/games/{}", opened.rom.id);
    let words = visitor.words;
    let undo = form.get("undo").unwrap_or_default().parse::<Undo>();
    let done = match undo {
        Ok(undo) => history::undo::undo(&app, opened.user, undo).await,
        Err(_) => Err(NotDone::Unknown),
    };
    let notice = match done {
        Ok(()) => Notice::done(&words.version_undone()),
        Err(NotDone::Fault(fault)) => return Err(fault.into()),
        Err(_) => Notice::failed(&words.version_not_undone()),
    };
    Ok(said(&visitor, &path, &notice))
}
