//! Starting and stopping.

use rustix::process::Signal;

use crate::sandbox;

#[tokio::test]
async fn it_starts_without_configuration_and_says_where_to_go() {
    let sandbox = sandbox();
    let server = sandbox.serve(&[]);
    let url = server.ready["listening"].as_str().unwrap().to_owned();
    let heartbeat = server.nobody().get("/api/heartbeat").await;
    assert!(heartbeat.headers.contains_key("date"));
    heartbeat.expect(200);
    let talk = server.stop();
    assert!(talk.contains(&url), "{talk}");
    assert!(sandbox.path().join("keepsave-data/keepsave.db").exists());
}

#[test]
fn logs_for_programs_are_json_from_the_first_line_to_the_last() {
    let sandbox = sandbox();
    let talk = sandbox.serve(&["--log-format", "json"]).stop();
    for line in talk.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(line["message"].is_string(), "{line}");
    }
}

#[test]
fn either_signal_stops_it_well() {
    let sandbox = sandbox();
    for signal in [Signal::TERM, Signal::INT] {
        let mut server = sandbox.serve(&[]);
        server.signal(signal);
        let (status, talk) = server.wait();
        assert!(status.success(), "{talk}");
    }
}

#[test]
fn a_second_server_on_the_same_data_is_refused_by_name() {
    let sandbox = sandbox();
    let first = sandbox.serve(&[]);
    let second = sandbox.run(&["server", "--listen", "127.0.0.1:0"]);
    assert_eq!(second.code, Some(4));
    assert_eq!(
        second.stderr,
        format!(
            "keepsave: ./keepsave-data is in use by another Keepsave server (process {}). Stop that \
             one, or choose another directory with --data.\n",
            first.pid()
        )
    );
    first.kill();
    // However it ended, its claim is gone.
    sandbox.serve(&[]).stop();
}

#[test]
fn a_port_that_is_taken_says_what_to_do() {
    let sandbox = sandbox();
    let first = sandbox.serve(&[]);
    let ran = sandbox.run(&["server", "--data", "other", "--listen", first.address()]);
    assert_eq!(ran.code, Some(4));
    assert!(
        ran.stderr
            .contains("Stop the program that listens there, or choose another port: --listen"),
        "{}",
        ran.stderr
    );
    assert!(!sandbox.path().join("other").exists());
}

#[test]
fn a_library_that_is_a_file_is_refused_and_one_that_is_not_there_is_told() {
    let sandbox = sandbox();
    let named = ["server", "--listen", "127.0.0.1:0", "--library", "games"];
    std::fs::write(sandbox.path().join("games"), "no directory").unwrap();
    let ran = sandbox.run(&named);
    assert_eq!(ran.code, Some(4));
    let sentence = "keepsave: the library games is a file. Name the directory that holds your \
                    games with --library.\n";
    assert_eq!(ran.stderr, sentence);
    assert!(!sandbox.path().join("keepsave-data").exists());

    std::fs::remove_file(sandbox.path().join("games")).unwrap();
    let talk = sandbox.serve(&named[3..]).stop();
    assert!(talk.contains("the library games is not there"), "{talk}");
}

#[test]
fn a_data_directory_that_cannot_be_used_says_what_to_do() {
    let sandbox = sandbox();
    std::fs::write(sandbox.path().join("data"), "no directory").unwrap();
    let ran = sandbox.run(&["server", "--listen", "127.0.0.1:0", "--data", "data"]);
    assert_eq!(ran.code, Some(4));
    let advice = "Choose another with --data, or make it writable.\n";
    assert!(ran.stderr.ends_with(advice), "{}", ran.stderr);
    assert!(
        ran.stderr
            .contains("the data directory data cannot be used")
    );
}

#[test]
fn only_its_owner_can_read_the_database() {
    use std::os::unix::fs::PermissionsExt;
    let sandbox = sandbox();
    let server = sandbox.serve(&[]);
    for name in ["keepsave.db", "keepsave.db-wal"] {
        let file = sandbox.path().join("keepsave-data").join(name);
        let mode = std::fs::metadata(file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    server.stop();
}
