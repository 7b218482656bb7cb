//! Playtime, from the start of a session to what a server adds up: against a real Keepsave and
//! against a RomM from before and from after there were play sessions.

mod notes;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use keepsave_core::ids::{DeviceId, NoteId, RomId, UserId};
use keepsave_core::playtime::Moment;
use keepsave_core::time::{Clock, Time};
use keepsave_device::playtime::note::TITLE;
use keepsave_device::playtime::tell::{Refused, Told};
use keepsave_device::playtime::{Playtimes, record, total};
use keepsave_device::server::{Credential, Secret, Server};
use keepsave_device::state::{Identity, State};
use keepsave_testkit::faults::{Canned, Fault, Proxy, Rule};
use keepsave_testkit::romm::{Release, StandIn};
use keepsave_testkit::server::TestServer;
use keepsave_wire::devices::DeviceCreatePayload;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::keepsave::signed_in;
use crate::peer::connect;

/// When the sessions of these tests begin: the stand-in's clock shows a little later.
const START: i64 = 1_795_000_000;

struct Hand(AtomicI64);

impl Clock for Hand {
    fn now(&self) -> Time {
        Time::EPOCH.plus_seconds(self.0.load(Ordering::Relaxed))
    }
}

/// A device that plays.
struct Player {
    playtimes: Playtimes,
    clock: Arc<Hand>,
    _room: TempDir,
}

fn at(seconds: i64) -> Moment {
    Moment {
        wall: Time::EPOCH.plus_seconds(START + seconds),
        awake: None,
    }
}

impl Player {
    fn new(server: Server, device: Option<DeviceId>) -> Self {
        let room = tempfile::tempdir().unwrap();
        let identity = Identity {
            origin: "https://saves.example.org".into(),
            user: UserId(1),
        };
        let clock = Arc::new(Hand(AtomicI64::new(START)));
        let state = State::open(room.path(), &identity, clock.clone()).unwrap();
        let playtimes = Playtimes {
            server,
            state: Arc::new(state),
            device,
            device_name: "deck".into(),
            clock: clock.clone(),
        };
        Self {
            playtimes,
            clock,
            _room: room,
        }
    }

    async fn registered(server: Server) -> Self {
        let device = DeviceCreatePayload {
            name: Some("deck".into()),
            ..DeviceCreatePayload::default()
        };
        let device = server.register_device(&device).await.unwrap();
        let device = device.seen.device_id;
        Self::new(server, Some(device))
    }

    fn state(&self) -> &State {
        &self.playtimes.state
    }

    /// A session from so many seconds after the start, for so many seconds.
    fn play(&self, rom: i64, from: i64, seconds: i64) {
        record::begin(self.state(), RomId(rom), at(from)).unwrap();
        let played = record::end(
            self.state(),
            RomId(rom),
            Some("autosave"),
            at(from + seconds),
        );
        assert_eq!(played.unwrap().unwrap().seconds(), seconds);
        let end = at(from + seconds).wall.seconds();
        self.clock.0.store(end, Ordering::Relaxed);
    }

    async fn tell(&self) -> Told {
        self.playtimes.tell().await.unwrap()
    }

    fn waiting(&self) -> usize {
        self.state().untold(usize::MAX).unwrap().len()
    }

    async fn total(&self, rom: i64) -> i64 {
        self.playtimes.total(RomId(rom)).await.unwrap()
    }
}

fn told(new: usize, known: usize) -> Told {
    Told {
        new,
        known,
        ..Told::default()
    }
}

/// A RomM with a game, and ada's token there.
struct Side {
    romm: StandIn,
    ada: i64,
    token: String,
}

impl Side {
    fn new(release: Release) -> Self {
        Self::with(release, None)
    }

    fn with(release: Release, scopes: Option<&[&str]>) -> Self {
        let romm = StandIn::start(release);
        romm.clock.set(Time::EPOCH.plus_seconds(START + 500_000));
        let ada = romm.user("ada", "sesame");
        romm.rom("gba", "Zelda.gba");
        romm.rom("gba", "Metroid.gba");
        let token = romm.token(ada, scopes);
        Self { romm, ada, token }
    }

    fn server_at(&self, url: &str) -> Server {
        let credential = Credential::Token(Secret::new(self.token.clone()));
        connect(url, credential, Duration::from_secs(30))
    }

    fn server(&self) -> Server {
        self.server_at(&self.romm.url())
    }

    fn note(&self, rom: i64) -> Value {
        let notes = self.romm.notes(rom);
        assert_eq!((notes.len(), notes[0].0.as_str()), (1, TITLE));
        serde_json::from_str(&notes[0].1).unwrap()
    }
}

#[tokio::test]
async fn a_keepsave_is_told_once_and_adds_up_what_all_devices_played() {
    let served = TestServer::seeded().await;
    let server = signed_in(&served).await;
    let deck = Player::registered(server.clone()).await;
    let living_room = Player::registered(server.clone()).await;
    let now = served.clock.now().seconds() - START;
    deck.play(1, now - 9_000, 1_800);
    deck.play(1, now - 5_000, 600);
    deck.play(2, now - 3_000, 60);
    living_room.play(1, now - 2_000, 1_000);
    assert_eq!(deck.tell().await, told(3, 0));
    assert_eq!(deck.tell().await, told(0, 0), "they wait no more");
    assert_eq!(living_room.tell().await, told(1, 0));
    assert_eq!(deck.total(1).await, 3_400);
    assert_eq!(living_room.total(2).await, 60, "it was never played here");
    let known = total::known(deck.state(), RomId(1)).unwrap();
    assert_eq!(known, 3_400, "what was asked is remembered");
    deck.play(1, now - 500, 400);
    assert_eq!(deck.total(1).await, 3_400, "the larger one is shown");
    assert_eq!(
        deck.state().playtime(RomId(1)).unwrap().total_seconds,
        2_800
    );
}

#[tokio::test]
async fn a_total_that_was_read_in_is_told_to_nobody_and_shown_while_it_is_larger() {
    let romm = Side::new(Release::V5_1);
    let deck = Player::registered(romm.server()).await;
    let import = |playtime: &mut keepsave_device::state::Playtime| playtime.total_seconds = 7_200;
    deck.state().change_playtime(RomId(1), import).unwrap();
    assert_eq!(deck.tell().await, told(0, 0));
    deck.play(1, 0, 100);
    assert_eq!(deck.tell().await, told(1, 0));
    let sessions = romm.romm.play_sessions();
    assert_eq!((sessions.len(), sessions[0].duration_ms), (1, 100_000));
    assert_eq!(sessions[0].save_slot.as_deref(), Some("autosave"));
    assert_eq!(deck.total(1).await, 7_300);
    let played = romm.romm.last_played(romm.ada, 1);
    assert_eq!(
        played,
        Some(at(100).wall),
        "the server reads that from the session"
    );
}

#[tokio::test]
async fn more_sessions_than_a_batch_are_all_told() {
    let romm = Side::new(Release::V4_9);
    let deck = Player::registered(romm.server()).await;
    for number in 0..230 {
        deck.play(1, number * 100, 10);
    }
    assert_eq!(deck.tell().await, told(230, 0));
    assert_eq!(romm.romm.asked("POST /api/play-sessions"), 3);
    assert_eq!(deck.total(1).await, 2_300);
}

#[tokio::test]
async fn an_answer_that_was_lost_makes_no_session_twice() {
    let romm = Side::new(Release::V5_1);
    let proxy = Proxy::before(romm.romm.address());
    let deck = Player::registered(romm.server_at(&proxy.url())).await;
    deck.play(1, 0, 100);
    // Every attempt is done and its answer lost.
    let lost = Rule::on("POST", "/api/play-sessions").always();
    proxy.fault(lost, Fault::CutBeforeAnswer);
    deck.playtimes.tell().await.unwrap_err();
    assert_eq!(deck.waiting(), 1);
    proxy.heal();
    assert_eq!(deck.tell().await, told(0, 1));
    assert_eq!((romm.romm.play_sessions().len(), deck.waiting()), (1, 0));
}

#[tokio::test]
async fn without_the_scope_playtime_stays_here_and_that_is_said_once() {
    let romm = Side::with(
        Release::V5_1,
        Some(&["me.read", "roms.read", "devices.read"]),
    );
    let deck = Player::new(romm.server(), None);
    deck.play(1, 0, 100);
    let first = deck.tell().await;
    assert_eq!(first.said.len(), 1);
    assert!(
        first.said[0].contains("roms.user.write"),
        "{:?}",
        first.said
    );
    assert_eq!(deck.tell().await, told(0, 0), "it is said once");
    assert_eq!((deck.total(1).await, deck.waiting()), (100, 1));

    let may = romm.romm.token(romm.ada, None);
    let allowed = Side { token: may, ..romm };
    let deck = Player {
        playtimes: Playtimes {
            server: allowed.server(),
            ..deck.playtimes.clone()
        },
        ..deck
    };
    assert_eq!(deck.tell().await, told(1, 0), "what waited is told");
    assert!(
        deck.state()
            .tell_once("the token may not tell play sessions")
            .unwrap()
    );
}

#[tokio::test]
async fn a_device_that_the_server_does_not_know_waits_until_it_does() {
    let romm = Side::new(Release::V5_1);
    let proxy = Proxy::before(romm.romm.address());
    let deck = Player::new(romm.server_at(&proxy.url()), Some(DeviceId("gone".into())));
    deck.play(1, 0, 100);
    let unknown = Canned {
        body: json!({"detail": "Device with ID gone not found"}).to_string(),
        ..Canned::status(404)
    };
    proxy.fault(
        Rule::on("POST", "/api/play-sessions"),
        Fault::Answer(unknown),
    );
    let result = deck.tell().await;
    assert!(result.said[0].contains("registered again"), "{result:?}");
    assert_eq!(deck.waiting(), 1);
    proxy.heal();
    assert_eq!(deck.tell().await, told(1, 0));
}

#[tokio::test]
async fn one_that_the_server_will_never_take_does_not_hold_up_the_others() {
    let romm = Side::new(Release::V5_1);
    let deck = Player::registered(romm.server()).await;
    deck.play(1, 0, 100);
    // This machine believed to be in another century.
    deck.play(1, 2_000_000_000, 50);
    deck.play(1, 500, 100);
    let result = deck.tell().await;
    let refused = Refused {
        rom: RomId(1),
        why: "end_time is too far in the future".into(),
    };
    assert_eq!((result.new, result.refused), (2, vec![refused]));
    assert_eq!(deck.waiting(), 0);
    assert_eq!(deck.total(1).await, 250, "it counts here");
}

#[tokio::test]
async fn a_batch_that_is_refused_is_told_one_by_one() {
    let romm = Side::new(Release::V5_1);
    let proxy = Proxy::before(romm.romm.address());
    let deck = Player::registered(romm.server_at(&proxy.url())).await;
    for number in 0..3 {
        deck.play(1, number * 100, 10);
    }
    let batch_and_first = Rule::on("POST", "/api/play-sessions").times(2);
    proxy.fault(batch_and_first, Fault::Answer(Canned::status(422)));
    let result = deck.tell().await;
    assert_eq!(
        (result.new, result.refused.len(), deck.waiting()),
        (2, 1, 0)
    );
    assert_eq!(romm.romm.play_sessions().len(), 2);
}

#[tokio::test]
async fn who_is_let_in_as_a_device_adds_up_the_others_too() {
    let romm = Side::new(Release::V5_1);
    let living_room = Player::registered(romm.server()).await;
    living_room.play(1, 0, 1_000);
    living_room.tell().await;
    let deck = Player::registered(romm.server()).await;
    let device = deck.playtimes.device.clone().unwrap();
    romm.romm.bind(&romm.token, &device.0);
    deck.play(1, 5_000, 500);
    assert_eq!(deck.tell().await, told(1, 0));
    assert_eq!(deck.total(1).await, 1_500);
}

#[tokio::test]
async fn all_totals_are_asked_for_at_once() {
    for release in [Release::V4_8_1, Release::V4_9, Release::V5_1] {
        let romm = Side::new(release);
        let living_room = Player::registered(romm.server()).await;
        living_room.play(1, 0, 1_000);
        living_room.tell().await;
        let deck = Player::registered(romm.server()).await;
        let device = deck.playtimes.device.clone().unwrap();
        romm.romm.bind(&romm.token, &device.0);
        for number in 0..120 {
            deck.play(1, 5_000 + number * 100, 10);
        }
        deck.play(2, 50_000, 7);
        deck.tell().await;
        deck.playtimes.ask_for_all().await.unwrap();
        let known = |rom| total::known(deck.state(), RomId(rom)).unwrap();
        assert_eq!((known(1), known(2)), (2_200, 7), "{release:?}");
        living_room.playtimes.ask_for_all().await.unwrap();
        let here = living_room.state().export().unwrap().playtime;
        assert_eq!(here.len(), 1, "what others played is not this machine's");
    }
}
