//! Reads the bytes of games: their hashes, and the identity by which a game is known again under
//! another name.
//!
//! In constant memory, and never a byte twice: a file whose hashes are known is read only where
//! the hashes of its whole game need it.

use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::Path;

use keepsave_core::content::zip_members;
use keepsave_core::limits;
use keepsave_core::time::Time;
use keepsave_wire::roms::ArchiveMember;
use md5::{Digest as _, Md5};
use sha1::Sha1;

use super::walk::modified_at;
use crate::run::Stopping;
use crate::vault::roms::Hashes;
use crate::vault::roms::scanning::{FileHashes, Identity};

/// A file to read.
#[derive(Clone, Debug)]
pub struct Source {
    /// Where it is, relative to the library.
    pub path: String,
    /// How many bytes it had when the scan saw it.
    pub size: u64,
    /// When it was last written, then.
    pub modified_at: Time,
    /// Whether it is the game's file, or stands in the game's folder itself.
    pub is_top: bool,
    /// What reading it showed before.
    pub known: Option<FileHashes>,
}

/// What reading a game showed.
#[derive(Clone, Debug)]
pub struct ReadGame {
    /// File by file, in the order of the sources.
    pub files: Vec<FileHashes>,
    /// Of the whole game: RomM's, over all top files one after the other.
    pub hashes: Hashes,
    /// What stays equal when it is renamed or moved.
    pub identity: Option<Identity>,
}

/// Reads a game, whose files come in order of their names.
///
/// Fails when a file cannot be read, or is not what the scan saw: then it is being written.
pub fn read_game(library: &Path, sources: &[Source], stopping: &Stopping) -> io::Result<ReadGame> {
    let top_files = sources.iter().filter(|source| source.is_top).count();
    let mut together = Digests::default();
    let mut files = Vec::with_capacity(sources.len());
    for source in sources {
        let in_sum = source.is_top && top_files > 1;
        let read = match &source.known {
            Some(known) if !in_sum => known.clone(),
            _ => {
                let sum = in_sum.then_some(&mut together);
                read_file(library, source, sum, stopping)?
            }
        };
        files.push(read);
    }
    let only_file = sources
        .iter()
        .zip(&files)
        .find(|(source, _)| source.is_top && top_files == 1);
    let hashes = match only_file {
        Some((_, file)) => file.hashes.clone(),
        None => together.finish().hashes,
    };
    Ok(ReadGame {
        identity: identity(sources, &files),
        hashes,
        files,
    })
}

fn read_file(
    library: &Path,
    source: &Source,
    mut together: Option<&mut Digests>,
    stopping: &Stopping,
) -> io::Result<FileHashes> {
    const PIECE_BYTES: usize = 256 * 1024;
    let mut file = File::open(library.join(&source.path))?;
    let mut digests = Digests::default();
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        if stopping.has_begun() {
            return Err(io::Error::other("the server is stopping"));
        }
        let count = match file.read(&mut piece) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        digests.update(&piece[..count]);
        if let Some(together) = &mut together {
            together.update(&piece[..count]);
        }
    }
    let about = file.metadata()?;
    if about.len() != source.size
        || digests.size != source.size
        || modified_at(&about) != source.modified_at
    {
        return Err(io::Error::other("it is being written"));
    }
    let mut read = digests.finish();
    read.archive_members = members(source, &mut file)?;
    Ok(read)
}

fn members(source: &Source, file: &mut File) -> io::Result<Option<String>> {
    let is_zip = Path::new(&source.path)
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("zip"));
    if !is_zip {
        return Ok(None);
    }
    file.rewind()?;
    let Some(members) = zip_members(file) else {
        return Ok(None);
    };
    let members: Vec<ArchiveMember> = members
        .into_iter()
        .map(|member| ArchiveMember {
            name: member.name,
            size: member.size,
            crc_hash: format!("{:08x}", member.crc),
            md5_hash: String::new(),
            sha1_hash: String::new(),
        })
        .collect();
    Ok(serde_json::to_string(&members).ok())
}

/// How many bytes a game's identity is made of, as far as it can be told without reading them.
pub fn identity_size<'a>(files: impl Iterator<Item = (&'a str, u64)> + Clone) -> u64 {
    let all: u64 = files.clone().map(|(_, size)| size).sum();
    let playlists: u64 = files
        .filter(|(name, _)| is_playlist(name))
        .map(|(_, size)| size)
        .sum();
    if all == playlists {
        all
    } else {
        all - playlists
    }
}

/// The identity of a game: its files' contents, whatever they are called.
///
/// Playlists count only where there is nothing else, because they name the other files and change
/// with those names. What is short, or one byte over and over, is no identity: many games may
/// share it.
fn identity(sources: &[Source], read: &[FileHashes]) -> Option<Identity> {
    let with_playlists = sources.iter().all(|source| is_playlist(&source.path));
    let counts =
        |source: &Source| source.size > 0 && (with_playlists || !is_playlist(&source.path));
    let mut contents = Vec::new();
    let (mut size, mut says_something) = (0, false);
    for (source, file) in sources
        .iter()
        .zip(read)
        .filter(|(source, _)| counts(source))
    {
        size += source.size;
        says_something |= !file.uniform;
        let Hashes { md5, sha1, .. } = &file.hashes;
        contents.push(format!("{} {md5} {sha1}\n", source.size));
    }
    if !says_something || size < limits::IDENTITY_BYTES {
        return None;
    }
    contents.sort_unstable();
    Some(Identity(
        *blake3::hash(contents.concat().as_bytes()).as_bytes(),
    ))
}

fn is_playlist(name: &str) -> bool {
    const PLAYLISTS: &[&str] = &["m3u", "cue", "gdi"];
    let extension = name.rsplit_once('.').map(|(_, extension)| extension);
    extension.is_some_and(|extension| {
        PLAYLISTS
            .iter()
            .any(|playlist| extension.eq_ignore_ascii_case(playlist))
    })
}

/// Three hashes, one pass.
#[derive(Default)]
struct Digests {
    size: u64,
    crc: crc32fast::Hasher,
    md5: Md5,
    sha1: Sha1,
    first: Option<u8>,
    /// Whether there is a byte other than the first.
    varies: bool,
}

impl Digests {
    fn update(&mut self, piece: &[u8]) {
        self.size += piece.len() as u64;
        self.crc.update(piece);
        self.md5.update(piece);
        self.sha1.update(piece);
        self.first = self.first.or(piece.first().copied());
        self.varies = self.varies || piece.iter().any(|byte| Some(*byte) != self.first);
    }

    /// RomM writes no hash for an empty file.
    fn finish(self) -> FileHashes {
        let hashes = if self.size == 0 {
            Hashes::default()
        } else {
            Hashes {
                crc: format!("{:08x}", self.crc.finalize()),
                md5: hex::encode(self.md5.finalize()),
                sha1: hex::encode(self.sha1.finalize()),
            }
        };
        FileHashes {
            hashes,
            uniform: !self.varies,
            archive_members: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(folder: &Path, name: &str, bytes: &[u8]) -> Source {
        fs_err::write(folder.join(name), bytes).unwrap();
        let about = fs_err::metadata(folder.join(name)).unwrap();
        Source {
            path: name.to_owned(),
            size: about.len(),
            modified_at: modified_at(&about),
            is_top: true,
            known: None,
        }
    }

    fn read(folder: &Path, sources: &[Source]) -> io::Result<ReadGame> {
        read_game(folder, sources, &Stopping::default())
    }

    fn identity_of(folder: &Path, sources: &[Source]) -> Option<Identity> {
        read(folder, sources).unwrap().identity
    }

    #[test]
    fn a_game_of_several_files_has_the_hashes_of_all_of_them_in_a_row() {
        let folder = tempfile::tempdir().unwrap();
        let one = write(folder.path(), "a", b"one");
        let two = write(folder.path(), "b", b"two");
        let both = write(folder.path(), "c", b"onetwo");
        let game = read(folder.path(), &[one, two]).unwrap();
        let single = read(folder.path(), &[both]).unwrap();
        assert_eq!(game.hashes, single.hashes);
        assert_eq!(single.hashes, single.files[0].hashes);
        assert_eq!(single.hashes.crc, "8c118145");
        assert_eq!(single.hashes.md5, "5b9164ad6f496d9dee12ec7634ce253f");
    }

    #[test]
    fn a_known_file_is_not_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let mut source = write(folder.path(), "a", b"one");
        let first = read(folder.path(), &[source.clone()]).unwrap();
        source.known = Some(first.files[0].clone());
        fs_err::remove_file(folder.path().join("a")).unwrap();
        assert_eq!(read(folder.path(), &[source]).unwrap().files, first.files);
    }

    #[test]
    fn identity_is_content_and_not_names_or_playlists() {
        let folder = tempfile::tempdir().unwrap();
        let bytes = b"0123456789".repeat(20);
        let one = write(folder.path(), "disc.bin", &bytes);
        let renamed = write(folder.path(), "renamed.bin", &bytes);
        let cue = write(folder.path(), "disc.cue", b"FILE \"disc.bin\" BINARY");
        let other_cue = write(folder.path(), "renamed.cue", b"FILE \"renamed.bin\" BINARY");
        let expected = identity_of(folder.path(), std::slice::from_ref(&one));
        assert!(expected.is_some());
        assert_eq!(identity_of(folder.path(), &[one, cue]), expected);
        assert_eq!(identity_of(folder.path(), &[renamed, other_cue]), expected);
    }

    #[test]
    fn what_many_games_may_share_is_no_identity() {
        let folder = tempfile::tempdir().unwrap();
        for bytes in [&b""[..], b"placeholder", &[0; 4096], &[0xff; 4096]] {
            let source = write(folder.path(), "a", bytes);
            assert_eq!(identity_of(folder.path(), &[source]), None, "{bytes:?}");
        }
    }

    #[test]
    fn a_file_that_is_being_written_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let mut source = write(folder.path(), "a", b"more than it was");
        source.size -= 1;
        assert!(read(folder.path(), &[source]).is_err());
    }
}
