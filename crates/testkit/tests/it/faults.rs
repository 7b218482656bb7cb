//! Each fault, seen from both sides of the proxy.

use keepsave_testkit::faults::{Canned, Fault, Proxy, Rule};
use keepsave_testkit::romm::{Release, StandIn};

use crate::client::{Arrived, Connection, form};

const CONTENT: &[u8] = b"0123456789";

/// A stand-in with one save, a proxy before it, and what a client needs.
struct Scene {
    romm: StandIn,
    proxy: Proxy,
    authorization: String,
    save: String,
}

impl Scene {
    fn new() -> Self {
        let romm = StandIn::start(Release::V5_1);
        let user = romm.user("ann", "password");
        let rom = romm.rom("gba", "Game.gba");
        let id = romm.put_save((user, rom), Some("autosave"), "Game.srm", CONTENT);
        // In the same second an upload of that name would take the row over.
        romm.clock.advance_millis(1_000);
        Self {
            authorization: format!("Bearer {}", romm.token(user, None)),
            proxy: Proxy::before(romm.address()),
            save: format!("GET /api/saves/{id}/content"),
            romm,
        }
    }

    fn failing(fault: Fault) -> Self {
        let scene = Self::new();
        scene.proxy.fault(Rule::on("GET", "/api/saves/"), fault);
        scene
    }

    fn connect(&self) -> Connection {
        Connection::to(self.proxy.address())
    }

    fn fetch(&self, connection: &mut Connection) -> Arrived {
        connection.ask(&self.save, &[("authorization", &self.authorization)], b"")
    }

    fn upload(&self, connection: &mut Connection, content: &[u8]) -> Arrived {
        let (body, kind) = form("saveFile", "Game.srm", content);
        let headers = [
            ("authorization", &*self.authorization),
            ("content-type", kind),
        ];
        connection.ask("POST /api/saves?rom_id=1&slot=other", &headers, &body)
    }
}

#[test]
fn what_no_rule_fits_passes_and_connections_stay() {
    let scene = Scene::new();
    scene
        .proxy
        .fault(Rule::on("GET", "/api/states"), Fault::CutBeforeRequest);
    let mut connection = scene.connect();
    for _ in 0..3 {
        let arrived = scene.fetch(&mut connection);
        assert_eq!((arrived.status(), &*arrived.body), (Some(200), CONTENT));
    }
    assert_eq!(scene.upload(&mut connection, b"new").status(), Some(200));
    assert_eq!(scene.proxy.connections(), 1);
    assert!(
        scene
            .proxy
            .passed()
            .iter()
            .all(|passed| passed.fault.is_none())
    );
    assert_eq!(scene.romm.saves().len(), 2);
}

#[test]
fn a_chunked_upload_passes_and_is_cut_after_so_much_of_its_content() {
    use std::io::Write as _;
    for (fault, uploads) in [(None, 1), (Some(Fault::CutInRequestBody(40)), 0)] {
        let scene = Scene::new();
        let is_cut = fault.is_some();
        if let Some(fault) = fault {
            scene.proxy.fault(Rule::on("POST", "/api/saves"), fault);
        }
        let (body, kind) = form("saveFile", "Game.srm", CONTENT);
        let mut stream = std::net::TcpStream::connect(scene.proxy.address()).unwrap();
        let head = format!(
            "POST /api/saves?rom_id=1 HTTP/1.1\r\nhost: a\r\nauthorization: {}\r\n\
             content-type: {kind}\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n",
            scene.authorization
        );
        stream.write_all(head.as_bytes()).unwrap();
        for chunk in body.chunks(30) {
            let framed = [format!("{:x}\r\n", chunk.len()).as_bytes(), chunk, b"\r\n"].concat();
            // The proxy may have reset the connection by now.
            let _sent = stream.write_all(&framed);
        }
        let _sent = stream.write_all(b"0\r\n\r\n");
        let mut answer = String::new();
        let read = std::io::Read::read_to_string(&mut stream, &mut answer);
        assert_eq!(
            answer.starts_with("HTTP/1.1 200"),
            !is_cut,
            "{read:?} {answer}"
        );
        assert_eq!(scene.romm.saves().len(), 1 + uploads);
    }
}

#[test]
fn cut_before_the_request_the_server_hears_nothing() {
    let scene = Scene::failing(Fault::CutBeforeRequest);
    assert_eq!(scene.fetch(&mut scene.connect()), Arrived::default());
    assert_eq!(scene.romm.log().len(), 0);
    // The next one passes.
    assert!(scene.fetch(&mut scene.connect()).is_whole);
}

#[test]
fn cut_in_the_requests_body_the_server_has_no_whole_one() {
    let scene = Scene::new();
    scene
        .proxy
        .fault(Rule::on("POST", "/api/saves"), Fault::CutInRequestBody(20));
    let arrived = scene.upload(&mut scene.connect(), b"new");
    assert_eq!(arrived, Arrived::default());
    scene.proxy.until_done(1);
    scene
        .romm
        .until(|log| log.iter().any(|seen| seen.status == Some(500)));
    assert_eq!(scene.romm.log()[0].body, None);
    assert_eq!(scene.romm.saves().len(), 1);
}

#[test]
fn cut_before_the_answer_the_server_has_done_it() {
    let scene = Scene::new();
    scene
        .proxy
        .fault(Rule::on("POST", "/api/saves"), Fault::CutBeforeAnswer);
    let arrived = scene.upload(&mut scene.connect(), b"new");
    assert_eq!(arrived, Arrived::default());
    assert_eq!(scene.romm.saves().len(), 2);
    assert_eq!(scene.romm.log()[0].status, Some(200));
}

#[test]
fn cut_in_the_answer_so_much_of_it_arrives() {
    let scene = Scene::failing(Fault::CutInAnswerHead(20));
    let arrived = scene.fetch(&mut scene.connect());
    assert_eq!((arrived.head.len(), arrived.is_whole), (20, false));

    let scene = Scene::failing(Fault::CutInAnswerBody(4));
    let arrived = scene.fetch(&mut scene.connect());
    assert_eq!(
        (arrived.status(), &*arrived.body),
        (Some(200), &CONTENT[..4])
    );
    assert_eq!(arrived.header("content-length"), Some("10"));
}

#[test]
fn cut_after_the_answer_the_connection_is_gone() {
    let scene = Scene::failing(Fault::CutAfterAnswer);
    let mut connection = scene.connect();
    assert!(scene.fetch(&mut connection).is_whole);
    assert_eq!(scene.fetch(&mut connection), Arrived::default());
    assert_eq!(scene.romm.log().len(), 1);
}

#[test]
fn what_stalls_goes_on_when_it_is_let() {
    for (fault, heard) in [
        (Fault::StallBeforeRequest, 0),
        (Fault::StallBeforeAnswer, 1),
        (Fault::StallInAnswerBody(4), 1),
    ] {
        let scene = Scene::failing(fault);
        let mut connection = scene.connect();
        let authorization = [("authorization", scene.authorization.as_str())];
        connection.send(&scene.save, &authorization, b"").unwrap();
        scene.proxy.until_stalled(1);
        assert_eq!(scene.romm.log().len(), heard);
        scene.proxy.release();
        let mut arrived = Arrived::default();
        connection.receive(&mut arrived).unwrap();
        assert_eq!(arrived.body, CONTENT);
    }
}

#[test]
fn a_body_is_shorter_than_its_row_says_or_another() {
    let scene = Scene::failing(Fault::Shorten(4));
    let mut connection = scene.connect();
    let arrived = scene.fetch(&mut connection);
    assert_eq!((&*arrived.body, arrived.is_whole), (&CONTENT[..4], true));
    assert_eq!(scene.fetch(&mut connection).body, CONTENT);

    let scene = Scene::failing(Fault::Flip(3));
    let arrived = scene.fetch(&mut scene.connect());
    let mut flipped = CONTENT.to_vec();
    flipped[3] ^= 0xff;
    assert_eq!((&arrived.body, arrived.is_whole), (&flipped, true));
}

#[test]
fn the_proxy_answers_itself() {
    let scene = Scene::failing(Fault::Answer(Canned::too_many("7")));
    let mut connection = scene.connect();
    let arrived = scene.fetch(&mut connection);
    assert_eq!(
        (arrived.status(), arrived.header("retry-after")),
        (Some(429), Some("7"))
    );
    assert_eq!(scene.romm.log().len(), 0);
    assert!(scene.fetch(&mut connection).is_whole);

    let elsewhere = Canned::redirect(307, "http://127.0.0.1:9/api/saves/1/content");
    let scene = Scene::failing(Fault::Answer(elsewhere));
    let arrived = scene.fetch(&mut scene.connect());
    assert_eq!(arrived.status(), Some(307));
    assert_eq!(
        arrived.header("location"),
        Some("http://127.0.0.1:9/api/saves/1/content")
    );

    let scene = Scene::new();
    let late = Fault::AnswerAfterward(Canned::status(503));
    scene.proxy.fault(Rule::on("POST", "/api/saves"), late);
    assert_eq!(
        scene.upload(&mut scene.connect(), b"new").status(),
        Some(503)
    );
    assert_eq!(scene.romm.saves().len(), 2);
}

#[test]
fn a_rule_counts_the_requests_that_it_fits() {
    let scene = Scene::new();
    let status = |status| Fault::Answer(Canned::status(status));
    scene
        .proxy
        .fault(Rule::on("GET", "/api/saves/").nth(2).times(2), status(500));
    scene
        .proxy
        .fault(Rule::on("POST", "/api/saves").always(), status(503));
    let mut connection = scene.connect();
    let mut fetched = || scene.fetch(&mut connection).status();
    assert_eq!([(); 4].map(|()| fetched()), [200, 500, 500, 200].map(Some));
    for _ in 0..3 {
        assert_eq!(scene.upload(&mut connection, b"new").status(), Some(503));
    }
    scene.proxy.heal();
    assert_eq!(scene.upload(&mut connection, b"new").status(), Some(200));
    let faults = scene.proxy.passed();
    assert_eq!(
        faults
            .iter()
            .filter(|passed| passed.fault.is_some())
            .count(),
        5
    );
}

#[test]
fn an_early_refusal_passes_while_the_body_is_still_sent() {
    let scene = Scene::new();
    let mut connection = scene.connect();
    let length = (600 * 1024 * 1024).to_string();
    let authorization = [
        ("authorization", &*scene.authorization),
        ("content-length", &*length),
    ];
    let arrived = connection.ask("POST /api/saves?rom_id=1", &authorization, b"");
    assert_eq!((arrived.status(), arrived.is_whole), (Some(413), true));
}
