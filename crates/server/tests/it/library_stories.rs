//! What happens to games, and to their saves, when files are renamed, moved, copied, replaced,
//! lost and found.

use std::fs::File;
use std::time::{Duration, UNIX_EPOCH};

use serde_json::json;

use crate::library_shelf::{Shelf, content};

#[tokio::test]
async fn a_renamed_game_keeps_its_id_and_its_saves() {
    let shelf = Shelf::with(&["roms/gba/Metroid Fusion (Europe).gba"]).await;
    let before = shelf.game("Metroid Fusion (Europe).gba").await;
    let save = shelf.save(&before).await;

    shelf.rename(
        "roms/gba/Metroid Fusion (Europe).gba",
        "roms/gba/Metroid IV (Japan).gba",
    );
    let report = shelf.scan().await;
    assert_eq!((report.moved, report.added, report.missing), (1, 0, 0));

    let after = shelf.game("Metroid IV (Japan).gba").await;
    assert_eq!(after["id"], before["id"]);
    assert_eq!(after["name"], "Metroid IV");
    assert_eq!(after["regions"], json!(["Japan"]));
    assert_eq!(after["files"][0]["id"], before["files"][0]["id"]);
    assert_eq!(after["md5_hash"], before["md5_hash"]);
    assert_eq!(after["created_at"], before["created_at"]);
    assert_ne!(after["updated_at"], before["updated_at"]);
    assert_eq!(shelf.saves(&after["id"]).await[0]["id"], save["id"]);
}

#[tokio::test]
async fn a_game_that_moves_to_another_platform_keeps_its_id_and_its_saves() {
    let shelf = Shelf::with(&["roms/gb/Game.gb", "roms/gbc/Other.gbc"]).await;
    let before = shelf.game("Game.gb").await;
    let save = shelf.save(&before).await;
    shelf.rename("roms/gb/Game.gb", "roms/gbc/Game (Color).gbc");
    assert_eq!(shelf.scan().await.moved, 1);
    let after = shelf.game("Game (Color).gbc").await;
    assert_eq!(after["id"], before["id"]);
    assert_eq!(after["platform_slug"], "gbc");
    assert_eq!(shelf.saves(&after["id"]).await[0]["id"], save["id"]);
    // Its saves take part in what is asked about the platform it is on now.
    let on_platform = format!("/api/saves?platform_id={}", after["platform_id"]);
    let saves = shelf.server.admin().get(&on_platform).await.expect(200);
    assert_eq!(saves[0]["id"], save["id"]);
}

#[tokio::test]
async fn games_that_trade_names_are_known_by_their_content() {
    let shelf = Shelf::empty().await;
    shelf.write("roms/gba/A.gba", &content("a"));
    shelf.write("roms/gba/B.gba", &content("b"));
    shelf.scan().await;
    let (a, b) = (shelf.game("A.gba").await, shelf.game("B.gba").await);
    shelf.rename("roms/gba/A.gba", "roms/gba/C.gba");
    shelf.rename("roms/gba/B.gba", "roms/gba/A.gba");
    shelf.rename("roms/gba/C.gba", "roms/gba/B.gba");
    let report = shelf.scan().await;
    assert_eq!((report.moved, report.added, report.missing), (2, 0, 0));
    assert_eq!(shelf.game("A.gba").await["id"], b["id"]);
    assert_eq!(shelf.game("B.gba").await["id"], a["id"]);
}

/// As archives unpack them: what two files have in common does not tell which is which.
#[tokio::test]
async fn games_of_one_size_and_time_are_known_by_their_content_too() {
    let shelf = Shelf::empty().await;
    let packed = UNIX_EPOCH + Duration::from_hours(24 * 365 * 26);
    for (name, bytes) in [
        ("A.gba", "a"),
        ("B.gba", "b"),
        ("Set/1.bin", "c"),
        ("Set/2.bin", "d"),
    ] {
        let path = format!("roms/gba/{name}");
        shelf.write(&path, &content(bytes));
        let file = File::options().write(true).open(shelf.path(&path));
        file.unwrap().set_modified(packed).unwrap();
    }
    shelf.scan().await;
    assert_eq!(shelf.scan().await.unchanged, 3);
    let (a, b) = (shelf.game("A.gba").await, shelf.game("B.gba").await);
    let set = shelf.game("Set").await;

    for (one, other) in [("A.gba", "B.gba"), ("Set/1.bin", "Set/2.bin")] {
        let (one, other) = (format!("roms/gba/{one}"), format!("roms/gba/{other}"));
        shelf.rename(&one, "aside");
        shelf.rename(&other, &one);
        shelf.rename("aside", &other);
    }
    let report = shelf.scan().await;
    assert_eq!((report.moved, report.changed, report.unhashed), (2, 1, 0));
    assert_eq!(shelf.game("A.gba").await["id"], b["id"]);
    assert_eq!(shelf.game("B.gba").await["id"], a["id"]);
    let now = shelf.game("Set").await;
    assert_eq!(now["id"], set["id"]);
    assert_eq!(now["files"][0]["md5_hash"], set["files"][1]["md5_hash"]);
    assert_eq!(now["files"][1]["md5_hash"], set["files"][0]["md5_hash"]);

    shelf.rename("roms/gba/B.gba", "roms/gba/A.gba");
    let report = shelf.scan().await;
    assert_eq!((report.moved, report.missing), (1, 1));
    assert_eq!(shelf.game("A.gba").await["id"], a["id"]);
    assert_eq!(shelf.by_id(&b["id"]).await["missing_from_fs"], true);
    assert_eq!(shelf.scan().await.unchanged, 2);
}

#[tokio::test]
async fn a_game_that_takes_the_place_of_a_deleted_one_stays_itself() {
    let shelf = Shelf::empty().await;
    shelf.write("roms/gba/Old.gba", &content("a"));
    shelf.write("roms/gba/New.gba", &content("b"));
    shelf.scan().await;
    let (old, new) = (shelf.game("Old.gba").await, shelf.game("New.gba").await);
    shelf.remove("roms/gba/Old.gba");
    shelf.rename("roms/gba/New.gba", "roms/gba/Old.gba");
    let report = shelf.scan().await;
    assert_eq!((report.moved, report.missing), (1, 1));
    assert_eq!(shelf.game("Old.gba").await["id"], new["id"]);
    assert_eq!(shelf.by_id(&old["id"]).await["missing_from_fs"], true);
}

#[tokio::test]
async fn a_missing_game_keeps_everything_and_comes_back_under_any_name() {
    let shelf = Shelf::with(&["roms/gba/Game.gba", "roms/gba/Other.gba"]).await;
    let game = shelf.game("Game.gba").await;
    shelf.save(&game).await;
    shelf.rename("roms/gba/Game.gba", "elsewhere/Game.gba");
    assert_eq!(shelf.scan().await.missing, 1);

    let missing = shelf.by_id(&game["id"]).await;
    assert_eq!(missing["missing_from_fs"], true);
    assert_eq!(missing["md5_hash"], game["md5_hash"]);
    assert_eq!(missing["user_saves"].as_array().unwrap().len(), 1);
    let asked = "/api/roms?missing=true&with_rom_id_index=false";
    let page = shelf.server.admin().get(asked).await.expect(200);
    assert_eq!(page["items"][0]["id"], game["id"]);
    assert_eq!(page["total"], 1);
    // A second scan does not lose it again.
    assert_eq!(shelf.scan().await.missing, 0);
    // It can still be saved, by id.
    shelf.save(&game).await;

    shelf.rename("elsewhere/Game.gba", "roms/gba/Game (Rev 2).gba");
    let report = shelf.scan().await;
    assert_eq!((report.returned, report.added), (1, 0));
    let back = shelf.game("Game (Rev 2).gba").await;
    assert_eq!(back["id"], game["id"]);
    assert_eq!(back["revision"], "2");
}

#[tokio::test]
async fn a_copy_is_a_game_of_its_own() {
    let shelf = Shelf::with(&["roms/gba/Game.gba"]).await;
    let original = shelf.game("Game.gba").await;
    let bytes = std::fs::read(shelf.path("roms/gba/Game.gba")).unwrap();
    shelf.write("roms/gba/Game (Copy).gba", &bytes);
    assert_eq!(shelf.scan().await.added, 1);
    let copy = shelf.game("Game (Copy).gba").await;
    assert_ne!(copy["id"], original["id"]);
    // Each keeps its id when only it is renamed.
    shelf.rename("roms/gba/Game (Copy).gba", "roms/gba/Second.gba");
    assert_eq!(shelf.scan().await.moved, 1);
    assert_eq!(shelf.game("Second.gba").await["id"], copy["id"]);
    assert_eq!(shelf.game("Game.gba").await["id"], original["id"]);
}

#[tokio::test]
async fn games_that_cannot_be_told_apart_are_never_made_one() {
    let shelf = Shelf::empty().await;
    for name in ["A.gba", "B.gba"] {
        shelf.write(&format!("roms/gba/{name}"), &content("same"));
    }
    for name in ["Empty 1.gba", "Empty 2.gba"] {
        shelf.write(&format!("roms/gba/{name}"), b"");
    }
    shelf.scan().await;
    let known = shelf.games().await;
    shelf.rename("roms/gba/A.gba", "roms/gba/C.gba");
    shelf.rename("roms/gba/B.gba", "roms/gba/D.gba");
    shelf.rename("roms/gba/Empty 1.gba", "roms/gba/Empty 3.gba");
    let report = shelf.scan().await;
    assert_eq!((report.moved, report.added, report.missing), (0, 3, 3));
    let after = shelf.games().await;
    for game in known {
        assert!(after.iter().any(|other| other["id"] == game["id"]));
    }
}

#[tokio::test]
async fn a_folder_is_known_by_its_files_whatever_they_are_called() {
    let shelf = Shelf::with(&[
        "roms/psx/Game (USA)/Game (USA) (Disc 1).bin",
        "roms/psx/Game (USA)/Game (USA) (Disc 2).bin",
        "roms/psx/Game (USA)/Game (USA).m3u",
    ])
    .await;
    let before = shelf.game("Game (USA)").await;
    assert_eq!(before["has_multiple_files"], true);
    shelf.save(&before).await;
    shelf.rename("roms/psx/Game (USA)", "roms/psx/Spiel");
    for (old, new) in [
        ("Game (USA) (Disc 1).bin", "eins.bin"),
        ("Game (USA) (Disc 2).bin", "zwei.bin"),
        ("Game (USA).m3u", "spiel.m3u"),
    ] {
        shelf.rename(
            &format!("roms/psx/Spiel/{old}"),
            &format!("roms/psx/Spiel/{new}"),
        );
    }
    shelf.write("roms/psx/Spiel/spiel.m3u", b"eins.bin\nzwei.bin\n");
    assert_eq!(shelf.scan().await.moved, 1);
    let after = shelf.game("Spiel").await;
    assert_eq!(after["id"], before["id"]);
    assert_eq!(after["files"].as_array().unwrap().len(), 3);
    assert_eq!(after["files"][0]["file_name"], "eins.bin");
}

#[tokio::test]
async fn a_file_that_becomes_a_folder_is_the_same_game() {
    let shelf = Shelf::with(&["roms/psx/Game.chd"]).await;
    let before = shelf.game("Game.chd").await;
    shelf.rename("roms/psx/Game.chd", "roms/psx/Game/Game.chd");
    assert_eq!(shelf.scan().await.moved, 1);
    let after = shelf.game("Game").await;
    assert_eq!(after["id"], before["id"]);
    assert_eq!(after["has_nested_single_file"], true);
    assert_eq!(after["has_simple_single_file"], false);
}

#[tokio::test]
async fn a_file_with_other_bytes_in_its_place_is_the_same_game_anew() {
    let shelf = Shelf::with(&["roms/gba/Hack.gba"]).await;
    let before = shelf.game("Hack.gba").await;
    shelf.write(
        "roms/gba/Hack.gba",
        &content("the next version of the hack"),
    );
    assert_eq!(shelf.scan().await.changed, 1);
    let after = shelf.game("Hack.gba").await;
    assert_eq!(after["id"], before["id"]);
    assert_ne!(after["md5_hash"], before["md5_hash"]);
    assert_eq!(after["files"][0]["id"], before["files"][0]["id"]);
}

#[tokio::test]
async fn a_name_that_changes_in_case_or_accents_alone_is_the_same_game() {
    let shelf = Shelf::with(&["roms/gba/Poke\u{301}mon.gba"]).await;
    let before = shelf.game("Poke\u{301}mon.gba").await;
    shelf.remove("roms/gba/Poke\u{301}mon.gba");
    shelf.write("roms/gba/POK\u{c9}MON.gba", &content("another dump"));
    assert_eq!(shelf.scan().await.added, 0);
    assert_eq!(shelf.game("POK\u{c9}MON.gba").await["id"], before["id"]);
}

#[tokio::test]
async fn a_library_or_platform_that_is_not_mounted_loses_nothing() {
    let files = ["roms/gba/A.gba", "roms/gba/B.gba", "roms/snes/C.sfc"];
    let shelf = Shelf::with(&files).await;
    let before = shelf.games().await;

    shelf.rename("roms/gba", "away/gba");
    let report = shelf.scan().await;
    assert_eq!((report.missing, report.unchanged), (2, 1));
    let platforms = shelf.server.admin().get("/api/platforms").await.expect(200);
    assert_eq!(platforms[0]["slug"], "gba");
    assert_eq!(platforms[0]["missing_from_fs"], true);
    assert_eq!(platforms[1]["missing_from_fs"], false);

    let library = shelf.path("");
    let away = shelf.server.data().join("unmounted");
    std::fs::rename(&library, &away).unwrap();
    assert_eq!(shelf.scan().await.missing, 1);
    assert_eq!(shelf.games().await.len(), 3);

    std::fs::rename(&away, &library).unwrap();
    shelf.rename("away/gba", "roms/gba");
    let report = shelf.scan().await;
    assert_eq!((report.returned, report.unhashed), (3, 0));
    let after = shelf.games().await;
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(before["id"], after["id"]);
        assert_eq!(before["sha1_hash"], after["sha1_hash"]);
        assert_eq!(after["missing_from_fs"], false);
    }
}

#[tokio::test]
async fn a_scan_that_finds_nothing_new_changes_nothing() {
    let shelf = Shelf::with(&["roms/gba/A.gba", "roms/psx/B/1.bin", "roms/psx/B/2.bin"]).await;
    let before = (shelf.games().await, platforms(&shelf).await);
    let report = shelf.scan().await;
    assert_eq!(report.unchanged, 2);
    assert_eq!(
        report.added + report.changed + report.moved + report.unhashed,
        0
    );
    let (mut games, platforms) = (shelf.games().await, platforms(&shelf).await);
    for (game, before) in games.iter_mut().zip(&before.0) {
        // RomM's stand-in for what nobody noted carries the moment of the request.
        game["rom_user"] = before["rom_user"].clone();
    }
    assert_eq!((games, platforms), before);
}

async fn platforms(shelf: &Shelf) -> serde_json::Value {
    shelf.server.admin().get("/api/platforms").await.expect(200)
}

#[tokio::test]
async fn bytes_are_read_again_only_where_size_or_time_changed() {
    let shelf = Shelf::with(&["roms/gba/A.gba"]).await;
    let before = shelf.game("A.gba").await;
    let path = shelf.path("roms/gba/A.gba");
    let modified = std::fs::metadata(&path).unwrap().modified().unwrap();
    let mut bytes = std::fs::read(&path).unwrap();
    bytes.reverse();
    std::fs::write(&path, &bytes).unwrap();
    let set_time = |at| {
        File::options()
            .write(true)
            .open(&path)
            .unwrap()
            .set_modified(at)
    };

    set_time(modified).unwrap();
    assert_eq!(shelf.scan().await.unchanged, 1);
    assert_eq!(shelf.game("A.gba").await["md5_hash"], before["md5_hash"]);

    set_time(modified + Duration::from_secs(1)).unwrap();
    assert_eq!(shelf.scan().await.changed, 1);
    assert_ne!(shelf.game("A.gba").await["md5_hash"], before["md5_hash"]);
}

#[tokio::test]
async fn a_name_that_a_person_chose_stays_when_the_file_is_renamed() {
    let shelf = Shelf::with(&["roms/gba/mf.gba"]).await;
    let game = shelf.game("mf.gba").await;
    let form = b"name=Metroid+Fusion".to_vec();
    let kind = Some("application/x-www-form-urlencoded");
    let path = format!("/api/roms/{}", game["id"]);
    let renamed = shelf
        .server
        .admin()
        .send(http::Method::PUT, &path, kind, form)
        .await;
    assert_eq!(renamed.expect(200)["name"], "Metroid Fusion");
    shelf.rename("roms/gba/mf.gba", "roms/gba/metroid4.gba");
    shelf.scan().await;
    let game = shelf.game("metroid4.gba").await;
    assert_eq!(game["name"], "Metroid Fusion");
    assert_eq!(game["name_sort_key"], "metroid fusion");
}
