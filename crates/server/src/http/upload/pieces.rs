//! A body's bytes, one piece at a time and not too many of them.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use keepsave_core::limits;

/// Why no more is read.
#[derive(Clone, Copy, Debug, thiserror::Error)]
pub(super) enum Refusal {
    #[error("the body is larger than {limit} bytes")]
    TooLarge { limit: u64 },
    #[error("the headers of a part are too long")]
    LongHead,
    #[error("the body broke off")]
    BrokenOff,
}

/// How much may be read before the multipart reader finds what it looks for: until it does, it
/// keeps all of it in memory.
#[derive(Clone, Default)]
pub(super) struct Allowance(Arc<AtomicU64>);

impl Allowance {
    /// The headers of the next part come now.
    pub fn head(&self) {
        self.0.store(limits::PART_HEAD_BYTES, Ordering::Relaxed);
    }

    /// Contents come now, which are handed on as they come.
    pub fn content(&self) {
        self.0.store(u64::MAX, Ordering::Relaxed);
    }

    /// Whether something was left of it.
    fn spend(&self, bytes: u64) -> bool {
        let left = self.0.load(Ordering::Relaxed);
        self.0.store(left.saturating_sub(bytes), Ordering::Relaxed);
        left > 0
    }
}

/// The body. Dropped before its end, it reads on in the background for a while.
pub(super) struct Pieces {
    body: BodyDataStream,
    limit: u64,
    received: u64,
    allowance: Allowance,
    /// Whether to rest before the next piece. The multipart reader takes in all that is ready
    /// before it looks at any of it; so never more than one piece is.
    rest: bool,
    /// Whether nothing more is to be read.
    over: bool,
}

impl Pieces {
    pub fn of(body: Body, limit: u64, held_back: bool) -> Self {
        Self {
            body: body.into_data_stream(),
            limit,
            received: 0,
            allowance: Allowance::default(),
            rest: false,
            over: held_back,
        }
    }

    pub fn allowance(&self) -> Allowance {
        self.allowance.clone()
    }

    /// Reads what stands behind the last part, so that the connection can be used again.
    pub async fn finish(&mut self) -> Result<(), Refusal> {
        self.allowance.content();
        while let Some(piece) = self.next().await {
            piece?;
        }
        Ok(())
    }

    fn check(&mut self, piece: &Bytes) -> Result<(), Refusal> {
        let size = piece.len() as u64;
        self.received += size;
        if self.received > self.limit {
            Err(Refusal::TooLarge { limit: self.limit })
        } else if !self.allowance.spend(size) {
            Err(Refusal::LongHead)
        } else {
            Ok(())
        }
    }
}

impl Stream for Pieces {
    type Item = Result<Bytes, Refusal>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if std::mem::take(&mut self.rest) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let piece = ready!(self.body.poll_next_unpin(context));
        self.over = !matches!(piece, Some(Ok(_)));
        self.rest = true;
        Poll::Ready(piece.map(|piece| {
            let piece = piece.map_err(|_| Refusal::BrokenOff)?;
            self.check(&piece)?;
            Ok(piece)
        }))
    }
}

impl Drop for Pieces {
    fn drop(&mut self) {
        if self.over {
            return;
        }
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return;
        };
        let nothing = Body::empty().into_data_stream();
        let mut body = std::mem::replace(&mut self.body, nothing);
        let drain = async move {
            while let Some(Ok(_)) = body.next().await {
                tokio::task::yield_now().await;
            }
        };
        let patience = Duration::from_secs(limits::REFUSED_UPLOAD_SECONDS);
        runtime.spawn(async move {
            // Who is still sending then is cut off.
            let _cut_off = tokio::time::timeout(patience, drain).await;
        });
    }
}
