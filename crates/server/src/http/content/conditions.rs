//! What of a content a client wants, by its method and headers, and by which marks it knows it.

use std::time::SystemTime;

use axum::extract::FromRequestParts;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use jiff::Timestamp;
use jiff::fmt::rfc2822::{DateTimeParser, DateTimePrinter};
use keepsave_core::content::BlobHash;
use keepsave_core::time::Time;

use super::ranges::{self, Wanted};
use crate::http::error::Failure;

/// How many digits of a hash tell contents apart.
const ETAG_DIGITS: usize = 32;
/// As many as RomM has in its boundaries.
const BOUNDARY_DIGITS: usize = 26;

/// By what a client knows a content again.
pub(super) struct Validators {
    etag: String,
    /// In whole seconds: HTTP has no finer dates.
    modified: Timestamp,
    /// Whether the date changes whenever the content does.
    date_counts: bool,
}

impl Validators {
    pub fn of_blob(hash: &BlobHash, modified: Time) -> Self {
        Self {
            etag: format!("\"{}\"", &hash.to_string()[..ETAG_DIGITS]),
            modified: Timestamp::from_second(modified.seconds()).unwrap_or_default(),
            date_counts: false,
        }
    }

    pub fn of_file(size: u64, modified: SystemTime) -> Self {
        let modified = Timestamp::try_from(modified).unwrap_or_default();
        Self {
            etag: format!("\"{size:x}-{:x}\"", modified.as_nanosecond()),
            modified: Timestamp::from_second(modified.as_second()).unwrap_or_default(),
            date_counts: true,
        }
    }

    /// Writes `ETag` and `Last-Modified`.
    pub fn write(&self, headers: &mut HeaderMap) {
        let date = DateTimePrinter::new().timestamp_to_rfc9110_string(&self.modified);
        let mut set = |name: HeaderName, value: &str| {
            if let Ok(value) = HeaderValue::try_from(value) {
                headers.insert(name, value);
            }
        };
        set(header::ETAG, &self.etag);
        if let Ok(date) = date {
            set(header::LAST_MODIFIED, &date);
        }
    }

    /// What divides parts. No content holds it: it follows from the content.
    pub fn boundary(&self) -> String {
        let mut boundary = blake3::hash(self.etag.as_bytes()).to_hex().to_string();
        boundary.truncate(BOUNDARY_DIGITS);
        boundary
    }
}

/// The part of a request that says which bytes to send.
#[derive(Clone, Debug)]
pub struct Conditions {
    method: Method,
    range: Option<HeaderValue>,
    if_range: Option<HeaderValue>,
    if_none_match: Vec<HeaderValue>,
    if_modified_since: Option<HeaderValue>,
}

impl<S: Sync> FromRequestParts<S> for Conditions {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        let headers = &parts.headers;
        Ok(Self {
            method: parts.method.clone(),
            range: headers.get(header::RANGE).cloned(),
            if_range: headers.get(header::IF_RANGE).cloned(),
            if_none_match: headers
                .get_all(header::IF_NONE_MATCH)
                .iter()
                .cloned()
                .collect(),
            if_modified_since: headers.get(header::IF_MODIFIED_SINCE).cloned(),
        })
    }
}

impl Conditions {
    /// Whether only the head of the answer is wanted.
    pub(super) fn is_head(&self) -> bool {
        self.method == Method::HEAD
    }

    /// Whether the client named the content as one that it holds.
    pub(super) fn client_has(&self, validators: &Validators) -> bool {
        if self.if_none_match.is_empty() {
            return validators.date_counts
                && date(self.if_modified_since.as_ref())
                    .is_some_and(|date| validators.modified <= date);
        }
        self.if_none_match
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .map(str::trim)
            .any(|etag| etag == "*" || etag.trim_start_matches("W/") == validators.etag)
    }

    /// Which bytes are wanted.
    pub(super) fn wanted(&self, validators: &Validators, size: u64) -> Wanted {
        match &self.range {
            Some(range) if self.still_the_same(validators) => ranges::wanted(range, size),
            Some(_) | None => Wanted::Whole,
        }
    }

    /// Whether the client's part of the content is a part of this content.
    fn still_the_same(&self, validators: &Validators) -> bool {
        let Some(if_range) = &self.if_range else {
            return true;
        };
        let same_date = || date(Some(if_range)) == Some(validators.modified);
        if_range == validators.etag.as_str() || (validators.date_counts && same_date())
    }
}

fn date(header: Option<&HeaderValue>) -> Option<Timestamp> {
    DateTimeParser::new()
        .parse_timestamp(header?.as_bytes())
        .ok()
}
