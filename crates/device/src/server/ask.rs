//! One request and its answer: sent with the credential, watched while it moves, repeated where
//! that is safe, and never sent to another origin.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use keepsave_core::limits;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::header::{
    ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION, RETRY_AFTER,
};
use reqwest::{Body, Method, Request, Response, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use super::Server;
use super::address::Origin;
use super::error::{ServerError, Trouble, shown};
use super::pulse::{Pulse, Still};
use super::retry::{Attempts, Repeat};

/// A path of these parts. What comes from outside cannot leave its place.
pub(super) fn path(parts: &[&str]) -> String {
    let parts = parts.iter().map(|part| {
        let encoded = utf8_percent_encode(part, NON_ALPHANUMERIC).to_string();
        if matches!(*part, "." | "..") {
            // Such a step is taken even when it is encoded, so it is made a name: of nothing.
            return encoded.replace('%', "%25");
        }
        // A dash is in every device id and would only be harder to read.
        encoded.replace("%2D", "-")
    });
    parts.fold(String::new(), |path, part| path + "/" + &part)
}

/// A request to be sent, as often as it may be.
#[derive(Debug)]
pub(super) struct Call {
    method: Method,
    path: String,
    query: Vec<(&'static str, String)>,
    body: Option<Bytes>,
    repeat: Repeat,
}

impl Call {
    /// A request that changes nothing, or the same however often it is done.
    pub(super) fn safe(method: Method, path: impl Into<String>) -> Self {
        Self {
            method,
            path: path.into(),
            query: Vec::new(),
            body: None,
            repeat: Repeat::Safe,
        }
    }

    /// Reads.
    pub(super) fn get(path: impl Into<String>) -> Self {
        Self::safe(Method::GET, path)
    }

    /// A request that must not be done twice.
    pub(super) fn once(method: Method, path: impl Into<String>) -> Self {
        Self {
            repeat: Repeat::Undone,
            ..Self::safe(method, path)
        }
    }

    /// With a word of the query; nothing when there is none.
    pub(super) fn query(mut self, name: &'static str, value: Option<impl ToString>) -> Self {
        self.query
            .extend(value.map(|value| (name, value.to_string())));
        self
    }

    /// With a JSON body.
    pub(super) fn json(mut self, body: &impl Serialize) -> Self {
        // Types of ours always can be written; an empty body would be refused by the server.
        let json = serde_json::to_vec(body).unwrap_or_default();
        self.body = Some(json.into());
        self
    }

    /// `POST /api/sync/negotiate`.
    pub(super) fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

/// An answer that says the request was done.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) name: String,
    pub(super) status: StatusCode,
    pub(super) body: Bytes,
}

/// What the device sees of an answer, beside the answer as the server sent it.
#[derive(Debug)]
pub struct Told<T> {
    /// What the device needs of it.
    pub seen: T,
    body: Bytes,
}

impl<T> Told<T> {
    /// The answer as the server sent it.
    pub fn json(&self) -> Value {
        // It was read as JSON already.
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

impl Answer {
    /// Reads it.
    pub(super) fn read<T: DeserializeOwned>(self) -> Result<Told<T>, ServerError> {
        match serde_json::from_slice(&self.body) {
            Ok(seen) => Ok(Told {
                seen,
                body: self.body,
            }),
            Err(error) => Err(self.unreadable(&error.to_string())),
        }
    }

    /// Reads it where its parts borrow from it.
    pub(super) fn unreadable(&self, why: &str) -> ServerError {
        let start = self
            .body
            .len()
            .min(limits::SERVER_ANSWER_SHOWN_CHARS * 4 + 4);
        let trouble = Trouble::Unreadable {
            status: self.status.as_u16(),
            why: why.to_owned(),
            begins: shown(&String::from_utf8_lossy(&self.body[..start])),
        };
        ServerError::new(&self.name, trouble)
    }
}

impl Server {
    /// Sends a request, more than once where that is safe and may help.
    pub(super) async fn ask(&self, call: Call) -> Result<Answer, ServerError> {
        let mut attempts = Attempts::new(self.hold.timing.pause);
        loop {
            let error = match self.ask_once(&call).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            match attempts.pause_after(&error.trouble, call.repeat) {
                Some(pause) => self.pause(&error, pause).await,
                None => return Err(error),
            }
        }
    }

    /// Waits before the next attempt.
    pub(super) async fn pause(&self, error: &ServerError, pause: Duration) {
        tracing::debug!(%error, ?pause, "will be tried again");
        tokio::time::sleep(pause).await;
    }

    async fn ask_once(&self, call: &Call) -> Result<Answer, ServerError> {
        let name = call.name();
        let pulse = Pulse::new(self.hold.timing.stall);
        let mut request = self.request(call, &name)?;
        let headers = request.headers_mut();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        if let Some(body) = &call.body {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            *request.body_mut() = Some(Body::from(body.clone()));
        }
        let response = self.send(request, &name, &pulse).await?;
        let status = response.status();
        let body = self.read_body(response, &name, &pulse).await?;
        Ok(Answer { name, status, body })
    }

    /// A request with the credential, to this server.
    pub(super) fn request(&self, call: &Call, name: &str) -> Result<Request, ServerError> {
        let url = self.hold.address.join(&call.path, &call.query);
        let mut request = Request::new(call.method.clone(), url);
        let credential = &self.hold.credential;
        match credential.header() {
            Some(header) => {
                request.headers_mut().insert(AUTHORIZATION, header);
            }
            None if *credential == super::Credential::Nobody => {}
            None => {
                let why = "the token or password has characters that cannot be sent".to_owned();
                return Err(ServerError::new(name, Trouble::Unaskable { why }));
            }
        }
        Ok(request)
    }

    /// Sends a request and waits for the head of an answer that says it was done. Redirects are
    /// followed within the server only.
    pub(super) async fn send(
        &self,
        mut request: Request,
        name: &str,
        pulse: &Pulse,
    ) -> Result<Response, ServerError> {
        for _ in 0..=limits::SERVER_REDIRECTS {
            // None for a body that streams: it cannot be sent again.
            let again = request.try_clone();
            let sent = pulse.watch(self.hold.transport.carry(request)).await;
            let response = sent
                .map_err(|Still| self.stalled(name))?
                .map_err(|trouble| self.failed(name, trouble))?;
            if !response.status().is_redirection() {
                return self.done(response, name, pulse).await;
            }
            request = self.redirected(&response, again, name)?;
        }
        let to = request.url().to_string();
        Err(ServerError::new(name, Trouble::Redirected { to }))
    }

    /// The request that a redirect asks for.
    fn redirected(
        &self,
        response: &Response,
        again: Option<Request>,
        name: &str,
    ) -> Result<Request, ServerError> {
        let from = response.url();
        let location = response.headers().get(LOCATION);
        let location = location.and_then(|location| location.to_str().ok());
        let to = location.and_then(|location| from.join(location).ok());
        let shown = to.as_ref().map_or("nowhere", Url::as_str).to_owned();
        let refused = || ServerError::new(name, Trouble::Redirected { to: shown });
        // Only these two keep the method and the body.
        let keeps = matches!(response.status().as_u16(), 307 | 308);
        match (to, again) {
            (Some(to), Some(mut request))
                if Origin::of(&to) == self.hold.address.origin()
                    && (keeps || request.method() == Method::GET) =>
            {
                *request.url_mut() = to;
                Ok(request)
            }
            _ => Err(refused()),
        }
    }

    async fn done(
        &self,
        response: Response,
        name: &str,
        pulse: &Pulse,
    ) -> Result<Response, ServerError> {
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let after = retry_after(response.headers());
        // The status counts even if the reason does not arrive.
        let body = self.read_body(response, name, pulse).await;
        let body = body.unwrap_or_default();
        Err(ServerError::of_status(name, status, after, &body))
    }

    pub(super) async fn read_body(
        &self,
        mut response: Response,
        name: &str,
        pulse: &Pulse,
    ) -> Result<Bytes, ServerError> {
        let mut body = BytesMut::new();
        while let Some(piece) = self.next_piece(&mut response, name, pulse).await? {
            if body.len() + piece.len() > limits::SERVER_ANSWER_BYTES {
                let trouble = Trouble::Unreadable {
                    status: response.status().as_u16(),
                    why: format!("it is longer than {} bytes", limits::SERVER_ANSWER_BYTES),
                    begins: shown(&String::from_utf8_lossy(
                        &body[..limits::SERVER_ANSWER_SHOWN_CHARS],
                    )),
                };
                return Err(ServerError::new(name, trouble));
            }
            body.extend_from_slice(&piece);
        }
        Ok(body.freeze())
    }

    /// The next piece of an answer's body.
    pub(super) async fn next_piece(
        &self,
        response: &mut Response,
        name: &str,
        pulse: &Pulse,
    ) -> Result<Option<Bytes>, ServerError> {
        let piece = pulse.watch(response.chunk()).await;
        piece
            .map_err(|Still| self.stalled(name))?
            .map_err(|error| self.failed(name, Trouble::of_network(&error)))
    }

    fn stalled(&self, name: &str) -> ServerError {
        let after = self.hold.timing.stall;
        ServerError::new(name, Trouble::Stalled { after })
    }

    fn failed(&self, name: &str, trouble: Trouble) -> ServerError {
        let mut failed = ServerError::new(name, trouble);
        if let Trouble::Unreachable { .. } = failed.trouble {
            failed.request = format!("{name} at {}", self.hold.address);
        }
        failed
    }
}

/// Seconds; a date would need the two clocks to agree.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse();
    seconds.ok().map(Duration::from_secs)
}
