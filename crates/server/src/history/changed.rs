//! How many bytes of a save changed.

use std::io::{self, Read};

use keepsave_core::limits;

use crate::vault::blobs::in_background;
use crate::vault::versions::Record;
use crate::vault::{Blobs, Fault};

/// How many bytes differ, of how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Changed {
    /// Those that differ, with those that one has more than the other.
    pub bytes: u64,
    /// Those of the longer one.
    pub of: u64,
}

/// Compares each version with the one before it. None for those that are not there any more, and
/// for those that are too large to be compared while someone waits.
pub async fn changed(
    blobs: &Blobs,
    pairs: Vec<(Record, Record)>,
) -> Result<Vec<Option<Changed>>, Fault> {
    let blobs = blobs.clone();
    in_background(move || {
        let pairs = pairs.iter();
        pairs
            .map(|(before, after)| between(&blobs, before, after))
            .collect()
    })
    .await
}

fn between(blobs: &Blobs, before: &Record, after: &Record) -> Result<Option<Changed>, Fault> {
    let is_there =
        |record: &Record| record.purged_at.is_none() && record.size <= limits::COMPARED_BYTES;
    if !is_there(before) || !is_there(after) {
        return Ok(None);
    }
    let read = |record: &Record| -> Result<Vec<u8>, Fault> {
        let mut bytes = Vec::new();
        blobs.open(&record.content.blob)?.read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    match (read(before), read(after)) {
        (Ok(before), Ok(after)) => Ok(Some(compare(&before, &after))),
        // Gone since it was looked up: nothing to say.
        (Err(Fault::BlobMissing(_)), _) | (_, Err(Fault::BlobMissing(_))) => Ok(None),
        (Err(Fault::File(error)), _) | (_, Err(Fault::File(error)))
            if error.kind() == io::ErrorKind::NotFound =>
        {
            Ok(None)
        }
        (Err(fault), _) | (_, Err(fault)) => Err(fault),
    }
}

fn compare(before: &[u8], after: &[u8]) -> Changed {
    let differing = before.iter().zip(after).filter(|(one, other)| one != other);
    let more = before.len().abs_diff(after.len());
    Changed {
        bytes: (differing.count() + more) as u64,
        of: before.len().max(after.len()) as u64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_differ_and_bytes_that_are_more_are_counted() {
        for (before, after, bytes, of) in [
            (&b""[..], &b""[..], 0, 0),
            (b"abc", b"abc", 0, 3),
            (b"abc", b"axc", 1, 3),
            (b"abc", b"axcde", 3, 5),
            (b"abcde", b"ab", 3, 5),
        ] {
            assert_eq!(compare(before, after), Changed { bytes, of });
        }
    }
}
