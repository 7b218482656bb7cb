//! What carries a machine's requests: to the server's own router, in this thread, and through
//! whatever weather the seed makes.

use std::fmt;
use std::sync::Arc;

use axum::body::Body;
use bytes::Bytes;
use http::{HeaderValue, Request, Response, header};
use http_body_util::BodyExt as _;
use keepsave_core::content::Digest;
use keepsave_device::server::{Carried, Transport, Trouble};
use tower::ServiceExt as _;

use super::death::Life;
use super::trace::Trace;
use super::weather::{Mishap, Weather};

/// No answer came, or not all of one. The request may have been done or not.
#[derive(Clone, Debug)]
pub enum Lost {
    /// No connection: nothing was sent.
    Unreachable,
    /// The connection broke before an answer.
    BeforeAnswer,
    /// It broke within the answer's body, of which this came.
    Within(Response<Bytes>),
}

/// The network of one machine. A clone is another hold of the same.
#[derive(Clone)]
pub struct Network {
    machine: String,
    router: axum::Router,
    authorization: HeaderValue,
    weather: Arc<Weather>,
    life: Arc<Life>,
    trace: Trace,
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the network of {}", self.machine)
    }
}

impl Network {
    pub(super) fn new(
        machine: &str,
        (router, authorization): (axum::Router, HeaderValue),
        (weather, life, trace): (Arc<Weather>, Arc<Life>, Trace),
    ) -> Self {
        Self {
            machine: machine.to_owned(),
            router,
            authorization,
            weather,
            life,
            trace,
        }
    }

    /// Sends a request (`/api/saves?rom_id=1`, its content type and body) and waits for the answer.
    /// It is signed in as the household's user.
    pub async fn send(&self, mut request: Request<Bytes>) -> Result<Response<Bytes>, Lost> {
        self.life.step();
        let headers = request.headers_mut();
        headers.insert(header::AUTHORIZATION, self.authorization.clone());
        let line = format!("{} {}", request.method(), request.uri());
        let mishap = self.weather.mishap();
        for late in self.weather.arriving_now() {
            self.deliver(late, None).await;
        }
        let sent = self.through(request, mishap).await;
        let (machine, came) = (&self.machine, Came(&sent));
        self.trace
            .note(format_args!("{machine}: {line} {mishap:?}: {came}"));
        self.life.step();
        sent
    }

    async fn through(
        &self,
        request: Request<Bytes>,
        mishap: Option<Mishap>,
    ) -> Result<Response<Bytes>, Lost> {
        match mishap {
            None => Ok(self.deliver(request, None).await),
            Some(Mishap::Unreachable) => Err(Lost::Unreachable),
            Some(Mishap::CutRequest(at)) => {
                self.deliver(request, Some(at)).await;
                Err(Lost::BeforeAnswer)
            }
            Some(Mishap::LostAnswer) => {
                self.deliver(request, None).await;
                Err(Lost::BeforeAnswer)
            }
            Some(Mishap::Twice) => {
                self.deliver(request.clone(), None).await;
                Ok(self.deliver(request, None).await)
            }
            Some(Mishap::Late) => {
                self.weather.keep_for_later(request);
                Err(Lost::BeforeAnswer)
            }
            Some(Mishap::CutAnswer(at)) => {
                let answer = self.deliver(request, None).await;
                Err(Lost::Within(
                    answer.map(|body| body.slice(..at.of(body.len()))),
                ))
            }
        }
    }

    /// Has the server do it, with all of the body or with what came before the cut.
    async fn deliver(
        &self,
        request: Request<Bytes>,
        cut: Option<super::weather::At>,
    ) -> Response<Bytes> {
        let length = request.body().len();
        let mut request = request.map(|body| match cut {
            None => Body::from(body),
            Some(at) => broken_off(body.slice(..at.of(body.len()))),
        });
        request
            .headers_mut()
            .entry(header::CONTENT_LENGTH)
            .or_insert(HeaderValue::from(length));
        let answer = match self.router.clone().oneshot(request).await {
            Ok(answer) => answer,
            Err(never) => match never {},
        };
        let (parts, body) = answer.into_parts();
        // A body of which the server says itself that it broke off ends where it does.
        let body = body.collect().await.map(|body| body.to_bytes());
        Response::from_parts(parts, body.unwrap_or_default())
    }
}

/// A body of which no more comes than this.
fn broken_off(bytes: Bytes) -> Body {
    let pieces = [
        Ok(bytes),
        Err(std::io::Error::other("the connection broke")),
    ];
    Body::from_stream(futures_util::stream::iter(pieces))
}

/// What came of a request, as far as it is the same in every run of a seed.
struct Came<'a>(&'a Result<Response<Bytes>, Lost>);

impl fmt::Display for Came<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Ok(answer) | Err(Lost::Within(answer)) => {
                let body = Digest::of(answer.body());
                write!(f, "{} {} {}", answer.status(), body.size, body.blob)
            }
            Err(lost) => write!(f, "{lost:?}"),
        }
    }
}

impl Transport for Network {
    fn carry(&self, request: reqwest::Request) -> Carried<'_> {
        Box::pin(async {
            let broke = |why: &str| Trouble::CutOff {
                why: why.to_owned(),
            };
            let request = Request::<reqwest::Body>::try_from(request)
                .map_err(|error| broke(&error.to_string()))?;
            let (parts, body) = request.into_parts();
            // A file that changed while it was read breaks off its own body.
            let body = body
                .collect()
                .await
                .map_err(|error| broke(&error.to_string()))?;
            let request = Request::from_parts(parts, body.to_bytes());
            let mut request = request;
            *request.uri_mut() = path_of(request.uri());
            match self.send(request).await {
                Ok(answer) => Ok(answer.into()),
                Err(Lost::Unreachable) => Err(Trouble::Unreachable {
                    why: "no route to host".to_owned(),
                }),
                Err(Lost::BeforeAnswer) => Err(broke("connection reset")),
                Err(Lost::Within(answer)) => Ok(answer
                    .map(|body| {
                        let pieces = [Ok(body), Err(std::io::Error::other("connection reset"))];
                        reqwest::Body::wrap_stream(futures_util::stream::iter(pieces))
                    })
                    .into()),
            }
        })
    }
}

/// A server is asked for a path and a query.
fn path_of(uri: &http::Uri) -> http::Uri {
    let path = uri.path_and_query().cloned();
    path.map_or_else(http::Uri::default, http::Uri::from)
}
