//! How a library is arranged, and what in it is a game.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;

use serde_json::json;

use crate::library_shelf::Shelf;

#[tokio::test]
async fn both_of_romms_layouts_are_read_and_changing_from_one_to_the_other_loses_nothing() {
    let shelf = Shelf::with(&["gba/roms/A.gba", "gba/bios/gba_bios.bin", "snes/roms/B.sfc"]).await;
    let games = shelf.games().await;
    assert_eq!(games.len(), 2);
    assert_eq!(games[0]["fs_path"], "gba/roms");
    assert_eq!(games[0]["full_path"], "gba/roms/A.gba");
    shelf.rename("gba/roms", "roms/gba");
    shelf.rename("snes/roms", "roms/snes");
    let report = shelf.scan().await;
    assert_eq!((report.moved, report.added, report.missing), (2, 0, 0));
    let after = shelf.games().await;
    assert_eq!(after[0]["id"], games[0]["id"]);
    assert_eq!(after[0]["fs_path"], "roms/gba");
    assert_eq!(after[0]["files"][0]["full_path"], "roms/gba/A.gba");
    let path = format!("/api/roms/{}/content/A.gba", after[0]["id"]);
    assert_eq!(shelf.server.admin().get(&path).await.status, 200);
}

#[tokio::test]
async fn a_roms_folder_at_the_top_decides() {
    let shelf = Shelf::with(&["roms/gba/A.gba", "snes/roms/B.sfc"]).await;
    let games = shelf.games().await;
    assert_eq!(games.len(), 1);
    assert_eq!(games[0]["fs_name"], "A.gba");
}

#[tokio::test]
async fn what_is_no_game_is_left_out() {
    let shelf = Shelf::with(&[
        "roms/gba/Game.gba",
        "roms/gba/gamelist.xml",
        "roms/gba/notes.log",
        "roms/gba/.Game.gba.Xy12Z",
        "roms/gba/@eaDir/Game.gba",
        "roms/psx/Game/disc.bin",
        "roms/psx/Game/disc.tmp",
        "roms/psx/Game/@eaDir/disc.bin",
        "roms/#recycle/Game.gba",
    ])
    .await;
    std::fs::create_dir_all(shelf.path("roms/psx/Being copied")).unwrap();
    shelf.scan().await;
    let games = shelf.games().await;
    let names: Vec<_> = games.iter().map(|game| &game["fs_name"]).collect();
    assert_eq!(names, ["Game.gba", "Game"]);
    assert_eq!(games[1]["files"].as_array().unwrap().len(), 1);
    let platforms = shelf.server.admin().get("/api/platforms").await.expect(200);
    assert_eq!(platforms.as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_folder_that_is_no_known_platform_is_one_named_after_itself() {
    let shelf = Shelf::with(&["roms/my-homebrew/Game.bin"]).await;
    let platforms = shelf.server.admin().get("/api/platforms").await.expect(200);
    assert_eq!(platforms[0]["slug"], "my-homebrew");
    assert_eq!(platforms[0]["name"], "My Homebrew");
    assert_eq!(platforms[0]["is_identified"], false);
    assert_eq!(platforms[0]["igdb_id"], json!(null));
}

#[tokio::test]
async fn files_in_folders_of_a_game_belong_to_it_and_have_its_categories() {
    let shelf = Shelf::with(&[
        "roms/switch/Game/Game.nsp",
        "roms/switch/Game/update/Game v2.nsp",
        "roms/switch/Game/art/box.png",
    ])
    .await;
    let game = shelf.game("Game").await;
    assert_eq!(game["has_nested_single_file"], true);
    assert_eq!(game["has_multiple_files"], false);
    let files: Vec<_> = game["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| json!([file["full_path"], file["is_top_level"], file["category"]]))
        .collect();
    assert_eq!(
        json!(files),
        json!([
            ["roms/switch/Game/update/Game v2.nsp", false, "update"],
            ["roms/switch/Game/Game.nsp", true, "game"],
            ["roms/switch/Game/art/box.png", false, null],
        ])
    );
    // Only what is at the top is the game.
    assert_eq!(game["md5_hash"], game["files"][1]["md5_hash"]);
}

#[tokio::test]
async fn links_are_followed_unless_they_lead_in_circles() {
    let shelf = Shelf::with(&["elsewhere/disc.bin", "roms/psx/Real/disc.bin"]).await;
    let link = |to: &str, at: &str| symlink(shelf.path(to), shelf.path(at)).unwrap();
    link("elsewhere", "roms/psx/Linked");
    link("elsewhere", "roms/ps2");
    link("roms/psx", "roms/psx/Real/around");
    link("roms/psx/Real/itself", "roms/psx/Real/itself");
    link("gone", "roms/psx/Nothing.bin");
    std::fs::create_dir_all(shelf.path("two")).unwrap();
    link("two", "roms/psx/Real/one");
    link("roms/psx/Real", "two/back");
    let report = shelf.scan().await;
    let problems: Vec<_> = report.problems.iter().map(|it| it.path.as_str()).collect();
    assert_eq!(
        problems,
        [
            "roms/psx/Nothing.bin",
            "roms/psx/Real/around",
            "roms/psx/Real/itself",
            "roms/psx/Real/one/back",
        ]
    );
    let games = shelf.games().await;
    let names: Vec<_> = games.iter().map(|game| &game["full_path"]).collect();
    assert_eq!(
        names,
        ["roms/ps2/disc.bin", "roms/psx/Linked", "roms/psx/Real"]
    );
    assert_eq!(games[2]["files"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn names_that_are_not_utf8_are_reported_and_left_out() {
    let shelf = Shelf::with(&["roms/gba/Game.gba"]).await;
    for place in ["roms/gba", "roms"] {
        let name = OsStr::from_bytes(b"Pok\xe9mon");
        std::fs::create_dir_all(shelf.path(place).join(name)).unwrap();
    }
    let report = shelf.scan().await;
    assert_eq!(report.problems.len(), 2, "{:?}", report.problems);
    assert!(report.problems[0].what.contains("UTF-8"));
    assert_eq!(shelf.games().await.len(), 1);
}

#[tokio::test]
async fn a_zip_names_its_members_without_being_unpacked() {
    let shelf = Shelf::with(&["roms/gba/Other.gba"]).await;
    // One stored file, `game.gba`, with the content `hello`.
    let mut zip = Vec::new();
    let name = b"game.gba";
    let crc = crc32fast::hash(b"hello").to_le_bytes();
    let sizes = [5, 0, 0, 0, 5, 0, 0, 0, 8, 0, 0, 0];
    zip.extend(b"PK\x03\x04\x14\0\0\0\0\0\0\0\x21\0");
    zip.extend([&crc[..], &sizes, name, b"hello"].concat());
    let directory = zip.len();
    zip.extend(b"PK\x01\x02\x14\0\x14\0\0\0\0\0\0\0\x21\0");
    zip.extend([&crc[..], &sizes, &[0; 14], name].concat());
    let length = u32::try_from(zip.len() - directory).unwrap();
    let start = u32::try_from(directory).unwrap();
    zip.extend(b"PK\x05\x06\0\0\0\0\x01\0\x01\0");
    zip.extend([&length.to_le_bytes()[..], &start.to_le_bytes(), &[0, 0]].concat());
    shelf.write("roms/gba/Game.zip", &zip);
    shelf.scan().await;
    let game = shelf.game("Game.zip").await;
    assert_eq!(
        game["files"][0]["archive_members"],
        json!([{
            "name": "game.gba", "size": 5, "crc_hash": "3610a686", "md5_hash": "", "sha1_hash": "",
        }])
    );
    assert_eq!(game["crc_hash"], format!("{:08x}", crc32fast::hash(&zip)));
    let other = shelf.game("Other.gba").await;
    assert_eq!(other["files"][0]["archive_members"], json!(null));
}
