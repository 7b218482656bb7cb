//! What pages are made with: one style sheet, one file of icons, one script, each named after what
//! is in it, compressed once.

use std::io::{Cursor, Read};
use std::sync::LazyLock;

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use flate2::Compression;
use flate2::read::GzEncoder;
use http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, VARY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

/// A file that pages use.
pub struct Asset {
    content: &'static str,
    compressed: Vec<u8>,
    kind: &'static str,
    file: String,
}

impl Asset {
    fn new(name: &str, extension: &str, kind: &'static str, content: &'static str) -> Self {
        let hash = blake3::hash(content.as_bytes()).to_hex();
        Self {
            content,
            compressed: compressed(content),
            kind,
            file: format!("{name}-{}.{extension}", &hash[..12]),
        }
    }

    /// Where it is.
    pub fn path(&self) -> String {
        format!("/assets/{}", self.file)
    }
}

/// Empty where that fails: then the file is sent as it is.
fn compressed(content: &str) -> Vec<u8> {
    let mut compressed = Vec::new();
    let read =
        GzEncoder::new(Cursor::new(content), Compression::best()).read_to_end(&mut compressed);
    if read.is_err() {
        compressed.clear();
    }
    compressed
}

/// How pages look.
pub static STYLE: LazyLock<Asset> = LazyLock::new(|| {
    let content = include_str!("../../assets/style.css");
    Asset::new("style", "css", "text/css; charset=utf-8", content)
});

/// Their icons.
pub static ICONS: LazyLock<Asset> = LazyLock::new(|| {
    let content = include_str!("../../assets/icons.svg");
    Asset::new("icons", "svg", "image/svg+xml", content)
});

/// What makes them quicker to use. Everything works without it.
pub static SCRIPT: LazyLock<Asset> = LazyLock::new(|| {
    let content = include_str!("../../assets/keepsave.js");
    Asset::new("keepsave", "js", "text/javascript; charset=utf-8", content)
});

/// Sends a file. Its name changes with its content, so it may be kept for ever.
pub async fn send(Path(file): Path<String>, headers: HeaderMap) -> Response {
    const HEADERS: [(HeaderName, HeaderValue); 3] = [
        (
            CACHE_CONTROL,
            HeaderValue::from_static("public, max-age=31536000, immutable"),
        ),
        (VARY, HeaderValue::from_static("accept-encoding")),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    let known = [&*STYLE, &*ICONS, &*SCRIPT];
    let Some(asset) = known.into_iter().find(|asset| asset.file == file) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let kind = [(CONTENT_TYPE, asset.kind)];
    if takes_gzip(&headers) && !asset.compressed.is_empty() {
        let encoding = [(CONTENT_ENCODING, "gzip")];
        (HEADERS, kind, encoding, asset.compressed.as_slice()).into_response()
    } else {
        (HEADERS, kind, asset.content).into_response()
    }
}

/// Whether whoever asks can read what was compressed.
pub(super) fn takes_gzip(headers: &HeaderMap) -> bool {
    let accepted = headers.get(ACCEPT_ENCODING).and_then(|it| it.to_str().ok());
    let mut ways = accepted.unwrap_or_default().split(',').map(str::trim);
    ways.any(|way| way == "gzip" || way.starts_with("gzip;") && !way.ends_with("q=0"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_compressed_is_what_is_sent_otherwise() {
        for asset in [&*STYLE, &*ICONS, &*SCRIPT] {
            let mut read = String::new();
            let mut decoder = flate2::read::GzDecoder::new(asset.compressed.as_slice());
            decoder.read_to_string(&mut read).unwrap();
            assert_eq!(read, asset.content);
            assert!(
                asset.compressed.len() * 2 < asset.content.len(),
                "{}",
                asset.file
            );
        }
    }

    #[test]
    fn a_browser_says_whether_it_reads_gzip() {
        let takes = |value: &'static str| {
            let header = (ACCEPT_ENCODING, HeaderValue::from_static(value));
            takes_gzip(&HeaderMap::from_iter([header]))
        };
        assert!(takes("gzip, deflate, br") && takes("br, gzip;q=0.5"));
        assert!(!takes("br") && !takes("gzip;q=0") && !takes_gzip(&HeaderMap::new()));
    }
}
