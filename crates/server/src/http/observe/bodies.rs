//! Bodies as they pass: counted, and not waited for without end.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use http_body::{Frame, SizeHint};
use keepsave_core::limits;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use tokio::time::{Sleep, sleep};

/// A request counts as under way until the last byte of its answer is sent, or cannot be.
pub struct UnderWay(Gauge);

impl UnderWay {
    pub fn begin(in_flight: &Gauge) -> Self {
        in_flight.inc();
        Self(in_flight.clone())
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// A body whose bytes are counted as they pass.
struct Watched {
    body: Body,
    bytes: Counter,
    _under_way: Option<UnderWay>,
}

/// The same body, counted, and under way until it is gone.
pub fn watched(body: Body, bytes: &Counter, under_way: Option<UnderWay>) -> Body {
    Body::new(Watched {
        body,
        bytes: bytes.clone(),
        _under_way: under_way,
    })
}

impl http_body::Body for Watched {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        if let Poll::Ready(Some(Ok(frame))) = &polled
            && let Some(data) = frame.data_ref()
        {
            self.bytes.inc_by(data.len() as u64);
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A body that is given up when nothing of it comes for long: the device was switched off, or lost
/// its network, and nobody will say so.
struct Patient {
    body: Body,
    /// While nothing comes.
    waiting: Option<Pin<Box<Sleep>>>,
}

/// The same body, with an end to waiting for it.
pub fn patient(body: Body) -> Body {
    if http_body::Body::is_end_stream(&body) {
        return body;
    }
    Body::new(Patient {
        body,
        waiting: None,
    })
}

impl http_body::Body for Patient {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if let Poll::Ready(came) = Pin::new(&mut self.body).poll_frame(context) {
            self.waiting = None;
            return Poll::Ready(came);
        }
        let begun = || Box::pin(sleep(limits::REQUEST_BODY_WAIT));
        let waiting = self.waiting.get_or_insert_with(begun);
        waiting.as_mut().poll(context).map(|()| {
            let gave_up = std::io::Error::from(std::io::ErrorKind::TimedOut);
            Some(Err(axum::Error::new(gave_up)))
        })
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures_util::stream::{self, StreamExt};
    use http_body_util::BodyExt;

    use super::*;

    /// Pieces that come one by one, so long after one another.
    fn coming(every: Duration, pieces: u32) -> Body {
        let pieces = stream::iter(0..pieces).then(move |_| async move {
            // The clock is paused: it jumps there, and nothing really waits.
            let _passed = tokio::time::timeout(every, std::future::pending::<()>()).await;
            Ok::<_, std::io::Error>("piece")
        });
        patient(Body::from_stream(pieces))
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_body_is_waited_for_and_a_silent_one_is_not() {
        let slow = limits::REQUEST_BODY_WAIT * 9 / 10;
        let whole = coming(slow, 10).collect().await.unwrap().to_bytes();
        assert_eq!(whole.len(), 50);
        let silent = limits::REQUEST_BODY_WAIT * 11 / 10;
        assert!(coming(silent, 1).collect().await.is_err());
    }
}
