//! What the server does by itself.

use keepsave_server::bind;
use keepsave_server::jobs;
use keepsave_server::vault::Fault;
use keepsave_testkit::seed_library;
use keepsave_testkit::server::TestServer;
use serde_json::json;

#[tokio::test]
async fn every_job_does_its_work() {
    let server = TestServer::on_disk().await;
    seed_library(&server.data().join("library")).unwrap();
    let form = json!({});
    server.admin().post("/api/login", form).await.expect(200);
    let sessions = || {
        let count = "SELECT COUNT(*) FROM web_sessions";
        let counted = server
            .app
            .vault
            .read(|tx| tx.one(count, bind![], |row| row.get::<i64>()));
        counted.map_err(|fault: Fault| fault).unwrap()
    };

    jobs::run_once(&server.app).await;
    assert_eq!(sessions(), 1, "it has not run out");
    let games = server.admin().get("/api/roms").await.expect(200);
    assert_eq!(games["total"], 6);
    let upload = server
        .admin()
        .upload("/api/saves?rom_id=1&slot=a", &[("saveFile", "g.srm", b"1")]);
    upload.await.expect(200);
    std::fs::remove_dir_all(server.data().join("assets")).unwrap();

    server.clock.advance_millis(15 * 24 * 60 * 60 * 1000);
    jobs::run_once(&server.app).await;
    assert_eq!(sessions(), 0);
    assert!(server.data().join("assets/users").exists());
    let page = server.admin().get("/metrics").await.text();
    for line in [
        r#"keepsave_stored{kind="games"} 6"#,
        r#"keepsave_stored{kind="saves"} 1"#,
        r#"keepsave_stored{kind="users"} 2"#,
        "keepsave_blob_bytes 1",
        "keepsave_library_scanned_timestamp_seconds 1796455710.0",
    ] {
        assert!(page.contains(line), "{line}\n{page}");
    }
}

#[tokio::test]
async fn jobs_end_when_the_server_is_told_to_stop() {
    let server = TestServer::on_disk().await;
    let running = tokio::spawn(jobs::run(server.app.clone()));
    server.app.stopping.begin();
    running.await.unwrap();
}
