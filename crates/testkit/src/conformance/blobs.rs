//! What every place for blobs must do.

use std::collections::BTreeMap;
use std::io::{Read, Seek, SeekFrom};

use keepsave_core::content::{BlobHash, Digest};
use keepsave_server::vault::{Blobs, Fault};

/// A size above what is held in memory while it arrives.
const LARGE: usize = 3 * 1024 * 1024 + 17;

/// What goes in comes out, of any size, with the hashes of its bytes.
pub async fn what_goes_in_comes_out(blobs: &Blobs) {
    for size in [0, 1, 32 * 1024, 256 * 1024, 256 * 1024 + 1, LARGE] {
        let bytes = pattern(size, 1);
        let stored = blobs.put(&bytes).await.unwrap();
        let digest = Digest::of(&bytes);
        assert_eq!(stored.size, size as u64);
        assert_eq!(stored.content.blob, digest.blob, "{size}");
        assert_eq!(stored.content.hash, Some(digest.md5), "{size}");
        assert_eq!(stored.blank, digest.blank.is_some(), "{size}");
        assert_eq!(read(blobs, &digest.blob), bytes, "{size}");
    }
}

/// Pieces of any size make the same blob.
pub async fn pieces_do_not_matter(blobs: &Blobs) {
    let bytes = pattern(LARGE, 2);
    for piece in [7919, 64 * 1024, LARGE] {
        let mut receiver = blobs.receive();
        for piece in bytes.chunks(piece) {
            receiver.write(piece).await.unwrap();
        }
        let stored = receiver.finish().await.unwrap();
        assert_eq!(stored.content.blob, Digest::of(&bytes).blob);
    }
    assert_eq!(count(blobs), 1, "one content is one blob");
}

/// What is dropped before it is whole leaves nothing behind.
pub async fn what_is_broken_off_is_not_there(blobs: &Blobs) {
    for size in [100, LARGE] {
        let mut receiver = blobs.receive();
        receiver.write(&pattern(size, 3)).await.unwrap();
        drop(receiver);
    }
    assert_eq!(count(blobs), 0);
}

/// A reader can begin anywhere, also behind the end.
pub async fn a_reader_can_begin_anywhere(blobs: &Blobs) {
    let bytes = pattern(100_000, 4);
    let blob = blobs.put(&bytes).await.unwrap().content.blob;
    for at in [0, 1, 65_536, 99_999, 100_000, 100_001] {
        let mut reader = blobs.open(&blob).unwrap();
        assert_eq!(reader.size(), 100_000);
        reader.seek(SeekFrom::Start(at)).unwrap();
        let mut rest = Vec::new();
        reader.read_to_end(&mut rest).unwrap();
        let expected = bytes
            .get(usize::try_from(at).unwrap()..)
            .unwrap_or_default();
        assert_eq!(rest, expected, "from {at}");
    }
}

/// A blob that is not there is named as missing, and removing it twice is no error.
pub async fn what_is_not_there_is_missing(blobs: &Blobs) {
    let blob = blobs.put(b"here").await.unwrap().content.blob;
    let absent = BlobHash([7; 32]);
    assert!(blobs.contains(&blob).unwrap());
    assert!(!blobs.contains(&absent).unwrap());
    assert!(matches!(blobs.open(&absent), Err(Fault::BlobMissing(missing)) if missing == absent));
    blobs.as_after_a_restart();
    assert!(blobs.remove(&blob).unwrap());
    assert!(blobs.remove(&blob).unwrap());
    assert!(!blobs.contains(&blob).unwrap());
    assert!(matches!(blobs.open(&blob), Err(Fault::BlobMissing(_))));
    blobs.put(b"here").await.unwrap();
    assert_eq!(read(blobs, &blob), b"here", "it can come back");
}

/// A row may be about to name what came in lately, stored then or there already: it stays.
pub async fn what_came_in_lately_stays(blobs: &Blobs) {
    let blob = blobs.put(b"here").await.unwrap().content.blob;
    assert!(!blobs.remove(&blob).unwrap());
    blobs.as_after_a_restart();
    blobs.put(b"here").await.unwrap();
    assert!(!blobs.remove(&blob).unwrap());
    assert!(blobs.contains(&blob).unwrap());
}

/// A blob is examined by its bytes, and out of the way once it is set aside.
pub async fn what_is_set_aside_is_gone_until_it_comes_again(blobs: &Blobs) {
    let stored = blobs.put(&pattern(LARGE, 9)).await.unwrap();
    let blob = stored.content.blob;
    let examined = blobs.examine(&blob).unwrap();
    assert_eq!(
        (examined.content, examined.size),
        (stored.content, stored.size)
    );
    blobs.quarantine(&blob).unwrap();
    assert!(!blobs.contains(&blob).unwrap());
    blobs.put(&pattern(LARGE, 9)).await.unwrap();
    assert_eq!(read(blobs, &blob), pattern(LARGE, 9));
}

/// Who reads a blob goes on reading it when it is removed meanwhile.
pub async fn an_open_blob_stays_readable(blobs: &Blobs) {
    let bytes = pattern(LARGE, 5);
    let blob = blobs.put(&bytes).await.unwrap().content.blob;
    let mut reader = blobs.open(&blob).unwrap();
    blobs.as_after_a_restart();
    blobs.remove(&blob).unwrap();
    let mut all = Vec::new();
    reader.read_to_end(&mut all).unwrap();
    assert_eq!(all, bytes);
}

/// Every blob is listed with its size, by the first byte of its hash.
pub async fn every_blob_is_listed(blobs: &Blobs) {
    let mut expected = BTreeMap::new();
    for size in [0, 10, 1000, LARGE] {
        let stored = blobs.put(&pattern(size, 6)).await.unwrap();
        expected.insert(stored.content.blob, size as u64);
    }
    assert_eq!(all(blobs).collect::<BTreeMap<_, _>>(), expected);
}

/// The same content from many at once is one whole blob.
pub async fn many_at_once_make_one_blob(blobs: &Blobs) {
    let bytes = pattern(300_000, 8);
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let (blobs, bytes) = (blobs.clone(), bytes.clone());
            tokio::spawn(async move { blobs.put(&bytes).await.unwrap().content.blob })
        })
        .collect();
    for task in tasks {
        assert_eq!(read(blobs, &task.await.unwrap()), bytes);
    }
    assert_eq!(count(blobs), 1);
}

fn pattern(size: usize, seed: u8) -> Vec<u8> {
    (0..251_u8)
        .cycle()
        .map(|byte| byte ^ seed)
        .take(size)
        .collect()
}

fn read(blobs: &Blobs, blob: &BlobHash) -> Vec<u8> {
    let mut bytes = Vec::new();
    blobs.open(blob).unwrap().read_to_end(&mut bytes).unwrap();
    bytes
}

fn count(blobs: &Blobs) -> usize {
    all(blobs).count()
}

fn all(blobs: &Blobs) -> impl Iterator<Item = (BlobHash, u64)> {
    (0..=u8::MAX).flat_map(|first| {
        let listed = blobs.beginning_with(first).unwrap();
        assert!(listed.iter().all(|(blob, _)| blob.0[0] == first));
        listed
    })
}
