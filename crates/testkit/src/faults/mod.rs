//! Faults in front of any server: a proxy on loopback that passes everything on, until a rule says
//! that the next such request is to fail in a certain way.
//!
//! It speaks HTTP/1.1 and knows no route. Everything waits for events: what stalls goes on when a
//! test says so.

mod connection;
mod wire;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinSet;

use crate::background::Listening;
use crate::watched::Watched;

/// What happens to a request or its answer. Bytes of bodies are counted as they are on the wire,
/// without the sizes between chunks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The connection is reset before the server hears of the request.
    CutBeforeRequest,
    /// It is reset after so many bytes of the request's body, for the server too.
    CutInRequestBody(u64),
    /// The server has done all it does. Not a byte of its answer arrives.
    CutBeforeAnswer,
    /// So many bytes of the answer's head arrive.
    CutInAnswerHead(usize),
    /// The head arrives, and so many bytes of the body, though the head promised more.
    CutInAnswerBody(u64),
    /// The whole answer arrives, and the connection ends.
    CutAfterAnswer,
    /// Nothing is read and nothing answered until [`Proxy::release`]; then all goes on.
    StallBeforeRequest,
    /// The server has answered, and nothing arrives until [`Proxy::release`].
    StallBeforeAnswer,
    /// As many bytes of the body arrive, and no more until [`Proxy::release`].
    StallInAnswerBody(u64),
    /// The body has only its first bytes, and the head says so.
    Shorten(u64),
    /// The byte at that place of the answer's body is another.
    Flip(u64),
    /// The server hears nothing, and this is answered.
    Answer(Canned),
    /// The server has done all it does, and this is answered instead.
    AnswerAfterward(Canned),
}

/// An answer that no server gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Canned {
    /// The status.
    pub status: u16,
    /// Headers besides the length.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

impl Canned {
    /// A bare status with the framework's kind of body.
    pub fn status(status: u16) -> Self {
        Self {
            status,
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body: format!("{{\"detail\":\"made up: {status}\"}}"),
        }
    }

    /// 429, with how long to wait.
    pub fn too_many(retry_after: &str) -> Self {
        Self::status(429).with("retry-after", retry_after)
    }

    /// A redirect to that place.
    pub fn redirect(status: u16, location: &str) -> Self {
        Self::status(status).with("location", location)
    }

    /// With a header more.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// Which requests a fault is for.
#[derive(Clone, Debug)]
pub struct Rule {
    method: String,
    prefix: String,
    first: usize,
    times: usize,
}

impl Rule {
    /// The next request of that method whose path begins so.
    pub fn on(method: &str, prefix: &str) -> Self {
        Self {
            method: method.to_owned(),
            prefix: prefix.to_owned(),
            first: 1,
            times: 1,
        }
    }

    /// The n-th such request from now on; 1 is the next.
    #[must_use]
    pub fn nth(mut self, n: usize) -> Self {
        self.first = n;
        self
    }

    /// So many such requests in a row.
    #[must_use]
    pub fn times(mut self, times: usize) -> Self {
        self.times = times;
        self
    }

    /// Every such request.
    #[must_use]
    pub fn always(self) -> Self {
        self.times(usize::MAX)
    }
}

/// A request that came by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passed {
    /// `POST /api/saves?rom_id=1`
    pub line: String,
    /// Its head as it was sent.
    pub head: String,
    /// What was done to it.
    pub fault: Option<Fault>,
}

#[derive(Debug, Default)]
struct State {
    rules: Vec<(Rule, Fault, usize)>,
    passed: Vec<Passed>,
    /// How many connections were opened.
    connections: usize,
    /// How many requests stand still.
    stalled: usize,
    /// How many requests are done with, whatever came of them.
    done: usize,
}

/// Says of each request, `POST /api/saves?rom_id=1`, what is to happen to it.
pub type Judge = Box<dyn Fn(&str) -> Option<Fault> + Send + Sync>;

#[derive(Default)]
struct Shared {
    state: Watched<State>,
    judge: Mutex<Option<Judge>>,
    released: Notify,
}

impl Shared {
    /// Notes a request and says what is to happen to it.
    fn pass(&self, method: &str, target: &str, head: &str) -> Option<Fault> {
        let line = format!("{method} {target}");
        let judge = self.judge.lock().unwrap();
        let judged = judge.as_ref().and_then(|judge| judge(&line));
        drop(judge);
        self.state.change(|state| {
            let mut fault = judged;
            for (rule, wanted, seen) in &mut state.rules {
                if rule.method != method || !target.starts_with(&rule.prefix) {
                    continue;
                }
                *seen += 1;
                let is_due = *seen >= rule.first && *seen - rule.first < rule.times;
                if is_due && fault.is_none() {
                    fault = Some(wanted.clone());
                }
            }
            state.passed.push(Passed {
                line,
                head: head.to_owned(),
                fault: fault.clone(),
            });
            fault
        })
    }

    /// Stands still until the test says so.
    async fn stall(&self) {
        let released = self.released.notified();
        self.state.change(|state| state.stalled += 1);
        released.await;
    }
}

/// A proxy in front of a server.
pub struct Proxy {
    shared: Arc<Shared>,
    listening: Listening,
}

impl Proxy {
    /// Passes everything on to the server at that address.
    pub fn before(server: SocketAddr) -> Self {
        let shared = Arc::<Shared>::default();
        let of_thread = Arc::clone(&shared);
        let listening = Listening::run(move |listener| serve(listener, server, of_thread));
        Self { shared, listening }
    }

    /// `http://127.0.0.1:40124`
    pub fn url(&self) -> String {
        self.listening.url()
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.listening.address()
    }

    /// Requests that a rule fits fail like this. Of several that fit, the first set counts.
    pub fn fault(&self, rule: Rule, fault: Fault) {
        self.shared
            .state
            .change(|state| state.rules.push((rule, fault, 0)));
    }

    /// From now on this is asked about every request, before any rule.
    pub fn judge(&self, judge: Option<Judge>) {
        *self.shared.judge.lock().unwrap() = judge;
    }

    /// From now on everything passes.
    pub fn heal(&self) {
        self.shared.state.change(|state| state.rules.clear());
    }

    /// Lets go on what stalls now.
    pub fn release(&self) {
        self.shared.state.change(|state| state.stalled = 0);
        self.shared.released.notify_waiters();
    }

    /// Every request so far.
    pub fn passed(&self) -> Vec<Passed> {
        self.shared.state.now().passed.clone()
    }

    /// How many connections clients opened.
    pub fn connections(&self) -> usize {
        self.shared.state.now().connections
    }

    /// Waits until so many requests stand still.
    pub fn until_stalled(&self, requests: usize) {
        self.shared.state.until(|state| state.stalled >= requests);
    }

    /// Waits until the requests so far are as wanted.
    pub fn until(&self, holds: impl Fn(&[Passed]) -> bool) {
        self.shared.state.until(|state| holds(&state.passed));
    }

    /// Waits until so many requests are done with, answered or cut.
    pub fn until_done(&self, requests: usize) {
        self.shared.state.until(|state| state.done >= requests);
    }
}

async fn serve(listener: TcpListener, server: SocketAddr, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        shared.state.change(|state| state.connections += 1);
        connections.spawn(connection::run(client, server, Arc::clone(&shared)));
        while connections.try_join_next().is_some() {}
    }
}
