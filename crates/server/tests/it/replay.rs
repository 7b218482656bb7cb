//! What a real RomM answered, asked of our server: 493 exchanges in twelve groups.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use keepsave_testkit::replay::{Deviations, Recordings, replay};
use keepsave_testkit::server::TestServer;

fn in_crate(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn recordings() -> Recordings {
    let contents = in_crate("tests/fixtures/contents.json");
    Recordings::load(&in_crate("tests/fixtures/transcripts"), &contents).unwrap()
}

/// A content that was sent in a recorded exchange, by its MD5.
pub fn recorded_content(md5: &str) -> Vec<u8> {
    use base64::Engine;
    let text = std::fs::read_to_string(in_crate("tests/fixtures/contents.json")).unwrap();
    let contents: serde_json::Value = serde_json::from_str(&text).unwrap();
    base64::engine::general_purpose::STANDARD
        .decode(contents[md5].as_str().unwrap())
        .unwrap()
}

fn deviations(recordings: &Recordings) -> Deviations {
    Deviations::load(&in_crate("tests/fixtures/deviations.json"), recordings).unwrap()
}

#[tokio::test]
async fn every_answer_is_romms_or_a_deviation() {
    let recordings = recordings();
    let deviations = deviations(&recordings);
    let server = TestServer::seeded().await;

    let advance = |step: Duration| {
        let millis = i64::try_from(step.as_millis()).unwrap();
        server.clock.advance_millis(millis);
    };
    let report = replay(&recordings, &deviations, &server.router(), advance).await;
    println!("{report}");

    assert!(report.is_green(), "some answers are neither, see above");
    assert_eq!(report.groups.len(), 12);
}

/// `docs/deviations.md` says to people what the table says to the replay.
#[test]
fn every_deviation_has_a_row_and_every_row_a_deviation() {
    let recordings = recordings();
    let deviations = deviations(&recordings);
    let page = std::fs::read_to_string(in_crate("../../docs/deviations.md")).unwrap();
    let rows = || page.lines().filter(|line| line.starts_with("| D"));
    let id = |row: &str| row.split('|').nth(1).unwrap().trim().to_owned();

    let all: Vec<String> = rows().map(id).collect();
    let distinct: BTreeSet<_> = all.iter().cloned().collect();
    assert_eq!(all.len(), distinct.len(), "an id stands twice: {all:?}");

    let replayed: BTreeSet<String> = rows()
        .filter(|row| row.contains("`every_answer_is_romms_or_a_deviation`"))
        .map(id)
        .collect();
    let named: BTreeSet<String> = deviations
        .reasons()
        .into_iter()
        .map(str::to_owned)
        .collect();
    assert_eq!(named, replayed);
}
