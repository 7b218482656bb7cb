//! Pictures of a game's gallery.

use keepsave_core::ids::RomId;
use keepsave_testkit::server::{Answer, TestServer};
use serde_json::{Value, json};

use crate::game;

async fn emerald(server: &TestServer) -> RomId {
    game::add(server, "gba", "Pokemon Emerald (USA).gba").await
}

async fn send(server: &TestServer, rom: RomId, name: &str, bytes: &[u8]) -> Answer {
    let path = format!("/api/screenshots?rom_id={rom}");
    server
        .admin()
        .upload(&path, &[("screenshotFile", name, bytes)])
        .await
}

async fn post(server: &TestServer, rom: RomId, name: &str, bytes: &[u8]) -> Value {
    send(server, rom, name, bytes).await.expect(200)
}

fn content_path(shot: &Value) -> String {
    format!("/api/screenshots/{}/content", shot["id"])
}

#[tokio::test]
async fn a_gallery_has_one_picture_of_each_name() {
    let server = TestServer::start().await;
    let rom = emerald(&server).await;
    let first = post(&server, rom, "gal.png", b"one").await;
    assert_eq!(first["is_gallery"], true);
    assert_eq!(first["is_public"], false);
    let folder = format!("users/557365723a31/screenshots/gba/{rom}");
    assert_eq!(first["full_path"], format!("{folder}/gal.png"));
    let second = post(&server, rom, "gal.png", b"two").await;
    assert_eq!(second["id"], first["id"]);
    assert!(second["updated_at"].as_str() > first["updated_at"].as_str());
    let shown = server.admin().get(&content_path(&second)).await;
    assert_eq!(shown.bytes, b"two");
    assert_eq!(shown.headers["content-type"], "image/png");
    assert_eq!(
        shown.headers["content-disposition"],
        "inline; filename=\"gal.png\""
    );
    let file = server.app.assets().join(folder).join("gal.png");
    assert_eq!(std::fs::read(&file).unwrap(), b"two");
    let kept = keepsave_core::content::Digest::of(b"one").blob;
    assert!(server.app.vault.blobs().contains(&kept).unwrap());

    let bobs = server
        .bob()
        .upload(
            &format!("/api/screenshots?rom_id={rom}"),
            &[("screenshotFile", "gal.png", b"bob")],
        )
        .await
        .expect(200);
    assert_ne!(bobs["id"], first["id"]);

    // The picture of a state is no picture of the gallery.
    let path = format!("/api/states?rom_id={rom}");
    let files: [(&str, &str, &[u8]); 2] = [
        ("stateFile", "a", b"a"),
        ("screenshotFile", "gal.png", b"state"),
    ];
    let state = server.admin().upload(&path, &files).await.expect(200);
    assert_ne!(state["screenshot"]["id"], first["id"]);
    assert_eq!(
        server.admin().get(&content_path(&first)).await.bytes,
        b"two"
    );
}

#[tokio::test]
async fn only_names_of_images_are_taken() {
    let server = TestServer::start().await;
    let rom = emerald(&server).await;
    for extension in [
        "avif", "BMP", "gif", "jpeg", "jpg", "Png", "tif", "tiff", "webp",
    ] {
        post(&server, rom, &format!("a.{extension}"), b"x").await;
    }
    for name in ["gal.txt", "gal.svg", "gal", "png", ".png", "gal.png.exe"] {
        let answer = send(&server, rom, name, b"x").await.expect(400);
        assert_eq!(
            answer["detail"],
            "Unsupported image file type. Allowed: .avif, .bmp, .gif, .jpeg, .jpg, .png, .tif, \
             .tiff, .webp",
            "{name}"
        );
    }
    let answer = send(&server, rom, "", b"x").await.expect(400);
    assert_eq!(answer["detail"], "Screenshot file has no filename");
    let answer = send(&server, rom, "..", b"x").await.expect(400);
    let sentence = "Invalid screenshot filename: Filename cannot be empty after sanitization";
    assert_eq!(answer["detail"], sentence);
    let answer = send(&server, RomId(99999), "gal.png", b"x")
        .await
        .expect(404);
    assert_eq!(answer["detail"], "Rom with id '99999' not found");
    let path = format!("/api/screenshots?rom_id={rom}");
    let answer = server.admin().upload(&path, &[]).await.expect(422);
    assert_eq!(
        answer["detail"][0]["loc"],
        json!(["body", "screenshotFile"])
    );
}

#[tokio::test]
async fn a_picture_is_its_owners_until_it_is_public() {
    let server = TestServer::start().await;
    let rom = emerald(&server).await;
    let shot = post(&server, rom, "gal.png", b"one").await;
    let path = format!("/api/screenshots/{}", shot["id"]);
    let not_found = json!({ "detail": "Screenshot not found" });
    let visible = json!({ "is_public": true });
    let bob = server.bob().get(&content_path(&shot)).await;
    assert_eq!(bob.expect(404), not_found);
    let bob = server.bob().put(&path, visible.clone()).await;
    assert_eq!(bob.expect(404), not_found);
    assert_eq!(server.bob().delete(&path).await.expect(404), not_found);

    server.clock.advance_millis(10);
    let public = server.admin().put(&path, visible).await.expect(200);
    assert_eq!(public["is_public"], true);
    assert_eq!(
        public["updated_at"], shot["updated_at"],
        "the picture did not change"
    );
    let bob = server.bob().get(&content_path(&shot)).await;
    assert_eq!((bob.status.as_u16(), &bob.bytes[..]), (200, &b"one"[..]));
    assert_eq!(server.bob().delete(&path).await.expect(404), not_found);

    let wrong = server
        .admin()
        .put(&path, json!({ "is_public": "maybe" }))
        .await
        .expect(422);
    assert_eq!(wrong["detail"][0]["loc"], json!(["body", "is_public"]));
    let least = server
        .admin()
        .get("/api/screenshots/0/content")
        .await
        .expect(422);
    assert_eq!(least["detail"][0]["type"], "greater_than_equal");
}

#[tokio::test]
async fn a_deleted_picture_is_out_of_sight_and_its_name_free() {
    let server = TestServer::start().await;
    let rom = emerald(&server).await;
    let shot = post(&server, rom, "gal.png", b"one").await;
    let path = format!("/api/screenshots/{}", shot["id"]);
    let answer = server.admin().delete(&path).await;
    assert_eq!((answer.status.as_u16(), answer.bytes.len()), (200, 0));
    server.admin().delete(&path).await.expect(404);
    server.admin().get(&content_path(&shot)).await.expect(404);
    let file = server
        .app
        .assets()
        .join(shot["full_path"].as_str().unwrap());
    assert!(!file.exists());
    let again = post(&server, rom, "gal.png", b"two").await;
    assert_ne!(again["id"], shot["id"]);
    assert_eq!(again["file_name"], "gal.png");
    let kept = keepsave_core::content::Digest::of(b"one").blob;
    assert!(server.app.vault.blobs().contains(&kept).unwrap());
}

/// RomM links a picture to its save by name, and the names of saves in slots are never those.
#[tokio::test]
async fn a_picture_that_comes_with_a_save_is_linked_to_its_row() {
    let server = TestServer::start().await;
    let rom = emerald(&server).await;
    let post = async |query: &str, save: &[u8], shot: &[u8]| {
        let path = format!("/api/saves?rom_id={rom}&{query}");
        let files = [
            ("saveFile", "e.srm", save),
            ("screenshotFile", "shot.png", shot),
        ];
        server.admin().upload(&path, &files).await.expect(200)
    };
    let one = post("slot=autosave", b"one", b"A").await;
    let two = post("slot=autosave", b"two", b"B").await;
    assert_eq!(one["screenshot"]["file_name"], "shot.png");
    assert_ne!(one["screenshot"]["id"], two["screenshot"]["id"]);
    let shown = server.admin().get(&content_path(&one["screenshot"])).await;
    assert_eq!(shown.bytes, b"A");
    let back = post("slot=autosave", b"one", b"C").await;
    assert_eq!(back["id"], one["id"]);
    assert_eq!(back["screenshot"]["id"], one["screenshot"]["id"]);
    let file = server
        .app
        .assets()
        .join(back["screenshot"]["full_path"].as_str().unwrap());
    assert_eq!(std::fs::read(file).unwrap(), b"C");
    let kept = keepsave_core::content::Digest::of(b"A").blob;
    assert!(server.app.vault.blobs().contains(&kept).unwrap());

    // Who may read a save may see its picture, also one that comes later.
    let visible = json!({ "is_public": true });
    let path = format!("/api/saves/{}/visibility", back["id"]);
    server.admin().put(&path, visible).await.expect(200);
    let shown = server.bob().get(&content_path(&back["screenshot"])).await;
    assert_eq!(shown.bytes, b"C");
    let hidden = server.bob().get(&content_path(&two["screenshot"])).await;
    hidden.expect(404);

    // A picture without a name is none, and one that cannot be stored takes nothing with it.
    let path = format!("/api/saves?rom_id={rom}&slot=other");
    let files: [(&str, &str, &[u8]); 2] =
        [("saveFile", "e.srm", b"x"), ("screenshotFile", "..", b"x")];
    server.admin().upload(&path, &files).await.expect(400);
    let listed = server
        .admin()
        .get(&format!("/api/saves?rom_id={rom}&slot=other"))
        .await;
    assert_eq!(listed.expect(200), json!([]));
    let files: [(&str, &str, &[u8]); 2] =
        [("saveFile", "e.srm", b"x"), ("screenshotFile", "", b"")];
    let save = server.admin().upload(&path, &files).await.expect(200);
    assert_eq!(save["screenshot"], Value::Null);
}
