//! Manifests that are wrong, and files that cannot be synced.

use std::fs;

use serde_json::json;

use super::{World, results};

on_every_server! {
    what_cannot_be_synced_gets_no_second_file_beside_it,
}

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

async fn what_cannot_be_synced_gets_no_second_file_beside_it(world: World) {
    let (deck, pocket) = (world.device("Deck").await, world.device("Pocket").await);
    let slots = ["autosave", "speedrun", "other"];
    let listed = slots.map(|slot| (1, slot, Some(slot)));
    deck.lists(&listed);
    for slot in slots {
        deck.write(slot, slot);
    }
    deck.run(&[]).expect(0);

    let save = |path, slot| json!({ "rom_id": 1, "path": path, "slot": slot });
    let mut illegal = save("zelda.srm", "speedrun");
    illegal["file_name"] = json!("..");
    let manifest = json!({ "saves": [save("folder", "autosave"), illegal] });
    pocket.write("saves.json", &manifest.to_string());
    fs::create_dir(pocket.path("folder")).unwrap();
    assert_eq!(pocket.plan(&[]).json(1)["total_download"], 1);
    let report = pocket.run(&[]).json(1);
    assert_eq!(results(&report), ["downloaded", "left_out", "left_out"]);
    assert_eq!(pocket.files("."), ["Zelda (other)", "folder"]);

    // Once it can be synced it is the file that the save comes down to.
    fs::remove_dir(pocket.path("folder")).unwrap();
    pocket.run(&[]).json(1);
    assert_eq!(pocket.read("folder"), "autosave");
}
