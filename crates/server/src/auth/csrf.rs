//! Protection against requests that another site makes a browser send: the token of a cookie must
//! come back in a header or a form, which another site cannot read.
//!
//! Someone's token is bound to their session by a keyed hash, so that a planted cookie is no use.

use axum::extract::FromRequestParts;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use subtle::ConstantTimeEq;

use super::gate::cookie_of;
use crate::app::App;
use crate::environment::Environment;
use crate::http::error::Failure;

/// The cookie's name.
pub const COOKIE: &str = "romm_csrftoken";
/// The header that repeats it.
pub const HEADER: &str = "x-csrftoken";

/// The routes that need no token: whoever calls them has no cookie worth stealing.
const EXEMPT: [&str; 4] = [
    "/api/token",
    "/api/client-tokens/exchange",
    "/api/auth/device/init",
    "/api/auth/device/token",
];

/// The token of one request. Requests that sign in by a header have none.
#[derive(Clone, Debug)]
pub struct Token {
    text: String,
    /// Whether it is new, so that the browser has to be told.
    fresh: bool,
}

impl Token {
    /// The browser's token when it is good for its session, else a new one.
    pub(super) fn of(headers: &HeaderMap, session: Option<&str>, app: &App) -> Self {
        let good = cookie_of(headers, COOKIE).filter(|text| is_of(text, session));
        Self {
            fresh: good.is_none(),
            text: good.map_or_else(|| generate(&app.environment, session), str::to_owned),
        }
    }

    /// The token as a form carries it.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the browser sent this token as its cookie, and `repeated` repeats it.
    pub fn is_repeated_by(&self, repeated: &str) -> bool {
        !self.fresh && bool::from(self.text.as_bytes().ct_eq(repeated.as_bytes()))
    }

    /// The cookie to set, when the browser has not got it.
    pub(super) fn cookie(&self, secure: bool) -> Option<HeaderValue> {
        let secure = if secure { "; Secure" } else { "" };
        let cookie = format!("{COOKIE}={}; Path=/; SameSite=lax{secure}", self.text);
        self.fresh
            .then(|| HeaderValue::from_str(&cookie).ok())
            .flatten()
    }
}

impl FromRequestParts<App> for Token {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _app: &App) -> Result<Self, Failure> {
        let token = parts.extensions.get::<Self>().cloned();
        token.ok_or_else(refusal)
    }
}

/// What RomM answers to a request without a good token.
pub fn refusal() -> Failure {
    Failure::text(StatusCode::FORBIDDEN, "CSRF token verification failed")
}

/// Whether a request must repeat its token in the header.
pub(super) fn demands_header(method: &Method, path: &str) -> bool {
    let safe = matches!(
        *method,
        Method::GET | Method::HEAD | Method::OPTIONS | Method::TRACE
    );
    let pairing = path
        .strip_prefix("/api/client-tokens/pair/")
        .is_some_and(|rest| rest.ends_with("/status"));
    !safe && !pairing && !EXEMPT.contains(&path)
}

const RANDOM_CHARS: usize = 32;

fn generate(environment: &Environment, session: Option<&str>) -> String {
    let random = hex::encode(environment.random::<{ RANDOM_CHARS / 2 }>());
    let seal = seal(&random, session);
    random + &seal
}

/// Whether a token is one of ours for that session. Without a session there is nothing to bind it
/// to: any will do.
fn is_of(token: &str, session: Option<&str>) -> bool {
    match token.split_at_checked(RANDOM_CHARS) {
        Some((random, seal)) if session.is_some() => self::seal(random, session)
            .as_bytes()
            .ct_eq(seal.as_bytes())
            .into(),
        Some(_) => true,
        None => false,
    }
}

fn seal(random: &str, session: Option<&str>) -> String {
    let key = blake3::derive_key(
        "keepsave csrf token",
        session.unwrap_or_default().as_bytes(),
    );
    blake3::keyed_hash(&key, random.as_bytes()).to_hex()[..RANDOM_CHARS].to_owned()
}
