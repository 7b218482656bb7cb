//! A server with a library that a test writes, renames and removes files in.

use std::path::PathBuf;

use keepsave_server::library;
use keepsave_testkit::server::TestServer;
use keepsave_wire::library::ScanReport;
use serde_json::Value;

pub struct Shelf {
    pub server: TestServer,
}

impl Shelf {
    /// An empty library.
    pub async fn empty() -> Self {
        Self {
            server: TestServer::start().await,
        }
    }

    /// A library of these files, scanned. Each has a content of its own.
    pub async fn with(files: &[&str]) -> Self {
        let shelf = Self::empty().await;
        for file in files {
            shelf.put(file);
        }
        shelf.scan().await;
        shelf
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.server.data().join("library").join(path)
    }

    /// Writes a file whose content is made from its name.
    pub fn put(&self, path: &str) {
        self.write(path, &content(path));
    }

    pub fn write(&self, path: &str, bytes: &[u8]) {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    pub fn rename(&self, from: &str, to: &str) {
        let to = self.path(to);
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::rename(self.path(from), to).unwrap();
    }

    pub fn remove(&self, path: &str) {
        let path = self.path(path);
        if path.is_dir() {
            std::fs::remove_dir_all(path).unwrap();
        } else {
            std::fs::remove_file(path).unwrap();
        }
    }

    /// Scans, a second after whatever was before.
    pub async fn scan(&self) -> ScanReport {
        self.server.clock.advance_millis(1000);
        library::scan(&self.server.app).await.unwrap()
    }

    /// What the admin gets from that path.
    pub async fn get(&self, path: &str) -> Value {
        self.server.admin().get(path).await.expect(200)
    }

    /// Every game, by name, with its files.
    pub async fn games(&self) -> Vec<Value> {
        let page = self.get("/api/roms?limit=10000&with_files=true").await;
        page["items"].as_array().unwrap().clone()
    }

    /// The game that is not missing and whose file or folder has that name.
    pub async fn game(&self, fs_name: &str) -> Value {
        let games = self.games().await;
        let mut there = games
            .iter()
            .filter(|game| game["fs_name"] == fs_name && game["missing_from_fs"] == false);
        let game = there.next().cloned();
        assert!(game.is_some(), "there is no {fs_name}");
        assert_eq!(there.next(), None, "{fs_name} is there twice");
        game.unwrap()
    }

    /// The game of that id, whatever became of it.
    pub async fn by_id(&self, id: &Value) -> Value {
        self.server
            .admin()
            .get(&format!("/api/roms/{id}"))
            .await
            .expect(200)
    }

    /// Uploads a save for a game.
    pub async fn save(&self, game: &Value) -> Value {
        self.server
            .admin()
            .upload(
                &format!("/api/saves?rom_id={}&slot=autosave", game["id"]),
                &[("saveFile", "game.srm", b"progress")],
            )
            .await
            .expect(200)
    }

    /// The saves of a game.
    pub async fn saves(&self, id: &Value) -> Value {
        self.server
            .admin()
            .get(&format!("/api/saves?rom_id={id}"))
            .await
            .expect(200)
    }
}

/// As many bytes as tell games apart, made from a name.
pub fn content(name: &str) -> Vec<u8> {
    format!("{name}\n").repeat(100).into_bytes()
}
