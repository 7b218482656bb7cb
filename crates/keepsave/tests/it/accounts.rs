//! Who may sign in: the first user, by code or by configuration, and what the operator does after.

use serde_json::json;

use crate::sandbox;

#[tokio::test]
async fn the_code_on_the_console_is_told_until_there_is_a_user() {
    let sandbox = sandbox();
    let server = sandbox.serve(&[]);
    let setup = server.ready["setup"].clone();
    let code = setup["code"].as_str().unwrap().to_owned();
    let url = setup["url"].as_str().unwrap().to_owned();
    assert_eq!(url, format!("http://{}/setup", server.address()));
    let talk = server.stop();
    let (one, two) = code.split_at(4);
    assert!(
        talk.contains(&format!("Open {url} and type this code:\n  {one}-{two}\n")),
        "{talk}"
    );

    let again = sandbox.serve(&[]);
    let another = again.ready["setup"]["code"].as_str().unwrap();
    assert_ne!(another, code, "a code is good for one run");
    again.stop();

    sandbox
        .run_with(
            &["server", "user", "add", "ada", "--role", "admin"],
            &[],
            "secret1\n",
        )
        .expect(0);
    let server = sandbox.serve(&[]);
    assert_eq!(server.ready["setup"], serde_json::Value::Null);
    assert!(!server.stop().contains("/setup"));
}

#[tokio::test]
async fn variables_make_the_first_user_unattended_and_only_once() {
    let sandbox = sandbox();
    let variables = |password| {
        [
            ("KEEPSAVE_ADMIN_USERNAME", "ada"),
            ("KEEPSAVE_ADMIN_PASSWORD", password),
        ]
    };
    let server = sandbox.serve_with(&[], &variables("secret1"));
    assert_eq!(server.ready["setup"], serde_json::Value::Null);
    let me = server
        .user("ada", "secret1")
        .get("/api/users/me")
        .await
        .expect(200);
    assert_eq!(me["role"], "admin");
    let talk = server.stop();
    assert!(!talk.contains("secret1"), "{talk}");

    let server = sandbox.serve_with(&["-vv"], &variables("another1"));
    server
        .user("ada", "secret1")
        .get("/api/users/me")
        .await
        .expect(200);
    let talk = server.stop();
    assert!(!talk.contains("another1"), "not even at the most talkative");
}

#[test]
fn a_first_user_that_cannot_be_made_stops_the_start() {
    let variables = [
        ("KEEPSAVE_ADMIN_USERNAME", "ada"),
        ("KEEPSAVE_ADMIN_PASSWORD", "x"),
    ];
    let ran = sandbox().run_with(&["server", "--listen", "127.0.0.1:0"], &variables, "");
    assert_eq!(ran.code, Some(4));
    insta::assert_snapshot!(
        ran.stderr,
        @"keepsave: the first user cannot be made: Password must be at least 6 characters long. \
          See admin_username and admin_password."
    );
}

#[tokio::test]
async fn an_operator_adds_lists_and_changes_users_beside_a_running_server() {
    let sandbox = sandbox();
    let server = sandbox.serve(&[]);
    let user = |arguments: &[&str], stdin: &str| {
        sandbox.run_with(&[&["server", "user"], arguments].concat(), &[], stdin)
    };
    assert_eq!(
        user(&["add", "Ada", "--role", "admin"], "secret1\n").expect(0),
        "ada was added.\n"
    );
    let bob = user(
        &["add", "bob", "--email", "bob@example.com", "--json"],
        "secret2",
    )
    .json(0);
    assert_eq!(
        (&bob["role"], &bob["email"]),
        (&json!("user"), &json!("bob@example.com"))
    );
    assert!(bob.get("password_hash").is_none());
    server
        .user("ada", "secret1")
        .get("/api/users/me")
        .await
        .expect(200);

    let list = user(&["list"], "").expect(0);
    let columns = |line: &str| {
        line.split_whitespace()
            .take(4)
            .collect::<Vec<_>>()
            .join(" ")
    };
    let list: Vec<String> = list.lines().map(columns).collect();
    assert_eq!(
        list,
        ["ID NAME ROLE ENABLED", "1 ada admin yes", "2 bob user yes"]
    );

    user(&["disable", "bob"], "").expect(0);
    server
        .user("bob", "secret2")
        .get("/api/users/me")
        .await
        .expect(401);
    user(&["enable", "bob"], "").expect(0);
    user(&["password", "bob"], "secret3\n").expect(0);
    server
        .user("bob", "secret2")
        .get("/api/users/me")
        .await
        .expect(401);
    user(&["role", "bob", "admin"], "").expect(0);
    let me = server
        .user("bob", "secret3")
        .get("/api/users/me")
        .await
        .expect(200);
    assert_eq!(me["role"], "admin");
}

#[test]
fn what_is_wrong_with_a_user_is_said_and_changes_nothing() {
    let sandbox = sandbox();
    let user = |arguments: &[&str], stdin: &str| {
        sandbox.run_with(&[&["server", "user"], arguments].concat(), &[], stdin)
    };
    let no_store = user(&["list"], "");
    assert_eq!(no_store.code, Some(4));
    assert_eq!(
        no_store.stderr,
        "keepsave: there is no store in ./keepsave-data. Start the server once, or name its \
         directory with --data.\n"
    );
    assert!(!sandbox.path().join("keepsave-data").exists());

    sandbox.serve(&[]).stop();
    user(&["add", "ada", "--role", "admin"], "secret1\n").expect(0);
    for (arguments, stdin, code, sentence) in [
        (
            &["add", "ada"][..],
            "secret1",
            1,
            "Username ada already exists",
        ),
        (
            &["add", "b"],
            "secret1",
            1,
            "Username must be at least 3 characters long",
        ),
        (
            &["add", "bob"],
            "x",
            1,
            "Password must be at least 6 characters long",
        ),
        (
            &["add", "bob"],
            "",
            2,
            "no password came on stdin; nothing was changed",
        ),
        (&["disable", "carl"], "", 1, "there is no user `carl`"),
        (
            &["role", "ada", "user"],
            "",
            1,
            "You cannot demote the last admin user",
        ),
    ] {
        let ran = user(arguments, stdin);
        assert_eq!(ran.code, Some(code), "{arguments:?} {}", ran.stderr);
        assert_eq!(ran.stderr, format!("keepsave: {sentence}\n"));
    }
    assert_eq!(
        user(&["list", "--json"], "")
            .json(0)
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test]
async fn an_operator_makes_lists_and_revokes_tokens_beside_a_running_server() {
    let sandbox = sandbox();
    let server = sandbox.serve(&[]);
    sandbox
        .run_with(&["server", "user", "add", "ada"], &[], "secret1\n")
        .expect(0);
    let token = |arguments: &[&str]| sandbox.run(&[&["server", "token"], arguments].concat());

    let made = token(&["create", "ada", "--name", "Deck"]);
    assert_eq!(
        made.stderr,
        "Token 1 of ada. Its secret is shown only now:\n"
    );
    let secret = made.expect(0).trim_end().to_owned();
    server.bearer(&secret).get("/api/saves").await.expect(200);
    let few = [
        "--scopes",
        "me.read,assets.read",
        "--expires",
        "30d",
        "--json",
    ];
    let reader = token(&[&["create", "ada", "--name", "reader"], &few[..]].concat()).json(0);
    assert_eq!(reader["scopes"], json!(["me.read", "assets.read"]));
    let reading = server.bearer(reader["secret"].as_str().unwrap());
    reading.get("/api/saves").await.expect(200);
    reading.get("/api/devices").await.expect(403);

    let beyond = token(&["create", "ada", "--name", "x", "--scopes", "users.write"]);
    assert_eq!(beyond.code, Some(1));
    assert!(
        beyond
            .stderr
            .contains("exceed your permissions: users.write"),
        "{}",
        beyond.stderr
    );
    assert_eq!(
        token(&["create", "ada", "--name", "x", "--scopes", "nope"]).code,
        Some(2)
    );

    let list = token(&["list", "ada", "--json"]).json(0);
    let names: Vec<_> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|token| &token["name"])
        .collect();
    assert_eq!(names, ["reader", "Deck"]);
    assert!(!list.to_string().contains("secret"), "{list}");
    assert_eq!(token(&["list"]).expect(0).lines().count(), 3);

    assert_eq!(token(&["revoke", "1"]).expect(0), "Token 1 was revoked.\n");
    server.bearer(&secret).get("/api/saves").await.expect(401);
    assert_eq!(token(&["revoke", "1"]).code, Some(1));
}
