//! `POST /api/saves`: a save comes up.

use axum::Json;
use axum::extract::{RawQuery, State};
use keepsave_core::ids::{RomId, SessionId};
use keepsave_core::names::AssetKind;
use keepsave_core::slots::Slot;
use keepsave_wire::saves::SaveSchema;

use super::{named_device, schema};
use crate::app::App;
use crate::auth::Caller;
use crate::auth::scope::Scope;
use crate::http::assets::{self, Named};
use crate::http::error::Failure;
use crate::http::fields::Fields;
use crate::http::upload::{Incoming, missing};
use crate::saves::upload::{self as service, NewSave};

struct Query {
    rom: RomId,
    emulator: Option<String>,
    slot: Option<String>,
    device_id: Option<String>,
    session: Option<SessionId>,
    overwrite: bool,
    keep_rows: Option<i64>,
    set_id: Option<String>,
}

impl Query {
    fn read(query: Option<&str>, most_rows: i64) -> Result<Self, Failure> {
        let mut fields = Fields::of_query(query);
        let autocleanup = fields.optional_flag("autocleanup").unwrap_or_default();
        let limit = fields.optional_integer("autocleanup_limit").unwrap_or(10);
        let read = Self {
            rom: RomId(fields.integer("rom_id")),
            emulator: fields.optional_text("emulator"),
            slot: fields.optional_text("slot"),
            device_id: fields.optional_text("device_id"),
            session: fields.optional_integer("session_id").map(SessionId),
            overwrite: fields.optional_flag("overwrite").unwrap_or_default(),
            keep_rows: autocleanup.then(|| limit.clamp(1, most_rows)),
            set_id: fields.short_text("set_id", SET_ID_CHARS),
        };
        fields.finish(read)
    }
}

/// The longest name of a set: any UUID or hash fits.
const SET_ID_CHARS: usize = 100;

/// Takes a save. In a slot it becomes the newest version, unless the device that sends it does not
/// have the newest: then the answer is 409 and the bytes are kept as a branch.
#[utoipa::path(
    post, path = "/api/saves", tag = "saves",
    params(
        ("rom_id" = i64, Query, description = "The game"),
        ("emulator" = Option<String>, Query, description = "The emulator it is for"),
        ("slot" = Option<String>, Query, description = "The slot; without one, the archive"),
        ("device_id" = Option<String>, Query, description = "The device that sends it"),
        ("session_id" = Option<i64>, Query, description = "The sync session it belongs to"),
        ("overwrite" = Option<bool>, Query, description = "A person chose it over the newest"),
        ("autocleanup" = Option<bool>, Query, description = "List only the newest of the slot"),
        ("autocleanup_limit" = Option<i64>, Query, description = "How many, 10 by default"),
        ("set_id" = Option<String>, Query,
         description = "Keepsave's own: files with one set id form one save"),
    ),
    request_body(content_type = "multipart/form-data",
                 description = "`saveFile`, and `screenshotFile` if there is a picture"),
    responses((status = OK, body = SaveSchema), (status = CONFLICT), (status = NOT_FOUND),
              (status = PAYLOAD_TOO_LARGE), (status = INSUFFICIENT_STORAGE)),
)]
pub async fn upload(
    State(app): State<App>,
    caller: Caller,
    RawQuery(query): RawQuery,
    incoming: Incoming,
) -> Result<Json<SaveSchema>, Failure> {
    caller.require(Scope::AssetsWrite)?;
    let query = Query::read(query.as_deref(), app.settings.max_autocleanup_limit)?;
    let maker = named_device(
        &app,
        &caller,
        query.device_id.as_deref(),
        Scope::DevicesWrite,
    )?;
    assets::known_game(&app, query.rom)?;
    let slot = checked_slot(query.slot)?;
    let emulator = assets::emulator(query.emulator)?;
    let [save, picture] = incoming
        .files(app.vault.blobs(), ["saveFile", "screenshotFile"])
        .await?;
    let save = Named::of(save.ok_or_else(|| missing("saveFile"))?, AssetKind::Save)?;
    let picture = Named::picture(picture)?;
    let new = NewSave {
        user: caller.id(),
        rom: query.rom,
        slot,
        file_name: save.file_name,
        emulator,
        set_id: query.set_id,
        maker,
        overwrite: query.overwrite,
        keep_rows: query.keep_rows,
        session: query.session,
        stored: save.upload.store().await?,
        picture: match picture {
            Some(picture) => Some(picture.store_picture().await?),
            None => None,
        },
    };
    let uploaded = service::upload(&app, new).await?;
    match uploaded.view {
        Some(view) => Ok(Json(schema(view))),
        None => Err(Failure::conflict(uploaded.decision.reason.as_str())),
    }
}

fn checked_slot(raw: Option<String>) -> Result<Option<String>, Failure> {
    match raw {
        Some(slot) if !slot.is_empty() => match Slot::new(&slot) {
            Ok(slot) => Ok(Some(slot.as_str().to_owned())),
            Err(error) => Err(Failure::bad_request(error.to_string())),
        },
        other => Ok(other),
    }
}
