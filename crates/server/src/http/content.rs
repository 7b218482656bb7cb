//! Contents on their way out: whole, in ranges, or not at all when the client has them already.
//!
//! # When a device has what it was sent
//!
//! A download may count as proof that the device holds the bytes ([`Content::when_sent`]). RomM
//! writes that down before it sends anything, so a transfer that breaks counts too, and the device's
//! next upload destroys what it never had. Writing it down after the last byte is too late: the
//! client has the whole content by then, and what it asks next may be answered as if it had not.
//! So all bytes but the last go first, then the record is made, then the last byte goes. A client
//! without the last byte knows that it has no content; a client with it finds the record made.
//! When the connection is dropped before, nobody asks for the last byte and nothing is recorded.
//!
//! A range counts when it reaches the end of the content: what resumes a transfer completes it. A
//! client whose `If-None-Match` names the content has shown that it holds it. `HEAD` shows nothing.
//!
//! # Dates
//!
//! Two contents of one save can carry the same second, so a date never proves that a client has the
//! newer one. `If-Modified-Since` and dates in `If-Range` count for game files only.

mod conditions;
mod ranges;
mod sending;

use std::convert::Infallible;
use std::fs::File;
use std::ops::Range;
use std::pin::Pin;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream;
use http::{HeaderName, HeaderValue, StatusCode, header};
use keepsave_core::content::BlobHash;
use keepsave_core::names::{Disposition, content_disposition, rom_content_disposition};
use keepsave_core::time::Time;

pub use self::conditions::Conditions;

use self::conditions::Validators;
use self::ranges::Wanted;
use self::sending::{Segment, Source};
use super::error::Failure;
use crate::library::archive::Archive;
use crate::vault::blobs::Reader;
use crate::vault::{Blobs, Fault};

/// What is done when the content is all but sent.
type Hook = Pin<Box<dyn Future<Output = ()> + Send>>;

const OPAQUE: &str = "application/octet-stream";

/// A content that someone asked for.
pub struct Content {
    source: Source,
    head: Head,
    when_sent: Option<Hook>,
}

/// What is said of the content in every answer.
struct Head {
    validators: Validators,
    media_type: &'static str,
    disposition: String,
}

impl Content {
    /// A blob that a client saves under that name.
    pub fn attachment(
        blobs: &Blobs,
        hash: &BlobHash,
        name: &str,
        modified: Time,
    ) -> Result<Self, Fault> {
        let head = Head {
            validators: Validators::of_blob(hash, modified),
            media_type: media_type(name),
            disposition: content_disposition(Disposition::Attachment, name),
        };
        Ok(Self::new(Source::Reader(blobs.open(hash)?), head))
    }

    /// A blob that is `application/octet-stream` whatever its name says, unless it is an image.
    pub fn opaque_attachment(
        blobs: &Blobs,
        hash: &BlobHash,
        name: &str,
        modified: Time,
    ) -> Result<Self, Fault> {
        let mut content = Self::attachment(blobs, hash, name, modified)?;
        if !is_image(content.head.media_type) {
            content.head.media_type = OPAQUE;
        }
        Ok(content)
    }

    /// A blob that a browser shows when it is an image. Anything else could be a page that acts in
    /// the name of who looks at it, so that is saved like any attachment.
    pub fn picture(
        blobs: &Blobs,
        hash: &BlobHash,
        name: &str,
        modified: Time,
    ) -> Result<Self, Fault> {
        let mut content = Self::opaque_attachment(blobs, hash, name, modified)?;
        if is_image(content.head.media_type) {
            content.head.disposition = content_disposition(Disposition::Inline, name);
        }
        Ok(content)
    }

    /// A game's file.
    pub fn game_file(file: File, name: &str) -> Result<Self, Fault> {
        let metadata = file.metadata()?;
        let size = metadata.len();
        let head = Head {
            validators: Validators::of_file(size, metadata.modified()?),
            media_type: media_type(name),
            disposition: rom_content_disposition(name),
        };
        let reader = Reader::File { file, size };
        Ok(Self::new(Source::Reader(reader), head))
    }

    /// A game's files in one archive.
    pub fn archive(archive: Archive, name: &str) -> Self {
        let head = Head {
            validators: Validators::of_blob(&archive.fingerprint(), archive.modified_at()),
            media_type: "application/zip",
            disposition: rom_content_disposition(name),
        };
        Self::new(Source::Archive(archive), head)
    }

    fn new(source: Source, head: Head) -> Self {
        Self {
            source,
            head,
            when_sent: None,
        }
    }

    /// Runs `hook` to its end before the last byte is handed out: see the module's head.
    #[must_use]
    pub fn when_sent(mut self, hook: impl Future<Output = ()> + Send + 'static) -> Self {
        self.when_sent = Some(Box::pin(hook));
        self
    }

    /// The answer to a request with these conditions.
    pub async fn answer(self, conditions: &Conditions) -> Response {
        let size = self.source.size();
        if conditions.client_has(&self.head.validators) {
            run(self.when_sent).await;
            return self.head.not_modified();
        }
        if conditions.is_head() {
            return self.head.before(StatusCode::OK, size, Body::empty());
        }
        match conditions.wanted(&self.head.validators, size) {
            Wanted::Whole if size == 0 => {
                // There is no last byte to wait for.
                run(self.when_sent).await;
                self.head.before(StatusCode::OK, size, Body::empty())
            }
            Wanted::Whole => self.send(StatusCode::OK, vec![Segment::Range(0..size)]),
            Wanted::Ranges(ranges) => self.send_ranges(&ranges, size),
            Wanted::Nothing => nothing_of(size),
            Wanted::Malformed(sentence) => {
                Failure::text(StatusCode::BAD_REQUEST, sentence).into_response()
            }
        }
    }

    fn send_ranges(mut self, ranges: &[Range<u64>], size: u64) -> Response {
        if ranges.iter().all(|range| range.end < size) {
            self.when_sent = None;
        }
        let status = StatusCode::PARTIAL_CONTENT;
        if let [range] = ranges {
            let mut response = self.send(status, vec![Segment::Range(range.clone())]);
            set(&mut response, header::CONTENT_RANGE, &place(range, size));
            return response;
        }
        let boundary = self.head.validators.boundary();
        let segments = self.head.parts(ranges, size, &boundary);
        let mut response = self.send(status, segments);
        let media_type = format!("multipart/byteranges; boundary={boundary}");
        set(&mut response, header::CONTENT_TYPE, &media_type);
        response
    }

    fn send(self, status: StatusCode, segments: Vec<Segment>) -> Response {
        let length = segments.iter().map(Segment::length).sum();
        match sending::body(self.source, segments, length, self.when_sent) {
            Ok(body) => self.head.before(status, length, body),
            Err(fault) => Failure::from(fault).into_response(),
        }
    }
}

impl Head {
    fn before(&self, status: StatusCode, length: u64, body: Body) -> Response {
        let mut response = Response::new(body);
        *response.status_mut() = status;
        let headers = response.headers_mut();
        let media_type = HeaderValue::from_static(self.media_type);
        headers.insert(header::CONTENT_TYPE, media_type);
        headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
        headers.insert(header::CONTENT_LENGTH, length.into());
        self.validators.write(headers);
        set(
            &mut response,
            header::CONTENT_DISPOSITION,
            &self.disposition,
        );
        response
    }

    fn not_modified(&self) -> Response {
        // A body of unknown length, for one of length 0 would be announced as such, and a 304 that
        // has a length has the length of the content that it does not send.
        let nothing = stream::empty::<Result<Bytes, Infallible>>();
        let mut response = Response::new(Body::from_stream(nothing));
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        self.validators.write(response.headers_mut());
        response
    }

    /// What stands in a `multipart/byteranges`.
    fn parts(&self, ranges: &[Range<u64>], size: u64, boundary: &str) -> Vec<Segment> {
        let mut segments = Vec::with_capacity(ranges.len() * 2 + 1);
        for (count, range) in ranges.iter().enumerate() {
            let line = if count == 0 { "" } else { "\r\n" };
            let head = format!(
                "{line}--{boundary}\r\nContent-Type: {}\r\nContent-Range: {}\r\n\r\n",
                self.media_type,
                place(range, size)
            );
            segments.push(Segment::Text(head.into()));
            segments.push(Segment::Range(range.clone()));
        }
        segments.push(Segment::Text(format!("\r\n--{boundary}--").into()));
        segments
    }
}

async fn run(hook: Option<Hook>) {
    if let Some(hook) = hook {
        hook.await;
    }
}

/// 416: none of the ranges lies within the content.
fn nothing_of(size: u64) -> Response {
    let failure = Failure::text(StatusCode::RANGE_NOT_SATISFIABLE, "");
    let mut response = failure.into_response();
    set(
        &mut response,
        header::CONTENT_RANGE,
        &format!("bytes */{size}"),
    );
    response
}

fn place(range: &Range<u64>, size: u64) -> String {
    format!("bytes {}-{}/{size}", range.start, range.end - 1)
}

/// Sets a header whose value is made of characters that headers can have.
fn set(response: &mut Response, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::try_from(value) {
        response.headers_mut().insert(name, value);
    }
}

/// What the name promises.
fn media_type(name: &str) -> &'static str {
    mime_guess::from_path(name).first_raw().unwrap_or(OPAQUE)
}

/// Whether browsers show it and nothing in it can act. SVG is no image in this sense.
fn is_image(media_type: &str) -> bool {
    matches!(
        media_type,
        "image/avif"
            | "image/bmp"
            | "image/gif"
            | "image/jpeg"
            | "image/png"
            | "image/tiff"
            | "image/webp"
    )
}
