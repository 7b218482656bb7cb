//! One game, and what is asked of all.

mod lists;

use serde_json::{Value, json};

use crate::library_shelf::{Shelf, content};

/// The names of the games that a list answers with.
async fn names(shelf: &Shelf, query: &str) -> Vec<String> {
    let path = format!("/api/roms?{query}");
    let page = shelf.server.admin().get(&path).await.expect(200);
    let items = page["items"].as_array().unwrap();
    let name = |game: &Value| game["name"].as_str().unwrap().to_owned();
    let names: Vec<String> = items.iter().map(name).collect();
    if !query.contains("with_rom_id_index") {
        assert_eq!(
            page["total"],
            page["rom_id_index"].as_array().unwrap().len()
        );
    }
    names
}

#[tokio::test]
async fn ids_that_are_none_are_refused_and_unknown_ones_are_not_found() {
    let shelf = Shelf::with(&["roms/gba/A.gba"]).await;
    let admin = || shelf.server.admin();
    for path in [
        "/api/roms/{}",
        "/api/roms/{}/simple",
        "/api/roms/{}/content/x",
        "/api/roms/{}/notes",
        "/api/platforms/{}",
    ] {
        for (id, status) in [
            ("0", 422),
            ("-1", 422),
            ("abc", 422),
            ("1.5", 422),
            ("9223372036854775807", 404),
            ("9223372036854775808", 422),
            ("2", 404),
        ] {
            let path = path.replace("{}", id);
            let answer = admin().get(&path).await.expect(status);
            if status == 404 {
                // A bare `Not Found` would mean that there is no such route.
                assert_ne!(answer["detail"], "Not Found", "{path}");
            }
        }
    }
    admin()
        .put("/api/roms/2/props", json!({}))
        .await
        .expect(404);
    let answer = admin().get("/api/roms/0/files/content/x").await;
    assert_eq!(answer.status, 422);
    let answer = admin()
        .get("/api/roms/99/files/content/x")
        .await
        .expect(404);
    assert_eq!(answer["detail"], "File not found");
}

#[tokio::test]
async fn a_game_is_found_by_the_hash_of_any_of_its_files() {
    let shelf = Shelf::with(&[
        "roms/psx/Game/1.bin",
        "roms/psx/Game/2.bin",
        "roms/gba/A.gba",
    ])
    .await;
    shelf.write("roms/gba/Empty.gba", b"");
    shelf.scan().await;
    let game = shelf.game("Game").await;
    let shelf = &shelf;
    let find = |query: String| {
        let path = format!("/api/roms/by-hash?{query}");
        async move { shelf.server.admin().get(&path).await }
    };
    for hash in [&game["sha1_hash"], &game["files"][1]["sha1_hash"]] {
        let upper = hash.as_str().unwrap().to_uppercase();
        let found = find(format!("sha1_hash={upper}")).await.expect(200);
        assert_eq!(found["id"], game["id"]);
    }
    let crc = game["files"][0]["crc_hash"].as_str().unwrap();
    assert_eq!(
        find(format!("crc_hash={crc}&md5_hash=")).await.expect(200)["id"],
        game["id"]
    );
    for (query, status) in [
        ("", 400),
        ("md5_hash=", 400),
        ("ra_hash=abc", 404),
        ("crc_hash=%25", 404),
    ] {
        find(query.to_owned()).await.expect(status);
    }
}

#[tokio::test]
async fn others_see_of_a_game_what_was_made_public() {
    let shelf = Shelf::with(&["roms/gba/A.gba"]).await;
    let game = shelf.game("A.gba").await;
    let save = shelf.save(&game).await;
    shelf.save(&game).await;
    let detail = format!("/api/roms/{}", game["id"]);
    let bobs = shelf.server.bob().get(&detail).await.expect(200);
    assert_eq!(bobs["all_user_saves"], json!([]));
    let path = format!("/api/saves/{}/visibility", save["id"]);
    shelf
        .server
        .admin()
        .put(&path, json!({ "is_public": true }))
        .await
        .expect(200);
    let bobs = shelf.server.bob().get(&detail).await.expect(200);
    assert_eq!(bobs["user_saves"], json!([]));
    assert_eq!(bobs["all_user_saves"][0]["id"], save["id"]);
    assert_eq!(bobs["all_user_saves"][0]["username"], "admin");
    assert_eq!(bobs["all_user_saves"][0]["device_syncs"], json!([]));
    let own = shelf.server.admin().get(&detail).await.expect(200);
    assert_eq!(own["user_saves"][0]["id"], save["id"]);
    assert_eq!(own["all_user_saves"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn nothing_that_argosy_decodes_strictly_is_null() {
    let shelf = Shelf::with(&["roms/gba/(USA).gba", "roms/gba/A.gba"]).await;
    for game in shelf.games().await {
        for field in [
            "id",
            "platform_id",
            "platform_slug",
            "name",
            "fs_size_bytes",
            "has_simple_single_file",
            "has_nested_single_file",
            "has_multiple_files",
            "has_manual",
        ] {
            assert!(!game[field].is_null(), "{field}");
        }
        assert_ne!(game["name"], "");
    }
    let platforms = shelf.server.admin().get("/api/platforms").await.expect(200);
    for field in ["id", "slug", "name", "rom_count"] {
        assert!(!platforms[0][field].is_null(), "{field}");
    }
}

#[tokio::test]
async fn the_routes_of_what_is_not_there_answer_in_their_shape() {
    let shelf = Shelf::with(&["roms/gba/A.gba"]).await;
    for path in [
        "/api/collections",
        "/api/collections/identifiers",
        "/api/collections/virtual?type=genre",
        "/api/collections/virtual/identifiers",
        "/api/collections/smart",
        "/api/collections/smart/identifiers",
        "/api/firmware?platform_id=1",
        "/api/firmware/identifiers",
        "/api/search/roms?rom_id=1",
    ] {
        assert_eq!(
            shelf.server.bob().get(path).await.expect(200),
            json!([]),
            "{path}"
        );
        assert_eq!(shelf.server.nobody().get(path).await.status, 401, "{path}");
    }
    for path in ["/api/firmware/1", "/api/firmware/1/content/bios.bin"] {
        let answer = shelf.server.bob().get(path).await.expect(404);
        assert_eq!(answer["detail"], "Firmware with ID 1 not found");
    }
    let stats = shelf.server.nobody().get("/api/stats").await.expect(200);
    assert_eq!(stats["ROMS"], 1);
    assert_eq!(
        stats["TOTAL_FILESIZE_BYTES"],
        content("roms/gba/A.gba").len()
    );
}

#[tokio::test]
async fn a_person_renames_a_game_and_not_its_file() {
    let shelf = Shelf::with(&["roms/gba/mf.gba"]).await;
    let path = format!("/api/roms/{}", shelf.game("mf.gba").await["id"]);
    let put = |body: String| {
        let admin = shelf.server.admin();
        let path = path.clone();
        async move {
            let kind = Some("application/x-www-form-urlencoded");
            admin
                .send(http::Method::PUT, &path, kind, body.into_bytes())
                .await
        }
    };
    let renamed = put("name=Metroid+Fusion&fs_name=mf.gba&igdb_id=12".to_owned()).await;
    let renamed = renamed.expect(200);
    assert_eq!(renamed["name"], "Metroid Fusion");
    assert_eq!(renamed["igdb_id"], json!(null));
    assert_eq!(
        names(&shelf, "search_term=fusion").await,
        ["Metroid Fusion"]
    );
    assert_eq!(
        names(&shelf, "search_term=mf.gba").await,
        ["Metroid Fusion"]
    );
    put("fs_name=other.gba".to_owned()).await.expect(400);
    put(format!("name={}", "x".repeat(351))).await.expect(400);
    put(String::new()).await.expect(200);
    let bob = shelf.server.bob();
    let refused = bob.send(http::Method::PUT, &path, None, Vec::new()).await;
    assert_eq!(refused.status, 403);
}

#[tokio::test]
async fn what_a_person_notes_is_changed_field_by_field() {
    let shelf = Shelf::with(&["roms/gba/A.gba"]).await;
    let path = format!("/api/roms/{}/props", shelf.game("A.gba").await["id"]);
    let put = |query: &str, body: Value| {
        let (admin, path) = (shelf.server.admin(), format!("{path}{query}"));
        async move { admin.put(&path, body).await }
    };
    let noted = put(
        "?update_last_played=true",
        json!({ "rating": 7, "status": "retired" }),
    );
    let noted = noted.await.expect(200);
    assert_eq!(noted["rating"], 7);
    assert!(noted["last_played"].is_string());
    let nulls = json!({ "rating": null, "hidden": null, "completion": null });
    let same = put("", nulls).await.expect(200);
    assert_eq!(
        (&same["rating"], &same["status"]),
        (&json!(7), &json!("retired"))
    );
    assert_eq!(same["last_played"], noted["last_played"]);
    let back = put("?remove_last_played=true", json!({ "status": null }))
        .await
        .expect(200);
    assert_eq!(
        (&back["status"], &back["last_played"]),
        (&json!(null), &json!(null))
    );
    for wrong in [
        json!({ "rating": 11 }),
        json!({ "rating": -1 }),
        json!({ "rating": "many" }),
        json!({ "completion": 101 }),
        json!({ "hidden": "perhaps" }),
        json!({ "status": "" }),
        json!([]),
    ] {
        put("", wrong).await.expect(422);
    }
    put("?update_last_played=perhaps", json!({}))
        .await
        .expect(422);
    // Nobody else's notes have changed.
    let bobs = shelf.server.bob().get("/api/roms").await.expect(200);
    assert_eq!(bobs["items"][0]["rom_user"]["id"], -1);
}
