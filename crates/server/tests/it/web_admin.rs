//! The pages of whoever runs the server, and that they are there for nobody else.

use keepsave_core::time::Time;
use keepsave_server::library::Looks;
use keepsave_server::logs::Line;
use keepsave_server::maintenance::restore;
use keepsave_server::maintenance::work::Standing;
use keepsave_testkit::browser::Browser;
use keepsave_testkit::server::TestServer;
use tracing::Level;

use crate::game;
use crate::web::{goes_to, words};

const QUIET: &(dyn Fn(u64, u64) + Sync) = &|_, _| {};

async fn admins(server: &TestServer) -> Browser<'_> {
    Browser::signed_in(server, "admin", "RefAdmin123").await
}

#[tokio::test]
async fn to_others_they_are_not_there() {
    let server = TestServer::start().await;
    let mut bob = Browser::signed_in(&server, "bob", "RefBob12345").await;
    for path in ["", "/users", "/library", "/storage", "/settings", "/log"] {
        let path = format!("/admin{path}");
        assert_eq!(bob.get(&path).await.status, 404, "{path}");
        let nobody = server.nobody().get(&path).await;
        assert!(goes_to(&nobody).starts_with("/login?next="), "{path}");
    }
    for path in [
        "/users",
        "/users/change",
        "/users/password",
        "/library",
        "/storage/thin",
        "/storage/verify",
        "/storage/backup",
    ] {
        let path = format!("/admin{path}");
        let form = [
            ("user", "1"),
            ("enabled", "false"),
            ("password", "taken over"),
        ];
        assert_eq!(bob.submit(&path, &form).await.status, 404, "{path}");
    }
    assert!(!bob.get("/").await.text().contains("/admin"));
    admins(&server).await.get("/api/users/me").await.expect(200);
}

#[tokio::test]
async fn users_are_added_changed_and_brought_back() {
    let server = TestServer::start().await;
    let mut admin = admins(&server).await;
    assert_eq!(goes_to(&admin.get("/admin").await), "/admin/users");
    let form = [
        ("username", "kai"),
        ("password", "a password"),
        ("role", "user"),
    ];
    assert_eq!(
        goes_to(&admin.submit("/admin/users", &form).await),
        "/admin/users"
    );
    assert!(
        admin
            .get("/admin/users")
            .await
            .text()
            .contains("kai was added.")
    );
    let again = admin.submit("/admin/users", &form).await;
    assert_eq!(again.status, 400);
    assert!(words(&again).contains("There is a user of that name already."));

    let kai = server.basic("kai", "a password").get("/api/users/me").await;
    let id = kai.expect(200)["id"].to_string();
    let change = |name, value| [("user", id.as_str()), (name, value)];
    admin
        .submit("/admin/users/change", &change("enabled", "false"))
        .await;
    let kai = || server.basic("kai", "a password");
    assert_eq!(kai().get("/api/users/me").await.status, 401);
    let page = admin.get("/admin/users").await.text();
    assert!(page.contains("kai can no longer sign in."), "{page}");
    assert!(
        page.contains("name=\"enabled\" value=\"true\""),
        "the way back"
    );
    admin
        .submit("/admin/users/change", &change("enabled", "true"))
        .await;
    admin
        .submit("/admin/users/change", &change("role", "admin"))
        .await;
    assert_eq!(
        kai().get("/api/users/me").await.expect(200)["role"],
        "admin"
    );

    admin
        .submit("/admin/users/password", &change("password", "123"))
        .await;
    let page = admin.get("/admin/users").await.text();
    assert!(
        page.contains("A password has at least 6 characters."),
        "{page}"
    );
    kai().get("/api/users/me").await.expect(200);
    admin
        .submit("/admin/users/password", &change("password", "another one"))
        .await;
    assert_eq!(kai().get("/api/users/me").await.status, 401);
    server
        .basic("kai", "another one")
        .get("/api/users/me")
        .await
        .expect(200);
    let unknown = [("user", "4711"), ("enabled", "false")];
    assert_eq!(
        admin.submit("/admin/users/change", &unknown).await.status,
        404
    );
}

#[tokio::test]
async fn someone_always_runs_it() {
    let server = TestServer::start().await;
    let mut admin = admins(&server).await;
    let id = admin.get("/api/users/me").await.expect(200)["id"].to_string();
    let demote = [("user", id.as_str()), ("role", "user")];
    // Nobody changes their own role, so the last admin stays one.
    admin.submit("/admin/users/change", &demote).await;
    let me = admin.get("/api/users/me").await;
    assert_eq!(me.expect(200)["role"], "admin");
}

#[tokio::test]
async fn a_backup_is_downloaded_and_can_be_restored() {
    let server = TestServer::on_disk().await;
    let rom = game::add(&server, "gba", "Game.gba").await;
    let path = format!("/api/saves?rom_id={rom}&slot=autosave");
    let files = [("saveFile", "g.srm", &b"progress"[..])];
    server.admin().upload(&path, &files).await.expect(200);
    let mut admin = admins(&server).await;
    let backup = admin.submit("/admin/storage/backup", &[]).await;
    assert_eq!(backup.status, 200);
    assert_eq!(backup.headers["content-type"], "application/x-tar");
    let name = &backup.headers["content-disposition"];
    assert_eq!(name, "attachment; filename=\"keepsave-2026-11-20.tar\"");

    let outside = tempfile::tempdir().unwrap();
    let file = outside.path().join("keepsave.tar");
    std::fs::write(&file, &backup.bytes).unwrap();
    let restored = restore::restore(&file, &outside.path().join("restored"), QUIET).unwrap();
    assert_eq!((restored.written.contents, restored.written.bytes), (1, 8));
}

#[tokio::test]
async fn what_would_be_removed_is_said_first() {
    let server = TestServer::on_disk_with(|settings| {
        settings.retention_keep_last = 1;
        settings.retention_keep_listed = false;
    });
    let server = server.await;
    let rom = game::add(&server, "gba", "<i>Game.gba").await;
    let path = format!("/api/saves?rom_id={rom}&slot=autosave");
    for content in ["one", "two", "three"] {
        let files = [("saveFile", "g.srm", content.as_bytes())];
        server.admin().upload(&path, &files).await.expect(200);
    }
    let mut admin = admins(&server).await;
    let page = words(&admin.get("/admin/storage").await);
    let sentence = "Would remove 2 versions, 6 bytes; never pins, branches or current saves.";
    assert!(page.contains(sentence), "{page}");
    assert!(page.contains("Remove 2 versions"), "{page}");
    let mut thinning = server.app.works.retention.standing();
    let begun = admin.submit("/admin/storage/thin", &[]).await;
    assert_eq!(goes_to(&begun), "/admin/storage#retention");
    let is_over = |standing: &_| matches!(standing, Standing::Done { .. });
    drop(thinning.wait_for(is_over).await.unwrap());
    let page = words(&admin.get("/admin/storage").await);
    assert!(page.contains("Removed 2 versions, 6 bytes"), "{page}");
    assert!(page.contains("Nothing would be removed now."), "{page}");
}

#[tokio::test]
async fn everything_is_checked_and_what_was_found_is_said() {
    let server = TestServer::on_disk().await;
    let mut admin = admins(&server).await;
    let mut verifying = server.app.works.verify.standing();
    let begun = admin.submit("/admin/storage/verify", &[]).await;
    assert_eq!(goes_to(&begun), "/admin/storage#verify");
    let is_over = |standing: &_| matches!(standing, Standing::Done { .. });
    drop(verifying.wait_for(is_over).await.unwrap());
    let page = words(&admin.get("/admin/storage").await);
    assert!(
        page.contains("All is well, just now\n: 0 contents, 0 bytes."),
        "{page}"
    );
}

#[tokio::test]
async fn settings_say_where_they_were_chosen_and_no_secret() {
    let server = TestServer::with_settings(|settings| {
        settings.kiosk_mode = true;
        settings
            .places
            .insert("kiosk_mode", "keepsave.toml, line 2".to_owned());
        settings
            .places
            .insert("admin_password", "KEEPSAVE_ADMIN_PASSWORD".to_owned());
    });
    let server = server.await;
    let page = words(&admins(&server).await.get("/admin/settings").await);
    let after = |name: &str| {
        let mut lines = page.lines().skip_while(|line| *line != name).skip(1);
        [
            lines.next().unwrap().to_owned(),
            lines.next().unwrap().to_owned(),
        ]
    };
    assert_eq!(after("kiosk_mode"), ["true", "from keepsave.toml, line 2"]);
    assert_eq!(after("max_upload_bytes"), ["536870912", "default"]);
    assert_eq!(
        after("admin_password"),
        ["set, and not shown", "from KEEPSAVE_ADMIN_PASSWORD"]
    );
}

#[tokio::test]
async fn the_log_is_shown_newest_first_and_can_be_narrowed() {
    let server = TestServer::start().await;
    for (level, text) in [
        (Level::INFO, "the library was scanned"),
        (Level::WARN, "<script>a part</script> was left out"),
    ] {
        let (at, text) = (Time::EPOCH, text.to_owned());
        server.app.environment.log.add(Line { at, level, text });
    }
    let mut admin = admins(&server).await;
    let all = admin.get("/admin/log").await;
    assert!(all.text().contains("&lt;script&gt;") || all.text().contains("&#60;script&#62;"));
    let said = words(&all);
    let place = |text: &str| said.find(text).unwrap();
    assert!(place("was left out") < place("the library was scanned"));
    let narrowed = words(&admin.get("/admin/log?only=attention").await);
    assert!(narrowed.contains("was left out"));
    assert!(!narrowed.contains("the library was scanned"));
}

#[tokio::test]
async fn a_scan_is_begun_and_told() {
    let server = TestServer::seeded().await;
    let mut admin = admins(&server).await;
    let mut looks = server.app.library.looks();
    server.clock.advance_millis(60_000);
    let begun = admin.submit("/admin/library", &[]).await;
    assert_eq!(goes_to(&begun), "/admin/library");
    let now = Some(server.app.now());
    let is_over = |looks: &Looks| looks.last == now && !looks.under_way;
    looks.wait_for(is_over).await.unwrap();
    let page = words(&admin.get("/admin/library").await);
    assert!(page.contains("Last scan, just now"), "{page}");
    assert!(
        page.contains("As they were\n6\n") && page.ends_with("Still to be read\n0"),
        "{page}"
    );
}
