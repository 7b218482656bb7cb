//! What an admin begins and looks at while it goes on.

use std::io::{self, Write};

use keepsave_server::app::App;
use keepsave_server::library;
use keepsave_server::maintenance::backup::NotBackedUp;
use keepsave_server::maintenance::work::{self, Standing};
use keepsave_server::maintenance::{backup, restore};
use keepsave_testkit::server::TestServer;

use crate::game;
use crate::library_shelf::Shelf;

const QUIET: &(dyn Fn(u64, u64) + Sync) = &|_, _| {};

async fn with_saves(contents: &[&str]) -> TestServer {
    let server = TestServer::on_disk().await;
    let rom = game::add(&server, "gba", "Game.gba").await;
    let path = format!("/api/saves?rom_id={rom}&slot=autosave");
    for content in contents {
        let files = [("saveFile", "g.srm", content.as_bytes())];
        server.admin().upload(&path, &files).await.expect(200);
    }
    server
}

async fn ended<T: Send + Sync + 'static>(work: &work::Work<T>) -> Standing<T> {
    let mut standing = work.standing();
    let is_over = |standing: &Standing<T>| {
        matches!(standing, Standing::Done { .. } | Standing::Failed { .. })
    };
    standing.wait_for(is_over).await.unwrap().clone()
}

#[tokio::test]
async fn verifying_goes_on_by_itself_and_what_it_found_is_remembered() {
    let server = with_saves(&["one", "two"]).await;
    let works = &server.app.works;
    assert!(matches!(
        *works.verify.standing().borrow(),
        Standing::NotBegun
    ));
    work::begin_verifying(&server.app);
    assert!(matches!(
        *works.verify.standing().borrow(),
        Standing::UnderWay { .. }
    ));
    // Whoever begins it again meanwhile looks at the same.
    work::begin_verifying(&server.app);
    let Standing::Done { at, found } = ended(&works.verify).await else {
        panic!("it failed");
    };
    assert_eq!(at, server.app.now());
    assert_eq!((found.contents, found.findings.len()), (2, 0));
}

#[tokio::test]
async fn thinning_out_is_remembered_with_what_it_gave_up() {
    let server = with_saves(&["one", "two", "three"]).await;
    let mut settings = server.app.settings.clone();
    settings.retention_keep_last = 1;
    settings.retention_keep_listed = false;
    let (vault, environment) = (server.app.vault.clone(), server.app.environment.clone());
    let app = App::with(settings, vault, environment);
    work::begin_thinning_out(&app);
    let Standing::Done { found, .. } = ended(&app.works.retention).await else {
        panic!("it failed");
    };
    let given_up: usize = found.iter().map(|thinned| thinned.given_up.len()).sum();
    assert_eq!(given_up, 2);
}

#[tokio::test]
async fn work_that_cannot_be_done_does_not_seem_to_go_on() {
    let server = with_saves(&["one"]).await;
    std::fs::remove_dir_all(server.data().join("blobs")).unwrap();
    std::fs::write(server.data().join("blobs"), "").unwrap();
    work::begin_verifying(&server.app);
    let standing = ended(&server.app.works.verify).await;
    assert!(matches!(standing, Standing::Failed { .. }), "{standing:?}");
}

#[tokio::test]
async fn a_backup_that_is_sent_can_be_restored() {
    let server = with_saves(&["one", "two"]).await;
    let mut sent = Vec::new();
    let written = backup::send(&server.app, &mut sent, QUIET).unwrap();
    assert_eq!((written.contents, written.bytes), (2, 6));

    let outside = tempfile::tempdir().unwrap();
    let file = outside.path().join("keepsave.tar");
    std::fs::write(&file, &sent).unwrap();
    let restored = restore::restore(&file, &outside.path().join("restored"), QUIET).unwrap();
    assert_eq!(restored.written, written);
    let rests = std::fs::read_dir(server.data()).unwrap();
    let rests = rests.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let rests: Vec<_> = rests.filter(|name| name.contains("backup")).collect();
    assert_eq!(rests, [""; 0], "the copy of the database is gone");
}

/// Someone who goes away in the middle.
struct Gone;

impl Write for Gone {
    fn write(&mut self, _bytes: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_backup_ends_when_no_one_takes_it() {
    let server = with_saves(&["one"]).await;
    let stopped = backup::send(&server.app, Gone, QUIET).unwrap_err();
    assert!(matches!(stopped, NotBackedUp::Unwritable(_)), "{stopped}");
}

#[tokio::test]
async fn a_scan_that_is_begun_goes_on_by_itself_and_ends() {
    let shelf = Shelf::empty().await;
    let app = &shelf.server.app;
    let mut looks = app.library.looks();
    assert_eq!(looks.borrow().last, None);
    shelf.put("roms/gba/Game.gba");
    library::begin_scan(app);
    let ended = looks.wait_for(|looks| looks.last.is_some() && !looks.under_way);
    assert_eq!(ended.await.unwrap().last, Some(app.now()));
    assert_eq!(app.library.reports().borrow().added, 1);
    library::hash_pending(app).await.unwrap();
    assert_eq!(app.library.reports().borrow().unhashed, 0);
    assert_eq!(app.library.looks().borrow().reading, None);
}
