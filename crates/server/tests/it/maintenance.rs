//! What keeps a store well: it is checked, thinned, swept, copied and brought back.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use keepsave_core::ids::RomId;
use keepsave_server::app::App;
use keepsave_server::config::Settings;
use keepsave_server::environment::Environment;
use keepsave_server::maintenance::restore::NotRestored;
use keepsave_server::maintenance::verify::{Finding, Report};
use keepsave_server::maintenance::{backup, hold, restore, retention, sweep, tree, verify};
use keepsave_server::vault::Vault;
use keepsave_testkit::server::TestServer;

use crate::game;

const QUIET: &(dyn Fn(u64, u64) + Sync) = &|_, _| {};
const DAY: i64 = 24 * 60 * 60 * 1000;

/// A server on disk with one game.
struct Store {
    server: TestServer,
    rom: RomId,
}

impl Store {
    async fn new() -> Self {
        let server = TestServer::on_disk().await;
        let rom = game::add(&server, "gba", "Game.gba").await;
        Self { server, rom }
    }

    async fn upload(&self, slot: &str, bytes: &[u8]) -> i64 {
        let path = format!("/api/saves?rom_id={}&slot={slot}&emulator=mgba", self.rom);
        let files = [("saveFile", "g.srm", bytes)];
        let save = self.server.admin().upload(&path, &files).await.expect(200);
        save["id"].as_i64().unwrap()
    }

    async fn content(&self, save: i64) -> String {
        let path = format!("/api/saves/{save}/content");
        self.server.admin().get(&path).await.text()
    }

    fn verify(&self) -> Report {
        verify::verify(&self.server.app, false, QUIET).unwrap()
    }

    fn repair(&self) -> Report {
        verify::verify(&self.server.app, true, QUIET).unwrap()
    }

    /// The blob's file of some bytes.
    fn blob(&self, bytes: &[u8]) -> PathBuf {
        let name = blake3::hash(bytes).to_hex();
        self.server
            .data()
            .join("blobs")
            .join(&name[..2])
            .join(name.as_str())
    }

    /// The same store opened anew, as after a restart: nothing came in lately.
    fn reopened(&self) -> App {
        open(self.server.data())
    }

    /// The only file of the asset tree.
    fn shown(&self) -> PathBuf {
        let mut folder = self.server.data().join("assets");
        while folder.is_dir() {
            let mut entries = std::fs::read_dir(&folder).unwrap();
            folder = entries.next().unwrap().unwrap().path();
        }
        folder
    }
}

fn open(data: &Path) -> App {
    let vault = Vault::open(data).unwrap();
    App::with(Settings::for_data(data), vault, Environment::real())
}

fn overwrite(file: &Path, bytes: &[u8]) {
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o600)).unwrap();
    std::fs::write(file, bytes).unwrap();
}

fn sentences(report: &Report) -> Vec<String> {
    report.findings.iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn a_whole_store_has_no_findings() {
    let store = Store::new().await;
    store.upload("autosave", b"one").await;
    store.upload("autosave", b"two").await;
    store.upload("other", b"one").await;
    let report = store.verify();
    assert_eq!(sentences(&report), [""; 0]);
    assert_eq!((report.contents, report.bytes, report.unneeded), (2, 6, 0));
}

#[tokio::test]
async fn a_damaged_content_is_found_set_aside_and_stored_again() {
    let store = Store::new().await;
    let save = store.upload("autosave", b"progress").await;
    let blob = store.blob(b"progress");
    overwrite(&blob, b"PROGRESS");
    let hash = blob.file_name().unwrap().to_str().unwrap();
    let damaged = format!("The content {hash} is damaged. Needed by version 1 (g.srm).");
    assert_eq!(sentences(&store.verify()), std::slice::from_ref(&damaged));
    assert!(blob.exists(), "looking changes nothing");

    let repaired = store.repair();
    assert_eq!(sentences(&repaired), [damaged]);
    assert_eq!(repaired.repairs.len(), 1, "{:?}", repaired.repairs);
    assert!(!blob.exists());
    let missing = format!("The content {hash} is missing. Needed by version 1 (g.srm).");
    assert_eq!(sentences(&store.verify()), [missing]);

    // A device that still has it brings it back.
    store.upload("autosave", b"progress").await;
    assert_eq!(store.content(save).await, "progress");
    store.repair();
    assert_eq!(sentences(&store.verify()), [""; 0]);
}

#[tokio::test]
async fn rows_that_say_something_else_are_found() {
    let store = Store::new().await;
    store.upload("autosave", b"progress").await;
    let change = |sql: &'static str| {
        let vault = &store.server.app.vault;
        vault.write::<_, keepsave_server::vault::Fault>(move |tx| tx.execute(sql, &[]))
    };
    change("UPDATE versions SET size = 9").await.unwrap();
    let report = store.verify();
    assert_eq!(
        sentences(&report),
        [
            "The database: Save 1 does not say what the version it shows says.".to_owned(),
            format!(
                "The version 1 (g.srm) has another size or hash than its content {}.",
                blake3::hash(b"progress")
            )
        ]
    );
    change("UPDATE versions SET size = 8, content_hash = x'00112233445566778899aabbccddeeff'")
        .await
        .unwrap();
    let found = store.verify().findings;
    assert!(
        matches!(
            found[..],
            [Finding::Database { .. }, Finding::Disagrees { .. }]
        ),
        "{found:?}"
    );
}

#[tokio::test]
async fn the_asset_tree_is_put_right_and_a_strangers_file_is_left_alone() {
    let store = Store::new().await;
    store.upload("autosave", b"progress").await;
    let shown = store.shown();
    let right = std::fs::read(&shown).unwrap();
    std::fs::remove_file(&shown).unwrap();
    let beside = |name: &str| shown.with_file_name(name);
    std::fs::hard_link(store.blob(b"progress"), beside("old.srm")).unwrap();
    std::fs::write(beside("notes.txt"), "mine").unwrap();

    let found = sentences(&store.verify());
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(
        found[0].ends_with("does not show what it should."),
        "{found:?}"
    );
    assert!(
        found[1].ends_with("old.srm should not be there any more."),
        "{found:?}"
    );

    let reconciled = tree::reconcile(&store.server.app).unwrap();
    assert_eq!((reconciled.placed, reconciled.withdrawn), (1, 1));
    assert_eq!(std::fs::read(&shown).unwrap(), right);
    assert!(!beside("old.srm").exists());
    assert_eq!(
        std::fs::read_to_string(beside("notes.txt")).unwrap(),
        "mine"
    );
    assert_eq!(sentences(&store.verify()), [""; 0]);

    std::fs::remove_file(&shown).unwrap();
    std::fs::write(&shown, b"something else").unwrap();
    tree::reconcile(&store.server.app).unwrap();
    assert_eq!(std::fs::read(&shown).unwrap(), right);
}

#[tokio::test]
async fn what_no_row_needs_is_swept_and_nothing_else() {
    let store = Store::new().await;
    let save = store.upload("autosave", b"progress").await;
    let orphan = store.blob(b"left behind");
    std::fs::create_dir_all(orphan.parent().unwrap()).unwrap();
    std::fs::write(&orphan, b"left behind").unwrap();
    assert_eq!(store.verify().unneeded, 1);

    let reading = hold::keep_all(store.server.data()).unwrap();
    let after_restart = store.reopened();
    assert_eq!(sweep::sweep(&after_restart).unwrap().contents, 0);
    drop(reading);
    let swept = sweep::sweep(&after_restart).unwrap();
    assert_eq!((swept.contents, swept.bytes), (1, 11));
    assert!(!orphan.exists());
    assert_eq!(store.content(save).await, "progress");
    assert_eq!(store.verify().unneeded, 0);
}

#[tokio::test]
async fn a_content_whose_row_is_about_to_come_is_not_swept() {
    let store = Store::new().await;
    let stored = store
        .server
        .app
        .vault
        .blobs()
        .put(b"under way")
        .await
        .unwrap();
    assert_eq!(sweep::sweep(&store.server.app).unwrap().contents, 0);
    assert!(
        store
            .server
            .app
            .vault
            .blobs()
            .contains(&stored.content.blob)
            .unwrap()
    );
}

/// The same server as the one that is asked, with a policy.
fn with_policy(store: &Store, last: u32, keep_listed: bool) -> App {
    let server = &store.server.app;
    let mut settings = server.settings.clone();
    settings.retention_keep_last = last;
    settings.retention_keep_listed = keep_listed;
    App::with(settings, server.vault.clone(), server.environment.clone())
}

#[tokio::test]
async fn without_a_choice_nothing_is_given_up() {
    let store = Store::new().await;
    for bytes in [b"1", b"2", b"3"] {
        store.upload("autosave", bytes).await;
        store.server.clock.advance_millis(400 * DAY);
    }
    assert_eq!(retention::preview(&store.server.app).unwrap(), []);
    assert_eq!(retention::apply(&store.server.app).await.unwrap(), []);
}

#[tokio::test]
async fn retention_gives_up_what_was_not_chosen_and_says_it_first() {
    let store = Store::new().await;
    let first = store.upload("autosave", b"1").await;
    for bytes in [b"2", b"3", b"4"] {
        store.server.clock.advance_millis(DAY);
        store.upload("autosave", bytes).await;
    }
    let (list, pin) = (
        "/api/keepsave/versions/2",
        serde_json::json!({ "is_pinned": true }),
    );
    store.server.admin().put(list, pin).await.expect(200);

    let kept_as_listed = with_policy(&store, 1, true);
    assert_eq!(retention::preview(&kept_as_listed).unwrap(), []);

    let app = with_policy(&store, 1, false);
    let preview = retention::preview(&app).unwrap();
    let ordinals = |timeline: &retention::Thinned| -> Vec<i64> {
        timeline
            .given_up
            .iter()
            .map(|version| version.ordinal)
            .collect()
    };
    assert_eq!(preview.len(), 1);
    assert_eq!((ordinals(&preview[0]), preview[0].kept), (vec![1, 3], 2));
    assert_eq!(store.content(first).await, "1", "looking changes nothing");

    assert_eq!(retention::apply(&app).await.unwrap(), preview);
    assert_eq!(retention::preview(&app).unwrap(), []);
    let path = format!("/api/saves/{first}");
    store.server.admin().get(&path).await.expect(404);
    assert_eq!(sweep::sweep(&store.reopened()).unwrap().contents, 2);
    assert!(!store.blob(b"1").exists());
    assert!(store.blob(b"2").exists(), "a pin stays");
    assert!(store.blob(b"4").exists(), "the head stays");
    assert_eq!(sentences(&store.verify()), [""; 0]);
}

#[tokio::test]
async fn what_is_refused_after_it_was_given_up_is_kept_again() {
    let store = Store::new().await;
    for bytes in [b"1", b"2"] {
        store.upload("autosave", bytes).await;
    }
    let app = with_policy(&store, 1, false);
    assert_eq!(retention::apply(&app).await.unwrap()[0].given_up.len(), 1);
    assert_eq!(sweep::sweep(&store.reopened()).unwrap().contents, 1);

    // A handheld that was in a drawer since then.
    let phone = game::device(&store.server, "Phone").await;
    let path = format!(
        "/api/saves?rom_id={}&slot=autosave&device_id={phone}",
        store.rom
    );
    for _ in 0..2 {
        let files: [(&str, &str, &[u8]); 1] = [("saveFile", "g.srm", b"1")];
        let answer = store.server.admin().upload(&path, &files).await;
        answer.expect(409);
    }
    let path = "/api/keepsave/branches";
    let branches = store.server.admin().get(path).await.expect(200);
    assert_eq!(branches.as_array().unwrap().len(), 1, "{branches}");
    assert_eq!(branches[0]["version"]["device_name"], "Phone");
    assert_eq!(retention::apply(&app).await.unwrap(), []);
    assert_eq!(sweep::sweep(&store.reopened()).unwrap().contents, 0);
    let path = format!(
        "/api/keepsave/versions/{}/content",
        branches[0]["version"]["id"]
    );
    assert_eq!(store.server.admin().get(&path).await.text(), "1");
    assert_eq!(sentences(&store.verify()), [""; 0]);
}

#[tokio::test]
async fn a_save_whose_bytes_are_given_up_takes_its_picture_out_of_sight() {
    let store = Store::new().await;
    let path = format!("/api/saves?rom_id={}&slot=autosave", store.rom);
    let mut pictures = Vec::new();
    for (save, picture) in [(&b"1"[..], &b"A"[..]), (b"2", b"B")] {
        let files = [
            ("saveFile", "g.srm", save),
            ("screenshotFile", "g.png", picture),
        ];
        let save = store.server.admin().upload(&path, &files).await.expect(200);
        let id = &save["screenshot"]["id"];
        pictures.push(format!("/api/screenshots/{id}/content"));
    }
    let app = with_policy(&store, 1, false);
    retention::apply(&app).await.unwrap();
    store.server.admin().get(&pictures[0]).await.expect(404);
    assert_eq!(store.server.admin().get(&pictures[1]).await.text(), "B");
    assert_eq!(sweep::sweep(&store.reopened()).unwrap().contents, 1);
    assert!(store.blob(b"A").exists(), "the picture itself is kept");
}

#[tokio::test]
async fn a_backup_that_is_restored_is_the_same_store() {
    let store = Store::new().await;
    let save = store.upload("autosave", b"one").await;
    let large = vec![7; 3 * 1024 * 1024];
    store.upload("autosave", &large).await;
    let outside = tempfile::tempdir().unwrap();
    let file = outside.path().join("keepsave.tar");
    let written = backup::backup(&store.server.app, &file, QUIET).unwrap();
    assert_eq!(
        (written.contents, written.bytes),
        (2, 3 + large.len() as u64)
    );
    assert_eq!(written.left_out, []);
    let mode = std::fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let names: Vec<_> = std::fs::read_dir(outside.path()).unwrap().collect();
    assert_eq!(names.len(), 1, "nothing else is left beside it");
    let again = backup::backup(&store.server.app, &file, QUIET).unwrap_err();
    assert!(
        again
            .to_string()
            .ends_with("exists already; a backup replaces nothing. Choose another name.")
    );

    // What comes after the backup is not in it.
    store.upload("autosave", b"later").await;
    let data = outside.path().join("restored");
    let restored = restore::restore(&file, &data, QUIET).unwrap();
    assert_eq!(restored.written, written);
    let app = open(&data);
    let report = verify::verify(&app, true, QUIET).unwrap();
    assert_eq!((report.contents, report.unneeded), (2, 0));
    assert_eq!(
        sentences(&verify::verify(&app, false, QUIET).unwrap()),
        [""; 0]
    );
    let mode = |name: &str| {
        std::fs::metadata(data.join(name))
            .unwrap()
            .permissions()
            .mode()
    };
    assert_eq!(mode("keepsave.db") & 0o777, 0o600);
    assert_eq!(store.content(save).await, "one");
    let blobs = |data: &Path, bytes: &[u8]| {
        let name = blake3::hash(bytes).to_hex();
        std::fs::read(data.join("blobs").join(&name[..2]).join(name.as_str())).ok()
    };
    assert_eq!(blobs(&data, &large), Some(large));
    assert_eq!(blobs(&data, b"later"), None);
}

#[tokio::test]
async fn a_damaged_content_is_left_out_of_a_backup_and_named() {
    let store = Store::new().await;
    store.upload("autosave", b"one").await;
    store.upload("autosave", b"two").await;
    overwrite(&store.blob(b"one"), b"ONE");
    let outside = tempfile::tempdir().unwrap();
    let file = outside.path().join("keepsave.tar");
    let written = backup::backup(&store.server.app, &file, QUIET).unwrap();
    let named: Vec<String> = written.left_out.iter().map(ToString::to_string).collect();
    assert_eq!(named, [blake3::hash(b"one").to_string()]);
    let restored = restore::restore(&file, &outside.path().join("restored"), QUIET).unwrap();
    assert_eq!(restored.written, written);
}

#[tokio::test]
async fn what_is_not_a_whole_backup_restores_nothing() {
    let store = Store::new().await;
    store.upload("autosave", b"one").await;
    store.upload("autosave", b"two").await;
    let outside = tempfile::tempdir().unwrap();
    let file = outside.path().join("keepsave.tar");
    backup::backup(&store.server.app, &file, QUIET).unwrap();
    let whole = std::fs::read(&file).unwrap();
    let content = whole
        .windows(3)
        .rposition(|bytes| bytes == b"two" || bytes == b"one")
        .unwrap();
    let mut flipped = whole.clone();
    flipped[content] ^= 1;
    let last_entry = whole
        .windows(12)
        .position(|name| name == b"written.json")
        .unwrap();
    for (what, bytes) in [
        ("not an archive", b"hello".repeat(400)),
        ("cut within a content", whole[..=content].to_vec()),
        ("cut between entries", whole[..last_entry].to_vec()),
        ("a bit flipped", flipped),
    ] {
        std::fs::write(&file, bytes).unwrap();
        let data = outside.path().join("restored");
        let refused = restore::restore(&file, &data, QUIET).unwrap_err();
        assert!(
            matches!(refused, NotRestored::NotABackup(_)),
            "{what}: {refused}"
        );
        assert!(!data.exists(), "{what}");
        // A directory that was there is not ours to remove.
        std::fs::create_dir(&data).unwrap();
        restore::restore(&file, &data, QUIET).unwrap_err();
        std::fs::remove_dir(&data).unwrap();
    }
}

#[tokio::test]
async fn a_restore_replaces_nothing() {
    let store = Store::new().await;
    let outside = tempfile::tempdir().unwrap();
    let file = outside.path().join("keepsave.tar");
    backup::backup(&store.server.app, &file, QUIET).unwrap();
    let refused = restore::restore(&file, outside.path(), QUIET).unwrap_err();
    assert!(matches!(refused, NotRestored::NotEmpty(_)), "{refused}");
}
