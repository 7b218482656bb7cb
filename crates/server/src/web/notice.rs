//! What was just done, said once on the page that a form leads to, with a way back where there is
//! one. It travels in a cookie that is sealed for the session: no other site can plant one.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, LOCATION, SET_COOKIE};
use http::{HeaderMap, HeaderValue, StatusCode};
use keepsave_core::limits::NOTICE_SECONDS;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

use super::words::Phrase;
use crate::auth::gate::cookie_of;
use crate::auth::session::Current;

const COOKIE: &str = "keepsave_notice";
const SEAL_CHARS: usize = 32;

/// What was just done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// The sentence.
    pub text: String,
    /// Whether it went wrong.
    #[serde(default)]
    pub is_bad: bool,
    /// The form that takes it back.
    #[serde(default)]
    pub undo: Option<Undo>,
}

/// A form that takes back what was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undo {
    /// Where it is sent.
    pub action: String,
    /// What it carries.
    pub fields: Vec<(String, String)>,
}

impl Notice {
    /// Something went as it was wanted.
    pub fn done(sentence: &Phrase<'_>) -> Self {
        Self {
            text: sentence.plain(),
            is_bad: false,
            undo: None,
        }
    }

    /// Something did not.
    pub fn failed(sentence: &Phrase<'_>) -> Self {
        Self::refused(sentence.plain())
    }

    /// Something did not, as [`super::failure::sentence`] says it.
    pub fn refused(text: String) -> Self {
        Self {
            text,
            is_bad: true,
            undo: None,
        }
    }

    /// The same with a way back.
    #[must_use]
    pub fn or_undo(mut self, action: impl Into<String>, fields: &[(&str, &str)]) -> Self {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        self.undo = Some(Undo {
            action: action.into(),
            fields: fields.iter().map(owned).collect(),
        });
        self
    }

    /// Goes to a page that says it.
    pub fn on(&self, path: &str, session: Option<&Current>) -> Response {
        let place = HeaderValue::from_str(path).unwrap_or(HeaderValue::from_static("/"));
        let mut response = (StatusCode::SEE_OTHER, [(LOCATION, place)]).into_response();
        if let Some(cookie) = session.and_then(|session| self.cookie(session)) {
            response.headers_mut().append(SET_COOKIE, cookie);
        }
        response
    }

    fn cookie(&self, session: &Current) -> Option<HeaderValue> {
        let json = serde_json::to_string(self).ok()?;
        let text = utf8_percent_encode(&json, NON_ALPHANUMERIC).to_string();
        let seal = seal(&text, session);
        let cookie = format!(
            "{COOKIE}={seal}{text}; Path=/; Max-Age={NOTICE_SECONDS}; HttpOnly; SameSite=strict"
        );
        HeaderValue::from_str(&cookie).ok()
    }

    /// The notice that a browser brings for its session.
    pub(super) fn of(headers: &HeaderMap, session: &Current) -> Option<Self> {
        let (sealed, text) = cookie_of(headers, COOKIE)?.split_at_checked(SEAL_CHARS)?;
        let is_ours = bool::from(seal(text, session).as_bytes().ct_eq(sealed.as_bytes()));
        let json = percent_decode_str(text).decode_utf8().ok()?;
        serde_json::from_str(&json).ok().filter(|_| is_ours)
    }
}

fn seal(text: &str, session: &Current) -> String {
    let key = blake3::derive_key("keepsave notice", &session.0);
    blake3::keyed_hash(&key, text.as_bytes()).to_hex()[..SEAL_CHARS].to_owned()
}

/// Surrounds every page: a notice that a page was shown with is not shown again.
pub async fn say_once(request: Request, next: Next) -> Response {
    let brought = cookie_of(request.headers(), COOKIE).is_some();
    let mut response = next.run(request).await;
    let kind = response.headers().get(CONTENT_TYPE);
    let is_page = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if brought && is_page && response.status() == StatusCode::OK {
        let gone = "keepsave_notice=; Path=/; expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly";
        response
            .headers_mut()
            .append(SET_COOKIE, HeaderValue::from_static(gone));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::words::Words;

    #[test]
    fn a_notice_is_good_for_its_session_alone() {
        let words = Words::english();
        let notice = Notice::done(&words.state_behind(2)).or_undo("/x", &[("version", "7")]);
        let (one, other) = (Current([1; 32]), Current([2; 32]));
        let cookie = notice.cookie(&one).unwrap();
        let pair = cookie.to_str().unwrap().split(';').next().unwrap();
        let mut headers = HeaderMap::new();
        headers.insert("cookie", HeaderValue::from_str(pair).unwrap());
        assert_eq!(Notice::of(&headers, &one), Some(notice));
        assert_eq!(Notice::of(&headers, &other), None);
        for planted in [
            "keepsave_notice=",
            "keepsave_notice=%7B%7D",
            "keepsave_notice=\u{7f}",
        ] {
            let Ok(planted) = HeaderValue::from_str(planted) else {
                continue;
            };
            headers.insert("cookie", planted);
            assert_eq!(Notice::of(&headers, &one), None);
        }
    }
}
