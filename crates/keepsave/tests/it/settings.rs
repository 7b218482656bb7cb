//! `keepsave settings`: what is chosen counts, is told, and survives mistakes.

use keepsave_testkit::binary::Ran;

use crate::machine::Machine;

const FILE: &str = ".config/keepsave/settings.toml";

fn set(machine: &Machine, name: &str, words: &[&str]) -> Ran {
    machine.run(&[&["settings", "set", name], words].concat())
}

#[test]
fn a_choice_counts_from_then_on_and_can_be_taken_back() {
    let machine = Machine::new();
    assert_eq!(
        machine.run(&["settings", "get", "default_slot"]).expect(0),
        "autosave\n"
    );
    set(&machine, "default_slot", &["default"]).expect(0);
    set(
        &machine,
        "added_folders",
        &["/media/card/gba", "/media/card/snes"],
    )
    .expect(0);
    assert_eq!(
        machine.run(&["settings", "get", "default_slot"]).expect(0),
        "default\n"
    );
    insta::assert_snapshot!(machine.run(&["settings", "list"]).expect(0), @r"
    SETTING                      VALUE                              BY
    save_sync_enabled            true                               default
    sync_before_launch           true                               default
    sync_after_exit              true                               default
    default_slot                 default                            chosen
    autocleanup_limit            10                                 default
    device_name                  -                                  default
    ask_on_first_difference      false                              default
    sync_states                  false                              default
    launch_budget_seconds        15                                 default
    watch_ask_seconds            60                                 default
    added_folders                /media/card/gba, /media/card/snes  chosen
    journal_newest_of_each_file  10                                 default
    journal_mebibytes            1024                               default
    ");
    let told = set(&machine, "default_slot", &["--default", "--json"]).json(0);
    assert_eq!(
        (&told["value"], &told["chosen"]),
        (&"autosave".into(), &false.into())
    );
    let file = std::fs::read_to_string(machine.path(FILE)).unwrap();
    assert_eq!(
        file,
        "added_folders = [\"/media/card/gba\", \"/media/card/snes\"]\n"
    );
    let all = machine.run(&["settings", "list", "--json"]).json(0);
    assert_eq!(all.as_array().unwrap().len(), 13);
    assert_eq!(
        all[10]["value"],
        serde_json::json!(["/media/card/gba", "/media/card/snes"])
    );
}

#[test]
fn mistakes_are_told_and_change_nothing() {
    let machine = Machine::new();
    for (arguments, told) in [
        (
            &["set", "sync_state", "on"][..],
            "keepsave: there is no setting `sync_state`; did you mean `sync_states`?\nkeepsave: `keepsave settings list` shows all\n",
        ),
        (
            &["get", "sync-states"],
            "keepsave: there is no setting `sync-states`; did you mean `sync_states`?\nkeepsave: `keepsave settings list` shows all\n",
        ),
        (
            &["set", "sync_states", "perhaps"],
            "keepsave: `sync_states` must be true or false. No setting was changed\n",
        ),
        (
            &["set", "launch_budget_seconds", "-1"],
            "keepsave: `launch_budget_seconds` must be a number from 0 to 600. No setting was changed\n",
        ),
    ] {
        let ran = machine.run(&[&["settings"], arguments].concat());
        assert_eq!(
            (ran.code, ran.stderr.as_str(), ran.stdout.as_str()),
            (Some(2), told, "")
        );
    }
    assert_eq!(
        machine.run(&["settings", "set", "sync_states"]).code,
        Some(2)
    );
    assert!(!machine.path(FILE).exists());
}

#[test]
fn another_file_can_be_named_and_must_be_there_to_be_read() {
    let machine = Machine::new();
    let named = ["settings", "get", "sync_states", "--config", "mine.toml"];
    let missing = machine.run(&named);
    assert_eq!(missing.code, Some(2));
    assert!(
        missing.stderr.contains("mine.toml: there is no such file"),
        "{}",
        missing.stderr
    );
    let on = [
        "settings",
        "set",
        "sync_states",
        "on",
        "--config",
        "mine.toml",
    ];
    machine.run(&on).expect(0);
    assert_eq!(machine.run(&named).expect(0), "true\n");
    let by_variable = ["settings", "get", "sync_states"];
    let ran = machine.run_with(&by_variable, &[("KEEPSAVE_CONFIG", "mine.toml")], "");
    assert_eq!(ran.expect(0), "true\n");
    assert_eq!(machine.run(&by_variable).expect(0), "false\n");
}

#[test]
fn a_file_that_cannot_be_read_is_told_and_kept() {
    let machine = Machine::new();
    std::fs::create_dir_all(machine.path(".config/keepsave")).unwrap();
    std::fs::write(
        machine.path(FILE),
        "sync_states = true\ndevice_name = \"Deck\n",
    )
    .unwrap();
    let ran = machine.run(&["settings", "list"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""));
    assert!(
        ran.stderr.contains("settings.toml, line 2: "),
        "{}",
        ran.stderr
    );
    let ran = set(&machine, "sync_states", &["off"]);
    assert!(ran.stderr.contains("is kept as"), "{}", ran.stderr);
    assert_eq!(ran.code, Some(0));
    assert_eq!(
        std::fs::read_to_string(machine.path(FILE)).unwrap(),
        "sync_states = false\n"
    );
    let kept = std::fs::read_dir(machine.path(".config/keepsave")).unwrap();
    let kept = kept.map(|entry| entry.unwrap().path());
    let kept: Vec<_> = kept
        .filter(|path| path.to_string_lossy().contains(".damaged-"))
        .collect();
    let text = std::fs::read_to_string(&kept[0]).unwrap();
    assert_eq!(
        (kept.len(), text.as_str()),
        (1, "sync_states = true\ndevice_name = \"Deck\n")
    );
}

#[test]
fn every_setting_is_explained() {
    let help = Machine::new().run(&["settings", "--help"]).expect(0);
    for setting in Machine::new()
        .run(&["settings", "list", "--json"])
        .json(0)
        .as_array()
        .unwrap()
    {
        let name = setting["name"].as_str().unwrap();
        assert!(help.contains(&format!("\n  {name}\n")), "{name}");
        let meaning = setting["meaning"].as_str().unwrap();
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words(&help).contains(&words(meaning)), "{meaning}");
    }
}
