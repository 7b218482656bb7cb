//! Lists of games, one game, and what is asked of both.

use serde_json::{Value, json};

use crate::library_shelf::{Shelf, content};

/// Six games on three platforms; the admin has noted something about some of them.
async fn shelf() -> Shelf {
    Shelf::with(&[
        "roms/gba/100% Orange Juice (World) (Proto).gba",
        "roms/gba/Metroid Fusion (Europe) (En,Fr).gba",
        "roms/gba/The Legend of Zelda - The Minish Cap (USA).gba",
        "roms/psx/Final_Fantasy (Japan) (Disc 1).bin",
        "roms/snes/Super Metroid (Japan, USA) (En,Ja) (Beta).sfc",
        "roms/snes/Élan (Europe).sfc",
    ])
    .await
}

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

const ORANGE: &str = "100% Orange Juice";
const FUSION: &str = "Metroid Fusion";
const ZELDA: &str = "The Legend of Zelda - The Minish Cap";
const FINAL: &str = "Final_Fantasy";
const SUPER: &str = "Super Metroid";
const ELAN: &str = "Élan";

#[tokio::test]
async fn games_are_found_by_words_of_their_names_whatever_characters_they_have() {
    let shelf = shelf().await;
    for (term, expected) in [
        ("metroid", vec![FUSION, SUPER]),
        ("METROID super", vec![SUPER]),
        ("super|zelda", vec![ZELDA, SUPER]),
        ("%C3%A9lan", vec![ELAN]),
        ("%C3%89LAN", vec![ELAN]),
        ("E%CC%81lan", vec![ELAN]),
        ("%25", vec![ORANGE]),
        ("_", vec![FINAL]),
        ("(Beta)", vec![SUPER]),
        (".sfc", vec![SUPER, ELAN]),
        ("%5C", vec![]),
        ("'; DROP TABLE roms; --", vec![]),
        ("|", vec![ORANGE, FINAL, ZELDA, FUSION, SUPER, ELAN]),
        ("", vec![ORANGE, FINAL, ZELDA, FUSION, SUPER, ELAN]),
    ] {
        let term = term.replace(' ', "+");
        assert_eq!(
            names(&shelf, &format!("search_term={term}")).await,
            expected,
            "{term}"
        );
    }
    for absurd in [
        "x".repeat(10_000),
        "x+".repeat(5_000),
        "|%25".repeat(3_000),
        "a|".repeat(5_000),
    ] {
        let found = names(&shelf, &format!("search_term={absurd}")).await;
        assert!(found.len() <= 6);
    }
    assert!(
        names(&shelf, &format!("search_term={}", "x".repeat(10_000)))
            .await
            .is_empty()
    );
}

#[tokio::test]
async fn a_search_for_a_hash_finds_the_game_that_has_it() {
    let shelf = shelf().await;
    let games = shelf.games().await;
    for hash in ["crc_hash", "md5_hash", "sha1_hash"] {
        let hash = games[2][hash].as_str().unwrap().to_uppercase();
        assert_eq!(names(&shelf, &format!("search_term={hash}")).await, [ZELDA]);
    }
    assert!(names(&shelf, "search_term=00000000").await.is_empty());
}

#[tokio::test]
async fn lists_are_narrowed_by_what_stands_in_names() {
    let shelf = shelf().await;
    for (query, expected) in [
        ("regions=USA", vec![ZELDA, SUPER]),
        ("regions=USA&regions=Japan", vec![FINAL, ZELDA, SUPER]),
        ("regions=USA&regions=Japan&regions_logic=all", vec![SUPER]),
        (
            "regions=USA&regions=Japan&regions_logic=none",
            vec![ORANGE, FUSION, ELAN],
        ),
        ("regions=%25", vec![]),
        ("regions=US", vec![]),
        ("languages=English", vec![FUSION, SUPER]),
        (
            "languages=French&languages_logic=none&platform_ids=1",
            vec![ORANGE, ZELDA],
        ),
        ("tags=Proto&tags=Beta", vec![ORANGE, SUPER]),
        ("platform_ids=2&platform_ids=3", vec![FINAL, SUPER, ELAN]),
        ("platform_ids=999", vec![]),
        ("platform_ids=-1", vec![]),
        ("player_counts=1&limit=1", vec![ORANGE]),
        ("player_counts=2", vec![]),
        ("genres=Action", vec![]),
        (
            "genres=Action&genres_logic=none&limit=2",
            vec![ORANGE, FINAL],
        ),
        ("metadata_providers=igdb", vec![]),
        ("metadata_providers=unheard&limit=1", vec![ORANGE]),
        ("collection_id=1", vec![]),
        ("smart_collection_id=1", vec![]),
        ("virtual_collection_id=abc", vec![]),
        ("matched=true", vec![]),
        ("matched=false&limit=1", vec![ORANGE]),
        ("favorite=true", vec![]),
        ("duplicate=true", vec![]),
        ("playable=true", vec![]),
        ("has_ra=true", vec![]),
        ("verified=true", vec![]),
        ("missing=true", vec![]),
        ("missing=false&limit=1", vec![ORANGE]),
        ("group_by_meta_id=true&limit=1", vec![ORANGE]),
    ] {
        assert_eq!(names(&shelf, query).await, expected, "{query}");
    }
}

#[tokio::test]
async fn lists_are_narrowed_by_what_the_caller_keeps_and_notes() {
    let shelf = shelf().await;
    let fusion = shelf.game("Metroid Fusion (Europe) (En,Fr).gba").await;
    let zelda = shelf
        .game("The Legend of Zelda - The Minish Cap (USA).gba")
        .await;
    let elan = shelf.game("Élan (Europe).sfc").await;
    let save = shelf.save(&fusion).await;
    let note = |game: &Value, query: &str, body: Value| {
        let path = format!("/api/roms/{}/props{query}", game["id"]);
        let admin = shelf.server.admin();
        async move { admin.put(&path, body).await.expect(200) }
    };
    note(
        &zelda,
        "?update_last_played=true",
        json!({ "rating": 9, "status": "finished" }),
    )
    .await;
    note(
        &fusion,
        "?remove_last_played=true",
        json!({ "now_playing": true, "rating": 7 }),
    )
    .await;
    note(&elan, "", json!({ "hidden": true, "backlogged": true })).await;
    for (query, expected) in [
        ("has_saves=true", vec![FUSION]),
        ("has_states=true", vec![]),
        ("last_played=true", vec![ZELDA]),
        ("last_played=false", vec![ORANGE, FINAL, FUSION, SUPER]),
        ("statuses=finished", vec![ZELDA]),
        (
            "statuses=now_playing&statuses=finished",
            vec![ZELDA, FUSION],
        ),
        (
            "statuses=now_playing&statuses=finished&statuses_logic=all",
            vec![],
        ),
        (
            "statuses=now_playing&statuses=finished&statuses_logic=none",
            vec![ORANGE, FINAL, SUPER],
        ),
        ("statuses=backlogged", vec![]),
        ("statuses=hidden", vec![ELAN]),
        ("statuses=hidden&statuses=finished", vec![ZELDA, ELAN]),
        // Games without a note are left out of an order by notes.
        ("order_by=rating&order_dir=desc", vec![ZELDA, FUSION]),
        ("order_by=last_played", vec![ZELDA, FUSION]),
    ] {
        assert_eq!(names(&shelf, query).await, expected, "{query}");
    }
    // What one hides is there for others, and what one keeps is not theirs.
    let shelf = &shelf;
    let bobs = |query: &'static str| async move {
        let path = format!("/api/roms?{query}&with_filter_values=false");
        shelf.server.bob().get(&path).await.expect(200)["total"].clone()
    };
    assert_eq!(bobs("limit=1").await, 6);
    assert_eq!(bobs("has_saves=true").await, 0);
    let path = format!("/api/saves/{}/visibility", save["id"]);
    let public = shelf
        .server
        .admin()
        .put(&path, json!({ "is_public": true }));
    public.await.expect(200);
    assert_eq!(bobs("has_saves=true").await, 1);
}

#[tokio::test]
async fn lists_are_sorted_by_anything_and_paged_to_any_extreme() {
    let shelf = shelf().await;
    assert_eq!(
        names(&shelf, "order_by=fs_name&order_dir=DESC&limit=2").await,
        [ELAN, ZELDA]
    );
    assert_eq!(names(&shelf, "order_by=id&limit=1").await, [ORANGE]);
    assert_eq!(
        names(&shelf, "order_by=id&order_dir=desc&limit=1").await,
        [ELAN]
    );
    for order in [
        "fs_size_bytes",
        "platform_id",
        "created_at",
        "updated_at",
        "; DROP TABLE roms",
    ] {
        let query = format!("order_by={order}").replace(' ', "+");
        assert_eq!(names(&shelf, &query).await.len(), 6, "{order}");
    }
    assert!(names(&shelf, "offset=6").await.is_empty());
    assert!(names(&shelf, "offset=9223372036854775807").await.is_empty());
    for query in [
        "limit=0",
        "limit=-1",
        "limit=10001",
        "limit=ten",
        "offset=-1",
        "offset=9223372036854775808",
        "offset=99999999999999999999999",
        "platform_ids=gba",
        "collection_id=0",
        "missing=perhaps",
        "updated_after=yesterday",
    ] {
        let path = format!("/api/roms?{query}");
        shelf.server.admin().get(&path).await.expect(422);
    }
    let path = "/api/roms?order_dir=desc&limit=1";
    let page = shelf.server.admin().get(path).await.expect(200);
    assert_eq!(
        page["char_index"],
        json!({ "0": 5, "f": 4, "l": 3, "m": 2, "s": 1, "é": 0 })
    );
}

#[tokio::test]
async fn what_was_not_asked_for_is_empty_and_what_is_counted_is_right() {
    let shelf = shelf().await;
    let shelf = &shelf;
    let page =
        |query: &'static str| async move { shelf.get(&format!("/api/roms?limit=1&{query}")).await };
    let lean = page("with_char_index=false&with_filter_values=false&with_rom_id_index=false").await;
    assert_eq!(lean["total"], 6);
    assert_eq!(lean["char_index"], json!({}));
    assert_eq!(lean["rom_id_index"], json!([]));
    assert_eq!(lean["filter_values"]["regions"], json!([]));
    let uncounted = page("with_rom_id_index=false&with_total=false").await;
    assert_eq!(uncounted["total"], json!(null));
    assert_eq!(uncounted["char_index"]["m"], 3);
    // The values to filter by follow platforms and search, not the other filters.
    let narrowed = page("platform_ids=1&regions=Europe").await;
    assert_eq!(narrowed["total"], 1);
    assert_eq!(
        narrowed["filter_values"]["regions"],
        json!(["Europe", "USA", "World"])
    );
    assert_eq!(narrowed["filter_values"]["platforms"], json!([1]));
}

#[tokio::test]
async fn clients_that_keep_a_copy_are_told_what_changed() {
    let shelf = Shelf::with(&["roms/gba/A.gba", "roms/snes/B.sfc"]).await;
    let now = shelf.server.app.now().to_string().replace('+', "%2B");
    let shelf = &shelf;
    let changed = |path: &'static str| {
        let path = format!("{path}updated_after={now}");
        async move { shelf.get(&path).await }
    };
    let nothing = changed("/api/roms?").await;
    assert_eq!(nothing["items"], json!([]));
    assert_eq!(changed("/api/platforms?").await, json!([]));
    shelf.rename("roms/gba/A.gba", "roms/gba/C.gba");
    shelf.scan().await;
    assert_eq!(changed("/api/roms?").await["items"][0]["fs_name"], "C.gba");
    assert_eq!(changed("/api/platforms?").await[0]["slug"], "gba");
    shelf.remove("roms/snes/B.sfc");
    shelf.scan().await;
    assert_eq!(changed("/api/roms?").await["total"], 2);
    assert_eq!(
        changed("/api/platforms?").await.as_array().unwrap().len(),
        2
    );
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
