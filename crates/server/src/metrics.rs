//! What the server counts and measures, for Prometheus.
//!
//! Requests are counted as they pass; what the store holds is counted by a job, because counting
//! everything at every scrape would cost more than it tells.

use std::sync::atomic::AtomicU64;
use std::time::Duration;

use keepsave_core::time::Time;
use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;

use crate::vault::census::Census;

/// From what a cached answer takes to what an upload over a slow line takes, in seconds.
const DURATIONS: [f64; 13] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 2.5, 10.0, 60.0,
];

/// The type of [`Metrics::encode`]'s text.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Everything that is counted.
pub struct Metrics {
    registry: Registry,
    requests: Family<Answered, Counter>,
    durations: Family<Asked, Histogram>,
    /// Requests whose answer is not sent yet.
    pub in_flight: Gauge,
    /// Bytes of request bodies.
    pub received_bytes: Counter,
    /// Bytes of answers' bodies.
    pub sent_bytes: Counter,
    held: Family<Thing, Gauge>,
    blob_bytes: Gauge,
    database_bytes: Gauge,
    free_bytes: Gauge,
    open_branches: Gauge,
    scanned_at: Gauge<f64, AtomicU64>,
    scan_seconds: Gauge<f64, AtomicU64>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Asked {
    method: String,
    route: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    method: String,
    route: String,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Thing {
    kind: &'static str,
}

impl Metrics {
    /// Nothing counted yet.
    pub fn new() -> Self {
        let durations = || Histogram::new(DURATIONS);
        let mut metrics = Self {
            registry: Registry::with_prefix("keepsave"),
            requests: Family::default(),
            durations: Family::new_with_constructor(durations),
            in_flight: Gauge::default(),
            received_bytes: Counter::default(),
            sent_bytes: Counter::default(),
            held: Family::default(),
            blob_bytes: Gauge::default(),
            database_bytes: Gauge::default(),
            free_bytes: Gauge::default(),
            open_branches: Gauge::default(),
            scanned_at: Gauge::default(),
            scan_seconds: Gauge::default(),
        };
        metrics.register();
        metrics
    }

    fn register(&mut self) {
        let Self { registry, .. } = self;
        let version = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("build", "The running Keepsave", version);
        let (name, help) = ("http_requests", "Requests that were answered");
        registry.register(name, help, self.requests.clone());
        let (name, help) = (
            "http_request_duration_seconds",
            "Time until the answer began",
        );
        registry.register(name, help, self.durations.clone());
        let (name, help) = (
            "http_requests_in_flight",
            "Requests whose answer is not sent yet",
        );
        registry.register(name, help, self.in_flight.clone());
        let (name, help) = (
            "http_received_bytes",
            "Bytes of request bodies, uploads above all",
        );
        registry.register(name, help, self.received_bytes.clone());
        let (name, help) = ("http_sent_bytes", "Bytes of answers' bodies");
        registry.register(name, help, self.sent_bytes.clone());
        let (name, help) = ("stored", "What the store holds, by kind");
        registry.register(name, help, self.held.clone());
        let (name, help) = ("blob_bytes", "Bytes of all contents, each counted once");
        registry.register(name, help, self.blob_bytes.clone());
        let (name, help) = ("database_bytes", "Size of the database");
        registry.register(name, help, self.database_bytes.clone());
        let (name, help) = ("disk_free_bytes", "Room left where the data is");
        registry.register(name, help, self.free_bytes.clone());
        let (name, help) = ("open_branches", "Conflicts that nobody has settled yet");
        registry.register(name, help, self.open_branches.clone());
        let (name, help) = (
            "library_scanned_timestamp_seconds",
            "When the last scan ended",
        );
        registry.register(name, help, self.scanned_at.clone());
        let (name, help) = (
            "library_scan_duration_seconds",
            "How long the last scan took",
        );
        registry.register(name, help, self.scan_seconds.clone());
    }

    /// Counts a request that was answered after `took`.
    pub fn answered(&self, method: &str, route: &str, status: u16, took: Duration) {
        let (method, route) = (method.to_owned(), route.to_owned());
        let answered = Answered {
            method: method.clone(),
            route: route.clone(),
            status,
        };
        self.requests.get_or_create(&answered).inc();
        let asked = Asked { method, route };
        self.durations
            .get_or_create(&asked)
            .observe(took.as_secs_f64());
    }

    /// Takes over what the store was found to hold.
    pub fn counted(&self, census: &Census) {
        for (kind, count) in [
            ("users", census.users),
            ("games", census.games),
            ("saves", census.saves),
            ("versions", census.versions),
            ("states", census.states),
            ("screenshots", census.screenshots),
            ("devices", census.devices),
            ("blobs", census.blobs),
        ] {
            self.held.get_or_create(&Thing { kind }).set(count);
        }
        self.blob_bytes.set(census.blob_bytes);
        self.open_branches.set(census.open_branches);
    }

    /// Takes over what the disk was found to hold.
    pub fn measured(&self, database_bytes: u64, free_bytes: u64) {
        let gauge = |bytes: u64| i64::try_from(bytes).unwrap_or(i64::MAX);
        self.database_bytes.set(gauge(database_bytes));
        self.free_bytes.set(gauge(free_bytes));
    }

    /// Takes over when the library was last scanned and how long that took.
    pub fn scanned(&self, at: Time, took: Duration) {
        let seconds = Duration::from_micros(at.micros().try_into().unwrap_or_default());
        self.scanned_at.set(seconds.as_secs_f64());
        self.scan_seconds.set(took.as_secs_f64());
    }

    /// What Prometheus reads.
    pub fn encode(&self) -> String {
        let mut page = String::new();
        // Writing to a string cannot fail.
        let _ = text::encode(&mut page, &self.registry);
        page
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}
