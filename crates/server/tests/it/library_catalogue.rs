//! Games without files: registered by a device, or listed in a text catalogue.

use serde_json::{Value, json};

use crate::library_shelf::{Shelf, content};

async fn register(shelf: &Shelf, platform: &str, file_name: &str) -> (u16, Value) {
    let body = json!({ "platform": platform, "file_name": file_name });
    let answer = shelf.server.bob().post("/api/roms", body).await;
    (answer.status.as_u16(), answer.json())
}

#[tokio::test]
async fn a_device_registers_a_game_once_and_saves_for_it() {
    let shelf = Shelf::empty().await;
    let (status, game) = register(&shelf, "gba", "Golden Sun (USA) (Rev 1).gba").await;
    assert_eq!(status, 201);
    assert_eq!(game["name"], "Golden Sun");
    assert_eq!(game["revision"], "1");
    assert_eq!(game["regions"], json!(["USA"]));
    assert_eq!(game["fs_name_no_ext"], "Golden Sun (USA) (Rev 1)");
    assert_eq!(game["fs_size_bytes"], 0);
    assert_eq!(game["missing_from_fs"], false);
    assert_eq!(game["has_multiple_files"], false);
    for name in [
        "Golden Sun (USA) (Rev 1).gba",
        "golden sun (usa) (rev 1).GBA",
    ] {
        let (status, again) = register(&shelf, "gba", name).await;
        assert_eq!((status, &again["id"]), (200, &game["id"]), "{name}");
    }
    let platforms = shelf.server.bob().get("/api/platforms").await.expect(200);
    assert_eq!(platforms[0]["name"], "Game Boy Advance");
    assert_eq!(platforms[0]["rom_count"], 1);
    assert_eq!(platforms[0]["missing_from_fs"], false);
    shelf.save(&game).await;
    // It is not lost by a scan that does not see it.
    let report = shelf.scan().await;
    assert_eq!(report.missing, 0);
    assert_eq!(shelf.games().await.len(), 1);
}

#[tokio::test]
async fn a_registered_game_keeps_its_id_when_its_file_appears_and_when_it_goes_again() {
    let shelf = Shelf::empty().await;
    let (_, game) = register(&shelf, "gba", "Game.gba").await;
    shelf.save(&game).await;
    shelf.write("roms/gba/game.gba", &content("game"));
    let report = shelf.scan().await;
    assert_eq!((report.added, report.changed + report.moved), (0, 1));
    let with_file = shelf.game("game.gba").await;
    assert_eq!(with_file["id"], game["id"]);
    assert_eq!(with_file["files"].as_array().unwrap().len(), 1);
    assert_ne!(with_file["md5_hash"], "");

    shelf.remove("roms/gba/game.gba");
    assert_eq!(shelf.scan().await.missing, 0);
    let without = shelf.by_id(&game["id"]).await;
    assert_eq!(without["missing_from_fs"], false);
    assert_eq!(without["files"], json!([]));
    assert_eq!(without["user_saves"].as_array().unwrap().len(), 1);
    // What its bytes were is still known: a device can find it by them.
    assert_eq!(without["md5_hash"], with_file["md5_hash"]);
}

#[tokio::test]
async fn registering_a_missing_game_brings_it_back() {
    let shelf = Shelf::with(&["roms/gba/Game.gba"]).await;
    let game = shelf.game("Game.gba").await;
    shelf.remove("roms/gba/Game.gba");
    shelf.scan().await;
    let (status, back) = register(&shelf, "gba", "Game.gba").await;
    assert_eq!((status, &back["id"]), (200, &game["id"]));
    assert_eq!(back["missing_from_fs"], false);
    shelf.scan().await;
    assert_eq!(shelf.by_id(&game["id"]).await["missing_from_fs"], false);
}

#[tokio::test]
async fn names_that_differ_in_case_are_matched_only_where_one_is_meant() {
    let shelf = Shelf::with(&["roms/gba/game.gba", "roms/gba/GAME.gba"]).await;
    let (status, exact) = register(&shelf, "gba", "GAME.gba").await;
    assert_eq!(status, 200);
    assert_eq!(exact["id"], shelf.game("GAME.gba").await["id"]);
    let (status, _) = register(&shelf, "gba", "Game.gba").await;
    assert_eq!(status, 201);
}

#[tokio::test]
async fn what_is_no_game_is_not_registered() {
    let shelf = Shelf::empty().await;
    for (platform, file_name, status) in [
        ("gba", "../../etc/passwd", 400),
        ("gba", "..", 400),
        ("gba", "", 400),
        ("gba", "a\u{0}b.gba", 400),
        ("gba", "a\\b.gba", 400),
        ("nosuchplatform", "Game.gba", 400),
        ("../gba", "Game.gba", 400),
        ("", "Game.gba", 400),
    ] {
        let (got, answer) = register(&shelf, platform, file_name).await;
        assert_eq!(got, status, "{platform}/{file_name}: {answer}");
    }
    let (status, _) = register(&shelf, "gba", &"x".repeat(256)).await;
    assert_eq!(status, 400);
    for body in [
        json!({}),
        json!({ "platform": "gba" }),
        json!({ "platform": 1, "file_name": 2 }),
    ] {
        shelf
            .server
            .admin()
            .post("/api/roms", body)
            .await
            .expect(422);
    }
    let nobody = shelf.server.nobody();
    let refused = nobody
        .header("cookie", "x=y")
        .post("/api/roms", json!({}))
        .await;
    assert!(refused.status.is_client_error());
    assert_eq!(shelf.games().await, Vec::<Value>::new());
    let platforms = shelf.server.admin().get("/api/platforms").await.expect(200);
    assert_eq!(platforms, json!([]));
}

#[tokio::test]
async fn a_text_catalogue_lists_games_as_long_as_it_names_them() {
    let shelf = Shelf::with(&["roms/gba/Here.gba"]).await;
    shelf.write(
        "catalogue.txt",
        b"# on the handheld\ngba/Metroid Fusion (Europe).gba\nsnes/Chrono Trigger (USA).sfc\n",
    );
    shelf.write("gba.txt", b"here.gba\nGolden Sun (USA).gba\n");
    let report = shelf.scan().await;
    assert_eq!((report.added, report.unchanged), (3, 1));
    let games = shelf.games().await;
    let names: Vec<_> = games.iter().map(|game| &game["name"]).collect();
    assert_eq!(
        names,
        ["Chrono Trigger", "Golden Sun", "Here", "Metroid Fusion"]
    );
    let metroid = shelf.game("Metroid Fusion (Europe).gba").await;
    shelf.save(&metroid).await;
    assert_eq!(shelf.scan().await.added, 0);

    // Its file appears: the same game.
    shelf.put("roms/gba/Metroid Fusion (Europe).gba");
    assert_eq!(shelf.scan().await.added, 0);
    let with_file = shelf.game("Metroid Fusion (Europe).gba").await;
    assert_eq!(with_file["id"], metroid["id"]);
    shelf.remove("roms/gba/Metroid Fusion (Europe).gba");
    shelf.scan().await;

    // No longer listed, and no file: missing, with everything that belongs to it.
    shelf.write("catalogue.txt", b"snes/Chrono Trigger (USA).sfc\n");
    assert_eq!(shelf.scan().await.missing, 1);
    let missing = shelf.by_id(&metroid["id"]).await;
    assert_eq!(missing["missing_from_fs"], true);
    assert_eq!(missing["user_saves"].as_array().unwrap().len(), 1);

    // Listed again: back.
    shelf.write("catalogue.txt", b"gba/Metroid Fusion (Europe).gba\n");
    shelf.scan().await;
    assert_eq!(
        shelf.game("Metroid Fusion (Europe).gba").await["id"],
        metroid["id"]
    );
}

#[tokio::test]
async fn a_catalogue_that_cannot_be_read_loses_no_game() {
    let shelf = Shelf::empty().await;
    shelf.write("gba.txt", b"Game.gba\n");
    shelf.scan().await;
    shelf.write("gba.txt", b"Game.gba\n\xff\xfe");
    let report = shelf.scan().await;
    assert_eq!(report.missing, 0);
    assert_eq!(report.problems[0].path, "gba.txt");
    assert_eq!(shelf.game("Game.gba").await["missing_from_fs"], false);
}

#[tokio::test]
async fn ten_thousand_games_are_listed_whole() {
    let shelf = Shelf::empty().await;
    let lines: Vec<_> = (0..10_000)
        .map(|number| format!("gba/Game {number}.gba"))
        .collect();
    shelf.write("catalogue.txt", lines.join("\n").as_bytes());
    assert_eq!(shelf.scan().await.added, 10_000);
    let admin = || shelf.server.admin();
    let ids = admin().get("/api/roms/identifiers").await.expect(200);
    assert_eq!(ids.as_array().unwrap().len(), 10_000);
    let page = admin().get("/api/roms?limit=10000").await.expect(200);
    assert_eq!(page["items"].as_array().unwrap().len(), 10_000);
    assert_eq!(page["rom_id_index"], ids);
    assert_eq!(page["total"], 10_000);
    // Numbers sort as numbers.
    assert_eq!(page["items"][9]["name"], "Game 9");
    assert_eq!(page["items"][10]["name"], "Game 10");
    assert_eq!(page["char_index"], json!({ "g": 0 }));
    let last = admin()
        .get("/api/roms?limit=250&offset=9900")
        .await
        .expect(200);
    assert_eq!(last["items"].as_array().unwrap().len(), 100);
}
