//! Games and devices for tests that need some, made beneath the wire.

use keepsave_core::ids::RomId;
use keepsave_server::bind;
use keepsave_server::vault::Fault;
use keepsave_testkit::server::TestServer;

/// A game of that platform and file name.
pub async fn add(server: &TestServer, platform: &'static str, name: &'static str) -> RomId {
    let now = server.app.now();
    server
        .app
        .vault
        .write(move |tx| {
            tx.execute(
                "INSERT INTO platforms (fs_slug, slug, name, created_at, updated_at) \
                 VALUES ($1, $1, $1, $2, $2) ON CONFLICT DO NOTHING",
                bind![platform, now],
            )?;
            tx.one(
                "INSERT INTO roms (platform_id, fs_name, fs_path, fs_size, name, sort_key, \
                 created_at, updated_at) SELECT id, $2, 'roms', 0, $2, $2, $3, $3 \
                 FROM platforms WHERE fs_slug = $1 RETURNING id",
                bind![platform, name, now],
                |row| row.get::<RomId>(),
            )
        })
        .await
        .map_err(|fault: Fault| fault)
        .unwrap()
}

/// A device of the admin.
pub async fn device(server: &TestServer, name: &str) -> String {
    let (id, name, now) = (
        server.app.environment.uuid(),
        name.to_owned(),
        server.app.now(),
    );
    let device = id.clone();
    server
        .app
        .vault
        .write(move |tx| {
            tx.execute(
                "INSERT INTO devices (id, user_id, name, sync_mode, created_at, updated_at) \
                 VALUES ($1, 1, $2, 'api', $3, $3)",
                bind![id, name, now],
            )
        })
        .await
        .map_err(|fault: Fault| fault)
        .unwrap();
    device
}
