//! Saves: slots, hashes, lengths, who is current.

use serde_json::{Value, json};

use super::played::{Played, device};
use crate::replay::recorded_content;

/// Clients look at the status, some at a string; RomM's is a string.
#[tokio::test]
async fn t10_a_refused_upload_is_409_with_a_sentence() {
    let played = Played::before().await;
    let stale = device(&played.server, "B").await;
    let refused = played.upload(&stale, b"other").await.expect(409);
    assert_eq!(
        refused["detail"],
        "Slot has a newer save since your last sync"
    );
}

/// romm-tender leaves `slot` out and picks the slotless saves itself.
#[tokio::test]
async fn t12_a_slot_filter_is_exact_and_its_absence_means_all() {
    let played = Played::before().await;
    let slotless = [("saveFile", "old.srm", b"old".as_slice())];
    let path = format!("/api/saves?rom_id={}", played.rom);
    played
        .server
        .admin()
        .upload(&path, &slotless)
        .await
        .expect(200);
    let listed = async |slot: &str| {
        let list = played.get(&format!("{path}{slot}")).await;
        list.as_array().unwrap().len()
    };
    assert_eq!(listed("").await, 2);
    assert_eq!(listed("&slot=autosave").await, 1);
    assert_eq!(listed("&slot=auto").await, 0);
    assert_eq!(listed("&slot=").await, 0);
    assert_eq!(listed("&slot=null").await, 0);
}

/// romm-tender and romm-cli rely on the default, the others send `optimistic=false` and confirm.
#[tokio::test]
async fn t13_a_download_counts_at_once_unless_the_client_will_confirm() {
    let played = Played::before().await;
    let row = format!("/api/saves/{}", played.save_id());
    for (query, confirms) in [
        ("", false),
        ("&optimistic=true", false),
        ("&optimistic=false", true),
    ] {
        let device = device(&played.server, query).await;
        let current = async || {
            let seen = played.get(&format!("{row}?device_id={device}")).await;
            seen["device_syncs"][0]["is_current"].as_bool().unwrap()
        };
        assert!(!current().await);
        let path = format!("{row}/content?device_id={device}{query}");
        assert_eq!(played.server.admin().get(&path).await.bytes, b"first");
        assert_eq!(current().await, !confirms, "{query}");
        let confirmed = json!({"device_id": device});
        played.post(&format!("{row}/downloaded"), confirmed).await;
        assert!(current().await);
    }
}

/// rommsync-nx compares bytes with `file_size_bytes`; romm-tender wants a length even for none.
#[tokio::test]
async fn t14_content_has_a_length_that_is_the_rows_size() {
    let played = Played::before().await;
    let empty = [("saveFile", "empty.srm", b"".as_slice())];
    let path = format!("/api/saves?rom_id={}&slot=empty", played.rom);
    let empty = played
        .server
        .admin()
        .upload(&path, &empty)
        .await
        .expect(200);
    for save in [&played.save, &empty] {
        let content = format!("/api/saves/{}/content", save["id"]);
        let answer = played.server.admin().get(&content).await;
        let size = save["file_size_bytes"].as_u64().unwrap();
        assert_eq!(answer.headers["content-length"], size.to_string());
        assert_eq!(answer.bytes.len() as u64, size);
    }
}

/// Where rounding loses the equality, every device is stale for ever and every upload is a 409.
#[tokio::test]
async fn t15_the_uploader_is_current_and_stands_first() {
    let played = Played::before().await;
    let other = device(&played.server, "B").await;
    let row = format!("/api/saves/{}", played.save_id());
    played
        .post(&format!("{row}/downloaded"), json!({"device_id": other}))
        .await;
    let file = [("saveFile", "x", b"put".as_slice())];
    let put = format!("{row}?device_id={}", played.device);
    let put = played
        .server
        .admin()
        .multipart(http::Method::PUT, &put, &file)
        .await
        .expect(200);
    let posted = played.upload(&played.device, b"posted").await.expect(200);
    for save in [&played.save, &put, &posted] {
        let own = &save["device_syncs"][0];
        assert_eq!(own["device_id"], played.device.as_str());
        assert_eq!(own["is_current"], true, "{save}");
        assert_eq!(own["last_synced_at"], save["updated_at"]);
    }
    let path = format!("/api/saves/{}?device_id={}", posted["id"], played.device);
    let read = played.get(&path).await;
    assert_eq!(read["updated_at"], posted["updated_at"]);
    assert_eq!(read["device_syncs"][0], posted["device_syncs"][0]);
}

/// Every client computes this hash itself and compares.
#[tokio::test]
async fn t17_zips_are_hashed_by_their_entries() {
    let stored = recorded_content("fc343b7ed1a69812cf529dcdb88a9493");
    let deflated = recorded_content("1f0ef13116fce89856e8f6142f9813d2");
    let mut unreadable = stored.clone();
    unreadable[..150].fill(0xff);
    let entries = "7a2f37dd9f8b9521262534b8a7a278a6";

    let played = Played::before().await;
    for (slot, name, bytes, hash) in [
        ("z1", "card.zip", &stored, json!(entries)),
        ("z2", "card.srm", &deflated, json!(entries)),
        ("z3", "card.zip", &unreadable, Value::Null),
    ] {
        let path = format!("/api/saves?rom_id={}&slot={slot}", played.rom);
        let file = [("saveFile", name, bytes.as_slice())];
        let save = played.server.admin().upload(&path, &file).await.expect(200);
        assert_eq!(save["content_hash"], hash, "{slot}");
    }
}

/// RomMBat and Argosy count on one row; romm-tender compares its id with the head it knew.
#[tokio::test]
async fn t18_the_same_content_again_answers_the_row_that_has_it() {
    let played = Played::before().await;
    let again = played.upload(&played.device, b"first").await.expect(200);
    assert_eq!(again["id"], played.save["id"]);
    let other = device(&played.server, "B").await;
    let elsewhere = played.upload(&other, b"first").await.expect(200);
    assert_eq!(elsewhere["id"], played.save["id"]);
    let rows = played
        .get(&format!("/api/saves?rom_id={}", played.rom))
        .await;
    assert_eq!(rows.as_array().unwrap().len(), 1);
}

/// Argosy reads a list of numbers.
#[tokio::test]
async fn t19_deleting_answers_the_ids_as_a_list() {
    let played = Played::before().await;
    let body = json!({"saves": [played.save_id()]});
    let deleted = played.post("/api/saves/delete", body).await;
    assert_eq!(deleted, json!([played.save_id()]));
}
