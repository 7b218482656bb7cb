//! What must hold of everything here that reads bytes which someone else wrote, whatever they are:
//! bodies and headers of requests, the operator's file, a library's catalogues.
//!
//! Each body takes any bytes and asserts more than that nothing panics. The fuzzer runs the bodies for
//! hours (`cargo xtask fuzz`), the tests here for moments. Built for these two alone.

#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::OnceLock;

use axum::body::Body;
use bytes::Bytes;
use futures_util::stream;
use keepsave_core::limits;
use keepsave_core::names::{Disposition as Shown, content_disposition};

use crate::config::sources::Given;
use crate::config::table::SETTINGS;
use crate::http::fields::{Fields, form_pairs};
use crate::http::upload::{Incoming, disposition::Disposition};
use crate::library::catalogue;
use crate::vault::Vault;

/// A body and what it is called: so are its target and its corpus.
pub struct Target {
    /// The name.
    pub name: &'static str,
    /// What must hold, whatever the bytes.
    pub body: fn(&[u8]),
}

/// Every body.
pub const TARGETS: &[Target] = &[
    target("multipart", multipart),
    target("content_disposition", disposition),
    target("requests", requests),
    target("forms", forms),
    target("server_toml", server_toml),
    target("catalogue", catalogue_lines),
];

/// Runs the body of that name, which must be there.
pub fn run(name: &str, data: &[u8]) {
    let target = TARGETS.iter().find(|target| target.name == name);
    assert!(target.is_some(), "there is no target {name}");
    if let Some(target) = target {
        (target.body)(data);
    }
}

const fn target(name: &'static str, body: fn(&[u8])) -> Target {
    Target { name, body }
}

/// The most that a body in the multipart target may have.
const UPLOAD_BYTES: u64 = 1 << 16;

/// A multipart body says the same in whatever pieces it comes.
fn multipart(data: &[u8]) {
    let whole = files_of(data, data.len().max(1));
    for pieces in [1, 7] {
        assert_eq!(files_of(data, pieces), whole, "in pieces of {pieces} bytes");
    }
}

/// The names of the files and how many bytes of each came; none where the body is refused.
fn files_of(data: &[u8], piece: usize) -> Option<Vec<Option<(String, u64)>>> {
    static VAULT: OnceLock<Option<Vault>> = OnceLock::new();
    let vault = VAULT.get_or_init(|| Vault::in_memory().ok()).as_ref()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build();
    let pieces: Vec<_> = data
        .chunks(piece)
        .map(|piece| Ok::<_, std::convert::Infallible>(Bytes::copy_from_slice(piece)))
        .collect();
    let body = Body::from_stream(stream::iter(pieces));
    runtime.ok()?.block_on(async {
        let incoming = Incoming::of(body, UPLOAD_BYTES, "X");
        let files = incoming
            .files(vault.blobs(), ["saveFile", "screenshotFile"])
            .await
            .ok()?;
        let mut told = Vec::new();
        for file in files {
            told.push(match file {
                Some(upload) => {
                    let name = upload.file_name.clone();
                    let stored = upload.store().await.ok()?;
                    assert!(stored.size <= UPLOAD_BYTES && stored.size <= data.len() as u64);
                    Some((name, stored.size))
                }
                None => None,
            });
        }
        Some(told)
    })
}

/// A header is read or refused, and what is written of a name here is read again there.
fn disposition(data: &[u8]) {
    if let Ok(read) = Disposition::of(data) {
        let field = read.name;
        assert!(field.len() <= data.len());
        if let Some(name) = read.file_name {
            let written = content_disposition(Shown::Attachment, &name);
            let written = format!("{written}; name=field");
            let again = Disposition::of(written.as_bytes())
                .ok()
                .and_then(|it| it.file_name);
            assert_eq!(again.as_deref(), Some(name.as_str()), "{written}");
        }
    }
}

/// A JSON body is read in one go or field by field, and both say the same.
fn requests(data: &[u8]) {
    if let Ok(at_once) = crate::http::sync::read_inventory(data) {
        assert!(at_once.saves.len() <= limits::INVENTORY_SAVES);
        let written = serde_json::to_vec(&at_once).unwrap_or_default();
        let again = crate::http::sync::read_inventory(&written);
        let again = again.ok().and_then(|it| serde_json::to_vec(&it).ok());
        assert_eq!(again, Some(written));
    }
    if let Ok(mut fields) = Fields::of_body(data) {
        let _sessions = crate::http::play_sessions::entries(&mut fields, "sessions");
        let _text = fields.filled_text("name", 64);
        let _moment = fields.optional_moment("at");
        let well = fields.is_well();
        assert_eq!(fields.finish(()).is_ok(), well);
    }
}

/// A form's pairs are no more than its text, and are read again as they were written.
fn forms(data: &[u8]) {
    let pairs = form_pairs(data);
    assert!(pairs.len() <= data.len());
    let mut written = url_encoded(&pairs);
    assert_eq!(form_pairs(written.as_bytes()), pairs);
    written.push('&');
    assert_eq!(
        form_pairs(written.as_bytes()),
        pairs,
        "an empty pair is none"
    );
}

fn url_encoded(pairs: &[(String, String)]) -> String {
    let encoded = |text: &str| {
        percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
    };
    let pairs = pairs
        .iter()
        .map(|(key, value)| format!("{}={}", encoded(key), encoded(value)));
    pairs.collect::<Vec<_>>().join("&")
}

/// The operator's file is read as a whole or refused as a whole, and never shows a secret.
fn server_toml(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let path = Path::new("keepsave.toml");
    match Given::default().load(Some((path, &text))) {
        Ok(loaded) => {
            for setting in SETTINGS.iter().filter(|setting| setting.secret) {
                assert_eq!(setting.show(&loaded.settings), "", "{}", setting.name);
            }
        }
        Err(wrong) => assert!(!wrong.0.is_empty()),
    }
}

/// What a catalogue lists can be names of a folder and a file.
fn catalogue_lines(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut listed = catalogue::Listed::default();
    listed.take_text(&text, "catalogue.txt", None);
    listed.take_text(&text, "gba.txt", Some("gba"));
    for (platform, games) in &listed.games {
        assert!(catalogue::is_component(platform), "{platform:?}");
        assert!(
            games.iter().all(|game| catalogue::is_component(game)),
            "{games:?}"
        );
    }
    let told: usize = listed.games.values().map(|games| games.len()).sum();
    assert!(told + listed.problems.len() <= 2 * text.lines().count());
}
