//! `GET /metrics`: what Prometheus reads.

use std::net::SocketAddr;

use axum::RequestExt;
use axum::extract::{ConnectInfo, Request, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, header};

use crate::app::App;
use crate::auth::Caller;
use crate::auth::scope::Scope;
use crate::config::MetricsReaders;
use crate::http::error::Failure;
use crate::maintenance::disk;
use crate::metrics::CONTENT_TYPE;

/// The headers by which a proxy says that it asks for someone else.
const FORWARDED: [&str; 3] = ["forwarded", "x-forwarded-for", "x-real-ip"];

/// Everything that is counted, in the `OpenMetrics` text format. Who may read it is a setting; by
/// default whoever has the scope `logs.read`.
#[utoipa::path(
    get,
    path = "/metrics",
    tag = "system",
    responses((status = OK, content_type = "application/openmetrics-text", body = String))
)]
pub async fn metrics(State(app): State<App>, mut request: Request) -> Result<Response, Failure> {
    let open = match app.settings.metrics_readers {
        MetricsReaders::Anyone => true,
        MetricsReaders::Loopback => is_this_machine(&request),
        MetricsReaders::Admin => false,
    };
    if !open {
        let caller: Caller = request.extract_parts_with_state(&app).await?;
        caller.require(Scope::LogsRead)?;
    }
    let (database, free) = disk::sizes(&app)?;
    app.metrics.measured(database, free);
    Ok(([(header::CONTENT_TYPE, CONTENT_TYPE)], app.metrics.encode()).into_response())
}

/// Whether the request came from here and for no one else, as far as can be seen.
fn is_this_machine(request: &Request) -> bool {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let forwarded = |headers: &HeaderMap| FORWARDED.iter().any(|name| headers.contains_key(*name));
    peer.is_some_and(|peer| peer.0.ip().to_canonical().is_loopback())
        && !forwarded(request.headers())
}
