//! Brings back what the journal keeps. What stands in its place goes into the journal before.

use std::io::Read as _;
use std::path::Path;

use keepsave_core::time::Time;

use crate::files::{
    Expected, Form, Incoming, NothingKnown, Parents, PlaceError, Placed, ReadError, Replacing,
    content_at, snapshot,
};
use crate::journal::{About, Journal, JournalError, Kept};

/// How much is copied at once.
const PIECE_BYTES: usize = 128 * 1024;

/// Why it was not brought back. Nothing was changed.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each says itself what it is")]
pub enum UndoError {
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error(transparent)]
    Place(#[from] PlaceError),
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error("the journal's copy cannot be read ({0}). Nothing was changed")]
    Copy(#[from] std::io::Error),
}

/// Puts the content onto the file at `onto`.
pub fn bring_back(
    journal: &Journal,
    kept: &Kept,
    onto: &Path,
    now: Time,
) -> Result<Placed, UndoError> {
    let mut content = journal.open_content(kept)?;
    let found = match kept.form {
        Form::Folder | Form::Folders => content_at(onto, kept.form, &NothingKnown)?,
        // What was packed is kept packed, and comes back as it was.
        Form::Raw | Form::Rzip => snapshot(onto, &NothingKnown)?,
    };
    let mut incoming =
        Incoming::holding_on(journal.disk().clone(), kept.form, onto, Parents::MustExist)?;
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        match content.read(&mut piece)? {
            0 => break,
            length => incoming.write(&piece[..length])?,
        }
    }
    let expected = Expected {
        size: Some(kept.size),
        hash: kept.content.hash,
    };
    let about = About {
        reason: format!("replaced by {} from the journal", kept.id),
        ..kept.about.clone()
    };
    Ok(incoming.verify(&expected)?.commit(&Replacing {
        found: found.as_ref(),
        journal,
        about: &about,
        mtime: Some(kept.mtime),
        now,
    })?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use keepsave_core::ids::RomId;

    #[test]
    fn what_was_replaced_comes_back_and_what_stood_there_is_kept() {
        let room = tempfile::tempdir().unwrap();
        let journal = Journal::open(&room.path().join("journal")).unwrap();
        let file = room.path().join("zelda.srm");
        fs_err::write(&file, "before").unwrap();
        let about = About {
            account: "ada at home".into(),
            rom: RomId(1),
            slot: Some("autosave".into()),
            file_name: "zelda.srm".into(),
            reason: "replaced".into(),
        };
        let kept = journal.keep(&file, &about, Time::EPOCH).unwrap();
        fs_err::write(&file, "after").unwrap();
        let now = Time::EPOCH.plus_seconds(60);
        let placed = bring_back(&journal, &kept, &file, now).unwrap();
        assert_eq!(fs_err::read_to_string(&file).unwrap(), "before");
        let replaced = placed.kept.unwrap();
        assert_eq!(
            replaced.about.reason,
            format!("replaced by {} from the journal", kept.id)
        );
        bring_back(&journal, &replaced, &file, now).unwrap();
        assert_eq!(fs_err::read_to_string(&file).unwrap(), "after");
    }

    #[test]
    fn a_copy_that_is_damaged_replaces_nothing() {
        let room = tempfile::tempdir().unwrap();
        let journal = Journal::open(&room.path().join("journal")).unwrap();
        let file = room.path().join("zelda.srm");
        fs_err::write(&file, "before").unwrap();
        let about = About {
            account: String::new(),
            rom: RomId(1),
            slot: None,
            file_name: "zelda.srm".into(),
            reason: String::new(),
        };
        let mut kept = journal.keep(&file, &about, Time::EPOCH).unwrap();
        kept.size += 1;
        fs_err::write(&file, "after").unwrap();
        assert!(bring_back(&journal, &kept, &file, Time::EPOCH).is_err());
        assert_eq!(fs_err::read_to_string(&file).unwrap(), "after");
    }
}
