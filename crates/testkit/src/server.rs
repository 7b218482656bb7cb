//! A real server in process: the whole router over a store in memory or in a directory.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use base64::Engine;
use http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::BodyExt;
use keepsave_core::ids::UserId;
use keepsave_core::time::Time;
use keepsave_server::app::App;
use keepsave_server::auth::scope::Role;
use keepsave_server::config::Settings;
use keepsave_server::environment::{Clock, Environment, Randomness};
use keepsave_server::library;
use keepsave_server::logs::RecentLines;
use keepsave_server::vault::{Fault, Vault, users};
use serde_json::Value;
use tower::ServiceExt;

/// A clock that stands still until a test moves it.
pub struct FakeClock(AtomicI64);

impl FakeClock {
    /// Starts on 20 November 2026.
    pub fn new() -> Self {
        Self(AtomicI64::new(1_795_159_710_000_000))
    }

    /// Lets time pass.
    pub fn advance_millis(&self, millis: i64) {
        self.0.fetch_add(millis * 1_000, Ordering::SeqCst);
    }

    /// Lets time pass up to a moment that is not over yet.
    pub fn advance_to(&self, at: Time) {
        self.0.fetch_max(at.micros(), Ordering::SeqCst);
    }

    /// Puts it wherever a test wants it, back too.
    pub fn set(&self, at: Time) {
        self.0.store(at.micros(), Ordering::SeqCst);
    }
}

impl Default for FakeClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Time {
        Time::from_micros(self.0.load(Ordering::SeqCst))
    }
}

/// Randomness that is the same in every run.
#[derive(Default)]
pub struct SeededRandomness(AtomicU64);

impl Randomness for SeededRandomness {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            // SplitMix64.
            let mut word = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::SeqCst);
            word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            word ^= word >> 31;
            chunk.copy_from_slice(&word.to_le_bytes()[..chunk.len()]);
        }
    }
}

/// A server with an admin (`admin`, `RefAdmin123`) and a user (`bob`, `RefBob12345`).
pub struct TestServer {
    /// The server itself, for looking beneath the wire.
    pub app: App,
    /// Its clock.
    pub clock: Arc<FakeClock>,
    router: axum::Router,
    data: tempfile::TempDir,
}

impl TestServer {
    /// A store in memory; the data directory is there for library and assets.
    pub async fn start() -> Self {
        Self::with_settings(|_| {}).await
    }

    /// A store in memory with the games of the seed library.
    pub async fn seeded() -> Self {
        let server = Self::start().await;
        crate::seed_library(&server.app.settings.library).unwrap();
        library::scan(&server.app).await.unwrap();
        library::hash_pending(&server.app).await.unwrap();
        server
    }

    /// A store in memory in which no one has an account yet.
    pub fn without_users() -> Self {
        let data = tempfile::tempdir().unwrap();
        Self::build(|_| {}, Vault::in_memory(), data)
    }

    /// A store on disk.
    pub async fn on_disk() -> Self {
        Self::on_disk_with(|_| {}).await
    }

    /// A store on disk with other settings.
    pub async fn on_disk_with(change: impl FnOnce(&mut Settings)) -> Self {
        let data = tempfile::tempdir().unwrap();
        let vault = Vault::open(data.path());
        Self::build(change, vault, data).with_its_users().await
    }

    /// A store in memory that has room for so many bytes of contents.
    pub async fn with_room(bytes: u64) -> Self {
        let data = tempfile::tempdir().unwrap();
        let vault = Vault::in_memory().map(|vault| vault.with_room(bytes));
        Self::build(|_| {}, vault, data).with_its_users().await
    }

    /// A store in memory with other settings.
    pub async fn with_settings(change: impl FnOnce(&mut Settings)) -> Self {
        let data = tempfile::tempdir().unwrap();
        let server = Self::build(change, Vault::in_memory(), data);
        server.with_its_users().await
    }

    fn build(
        change: impl FnOnce(&mut Settings),
        vault: Result<Vault, Fault>,
        data: tempfile::TempDir,
    ) -> Self {
        let clock = Arc::new(FakeClock::new());
        let environment = Environment {
            clock: clock.clone(),
            randomness: Arc::<SeededRandomness>::default(),
            log: RecentLines::default(),
        };
        let mut settings = Settings::for_data(data.path());
        change(&mut settings);
        let app = App::with(settings, vault.unwrap(), environment);
        Self {
            router: app.router(),
            app,
            clock,
            data,
        }
    }

    async fn with_its_users(self) -> Self {
        self.add_user("admin", "admin@example.com", "RefAdmin123", Role::Admin)
            .await;
        self.add_user("bob", "bob@example.com", "RefBob12345", Role::User)
            .await;
        self
    }

    /// Adds a user.
    pub async fn add_user(&self, name: &str, email: &str, password: &str, role: Role) -> UserId {
        let hash = self.app.passwords.hash(password).await.unwrap();
        let (name, email, now) = (name.to_owned(), email.to_owned(), self.app.now());
        self.app
            .vault
            .write(move |tx| users::add(tx, &name, Some(&email), &hash, role, now))
            .await
            .unwrap()
    }

    /// The data directory.
    pub fn data(&self) -> &Path {
        self.data.path()
    }

    /// The router, for those who send requests of their own making.
    pub fn router(&self) -> axum::Router {
        self.router.clone()
    }

    /// Asks as the admin.
    pub fn admin(&self) -> Asking<'_> {
        self.asking(Some(basic("admin", "RefAdmin123")))
    }

    /// Asks as the user bob.
    pub fn bob(&self) -> Asking<'_> {
        self.asking(Some(basic("bob", "RefBob12345")))
    }

    /// Asks with a name and a password.
    pub fn basic(&self, name: &str, password: &str) -> Asking<'_> {
        self.asking(Some(basic(name, password)))
    }

    /// Asks with whatever stands in the `Authorization` header.
    pub fn authorization(&self, header: &str) -> Asking<'_> {
        self.asking(Some(header.to_owned()))
    }

    /// Asks with a bearer token.
    pub fn bearer(&self, token: &str) -> Asking<'_> {
        self.asking(Some(format!("Bearer {token}")))
    }

    /// Asks without saying who.
    pub fn nobody(&self) -> Asking<'_> {
        self.asking(None)
    }

    fn asking(&self, authorization: Option<String>) -> Asking<'_> {
        Asking {
            server: self,
            authorization,
            headers: HeaderMap::new(),
        }
    }
}

/// What a client sends to say who it is.
pub(crate) fn basic(name: &str, password: &str) -> String {
    let encoded = base64::engine::general_purpose::STANDARD.encode(format!("{name}:{password}"));
    format!("Basic {encoded}")
}

/// A form of files, (field, file name, bytes), and its content type.
pub fn multipart_body(files: &[(&str, &str, &[u8])]) -> (String, Vec<u8>) {
    multipart_form(&[], files)
}

/// A form of texts, (field, text), and files, and its content type.
pub fn multipart_form(texts: &[(&str, &str)], files: &[(&str, &str, &[u8])]) -> (String, Vec<u8>) {
    const BOUNDARY: &str = "keepsave-test-boundary";
    let mut body = Vec::new();
    for (field, text) in texts {
        let part = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{text}\r\n"
        );
        body.extend_from_slice(part.as_bytes());
    }
    for (field, name, bytes) in files {
        let head = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{field}\"; \
             filename=\"{name}\"\r\nContent-Type: application/octet-stream\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
    (format!("multipart/form-data; boundary={BOUNDARY}"), body)
}

/// Someone about to ask something.
pub struct Asking<'a> {
    server: &'a TestServer,
    authorization: Option<String>,
    headers: HeaderMap,
}

impl Asking<'_> {
    /// With a header more.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.insert(name, value.parse().unwrap());
        self
    }

    /// GET.
    pub async fn get(self, path: &str) -> Answer {
        self.send(Method::GET, path, None, Vec::new()).await
    }

    /// DELETE.
    pub async fn delete(self, path: &str) -> Answer {
        self.send(Method::DELETE, path, None, Vec::new()).await
    }

    /// POST with a JSON body.
    pub async fn post(self, path: &str, body: Value) -> Answer {
        self.send(
            Method::POST,
            path,
            Some("application/json"),
            body.to_string().into(),
        )
        .await
    }

    /// PUT with a JSON body.
    pub async fn put(self, path: &str, body: Value) -> Answer {
        self.send(
            Method::PUT,
            path,
            Some("application/json"),
            body.to_string().into(),
        )
        .await
    }

    /// POST of files: (field, file name, bytes).
    pub async fn upload(self, path: &str, files: &[(&str, &str, &[u8])]) -> Answer {
        self.multipart(Method::POST, path, files).await
    }

    /// POST or PUT of files: (field, file name, bytes).
    pub async fn multipart(
        self,
        method: Method,
        path: &str,
        files: &[(&str, &str, &[u8])],
    ) -> Answer {
        let (kind, body) = multipart_body(files);
        self.send(method, path, Some(&kind), body).await
    }

    /// Any request.
    pub async fn send(
        self,
        method: Method,
        path: &str,
        content_type: Option<&str>,
        body: Vec<u8>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(authorization) = &self.authorization {
            request = request.header(header::AUTHORIZATION, authorization);
        }
        if let Some(content_type) = content_type {
            request = request.header(header::CONTENT_TYPE, content_type);
        }
        request = request.header(header::CONTENT_LENGTH, body.len());
        let mut request = request.body(axum::body::Body::from(body)).unwrap();
        request.headers_mut().extend(self.headers);
        let response = self.server.router().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes().to_vec();
        Answer {
            status: parts.status,
            headers: parts.headers,
            bytes,
        }
    }
}

/// What the server answered.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub bytes: Vec<u8>,
}

impl Answer {
    /// The body as JSON; null when it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_default()
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// Every cookie that it sets.
    pub fn cookies(&self) -> Vec<String> {
        let cookies = self.headers.get_all(header::SET_COOKIE).into_iter();
        cookies
            .map(|cookie| cookie.to_str().unwrap().to_owned())
            .collect()
    }

    /// Demands a status and gives the JSON body.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        self.json()
    }
}
