//! Every field of an asset as a real RomM sends it, in its order, and back.

#![expect(
    clippy::unwrap_used,
    reason = "what cannot be set up fails the test that needs it"
)]

use std::path::Path;

use keepsave_core::ids::{DeviceId, RomId, SaveId, ScreenshotId, StateId, UserId};
use keepsave_core::names::AssetKind;
use keepsave_core::time::Time;
use keepsave_wire::assets::{Asset, AssetRow, Shared};
use keepsave_wire::saves::{DeviceSync, SaveSchema};
use keepsave_wire::screenshots::ScreenshotSchema;
use keepsave_wire::states::StateSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;

fn recorded(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    std::fs::read_to_string(path.join(name)).unwrap()
}

#[track_caller]
fn check<T>(name: &str, value: &T)
where
    T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug,
{
    let recorded = recorded(name);
    let sent = serde_json::to_string_pretty(value).unwrap() + "\n";
    assert_eq!(sent, recorded);
    assert_eq!(&serde_json::from_str::<T>(&recorded).unwrap(), value);
}

fn at(time: &str) -> Time {
    Time::parse(time).unwrap()
}

fn row(rom: i64, name: &str, path: &str, size: u64, created: &str, updated: &str) -> AssetRow {
    AssetRow {
        rom_id: RomId(rom),
        user_id: UserId(1),
        file_name: name.to_owned(),
        file_path: path.to_owned(),
        size,
        created_at: at(created),
        updated_at: at(updated),
    }
}

#[test]
fn a_save() {
    const CREATED: &str = "2026-11-20T07:28:47.151314Z";
    const UPDATED: &str = "2026-11-20T07:28:47.151316Z";
    const SHOT: &str = "2026-11-20T07:28:47.152Z";
    let device = DeviceId("69fca337-1351-4ff8-9e67-6aa0f35224fa".to_owned());
    let save = row(
        6,
        "shot.srm",
        "users/557365723a31/saves/snes/6/mgba",
        3,
        CREATED,
        UPDATED,
    );
    let shot = row(
        6,
        "shot.png",
        "users/557365723a31/screenshots/snes/6",
        70,
        SHOT,
        SHOT,
    );
    let save = SaveSchema {
        id: SaveId(14),
        asset: Asset::of(AssetKind::Save, 14, save),
        emulator: Some("mgba".to_owned()),
        slot: Some("autosave".to_owned()),
        content_hash: Some("6e469f85ef9c12b66aab0aaeda0997b5".parse().unwrap()),
        is_public: false,
        screenshot: Some(ScreenshotSchema {
            id: ScreenshotId(1),
            asset: Asset::of(AssetKind::Screenshot, 1, shot),
            is_gallery: false,
            is_public: false,
        }),
        origin_device_id: Some(device.clone()),
        device_syncs: vec![DeviceSync {
            device_id: device,
            device_name: Some("A".to_owned()),
            last_synced_at: at(UPDATED),
            is_untracked: false,
            is_current: true,
        }],
    };
    check("save.json", &save);
}

#[test]
fn a_state() {
    let row = row(
        3,
        "noemu.state",
        "users/557365723a31/states/gba/3",
        3,
        "2026-11-20T07:29:13.857882Z",
        "2026-11-20T07:29:13.857884Z",
    );
    let state = StateSchema {
        id: StateId(2),
        asset: Asset::of(AssetKind::State, 2, row),
        emulator: None,
        is_public: false,
        screenshot: None,
    };
    check("state.json", &state);

    let shared = Shared {
        asset: state,
        username: "admin".to_owned(),
        user_avatar_path: String::new(),
        user_updated_at: Time::EPOCH,
    };
    let sent = serde_json::to_string(&shared).unwrap();
    let end = r#""screenshot":null,"username":"admin","user_avatar_path":"","user_updated_at":"1970-01-01T00:00:00.000000+00:00"}"#;
    assert!(sent.ends_with(end), "{sent}");
}

#[test]
fn a_screenshot() {
    let row = row(
        3,
        "gal.png",
        "users/557365723a31/screenshots/gba/3",
        70,
        "2026-11-20T07:29:18.383096Z",
        "2026-11-20T07:29:18.383098Z",
    );
    let screenshot = ScreenshotSchema {
        id: ScreenshotId(6),
        asset: Asset::of(AssetKind::Screenshot, 6, row),
        is_gallery: true,
        is_public: false,
    };
    check("screenshot.json", &screenshot);
}
