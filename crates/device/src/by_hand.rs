//! One file up or down because a person said so: no plan, and nothing to decide. What was there
//! before goes into the journal all the same.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use keepsave_core::ids::{DeviceId, RomId, SaveId, SessionId, StateId};
use keepsave_core::names::untagged;
use keepsave_core::time::{Clock, Time};
use tokio::task::JoinError;

use crate::files::names::{NameRefused, local_name};
use crate::files::{
    Expected, Incoming, NothingKnown, Parents, PlaceError, Placed, ReadError, Replacing, Snapshot,
    snapshot,
};
use crate::journal::{About, Journal};
use crate::server::download::{DownloadError, SaveDownload};
use crate::server::seen::{SeenSave, SeenState};
use crate::server::upload::{Outgoing, SaveUpload, UploadError};
use crate::server::{Progress, Server, ServerError, Told};
use crate::threads::elsewhere;

/// A person at work on a server's files.
#[derive(Clone)]
pub struct ByHand {
    /// The server.
    pub server: Server,
    /// Where what is replaced is kept.
    pub journal: Arc<Journal>,
    /// Who asks, for the journal.
    pub account: String,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
}

/// Where a download goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Onto this file.
    File(PathBuf),
    /// Into this directory, under the server's name without the tag of its slot.
    Directory(PathBuf),
}

/// Why a file went neither up nor down.
#[derive(Debug, thiserror::Error)]
pub enum ByHandError {
    /// The server did not do its part.
    #[error(transparent)]
    Server(#[from] ServerError),
    /// It did not come.
    #[error(transparent)]
    Download(#[from] DownloadError),
    /// It did not go.
    #[error(transparent)]
    Upload(#[from] UploadError),
    /// It could not be put in its place.
    #[error(transparent)]
    Place(#[from] PlaceError),
    /// The file that is there cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The server calls it what no file can be called.
    #[error(transparent)]
    Name(#[from] NameRefused),
    /// There is no such file.
    #[error("{}: there is no such file. Nothing was changed", path.display())]
    Missing {
        /// Which.
        path: PathBuf,
    },
    /// It is here, and the server was not told.
    #[error(
        "{}: it is in its place, but the server could not be told so: {error}",
        path.display()
    )]
    Unconfirmed {
        /// Where it is.
        path: PathBuf,
        /// Why not.
        error: ServerError,
    },
    /// A fault of ours.
    #[error("a fault in Keepsave itself ({0}); nothing more was done. Please report it")]
    Fault(#[from] JoinError),
}

/// A save to fetch.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// Its id.
    pub id: SaveId,
    /// The device that is to hold it; without one the server takes no note.
    pub device: Option<&'a DeviceId>,
    /// The session that it is fetched in.
    pub session: Option<SessionId>,
}

/// What a file that comes should turn out to be.
struct Coming {
    rom: RomId,
    slot: Option<String>,
    name: String,
    expected: Expected,
    updated_at: Option<Time>,
}

impl ByHand {
    /// Fetches a save, and tells the server once it is in its place.
    pub async fn download_save(
        &self,
        wanted: Wanted<'_>,
        output: &Output,
        progress: &dyn Progress,
    ) -> Result<Placed, ByHandError> {
        let seen = self.server.save(wanted.id, wanted.device).await?.seen;
        let coming = Coming {
            rom: seen.rom_id,
            slot: seen.slot,
            name: seen.file_name,
            expected: Expected {
                size: seen.file_size_bytes,
                hash: seen.content_hash,
            },
            updated_at: seen.updated_at,
        };
        let (found, incoming) = begin(output, &coming.name).await?;
        let download = SaveDownload {
            id: wanted.id,
            device: wanted.device,
            session: wanted.session,
            size: coming.expected.size,
        };
        let incoming = self.server.download_save(&download, incoming, progress);
        let placed = self.place(incoming.await?, found, coming).await?;
        if let Some(device) = wanted.device {
            let told = self.server.confirm_download(wanted.id, device).await;
            told.map_err(|error| ByHandError::Unconfirmed {
                path: placed.snapshot.path.clone(),
                error,
            })?;
        }
        Ok(placed)
    }

    /// Fetches a state.
    pub async fn download_state(
        &self,
        id: StateId,
        output: &Output,
        progress: &dyn Progress,
    ) -> Result<Placed, ByHandError> {
        let seen = self.server.state(id).await?.seen;
        let (found, incoming) = begin(output, &seen.file_name).await?;
        let incoming = self
            .server
            .download_state(&seen, incoming, progress)
            .await?;
        let coming = Coming {
            rom: seen.rom_id,
            slot: None,
            name: seen.file_name,
            expected: Expected {
                size: seen.file_size_bytes,
                hash: None,
            },
            updated_at: seen.updated_at,
        };
        self.place(incoming, found, coming).await
    }

    async fn place(
        &self,
        incoming: Incoming,
        found: Option<Snapshot>,
        coming: Coming,
    ) -> Result<Placed, ByHandError> {
        let about = About {
            account: self.account.clone(),
            rom: coming.rom,
            slot: coming.slot,
            file_name: coming.name,
            reason: "downloaded by hand".to_owned(),
        };
        let (journal, now) = (self.journal.clone(), self.clock.now());
        let place = move || {
            incoming.verify(&coming.expected)?.commit(&Replacing {
                found: found.as_ref(),
                journal: &journal,
                about: &about,
                mtime: coming.updated_at,
                now,
            })
        };
        Ok(elsewhere(place).await??)
    }

    /// Sends a file as a save. It is sent once.
    pub async fn upload_save(
        &self,
        path: &Path,
        save: &SaveUpload<'_>,
        progress: Arc<dyn Progress>,
    ) -> Result<Told<SeenSave>, ByHandError> {
        let (name, snapshot) = read(path).await?;
        let file = outgoing(&name, &snapshot);
        let sent = self.server.upload_save(save, &file, progress);
        Ok(sent.await?)
    }

    /// Sends a file as a state. It is sent once.
    pub async fn upload_state(
        &self,
        path: &Path,
        game: (RomId, Option<&str>),
        progress: Arc<dyn Progress>,
    ) -> Result<Told<SeenState>, ByHandError> {
        let (name, snapshot) = read(path).await?;
        let file = outgoing(&name, &snapshot);
        let sent = self.server.upload_state(game, &file, None, progress);
        Ok(sent.await?)
    }
}

/// Looks at what is there, and begins a file beside it.
async fn begin(output: &Output, name: &str) -> Result<(Option<Snapshot>, Incoming), ByHandError> {
    let target = match output {
        Output::File(path) => path.clone(),
        Output::Directory(directory) => directory.join(local_name(&untagged(name))?.as_str()),
    };
    let begun = move || -> Result<_, ByHandError> {
        let found = snapshot(&target, &NothingKnown)?;
        Ok((found, Incoming::beside(&target, Parents::MustExist)?))
    };
    elsewhere(begun).await?
}

/// Reads a file, and says what the server is to call it.
async fn read(path: &Path) -> Result<(String, Snapshot), ByHandError> {
    let path = path.to_owned();
    let missing = || ByHandError::Missing { path: path.clone() };
    let name = path.file_name().ok_or_else(missing)?;
    // What is not UTF-8 no server takes; it is sent as it is shown.
    let name = name.to_string_lossy().into_owned();
    let from = path.clone();
    let read = elsewhere(move || snapshot(&from, &NothingKnown)).await??;
    Ok((name, read.ok_or_else(missing)?))
}

fn outgoing<'a>(name: &'a str, snapshot: &'a Snapshot) -> Outgoing<'a> {
    Outgoing {
        path: &snapshot.real,
        name,
        size: snapshot.size,
        blob: snapshot.content.blob,
        form: snapshot.form,
    }
}
