//! What the releases before the recorded one do otherwise, and what a test can set.

use keepsave_testkit::romm::{Release, StandIn};
use serde_json::{Value, json};

use crate::client::{Client, Connection};

const ALL: [Release; 3] = [Release::V4_8_1, Release::V4_9, Release::V5_1];

/// A stand-in with a user and a game, and someone who asks it.
pub struct Scene {
    pub romm: StandIn,
    pub user: i64,
    pub rom: i64,
    pub client: Client,
}

impl Scene {
    pub fn new(release: Release) -> Self {
        let romm = StandIn::start(release);
        let user = romm.user("ann", "password");
        let rom = romm.rom("gba", "Game (USA).gba");
        let client = Client::new(romm.address(), &romm.token(user, None));
        Self {
            romm,
            user,
            rom,
            client,
        }
    }

    pub fn wait_a_second(&self) {
        self.romm.clock.advance_millis(1_000);
    }

    /// Uploads into a slot as a device, which must be taken.
    pub fn upload(&self, device: &str, slot: &str, content: &[u8]) -> Value {
        let (status, body) = self.try_upload(device, slot, content);
        assert_eq!(status, 200, "{body}");
        body
    }

    pub fn try_upload(&self, device: &str, slot: &str, content: &[u8]) -> (u16, Value) {
        let line = format!(
            "POST /api/saves?rom_id={}&slot={slot}&device_id={device}",
            self.rom
        );
        self.client.upload(&line, "Game.srm", content)
    }

    /// Whether the device is shown as current on a save.
    pub fn is_current(&self, save: &Value, device: &str) -> bool {
        let id = &save["id"];
        let save = self
            .client
            .get(&format!("/api/saves/{id}?device_id={device}"));
        assert_eq!(save["device_syncs"][0]["device_id"], device);
        save["device_syncs"][0]["is_current"] == true
    }
}

#[test]
fn what_a_release_does_not_have_is_no_route() {
    let since_4_9 = [
        "POST /api/sync/negotiate",
        "GET /api/sync/sessions",
        "GET /api/play-sessions",
    ];
    let since_5 = [
        "POST /api/auth/device/token",
        "GET /api/auth/device/pending/ABCDEFGH",
        "POST /api/states/1/content",
    ];
    for release in ALL {
        let scene = Scene::new(release);
        let expected = |since| {
            if release >= since {
                None
            } else {
                Some("Not Found")
            }
        };
        for (lines, since) in [(since_4_9, Release::V4_9), (since_5, Release::V5_1)] {
            for line in lines {
                let (_, body) = scene.client.ask(line, &json!({}));
                let refusal = body["detail"]
                    .as_str()
                    .filter(|detail| *detail == "Not Found");
                assert_eq!(refusal, expected(since), "{release:?} {line}");
            }
        }
        for path in ["/openapi.json", "/api/openapi.json", "/api/saves/1/2/3"] {
            let (status, body) = scene.client.ask(&format!("GET {path}"), &Value::Null);
            assert_eq!(
                (status, &body["detail"]),
                (404, &json!("Not Found")),
                "{path}"
            );
        }
        let (status, _) = scene.client.ask("PATCH /api/devices/x", &json!({}));
        assert_eq!(status, 405);
    }
}

#[test]
fn rows_have_the_fields_of_their_release() {
    for release in ALL {
        let scene = Scene::new(release);
        let device = scene.client.device("deck");
        let save = scene.upload(&device, "autosave", b"one");
        let has = |name: &str| save.get(name).is_some();
        assert_eq!(has("origin_device_id"), release >= Release::V4_9);
        assert_eq!(has("is_public"), release >= Release::V5_1);
        let device = scene.client.get(&format!("/api/devices/{device}"));
        assert_eq!(
            device.get("sync_config").is_some(),
            release >= Release::V4_9
        );
        assert_eq!(
            device.get("client_device_identifier").is_some(),
            release >= Release::V5_1
        );

        // The path under which the bytes are says nothing of ids before 5.
        let path = save["download_path"]
            .as_str()
            .unwrap()
            .split('?')
            .next()
            .unwrap();
        assert_eq!(
            path.starts_with("/api/raw/assets/users/"),
            release < Release::V5_1
        );
        let path = path
            .replace(' ', "%20")
            .replace('[', "%5B")
            .replace(']', "%5D");
        let authorization = format!("Bearer {}", scene.romm.token(scene.user, None));
        let headers = [("authorization", &*authorization)];
        let mut connection = Connection::to(scene.romm.address());
        assert_eq!(
            connection.ask(&format!("GET {path}"), &headers, b"").body,
            b"one"
        );
    }
}

#[test]
fn in_4_8_1_only_who_synced_later_than_the_update_is_current() {
    let scene = Scene::new(Release::V4_8_1);
    let device = scene.client.device("deck");
    let save = scene.upload(&device, "autosave", b"one");
    assert!(
        !scene.is_current(&save, &device),
        "a POST is not later than itself"
    );
    let id = &save["id"];
    let confirm = format!("/api/saves/{id}/downloaded");
    scene.client.post(&confirm, &json!({"device_id": device}));
    assert!(scene.is_current(&save, &device));

    scene.wait_a_second();
    let put = format!("PUT /api/saves/{id}?device_id={device}");
    let (status, answer) = scene.client.upload(&put, "x", b"two");
    assert_eq!((status, &answer["device_syncs"]), (200, &json!([])));
    assert!(
        !scene.is_current(&save, &device),
        "a PUT takes no notice of who sends it"
    );
    assert_eq!(
        answer["content_hash"], save["content_hash"],
        "nor of what it holds"
    );
    assert_ne!(answer["updated_at"], save["updated_at"]);

    let other = scene.client.device("phone");
    scene.client.ask(
        &format!("GET /api/saves/{id}/content?device_id={other}"),
        &Value::Null,
    );
    assert!(scene.is_current(&save, &other), "a download counts");
    let seen = scene
        .client
        .get(&format!("/api/saves/{id}?device_id={other}"));
    assert_eq!(
        seen["device_syncs"].as_array().unwrap().len(),
        1,
        "only the caller is shown"
    );
}

#[test]
fn in_4_8_1_listing_makes_the_callers_rows_and_opens_the_way_for_a_stale_upload() {
    for release in ALL {
        let scene = Scene::new(release);
        let (deck, phone) = (scene.client.device("deck"), scene.client.device("phone"));
        scene.upload(&deck, "autosave", b"one");
        scene.wait_a_second();
        assert_eq!(scene.try_upload(&phone, "autosave", b"two").0, 409);
        let path = format!("/api/saves?rom_id={}&device_id={phone}", scene.rom);
        let listed = scene.client.get(&path);
        let own = listed[0]["device_syncs"].as_array().unwrap();
        let own = own
            .iter()
            .find(|entry| entry["device_id"] == *phone)
            .unwrap();
        assert_eq!(own["is_current"], false);

        let is_oldest = release == Release::V4_8_1;
        let rows = scene.romm.sync_rows();
        assert_eq!(rows.iter().any(|row| row.device_id == phone), is_oldest);
        let status = scene.try_upload(&phone, "autosave", b"two").0;
        assert_eq!(status, if is_oldest { 200 } else { 409 }, "{release:?}");
    }
}

#[test]
fn in_4_8_1_a_content_is_there_when_any_slot_has_it() {
    for release in ALL {
        let scene = Scene::new(release);
        let device = scene.client.device("deck");
        let first = scene.upload(&device, "autosave", b"one");
        scene.wait_a_second();
        let second = scene.upload(&device, "other", b"one");
        let is_first = second["id"] == first["id"];
        assert_eq!(is_first, release == Release::V4_8_1, "{release:?}");
    }
}

#[test]
fn from_4_9_on_a_put_counts_for_the_device_that_sends_it() {
    for release in [Release::V4_9, Release::V5_1] {
        let scene = Scene::new(release);
        let device = scene.client.device("deck");
        let save = scene.upload(&device, "autosave", b"one");
        scene.wait_a_second();
        let put = format!("PUT /api/saves/{}?device_id={device}", save["id"]);
        let (_, answer) = scene.client.upload(&put, "x", b"two");
        assert_eq!(answer["device_syncs"][0]["is_current"], true);
        assert_ne!(answer["content_hash"], save["content_hash"]);
    }
}

#[test]
fn before_5_a_row_shows_the_old_file_after_an_upload_from_another_emulator() {
    for release in ALL {
        let scene = Scene::new(release);
        let post = format!("POST /api/saves?rom_id={}&emulator=", scene.rom);
        scene
            .client
            .upload(&format!("{post}mgba"), "Game.srm", b"one");
        let (_, save) = scene
            .client
            .upload(&format!("{post}vba"), "Game.srm", b"other");
        let follows = release >= Release::V5_1;
        let emulator = if follows { "vba" } else { "mgba" };
        assert_eq!(
            (&save["emulator"], &save["file_size_bytes"]),
            (&json!(emulator), &json!(5))
        );
        let shown = scene.romm.content(1).unwrap();
        assert_eq!(shown == b"other", follows, "{release:?}");
    }
}

#[test]
fn before_5_a_cleanup_that_keeps_none_keeps_none() {
    for release in ALL {
        let scene = Scene::new(release);
        let post = format!(
            "POST /api/saves?rom_id={}&slot=a&autocleanup=true&autocleanup_limit=0",
            scene.rom
        );
        assert_eq!(scene.client.upload(&post, "Game.srm", b"one").0, 200);
        let kept = usize::from(release >= Release::V5_1);
        assert_eq!(scene.romm.saves().len(), kept, "{release:?}");
    }
}

#[test]
fn in_4_9_negotiation_must_be_told_the_device() {
    let scene = Scene::new(Release::V4_9);
    let negotiate = |body: Value| scene.client.ask("POST /api/sync/negotiate", &body);
    let (status, body) = negotiate(json!({"saves": []}));
    assert_eq!(
        (status, &body["detail"][0]["loc"]),
        (422, &json!(["body", "device_id"]))
    );
    let device = scene.client.device("deck");
    let (status, body) = negotiate(json!({"saves": [], "device_id": device}));
    assert_eq!((status, &body["operations"]), (200, &json!([])));
    assert_eq!(scene.romm.sessions()[0].status, "IN_PROGRESS");
}

#[test]
fn the_heartbeat_says_what_a_test_wants() {
    for release in ALL {
        let scene = Scene::new(release);
        let version = || scene.client.get("/api/heartbeat")["SYSTEM"]["VERSION"].clone();
        assert_eq!(version(), release.version());
        for said in [
            json!("development"),
            json!("5.2.0-beta.1"),
            json!(null),
            json!({"a": 1}),
        ] {
            scene.romm.say_version(said.clone());
            assert_eq!(version(), said);
        }
    }
}

#[test]
fn a_person_answers_a_device_that_asks_to_be_let_in() {
    let scene = Scene::new(Release::V5_1);
    scene.romm.quirks(|quirks| quirks.poll_interval_seconds = 0);
    let ask = json!({
        "client_device_identifier": "id", "name": "Deck", "client": "test",
        "requested_scopes": ["me.read", "assets.read"],
    });
    let init = || scene.client.post("/api/auth/device/init", &ask);
    let poll = |asked: &Value| {
        let body = json!({"device_code": asked["device_code"]});
        scene.client.ask("POST /api/auth/device/token", &body)
    };
    let asked = init();
    assert_eq!(asked["interval"], 0);
    for _ in 0..2 {
        assert_eq!(
            poll(&asked),
            (400, json!({"detail": "authorization_pending"}))
        );
    }
    let codes = scene.romm.user_codes();
    let device = scene.romm.approve(&codes[0], scene.user);
    let (status, token) = poll(&asked);
    assert_eq!((status, &token["device_id"]), (200, &json!(device)));
    let bound = Client::new(
        scene.romm.address(),
        token["access_token"].as_str().unwrap(),
    );
    assert_eq!(
        bound.get("/api/users/me")["current_device_id"],
        json!(device)
    );
    assert_eq!(scene.romm.devices(scene.user), [device]);

    let asked = init();
    scene.romm.deny(&scene.romm.user_codes()[0]);
    assert_eq!(poll(&asked), (400, json!({"detail": "access_denied"})));
    let asked = init();
    scene.romm.expire(&scene.romm.user_codes()[0]);
    assert_eq!(poll(&asked), (400, json!({"detail": "expired_token"})));
}

#[test]
fn tries_are_limited_unless_a_test_wants_them_not_to_be() {
    let scene = Scene::new(Release::V5_1);
    let exchange = || {
        let body = json!({"code": "ZZZZZZZZ"});
        scene
            .client
            .ask("POST /api/client-tokens/exchange", &body)
            .0
    };
    assert_eq!([(); 6].map(|()| exchange()), [404, 404, 404, 404, 404, 429]);
    scene.romm.quirks(|quirks| quirks.limits_rates = false);
    assert_eq!(exchange(), 404);
    let body = json!({"code": scene.romm.pairing_code(scene.user)});
    let token = scene.client.post("/api/client-tokens/exchange", &body);
    let secret = token["raw_token"].as_str().unwrap();
    let paired = Client::new(scene.romm.address(), secret);
    assert_eq!(paired.get("/api/users/me")["username"], "ann");
    scene.romm.revoke(secret);
    assert_eq!(paired.ask("GET /api/users/me", &Value::Null).0, 401);
}

#[test]
fn every_request_is_on_the_list_with_what_it_brought() {
    let scene = Scene::new(Release::V5_1);
    let asking = std::thread::spawn({
        let address = scene.romm.address();
        let token = scene.romm.token(scene.user, None);
        move || {
            let line = "POST /api/saves?rom_id=1&slot=a%20b";
            Client::new(address, &token)
                .upload(line, "Game.srm", b"one")
                .0
        }
    });
    scene
        .romm
        .until(|log| log.iter().any(|seen| seen.status.is_some()));
    let log = scene.romm.log();
    assert_eq!(log[0].line(), "POST /api/saves");
    assert_eq!(
        (log[0].query("slot"), log[0].status),
        (Some("a b"), Some(200))
    );
    let (field, name, content) = &log[0].files()[0];
    assert_eq!(
        (&**field, &**name, &**content),
        ("saveFile", "Game.srm", &b"one"[..])
    );
    assert_eq!(scene.romm.asked("POST /api/saves"), 1);
    assert_eq!(asking.join().unwrap(), 200);
}

#[test]
fn the_date_is_that_of_its_clock() {
    let scene = Scene::new(Release::V5_1);
    let date = || {
        let mut connection = Connection::to(scene.romm.address());
        let arrived = connection.ask("GET /api/heartbeat", &[], b"");
        arrived.header("date").unwrap().to_owned()
    };
    assert_eq!(date(), "Fri, 20 Nov 2026 07:28:30 GMT");
    scene.wait_a_second();
    assert_eq!(date(), "Fri, 20 Nov 2026 07:28:31 GMT");
    let other = keepsave_testkit::server::FakeClock::new();
    other.advance_millis(60_000);
    scene.romm.use_clock(std::sync::Arc::new(other));
    assert_eq!(date(), "Fri, 20 Nov 2026 07:29:30 GMT");
}
