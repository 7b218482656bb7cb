//! One game with a Deck and a Phone, told in the words of a story.

use keepsave_core::ids::{RomId, SlotId, UserId, VersionId};
use keepsave_core::whereabouts::Whereabouts;
use keepsave_server::history::conflicts::{self, Conflict};
use keepsave_server::history::undo::{Undo, undo};
use keepsave_server::history::{self, Line, SlotView, TimelineView, VersionView};
use keepsave_testkit::server::TestServer;
use serde_json::json;

use crate::game;

/// The admin, whose story it is.
pub const ADMIN: UserId = UserId(1);

/// One game with a Deck and a Phone.
pub struct Story {
    pub server: TestServer,
    pub rom: RomId,
    pub deck: String,
    pub phone: String,
}

impl Story {
    pub async fn begin() -> Self {
        let server = TestServer::start().await;
        let rom = game::add(&server, "gba", "Game.gba").await;
        let deck = game::device(&server, "Deck").await;
        let phone = game::device(&server, "Phone").await;
        Self {
            server,
            rom,
            deck,
            phone,
        }
    }

    /// Both devices have the first version, then each plays on: the phone is refused.
    pub async fn parted() -> Self {
        let story = Self::begin().await;
        story.post(&story.deck, "g.srm", b"one.", 200).await;
        story.show(&story.phone, b"one.").await;
        story.post(&story.deck, "g.srm", b"two!", 200).await;
        story.post(&story.phone, "g.srm", b"mine", 409).await;
        story
    }

    pub async fn post(&self, device: &str, file: &str, bytes: &[u8], status: u16) -> VersionId {
        self.post_of(device, file, bytes, "", status).await
    }

    pub async fn post_of(
        &self,
        device: &str,
        file: &str,
        bytes: &[u8],
        more: &str,
        status: u16,
    ) -> VersionId {
        self.server.clock.advance_millis(60_000);
        let rom = self.rom;
        let path = format!("/api/saves?rom_id={rom}&slot=autosave&device_id={device}{more}");
        let asking = self.server.admin();
        let answer = asking.upload(&path, &[("saveFile", file, bytes)]).await;
        answer.expect(status);
        self.newest()
    }

    pub fn newest(&self) -> VersionId {
        let newest = |tx: &keepsave_server::vault::Tx<'_>| {
            tx.one("SELECT MAX(id) FROM versions", &[], |row| row.get())
        };
        self.server.app.vault.read(newest).unwrap()
    }

    /// A device shows what it holds.
    pub async fn show(&self, device: &str, bytes: &[u8]) {
        let hash = md5(bytes);
        let saves = json!([{
            "rom_id": self.rom, "slot": "autosave", "file_name": "g.srm",
            "updated_at": "2026-11-20T00:00:00Z", "content_hash": hash, "file_size_bytes": bytes.len(),
        }]);
        let body = json!({ "device_id": device, "saves": saves });
        let asking = self.server.admin();
        asking.post("/api/sync/negotiate", body).await.expect(200);
    }

    pub fn slots(&self) -> Vec<SlotView> {
        history::game(&self.server.app, ADMIN, self.rom).unwrap()
    }

    pub fn timeline(&self) -> TimelineView {
        self.slots().remove(0).timelines.remove(0)
    }

    /// Each version's number and line, the newest first.
    pub fn lines(&self) -> Vec<(i64, Line)> {
        let versions = self.timeline().versions.into_iter();
        versions
            .map(|view| (view.record.ordinal, view.line))
            .collect()
    }

    pub fn view(&self, ordinal: i64) -> VersionView {
        let mut versions = self.timeline().versions.into_iter();
        versions
            .find(|view| view.record.ordinal == ordinal)
            .unwrap()
    }

    pub fn version(&self, ordinal: i64) -> VersionId {
        self.view(ordinal).record.id
    }

    pub fn whereabouts(&self, device: &str) -> Whereabouts {
        let seats = self.timeline().seats.into_iter();
        let mut seats = seats.filter(|seat| seat.device.0 == device);
        seats.next().unwrap().whereabouts
    }

    pub fn slot(&self) -> SlotId {
        self.slots()[0].id
    }

    pub async fn conflict(&self) -> Conflict {
        let found = conflicts::one(&self.server.app, ADMIN, self.slot()).await;
        found.unwrap().unwrap()
    }

    pub fn conflicts(&self) -> u64 {
        conflicts::count(&self.server.app, ADMIN).unwrap()
    }

    pub async fn head(&self) -> String {
        let head = self.timeline().head.unwrap();
        let path = format!("/api/keepsave/versions/{head}/content");
        self.server.admin().get(&path).await.text()
    }

    pub async fn take_back(&self, undo_this: Undo) {
        // As it travels in a form.
        let read: Undo = undo_this.to_string().parse().unwrap();
        undo(&self.server.app, ADMIN, read).await.unwrap();
    }
}

/// As RomM hashes a content.
pub fn md5(bytes: &[u8]) -> String {
    let mut digester = keepsave_core::content::Digester::new();
    digester.update(bytes);
    let digest = digester.finish();
    let zip = keepsave_core::content::zip_content_hash(std::io::Cursor::new(bytes));
    digest.content(zip).hash.unwrap().to_string()
}
