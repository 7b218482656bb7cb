//! States come, are replaced, shared and deleted.

use http::Method;
use keepsave_core::ids::RomId;
use keepsave_server::vault::Fault;
use keepsave_testkit::server::TestServer;
use serde_json::{Value, json};

use crate::game;

/// What a client sends as a picture; nobody looks inside.
pub const PNG: &[u8] = b"\x89PNG\r\n";

/// The game of these tests.
pub async fn emerald(server: &TestServer) -> RomId {
    game::add(server, "gba", "Pokemon Emerald (USA).gba").await
}

/// Sends a state as the admin.
pub async fn post(server: &TestServer, query: &str, files: &[(&str, &str, &[u8])]) -> Value {
    let path = format!("/api/states?{query}");
    server.admin().upload(&path, files).await.expect(200)
}

async fn put(server: &TestServer, state: &Value, files: &[(&str, &str, &[u8])]) -> Value {
    let path = format!("/api/states/{}", state["id"]);
    let answer = server.admin().multipart(Method::PUT, &path, files).await;
    answer.expect(200)
}

/// What the admin downloads of an asset.
pub async fn content(server: &TestServer, asset: &Value) -> Vec<u8> {
    let path = asset["download_path"].as_str().unwrap().replace(' ', "%20");
    let answer = server.admin().get(&path).await;
    assert_eq!(answer.status, 200);
    answer.bytes
}

/// The contents that states or pictures had before, oldest first: name, emulator, bytes.
fn earlier(server: &TestServer) -> Vec<(String, Option<String>, Vec<u8>)> {
    let rows = server.app.vault.read(|tx| {
        let sql = "SELECT file_name, emulator, blob FROM earlier_contents ORDER BY id";
        tx.all(sql, &[], |row| Ok((row.get()?, row.get()?, row.get()?)))
    });
    let rows: Result<Vec<(_, _, keepsave_core::content::BlobHash)>, Fault> = rows;
    let read = |blob| {
        let mut bytes = Vec::new();
        let mut reader = server.app.vault.blobs().open(&blob).unwrap();
        std::io::Read::read_to_end(&mut reader, &mut bytes).unwrap();
        bytes
    };
    let rows = rows.unwrap().into_iter();
    rows.map(|(name, emulator, blob)| (name, emulator, read(blob)))
        .collect()
}

/// Where an asset is in the asset tree.
pub fn file(server: &TestServer, asset: &Value) -> std::path::PathBuf {
    server
        .app
        .assets()
        .join(asset["full_path"].as_str().unwrap())
}

#[tokio::test]
async fn one_name_is_one_state_and_each_content_it_had_is_kept() {
    let server = TestServer::start().await;
    let rom = emerald(&server).await;
    let mgba = format!("rom_id={rom}&emulator=mgba");
    let first = post(&server, &mgba, &[("stateFile", "e.state", b"one")]).await;
    let folder = format!("users/557365723a31/states/gba/{rom}");
    assert_eq!(first["file_path"], format!("{folder}/mgba"));
    assert_eq!(first["created_at"], first["updated_at"]);
    assert_eq!(first["screenshot"], Value::Null);

    server.clock.advance_millis(10);
    let second = post(&server, &mgba, &[("stateFile", "e.state", b"second")]).await;
    assert_eq!(second["id"], first["id"]);
    assert_eq!(second["file_size_bytes"], 6);
    assert_eq!(second["created_at"], first["created_at"]);
    assert!(second["updated_at"].as_str() > first["updated_at"].as_str());
    assert_eq!(content(&server, &second).await, b"second");
    assert_eq!(std::fs::read(file(&server, &second)).unwrap(), b"second");

    let other = format!("rom_id={rom}&emulator=vba");
    let moved = post(&server, &other, &[("stateFile", "e.state", b"third")]).await;
    assert_eq!(moved["id"], first["id"]);
    assert_eq!(moved["emulator"], "vba");
    assert_eq!(moved["file_path"], format!("{folder}/vba"));
    assert_eq!(std::fs::read(file(&server, &moved)).unwrap(), b"third");
    assert!(!file(&server, &second).exists());

    let nobodys = post(
        &server,
        &format!("rom_id={rom}"),
        &[("stateFile", "e.state", b"third")],
    )
    .await;
    assert_eq!(nobodys["id"], first["id"]);
    assert_eq!(
        (&nobodys["emulator"], &nobodys["file_path"]),
        (&Value::Null, &json!(folder))
    );

    let put = put(&server, &first, &[("stateFile", "another name", b"fourth")]).await;
    assert_eq!(
        (&put["id"], &put["file_name"]),
        (&first["id"], &json!("e.state"))
    );
    assert_eq!(content(&server, &put).await, b"fourth");
    assert_eq!(std::fs::read(file(&server, &put)).unwrap(), b"fourth");

    let name = || "e.state".to_owned();
    let of = |emulator: &str| Some(emulator.to_owned());
    let expected = [
        (name(), of("mgba"), b"one".to_vec()),
        (name(), of("mgba"), b"second".to_vec()),
        (name(), None, b"third".to_vec()),
    ];
    assert_eq!(earlier(&server), expected);
    let listed = server.admin().get("/api/states").await.expect(200);
    assert_eq!(listed, json!([put]));
}

/// A client that repeats an upload whose answer it never saw changes nothing but the time.
#[tokio::test]
async fn the_same_content_again_is_no_earlier_content() {
    let server = TestServer::start().await;
    let rom = emerald(&server).await;
    let query = format!("rom_id={rom}");
    let files: [(&str, &str, &[u8]); 2] = [
        ("stateFile", "e.state", b"one"),
        ("screenshotFile", "e.png", PNG),
    ];
    let first = post(&server, &query, &files).await;
    let again = post(&server, &query, &files).await;
    assert_eq!(again["id"], first["id"]);
    assert_eq!(again["screenshot"]["id"], first["screenshot"]["id"]);
    assert!(again["updated_at"].as_str() > first["updated_at"].as_str());
    assert_eq!(earlier(&server), []);
}

#[tokio::test]
async fn a_picture_belongs_to_its_state_whatever_its_name() {
    let server = TestServer::start().await;
    let rom = emerald(&server).await;
    let query = format!("rom_id={rom}");
    let one = [
        ("stateFile", "one.state", &b"1"[..]),
        ("screenshotFile", "shot.png", b"A"),
    ];
    let two = [
        ("stateFile", "two.state", &b"2"[..]),
        ("screenshotFile", "shot.png", b"B"),
    ];
    let (one, two) = (
        post(&server, &query, &one).await,
        post(&server, &query, &two).await,
    );
    let (shot, other) = (&one["screenshot"], &two["screenshot"]);
    assert_eq!(shot["file_name"], "shot.png");
    assert_eq!(
        shot["file_path"],
        format!("users/557365723a31/screenshots/gba/{rom}")
    );
    assert_eq!(shot["is_gallery"], false);
    assert_ne!(shot["id"], other["id"]);
    assert_ne!(
        shot["full_path"], other["full_path"],
        "each has its own file"
    );
    assert_eq!(content(&server, shot).await, b"A");
    assert_eq!(std::fs::read(file(&server, other)).unwrap(), b"B");

    // Another picture takes the place of the first, under its own name.
    let replaced = put(&server, &one, &[("screenshotFile", "new.png", b"C")]).await;
    assert_eq!(
        replaced["updated_at"], one["updated_at"],
        "the state did not change"
    );
    assert_eq!(replaced["screenshot"]["id"], shot["id"]);
    assert_eq!(replaced["screenshot"]["file_name"], "new.png");
    assert_eq!(content(&server, &replaced["screenshot"]).await, b"C");
    assert!(!file(&server, shot).exists());
    assert_eq!(
        earlier(&server),
        [("shot.png".to_owned(), None, b"A".to_vec())]
    );
    let shown = server
        .admin()
        .get(&format!("/api/states/{}", two["id"]))
        .await
        .expect(200);
    assert_eq!(shown, two, "the other state's picture stayed");

    // Without a picture it stays; without a name there is none.
    let kept = post(
        &server,
        &query,
        &[
            ("stateFile", "one.state", b"3"),
            ("screenshotFile", "", b""),
        ],
    )
    .await;
    assert_eq!(kept["screenshot"], replaced["screenshot"]);
}

#[tokio::test]
async fn lists_are_of_one_person_and_narrow() {
    let server = TestServer::start().await;
    let emerald = emerald(&server).await;
    let chrono = game::add(&server, "snes", "Chrono Trigger (USA).sfc").await;
    let one = post(
        &server,
        &format!("rom_id={emerald}"),
        &[("stateFile", "a", b"1")],
    )
    .await;
    let two = post(
        &server,
        &format!("rom_id={chrono}"),
        &[("stateFile", "a", b"2")],
    )
    .await;
    let path = format!("/api/states?rom_id={emerald}");
    let bobs = server
        .bob()
        .upload(&path, &[("stateFile", "a", b"3")])
        .await
        .expect(200);
    assert_ne!(bobs["id"], one["id"]);

    let list = async |query: &str| {
        let path = format!("/api/states{query}");
        server.admin().get(&path).await.expect(200)
    };
    assert_eq!(list("").await, json!([one, two]));
    assert_eq!(list("?rom_id=0&platform_id=0").await, json!([one, two]));
    assert_eq!(list(&format!("?rom_id={chrono}")).await, json!([two]));
    assert_eq!(list("?platform_id=1").await, json!([one]));
    assert_eq!(
        list(&format!("?platform_id=1&rom_id={chrono}")).await,
        json!([])
    );
    assert_eq!(list("?rom_id=999999").await, json!([]));
    let path = "/api/states?rom_id=x";
    server.admin().get(path).await.expect(422);
    let ids = server
        .admin()
        .get("/api/states/identifiers")
        .await
        .expect(200);
    assert_eq!(ids, json!([one["id"], two["id"]]));
    let ids = server
        .bob()
        .get("/api/states/identifiers")
        .await
        .expect(200);
    assert_eq!(ids, json!([bobs["id"]]));
}

/// Unknown, another's, and another's public one in a route for owners: the same words.
#[tokio::test]
async fn others_read_what_is_public_and_nothing_else() {
    let server = TestServer::start().await;
    let rom = emerald(&server).await;
    let files: [(&str, &str, &[u8]); 2] = [
        ("stateFile", "e.state", b"one"),
        ("screenshotFile", "e.png", PNG),
    ];
    let state = post(&server, &format!("rom_id={rom}"), &files).await;
    let path = format!("/api/states/{}", state["id"]);
    let picture = format!("/api/screenshots/{}/content", state["screenshot"]["id"]);
    let hidden = format!("State with ID {} not found", state["id"]);

    let own_routes = async || {
        let visible = json!({ "is_public": false });
        let answers = [
            server.bob().get(&path).await,
            server
                .bob()
                .put(&format!("{path}/visibility"), visible)
                .await,
            server
                .bob()
                .multipart(Method::PUT, &path, &[("stateFile", "x", b"x")])
                .await,
            server
                .bob()
                .post("/api/states/delete", json!({ "states": [state["id"]] }))
                .await,
        ];
        for answer in answers {
            assert_eq!(answer.expect(404)["detail"], hidden);
        }
    };
    own_routes().await;
    let answer = server
        .bob()
        .get(&format!("{path}/content"))
        .await
        .expect(404);
    assert_eq!(answer["detail"], hidden);
    let answer = server.bob().get(&picture).await.expect(404);
    assert_eq!(answer["detail"], "Screenshot not found");
    let answer = server.admin().get("/api/states/999999").await.expect(404);
    assert_eq!(answer["detail"], "State with ID 999999 not found");

    server.clock.advance_millis(10);
    let visible = json!({ "is_public": true });
    let public = server
        .admin()
        .put(&format!("{path}/visibility"), visible)
        .await
        .expect(200);
    assert_eq!(
        (&public["is_public"], &public["screenshot"]["is_public"]),
        (&json!(true), &json!(true))
    );
    assert_eq!(
        public["updated_at"], state["updated_at"],
        "the state did not change"
    );
    let answer = server.bob().get(&format!("{path}/content")).await;
    assert_eq!(
        (answer.status.as_u16(), &answer.bytes[..]),
        (200, &b"one"[..])
    );
    let answer = server.bob().get(&picture).await;
    assert_eq!((answer.status.as_u16(), &answer.bytes[..]), (200, PNG));
    own_routes().await;
    let nobodys = server.nobody().get(&format!("{path}/content")).await;
    nobodys.expect(401);
}

/// Who may read a state may see its picture, also one that comes later.
#[tokio::test]
async fn a_later_picture_of_a_public_state_is_public() {
    let server = TestServer::start().await;
    let rom = emerald(&server).await;
    let files = [("stateFile", "bare", &b"x"[..])];
    let state = post(&server, &format!("rom_id={rom}"), &files).await;
    let path = format!("/api/states/{}/visibility", state["id"]);
    let visible = json!({ "is_public": true });
    server.admin().put(&path, visible).await.expect(200);
    let later = put(&server, &state, &[("screenshotFile", "e.png", PNG)]).await;
    assert_eq!(later["screenshot"]["is_public"], true);
}

#[tokio::test]
async fn names_that_cannot_be_stored_are_refused_and_change_nothing() {
    let server = TestServer::start().await;
    let rom = emerald(&server).await;
    let empty = "filename: Filename cannot be empty after sanitization";
    let cases = [
        ("..", "", "", format!("Invalid state {empty}")),
        ("", "", "", "State file has no filename".to_owned()),
        (
            &"n".repeat(300),
            "",
            "",
            "Invalid state filename: Filename cannot be longer than 233 bytes".to_owned(),
        ),
        ("a", "..", "", format!("Invalid screenshot {empty}")),
        ("a", "", "../../evil", "Emulator cannot have".to_owned()),
        (
            "a",
            "",
            &"e".repeat(51),
            "Emulator cannot be longer than 50 characters".to_owned(),
        ),
    ];
    for (state, picture, emulator, sentence) in cases {
        let path = format!("/api/states?rom_id={rom}&emulator={emulator}");
        let files = [
            ("stateFile", state, &b"x"[..]),
            ("screenshotFile", picture, b"x"),
        ];
        let answer = server.admin().upload(&path, &files).await.expect(400);
        let detail = answer["detail"].as_str().unwrap();
        assert!(detail.starts_with(&sentence), "{detail}");
    }
    let listed = server.admin().get("/api/states").await.expect(200);
    assert_eq!(listed, json!([]));
    let mut stored = Vec::new();
    let mut note = |hash, _| {
        stored.push(hash);
        Ok(())
    };
    server.app.vault.blobs().each(&mut note).unwrap();
    assert_eq!(stored, []);
}

#[tokio::test]
async fn what_is_missing_is_named() {
    let server = TestServer::start().await;
    let rom = emerald(&server).await;
    let file = [("stateFile", "a", &b"x"[..])];
    let post = async |path: &str, files| server.admin().upload(path, files).await;
    let unknown = post("/api/states?rom_id=99999", &file).await.expect(404);
    assert_eq!(unknown["detail"], "Rom with id '99999' not found");
    let no_game = post("/api/states", &file).await.expect(422);
    assert_eq!(no_game["detail"][0]["loc"], json!(["query", "rom_id"]));
    let path = format!("/api/states?rom_id={rom}");
    let no_file = post(&path, &[]).await.expect(422);
    assert_eq!(no_file["detail"][0]["loc"], json!(["body", "stateFile"]));
    server.nobody().get(&path).await.expect(401);
}

#[tokio::test]
async fn a_state_is_always_a_file_to_save_and_comes_in_ranges() {
    let server = TestServer::start().await;
    let rom = emerald(&server).await;
    let query = format!("rom_id={rom}");
    let state = post(&server, &query, &[("stateFile", "a.html", b"<script>")]).await;
    let path = format!("/api/states/{}/content", state["id"]);
    let whole = server.admin().get(&path).await;
    assert_eq!(whole.headers["content-type"], "application/octet-stream");
    assert_eq!(
        whole.headers["content-disposition"],
        "attachment; filename=\"a.html\""
    );
    let range = server.admin().header("range", "bytes=1-6").get(&path).await;
    assert_eq!(
        (range.status.as_u16(), &range.bytes[..]),
        (206, &b"script"[..])
    );
    let etag = whole.headers["etag"].to_str().unwrap();
    let known = server
        .admin()
        .header("if-none-match", etag)
        .get(&path)
        .await;
    assert_eq!((known.status.as_u16(), known.bytes.len()), (304, 0));
    assert!(!known.headers.contains_key("content-length"));
    let head = server
        .admin()
        .send(Method::HEAD, &path, None, Vec::new())
        .await;
    assert_eq!((head.status.as_u16(), head.bytes.len()), (200, 0));
    assert_eq!(head.headers["content-length"], "8");
}
