//! The asset tree shows what the rows say, and nobody's file is lost for it.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use futures_util::future::join_all;
use keepsave_core::content::Digest;
use keepsave_server::maintenance::tree::reconcile;
use keepsave_server::vault::tree::{TreeStep, follow};
use keepsave_testkit::server::TestServer;
use serde_json::{Value, json};

use crate::game;

/// A server with a save, a state with its picture, and a picture of the gallery.
struct Shelf {
    server: TestServer,
    rom: i64,
    save: Value,
    state: Value,
}

impl Shelf {
    async fn new(server: TestServer) -> Self {
        let rom = game::add(&server, "gba", "Golden Sun (USA).gba").await.0;
        let save = format!("/api/saves?rom_id={rom}&slot=autosave&emulator=mgba");
        let save = server
            .admin()
            .upload(&save, &[("saveFile", "g.srm", b"save")])
            .await;
        let state = format!("/api/states?rom_id={rom}");
        let files: [(&str, &str, &[u8]); 2] = [
            ("stateFile", "g.state", b"state"),
            ("screenshotFile", "g.png", b"picture"),
        ];
        let state = server.admin().upload(&state, &files).await;
        let (save, state) = (save.expect(200), state.expect(200));
        Self {
            server,
            rom,
            save,
            state,
        }
    }

    async fn both() -> [Self; 2] {
        let on_disk = Self::new(TestServer::on_disk().await).await;
        [on_disk, Self::new(TestServer::start().await).await]
    }

    fn file(&self, asset: &Value) -> PathBuf {
        self.server
            .app
            .assets()
            .join(asset["full_path"].as_str().unwrap())
    }

    fn reconciled(&self) -> (u64, u64) {
        let done = reconcile(&self.server.app).unwrap();
        (done.placed, done.withdrawn)
    }

    async fn delete_save(&self) {
        let ids = json!({ "saves": [self.save["id"]] });
        self.server
            .admin()
            .post("/api/saves/delete", ids)
            .await
            .expect(200);
    }
}

fn read(file: &Path) -> String {
    fs::read_to_string(file).unwrap()
}

#[tokio::test]
async fn every_asset_stands_where_romm_has_it() {
    for shelf in Shelf::both().await {
        let rom = shelf.rom;
        let users = shelf.server.app.assets().join("users/557365723a31");
        let tagged = shelf.save["file_name"].as_str().unwrap();
        let expected = [
            (format!("saves/gba/{rom}/mgba/{tagged}"), "save"),
            (format!("states/gba/{rom}/g.state"), "state"),
            (format!("screenshots/gba/{rom}/g.png"), "picture"),
        ];
        for (path, content) in expected {
            let file = users.join(path);
            assert_eq!(read(&file), content);
            let mode = file.metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o444, "nobody writes through it");
            let blob = Digest::of(content.as_bytes()).blob;
            if let Some(blob) = shelf.server.app.vault.blobs().path(&blob) {
                let inode = |file: &Path| file.metadata().unwrap().ino();
                assert_eq!(inode(&file), inode(&blob), "it takes no space");
            }
        }
        assert_eq!(shelf.reconciled(), (0, 0));
    }
}

/// No request waits for the tree, so someone who looks at once may be a moment early.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_tree_catches_up_with_many_uploads_at_once() {
    let shelf = Shelf::new(TestServer::on_disk().await).await;
    let (server, rom) = (&shelf.server, shelf.rom);
    let uploads = join_all((0..32).map(|number| async move {
        let path = format!("/api/saves?rom_id={rom}&slot=slot{}", number % 4);
        let content = format!("content {number}");
        let files = [("saveFile", "g.srm", content.as_bytes())];
        (
            server.admin().upload(&path, &files).await.expect(200),
            content,
        )
    }));
    let uploaded = uploads.await;
    server.app.following.caught_up().await;
    for (save, content) in uploaded {
        assert_eq!(read(&shelf.file(&save)), content);
    }
    assert_eq!(shelf.reconciled(), (0, 0));
}

#[tokio::test]
async fn a_tree_that_is_gone_is_made_again() {
    for shelf in Shelf::both().await {
        fs::remove_dir_all(shelf.server.app.assets()).unwrap();
        assert_eq!(shelf.reconciled(), (3, 0));
        assert_eq!(read(&shelf.file(&shelf.save)), "save");
        assert_eq!(read(&shelf.file(&shelf.state)), "state");
        assert_eq!(read(&shelf.file(&shelf.state["screenshot"])), "picture");
        assert_eq!(shelf.reconciled(), (0, 0));
    }
}

/// Two changes of one file, followed in the wrong order.
#[tokio::test]
async fn what_the_rows_say_by_now_counts_and_not_who_comes_last() {
    for shelf in Shelf::both().await {
        let path = shelf.save["full_path"].as_str().unwrap().to_owned();
        let place = || TreeStep::Place {
            path: path.clone(),
            blob: Digest::of(b"state").blob,
        };
        let withdraw = || TreeStep::Withdraw { path: path.clone() };
        for step in [place(), withdraw()] {
            shelf.server.app.follow(vec![step]);
            assert_eq!(read(&shelf.file(&shelf.save)), "save");
        }
        shelf.delete_save().await;
        for step in [place(), withdraw()] {
            shelf.server.app.follow(vec![step]);
            assert!(!shelf.file(&shelf.save).exists());
        }
    }
}

#[tokio::test]
async fn what_a_row_that_is_hidden_by_now_left_behind_is_withdrawn() {
    for shelf in Shelf::both().await {
        let file = shelf.file(&shelf.save);
        let aside = file.with_file_name("aside");
        fs::rename(&file, &aside).unwrap();
        shelf.delete_save().await;
        fs::rename(&aside, &file).unwrap();
        let beside = file.with_file_name(".keepsave-AbCdEf");
        fs::write(&beside, "half a co").unwrap();
        assert_eq!(shelf.reconciled(), (0, 2));
        assert!(!file.exists() && !beside.exists());
    }
}

#[tokio::test]
async fn what_someone_else_put_there_stays() {
    for shelf in Shelf::both().await {
        let file = shelf.file(&shelf.save);
        let copy = file.with_file_name("my copy.srm");
        fs::copy(&file, &copy).unwrap();
        let notes = file.with_file_name("notes.txt");
        fs::write(&notes, "mine").unwrap();
        let link = file.with_file_name("link.srm");
        symlink("g.srm", &link).unwrap();
        let elsewhere = shelf.server.app.assets().join("resources/cover.png");
        fs::create_dir_all(elsewhere.parent().unwrap()).unwrap();
        fs::write(&elsewhere, "cover").unwrap();

        shelf.delete_save().await;
        assert_eq!(shelf.reconciled(), (0, 0));
        assert!(!file.exists());
        assert_eq!(read(&copy), "save");
        assert_eq!(read(&notes), "mine");
        assert_eq!(read(&elsewhere), "cover");
        assert!(link.is_symlink());
    }
}

/// Someone wrote their own file where a save is shown: perhaps their only copy.
#[tokio::test]
async fn a_file_in_the_place_of_a_save_is_set_aside() {
    for shelf in Shelf::both().await {
        let file = shelf.file(&shelf.save);
        for content in ["edited", "edited again"] {
            fs::remove_file(&file).unwrap();
            fs::write(&file, content).unwrap();
            assert_eq!(shelf.reconciled(), (1, 0));
            assert_eq!(read(&file), "save");
        }
        let kept = |count| PathBuf::from(format!("{}.{count}.kept", file.display()));
        assert_eq!(read(&kept(1)), "edited");
        assert_eq!(read(&kept(2)), "edited again");

        // What the store has anyway is no loss.
        fs::remove_file(&file).unwrap();
        fs::write(&file, "state").unwrap();
        assert_eq!(shelf.reconciled(), (1, 0));
        assert_eq!(read(&file), "save");
        assert!(!kept(3).exists());

        // And what is not Keepsave's is not taken away with the row.
        fs::remove_file(&file).unwrap();
        fs::write(&file, "edited at last").unwrap();
        shelf.delete_save().await;
        assert_eq!(shelf.reconciled(), (0, 0));
        assert_eq!(read(&file), "edited at last");
    }
}

/// What is acknowledged is in the store; the tree is only behind.
#[tokio::test]
async fn a_tree_that_cannot_be_written_fails_no_upload() {
    let server = TestServer::on_disk().await;
    fs::write(server.app.assets(), "in the way").unwrap();
    let shelf = Shelf::new(server).await;
    fs::remove_file(shelf.server.app.assets()).unwrap();
    assert_eq!(shelf.reconciled(), (3, 0));
    assert_eq!(read(&shelf.file(&shelf.save)), "save");
}

#[tokio::test]
async fn no_path_leads_out_of_the_tree() {
    let server = TestServer::on_disk().await;
    let stored = server.app.vault.blobs().put(b"save").await.unwrap();
    let (assets, vault) = (server.app.assets(), &server.app.vault);
    let outside = server.data().join("outside.srm");
    fs::write(&outside, "save").unwrap();
    let absolute = outside.to_str().unwrap();
    for path in [
        "../outside.srm",
        "users/../../outside.srm",
        absolute,
        "./../outside.srm",
    ] {
        let steps = [
            TreeStep::Place {
                path: path.to_owned(),
                blob: stored.content.blob,
            },
            TreeStep::Withdraw {
                path: path.to_owned(),
            },
        ];
        for step in steps {
            let refused = follow(&assets, vault, vec![step]).unwrap_err();
            assert!(
                refused.to_string().contains("leads out of the asset tree"),
                "{refused}"
            );
        }
    }
    assert_eq!(outside.metadata().unwrap().nlink(), 1);
    assert_eq!(read(&outside), "save");
}

/// One step that fails keeps none of the others from being taken.
#[tokio::test]
async fn a_step_that_fails_is_the_only_one() {
    let shelf = Shelf::new(TestServer::on_disk().await).await;
    let state = shelf.file(&shelf.state);
    fs::remove_file(&state).unwrap();
    let path = |asset: &Value| asset["full_path"].as_str().unwrap().to_owned();
    let steps = vec![
        TreeStep::Withdraw {
            path: "../nowhere".to_owned(),
        },
        TreeStep::Withdraw {
            path: path(&shelf.state),
        },
    ];
    shelf.server.app.follow(steps);
    assert_eq!(read(&state), "state");
}
