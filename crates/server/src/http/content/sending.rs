//! A content's bytes as a body: small ones at once, others piece by piece.

use std::ops::Range;
use std::os::unix::fs::FileExt;

use axum::body::Body;
use bytes::Bytes;
use futures_util::stream;

use super::Hook;
use crate::library::archive::Archive;
use crate::vault::Fault;
use crate::vault::blobs::{Reader, in_background};

/// How much is read at once. An answer of this size is read where it is asked for: that takes less
/// time than to hand it to another thread.
const PIECE: u64 = 256 * 1024;

/// Where a content's bytes are.
pub(super) enum Source {
    /// In a blob or a file.
    Reader(Reader),
    /// In several files.
    Archive(Archive),
}

impl Source {
    pub fn size(&self) -> u64 {
        match self {
            Self::Reader(reader) => reader.size(),
            Self::Archive(archive) => archive.size(),
        }
    }
}

/// A part of a body.
pub(super) enum Segment {
    /// A text of our own.
    Text(Bytes),
    /// Bytes of the content; at least one.
    Range(Range<u64>),
}

impl Segment {
    pub fn length(&self) -> u64 {
        match self {
            Self::Text(text) => text.len() as u64,
            Self::Range(range) => range.end - range.start,
        }
    }
}

/// A body of that length in all.
pub(super) fn body(
    source: Source,
    segments: Vec<Segment>,
    length: u64,
    hook: Option<Hook>,
) -> Result<Body, Fault> {
    if let ([Segment::Range(range)], None) = (&segments[..], &hook)
        && length <= PIECE
    {
        return Ok(read(&source, range.clone())?.into());
    }
    let sending = Sending {
        source,
        segments: segments.into_iter(),
        range: 0..0,
        left: length,
        last: None,
        hook,
    };
    Ok(Body::from_stream(stream::try_unfold(
        sending,
        Sending::next,
    )))
}

/// A body of which some has been sent.
struct Sending {
    source: Source,
    segments: std::vec::IntoIter<Segment>,
    /// What is left of the range whose turn it is.
    range: Range<u64>,
    /// What is left in all.
    left: u64,
    /// The last byte, which waits for the hook.
    last: Option<Bytes>,
    hook: Option<Hook>,
}

impl Sending {
    async fn next(mut self) -> Result<Option<(Bytes, Self)>, Fault> {
        if self.last.is_none() && self.left > 0 {
            let mut piece;
            (piece, self) = self.piece().await.inspect_err(|fault| {
                tracing::error!(%fault, "a download broke off");
            })?;
            self.left -= piece.len() as u64;
            if self.left == 0 && self.hook.is_some() {
                self.last = Some(piece.split_off(piece.len() - 1));
            }
            if !piece.is_empty() {
                return Ok(Some((piece, self)));
            }
        }
        let Some(last) = self.last.take() else {
            return Ok(None);
        };
        if let Some(hook) = self.hook.take() {
            // Lets the connection write what it was given, or find that nobody is there.
            tokio::task::yield_now().await;
            hook.await;
        }
        Ok(Some((last, self)))
    }

    async fn piece(mut self) -> Result<(Bytes, Self), Fault> {
        if self.range.is_empty() {
            match self.segments.next() {
                Some(Segment::Range(range)) => self.range = range,
                Some(Segment::Text(text)) => return Ok((text, self)),
                None => return Ok((Bytes::new(), self)),
            }
        }
        let end = self.range.end.min(self.range.start + PIECE);
        let range = self.range.start..end;
        self.range.start = end;
        if self.left <= PIECE {
            return Ok((read(&self.source, range)?, self));
        }
        in_background(move || Ok((read(&self.source, range)?, self))).await
    }
}

/// Exactly these bytes.
fn read(source: &Source, range: Range<u64>) -> Result<Bytes, Fault> {
    let too_far = |_| std::io::Error::from(std::io::ErrorKind::UnexpectedEof);
    let length = usize::try_from(range.end - range.start).map_err(too_far)?;
    match source {
        Source::Reader(Reader::File { file, .. }) => {
            let mut piece = vec![0; length];
            file.read_exact_at(&mut piece, range.start)?;
            Ok(piece.into())
        }
        Source::Reader(Reader::Bytes { bytes, .. }) => {
            let start = usize::try_from(range.start).map_err(too_far)?;
            Ok(bytes.slice(start..start + length))
        }
        Source::Archive(archive) => {
            let mut piece = vec![0; length];
            archive.read_exact_at(&mut piece, range.start)?;
            Ok(piece.into())
        }
    }
}
