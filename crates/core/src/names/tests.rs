//! Names against what RomM was recorded to make of them, and their rules as properties.

use proptest::prelude::*;

use super::*;
use crate::time::Time;

fn name(raw: &str) -> FileName {
    sanitise(raw).unwrap()
}

fn at(text: &str) -> Time {
    Time::parse(text).unwrap()
}

#[test]
fn a_name_is_handed_on_as_it_is() {
    assert_eq!(
        String::from(name("Metroid Fusion.srm")),
        "Metroid Fusion.srm"
    );
}

#[test]
fn takes_names_as_romm_does() {
    for (raw, expected) in [
        ("Pokemon Emerald.srm", "Pokemon Emerald.srm"),
        ("../x", "x"),
        ("/etc/passwd", "passwd"),
        (r"a\b:c|d*?<>+.srm", "a-b-c-d.srm"),
        (r"..\..\evil.srm", "..-..-evil.srm"),
        ("  sp ace .srm ", "sp ace .srm"),
        ("Pokémon ピカ.srm", "Pokémon ピカ.srm"),
        ("memcard", "memcard"),
        (
            "Game (USA) (Rev 1) [!].tar.gz",
            "Game (USA) (Rev 1) [!].tar.gz",
        ),
        (".srm", ".srm"),
        ("\t\x1Cx\u{3000}\n", "x"),
        ("a\0b\"c", "abc"),
        ("NUL", "NUL"),
        ("...", "..."),
    ] {
        assert_eq!(name(raw).as_str(), expected, "{raw:?}");
    }
}

#[test]
fn refuses_names_in_romms_words() {
    for (raw, error) in [
        ("", NameError::Missing),
        ("..", NameError::Empty),
        (".", NameError::Empty),
        ("***", NameError::Empty),
        ("a/", NameError::Empty),
        (" \0 ", NameError::Empty),
        ("a\nb", NameError::ControlCharacters),
        ("a\u{7F}b", NameError::ControlCharacters),
        ("a\u{85}b", NameError::ControlCharacters),
    ] {
        assert_eq!(sanitise(raw), Err(error), "{raw:?}");
    }
    for (error, kind, detail) in [
        (
            NameError::Missing,
            AssetKind::Save,
            "Save file has no filename",
        ),
        (
            NameError::Missing,
            AssetKind::Screenshot,
            "Screenshot file has no filename",
        ),
        (
            NameError::Empty,
            AssetKind::Save,
            "Invalid save filename: Filename cannot be empty after sanitization",
        ),
        (
            NameError::Empty,
            AssetKind::State,
            "Invalid state filename: Filename cannot be empty after sanitization",
        ),
        (
            NameError::TooLong,
            AssetKind::Screenshot,
            "Invalid screenshot filename: Filename cannot be longer than 233 bytes",
        ),
        (
            NameError::ControlCharacters,
            AssetKind::Save,
            "Invalid save filename: Filename cannot have control characters",
        ),
    ] {
        assert_eq!(error.detail(kind), detail);
    }
}

#[test]
fn every_name_taken_fits_on_a_disk_with_its_tag() {
    let of_length = |bytes: usize| format!("{}.srm", "n".repeat(bytes - 4));
    let now = at("2026-11-20T07:28:30Z");
    assert_eq!(tagged(&name(&of_length(233)), now).as_str().len(), 255);
    assert_eq!(sanitise(&of_length(234)), Err(NameError::TooLong));
    assert_eq!(sanitise(&of_length(451)), Err(NameError::TooLong));
    assert_eq!(sanitise(&"é".repeat(117)), Err(NameError::TooLong));

    let again = tagged(&name(&of_length(233)), now);
    assert_eq!(name(again.as_str()), again, "a tagged name comes back");
    let twice = format!("{} [2026-11-20_07-28-30].srm", "n".repeat(230));
    assert_eq!(sanitise(&twice), Err(NameError::TooLong));
}

/// A file name, and its parts without tags, without extension, and the extension.
type Apart = (&'static str, &'static str, &'static str, &'static str);

fn comes_apart_as(cases: &[Apart]) {
    for &(file_name, no_tags, no_ext, extension) in cases {
        let expected = NameParts {
            no_tags: no_tags.to_owned(),
            no_ext: no_ext.to_owned(),
            extension: extension.to_owned(),
        };
        assert_eq!(NameParts::of(file_name), expected, "{file_name:?}");
    }
}

#[test]
fn takes_recorded_names_apart_as_romm_does() {
    comes_apart_as(&[
        (".srm", "", "", "srm"),
        (
            "Game (USA) (Rev 1) [!].tar.gz",
            "Game",
            "Game (USA) (Rev 1) [!]",
            "tar.gz",
        ),
        (
            "Metroid Fusion [2026-11-20_07-28-33].srm",
            "Metroid Fusion",
            "Metroid Fusion [2026-11-20_07-28-33]",
            "srm",
        ),
        (
            "Pokemon Emerald.srm",
            "Pokemon Emerald",
            "Pokemon Emerald",
            "srm",
        ),
        ("Pokémon ピカ.srm", "Pokémon ピカ", "Pokémon ピカ", "srm"),
        ("a-b-c-d.srm", "a-b-c-d", "a-b-c-d", "srm"),
        (
            "ct [2026-11-20_07-28-48].zip",
            "ct",
            "ct [2026-11-20_07-28-48]",
            "zip",
        ),
        ("emerald.png", "emerald", "emerald", "png"),
        ("emerald.state", "emerald", "emerald", "state"),
        ("memcard", "memcard", "memcard", ""),
        ("sp ace .srm", "sp ace", "sp ace", "srm"),
        ("x", "x", "x", ""),
        (
            "Final Fantasy VII (USA)",
            "Final Fantasy VII",
            "Final Fantasy VII (USA)",
            "",
        ),
        (
            "Super Metroid (Japan, USA) (En,Ja).sfc",
            "Super Metroid",
            "Super Metroid (Japan, USA) (En,Ja)",
            "sfc",
        ),
    ]);
}

#[test]
fn takes_odd_names_apart_as_romms_patterns_do() {
    comes_apart_as(&[
        ("Game v1.0.srm", "Game v1.0", "Game v1.0", "srm"),
        ("St.art.srm", "St", "St", "art.srm"),
        ("Dr. Mario", "Dr. Mario", "Dr. Mario", ""),
        ("Dr.Mario", "Dr", "Dr", "Mario"),
        ("Game.1.mcr", "Game.1", "Game.1", "mcr"),
        ("Game.TAR.gz", "Game.TAR", "Game.TAR", "gz"),
        ("a..b", "a.", "a.", "b"),
        ("a.", "a.", "a.", ""),
        (
            "Foo (a) bar [b] (c).srm",
            "Foo (a) bar",
            "Foo (a) bar [b] (c)",
            "srm",
        ),
        ("Foo ((x)).srm", "Foo ((x))", "Foo ((x))", "srm"),
        ("Foo (a (b) (c).srm", "Foo", "Foo (a (b) (c)", "srm"),
        ("(USA).srm", "", "(USA)", "srm"),
        ("Foo ().srm", "Foo", "Foo ()", "srm"),
        ("Foo (open.srm", "Foo (open", "Foo (open", "srm"),
        ("", "", "", ""),
    ]);
}

#[test]
fn a_slotted_save_is_named_with_its_moment() {
    let now = at("2026-11-20T07:28:33.567489Z");
    for (raw, expected) in [
        (
            "Metroid Fusion.srm",
            "Metroid Fusion [2026-11-20_07-28-33].srm",
        ),
        (
            "Metroid Fusion [2020-01-01_00-00-00].srm",
            "Metroid Fusion [2026-11-20_07-28-33].srm",
        ),
        (
            "A [2020-01-01_00-00-00] [2020-01-01_00-00-61].srm",
            "A [2026-11-20_07-28-33].srm",
        ),
        ("memcard", "memcard [2026-11-20_07-28-33]"),
        (".srm", ".srm [2026-11-20_07-28-33]"),
        ("a.tar.gz", "a.tar [2026-11-20_07-28-33].gz"),
        ("Game.1.mcr", "Game.1 [2026-11-20_07-28-33].mcr"),
        (
            "G[2020-01-01_00-00-00].srm",
            "G[2020-01-01_00-00-00] [2026-11-20_07-28-33].srm",
        ),
        (
            "Ludo [2026-11-20 07-28-30-123].srm",
            "Ludo [2026-11-20 07-28-30-123] [2026-11-20_07-28-33].srm",
        ),
    ] {
        assert_eq!(tagged(&name(raw), now).as_str(), expected, "{raw:?}");
    }
}

#[test]
fn names_of_one_second_are_told_apart_within_the_tag() {
    let now = at("2026-11-20T07:28:33Z");
    let nth = |n| distinct(&name("G [2020-01-01_00-00-00].srm"), now, n).to_string();
    for (n, expected) in [
        (0, "G [2026-11-20_07-28-33].srm"),
        (1, "G [2026-11-20_07-28-33].srm"),
        (2, "G [2026-11-20_07-28-60].srm"),
        (41, "G [2026-11-20_07-28-99].srm"),
        (42, "G [2026-11-20_07-60-00].srm"),
        (4_041, "G [2026-11-20_07-99-99].srm"),
        (4_042, "G [2026-11-20_24-00-00].srm"),
        (764_041, "G [2026-11-20_99-99-99].srm"),
    ] {
        assert_eq!(nth(n), expected, "{n}");
        assert_eq!(untagged(&nth(n)), "G.srm");
    }
    let names: std::collections::BTreeSet<String> = (1..20_000).map(nth).collect();
    assert_eq!(names.len(), 19_999);
}

#[test]
fn pairs_by_the_name_that_the_emulator_reads() {
    for (stored, without_ours, paired) in [
        ("G.srm", "G.srm", "G.srm"),
        ("G [2026-11-20_07-28-33].srm", "G.srm", "G.srm"),
        (
            "G [2026-11-20 07-28-30-123] [2026-11-20_07-28-33].srm",
            "G [2026-11-20 07-28-30-123].srm",
            "G.srm",
        ),
        (
            "ピカ [2026-11-20 07-28-30-123].srm",
            "ピカ [2026-11-20 07-28-30-123].srm",
            "ピカ.srm",
        ),
        (
            "G [2026-11-20_07-28].srm",
            "G [2026-11-20_07-28].srm",
            "G [2026-11-20_07-28].srm",
        ),
    ] {
        assert_eq!(untagged(stored), without_ours, "{stored:?}");
        assert_eq!(pairing_name(stored), paired, "{stored:?}");
    }
}

#[test]
fn sends_names_as_romm_does() {
    let attachment = |name| content_disposition(Disposition::Attachment, name);
    assert_eq!(
        attachment("emerald.state"),
        r#"attachment; filename="emerald.state""#
    );
    assert_eq!(
        attachment("Metroid Fusion [2026-11-20_07-28-33].srm"),
        "attachment; filename*=utf-8''Metroid%20Fusion%20%5B2026-11-20_07-28-33%5D.srm"
    );
    assert_eq!(
        attachment("ピ~a.srm"),
        "attachment; filename*=utf-8''%E3%83%94~a.srm"
    );
    assert_eq!(
        content_disposition(Disposition::Inline, "gal.png"),
        r#"inline; filename="gal.png""#
    );
    assert_eq!(
        rom_content_disposition("Pokemon Emerald (USA).gba"),
        "attachment; filename*=UTF-8''Pokemon%20Emerald%20%28USA%29.gba; \
         filename=\"Pokemon%20Emerald%20%28USA%29.gba\""
    );
}

fn title(name: &str, regions: &[&str], languages: &[&str], tags: &[&str]) -> RomTitle {
    let owned = |list: &[&str]| list.iter().map(ToString::to_string).collect();
    RomTitle {
        name: name.to_owned(),
        regions: owned(regions),
        languages: owned(languages),
        tags: owned(tags),
        ..RomTitle::default()
    }
}

#[test]
fn reads_what_a_games_name_says() {
    for (file_name, expected) in [
        (
            "Chrono Trigger (USA).sfc",
            title("Chrono Trigger", &["USA"], &[], &[]),
        ),
        (
            "Final Fantasy VII (USA)",
            title("Final Fantasy VII", &["USA"], &[], &[]),
        ),
        (
            "Golden Sun (USA) (Rev 1).gba",
            RomTitle {
                revision: "1".to_owned(),
                ..title("Golden Sun", &["USA"], &[], &[])
            },
        ),
        (
            "Super Metroid (Japan, USA) (En,Ja).sfc",
            title(
                "Super Metroid",
                &["Japan", "USA"],
                &["English", "Japanese"],
                &[],
            ),
        ),
        (
            "Zelda (usa) (NL,Nl,nl,no,FRENCH) [!] (Beta, Demo).gb",
            title(
                "Zelda",
                &["USA", "Netherlands", "Netherlands", "Norway"],
                &["Dutch", "French"],
                &["!", "Beta", "Demo"],
            ),
        ),
        (
            "Metal (Reg-PAL) (Reg J) (rev-B) (V1.02) [].bin",
            RomTitle {
                revision: "B".to_owned(),
                version: "1.02".to_owned(),
                ..title("Metal", &["PAL", "Japan"], &[], &[])
            },
        ),
        (
            "Odd (Version 2) (Reg-) (Virtual Console) (Ver",
            RomTitle {
                version: "2".to_owned(),
                ..title(
                    "Odd (Version 2) (Reg-) (Virtual Console) (Ver",
                    &[],
                    &[],
                    &["Reg-", "Virtual Console"],
                )
            },
        ),
    ] {
        assert_eq!(RomTitle::of(file_name), expected, "{file_name:?}");
    }
}

#[test]
fn sorts_games_by_title_and_number() {
    for (name, key) in [
        ("Super Metroid", "super metroid"),
        ("The Legend of Zelda", "legend of zelda"),
        ("Theme Park", "theme park"),
        ("Die Hard 2", "hard 000000000002"),
        ("A", "a"),
        ("1942", "000000001942"),
        ("ロックマン２", "ロックマン00000000000２"),
    ] {
        assert_eq!(sort_key(name), key, "{name:?}");
    }
    assert!(sort_key("Mega Man 9") < sort_key("Mega Man 10"));
    assert_eq!(sort_key(&"é".repeat(600)).chars().count(), 500);
}

proptest! {
    #[test]
    fn names_are_safe_and_stay_as_they_are(raw in ".{0,300}") {
        if let Ok(name) = sanitise(&raw) {
            let text = name.as_str();
            prop_assert!(!text.contains(['/', '\\', '\0']));
            prop_assert!(!matches!(text, "" | "." | ".."));
            prop_assert!(text.len() <= 255);
            prop_assert_eq!(sanitise(text), Ok(name));
        }
    }

    #[test]
    fn a_tag_comes_off_as_it_went_on(raw in "[a-zA-Z .()\\[\\]é0-9_-]{1,40}", micros: i64, n in 0u32..900_000) {
        let Ok(name) = sanitise(&raw) else { return Ok(()) };
        let tagged = distinct(&name, Time::from_micros(micros), n);
        prop_assert_eq!(untagged(tagged.as_str()), untagged(name.as_str()));
        prop_assert_eq!(sanitise(tagged.as_str()), Ok(tagged.clone()));
        let once_more = super::tagged(&tagged, Time::EPOCH);
        prop_assert_eq!(once_more, super::tagged(&name, Time::EPOCH));
    }

    #[test]
    fn any_name_can_be_taken_apart(raw in ".{0,60}") {
        let parts = NameParts::of(&raw);
        prop_assert!(parts.no_ext.starts_with(&parts.no_tags));
        RomTitle::of(&raw);
        sort_key(&raw);
        pairing_name(&raw);
    }
}
