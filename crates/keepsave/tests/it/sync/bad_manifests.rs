//! Manifests that are wrong, and files that cannot be synced.

use std::fs;

use super::{World, results};

#[tokio::test]
async fn a_wrong_manifest_is_a_usage_error_that_says_where() {
    let world = World::keepsave().await;
    let deck = world.device("Deck").await;
    for (manifest, said) in [
        ("{", "line 1"),
        (r#"{"saves": [{"path": "a.srm"}]}"#, "rom_id"),
        (
            r#"{"saves": [{"rom_id": 1, "path": "a.srm", "solt": "x"}]}"#,
            "slot",
        ),
        (
            r#"{"saves": [{"rom_id": 1, "path": "a.srm"}, {"rom_id": 1, "path": "b/../a.srm"}]}"#,
            "a.srm",
        ),
    ] {
        deck.write("saves.json", manifest);
        let ran = deck.run(&[]);
        assert_eq!(ran.code, Some(2), "{manifest}: {}", ran.stderr);
        assert!(ran.stderr.contains(said), "{manifest}: {}", ran.stderr);
        assert_eq!(ran.stdout, "");
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_left_out_and_the_rest_still_syncs() {
    let world = World::keepsave().await;
    let deck = world.device("Deck").await;
    deck.lists(&[
        (1, "folder.srm", Some("autosave")),
        (2, "metroid.srm", Some("autosave")),
    ]);
    fs::create_dir(deck.path("folder.srm")).unwrap();
    deck.write("metroid.srm", "progress");
    let report = deck.run(&[]).json(1);
    assert_eq!(results(&report), ["uploaded", "left_out"]);
    assert!(
        report["results"][1]["error"]
            .as_str()
            .unwrap()
            .contains("directory")
    );
    assert_eq!(report["counts"]["left_out"], 1);
}
