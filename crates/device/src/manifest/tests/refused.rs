//! Manifests that are refused as a whole, and how that is told.

use super::*;

/// Manifests that are none, and what is said of them.
const WRONG: &[(&str, &str)] = &[
    (
        r#"{"saves":[{"rom_id":1,"path":"a"},{"rom_id":2,"path":"b","slots":"x"}]}"#,
        "entry 2: unknown key \"slots\"; the nearest known key is `slot` of rom_id, path, \
             file_name, slot, emulator at line 1 column 64",
    ),
    (
        r#"{"saves":[{"romId":1,"path":"a"}]}"#,
        "entry 1: unknown key \"romId\"; the nearest known key is `rom_id` of rom_id, path, \
             file_name, slot, emulator at line 1 column 18",
    ),
    (
        "{\"saves\":[{\"rom_id\":1,\n\"path\":\"a\"\n\"slot\":1}]}",
        "expected `,` or `}` at line 3 column 1",
    ),
    (
        r#"{"saves":[{"rom_id":"1","path":"a"}]}"#,
        "invalid type: string \"1\", expected a game's number, from 1, as `rom_id` of entry 1 \
             at line 1 column 23",
    ),
    (
        r#"{"saves":[{"rom_id":0,"path":"a"}]}"#,
        "invalid value: integer `0`, expected a game's number, from 1, as `rom_id` of entry 1 \
             at line 1 column 21",
    ),
    (
        r#"{"saves":[{"rom_id":1.5,"path":"a"}]}"#,
        "invalid type: floating point `1.5`, expected a game's number, from 1, as `rom_id` of \
             entry 1 at line 1 column 23",
    ),
    (
        r#"{"saves":[{"rom_id":1,"path":5}]}"#,
        "invalid type: integer `5`, expected a text as `path` of entry 1 at line 1 column 30",
    ),
    (
        r#"{"saves":[{"rom_id":1,"path":null}]}"#,
        "invalid type: null, expected a text as `path` of entry 1 at line 1 column 33",
    ),
    (
        r#"{"saves":[{"rom_id":1,"path":""}]}"#,
        "invalid value: string \"\", expected a text as `path` of entry 1 at line 1 column 31",
    ),
    (
        r#"{"saves":[{"rom_id":1,"path":"a","slot":3}]}"#,
        "invalid type: integer `3`, expected a text or null as `slot` of entry 1 at line 1 \
             column 41",
    ),
    (
        r#"{"saves":[{"rom_id":1}]}"#,
        "entry 1: the key `path` is missing at line 1 column 22",
    ),
    (
        r#"{"saves":[{"path":"a"}]}"#,
        "entry 1: the key `rom_id` is missing at line 1 column 22",
    ),
    (
        r#"{"saves":[{"rom_id":1,"path":"a","path":"b"}]}"#,
        "entry 1: the key \"path\" is there twice at line 1 column 39",
    ),
    (
        r#"{"saves":[7]}"#,
        "invalid type: integer `7`, expected an object as entry 1 at line 1 column 11",
    ),
    (
        r#"{"saves":{}}"#,
        "invalid type: map, expected a list as `saves` at line 1 column 9",
    ),
    ("{}", "the key `saves` is missing at line 1 column 2"),
    (
        r#"{"save":[]}"#,
        "unknown key \"save\"; a manifest has only the key `saves` at line 1 column 7",
    ),
    (
        "[]",
        "invalid type: sequence, expected a manifest, which is an object with the key `saves` \
             at line 1 column 0",
    ),
    ("", "EOF while parsing a value at line 1 column 0"),
    (
        r#"{"saves":[]} x"#,
        "trailing characters at line 1 column 14",
    ),
];

#[test]
fn what_is_wrong_is_told_with_entry_line_and_column() {
    let room = Room::new();
    let start = room.path("sync-manifest.json").display().to_string() + ": ";
    for (manifest, expected) in WRONG {
        let error = room.error(manifest);
        let message = error.strip_prefix(&start).unwrap_or(&error);
        assert_eq!(message, *expected, "{manifest}");
    }
}

#[test]
fn a_manifest_that_is_none_is_told() {
    let room = Room::new();
    let latin = room.read_bytes(b"{\"saves\":[\n{\"rom_id\":1,\"path\":\"Pok\xe9mon\"}]}");
    let error = latin.unwrap_err();
    assert!(
        matches!(error, ManifestError::NotUtf8 { line: 2, .. }),
        "{error}"
    );
    let utf16 = room.read_bytes(b"\xFF\xFE{\0}\0").unwrap_err();
    assert!(
        matches!(utf16, ManifestError::NotUtf8 { line: 1, .. }),
        "{utf16}"
    );
    let missing = Manifest::read(&room.path("none.json")).unwrap_err();
    assert!(
        matches!(missing, ManifestError::Missing { .. }),
        "{missing}"
    );
    let directory = Manifest::read(&room.path("saves")).unwrap_err();
    assert!(
        matches!(directory, ManifestError::Unreadable(_)),
        "{directory}"
    );
    let endless = Manifest::read(Path::new("/dev/zero")).unwrap_err();
    assert!(matches!(endless, ManifestError::Unreadable(_)), "{endless}");
}

#[test]
fn a_huge_manifest_is_not_taken_in() {
    let room = Room::new();
    let path = room.path("huge.json");
    let file = fs::File::create(&path).unwrap();
    file.set_len(limits::MANIFEST_BYTES + 1).unwrap();
    let error = Manifest::read(&path).unwrap_err();
    assert!(matches!(error, ManifestError::TooLarge { .. }), "{error}");
    let entry = r#"{"rom_id":1,"path":"a"},"#;
    let many = entry.repeat(limits::INVENTORY_SAVES);
    let error = room.error(&format!(r#"{{"saves":[{many}{{"rom_id":1,"path":"a"}}]}}"#));
    assert!(error.contains("more than 100000 entries"), "{error}");
}

#[test]
fn two_entries_for_one_save_are_refused_by_name() {
    let room = Room::new();
    for (first, second) in [
        (r#""path":"a/z.srm""#, r#""path":"b/z.srm""#),
        (
            r#""path":"a/z.srm","slot":"s""#,
            r#""path":"b/z.srm","slot":"s""#,
        ),
        (
            r#""path":"a/z.srm","slot":"""#,
            r#""path":"b/z.srm","slot":null"#,
        ),
        (r#""path":"a/z.srm""#, r#""path":"y","file_name":"z.srm""#),
        (
            r#""path":"a/z.srm""#,
            r#""path":"y","file_name":"z [2026-11-20_07-28-30].srm""#,
        ),
        (r#""path":"a/z.srm""#, r#""path":"y","file_name":"z?.srm""#),
    ] {
        let error = room.error(&format!(
            r#"{{"saves":[{{"rom_id":2,"path":"x"}},{{"rom_id":1,{first}}},{{"rom_id":1,{second}}}]}}"#
        ));
        assert!(
            error.contains("entry 2 and entry 3 mean the same save: game 1"),
            "{error}"
        );
        assert!(error.contains("name \"z.srm\""), "{error}");
    }
}

#[test]
fn two_entries_for_one_file_are_refused_however_it_is_spelled() {
    let room = Room::new();
    room.file("saves/zelda.srm");
    symlink("saves", room.path("link")).unwrap();
    symlink("saves/zelda.srm", room.path("z.srm")).unwrap();
    let absolute = room.path("saves/zelda.srm");
    for (first, second) in [
        ("saves/zelda.srm", "saves/zelda.srm"),
        ("saves/zelda.srm", "saves/../saves/./zelda.srm"),
        ("saves/zelda.srm", absolute.to_str().unwrap()),
        ("saves/zelda.srm", "link/zelda.srm"),
        ("saves/zelda.srm", "z.srm"),
        ("saves/new.srm", "link/new.srm"),
    ] {
        let error = room.error(&format!(
            r#"{{"saves":[{{"rom_id":1,"path":"{first}"}},{{"rom_id":2,"path":"{second}"}}]}}"#
        ));
        assert!(
            error.contains("entry 1 and entry 2 mean the same file"),
            "{error}"
        );
    }
    fs::hard_link(room.path("saves/zelda.srm"), room.path("copy.srm")).unwrap();
    let both =
        r#"{"saves":[{"rom_id":1,"path":"saves/zelda.srm"},{"rom_id":2,"path":"copy.srm"}]}"#;
    assert_eq!(
        room.read(both).entries.len(),
        2,
        "each has a name of its own"
    );
}
