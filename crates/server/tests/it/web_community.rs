//! What people share with each other: seen by others once it is public, copied, and left as it is.

use keepsave_testkit::browser::Browser;
use serde_json::json;

use crate::web::{goes_to, words};
use crate::web_overview::Story;

const MARKUP: &str = "<img src=x onerror=alert(1)>\"'&.srm";

#[tokio::test]
async fn what_others_share_is_copied_and_theirs_stays() {
    let (story, fusion, _) = Story::parted().await;
    story
        .post_named(fusion, &story.deck, MARKUP, b"shared", 200)
        .await;
    let saves = story.server.admin().get("/api/saves").await.expect(200);
    let id = saves
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["id"].as_i64().unwrap())
        .max();
    let id = id.unwrap();
    let mut bob = Browser::signed_in(&story.server, "bob", "RefBob12345").await;
    let copy = format!("/community/saves/{id}/copy");
    // Nothing of it exists for others until it is public.
    assert!(words(&bob.get("/community").await).contains("Nobody shares anything yet"));
    let early = bob.submit(&copy, &[("slot", "autosave")]).await;
    assert_eq!(early.status, 404);
    let public = json!({ "is_public": true });
    let path = format!("/api/saves/{id}/visibility");
    story.server.admin().put(&path, public).await.expect(200);
    insta::assert_snapshot!(words(&bob.get("/community").await), @r"
    Community
    Saves and states that others here made public. A copy is yours; theirs stays as it is.
    Game Boy Advance
    MF
    Metroid Fusion
    by admin
    Save
    img src=x onerror=alert(1) [2026-11-20_07-35-30]
    6 bytes
    just now
    To my slot
    Copy to my slot
    ");
    assert!(!bob.get("/community").await.text().contains("<img src=x"));

    assert_eq!(bob.submit(&copy, &[("slot", " ")]).await.status, 303);
    let copied = bob.submit(&copy, &[("slot", "from admin")]).await;
    assert_eq!(goes_to(&copied), format!("/games/{fusion}"));
    let own = bob.get("/api/saves").await.expect(200);
    assert_eq!(own.as_array().unwrap().len(), 1);
    assert_eq!(own[0]["slot"], "from admin");
    let theirs = story.server.admin().get("/api/saves").await.expect(200);
    assert_eq!(theirs, saves_with_public(&saves, id));
    // One's own is not among what others share.
    assert!(
        story
            .read("/community")
            .await
            .contains("Nobody shares anything yet")
    );
}

fn saves_with_public(saves: &serde_json::Value, id: i64) -> serde_json::Value {
    let mut saves = saves.clone();
    for save in saves.as_array_mut().unwrap() {
        if save["id"] == id {
            save["is_public"] = json!(true);
        }
    }
    saves
}
