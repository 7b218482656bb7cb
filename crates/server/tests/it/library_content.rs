//! The bytes of games on their way to devices.

use http::Method;
use keepsave_core::content::{ZipVerdict, zip_content_hash, zip_members};
use keepsave_testkit::server::Answer;
use std::io::Cursor;

use crate::library_shelf::{Shelf, content};

async fn get(shelf: &Shelf, path: &str, headers: &[(&'static str, &str)]) -> Answer {
    let mut asking = shelf.server.bob();
    for (name, value) in headers {
        asking = asking.header(name, value);
    }
    asking.get(path).await
}

#[tokio::test]
async fn a_game_of_one_file_is_that_file_whole_or_in_parts() {
    let shelf = Shelf::with(&["roms/gba/A (USA).gba"]).await;
    let bytes = content("roms/gba/A (USA).gba");
    let game = shelf.game("A (USA).gba").await;
    let by_file = format!("/api/roms/{}/files/content/x", game["files"][0]["id"]);
    for path in [
        format!("/api/roms/{}/content/A%20%28USA%29.gba", game["id"]),
        by_file,
    ] {
        let whole = get(&shelf, &path, &[]).await;
        assert_eq!(whole.status, 200, "{path}");
        assert_eq!(whole.bytes, bytes);
        assert_eq!(whole.headers["content-length"], bytes.len().to_string());
        assert_eq!(whole.headers["accept-ranges"], "bytes");
        let etag = whole.headers["etag"].to_str().unwrap().to_owned();

        let part = get(&shelf, &path, &[("range", "bytes=10-19")]).await;
        assert_eq!(
            (part.status.as_u16(), &part.bytes[..]),
            (206, &bytes[10..20])
        );
        let end = get(&shelf, &path, &[("range", "bytes=-5"), ("if-range", &etag)]).await;
        assert_eq!(
            (end.status.as_u16(), &end.bytes[..]),
            (206, &bytes[bytes.len() - 5..])
        );
        let stale = get(
            &shelf,
            &path,
            &[("range", "bytes=-5"), ("if-range", "\"old\"")],
        )
        .await;
        assert_eq!(stale.status, 200);
        let known = get(&shelf, &path, &[("if-none-match", &etag)]).await;
        assert_eq!(known.status, 304);
        let beyond = get(&shelf, &path, &[("range", "bytes=99999-")]).await;
        assert_eq!(beyond.status, 416);
        let head = shelf
            .server
            .bob()
            .send(Method::HEAD, &path, None, Vec::new())
            .await;
        assert_eq!(head.headers["content-length"], bytes.len().to_string());
        assert!(head.bytes.is_empty());
    }
}

#[tokio::test]
async fn a_game_of_several_files_is_a_zip_that_can_be_resumed() {
    let shelf = Shelf::with(&[
        "roms/psx/Game/disc 1.bin",
        "roms/psx/Game/disc 1.cue",
        "roms/psx/Game/extra/art.png",
    ])
    .await;
    let game = shelf.game("Game").await;
    let path = format!("/api/roms/{}/content/Game", game["id"]);
    let whole = get(&shelf, &path, &[]).await;
    assert_eq!(whole.status, 200);
    assert_eq!(whole.headers["content-type"], "application/zip");
    assert_eq!(
        whole.headers["content-disposition"],
        "attachment; filename*=UTF-8''Game.zip; filename=\"Game.zip\""
    );
    let members = zip_members(Cursor::new(&whole.bytes)).unwrap();
    let names: Vec<_> = members.iter().map(|member| member.name.as_str()).collect();
    assert_eq!(
        names,
        ["Game.m3u", "disc 1.bin", "disc 1.cue", "extra/art.png"]
    );
    let hash = zip_content_hash(Cursor::new(&whole.bytes));
    assert!(
        matches!(hash, ZipVerdict::Hash(_)),
        "every entry can be read"
    );
    // Stored as it is, right behind its name.
    let playlist = b"Game.m3udisc 1.cue";
    let mut parts = whole.bytes.windows(playlist.len());
    assert!(
        parts.any(|part| part == playlist),
        "the playlist names the cue sheet"
    );

    let etag = whole.headers["etag"].to_str().unwrap().to_owned();
    let rest = get(
        &shelf,
        &path,
        &[("range", "bytes=1000-"), ("if-range", &etag)],
    )
    .await;
    assert_eq!(rest.status, 206);
    assert_eq!(rest.bytes, whole.bytes[1000..]);

    let chosen = format!("{path}?file_ids={}", game["files"][1]["id"]);
    assert_eq!(
        get(&shelf, &chosen, &[]).await.bytes,
        content("roms/psx/Game/disc 1.bin")
    );
    let (first, second) = (&game["files"][1]["id"], &game["files"][2]["id"]);
    let chosen = format!("{path}?file_ids={second},{first}&hidden_folder=true");
    let two = get(&shelf, &chosen, &[]).await;
    let members = zip_members(Cursor::new(&two.bytes)).unwrap();
    let names: Vec<_> = members.iter().map(|member| member.name.as_str()).collect();
    assert_eq!(
        names,
        [".hidden/disc 1.bin", ".hidden/disc 1.cue", "Game.m3u"]
    );
    assert_ne!(two.headers["etag"], whole.headers["etag"]);
}

#[tokio::test]
async fn an_archive_is_right_even_for_files_that_changed_since_the_scan() {
    let shelf = Shelf::with(&["roms/psx/Game/1.bin", "roms/psx/Game/2.bin"]).await;
    let path = format!("/api/roms/{}/content/Game", shelf.game("Game").await["id"]);
    shelf.write("roms/psx/Game/1.bin", b"other bytes, and fewer");
    let whole = get(&shelf, &path, &[]).await;
    let hash = zip_content_hash(Cursor::new(&whole.bytes));
    assert!(matches!(hash, ZipVerdict::Hash(_)));
}

#[tokio::test]
async fn files_that_are_gone_are_said_to_be_gone() {
    let shelf = Shelf::with(&["roms/gba/A.gba", "roms/psx/B/1.bin", "roms/psx/B/2.bin"]).await;
    let (a, b) = (shelf.game("A.gba").await, shelf.game("B").await);
    shelf.remove("roms/gba/A.gba");
    shelf.remove("roms/psx/B/2.bin");
    let path = format!("/api/roms/{}/content/A.gba", a["id"]);
    let gone = get(&shelf, &path, &[]).await.expect(404);
    let expected = format!("File A.gba not found on disk for ROM {}", a["id"]);
    assert_eq!(gone["detail"], expected);
    let path = format!("/api/roms/{}/content/B", b["id"]);
    get(&shelf, &path, &[]).await.expect(404);
    let path = format!("/api/roms/{}/files/content/x", a["files"][0]["id"]);
    get(&shelf, &path, &[]).await.expect(404);
    // A folder where the file was is not the file.
    shelf.write("roms/gba/A.gba/inside", b"x");
    let path = format!("/api/roms/{}/content/A.gba", a["id"]);
    get(&shelf, &path, &[]).await.expect(404);
}

#[tokio::test]
async fn a_game_without_files_has_no_content() {
    let shelf = Shelf::empty().await;
    shelf.write("gba.txt", b"A.gba\n");
    shelf.scan().await;
    let path = format!(
        "/api/roms/{}/content/A.gba",
        shelf.game("A.gba").await["id"]
    );
    let answer = get(&shelf, &path, &[]).await.expect(404);
    assert!(
        answer["detail"]
            .as_str()
            .unwrap()
            .starts_with("No files found")
    );
}

#[tokio::test]
async fn names_in_the_path_lead_nowhere_else() {
    let shelf = Shelf::with(&["roms/psx/B/1.bin", "roms/psx/B/2.bin"]).await;
    let id = &shelf.game("B").await["id"];
    for name in [
        "..%2F..%2Fkeepsave.db",
        "%2Fetc%2Fpasswd",
        "..",
        "%00",
        "a%0D%0Ab",
    ] {
        let answer = get(&shelf, &format!("/api/roms/{id}/content/{name}"), &[]).await;
        assert_eq!(answer.status, 200, "{name}");
        let disposition = answer.headers["content-disposition"].to_str().unwrap();
        assert!(
            !disposition.contains('/') && !disposition.contains(".."),
            "{disposition}"
        );
        let members = zip_members(Cursor::new(&answer.bytes)).unwrap();
        assert!(members.iter().all(|member| !member.name.contains("..")));
    }
    for ids in ["abc", "1,,x", "1;2"] {
        let path = format!("/api/roms/{id}/content/B?file_ids={ids}");
        get(&shelf, &path, &[]).await.expect(422);
    }
    let others = format!("/api/roms/{id}/content/B?file_ids=999999");
    get(&shelf, &others, &[]).await.expect(404);
    let all = format!("/api/roms/{id}/content/B?file_ids=");
    assert_eq!(get(&shelf, &all, &[]).await.status, 200);
}
