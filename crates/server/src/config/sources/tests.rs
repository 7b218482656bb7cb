//! Every source of a setting, which one counts, and what is told when a value is wrong.

use super::*;
use crate::config::{LogLevel, MetricsReaders};

fn variables(pairs: &[(&str, &str)]) -> Vec<(OsString, OsString)> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).into(), (*value).into()))
        .collect()
}

fn flags(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn load(
    given_flags: &[(&str, &str)],
    given_variables: &[(&str, &str)],
    file: &str,
) -> Result<Loaded, Wrong> {
    let given = Given {
        flags: flags(given_flags),
        variables: variables(given_variables),
    };
    given.load(Some((Path::new("keepsave.toml"), file)))
}

fn wrong(file: &str) -> String {
    load(&[], &[], file).unwrap_err().to_string()
}

#[test]
fn nothing_given_gives_the_defaults() {
    let loaded = Given::default().load(None).unwrap();
    assert_eq!(loaded.settings.listen.to_string(), "0.0.0.0:8080");
    assert_eq!(loaded.settings.data, Path::new("./keepsave-data"));
    assert_eq!(
        loaded.settings.library,
        Path::new("./keepsave-data/library")
    );
    assert_eq!(loaded.warnings, [""; 0]);
}

#[test]
fn where_a_value_was_chosen_is_known() {
    let settings = load(
        &[("listen", "127.0.0.1:9000")],
        &[("MAX_ASSET_UPLOAD_SIZE_BYTES", "2")],
        "\nkiosk_mode = true",
    );
    let places = settings.unwrap().settings.places;
    let places: Vec<(&str, &str)> = places
        .iter()
        .map(|(name, place)| (*name, place.as_str()))
        .collect();
    assert_eq!(
        places,
        [
            ("kiosk_mode", "keepsave.toml, line 2"),
            ("listen", "--listen"),
            ("max_upload_bytes", "MAX_ASSET_UPLOAD_SIZE_BYTES"),
        ]
    );
}

#[test]
fn flags_count_over_our_variables_over_romms_over_the_file() {
    const OURS: (&str, &str) = ("KEEPSAVE_MAX_UPLOAD_BYTES", "3");
    const ROMMS: (&str, &str) = ("MAX_ASSET_UPLOAD_SIZE_BYTES", "2");
    const FLAG: (&str, &str) = ("max_upload_bytes", "4");
    const FILE: &str = "max_upload_bytes = 1";
    for (flags, variables, expected) in [
        (&[FLAG][..], &[OURS, ROMMS][..], 4),
        (&[], &[ROMMS, OURS], 3),
        (&[], &[ROMMS], 2),
        (&[], &[ROMMS, ("KEEPSAVE_MAX_UPLOAD_BYTES", "")], 2),
        (&[], &[], 1),
    ] {
        let loaded = load(flags, variables, FILE).unwrap();
        assert_eq!(loaded.settings.max_upload_bytes, expected);
    }
}

#[test]
fn what_is_below_the_data_directory_follows_it() {
    let loaded = load(&[], &[("KEEPSAVE_DATA", "/srv/a")], "data = '/srv/b'").unwrap();
    assert_eq!(loaded.settings.library, Path::new("/srv/a/library"));
    let loaded = load(&[("library", "/roms")], &[], "data = '/srv/b'").unwrap();
    assert_eq!(loaded.settings.library, Path::new("/roms"));
    assert_eq!(loaded.settings.data, Path::new("/srv/b"));
}

#[test]
fn the_file_takes_toml_as_people_write_it() {
    let file = "\
        max_upload_bytes = 1_000\n\
        kiosk_mode = true\n\
        log_level = \"Debug\"\n\
        trusted_proxies = [\"127.0.0.1\", \"10.0.0.0/8\"]\n\
        metrics_readers = 'anyone'\n";
    let settings = load(&[], &[], file).unwrap().settings;
    assert_eq!(settings.max_upload_bytes, 1_000);
    assert!(settings.kiosk_mode);
    assert_eq!(settings.log_level, LogLevel::Debug);
    assert_eq!(settings.metrics_readers, MetricsReaders::Anyone);
    let networks: Vec<String> = settings
        .trusted_proxies
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(networks, ["127.0.0.1/32", "10.0.0.0/8"]);
}

#[test]
fn sizes_may_have_units() {
    for (text, expected) in [
        ("1", 1),
        ("2KiB", 2048),
        ("3 MiB", 3 << 20),
        ("1GiB", 1 << 30),
    ] {
        let loaded = load(&[("max_upload_bytes", text)], &[], "").unwrap();
        assert_eq!(loaded.settings.max_upload_bytes, expected, "{text}");
    }
}

#[test]
fn every_mistake_is_told_with_its_place_and_what_is_expected() {
    insta::assert_snapshot!(
        wrong("# Ours\nmax_uplod_bytes = 1\nlisten = 8080\n\n[retention]\nkeep_last = 3\n"),
        @r"
    keepsave.toml, line 2: there is no setting `max_uplod_bytes`; did you mean `max_upload_bytes`?
    keepsave.toml, line 5: there is no setting `retention`; did you mean `retention_keep_last`?
    keepsave.toml, line 3: `listen` is `8080` but must be an address with a port, such as 0.0.0.0:8080 or [::]:8080
    "
    );
    insta::assert_snapshot!(wrong("quux = 1"), @"keepsave.toml, line 1: there is no setting `quux`");
    insta::assert_snapshot!(
        wrong("[server]\nlisten = \"127.0.0.1:1\""),
        @"keepsave.toml, line 1: there is no setting `server`; settings stand in no section"
    );
    insta::assert_snapshot!(
        wrong("kiosk_mode = 1.5"),
        @"keepsave.toml, line 1: `kiosk_mode` must be true or false"
    );
    let given = load(
        &[("max_upload_bytes", "0")],
        &[
            ("SESSION_MAX_AGE_SECONDS", "-1"),
            ("KEEPSAVE_KIOSK_MODE", "maybe"),
        ],
        "",
    );
    insta::assert_snapshot!(given.unwrap_err(), @r"
    --max-upload-bytes: `max_upload_bytes` is `0` but must be a number of bytes above 0, such as 536870912 or 512MiB
    SESSION_MAX_AGE_SECONDS: `session_max_age_seconds` is `-1` but must be a number of seconds, 1 or more
    KEEPSAVE_KIOSK_MODE: `kiosk_mode` is `maybe` but must be true or false
    ");
}

#[test]
fn a_file_that_is_no_toml_says_where() {
    let message = wrong("kiosk_mode = true\nlisten =\n");
    assert!(
        message.starts_with("keepsave.toml: TOML parse error at line 2"),
        "{message}"
    );
}

#[test]
fn unknown_variables_of_ours_are_warned_about() {
    let given = [
        ("KEEPSAVE_MAX_UPLOAD_BYTE", "1"),
        ("MAX_UPLOAD", "1"),
        ("KEEPSAVE_CONFIG", "x"),
    ];
    assert_eq!(
        load(&[], &given, "").unwrap().warnings,
        [
            "the variable KEEPSAVE_MAX_UPLOAD_BYTE is not known and does nothing; \
          did you mean `KEEPSAVE_MAX_UPLOAD_BYTES`?"
        ]
    );
}

#[test]
fn what_romm_can_do_and_we_cannot_yet_is_warned_about() {
    let given = [
        ("ENABLE_SYNC_PUSH_PULL", "true"),
        ("ENABLE_SYNC_FOLDER_WATCHER", "1"),
    ];
    insta::assert_snapshot!(load(&[], &given, "").unwrap().warnings.join("\n"), @r"
    `enable_sync_push_pull` does nothing: push-pull is not in this version yet
    `enable_sync_folder_watcher` does nothing: the watcher of the sync folder is not in this version yet
    ");
}

#[test]
fn every_default_can_be_written_as_it_is_shown() {
    let defaults = Settings::for_data(Path::new(Settings::DEFAULT_DATA));
    for setting in SETTINGS {
        let shown = setting.show(&defaults);
        let mut settings = defaults.clone();
        assert!(
            setting.set(&mut settings, &shown).is_some(),
            "{} = {shown}",
            setting.name
        );
        assert_eq!(setting.show(&settings), shown, "{}", setting.name);
    }
}

#[test]
fn every_field_is_in_the_table() {
    let defaults = Settings::for_data(Path::new(Settings::DEFAULT_DATA));
    let printed = format!("{defaults:#?}");
    let fields: Vec<&str> = printed
        .lines()
        .filter_map(|line| line.strip_prefix("    ")?.split_once(':'))
        .map(|(name, _)| name)
        .filter(|name| !name.starts_with(' '))
        // Where the others were chosen.
        .filter(|name| *name != "places")
        .collect();
    let table: Vec<&str> = SETTINGS.iter().map(|setting| setting.name).collect();
    assert_eq!(fields, table);
}

#[test]
fn a_secret_is_never_shown() {
    let loaded = load(&[], &[("KEEPSAVE_ADMIN_PASSWORD", "hunter2")], "").unwrap();
    assert_eq!(
        loaded.settings.admin_password.as_ref().unwrap().reveal(),
        "hunter2"
    );
    assert!(!format!("{loaded:?}").contains("hunter2"));
    for setting in SETTINGS.iter().filter(|setting| setting.secret) {
        assert_eq!(setting.show(&loaded.settings), "");
        assert_eq!(setting.flag(), None);
    }
}
