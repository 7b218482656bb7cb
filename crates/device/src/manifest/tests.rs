//! What a manifest may say, and how what is wrong with it is told.

mod refused;

use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::{PermissionsExt, symlink};

use proptest::prelude::*;
use tempfile::{TempDir, tempdir};

use super::*;
use crate::files::trial::as_nobody;

struct Room {
    room: TempDir,
}

impl Room {
    fn new() -> Self {
        let room = tempdir().unwrap();
        fs::create_dir(room.path().join("saves")).unwrap();
        Self { room }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.room.path().join(name)
    }

    fn file(&self, name: &str) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, name).unwrap();
        path
    }

    fn read_bytes(&self, manifest: &[u8]) -> Result<Manifest, ManifestError> {
        let path = self.path("sync-manifest.json");
        fs::write(&path, manifest).unwrap();
        Manifest::read(&path)
    }

    fn read(&self, manifest: &str) -> Manifest {
        self.read_bytes(manifest.as_bytes()).unwrap()
    }

    fn error(&self, manifest: &str) -> String {
        self.read_bytes(manifest.as_bytes())
            .unwrap_err()
            .to_string()
    }
}

fn one(path: &str, more: &str) -> String {
    format!(r#"{{"saves":[{{"rom_id":1,"path":"{path}"{more}}}]}}"#)
}

#[test]
fn the_documented_manifest_is_read() {
    let room = Room::new();
    let file = room.file("saves/zelda.srm");
    let manifest = room.read(
        r#"{
            "saves": [
                {
                    "rom_id": 123,
                    "path": "saves/zelda.srm",
                    "file_name": "zelda.srm",
                    "slot": null,
                    "emulator": "retroarch"
                }
            ]
        }"#,
    );
    assert_eq!(manifest.directory, room.room.path());
    assert!(manifest.problems.is_empty());
    let expected = Entry {
        rom: RomId(123),
        path: file,
        outside: None,
        file_name: "zelda.srm".into(),
        slot: None,
        emulator: Some("retroarch".into()),
    };
    assert_eq!(manifest.entries, [expected]);
}

#[test]
fn paths_are_absolute_or_begin_where_the_manifest_is() {
    let room = Room::new();
    let elsewhere = tempdir().unwrap();
    let absolute = elsewhere.path().join("mario.srm");
    for (written, path) in [
        ("saves/../zelda.srm", room.path("saves/../zelda.srm")),
        (absolute.to_str().unwrap(), absolute.clone()),
    ] {
        let manifest = room.read(&one(written, ""));
        assert_eq!(manifest.entries[0].path, path);
        assert_eq!(manifest.entries[0].outside, None, "it is written so");
    }
}

#[test]
fn what_is_blank_is_as_good_as_left_out() {
    let room = Room::new();
    for more in [
        "",
        r#","slot":null,"emulator":null,"file_name":null"#,
        r#","slot":"","emulator":"","file_name":"""#,
        r#","slot":" \t","emulator":"  ","file_name":" ""#,
    ] {
        let entry = room.read(&one("saves/ゼルダ.srm", more)).entries.remove(0);
        assert_eq!((entry.slot, entry.emulator), (None, None), "{more}");
        assert_eq!(entry.file_name, "ゼルダ.srm", "{more}");
    }
}

#[test]
fn a_file_that_is_not_there_is_a_place_to_download_into() {
    let room = Room::new();
    for path in ["saves/new.srm", "no/such/directory/new.srm"] {
        let manifest = room.read(&one(path, ""));
        assert!(manifest.problems.is_empty());
        assert_eq!(manifest.entries[0].path, room.path(path));
    }
}

#[test]
fn many_slots_of_one_game_and_one_name_in_many_games_are_fine() {
    let room = Room::new();
    let manifest = room.read(
        r#"{"saves":[
            {"rom_id":1,"path":"a/z.srm"},
            {"rom_id":1,"path":"b/z.srm","slot":"one"},
            {"rom_id":1,"path":"c/z.srm","slot":"two"},
            {"rom_id":1,"path":"c/z.rtc","slot":"two"},
            {"rom_id":2,"path":"d/z.srm","slot":"two"}
        ]}"#,
    );
    assert_eq!(manifest.entries.len(), 5);
}

#[test]
fn nothing_to_sync_is_a_manifest_too() {
    let manifest = Room::new().read(r#"{"saves":[]}"#);
    assert!(manifest.entries.is_empty() && manifest.problems.is_empty());
}

#[test]
fn a_byte_order_mark_is_no_error() {
    let room = Room::new();
    let manifest = [b"\xEF\xBB\xBF", one("a.srm", "").as_bytes()].concat();
    assert_eq!(room.read_bytes(&manifest).unwrap().entries.len(), 1);
}

#[test]
fn links_out_of_the_directory_are_followed_and_shown() {
    let room = Room::new();
    let card = tempdir().unwrap();
    let real = card.path().canonicalize().unwrap().join("zelda.srm");
    fs::write(&real, "zelda").unwrap();
    symlink(card.path(), room.path("card")).unwrap();
    symlink(&real, room.path("saves/zelda.srm")).unwrap();
    let manifest = room.read(
        r#"{"saves":[{"rom_id":1,"path":"saves/zelda.srm"},{"rom_id":2,"path":"card/new.srm"}]}"#,
    );
    assert!(manifest.problems.is_empty());
    let [zelda, new] = &manifest.entries[..] else {
        panic!("{manifest:?}");
    };
    assert_eq!(zelda.outside, Some(real.clone()));
    assert_eq!(new.outside, Some(real.with_file_name("new.srm")));
}

#[test]
fn what_is_wrong_with_one_file_is_its_problem_and_the_rest_goes_on() {
    let room = Room::new();
    room.file("good.srm");
    symlink("loop", room.path("loop")).unwrap();
    symlink("card/zelda.srm", room.path("unmounted")).unwrap();
    let entries = [
        ("saves", ""),
        ("loop", ""),
        ("unmounted", ""),
        ("good.srm/below", ""),
        ("..", ""),
        ("a", r#","file_name":"..""#),
        ("b", r#","file_name":"up/""#),
        ("c", &format!(r#","slot":"{}""#, "s".repeat(256))),
        ("d", &format!(r#","emulator":"{}""#, "e".repeat(51))),
        ("e\\u0000f", ""),
        (&"n".repeat(300), ""),
        ("x\\udcff.srm", ""),
    ]
    .iter()
    .enumerate()
    .map(|(rom, (path, more))| format!(r#"{{"rom_id":{},"path":"{path}"{more}}},"#, rom + 1))
    .collect::<Vec<_>>()
    .concat();
    let good = r#"{"rom_id":99,"path":"good.srm"}"#;
    let manifest = room.read(&format!(r#"{{"saves":[{entries}{good}]}}"#));
    assert_eq!(manifest.entries.len(), 1);
    assert_eq!(manifest.entries[0].rom, RomId(99));
    let problems: Vec<String> = manifest.problems.iter().map(ToString::to_string).collect();
    for (problem, expected) in problems.iter().zip([
        "is a directory",
        "cannot be read",
        "mount it",
        "cannot be read",
        "is a directory",
        "Filename cannot be empty",
        "Filename cannot be empty",
        "`slot` is longer than 255 characters",
        "`emulator` is longer than 50 characters",
        "cannot be read",
        "cannot be read",
        "its name is no UTF-8: give it one with `file_name`",
    ]) {
        assert!(problem.contains(expected), "{problem}");
    }
    assert_eq!(problems.len(), 12);
    assert!(
        problems[0].starts_with("entry 1 (game 1, "),
        "{}",
        problems[0]
    );
}

#[test]
fn a_file_that_may_not_be_read_is_a_problem() {
    let room = Room::new();
    fs::set_permissions(room.room.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let file = room.file("secret.srm");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o000)).unwrap();
    let path = room.path("m.json");
    fs::write(&path, one("secret.srm", "")).unwrap();
    let manifest = as_nobody(|| Manifest::read(&path).unwrap());
    let fault = &manifest.problems[0].fault;
    assert!(
        matches!(fault, Fault::Read(ReadError::Unreadable { .. })),
        "{fault}"
    );
}

#[test]
fn a_name_in_another_encoding_is_found_when_it_has_one_for_the_server() {
    let room = Room::new();
    let name = OsString::from_vec(b"Pok\xe9mon.srm".to_vec());
    fs::write(room.room.path().join(&name), "saved").unwrap();
    // As Python writes what it read from the directory.
    let entry = room
        .read(&one("Pok\\udce9mon.srm", r#","file_name":"Pokémon.srm""#))
        .entries
        .remove(0);
    assert_eq!(entry.path.file_name(), Some(name.as_os_str()));
    assert_eq!(entry.file_name, "Pokémon.srm");
}

#[test]
fn an_entry_is_paired_as_the_server_calls_it() {
    let room = Room::new();
    for (name, pairing) in [
        ("zelda.srm", "zelda.srm"),
        ("zelda [2026-11-20_07-28-30].srm", "zelda.srm"),
        ("zelda: what?.srm", "zelda- what.srm"),
    ] {
        let entry = room
            .read(&one("a", &format!(r#","file_name":"{name}""#)))
            .entries
            .remove(0);
        assert_eq!(entry.pairing_name(), pairing);
        assert_eq!(entry.file_name, name, "it is sent as it is written");
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        let _refused_or_not = parse(Path::new("m.json"), &bytes);
    }

    #[test]
    fn every_text_comes_back_as_it_was(path in "[^\0]{1,20}", slot in ".{0,20}") {
        let json = serde_json::json!({"saves": [{"rom_id": 1, "path": path, "slot": slot}]});
        let entries = parse(Path::new("m.json"), json.to_string().as_bytes()).unwrap();
        prop_assert_eq!(entries[0].path.to_str(), Some(path.as_str()));
        let expected = (!slot.trim().is_empty()).then_some(slot);
        prop_assert_eq!(&entries[0].slot, &expected);
    }
}
