//! Files that a person sends from a page: a save, a state, a screenshot. Checked as the API checks
//! them, and nothing is stored before the form is known to be one of ours.

use axum::body::Body;
use axum::extract::{FromRequest, FromRequestParts, Request, State};
use axum::response::Response;
use http::StatusCode;
use keepsave_core::names::AssetKind;
use keepsave_core::slots::{self, Slot};

use super::{Ids, Opened, change, said};
use crate::app::App;
use crate::http::assets::{self, Named};
use crate::http::error::Failure;
use crate::http::screenshots::is_image;
use crate::http::upload::{Incoming, Upload};
use crate::saves::upload::{self as saves, NewSave};
use crate::screenshots::upload as screenshots;
use crate::states::upload::{self as states, NewState};
use crate::web::failure::Refusal;
use crate::web::notice::Notice;
use crate::web::visitor::Visitor;

/// A form with files, from one of our pages.
struct Files {
    visitor: Visitor,
    opened: Opened,
    texts: Vec<(String, String)>,
    file: Option<Upload>,
    picture: Option<Upload>,
}

impl Files {
    /// Reads it. Whoever is not signed in, or asks for a game that is not there, sends nothing.
    async fn read(app: &App, request: Request<Body>, field: &str) -> Result<Self, Refusal> {
        let (mut parts, body) = request.into_parts();
        let visitor = Visitor::from_request_parts(&mut parts, app).await?;
        let ids = Ids::<1>::from_request_parts(&mut parts, app).await?;
        let opened = change(app, &visitor, ids.ids[0])?;
        let incoming = Incoming::from_request(Request::from_parts(parts, body), app).await?;
        let fields = [field, "screenshotFile"];
        let (texts, [file, picture]) = incoming.form(app.vault.blobs(), fields).await?;
        let files = Self {
            visitor,
            opened,
            texts,
            file: file.filter(|file| !file.file_name.is_empty()),
            picture,
        };
        let token = files.text("csrf_token").unwrap_or_default();
        if app.settings.disable_csrf_protection || files.visitor.csrf.is_repeated_by(token) {
            Ok(files)
        } else {
            let forged = Failure::new(StatusCode::FORBIDDEN, "CSRF token verification failed");
            Err(forged.into())
        }
    }

    fn text(&self, name: &str) -> Option<&str> {
        let mut texts = self.texts.iter().rev();
        let found = texts.find_map(|(key, value)| (key == name).then_some(value.trim()));
        found.filter(|text| !text.is_empty())
    }

    /// The file that must be there, under a name that can be stored.
    fn take(&mut self, kind: AssetKind) -> Result<Named, Failure> {
        let file = self.file.take();
        let missing = || Failure::bad_request(self.visitor.words.upload_no_file().plain());
        Named::of(file.ok_or_else(missing)?, kind)
    }
}

/// Tells what came of it on the tab; what is the sender's to mend as a notice there.
fn answer(
    visitor: &Visitor,
    path: &str,
    done: Result<Notice, Failure>,
) -> Result<Response, Refusal> {
    match done {
        Ok(notice) => Ok(said(visitor, path, &notice)),
        Err(failure) if failure.status() == StatusCode::BAD_REQUEST => {
            let why = failure.to_string();
            let notice = Notice::failed(&visitor.words.upload_bad(why));
            Ok(said(visitor, path, &notice))
        }
        Err(failure) => Err(failure.into()),
    }
}

/// Takes a save into a slot. A person chose it, so it is never too late; one that is blank does not
/// replace one that is not.
pub async fn save(State(app): State<App>, request: Request) -> Result<Response, Refusal> {
    let mut files = Files::read(&app, request, "saveFile").await?;
    let done = store_save(&app, &mut files).await;
    let path = format!("/games/{}", files.opened.rom.id);
    answer(&files.visitor, &path, done)
}

async fn store_save(app: &App, files: &mut Files) -> Result<Notice, Failure> {
    let slot = Slot::new(files.text("slot").unwrap_or(slots::DEFAULT));
    let slot = slot.map_err(|error| Failure::bad_request(error.to_string()))?;
    let slot = slot.as_str().to_owned();
    let emulator = assets::emulator(files.text("emulator").map(str::to_owned))?;
    let file = files.take(AssetKind::Save)?;
    let picture = Named::picture(files.picture.take())?;
    let name = file.file_name.as_str().to_owned();
    let before = app.now();
    let new = NewSave {
        user: files.opened.user,
        rom: files.opened.rom.id,
        slot: Some(slot.clone()),
        file_name: file.file_name,
        emulator,
        set_id: None,
        maker: None,
        overwrite: false,
        keep_rows: None,
        session: None,
        stored: file.upload.store().await?,
        picture: match picture {
            Some(picture) => Some(picture.store_picture().await?),
            None => None,
        },
    };
    let words = files.visitor.words;
    let uploaded = saves::upload(app, new).await?;
    Ok(match uploaded.view {
        Some(view) if view.save.updated_at >= before => {
            Notice::done(&words.upload_done(name, slot))
        }
        Some(_) => Notice::done(&words.upload_same(slot)),
        None => Notice::failed(&words.upload_blank(name)),
    })
}

/// Takes a state, in place of the one of that name; what it replaces is kept.
pub async fn state(State(app): State<App>, request: Request) -> Result<Response, Refusal> {
    let mut files = Files::read(&app, request, "stateFile").await?;
    let done = store_state(&app, &mut files).await;
    let path = format!("/games/{}/states", files.opened.rom.id);
    answer(&files.visitor, &path, done)
}

async fn store_state(app: &App, files: &mut Files) -> Result<Notice, Failure> {
    let emulator = assets::emulator(files.text("emulator").map(str::to_owned))?;
    let file = files.take(AssetKind::State)?;
    let picture = Named::picture(files.picture.take())?;
    let new = NewState {
        user: files.opened.user,
        rom: files.opened.rom.id,
        file_name: file.file_name,
        emulator,
        stored: file.upload.store().await?,
        picture: match picture {
            Some(picture) => Some(picture.store_picture().await?),
            None => None,
        },
    };
    let state = states::upload(app, new).await?;
    let words = files.visitor.words;
    Ok(Notice::done(&words.upload_state_done(state.file_name)))
}

/// Takes a picture into the game's gallery.
pub async fn screenshot(State(app): State<App>, request: Request) -> Result<Response, Refusal> {
    let mut files = Files::read(&app, request, "pictureFile").await?;
    let done = store_screenshot(&app, &mut files).await;
    let path = format!("/games/{}/screenshots", files.opened.rom.id);
    answer(&files.visitor, &path, done)
}

async fn store_screenshot(app: &App, files: &mut Files) -> Result<Notice, Failure> {
    let words = files.visitor.words;
    let file = files.take(AssetKind::Screenshot)?;
    if !is_image(&file.file_name) {
        let sentence = words.upload_not_a_picture().plain();
        return Err(Failure::bad_request(sentence));
    }
    let picture = file.store_picture().await?;
    let (user, rom) = (files.opened.user, files.opened.rom.id);
    let shot = screenshots::upload(app, user, rom, picture).await?;
    Ok(Notice::done(&words.upload_shot_done(shot.file_name)))
}
