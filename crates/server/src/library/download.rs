//! Finds the bytes of a game for someone who downloads it: its file, or a zip of its files.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use keepsave_core::ids::{RomFileId, RomId};
use keepsave_core::time::Time;

use super::archive::{Archive, Content, Entry};
use super::walk::modified_at;
use crate::app::App;
use crate::vault::blobs::in_background;
use crate::vault::roms::files::{self, RomFile};
use crate::vault::roms::scanning::{self, KnownGame};
use crate::vault::{Fault, Tx};

/// What is sent.
pub enum Download {
    /// A single file, under its name.
    File(File, String),
    /// Several files, under the game's name.
    Archive(Box<Archive>),
}

/// Why nothing is sent.
#[derive(Debug)]
pub enum NotSent {
    /// There is no such game or file.
    Unknown,
    /// The game has no such files.
    NoFiles,
    /// A file has gone since the last scan.
    Gone(String),
    /// The store or the disk failed.
    Fault(Fault),
}

impl From<Fault> for NotSent {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<io::Error> for NotSent {
    fn from(error: io::Error) -> Self {
        Self::Fault(error.into())
    }
}

/// The file of that id, and its name.
pub fn file(app: &App, id: RomFileId) -> Result<(File, String), NotSent> {
    let file = app.vault.read(|tx| files::by_id(tx, id))?;
    let file = file.ok_or(NotSent::Unknown)?;
    let (open, _) = open(&app.settings.library, &file)?;
    Ok((open, file.file_name))
}

/// A game: all of its files, or those that were chosen. `hidden_folder` puts discs where muOS
/// does not list them.
pub async fn game(
    app: &App,
    id: RomId,
    chosen: Option<BTreeSet<RomFileId>>,
    hidden_folder: bool,
) -> Result<Download, NotSent> {
    let find = |tx: &Tx<'_>| scanning::known_game(tx, id);
    let mut game = app.vault.read(find)?.ok_or(NotSent::Unknown)?;
    let has_playlist = game.files.iter().any(|file| has_extension(file, "m3u"));
    if let Some(chosen) = chosen {
        game.files.retain(|file| chosen.contains(&file.id));
    }
    match game.files.as_slice() {
        [] => Err(NotSent::NoFiles),
        [only] => {
            let (open, _) = open(&app.settings.library, only)?;
            Ok(Download::File(open, only.file_name.clone()))
        }
        _ => {
            let library = app.settings.library.clone();
            let archive =
                in_background(move || Ok(archive(&library, &game, hidden_folder, has_playlist)));
            Ok(Download::Archive(Box::new(archive.await??)))
        }
    }
}

/// Opens a file that is still there and still a file.
fn open(library: &Path, file: &RomFile) -> Result<(File, std::fs::Metadata), NotSent> {
    let path = library.join(file.full_path());
    let gone = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => {
            NotSent::Gone(file.file_name.clone())
        }
        _ => error.into(),
    };
    // Looked at before it is opened: opening a pipe would wait for whoever writes to it.
    if !std::fs::metadata(&path).map_err(gone)?.is_file() {
        return Err(NotSent::Gone(file.file_name.clone()));
    }
    let open = File::open(&path).map_err(gone)?;
    let about = open.metadata()?;
    Ok((open, about))
}

fn archive(
    library: &Path,
    game: &KnownGame,
    hidden_folder: bool,
    has_playlist: bool,
) -> Result<Archive, NotSent> {
    let prefix = if hidden_folder { ".hidden/" } else { "" };
    let name = |file: &RomFile| match game.within(file) {
        "" => format!("{prefix}{}", file.file_name),
        within => format!("{prefix}{within}/{}", file.file_name),
    };
    let mut entries = Vec::with_capacity(game.files.len() + 1);
    for file in &game.files {
        let (mut open, about) = open(library, file)?;
        let modified_at = modified_at(&about);
        let is_as_scanned = file.size == about.len() && file.modified_at == modified_at;
        let crc = match u32::from_str_radix(&file.hashes.crc, 16) {
            Ok(crc) if file.hashed && is_as_scanned => crc,
            _ => checksum(&mut open)?,
        };
        entries.push(Entry {
            name: name(file),
            content: Content::File(library.join(file.full_path())),
            size: about.len(),
            crc,
            modified_at,
        });
    }
    if !has_playlist {
        let playlist = playlist(&game.files, name);
        entries.push(Entry {
            name: format!("{}.m3u", game.fs_name),
            size: playlist.len() as u64,
            crc: crc32fast::hash(playlist.as_bytes()),
            content: Content::Bytes(playlist.into()),
            modified_at: Time::EPOCH,
        });
    }
    Ok(Archive::of(entries))
}

/// RomM's playlist for games of several discs: the cue sheets, or else every file.
fn playlist(files: &[RomFile], name: impl Fn(&RomFile) -> String) -> String {
    let has_cue = files.iter().any(|file| has_extension(file, "cue"));
    let lines: Vec<String> = files
        .iter()
        .filter(|file| !has_cue || has_extension(file, "cue"))
        .map(name)
        .collect();
    lines.join("\n")
}

fn has_extension(file: &RomFile, extension: &str) -> bool {
    Path::new(&file.file_name)
        .extension()
        .is_some_and(|found| found.eq_ignore_ascii_case(extension))
}

/// The CRC of a file that was not read yet.
fn checksum(file: &mut File) -> io::Result<u32> {
    let mut crc = crc32fast::Hasher::new();
    let mut piece = vec![0; 256 * 1024];
    loop {
        match file.read(&mut piece) {
            Ok(0) => return Ok(crc.finalize()),
            Ok(count) => crc.update(&piece[..count]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
