//! The power goes, again and again, while uploads run: what was acknowledged is there, bit for bit.

#![expect(
    clippy::unwrap_used,
    reason = "what cannot be set up fails the test that needs it"
)]

use std::collections::BTreeMap;

use keepsave_testkit::binary::{Client, Running, Sandbox};
use keepsave_testkit::seed_library;
use serde_json::Value;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

const ROUNDS: u64 = 12;
const CLIENTS: u64 = 6;
const PASSWORD: &str = "secret1";

/// An upload that was answered with 200.
struct Acknowledged {
    kind: Kind,
    bytes: Vec<u8>,
}

enum Kind {
    Save { slot: String },
    State { file_name: String },
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_survives_every_kill() {
    let sandbox = Sandbox::new(env!("CARGO_BIN_EXE_keepsave"));
    seed_library(&sandbox.path().join("keepsave-data/library")).unwrap();
    let server = serve(&sandbox);
    sandbox.run(&["server", "scan"]).expect(0);
    server.stop();

    let mut acknowledged = Vec::new();
    for round in 0..ROUNDS {
        let server = serve(&sandbox);
        acknowledged.extend(upload_until_killed(server, round).await);
        demand_no_loss(
            &sandbox
                .run(&["server", "verify", "--repair", "--json"])
                .stdout,
        );
    }
    let server = serve(&sandbox);
    let ada = server.user("ada", PASSWORD);
    let stored = Stored::read(&ada).await;
    for upload in &acknowledged {
        stored.demand(&ada, upload).await;
    }
    server.stop();
    // Everything agrees, the asset tree too.
    sandbox.run(&["server", "verify", "--repair"]);
    sandbox.run(&["server", "verify"]).expect(0);
}

fn serve(sandbox: &Sandbox) -> Running {
    let variables = [
        ("KEEPSAVE_ADMIN_USERNAME", "ada"),
        ("KEEPSAVE_ADMIN_PASSWORD", PASSWORD),
    ];
    let server = sandbox.serve_with(&[], &variables);
    let staging = sandbox.path().join("keepsave-data/staging");
    let left = std::fs::read_dir(staging).unwrap().count();
    assert_eq!(left, 0, "what was never acknowledged is not kept");
    server
}

/// Several clients upload at once; after some acknowledgements the process is killed.
async fn upload_until_killed(server: Running, round: u64) -> Vec<Acknowledged> {
    let (told, mut heard) = unbounded_channel();
    let mut clients = Vec::new();
    for client in 0..CLIENTS {
        let ada = server.user("ada", PASSWORD);
        clients.push(tokio::spawn(keep_uploading(
            ada,
            round,
            client,
            told.clone(),
        )));
    }
    drop(told);
    let mut acknowledged = Vec::new();
    // Another moment in each round, counted in what was acknowledged.
    for _ in 0..(5 + 7 * round % 40) {
        acknowledged.push(heard.recv().await.unwrap());
    }
    server.kill();
    // Answers that were on their way count as well.
    while let Some(upload) = heard.recv().await {
        acknowledged.push(upload);
    }
    for client in clients {
        client.await.unwrap();
    }
    acknowledged
}

/// Saves that are new, saves that are replaced, and states, until no answer comes.
async fn keep_uploading(ada: Client, round: u64, client: u64, told: UnboundedSender<Acknowledged>) {
    let slot = format!("slot{client}");
    let mut last = None;
    for number in 0.. {
        let bytes = content(round, client, number);
        let file_name = format!("{round}-{client}-{number}.dat");
        let (answer, kind) = match (number % 5, last) {
            (4, _) => {
                let path = "/api/states?rom_id=1&emulator=mgba";
                let answer = ada.upload(path, &[("stateFile", &file_name, &bytes)]).await;
                (answer, Kind::State { file_name })
            }
            (2, Some(id)) => {
                let path = format!("/api/saves/{id}?rom_id=1&slot={slot}");
                let answer = ada
                    .replace(&path, &[("saveFile", &file_name, &bytes)])
                    .await;
                (answer, Kind::Save { slot: slot.clone() })
            }
            _ => {
                let path = format!("/api/saves?rom_id=1&emulator=mgba&slot={slot}");
                let answer = ada.upload(&path, &[("saveFile", &file_name, &bytes)]).await;
                (answer, Kind::Save { slot: slot.clone() })
            }
        };
        let Ok(answer) = answer else { return };
        let row = answer.expect(200);
        if let Kind::Save { .. } = kind {
            last = row["id"].as_i64();
        }
        // Whoever listens listens until every client has ended.
        told.send(Acknowledged { kind, bytes }).ok().unwrap();
    }
}

/// Different every time, of a few bytes or more than is held in memory.
fn content(round: u64, client: u64, number: u64) -> Vec<u8> {
    let sizes = [20, 8 * 1024, 32 * 1024, 300 * 1024];
    let size = sizes[usize::try_from(round + client + number).unwrap() % sizes.len()];
    let mut bytes = format!("{round}/{client}/{number}/").into_bytes();
    let pattern = (0..=250_u8).cycle();
    bytes.extend(pattern.take(size));
    bytes
}

/// Whatever is behind after a kill is the asset tree: a view, made anew.
fn demand_no_loss(report: &str) {
    let report: Value = serde_json::from_str(report).unwrap();
    for finding in report["findings"].as_array().unwrap() {
        assert_eq!(finding["finding"], "tree", "{finding}");
    }
}

/// What the server says that it has.
struct Stored {
    /// By slot and content hash.
    versions: BTreeMap<(String, String), Value>,
    /// By file name.
    states: BTreeMap<String, Value>,
}

impl Stored {
    async fn read(ada: &Client) -> Self {
        let (mut versions, mut states) = (BTreeMap::new(), BTreeMap::new());
        let timelines = ada
            .get("/api/keepsave/timelines?rom_id=1")
            .await
            .expect(200);
        for timeline in timelines.as_array().unwrap() {
            let slot = text(&timeline["slot"]);
            for version in all_versions(ada, &timeline["id"]).await {
                let key = (slot.clone(), text(&version["content_hash"]));
                versions.insert(key, version["id"].clone());
            }
        }
        let listed = ada.get("/api/states?rom_id=1").await.expect(200);
        for state in listed.as_array().unwrap() {
            states.insert(text(&state["file_name"]), state["id"].clone());
        }
        Self { versions, states }
    }

    async fn demand(&self, ada: &Client, upload: &Acknowledged) {
        let path = match &upload.kind {
            Kind::Save { slot } => {
                let md5 = hex::encode(<md5::Md5 as md5::Digest>::digest(&upload.bytes));
                let id = self.versions.get(&(slot.clone(), md5));
                format!("/api/keepsave/versions/{}/content", id.unwrap())
            }
            Kind::State { file_name } => {
                format!(
                    "/api/states/{}/content",
                    self.states.get(file_name).unwrap()
                )
            }
        };
        let content = ada.get(&path).await;
        assert_eq!(content.status, 200, "{path}");
        assert_eq!(content.bytes, upload.bytes, "{path}");
    }
}

async fn all_versions(ada: &Client, timeline: &Value) -> Vec<Value> {
    let mut all: Vec<Value> = Vec::new();
    loop {
        let before = all
            .last()
            .map_or(i64::MAX, |last| last["ordinal"].as_i64().unwrap());
        let path = format!("/api/keepsave/timelines/{timeline}/versions?limit=500&before={before}");
        let page = ada.get(&path).await.expect(200);
        let page = page.as_array().unwrap();
        if page.is_empty() {
            return all;
        }
        all.extend(page.iter().cloned());
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}
