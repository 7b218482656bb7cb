//! Notes about games.

use serde_json::{Value, json};

use crate::library_shelf::Shelf;

struct Notes {
    shelf: Shelf,
    path: String,
}

impl Notes {
    async fn about_a_game() -> Self {
        let shelf = Shelf::with(&["roms/gba/A.gba"]).await;
        let path = format!("/api/roms/{}/notes", shelf.game("A.gba").await["id"]);
        Self { shelf, path }
    }

    /// Writes a note, a second after the one before.
    async fn write(&self, body: Value) -> Value {
        self.shelf.server.clock.advance_millis(1000);
        self.shelf
            .server
            .admin()
            .post(&self.path, body)
            .await
            .expect(200)
    }

    async fn titles(&self, query: &str) -> Vec<Value> {
        let path = format!("{}{query}", self.path);
        let notes = self.shelf.server.admin().get(&path).await.expect(200);
        let notes = notes.as_array().unwrap();
        notes.iter().map(|note| note["title"].clone()).collect()
    }
}

#[tokio::test]
async fn notes_are_listed_newest_first_and_narrowed() {
    let notes = Notes::about_a_game().await;
    notes
        .write(json!({ "title": "Shiny", "content": "# Hello", "tags": ["a", "b"] }))
        .await;
    notes
        .write(json!({ "title": "Cheats", "tags": ["a"], "is_public": true }))
        .await;
    notes.write(json!({ "title": "100%" })).await;
    let bob = notes.shelf.server.bob();
    bob.post(&notes.path, json!({ "title": "Bob's" }))
        .await
        .expect(200);
    for (query, expected) in [
        ("", vec!["100%", "Cheats", "Shiny"]),
        ("?search=hello", vec!["Shiny"]),
        ("?search=%25", vec!["100%"]),
        ("?search=_", vec![]),
        ("?tags=a", vec!["Cheats", "Shiny"]),
        ("?tags=a&tags=b", vec!["Shiny"]),
        ("?public_only=true", vec!["Cheats"]),
    ] {
        assert_eq!(notes.titles(query).await, expected, "{query}");
    }
    let game = notes.shelf.game("A.gba").await;
    assert_eq!(game["has_notes"], true);
    let bobs = notes.shelf.server.bob().get(&notes.path).await.expect(200);
    let titles: Vec<_> = bobs
        .as_array()
        .unwrap()
        .iter()
        .map(|note| &note["title"])
        .collect();
    assert_eq!(titles, ["Bob's", "Cheats"]);
}

#[tokio::test]
async fn a_title_stands_once_for_each_person_and_game() {
    let notes = Notes::about_a_game().await;
    let first = notes.write(json!({ "title": "Shiny" })).await;
    notes.write(json!({ "title": "Other" })).await;
    let admin = || notes.shelf.server.admin();
    admin()
        .post(&notes.path, json!({ "title": "Shiny" }))
        .await
        .expect(409);
    let bobs = notes
        .shelf
        .server
        .bob()
        .post(&notes.path, json!({ "title": "Shiny" }));
    bobs.await.expect(200);
    let path = format!("{}/{}", notes.path, first["id"]);
    admin()
        .put(&path, json!({ "title": "Other" }))
        .await
        .expect(409);
    let same = admin().put(&path, json!({ "title": "Shiny", "content": "x" }));
    assert_eq!(same.await.expect(200)["content"], "x");
}

#[tokio::test]
async fn what_is_no_note_is_refused_and_changes_nothing() {
    let notes = Notes::about_a_game().await;
    let admin = || notes.shelf.server.admin();
    for body in [
        json!({}),
        json!({ "content": "x" }),
        json!({ "title": null }),
        json!({ "title": 7 }),
        json!({ "title": "x".repeat(401) }),
        json!({ "title": "x", "tags": "a" }),
        json!({ "title": "x", "tags": [1] }),
        json!({ "title": "x", "is_public": "perhaps" }),
        json!(["x"]),
    ] {
        admin().post(&notes.path, body).await.expect(422);
    }
    assert!(notes.titles("").await.is_empty());
    let note = notes.write(json!({ "title": "Kept", "tags": ["a"] })).await;
    let path = format!("{}/{}", notes.path, note["id"]);
    for body in [
        json!({ "title": null }),
        json!({ "title": "x".repeat(401) }),
    ] {
        admin().put(&path, body).await.expect(422);
    }
    assert_eq!(
        admin().put(&path, json!({})).await.expect(200)["tags"],
        json!(["a"])
    );
    for (id, status) in [("0", 422), ("-3", 422), ("abc", 422), ("99", 404)] {
        let path = format!("{}/{id}", notes.path);
        admin().delete(&path).await.expect(status);
        admin().put(&path, json!({})).await.expect(status);
    }
    notes.shelf.server.bob().delete(&path).await.expect(404);
    assert_eq!(notes.titles("").await, ["Kept"]);
}
