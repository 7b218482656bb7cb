//! What negotiate answers, row by row of the table: which action, which sentence, and whose names.

use serde_json::{Value, json};

use crate::game;
use crate::negotiate_story::{A, B, C, Story, action, hash, reason};

const SRM: &str = "Game.srm";

/// The one operation for a save of that content.
async fn told(story: &mut Story, device: &'static str, number: Option<u8>) -> Value {
    let operations = story.show(device, &[(SRM, number)]).await;
    assert_eq!(operations.len(), 1, "{operations:?}");
    operations[0].clone()
}

#[track_caller]
fn check(operation: &Value, expected: (&str, &str)) {
    assert_eq!((action(operation), reason(operation)), expected);
}

#[tokio::test]
async fn untracked_is_left_alone_whatever_it_holds() {
    let mut story = Story::begin().await;
    story.post(A, 1).await;
    story.take(B).await;
    story.track(B, 1, "untrack").await;
    story.post(A, 2).await;
    for number in [Some(1), Some(2), Some(9), None] {
        let operation = told(&mut story, B, number).await;
        check(&operation, ("no_op", "Save is untracked on this device"));
        assert_eq!(operation["save_id"], story.row(2));
        assert_eq!(operation["server_updated_at"], Value::Null);
        assert_eq!(operation["server_content_hash"], Value::Null);
    }
    assert!(story.show(B, &[]).await.is_empty(), "and is not offered");
    story.track(B, 1, "track").await;
    let operation = told(&mut story, B, Some(1)).await;
    check(
        &operation,
        ("download", "Server save is newer than last sync"),
    );
}

#[tokio::test]
async fn the_head_s_content_is_in_sync_and_becomes_the_baseline() {
    let mut story = Story::begin().await;
    story.post(A, 1).await;
    assert!(!story.is_current(B, 1).await);
    let operation = told(&mut story, B, Some(1)).await;
    check(&operation, ("no_op", "Content is identical"));
    let rows = story.list(B).await;
    let sync = &rows[0]["device_syncs"][0];
    assert_eq!(sync["is_current"], true);
    assert_eq!(sync["last_synced_at"], rows[0]["updated_at"]);
    assert_eq!(story.post(B, 2).await, 200);
}

#[tokio::test]
async fn what_was_deleted_is_not_brought_back() {
    let mut story = Story::begin().await;
    story.post(A, 1).await;
    story.take(B).await;
    story.post(A, 2).await;
    story.take(C).await;
    story.delete(2).await;
    let operation = told(&mut story, C, Some(2)).await;
    check(&operation, ("no_op", "Save was deleted on the server"));
    // Someone who merely is behind is not told that.
    story.post(A, 3).await;
    let operation = told(&mut story, B, Some(1)).await;
    check(
        &operation,
        ("download", "Server save is newer than last sync"),
    );
}

#[tokio::test]
async fn an_empty_slot_takes_what_comes() {
    let mut story = Story::begin().await;
    for number in [Some(1), None] {
        let operation = told(&mut story, A, number).await;
        check(
            &operation,
            ("upload", "Save exists on client but not on server"),
        );
        assert_eq!(operation["save_id"], Value::Null);
        assert_eq!(operation["file_name"], SRM);
        assert_eq!(operation["emulator"], "mgba");
    }
    story.post(A, 1).await;
    story.delete(1).await;
    let operation = told(&mut story, B, Some(2)).await;
    check(
        &operation,
        ("upload", "Save exists on client but not on server"),
    );
    assert_eq!(operation["save_id"], Value::Null);
}

/// romm-cli looks for the file to send by the name in the operation; RomM sends the server's tagged
/// one, and romm-cli can upload no second version.
#[tokio::test]
async fn a_paired_upload_names_the_client_s_own_file() {
    let mut story = Story::begin().await;
    story.post(A, 1).await;
    let operation = told(&mut story, A, Some(2)).await;
    check(
        &operation,
        ("upload", "Client save is newer than last sync"),
    );
    assert_eq!(operation["save_id"], story.row(1));
    assert_eq!(operation["file_name"], SRM);
    let rows = story.list(A).await;
    assert_eq!(operation["server_updated_at"], rows[0]["updated_at"]);
    assert_eq!(operation["server_content_hash"], hash(1));

    story.post(A, 2).await;
    let operation = told(&mut story, A, Some(1)).await;
    check(&operation, ("upload", "Client went back to an older save"));
    let operation = told(&mut story, A, None).await;
    let sentence = "Client sent no content hash, uploading compares the content";
    check(&operation, ("upload", sentence));
}

#[tokio::test]
async fn who_went_back_while_others_moved_on_must_choose() {
    let mut story = Story::begin().await;
    story.post(A, 1).await;
    story.post(A, 2).await;
    story.take(B).await;
    story.post(A, 3).await;
    let operation = told(&mut story, B, Some(1)).await;
    let sentence = "Client went back to an older save while other devices moved on";
    check(&operation, ("conflict", sentence));
}

#[tokio::test]
async fn what_the_server_knows_and_went_past_is_replaced() {
    let mut story = Story::begin().await;
    story.post(A, 1).await;
    story.take(B).await;
    story.post(A, 2).await;
    let operation = told(&mut story, B, Some(1)).await;
    check(
        &operation,
        ("download", "Server save is newer than last sync"),
    );
    let operation = told(&mut story, C, Some(1)).await;
    check(
        &operation,
        ("download", "Server save is newer (no sync history)"),
    );
    let rows = story.list(C).await;
    assert_eq!(operation["save_id"], rows[0]["id"]);
    assert_eq!(operation["file_name"], rows[0]["file_name"]);
    assert_ne!(operation["file_name"], SRM, "the server's tagged name");
    assert_eq!(operation["server_updated_at"], rows[0]["updated_at"]);
    assert_eq!(operation["server_content_hash"], hash(2));
}

#[tokio::test]
async fn what_the_server_does_not_know_is_a_conflict_for_who_is_behind() {
    let mut story = Story::begin().await;
    story.post(A, 1).await;
    story.take(B).await;
    story.post(A, 2).await;
    let operation = told(&mut story, B, Some(9)).await;
    check(
        &operation,
        ("conflict", "Both sides changed since last sync"),
    );
    let rows = story.list(B).await;
    assert_eq!(operation["file_name"], rows[0]["file_name"]);
    let operation = told(&mut story, B, None).await;
    let sentence = "Client sent no content hash and the server save changed since last sync";
    check(&operation, ("conflict", sentence));
    let operation = told(&mut story, C, Some(9)).await;
    check(
        &operation,
        ("conflict", "Both sides have a save (no sync history)"),
    );
}

#[tokio::test]
async fn what_a_device_does_not_name_is_offered_until_it_has_it() {
    let mut story = Story::begin().await;
    story.post(A, 1).await;
    let operations = story.show(B, &[]).await;
    check(
        &operations[0],
        ("download", "Save exists on server but not on client"),
    );
    story.take(B).await;
    assert!(story.show(B, &[]).await.is_empty(), "it deleted the file");
    story.post(A, 2).await;
    let operations = story.show(B, &[]).await;
    let sentence = "Server save updated since last sync, not present on client";
    check(&operations[0], ("download", sentence));
    assert_eq!(operations[0]["slot"], "autosave");
}

#[tokio::test]
async fn the_archive_is_compared_and_never_paired() {
    let mut story = Story::begin().await;
    let path = format!("/api/saves?rom_id={}&emulator=mgba", story.rom);
    let admin = story.asking();
    let uploaded = admin.upload(&path, &[("saveFile", SRM, b"old")]).await;
    let id = uploaded.expect(200)["id"].clone();
    let known = "149603e6c03516362a8da23f624db945";
    for (file, content, expected) in [
        (SRM, Some(known), "no_op"),
        (SRM, Some("cd3dc8b6cffb41e4163dcbd857ca87da"), "upload"),
        (SRM, None, "upload"),
        ("Other.srm", Some(known), "upload"),
        // The name as it would be stored.
        ("saves/Game.srm", Some(known), "no_op"),
    ] {
        let mut entry = story.entry(file, content.map(str::to_owned));
        entry["slot"] = Value::Null;
        let plan = story.negotiate(A, vec![entry]).await;
        let operation = &plan["operations"][0];
        assert_eq!(action(operation), expected, "{file} {content:?}");
        if expected == "no_op" {
            assert_eq!(operation["save_id"], id);
            assert_eq!(operation["server_content_hash"], known);
        } else {
            assert_eq!(operation["save_id"], Value::Null);
            assert_eq!(operation["file_name"], file);
        }
        let operations = plan["operations"].as_array().unwrap();
        assert_eq!(operations.len(), 1, "the archive is not offered");
    }
}

/// A slot without a name is a slot, not the archive.
#[tokio::test]
async fn the_slot_without_a_name_is_a_timeline_like_any_other() {
    let mut story = Story::begin().await;
    let device = story.id(A).await;
    let path = format!("/api/saves?rom_id={}&slot=&device_id={device}", story.rom);
    let admin = story.asking();
    admin
        .upload(&path, &[("saveFile", SRM, b"old")])
        .await
        .expect(200);
    let mut entry = story.entry(SRM, Some("149603e6c03516362a8da23f624db945".to_owned()));
    entry["slot"] = json!("");
    let plan = story.negotiate(A, vec![entry]).await;
    check(&plan["operations"][0], ("no_op", "Content is identical"));
    let operations = story.show(B, &[]).await;
    assert_eq!(action(&operations[0]), "download");
    assert_eq!(operations[0]["slot"], "");
}

#[tokio::test]
async fn an_unknown_game_is_uploaded_as_romm_says() {
    let mut story = Story::begin().await;
    let mut entry = story.entry(SRM, Some(hash(1)));
    entry["rom_id"] = json!(99_999);
    let plan = story.negotiate(A, vec![entry]).await;
    check(
        &plan["operations"][0],
        ("upload", "Save exists on client but not on server"),
    );
    assert_eq!(plan["operations"][0]["rom_id"], 99_999);
}

/// Lines stand in the order of the inventory; what else there is comes behind.
#[tokio::test]
async fn each_entry_is_answered_in_its_place_and_equal_ones_alike() {
    let mut story = Story::begin().await;
    let other = game::add(&story.server, "gba", "Other.gba").await;
    story.post(A, 1).await;
    let device = story.id(A).await;
    let path = format!("/api/saves?rom_id={other}&slot=autosave&device_id={device}");
    let admin = story.asking();
    admin
        .upload(&path, &[("saveFile", "Other.srm", b"old")])
        .await
        .expect(200);

    let known = story.entry(SRM, Some(hash(1)));
    let mut elsewhere = story.entry(SRM, Some(hash(1)));
    elsewhere["slot"] = json!("slot 9");
    let saves = vec![known.clone(), elsewhere, known.clone(), known];
    let plan = story.negotiate(B, saves).await;
    let operations = plan["operations"].as_array().unwrap();
    let actions: Vec<_> = operations.iter().map(action).collect();
    assert_eq!(actions, ["no_op", "upload", "no_op", "no_op", "download"]);
    assert_eq!(operations[0], operations[2]);
    assert_eq!(operations[4]["rom_id"], other.0);
    assert_eq!(plan["total_upload"], 1);
    assert_eq!(plan["total_download"], 1);
    assert_eq!(plan["total_conflict"], 0);
    assert_eq!(plan["total_no_op"], 3);
}

/// Another person's saves are no part of it, public or not.
#[tokio::test]
async fn one_s_own_saves_only() {
    let mut story = Story::begin().await;
    story.post(A, 1).await;
    let bob = story.server.bob();
    let device = bob.post("/api/devices", json!({})).await.expect(201);
    let bob = story.server.bob();
    let asked = json!({
        "device_id": device["device_id"], "saves": [story.entry(SRM, Some(hash(1)))],
    });
    let plan = bob.post("/api/sync/negotiate", asked).await.expect(200);
    assert_eq!(action(&plan["operations"][0]), "upload");
    assert_eq!(plan["operations"][0]["save_id"], Value::Null);
    assert_eq!(plan["operations"].as_array().unwrap().len(), 1);
}
