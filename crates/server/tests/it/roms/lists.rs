//! Lists of games: what narrows them, how they are sorted, paged and counted.

use serde_json::{Value, json};

use super::names;
use crate::library_shelf::Shelf;

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
async fn a_device_is_told_by_what_it_knows_the_games_that_are_not_hidden() {
    let shelf = shelf().await;
    let known = async |query: &str| {
        let path = format!("/api/keepsave/library/games?{query}");
        shelf.server.admin().get(&path).await.expect(200)
    };
    let listed = "/api/roms?limit=100&order_by=id";
    let listed = shelf.server.admin().get(listed).await.expect(200);
    let listed = listed["items"].as_array().unwrap();
    let all = known("").await;
    let all = all.as_array().unwrap();
    assert_eq!(all.len(), 6);
    for (known, listed) in all.iter().zip(listed) {
        for (field, value) in known.as_object().unwrap() {
            assert_eq!(*value, listed[field], "{field}");
        }
    }
    assert_eq!(known("limit=2&offset=1").await, json!(all[1..3]));
    assert_eq!(known("offset=6").await, json!([]));
    let hide = json!({ "hidden": true });
    let props = format!("/api/roms/{}/props", all[0]["id"]);
    shelf.server.admin().put(&props, hide).await.expect(200);
    assert_eq!(known("").await, json!(all[1..]));
    for query in ["limit=0", "limit=10001", "offset=-1", "offset=x"] {
        let path = format!("/api/keepsave/library/games?{query}");
        shelf.server.admin().get(&path).await.expect(422);
    }
}
