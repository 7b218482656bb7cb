//! Fetches a file: streamed to where it belongs in constant memory, and gone on with after a break
//! where the server still has the same.
//!
//! Length is judged here, for only here it is known where an answer ended. Whether the bytes are
//! the right ones is judged by whoever takes them.

use std::io;

use bytes::Bytes;
use keepsave_core::ids::{DeviceId, SaveId, SessionId};
use reqwest::header::{
    CONTENT_LENGTH, CONTENT_RANGE, ETAG, HeaderMap, HeaderName, HeaderValue, IF_RANGE, RANGE,
};
use reqwest::{Response, StatusCode};

use super::Server;
use super::ask::{Call, path};
use super::error::{ServerError, Trouble};
use super::pulse::Pulse;
use super::retry::{Attempts, Repeat};
use super::seen::{SeenPicture, SeenState};
use super::transfer::Progress;
use crate::threads::{Elsewhere, elsewhere};

/// Takes the bytes of a download. It may block.
pub trait Sink: Send + 'static {
    /// The next bytes.
    fn write(&mut self, piece: &[u8]) -> io::Result<()>;
    /// All that came is void; it begins anew.
    fn restart(&mut self) -> io::Result<()>;
}

/// Which save to fetch, and for whom.
#[derive(Clone, Copy, Debug)]
pub struct SaveDownload<'a> {
    /// The save.
    pub id: SaveId,
    /// The device that fetches it. That it holds the bytes is to be confirmed later.
    pub device: Option<&'a DeviceId>,
    /// The session that it is fetched in.
    pub session: Option<SessionId>,
    /// How many bytes it must have.
    pub size: Option<u64>,
}

/// Why a file was not fetched.
#[derive(Debug, thiserror::Error)]
pub enum DownloadError {
    /// The server did not give it.
    #[error(transparent)]
    Server(#[from] ServerError),
    /// It came with another length than the server says it has.
    #[error(
        "{request}: {got} bytes came and {expected} were expected, so they were thrown away. \
         Nothing on this device was changed. Run it again"
    )]
    WrongLength {
        /// The request.
        request: String,
        /// How many came, or were about to.
        got: u64,
        /// How many it should have.
        expected: String,
    },
    /// It could not be written.
    #[error("what was downloaded cannot be written ({0}). Nothing was replaced")]
    Write(io::Error),
}

impl Server {
    /// Fetches a save. The server does not take it for held before that is confirmed.
    pub async fn download_save<S: Sink>(
        &self,
        save: &SaveDownload<'_>,
        sink: S,
        progress: &dyn Progress,
    ) -> Result<S, DownloadError> {
        let call = Call::get(path(&["api", "saves", &save.id.to_string(), "content"]))
            .query("device_id", save.device)
            .query("session_id", save.session)
            .query("optimistic", Some(false));
        self.download(&call, save.size, sink, progress).await
    }

    /// Fetches a state.
    pub async fn download_state<S: Sink>(
        &self,
        state: &SeenState,
        sink: S,
        progress: &dyn Progress,
    ) -> Result<S, DownloadError> {
        let shown = state.download_path.as_deref();
        let call = asset(shown, ["api", "states", &state.id.to_string(), "content"]);
        self.download(&call, state.file_size_bytes, sink, progress)
            .await
    }

    /// Fetches the picture of a state.
    pub async fn download_picture<S: Sink>(
        &self,
        picture: &SeenPicture,
        sink: S,
        progress: &dyn Progress,
    ) -> Result<S, DownloadError> {
        let shown = picture.download_path.as_deref();
        let id = picture.id.to_string();
        let call = asset(shown, ["api", "screenshots", &id, "content"]);
        self.download(&call, picture.file_size_bytes, sink, progress)
            .await
    }

    async fn download<S: Sink>(
        &self,
        call: &Call,
        size: Option<u64>,
        sink: S,
        progress: &dyn Progress,
    ) -> Result<S, DownloadError> {
        let mut arriving = Arriving {
            server: self,
            name: call.name(),
            size,
            writing: Writing::start(sink),
            have: 0,
            total: None,
            tag: None,
            progress,
        };
        let pause = self.hold.timing.pause;
        let mut attempts = Attempts::new(pause);
        let mut farthest = 0;
        let failed = loop {
            let error = match arriving.fetch(call).await {
                Ok(()) => return arriving.writing.done().await,
                Err(Stop::Again(error)) => error,
                Err(Stop::Over(error)) => break error,
            };
            // A connection that breaks again and again gets there in the end.
            if arriving.have > farthest {
                farthest = arriving.have;
                attempts = Attempts::new(pause);
            }
            match attempts.pause_after(&error.trouble, Repeat::Safe) {
                Some(pause) => self.pause(&error, pause).await,
                None => break error.into(),
            }
        };
        // What takes the bytes is gone before it is said that they did not come.
        drop(arriving.writing.done().await);
        Err(failed)
    }
}

/// The bytes of what has a route of its own, unless the server shows where else they are.
fn asset(shown: Option<&str>, route: [&str; 4]) -> Call {
    let elsewhere = raw_asset(shown.unwrap_or_default());
    Call::get(elsewhere.unwrap_or_else(|| path(&route)))
}

/// Where a RomM before 5.1 has the bytes of a state: it shows it, and has no other route for it.
fn raw_asset(shown: &str) -> Option<String> {
    let asset = shown.strip_prefix("/api/raw/assets/")?;
    let asset = asset
        .rsplit_once("?timestamp=")
        .map_or(asset, |(asset, _)| asset);
    let mut parts = vec!["api", "raw", "assets"];
    parts.extend(asset.split('/'));
    Some(path(&parts))
}

/// A file on its way.
struct Arriving<'a, S> {
    server: &'a Server,
    name: String,
    /// How many bytes it must have.
    size: Option<u64>,
    writing: Writing<S>,
    /// How many are here.
    have: u64,
    /// How many the server says it has.
    total: Option<u64>,
    /// By what the server tells this content from another; only with it a download goes on.
    tag: Option<HeaderValue>,
    progress: &'a dyn Progress,
}

/// Why a fetch ended before the end.
enum Stop {
    /// It may help to ask again.
    Again(ServerError),
    /// It will not.
    Over(DownloadError),
}

impl From<ServerError> for Stop {
    fn from(error: ServerError) -> Self {
        Self::Again(error)
    }
}

impl<S: Sink> Arriving<'_, S> {
    /// Fetches what is not here yet.
    async fn fetch(&mut self, call: &Call) -> Result<(), Stop> {
        let pulse = Pulse::new(self.server.hold.timing.stall);
        let mut response = self.ask(call, &pulse).await?;
        self.begin(&response)?;
        while let Some(piece) = self
            .server
            .next_piece(&mut response, &self.name, &pulse)
            .await?
        {
            self.have += piece.len() as u64;
            if self.size.is_some_and(|size| self.have > size) {
                return Err(self.wrong_length(self.have));
            }
            self.progress.at(self.have, self.total.or(self.size));
            self.writing.write(Write::Piece(piece)).await?;
        }
        self.must_be_whole()
    }

    /// The answer, of the rest where there is a beginning.
    async fn ask(&mut self, call: &Call, pulse: &Pulse) -> Result<Response, Stop> {
        let answer = self.ask_from(call, pulse, self.have).await;
        let is_unsatisfied =
            |error: &ServerError| matches!(error.trouble, Trouble::Refused { status: 416, .. });
        match answer {
            Err(error) if self.have > 0 && is_unsatisfied(&error) => {
                self.start_over().await?;
                Ok(self.ask_from(call, pulse, 0).await?)
            }
            Ok(response) if !self.goes_on(&response) => {
                if self.have > 0 {
                    self.start_over().await?;
                }
                if response.status() == StatusCode::PARTIAL_CONTENT {
                    return Ok(self.ask_from(call, pulse, 0).await?);
                }
                Ok(response)
            }
            other => Ok(other?),
        }
    }

    async fn ask_from(
        &self,
        call: &Call,
        pulse: &Pulse,
        from: u64,
    ) -> Result<Response, ServerError> {
        let mut request = self.server.request(call, &self.name)?;
        if from > 0
            && let Some(tag) = &self.tag
            && let Ok(range) = HeaderValue::from_str(&format!("bytes={from}-"))
        {
            request.headers_mut().insert(RANGE, range);
            request.headers_mut().insert(IF_RANGE, tag.clone());
        }
        self.server.send(request, &self.name, pulse).await
    }

    /// Whether an answer begins where the bytes that are here end.
    fn goes_on(&self, response: &Response) -> bool {
        if response.status() != StatusCode::PARTIAL_CONTENT {
            return false;
        }
        let range = content_range(response.headers());
        range.is_some_and(|(from, of)| {
            from == self.have && (of.is_none() || self.total.is_none() || of == self.total)
        })
    }

    async fn start_over(&mut self) -> Result<(), Stop> {
        self.have = 0;
        self.progress.at(0, self.total.or(self.size));
        self.writing.write(Write::Restart).await
    }

    /// Learns from an answer's head how long it is, and refuses what cannot be right.
    fn begin(&mut self, response: &Response) -> Result<(), Stop> {
        let headers = response.headers();
        if response.status() != StatusCode::PARTIAL_CONTENT {
            self.total = number(headers, CONTENT_LENGTH);
            let tag = headers.get(ETAG);
            // A weak tag says that two contents mean the same, not that they are the same.
            self.tag = tag.filter(|tag| tag.as_bytes().starts_with(b"\"")).cloned();
        }
        match (self.total, self.size) {
            (Some(total), Some(size)) if total != size => Err(self.wrong_length(total)),
            _ => Ok(()),
        }
    }

    /// Whether everything came. Without a length an answer that broke off looks whole.
    fn must_be_whole(&self) -> Result<(), Stop> {
        match self.total.or(self.size) {
            Some(expected) if self.have == expected => Ok(()),
            None if self.have > 0 => Ok(()),
            None => Err(self.wrong_length(0)),
            Some(_) => {
                let why = "it ended early".to_owned();
                Err(ServerError::new(&self.name, Trouble::CutOff { why }).into())
            }
        }
    }

    fn wrong_length(&self, got: u64) -> Stop {
        let expected = self.size.map(|size| size.to_string());
        Stop::Over(DownloadError::WrongLength {
            request: self.name.clone(),
            got,
            expected: expected.unwrap_or_else(|| "more".to_owned()),
        })
    }
}

/// Where the bytes of a 206 begin, and of how many.
fn content_range(headers: &HeaderMap) -> Option<(u64, Option<u64>)> {
    let range = headers.get(CONTENT_RANGE)?.to_str().ok()?;
    let (span, of) = range.strip_prefix("bytes ")?.split_once('/')?;
    let (from, _) = span.split_once('-')?;
    Some((from.parse().ok()?, of.parse().ok()))
}

fn number(headers: &HeaderMap, name: HeaderName) -> Option<u64> {
    headers.get(name)?.to_str().ok()?.parse().ok()
}

/// Writes each piece where it may block, while the next one is on its way.
struct Writing<S> {
    /// None once a piece could not be written.
    last: Option<Elsewhere<io::Result<S>>>,
}

enum Write {
    Piece(Bytes),
    Restart,
}

impl<S: Sink> Writing<S> {
    fn start(sink: S) -> Self {
        let last = Some(elsewhere(move || Ok(sink)));
        Self { last }
    }

    async fn write(&mut self, write: Write) -> Result<(), Stop> {
        let mut sink = self.done().await.map_err(Stop::Over)?;
        self.last = Some(elsewhere(move || {
            match write {
                Write::Piece(piece) => sink.write(&piece)?,
                Write::Restart => sink.restart()?,
            }
            Ok(sink)
        }));
        Ok(())
    }

    /// Waits until everything that came is written. What could not be is gone, and what it had begun
    /// with it.
    async fn done(&mut self) -> Result<S, DownloadError> {
        let done = match self.last.take() {
            Some(last) => last.await.map_err(io::Error::other).and_then(|sink| sink),
            None => Err(io::ErrorKind::BrokenPipe.into()),
        };
        done.map_err(DownloadError::Write)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_asset_stays_below_its_route() {
        let there = "/api/raw/assets/";
        for (shown, expected) in [
            ("a/b c.state", Some("a/b%20c%2Estate")),
            (
                "a/b.state?timestamp=2026-11-20 07:29:22+00:00",
                Some("a/b%2Estate"),
            ),
            ("a/50%?#.state", Some("a/50%25%3F%23%2Estate")),
            ("../../users", Some("%252E%252E/%252E%252E/users")),
        ] {
            let expected = expected.map(|path| format!("{there}{path}"));
            assert_eq!(raw_asset(&format!("{there}{shown}")), expected);
        }
        for other in [
            "",
            "/api/states/1/content?timestamp=x",
            "http://elsewhere/api/raw/assets/a",
        ] {
            assert_eq!(raw_asset(other), None, "{other}");
        }
    }
}
