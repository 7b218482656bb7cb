//! What carries a request to the server and its answer back.

use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;

use reqwest::{Client, Request, Response};

use super::error::Trouble;

/// An answer whose head is on its way.
pub type Carried<'a> = Pin<Box<dyn Future<Output = Result<Response, Trouble>> + Send + 'a>>;

/// Carries requests as they are: nothing is repeated, and no redirect is followed.
pub trait Transport: Debug + Send + Sync {
    /// Sends a request and waits for the head of its answer.
    fn carry(&self, request: Request) -> Carried<'_>;
}

/// The network.
impl Transport for Client {
    fn carry(&self, request: Request) -> Carried<'_> {
        let sent = self.execute(request);
        Box::pin(async { sent.await.map_err(|error| Trouble::of_network(&error)) })
    }
}
