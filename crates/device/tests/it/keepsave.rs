//! Against a real server, so that client and server cannot agree by accident with a script.

use std::sync::Arc;
use std::time::Duration;

use keepsave_core::content::Digest;
use keepsave_core::ids::{RomId, SaveId};
use keepsave_core::negotiate::Action;
use keepsave_core::release::Speaks;
use keepsave_core::time::Time;
use keepsave_device::files::Form;
use keepsave_device::server::download::{SaveDownload, Sink};
use keepsave_device::server::saves::Listed;
use keepsave_device::server::seen::SeenAction;
use keepsave_device::server::upload::{Outgoing, SaveUpload};
use keepsave_device::server::{Credential, Secret, Server, Trouble, Unwatched};
use keepsave_testkit::server::TestServer;
use keepsave_wire::devices::{DeviceCreatePayload, DeviceUpdatePayload};
use keepsave_wire::sync::{ClientSaveState, SyncCompletePayload, SyncNegotiatePayload};
use keepsave_wire::tokens::ClientTokenCreatePayload;

use crate::peer::connect;

/// Serves until the test's runtime ends.
async fn listening(server: &TestServer) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = server.router();
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

fn bob() -> Credential {
    Credential::Password {
        user: "bob".into(),
        password: Secret::new("RefBob12345"),
    }
}

pub async fn signed_in(server: &TestServer) -> Server {
    connect(&listening(server).await, bob(), Duration::from_secs(30))
}

#[tokio::test]
async fn a_keepsave_speaks_of_lineage() {
    let served = TestServer::start().await;
    let server = signed_in(&served).await;
    assert_eq!(server.speaks().await.unwrap(), Speaks::Lineage);
    assert_eq!(server.me().await.unwrap().seen.username, "bob");
}

#[tokio::test]
async fn a_device_is_registered_changed_and_deleted() {
    let served = TestServer::start().await;
    let server = signed_in(&served).await;
    let device = DeviceCreatePayload {
        name: Some("deck".into()),
        ..DeviceCreatePayload::default()
    };
    let told = server.register_device(&device).await.unwrap();
    assert!(told.json()["created_at"].is_string());
    let id = told.seen.device_id;
    let change = DeviceUpdatePayload {
        name: Some("the deck".into()),
        sync_enabled: Some(false),
        ..DeviceUpdatePayload::default()
    };
    server.change_device(&id, &change).await.unwrap();
    let seen = server.devices().await.unwrap().seen.rows;
    assert_eq!(seen[0].name.as_deref(), Some("the deck"));
    assert_eq!(seen[0].sync_enabled, Some(false));
    assert_eq!(seen[0], server.device(&id).await.unwrap().seen);
    server.delete_device(&id).await.unwrap();
    let gone = server.device(&id).await.unwrap_err();
    assert!(matches!(gone.trouble, Trouble::NoDevice { .. }), "{gone}");
}

#[tokio::test]
async fn a_session_goes_from_negotiate_to_complete() {
    let served = TestServer::seeded().await;
    let server = signed_in(&served).await;
    let device = DeviceCreatePayload::default();
    let device = server
        .register_device(&device)
        .await
        .unwrap()
        .seen
        .device_id;
    let inventory = SyncNegotiatePayload {
        device_id: Some(device.0.clone()),
        saves: vec![ClientSaveState {
            rom_id: RomId(1),
            file_name: "a.srm".into(),
            slot: Some("autosave".into()),
            emulator: None,
            content_hash: None,
            updated_at: Time::EPOCH,
            file_size_bytes: 5,
        }],
    };
    let plan = server.negotiate(&inventory).await.unwrap().seen;
    assert_eq!(
        plan.operations.rows[0].action,
        SeenAction::Known(Action::Upload)
    );
    let session = plan.session_id.unwrap();
    assert_eq!(
        server.session(session).await.unwrap().seen.status,
        "IN_PROGRESS"
    );
    let outcome = SyncCompletePayload {
        operations_completed: 1,
        ..SyncCompletePayload::default()
    };
    let told = server.complete(session, &outcome).await.unwrap().unwrap();
    assert_eq!(told.seen.session.unwrap().status, "COMPLETED");
    assert!(server.complete(session, &outcome).await.unwrap().is_none());
    let sessions = server.sessions(Some(&device), Some(5)).await.unwrap().seen;
    assert_eq!(sessions.rows[0].operations_completed, 1);
    let refused = server.push_pull(&device).await.unwrap_err();
    assert!(
        matches!(refused.trouble, Trouble::Refused { status: 400, .. }),
        "{refused}"
    );
}

#[tokio::test]
async fn a_save_is_listed_confirmed_untracked_published_and_deleted() {
    let served = TestServer::seeded().await;
    let server = signed_in(&served).await;
    let device = DeviceCreatePayload::default();
    let device = server
        .register_device(&device)
        .await
        .unwrap()
        .seen
        .device_id;
    let path = "/api/saves?rom_id=1&slot=autosave";
    let files = [("saveFile", "a.srm", &b"hello"[..])];
    let id = served.bob().upload(path, &files).await.expect(200)["id"]
        .as_i64()
        .unwrap();
    let id = SaveId(id);
    let listed = Listed {
        rom: Some(RomId(1)),
        slot: Some("autosave"),
        device: Some(&device),
    };
    let seen = async || server.saves(listed).await.unwrap().seen.rows.remove(0);
    let current = async || seen().await.sync_of(&device).unwrap().clone();
    assert!(!current().await.is_current);
    server.confirm_download(id, &device).await.unwrap();
    assert!(current().await.is_current);
    server.untrack(id, &device).await.unwrap();
    assert!(current().await.is_untracked);
    server.track(id, &device).await.unwrap();
    assert!(!current().await.is_untracked);
    let told = server.publish_save(id, true).await.unwrap();
    assert_eq!(told.json()["is_public"], true);
    assert_eq!(
        server.save(id, None).await.unwrap().seen.file_size_bytes,
        Some(5)
    );
    server.delete_saves(&[id]).await.unwrap();
    assert_eq!(server.saves(listed).await.unwrap().seen.rows, []);
}

#[tokio::test]
async fn a_token_is_made_and_revoked() {
    let served = TestServer::start().await;
    let url = listening(&served).await;
    let wanted = ClientTokenCreatePayload {
        name: "deck".into(),
        scopes: vec!["me.read".into(), "me.write".into()],
        expires_in: Some("never".into()),
    };
    let patience = Duration::from_secs(30);
    let made = connect(&url, bob(), patience)
        .make_token(&wanted)
        .await
        .unwrap();
    let server = connect(&url, Credential::Token(made.raw_token), patience);
    assert_eq!(server.me().await.unwrap().seen.username, "bob");
    let devices = server.devices().await.unwrap_err();
    assert!(
        matches!(devices.trouble, Trouble::Forbidden { .. }),
        "{devices}"
    );
    server.revoke_token(made.id.unwrap()).await.unwrap();
    assert_eq!(server.me().await.unwrap_err().trouble, Trouble::SignedOut);
}

/// Takes a download into memory.
struct Memory(Vec<u8>);

impl Sink for Memory {
    fn write(&mut self, piece: &[u8]) -> std::io::Result<()> {
        self.0.extend_from_slice(piece);
        Ok(())
    }

    fn restart(&mut self) -> std::io::Result<()> {
        self.0.clear();
        Ok(())
    }
}

#[tokio::test]
async fn a_save_and_a_state_go_up_and_come_down() {
    let served = TestServer::seeded().await;
    let server = signed_in(&served).await;
    let device = DeviceCreatePayload::default();
    let device = server
        .register_device(&device)
        .await
        .unwrap()
        .seen
        .device_id;
    let bytes: Vec<u8> = (0..3_000_000_u32).map(|at| (at * 31 % 251) as u8).collect();
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("élan.srm");
    std::fs::write(&path, &bytes).unwrap();
    let file = Outgoing {
        path: &path,
        name: "élan.srm",
        size: bytes.len() as u64,
        blob: Digest::of(&bytes).blob,
        form: Form::Raw,
    };
    let save = SaveUpload {
        rom: RomId(1),
        slot: Some("autosave"),
        emulator: None,
        device: Some(&device),
        session: None,
        overwrite: false,
        keep: None,
        set: None,
    };
    let unwatched = Arc::new(Unwatched);
    let sent = server.upload_save(&save, &file, unwatched.clone()).await;
    let sent = sent.unwrap().seen;
    assert!(sent.file_name.starts_with("élan ["), "{}", sent.file_name);
    assert_eq!(sent.content_hash, Some(Digest::of(&bytes).md5));
    let wanted = SaveDownload {
        id: sent.id,
        device: Some(&device),
        session: None,
        size: sent.file_size_bytes,
    };
    let came = server
        .download_save(&wanted, Memory(Vec::new()), &Unwatched)
        .await;
    assert_eq!(came.unwrap().0, bytes);

    let state = server
        .upload_state((RomId(1), Some("mgba")), &file, None, unwatched)
        .await;
    let state = state.unwrap().seen;
    let listed = server.states(Some(RomId(1))).await.unwrap().seen.rows;
    assert_eq!(listed, std::slice::from_ref(&state));
    let came = server
        .download_state(&state, Memory(Vec::new()), &Unwatched)
        .await;
    assert_eq!(came.unwrap().0, bytes);
    let told = server.publish_state(state.id, true).await.unwrap();
    assert_eq!(told.json()["is_public"], true);
    assert_eq!(
        server
            .state(state.id)
            .await
            .unwrap()
            .seen
            .emulator
            .as_deref(),
        Some("mgba")
    );
    server.delete_states(&[state.id]).await.unwrap();
    assert_eq!(server.states(None).await.unwrap().seen.rows, []);
}
