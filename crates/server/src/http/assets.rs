//! What the routes for saves, states and screenshots have in common.

use keepsave_core::ids::RomId;
use keepsave_core::names::{self, AssetKind, FileName};
use keepsave_core::slots::Emulator;
use keepsave_wire::assets::{Asset, AssetRow};
use keepsave_wire::screenshots::ScreenshotSchema;

use super::error::Failure;
use super::upload::Upload;
use crate::app::App;
use crate::saves::game_exists;
use crate::screenshots::Picture;
use crate::vault::Fault;
use crate::vault::screenshots::Screenshot;

/// Refuses a request for a game that is not there.
pub fn known_game(app: &App, rom: RomId) -> Result<(), Failure> {
    if game_exists(app, rom)? {
        Ok(())
    } else {
        let detail = format!("Rom with id '{rom}' not found");
        Err(Failure::not_found(detail))
    }
}

/// The emulator that a request names; an empty one is none.
pub fn emulator(raw: Option<String>) -> Result<Option<String>, Failure> {
    let Some(raw) = raw.filter(|raw| !raw.is_empty()) else {
        return Ok(None);
    };
    match Emulator::new(&raw) {
        Ok(emulator) => Ok(Some(emulator.as_str().to_owned())),
        Err(error) => Err(Failure::bad_request(error.to_string())),
    }
}

/// An upload whose name can be stored.
pub struct Named {
    /// Its name, sanitised.
    pub file_name: FileName,
    /// Its bytes.
    pub upload: Upload,
}

impl Named {
    /// Refuses a name that cannot be stored.
    pub fn of(upload: Upload, kind: AssetKind) -> Result<Self, Failure> {
        match names::sanitise(&upload.file_name) {
            Ok(file_name) => Ok(Self { file_name, upload }),
            Err(error) => Err(Failure::bad_request(error.detail(kind))),
        }
    }

    /// The picture that comes with an upload. One without a name is none: a browser sends that
    /// when no file was chosen.
    pub fn picture(upload: Option<Upload>) -> Result<Option<Self>, Failure> {
        upload
            .filter(|upload| !upload.file_name.is_empty())
            .map(|upload| Self::of(upload, AssetKind::Screenshot))
            .transpose()
    }

    /// Makes it durable as a picture.
    pub async fn store_picture(self) -> Result<Picture, Fault> {
        Ok(Picture {
            file_name: self.file_name,
            stored: self.upload.store().await?,
        })
    }
}

/// A screenshot as the wire spells it.
pub fn screenshot_schema(shot: Screenshot) -> ScreenshotSchema {
    let row = AssetRow {
        rom_id: shot.rom_id,
        user_id: shot.user_id,
        file_name: shot.file_name,
        file_path: shot.file_path,
        size: shot.size,
        created_at: shot.created_at,
        updated_at: shot.updated_at,
    };
    ScreenshotSchema {
        id: shot.id,
        asset: Asset::of(AssetKind::Screenshot, shot.id.0, row),
        is_gallery: shot.is_gallery,
        is_public: shot.is_public,
    }
}
