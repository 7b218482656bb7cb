//! What the operator gets wrong is told before anything is touched.

use crate::sandbox;

#[test]
fn mistakes_in_the_file_are_told_with_line_and_nearest_name() {
    let sandbox = sandbox();
    std::fs::write(
        sandbox.path().join("keepsave.toml"),
        "libary = \"/games\"\nkiosk_mode = \"perhaps\"\n",
    )
    .unwrap();
    let ran = sandbox.run(&["server", "--config", "keepsave.toml"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""));
    insta::assert_snapshot!(ran.stderr, @r"
    keepsave: keepsave.toml, line 1: there is no setting `libary`; did you mean `library`?
    keepsave: keepsave.toml, line 2: `kiosk_mode` is `perhaps` but must be true or false
    ");
    assert!(!sandbox.path().join("keepsave-data").exists());
}

#[test]
fn a_file_that_is_not_there_is_told() {
    let ran = sandbox().run_with(&["server"], &[("KEEPSAVE_CONFIG", "gone.toml")], "");
    assert_eq!(ran.code, Some(2));
    insta::assert_snapshot!(
        ran.stderr,
        @"keepsave: the settings cannot be read from gone.toml: No such file or directory (os error 2). Name their file with --config or KEEPSAVE_CONFIG, or none: the server needs none."
    );
}

#[test]
fn unknown_variables_are_warned_about_and_the_server_starts() {
    let sandbox = sandbox();
    let server = sandbox.serve_with(
        &[],
        &[
            ("KEEPSAVE_KIOSKMODE", "true"),
            ("ENABLE_SYNC_PUSH_PULL", "true"),
        ],
    );
    let talk = server.stop();
    assert!(
        talk.contains("did you mean `KEEPSAVE_KIOSK_MODE`?"),
        "{talk}"
    );
    assert!(
        talk.contains("push-pull is not in this version yet"),
        "{talk}"
    );
}

#[test]
fn without_a_command_the_help_is_shown() {
    let ran = sandbox().run(&[]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("Usage: keepsave"), "{}", ran.stderr);
}

#[test]
fn every_shell_has_completions() {
    for shell in ["bash", "zsh", "fish"] {
        let script = sandbox().run(&["completions", shell]).expect(0);
        assert!(script.contains("keepsave"), "{shell}");
    }
}
