//! `login`, `logout` and `whoami`, against a stand-in for RomM and against a real Keepsave.

use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt as _;

use keepsave_testkit::faults::{Fault, Proxy, Rule};
use keepsave_testkit::romm::{Release, StandIn};
use serde_json::{Value, json};

use crate::machine::{CREDENTIALS, Machine, ended};
use crate::sandbox;

fn romm(release: Release) -> (StandIn, i64) {
    let romm = StandIn::start(release);
    romm.quirks(|quirks| quirks.poll_interval_seconds = 0);
    let ada = romm.user("ada", "sesame");
    (romm, ada)
}

/// Waits until a device asks to be let in, and gives its code.
fn code_of(romm: &StandIn) -> String {
    romm.until(|_| !romm.user_codes().is_empty());
    romm.user_codes().remove(0)
}

#[test]
fn a_code_that_a_person_approves_signs_in_and_makes_the_device() {
    let (romm, ada) = romm(Release::V5_1);
    let machine = Machine::new();
    let login = machine.start(&["login", &romm.url(), "--name", "the deck", "--json"]);
    let code = code_of(&romm);
    let device = romm.approve(&code, ada);
    let (exit, told, talk) = ended(login);
    assert_eq!(exit, Some(0), "{talk}");
    assert_eq!(told["device_id"], device);
    assert_eq!(told["user"], json!({ "id": ada, "name": "ada" }));
    let page = format!("{}/pair/device", romm.url());
    assert!(
        talk.contains(&format!("open {page} and approve the code {code}")),
        "{talk}"
    );
    assert!(
        talk.contains(&format!("or open {page}?user_code={code}")),
        "{talk}"
    );
    assert!(talk.contains("use your own"), "{talk}");
    let mode = machine
        .path(CREDENTIALS)
        .metadata()
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);

    let who = machine.run(&["whoami", "--json"]).json(0);
    assert_eq!(who["device"], json!({ "id": device, "name": "the deck" }));
    assert_eq!(who["server"]["name"], "RomM 5.1.0");
    assert_eq!(who["server"]["speaks"], "negotiates");
    assert_eq!(who["user"]["name"], "ada");
    assert!(
        who["scopes"]
            .as_array()
            .unwrap()
            .contains(&json!("assets.write"))
    );
    assert_eq!(romm.devices(ada), [device], "no second one is made");

    // Signed in again, it is the same device.
    let login = machine.start(&["login", &romm.url(), "--json"]);
    let again = romm.approve(&code_of(&romm), ada);
    assert_eq!(ended(login).1["device_id"], again);
    assert_eq!(romm.devices(ada), [again]);

    let out = machine.run(&["logout", "--json"]).json(0);
    assert_eq!(out, json!({ "url": romm.url(), "revoked": true }));
    assert_eq!(
        romm.tokens(ada),
        0,
        "all that were this machine's are revoked"
    );
    assert!(!machine.credentials().contains("rmm_"));
    let told = machine.run(&["whoami"]);
    assert_eq!((told.code, told.stdout.as_str()), (Some(3), ""));
    assert!(
        told.stderr.contains("keepsave login URL"),
        "{}",
        told.stderr
    );
}

#[test]
fn a_code_that_is_refused_or_not_approved_in_time_changes_nothing() {
    let (romm, _) = romm(Release::V5_1);
    for (decide, said) in [
        (StandIn::deny as fn(&StandIn, &str), "refused"),
        (StandIn::expire, "in time"),
    ] {
        let machine = Machine::new();
        let login = machine.start(&["login", &romm.url()]);
        decide(&romm, &code_of(&romm));
        let (exit, _, talk) = ended(login);
        assert_eq!(exit, Some(3), "{talk}");
        assert!(talk.contains(said), "{talk}");
        assert_eq!(machine.credentials(), "");
    }
}

#[test]
fn a_server_without_codes_says_what_else_there_is() {
    for release in [Release::V4_8_1, Release::V4_9] {
        let (romm, _) = romm(release);
        let told = Machine::new().run(&["login", &romm.url()]);
        assert_eq!(told.code, Some(2), "{}", told.stderr);
        assert!(told.stderr.contains("--username"), "{}", told.stderr);
    }
}

#[test]
fn a_pairing_code_signs_in_once() {
    let (romm, ada) = romm(Release::V4_9);
    let code = romm.pairing_code(ada);
    let machine = Machine::new();
    let typed = format!("{}-{}", &code[..4], &code[4..]).to_lowercase();
    machine
        .run(&["login", &romm.url(), "--code", &typed])
        .expect(0);
    let who = machine.run(&["whoami", "--json"]).json(0);
    assert_eq!(who["user"]["name"], "ada");
    assert_eq!(who["device"], Value::Null);

    let other = Machine::new();
    let told = other.run(&["login", &romm.url(), "--code", &code]);
    assert_eq!(told.code, Some(3), "{}", told.stderr);
    assert!(told.stderr.contains("works once"), "{}", told.stderr);
    assert_eq!(other.credentials(), "");

    machine.run(&["logout"]).expect(0);
    assert_eq!(romm.tokens(ada), 0);
}

#[test]
fn a_token_signs_in_from_wherever_it_comes() {
    let (romm, ada) = romm(Release::V4_9);
    let token = romm.token(ada, None);
    let machine = Machine::new();
    let file = machine.path("token.txt");
    std::fs::write(&file, format!("{token}\n")).unwrap();
    let url = romm.url();
    for (how, stdin) in [
        (["--token", &token], ""),
        (["--token-file", file.to_str().unwrap()], ""),
        (["--token-file", "-"], token.as_str()),
    ] {
        let machine = Machine::new();
        let arguments = [&["login", &url], &how[..]].concat();
        let login = machine.run_with(&arguments, &[], stdin);
        let advice = "Saves belong to this account: use your own";
        assert!(login.stderr.contains(advice), "{}", login.stderr);
        login.expect(0);
        machine.run(&["whoami"]).expect(0);
        // A person made it, so it is theirs to revoke.
        let out = machine.run(&["logout"]);
        assert!(out.stderr.contains("until you revoke it"), "{}", out.stderr);
        out.expect(0);
    }
    assert_eq!(romm.tokens(ada), 1);
    for (arguments, stdin, exit) in [
        (["login", &url, "--token", "rmm_wrong"], "", 3),
        (["login", &url, "--token-file", "-"], "", 2),
        (["login", &url, "--token-file", "none.txt"], "", 2),
    ] {
        let machine = Machine::new();
        let told = machine.run_with(&arguments, &[], stdin);
        assert_eq!(told.code, Some(exit), "{}", told.stderr);
        assert_eq!(machine.credentials(), "");
    }
}

#[test]
fn a_password_makes_a_token_and_is_forgotten() {
    let (romm, ada) = romm(Release::V4_8_1);
    let before = romm.token(ada, None);
    let machine = Machine::new();
    let arguments = ["login", &romm.url(), "--username", "ada", "--json"];
    let told = machine.run_with(&arguments, &[], "sesame\n").json(0);
    assert_eq!(told["user"]["name"], "ada");
    assert_eq!(romm.tokens(ada), 2, "one more, and none is gone");
    let saved = machine.credentials();
    assert!(saved.contains("rmm_") && !saved.contains("sesame"));
    machine.run(&["logout"]).expect(0);
    assert_eq!(romm.tokens(ada), 1);
    let whose = machine.run_with(
        &[
            "whoami",
            "--json",
            "--url",
            &romm.url(),
            "--token-file",
            "-",
        ],
        &[],
        &before,
    );
    assert_eq!(whose.json(0)["user"]["name"], "ada");

    let file = machine.path("password");
    std::fs::write(&file, "wrong").unwrap();
    let file = file.to_str().unwrap().to_owned();
    let arguments = [&arguments[..4], &["--password-file", &file]].concat();
    let told = machine.run(&arguments);
    assert_eq!(told.code, Some(3), "{}", told.stderr);
    assert!(
        told.stderr.contains("does not know that name"),
        "{}",
        told.stderr
    );
}

#[test]
fn who_names_the_machine_makes_it_a_device_however_they_sign_in() {
    let (romm, ada) = romm(Release::V5_1);
    let machine = Machine::new();
    let token = romm.token(ada, None);
    let with_token = ["login", &romm.url(), "--token", &token, "--json"];
    let told = machine.run(&with_token);
    assert!(
        told.stderr.contains("with its first `keepsave sync`"),
        "{}",
        told.stderr
    );
    assert_eq!(told.json(0)["device_id"], Value::Null);
    let told = machine.run(&[&with_token[..], &["--name", "Deck"]].concat());
    assert!(told.stderr.contains("the device `Deck`"), "{}", told.stderr);
    let device = told.json(0)["device_id"].clone();
    let listed = machine.run(&["sync", "device", "list", "--json"]).json(0);
    let listed = listed.to_string();
    assert!(listed.contains("Deck") && listed.contains(device.as_str().unwrap()));
}

#[test]
fn variables_count_before_the_file_and_ours_before_romm_clis() {
    let (romm, ada) = romm(Release::V5_1);
    let (other, bob) = (StandIn::start(Release::V5_1), "bob");
    let token = other.token(other.user(bob, "open"), None);
    let machine = Machine::signed_in(&romm.url(), &romm.token(ada, None));
    let (ours, theirs) = (other.url(), romm.url());
    let who = |variables: &[(&str, &str)]| {
        let who = machine
            .run_with(&["whoami", "--json"], variables, "")
            .json(0);
        who["user"]["name"].as_str().unwrap().to_owned()
    };
    let password = [
        ("API_BASE_URL", ours.as_str()),
        ("API_USERNAME", bob),
        ("API_PASSWORD", "open"),
    ];
    assert_eq!(who(&[]), "ada");
    assert_eq!(who(&password), "bob");
    let both = [&password[..], &[("KEEPSAVE_URL", theirs.as_str())]].concat();
    assert_eq!(who(&both), "ada", "the file's account for that server");
    assert_eq!(
        who(&[("KEEPSAVE_URL", &ours), ("KEEPSAVE_TOKEN", &token)]),
        "bob"
    );
}

/// What was signed in to one server is shown to no other.
#[test]
fn a_token_is_not_shown_to_another_server() {
    let (romm, ada) = romm(Release::V5_1);
    let other = StandIn::start(Release::V5_1);
    let token = romm.token(ada, None);
    let machine = Machine::signed_in(&romm.url(), &token);
    let url = other.url();
    let variables: [&[(&str, &str)]; 3] = [
        &[],
        &[("KEEPSAVE_TOKEN", &token), ("KEEPSAVE_URL", &romm.url())],
        &[("API_TOKEN", &token), ("API_BASE_URL", &romm.url())],
    ];
    for variables in variables {
        let told = machine.run_with(&["whoami", "--url", &url], variables, "");
        assert_eq!(told.code, Some(3), "{}", told.stderr);
        assert!(
            told.stderr.contains(&format!("keepsave login {url}")),
            "{}",
            told.stderr
        );
    }
    let alone = machine.run_with(&["whoami"], &[("KEEPSAVE_TOKEN", &token)], "");
    assert_eq!(alone.code, Some(3), "{}", alone.stderr);
    assert_eq!(other.log().len(), 0);
}

#[test]
fn credentials_that_cannot_be_read_are_not_written_over() {
    let (romm, ada) = romm(Release::V5_1);
    let token = romm.token(ada, None);
    let machine = Machine::signed_in(&romm.url(), &token);
    let file = machine.path(CREDENTIALS);
    std::fs::write(&file, "{ my notes").unwrap();
    let url = romm.url();
    for arguments in [
        &["login", &url, "--token", &token][..],
        &["whoami"],
        &["logout"],
    ] {
        let told = machine.run(arguments);
        assert_eq!(told.code, Some(3), "{}", told.stderr);
        assert!(told.stderr.contains("left as it is"), "{}", told.stderr);
        assert_eq!(machine.credentials(), "{ my notes");
    }
}

#[test]
fn credentials_that_others_can_read_are_tightened() {
    let (romm, ada) = romm(Release::V5_1);
    let machine = Machine::signed_in(&romm.url(), &romm.token(ada, None));
    let file = machine.path(CREDENTIALS);
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    let told = machine.run(&["whoami"]);
    assert!(
        told.stderr.contains("others could read it"),
        "{}",
        told.stderr
    );
    assert_eq!(told.code, Some(0));
    let mode = file.metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_version_that_cannot_be_synced_with_is_named() {
    let (romm, ada) = romm(Release::V5_1);
    let machine = Machine::signed_in(&romm.url(), &romm.token(ada, None));
    for (version, found) in [
        (json!("4.8.0"), json!("4.8.0")),
        (json!("4.8.1-beta.2"), json!("4.8.1-beta.2")),
        (json!("nightly"), json!("nightly")),
        (json!(null), json!(null)),
    ] {
        romm.say_version(version);
        let told = machine.run(&["whoami", "--json"]);
        assert!(
            told.stderr.contains("RomM 4.8.1 or newer is needed"),
            "{}",
            told.stderr
        );
        let told = told.json(4);
        assert_eq!(told["error"], "version_error");
        assert_eq!((&told["found"], &told["needed"]), (&found, &json!("4.8.1")));
    }
    romm.say_version("development");
    let told = machine.run(&["whoami", "--json"]);
    assert!(told.stderr.contains("from a checkout"), "{}", told.stderr);
    assert_eq!(told.json(0)["server"]["speaks"], "negotiates");
    romm.say_version("4.9.0-alpha.1");
    let who = machine.run(&["whoami", "--json"]).json(0);
    assert_eq!(who["server"]["speaks"], "lists");
}

#[test]
fn a_silent_or_absent_server_ends_the_command() {
    let (romm, ada) = romm(Release::V5_1);
    let proxy = Proxy::before(romm.address());
    let machine = Machine::new();
    let code = romm.pairing_code(ada);
    machine
        .run(&["login", &proxy.url(), "--code", &code])
        .expect(0);
    proxy.fault(
        Rule::on("GET", "/api/heartbeat").always(),
        Fault::StallBeforeRequest,
    );
    let quick = [("KEEPSAVE_STALL_SECONDS", "0.2")];
    let told = machine.run_with(&["whoami"], &quick, "");
    assert_eq!(told.code, Some(4), "{}", told.stderr);
    assert!(
        told.stderr.contains("GET /api/heartbeat"),
        "{}",
        told.stderr
    );
    let url = proxy.url();
    drop(proxy);
    let told = machine.run(&["whoami"]);
    assert_eq!(told.code, Some(4), "{}", told.stderr);
    assert!(told.stderr.contains(&url), "{}", told.stderr);
    // It is forgotten here even when the server cannot be told.
    let out = machine.run(&["logout"]);
    assert_eq!(out.code, Some(1), "{}", out.stderr);
    assert!(!machine.credentials().contains("rmm_"));
}

#[test]
fn wrong_usage_is_told_apart() {
    let machine = Machine::new();
    for arguments in [
        &["login"][..],
        &["login", "nas:8080"],
        &["login", "http://nas", "--code", "A", "--token", "B"],
        &["login", "http://nas", "--password-file", "-"],
        &["whoami", "--what"],
    ] {
        let told = machine.run(arguments);
        assert_eq!(told.code, Some(2), "{arguments:?}: {}", told.stderr);
    }
    let wrong = [("KEEPSAVE_URL", "nas"), ("KEEPSAVE_TOKEN", "x")];
    assert_eq!(machine.run_with(&["whoami"], &wrong, "").code, Some(3));
    let wrong = [("KEEPSAVE_STALL_SECONDS", "soon"), ("HOME", "/")];
    let told = machine.run_with(
        &["whoami", "--url", "http://nas", "--token-file", "-"],
        &wrong,
        "x",
    );
    assert_eq!(told.code, Some(3), "{}", told.stderr);
    assert!(
        told.stderr.contains("KEEPSAVE_STALL_SECONDS"),
        "{}",
        told.stderr
    );
}

#[tokio::test]
async fn a_keepsave_lets_a_device_in() {
    let sandbox = sandbox();
    let server = sandbox.serve(&[]);
    let add = ["server", "user", "add", "ada", "--role", "admin"];
    sandbox.run_with(&add, &[], "sesame12\n").expect(0);
    let url = server.ready["listening"].as_str().unwrap();
    let machine = Machine::new();
    let mut login = machine.start(&["login", url, "--json"]);
    let mut talk = BufReader::new(login.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("approve the code") {
        line.clear();
        assert_ne!(talk.read_line(&mut line).unwrap(), 0);
    }
    let code = line.split_whitespace().next_back().unwrap();
    let ada = server.user("ada", "sesame12");
    let pending = ada
        .get(&format!("/api/auth/device/pending/{code}"))
        .await
        .expect(200);
    let approved = json!({ "user_code": code, "approved_scopes": pending["allowed_scopes"] });
    let approved = ada
        .post("/api/auth/device/approve", &approved)
        .await
        .expect(200);
    std::io::copy(&mut talk, &mut std::io::sink()).unwrap();
    let (exit, told, _) = ended(login);
    assert_eq!(
        (exit, &told["device_id"]),
        (Some(0), &approved["device_id"])
    );
    let who = machine.run(&["whoami", "--json"]).json(0);
    assert_eq!(who["server"]["speaks"], "lineage");
    assert_eq!(who["device"]["id"], approved["device_id"]);
    let tokens = ada.get("/api/client-tokens").await.expect(200);
    assert_eq!(tokens.as_array().unwrap().len(), 1);
    machine.run(&["logout"]).expect(0);
    let tokens = ada.get("/api/client-tokens").await.expect(200);
    assert_eq!(tokens, json!([]));
    server.stop();
}
