//! Fields, their types and their spelling.

use serde_json::{Value, json};

use super::played::{Played, device, keys, objects_with, saves, walk};

/// Grout, rommsync-nx and the iOS app drop a whole list for one moment without a zone.
#[tokio::test]
async fn t01_every_moment_has_a_zone() {
    let played = Played::before().await;
    let mut moments = 0;
    for (path, answer) in played.everything().await {
        let mut seen = 0;
        walk(&answer, &mut |value| {
            let text = value.as_str().unwrap_or_default();
            let text = text.split("?timestamp=").last().unwrap_or_default();
            if text.len() >= 19 && text.parse::<jiff::civil::DateTime>().is_ok() {
                assert!(text.parse::<jiff::Timestamp>().is_ok(), "{path}: {text}");
                seen += 1;
            }
        });
        assert!(seen > 0, "{path} tells no moment");
        moments += seen;
    }
    assert!(moments > 50, "{moments}");
}

/// rommsync-nx refuses a plan whose operations leave a field out instead of sending null.
#[tokio::test]
async fn t02_every_operation_has_all_nine_keys() {
    const KEYS: [&str; 9] = [
        "action",
        "rom_id",
        "save_id",
        "file_name",
        "slot",
        "emulator",
        "reason",
        "server_updated_at",
        "server_content_hash",
    ];
    let played = Played::before().await;
    let other = device(&played.server, "B").await;
    let plans = [
        played.negotiate(&other, json!([])).await,
        played
            .negotiate(&other, json!([played.entry("autosave", b"mine")]))
            .await,
        played
            .negotiate(&other, json!([played.entry("new", b"mine")]))
            .await,
        played
            .negotiate(&played.device, json!([played.entry("autosave", b"first")]))
            .await,
    ];
    let mut actions = Vec::new();
    for plan in &plans {
        assert_eq!(
            keys(plan),
            [
                "session_id",
                "operations",
                "total_upload",
                "total_download",
                "total_conflict",
                "total_no_op"
            ]
        );
        for operation in plan["operations"].as_array().unwrap() {
            assert_eq!(keys(operation), KEYS);
            actions.push(operation["action"].as_str().unwrap());
        }
    }
    for action in ["upload", "download", "conflict", "no_op"] {
        assert!(actions.contains(&action), "{action} is not in {actions:?}");
    }
}

/// romm-cli reads these names as other spellings of fields that a save has, and refuses doubles.
#[tokio::test]
async fn t03_a_save_has_no_second_name_for_a_field() {
    let played = Played::before().await;
    let mut seen = 0;
    for (path, answer) in played.everything().await {
        for save in saves(&answer) {
            seen += 1;
            for alias in [
                "filename",
                "name",
                "updated",
                "sha256",
                "hash",
                "size",
                "size_bytes",
            ] {
                assert!(save.get(alias).is_none(), "{path}: {alias}");
            }
        }
    }
    assert!(seen >= 4, "{seen}");
}

/// Argosy's parser throws at null where a field merely has a default.
#[tokio::test]
async fn t04_what_argosy_needs_is_never_null() {
    const NEEDED: [&[&str]; 5] = [
        // Saves, devices' marks on them, games, platforms, people.
        &[
            "id",
            "rom_id",
            "user_id",
            "file_name",
            "updated_at",
            "file_size_bytes",
        ],
        &["device_id", "is_untracked", "is_current"],
        &[
            "fs_name",
            "id",
            "platform_id",
            "platform_slug",
            "name",
            "fs_size_bytes",
            "has_simple_single_file",
            "has_nested_single_file",
            "has_multiple_files",
        ],
        &["rom_count", "id", "slug", "name"],
        &["oauth_scopes", "id", "username", "enabled", "role"],
    ];
    let played = Played::before().await;
    let answers = played.everything().await;
    for needed in NEEDED {
        let all = answers
            .iter()
            .flat_map(|(_, answer)| objects_with(answer, needed));
        let all: Vec<&Value> = all.collect();
        assert!(!all.is_empty(), "nothing has {needed:?}");
        for object in all {
            for key in needed {
                assert!(!object[key].is_null(), "{key} is null in {object}");
            }
        }
    }
    // None of them left a needed field out either.
    for (_, answer) in &answers {
        assert_eq!(
            objects_with(answer, &["fs_name"]).len(),
            objects_with(answer, NEEDED[2]).len()
        );
        assert_eq!(
            saves(answer).len(),
            saves(answer)
                .iter()
                .filter(|save| save["id"].is_i64())
                .count()
        );
    }
}

/// The iOS app decodes no save that lacks one of these.
#[tokio::test]
async fn t05_a_save_has_every_field_of_an_asset() {
    let played = Played::before().await;
    let mut seen = 0;
    for (path, answer) in played.everything().await {
        for save in saves(&answer) {
            seen += 1;
            for key in [
                "id",
                "rom_id",
                "user_id",
                "file_name",
                "file_name_no_tags",
                "file_name_no_ext",
                "file_extension",
                "file_path",
                "file_size_bytes",
                "full_path",
                "download_path",
                "missing_from_fs",
                "created_at",
                "updated_at",
            ] {
                assert!(!save[key].is_null(), "{path}: {key}");
            }
        }
    }
    assert!(seen >= 4, "{seen}");
}

/// romm-cli decodes no device list in which one device lacks one of these.
#[tokio::test]
async fn t06_devices_and_sessions_have_the_types_that_romm_cli_reads() {
    let played = Played::before().await;
    for mode in ["file_transfer", "push_pull"] {
        let body = json!({"name": mode, "sync_mode": mode});
        played.post("/api/devices", body).await;
    }
    let devices = played.get("/api/devices").await;
    let devices = devices.as_array().unwrap();
    assert_eq!(devices.len(), 3);
    for device in devices {
        assert!(
            device["id"].is_string() && device["user_id"].is_u64(),
            "{device}"
        );
        let mode = device["sync_mode"].as_str().unwrap();
        assert!(["api", "file_transfer", "push_pull"].contains(&mode));
        assert!(device["sync_enabled"].is_boolean());
        assert!(device["created_at"].is_string() && device["updated_at"].is_string());
    }
    let plan = played.negotiate(&played.device, json!([])).await;
    assert!(plan["session_id"].is_u64());
    let session = played
        .get(&format!("/api/sync/sessions/{}", plan["session_id"]))
        .await;
    assert!(session["id"].is_u64() && session["device_id"].is_string());
}
