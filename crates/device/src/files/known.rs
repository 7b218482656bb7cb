//! Which files are known again without being read.
//!
//! A file that is as large, as old and the same as when it was read holds the same bytes, with one
//! exception: a write within the grain of the file system's clock leaves no trace in its times. So
//! what was read that close to its last change is doubted.

use std::path::Path;

use keepsave_core::content::{Blank, BlobHash, Content};
use keepsave_core::time::Time;

use super::snapshot::Stamp;

/// How coarse a file system's clock may be: FAT counts in two seconds.
const GRAIN_NS: i64 = 2_000_000_000;

/// What of a file was hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Hashed {
    /// Its bytes as they lie there.
    File,
    /// The content that they hold: unpacked, if they are packed.
    Content,
    /// Its bytes as they lie there, an archive's too.
    Bytes,
    /// The largest file in it, which is an archive.
    Largest,
}

/// What there is to know of a packed file beside its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packed {
    /// How large the content is.
    pub size: u64,
    /// The file's own bytes.
    pub file: BlobHash,
}

/// What reading a file tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint {
    /// Its hashes.
    pub content: Content,
    /// Whether its bytes hold nothing.
    pub blank: Option<Blank>,
    /// When the content was packed, how.
    pub packed: Option<Packed>,
}

impl Fingerprint {
    /// The file's own bytes, packed if they are.
    pub fn file_blob(&self) -> BlobHash {
        self.packed.map_or(self.content.blob, |packed| packed.file)
    }
}

/// Remembers what files held.
pub trait Known: Send + Sync {
    /// Now, by the clock that the file systems of this machine use.
    fn now(&self) -> Time;

    /// What the file with this path and stamp holds, if that is certain.
    fn find(&self, path: &Path, hashed: Hashed, stamp: &Stamp) -> Option<Fingerprint>;

    /// Remembers what a file held that was read from `read_at` on.
    fn remember(
        &self,
        path: &Path,
        hashed: Hashed,
        stamp: &Stamp,
        fingerprint: &Fingerprint,
        read_at: Time,
    );
}

/// Reads every file, every time.
#[derive(Clone, Copy, Debug, Default)]
pub struct NothingKnown;

impl Known for NothingKnown {
    fn now(&self) -> Time {
        Time::EPOCH
    }

    fn find(&self, _path: &Path, _hashed: Hashed, _stamp: &Stamp) -> Option<Fingerprint> {
        None
    }

    fn remember(
        &self,
        _path: &Path,
        _hashed: Hashed,
        _stamp: &Stamp,
        _fingerprint: &Fingerprint,
        _read_at: Time,
    ) {
    }
}

/// Whether a file whose stamp is `now` is still the one that had the stamp `then` when it was read
/// from `read_at` on.
pub fn is_certain(then: &Stamp, read_at: Time, now: &Stamp) -> bool {
    let read_at = read_at.micros().saturating_mul(1_000);
    let settled = |changed: i64| read_at.saturating_sub(changed).saturating_abs() > GRAIN_NS;
    then == now && settled(then.mtime_ns) && settled(then.ctime_ns)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1_000_000_000;

    fn stamp() -> Stamp {
        Stamp {
            size: 8192,
            mtime_ns: 100 * SECOND,
            ctime_ns: 101 * SECOND,
            inode: 7,
            device: 1,
        }
    }

    fn seconds(seconds: i64) -> Time {
        Time::EPOCH.plus_seconds(seconds)
    }

    #[test]
    fn a_file_that_was_settled_when_it_was_read_is_known_again() {
        assert!(is_certain(&stamp(), seconds(200), &stamp()));
    }

    #[test]
    fn every_part_of_the_stamp_counts() {
        let changes: [fn(&mut Stamp); 5] = [
            |stamp| stamp.size += 1,
            |stamp| stamp.mtime_ns += 1,
            |stamp| stamp.ctime_ns += 1,
            |stamp| stamp.inode += 1,
            |stamp| stamp.device += 1,
        ];
        for (number, change) in changes.into_iter().enumerate() {
            let mut now = stamp();
            change(&mut now);
            assert!(!is_certain(&stamp(), seconds(200), &now), "part {number}");
        }
    }

    #[test]
    fn what_was_read_within_the_clocks_grain_of_a_change_is_doubted() {
        // The bytes are from second 100, the last change of anything is from second 101.
        for (read_at, certain) in [
            (97, true),
            (98, false),
            (100, false),
            (103, false),
            (104, true),
        ] {
            let found = is_certain(&stamp(), seconds(read_at), &stamp());
            assert_eq!(found, certain, "read at {read_at}");
        }
    }

    #[test]
    fn absurd_times_are_only_compared() {
        for absurd in [i64::MIN, i64::MAX] {
            let then = Stamp {
                mtime_ns: absurd,
                ..stamp()
            };
            assert!(is_certain(&then, seconds(200), &then));
            let read_at = Time::from_micros(absurd);
            assert!(is_certain(&stamp(), read_at, &stamp()));
        }
    }
}
