//! What an operator does to keep a store well, beside a running server.

use std::path::{Path, PathBuf};

use keepsave_testkit::binary::{Running, Sandbox};
use keepsave_testkit::seed_library;
use serde_json::json;

use crate::sandbox;

const PASSWORD: &str = "secret1";

/// A server with an admin and the seed library, already scanned.
struct Place {
    sandbox: Sandbox,
    server: Running,
}

impl Place {
    fn new() -> Self {
        let sandbox = sandbox();
        seed_library(&sandbox.path().join("keepsave-data/library")).unwrap();
        let server = serve(&sandbox, &[]);
        sandbox.run(&["server", "scan"]).expect(0);
        Self { sandbox, server }
    }

    async fn upload(&self, slot: &str, bytes: &[u8]) -> i64 {
        let path = format!("/api/saves?rom_id=1&slot={slot}");
        let files = [("saveFile", "g.srm", bytes)];
        let answer = self
            .server
            .user("ada", PASSWORD)
            .upload(&path, &files)
            .await;
        answer.unwrap().expect(200)["id"].as_i64().unwrap()
    }

    fn operate(&self, arguments: &[&str]) -> keepsave_testkit::binary::Ran {
        self.sandbox.run(&[&["server"], arguments].concat())
    }

    fn blob(&self, bytes: &[u8]) -> PathBuf {
        let name = blake3::hash(bytes).to_hex();
        let blobs = self.sandbox.path().join("keepsave-data/blobs");
        blobs.join(&name[..2]).join(name.as_str())
    }
}

fn serve(sandbox: &Sandbox, arguments: &[&str]) -> Running {
    let variables = [
        ("KEEPSAVE_ADMIN_USERNAME", "ada"),
        ("KEEPSAVE_ADMIN_PASSWORD", PASSWORD),
    ];
    sandbox.serve_with(arguments, &variables)
}

fn damage(file: &Path) {
    let bytes = std::fs::read(file).unwrap();
    std::fs::remove_file(file).unwrap();
    std::fs::write(file, bytes.to_ascii_uppercase()).unwrap();
}

#[test]
fn a_scan_says_what_is_new_and_what_is_gone() {
    // A running server looks by itself, and would see first what this scan is to find.
    let Place { sandbox, server } = Place::new();
    drop(server);
    let library = sandbox.path().join("keepsave-data/library/roms/gba");
    std::fs::remove_file(library.join("Golden Sun (USA) (Rev 1).gba")).unwrap();
    std::fs::write(library.join("New.gba"), "new").unwrap();
    let report = sandbox.run(&["server", "scan", "--json"]).json(0);
    assert_eq!(
        (&report["added"], &report["missing"]),
        (&json!(1), &json!(1))
    );
    let said = sandbox.run(&["server", "scan"]).expect(0);
    assert_eq!(said, "6 games: as they were\n");
}

#[tokio::test]
async fn verify_finds_damage_and_changes_nothing_until_told() {
    let place = Place::new();
    place.upload("autosave", b"progress").await;
    let well = place.operate(&["verify"]).expect(0);
    assert_eq!(well, "Read 1 content, 8 bytes. All is well.\n");

    let blob = place.blob(b"progress");
    damage(&blob);
    let found = place.operate(&["verify"]).expect(1);
    assert!(
        found.contains("is damaged. Needed by version 1 (g.srm)."),
        "{found}"
    );
    assert!(found.ends_with("Found 1 fault.\n"), "{found}");
    let report = place.operate(&["verify", "--json"]).json(1);
    assert_eq!(report["findings"][0]["finding"], "damaged");
    assert!(blob.exists());

    place.operate(&["verify", "--repair"]).expect(1);
    assert!(!blob.exists());
    place.upload("autosave", b"progress").await;
    place.operate(&["verify", "--repair"]);
    place.operate(&["verify"]).expect(0);
}

#[tokio::test]
async fn a_backup_while_uploads_run_restores_to_what_it_showed() {
    let place = Place::new();
    place.upload("before", b"before the backup").await;
    let uploads = async {
        for number in 0..40 {
            place
                .upload("busy", format!("upload {number}").as_bytes())
                .await;
        }
    };
    let backup = place
        .sandbox
        .command(&["server", "backup", "all.tar", "--json"]);
    let backup = tokio::task::spawn_blocking(move || {
        let mut backup = backup;
        backup.output().unwrap()
    });
    let (backup, ()) = tokio::join!(backup, uploads);
    let backup = backup.unwrap();
    assert_eq!(backup.status.code(), Some(0), "{backup:?}");
    let written: serde_json::Value = serde_json::from_slice(&backup.stdout).unwrap();

    let refused = place.operate(&["backup", "all.tar"]);
    assert_eq!(refused.code, Some(2));
    let restore = ["restore", "all.tar", "--data", "again"];
    let restored = place.operate(&[&restore[..], &["--json"]].concat()).json(0);
    assert_eq!(restored["contents"], written["contents"]);
    assert_eq!(place.operate(&restore).code, Some(2), "it replaces nothing");
    let well = place.operate(&["verify", "--data", "again"]).expect(0);
    assert!(well.ends_with("All is well.\n"), "{well}");

    let library = place.sandbox.path().join("keepsave-data/library");
    let flags = ["--data", "again", "--library", library.to_str().unwrap()];
    let again = serve(&place.sandbox, &flags);
    let ada = again.user("ada", PASSWORD);
    let saves = ada.get("/api/saves?rom_id=1").await.expect(200);
    let saves = saves.as_array().unwrap();
    assert!(
        saves.iter().any(|save| save["slot"] == "before"),
        "{saves:?}"
    );
    for save in saves {
        let content = ada.get(&format!("/api/saves/{}/content", save["id"])).await;
        let md5 = save["content_hash"].as_str().unwrap();
        assert_eq!(
            hex::encode(<md5::Md5 as md5::Digest>::digest(&content.bytes)),
            md5
        );
    }
    again.stop();
    // The server that started on it made the asset tree again.
    place.operate(&["verify", "--data", "again"]).expect(0);
}

#[tokio::test]
async fn retention_shows_before_it_gives_up() {
    let place = Place::new();
    for bytes in [b"1", b"2", b"3"] {
        place.upload("autosave", bytes).await;
    }
    let retention = |arguments: &[&str]| {
        let variables = [
            ("KEEPSAVE_RETENTION_KEEP_LAST", "1"),
            ("KEEPSAVE_RETENTION_KEEP_LISTED", "no"),
        ];
        let arguments = [&["server", "retention"], arguments].concat();
        place.sandbox.run_with(&arguments, &variables, "").expect(0)
    };
    let unchosen = place.operate(&["retention", "--apply"]).expect(0);
    assert_eq!(unchosen, "Everything is kept: no retention is chosen.\n");
    let shown = retention(&[]);
    assert!(
        shown.ends_with(
            "Would give up 2 versions, 2 bytes. Nothing was changed: --apply does it.\n"
        ),
        "{shown}"
    );
    assert!(
        shown.starts_with("ada, Golden Sun, autosave: version 1 of "),
        "{shown}"
    );
    let done = retention(&["--apply"]);
    assert!(done.ends_with("Gave up 2 versions, 2 bytes.\n"), "{done}");
    assert_eq!(
        retention(&["--apply"]),
        "Nothing is given up: every version is wanted.\n"
    );
    place.operate(&["verify"]).expect(0);
    assert!(
        place.blob(b"1").exists(),
        "what came in lately is not removed by a running server"
    );

    let Place { sandbox, server } = place;
    server.stop();
    let server = serve(&sandbox, &[]);
    let list = server
        .user("ada", PASSWORD)
        .get("/api/saves?rom_id=1")
        .await
        .expect(200);
    assert_eq!(list.as_array().unwrap().len(), 1);
}

#[test]
fn a_restore_that_broke_off_is_no_store() {
    let sandbox = sandbox();
    std::fs::create_dir_all(sandbox.path().join("keepsave-data/restoring")).unwrap();
    for command in [
        &["server", "--listen", "127.0.0.1:0"][..],
        &["server", "verify"],
    ] {
        let ran = sandbox.run(command);
        assert_eq!(ran.code, Some(4));
        assert!(
            ran.stderr.contains("holds a restore that broke off"),
            "{}",
            ran.stderr
        );
    }
}

#[test]
fn what_cannot_be_restored_leaves_nothing_behind() {
    let sandbox = sandbox();
    std::fs::write(sandbox.path().join("notes.txt"), "no backup").unwrap();
    for (file, said) in [
        ("nowhere.tar", "`nowhere.tar`"),
        (
            "notes.txt",
            "the file is not a backup of Keepsave. Nothing was restored.",
        ),
    ] {
        let ran = sandbox.run(&["server", "restore", file, "--data", "again"]);
        assert_eq!(ran.code, Some(1), "{}", ran.stderr);
        assert!(ran.stderr.contains(said), "{}", ran.stderr);
        assert!(!sandbox.path().join("again").exists(), "{file}");
    }
}
