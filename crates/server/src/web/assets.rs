//! What pages are made with: one style sheet, one file of icons, each named after what is in it.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};

/// A file that pages use.
pub struct Asset {
    content: &'static str,
    kind: &'static str,
    file: String,
}

impl Asset {
    fn new(name: &str, extension: &str, kind: &'static str, content: &'static str) -> Self {
        let hash = blake3::hash(content.as_bytes()).to_hex();
        Self {
            content,
            kind,
            file: format!("{name}-{}.{extension}", &hash[..12]),
        }
    }

    /// Where it is.
    pub fn path(&self) -> String {
        format!("/assets/{}", self.file)
    }
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

/// Sends a file. Its name changes with its content, so it may be kept for ever.
pub async fn send(Path(file): Path<String>) -> Response {
    let known = [&*STYLE, &*ICONS];
    match known.into_iter().find(|asset| asset.file == file) {
        Some(asset) => (
            [
                (CONTENT_TYPE, asset.kind),
                (CACHE_CONTROL, "public, max-age=31536000, immutable"),
                (X_CONTENT_TYPE_OPTIONS, "nosniff"),
            ],
            asset.content,
        )
            .into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
