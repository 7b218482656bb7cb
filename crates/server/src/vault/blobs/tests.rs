//! What is true of blobs in files only. The rest is in the testkit's conformance suite.

use keepsave_disk::RealDisk;

use super::*;

fn on_disk(data: &Path) -> Result<Blobs, Fault> {
    Blobs::on_disk(Arc::new(RealDisk), data)
}

#[tokio::test]
async fn a_file_that_lost_bytes_is_stored_again() {
    let data = tempfile::tempdir().unwrap();
    let blobs = on_disk(data.path()).unwrap();
    let hash = blobs.put(b"a save").await.unwrap().content.blob;
    let path = blobs.path(&hash).unwrap();
    std::fs::remove_file(&path).unwrap();
    std::fs::write(&path, b"a s").unwrap();
    blobs.put(b"a save").await.unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), b"a save");
}

/// A run that ended early may have made some folders and not others.
#[tokio::test]
async fn a_folder_is_made_when_a_blob_comes_into_it() {
    let data = tempfile::tempdir().unwrap();
    let folders = || {
        std::fs::read_dir(data.path().join("blobs"))
            .unwrap()
            .count()
    };
    let blobs = on_disk(data.path()).unwrap();
    assert_eq!(folders(), 0);
    for bytes in [b"one", b"one", b"two"] {
        let hash = blobs.put(bytes).await.unwrap().content.blob;
        assert_eq!(blobs.examine(&hash).unwrap().content.blob, hash);
    }
    assert_eq!(folders(), 2);
    let blobs = on_disk(data.path()).unwrap();
    let mut found = 0;
    let count = &mut |_, _| {
        found += 1;
        Ok(())
    };
    blobs.each(count).unwrap();
    assert_eq!(found, 2);
    for bytes in [b"two", b"six"] {
        blobs.put(bytes).await.unwrap();
    }
    assert_eq!(folders(), 3);
}

#[tokio::test]
async fn a_damaged_blob_is_seen_set_aside_and_stored_again() {
    let data = tempfile::tempdir().unwrap();
    let blobs = on_disk(data.path()).unwrap();
    let hash = blobs.put(b"a save").await.unwrap().content.blob;
    let path = blobs.path(&hash).unwrap();
    std::fs::remove_file(&path).unwrap();
    std::fs::write(&path, b"a sane").unwrap();
    assert_ne!(blobs.examine(&hash).unwrap().content.blob, hash);

    let aside = blobs.quarantine(&hash).unwrap().unwrap();
    assert_eq!(std::fs::read(&aside).unwrap(), b"a sane");
    assert!(aside.starts_with(data.path().join("quarantine")));
    assert!(!blobs.contains(&hash).unwrap());
    blobs.put(b"a save").await.unwrap();
    assert_eq!(blobs.examine(&hash).unwrap().content.blob, hash);
}
