//! What negotiate costs, in steps of the database: the same on every machine, and no more with a
//! hundred times the stored versions.

use keepsave_core::content::ContentHash;
use keepsave_core::ids::{DeviceId, UserId};
use keepsave_core::time::Time;
use keepsave_server::bind;
use keepsave_server::sync::negotiate::negotiate;
use keepsave_server::vault::sql::steps;
use keepsave_server::vault::{Fault, Row};
use keepsave_testkit::server::TestServer;
use keepsave_wire::sync::{ClientSaveState, SyncNegotiateResponse};
use serde_json::json;

use crate::game;

const SAVES: i64 = 200;

/// A device with a save in each of many slots, all in sync.
struct World {
    server: TestServer,
    device: DeviceId,
}

impl World {
    async fn new() -> Self {
        let server = TestServer::start().await;
        let answer = server.admin().post("/api/devices", json!({})).await;
        let device = answer.expect(201)["device_id"].as_str().unwrap().to_owned();
        let world = Self {
            server,
            device: DeviceId(device),
        };
        game::add(&world.server, "gba", "Game.gba").await;
        for sql in [
            "INSERT INTO slots (user_id, rom_id, slot) SELECT 1, r.id, 'slot ' || n \
             FROM roms r, numbers WHERE n <= $1",
            "INSERT INTO timelines (slot_id, part) SELECT id, '' FROM slots WHERE $1 > 0",
        ] {
            world.run(sql, SAVES).await;
        }
        world.store_versions(1).await;
        world
    }

    /// Every timeline has that many versions, each on a row of its own; the device holds the newest.
    async fn store_versions(&self, count: i64) {
        for sql in [
            "INSERT INTO versions (timeline_id, ordinal, content_hash, blob, size, file_name, \
             made_by, created_at) SELECT t.id, n, randomblob(16), randomblob(32), 9, 'Game.srm', \
             'upload', n FROM timelines t, numbers WHERE n > t.last_ordinal AND n <= $1",
            "INSERT INTO version_parents (version_id, parent_id) SELECT v.id, p.id FROM versions v \
             JOIN versions p ON p.timeline_id = v.timeline_id AND p.ordinal = v.ordinal - 1 \
             JOIN timelines t ON t.id = v.timeline_id WHERE v.ordinal > t.last_ordinal \
             AND v.ordinal <= $1",
            "INSERT INTO saves (user_id, rom_id, timeline_id, version_id, slot, file_name, \
             file_path, size, content_hash, blob, created_at, updated_at) \
             SELECT 1, s.rom_id, t.id, v.id, s.slot, v.file_name, '', 9, v.content_hash, v.blob, \
             v.ordinal, v.ordinal FROM versions v JOIN timelines t ON t.id = v.timeline_id \
             JOIN slots s ON s.id = t.slot_id \
             WHERE v.ordinal > t.last_ordinal AND v.ordinal <= $1",
            "UPDATE timelines SET last_ordinal = $1, head_save_id = (SELECT MAX(id) FROM saves \
             WHERE timeline_id = timelines.id)",
            "UPDATE versions SET save_id = (SELECT head_save_id FROM timelines t \
             WHERE t.id = timeline_id) WHERE ordinal = $1",
            "DELETE FROM proven WHERE $1 > 0",
            "DELETE FROM holdings WHERE $1 > 0",
            "INSERT INTO holdings (device_id, timeline_id, baseline_id, updated_at) \
             SELECT d.id, v.timeline_id, v.id, 0 FROM versions v, devices d WHERE v.ordinal = $1",
            "INSERT INTO proven (device_id, timeline_id, version_id) \
             SELECT d.id, v.timeline_id, v.id FROM versions v, devices d WHERE v.ordinal = $1",
        ] {
            self.run(sql, count).await;
        }
    }

    async fn run(&self, sql: &'static str, value: i64) {
        const NUMBERS: &str = "WITH RECURSIVE numbers (n) AS \
             (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 10000)";
        let done = self.server.app.vault.write(move |tx| {
            let sql = if sql.contains("numbers") {
                format!("{NUMBERS} {sql}")
            } else {
                sql.to_owned()
            };
            tx.execute(&sql, bind![value])
        });
        done.await.map_err(|fault: Fault| fault).unwrap();
    }

    fn read<T>(&self, sql: &str, read: impl FnMut(&mut Row<'_>) -> Result<T, Fault>) -> Vec<T> {
        let vault = &self.server.app.vault;
        vault.read(|tx| tx.all(sql, &[], read)).unwrap()
    }

    /// What the device shows when it is in sync with everything.
    fn inventory(&self) -> Vec<ClientSaveState> {
        let sql = "SELECT s.rom_id, s.slot, s.content_hash FROM timelines t \
                   JOIN saves s ON s.id = t.head_save_id ORDER BY t.id";
        self.read(sql, |row| {
            Ok(ClientSaveState {
                rom_id: row.get()?,
                file_name: "Game.srm".to_owned(),
                slot: row.get()?,
                emulator: None,
                content_hash: Some(row.get::<ContentHash>()?.to_string()),
                updated_at: Time::EPOCH,
                file_size_bytes: 9,
            })
        })
    }

    /// The plan, and what it cost.
    async fn negotiate(&self, saves: Vec<ClientSaveState>) -> (SyncNegotiateResponse, u64) {
        let before = steps();
        let device = self.device.clone();
        let plan = negotiate(&self.server.app, UserId(1), device, saves).await;
        (plan.unwrap(), steps() - before)
    }
}

#[tokio::test]
async fn a_hundred_times_the_versions_cost_nothing_more() {
    let world = World::new().await;
    let in_sync = world.inventory();
    world.negotiate(in_sync.clone()).await;
    let (plan, cost_of_few) = world.negotiate(in_sync).await;
    assert_eq!(plan.total_no_op, 200);

    world.store_versions(100).await;
    let stored: Vec<i64> = world.read("SELECT COUNT(*) FROM versions", |row| row.get());
    assert_eq!(stored, [100 * SAVES]);
    let (plan, cost_of_many) = world.negotiate(world.inventory()).await;
    assert_eq!(plan.total_no_op, 200);
    assert_eq!(plan.operations.len(), 200);
    assert_eq!(cost_of_many, cost_of_few);
    assert!(cost_of_few / 200 < 100, "{cost_of_few} steps for 200 saves");
}

/// Only what differs is looked up, one by one, and not through all that is stored.
#[tokio::test]
async fn only_what_differs_costs_more() {
    let world = World::new().await;
    world.store_versions(100).await;
    let in_sync = world.inventory();
    world.negotiate(in_sync.clone()).await;
    let (_, cost_in_sync) = world.negotiate(in_sync.clone()).await;
    let mut some_differ = in_sync;
    for save in &mut some_differ[..5] {
        save.content_hash = Some("played on".to_owned());
    }
    let (plan, cost) = world.negotiate(some_differ).await;
    assert_eq!(plan.total_upload, 5);
    let more = cost - cost_in_sync;
    assert!(more < 5 * 100, "{more} steps more for 5 saves that differ");
}

#[tokio::test]
async fn nothing_is_written_where_nothing_changed() {
    let world = World::new().await;
    let changes = |world: &World| -> Vec<i64> {
        let everything = "SELECT COUNT(*) FROM row_syncs UNION ALL \
             SELECT COUNT(*) FROM holdings WHERE updated_at <> 0 OR reported_at IS NOT NULL \
             UNION ALL SELECT COUNT(*) FROM proven UNION ALL SELECT MAX(clock) FROM slots";
        world.read(everything, |row| row.get())
    };
    let before = changes(&world);
    world.negotiate(world.inventory()).await;
    assert_eq!(changes(&world), before);
    assert_eq!(before, [0, 0, SAVES, 0]);
}
