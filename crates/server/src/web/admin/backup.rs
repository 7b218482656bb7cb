//! `POST /admin/storage/backup`: everything in one file, sent as it is written.

use std::io::{self, BufWriter, Write};

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use keepsave_core::limits;
use tokio::sync::mpsc::{self, Sender};

use super::SentByAdmin;
use crate::app::App;
use crate::maintenance::backup;
use crate::web::failure::Refusal;

/// How many pieces wait for a browser that takes its time.
const PIECES_AHEAD: usize = 4;

/// Sends a backup. Should it fail on the way, the download ends as a failed one.
pub async fn send(State(app): State<App>, _sent: SentByAdmin) -> Result<Response, Refusal> {
    let (pieces, taken) = mpsc::channel(PIECES_AHEAD);
    let day: String = app.now().to_string().chars().take(10).collect();
    tokio::task::spawn_blocking(move || {
        let pipe = Pipe(pieces.clone());
        let pipe = BufWriter::with_capacity(limits::TRANSFER_PIECE_BYTES, pipe);
        match backup::send(&app, pipe, &|_, _| {}) {
            Ok(written) => {
                let (contents, left_out) = (written.contents, written.left_out.len());
                tracing::info!(contents, left_out, "a backup was downloaded");
            }
            Err(error) => {
                tracing::warn!(%error, "a backup that was being downloaded ended early");
                // Whoever has gone hears nothing.
                let _gone = pieces.blocking_send(Err(io::Error::other(error.to_string())));
            }
        }
    });
    let headers = [
        (CONTENT_TYPE, "application/x-tar".to_owned()),
        (
            CONTENT_DISPOSITION,
            format!("attachment; filename=\"keepsave-{day}.tar\""),
        ),
        (CACHE_CONTROL, "no-store".to_owned()),
        (X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    let body = futures_util::stream::unfold(taken, async |mut taken| {
        let piece = taken.recv().await?;
        Some((piece, taken))
    });
    Ok((headers, Body::from_stream(body)).into_response())
}

/// What is written into it comes out of the answer.
struct Pipe(Sender<io::Result<Bytes>>);

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let piece = Bytes::copy_from_slice(bytes);
        match self.0.blocking_send(Ok(piece)) {
            Ok(()) => Ok(bytes.len()),
            Err(_gone) => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
