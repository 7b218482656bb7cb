//! Games and devices for tests that need some, made beneath the wire.

use keepsave_core::ids::RomId;
use keepsave_server::bind;
use keepsave_server::library::register::{Registration, register};
use keepsave_server::vault::Fault;
use keepsave_testkit::server::TestServer;

/// A game of that platform and file name.
pub async fn add(server: &TestServer, platform: &str, name: &str) -> RomId {
    let game = Registration {
        platform: platform.to_owned(),
        file_name: name.to_owned(),
        name: None,
    };
    register(&server.app, game).await.unwrap().id
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
