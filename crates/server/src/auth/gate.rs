//! What surrounds every route: the browser's session comes in, forged requests stay out, cookies go
//! back.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{COOKIE, SET_COOKIE};
use http::request::Parts;
use http::{HeaderMap, HeaderValue};

use super::activity::Seen;
use super::address::Origin;
use super::session::{self, Current};
use super::{Caller, csrf, secret};
use crate::app::App;
use crate::http::error::Failure;
use crate::vault::{Fault, sessions};

/// Surrounds the routes of the API. A browser repeats its CSRF token in a header there; whoever
/// signs in by a header has none.
pub async fn api(State(app): State<App>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let has_token = !signs_in_by_header(&parts.headers);
    let mut visit = match Visit::enter(&app, &mut parts, has_token) {
        Ok(visit) => visit,
        Err(fault) => return Failure::from(fault).into_response(),
    };
    let forged = !app.settings.disable_csrf_protection
        && csrf::demands_header(&parts.method, parts.uri.path())
        && visit.is_forged(&parts.headers);
    let mut response = if forged {
        visit.csrf = None;
        csrf::refusal().into_response()
    } else {
        next.run(Request::from_parts(parts, body)).await
    };
    visit.leave(&app, response.headers_mut());
    response
}

/// Surrounds the pages, whose forms carry the CSRF token and check it themselves.
pub async fn pages(State(app): State<App>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let visit = match Visit::enter(&app, &mut parts, true) {
        Ok(visit) => visit,
        Err(fault) => return Failure::from(fault).into_response(),
    };
    let mut response = next.run(Request::from_parts(parts, body)).await;
    visit.leave(&app, response.headers_mut());
    response
}

/// What the gate knows of a request until its answer passes.
struct Visit {
    session: Presented,
    csrf: Option<csrf::Token>,
    secure: bool,
}

/// The session cookie that a request came with.
enum Presented {
    None,
    Alive(String),
    Dead,
}

impl Visit {
    fn enter(app: &App, parts: &mut Parts, has_token: bool) -> Result<Self, Fault> {
        let session = match cookie_of(&parts.headers, session::COOKIE) {
            None => Presented::None,
            Some(id) => {
                let id = id.to_owned();
                match resume(app, &id)? {
                    Some((current, caller)) => {
                        parts.extensions.insert(current);
                        parts.extensions.insert(caller);
                        Presented::Alive(id)
                    }
                    None => Presented::Dead,
                }
            }
        };
        let alive = match &session {
            Presented::Alive(id) => Some(id.as_str()),
            Presented::None | Presented::Dead => None,
        };
        let csrf = has_token.then(|| csrf::Token::of(&parts.headers, alive, app));
        if let Some(token) = &csrf {
            parts.extensions.insert(token.clone());
        }
        Ok(Self {
            session,
            csrf,
            secure: Origin::of(parts, &app.settings).secure,
        })
    }

    fn is_forged(&self, headers: &HeaderMap) -> bool {
        let repeated = headers.get(csrf::HEADER).and_then(|it| it.to_str().ok());
        self.csrf
            .as_ref()
            .is_some_and(|token| !token.is_repeated_by(repeated.unwrap_or_default()))
    }

    fn leave(self, app: &App, headers: &mut HeaderMap) {
        let fresh = self.csrf.and_then(|token| token.cookie(self.secure));
        if let Some(cookie) = fresh.filter(|_| !app.settings.disable_csrf_protection) {
            headers.append(SET_COOKIE, cookie);
        }
        // A sign-in or a sign-out has said already what becomes of the session.
        if sets_session(headers) {
            return;
        }
        match self.session {
            Presented::None => {}
            Presented::Alive(id) => {
                headers.append(SET_COOKIE, session::cookie(app, &id, self.secure));
            }
            Presented::Dead => {
                headers.append(SET_COOKIE, session::no_cookie(self.secure));
            }
        }
    }
}

fn resume(app: &App, id: &str) -> Result<Option<(Current, Caller)>, Fault> {
    let (hash, now) = (secret::hash(id), app.now());
    let session = app
        .vault
        .read(|tx| sessions::by_hash(tx, &hash, now))?
        .filter(|session| session.user.enabled);
    Ok(session.map(|session| {
        Seen::session(&session, &hash, now).note(app);
        let caller = Caller {
            scopes: session.user.role.scopes(),
            device: session.device,
            user: session.user,
        };
        (Current(hash), caller)
    }))
}

/// A header that names one of these schemes is out of another site's reach, good or not.
fn signs_in_by_header(headers: &HeaderMap) -> bool {
    let header = headers.get(http::header::AUTHORIZATION);
    let scheme = header
        .and_then(|header| header.as_bytes().split(|byte| *byte == b' ').next())
        .unwrap_or_default();
    scheme.eq_ignore_ascii_case(b"bearer") || scheme.eq_ignore_ascii_case(b"basic")
}

fn sets_session(headers: &HeaderMap) -> bool {
    let is_session = |cookie: &HeaderValue| {
        let value = cookie.as_bytes().strip_prefix(session::COOKIE.as_bytes());
        value.is_some_and(|rest| rest.starts_with(b"="))
    };
    headers.get_all(SET_COOKIE).iter().any(is_session)
}

/// The value of a cookie.
pub(crate) fn cookie_of<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}
