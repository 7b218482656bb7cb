//! A running server sees what changes in its library.

use std::time::Duration;

use keepsave_server::library;
use keepsave_testkit::server::TestServer;
use serde_json::{Value, json};

use crate::library_shelf::{Shelf, content};

/// Waits until the library is as it should be, looking after each report.
async fn until(shelf: &Shelf, expected: &[(&str, bool)]) {
    let mut reports = shelf.server.app.library.reports();
    let waiting = async {
        loop {
            let games = shelf.games().await;
            let name = |game: &Value| game["fs_name"].as_str().unwrap_or_default().to_owned();
            let there = games
                .iter()
                .map(|game| (name(game), game["missing_from_fs"] == false));
            if there.eq(expected
                .iter()
                .map(|(name, there)| ((*name).to_owned(), *there)))
            {
                return;
            }
            reports.changed().await.unwrap();
        }
    };
    let waited = tokio::time::timeout(Duration::from_mins(1), waiting).await;
    assert!(waited.is_ok(), "it never came to {expected:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_are_seen_while_the_server_runs() {
    let shelf = Shelf::empty().await;
    shelf.put("roms/gba/A.gba");
    let app = shelf.server.app.clone();
    let keeping = tokio::spawn(library::keep(app.clone(), Duration::from_millis(20)));
    until(&shelf, &[("A.gba", true)]).await;
    let id = shelf.game("A.gba").await["id"].clone();

    shelf.write("roms/psx/Game/disc.bin", &content("disc"));
    until(&shelf, &[("A.gba", true), ("Game", true)]).await;
    shelf.rename("roms/gba/A.gba", "roms/gba/B.gba");
    until(&shelf, &[("B.gba", true), ("Game", true)]).await;
    assert_eq!(shelf.game("B.gba").await["id"], id);
    shelf.remove("roms/psx");
    until(&shelf, &[("B.gba", true), ("Game", false)]).await;
    shelf.write("catalogue.txt", b"snes/C.sfc\n");
    until(&shelf, &[("B.gba", true), ("C.sfc", true), ("Game", false)]).await;

    app.stopping.begin();
    let ended = tokio::time::timeout(Duration::from_mins(1), keeping).await;
    ended.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_library_that_cannot_be_watched_is_scanned_all_the_same() {
    let elsewhere = tempfile::tempdir().unwrap();
    let library = elsewhere.path().join("not mounted");
    let server = TestServer::with_settings(|settings| {
        settings.library = library.clone();
    })
    .await;
    let app = server.app.clone();
    let mut reports = app.library.reports();
    reports.mark_unchanged();
    let keeping = tokio::spawn(library::keep(app.clone(), Duration::from_millis(20)));
    let first = tokio::time::timeout(Duration::from_mins(1), reports.changed()).await;
    first.unwrap().unwrap();
    assert!(!library.exists(), "a place that is not ours is not made");

    std::fs::create_dir_all(library.join("roms/gba")).unwrap();
    std::fs::write(library.join("roms/gba/Game.gba"), content("game")).unwrap();
    let scanned = server.admin().post("/api/keepsave/library/scan", json!({}));
    assert_eq!(scanned.await.expect(200)["added"], 1);
    app.stopping.begin();
    keeping.await.unwrap();
}

#[tokio::test]
async fn only_administrators_start_scans() {
    let shelf = Shelf::with(&["roms/gba/A.gba"]).await;
    let path = "/api/keepsave/library/scan";
    shelf.server.bob().post(path, json!({})).await.expect(403);
    let report = shelf.server.admin().post(path, json!({})).await.expect(200);
    assert_eq!(report["unchanged"], 1);
    assert_eq!(report["problems"], json!([]));
}
