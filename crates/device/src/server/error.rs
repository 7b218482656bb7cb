//! Why a server did not give what it was asked for, in words for a person.
//!
//! Asking a server changes nothing on the device, so an error from here always says that.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use keepsave_core::limits;
use keepsave_core::release::{self, Unsupported};
use reqwest::StatusCode;
use serde_json::Value;

/// How a RomM begins to say that it knows no such device.
const NO_DEVICE: &str = "Device with ID ";

/// A request that did not give what it was meant to.
#[derive(Debug)]
pub struct ServerError {
    /// `POST /api/sync/negotiate`, with the address in front where there was no answer.
    pub request: String,
    /// What went wrong.
    pub trouble: Trouble,
}

/// What went wrong with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// No connection: nothing was sent.
    Unreachable {
        /// Why.
        why: String,
    },
    /// Nothing moved for so long. What was sent may have been done.
    Stalled {
        /// For how long.
        after: Duration,
    },
    /// The connection broke. What was sent may have been done.
    CutOff {
        /// How.
        why: String,
    },
    /// 401: it does not know who asks.
    SignedOut,
    /// 403: whoever asks may not.
    Forbidden {
        /// In the server's words.
        detail: String,
    },
    /// 404.
    NotFound {
        /// In the server's words; none for a route that it does not have.
        detail: Option<String>,
    },
    /// 404: it knows no such device.
    NoDevice {
        /// In the server's words.
        detail: String,
    },
    /// 409: it holds something newer, or has that already.
    Conflict {
        /// In the server's words.
        detail: String,
    },
    /// 429.
    RateLimited {
        /// How long it wants to be left alone.
        after: Option<Duration>,
    },
    /// Any other answer that says the request was wrong.
    Refused {
        /// The status.
        status: u16,
        /// In the server's words.
        detail: String,
    },
    /// 5xx: the server failed.
    Broken {
        /// The status.
        status: u16,
        /// In the server's words.
        detail: String,
        /// How long it wants to be left alone.
        after: Option<Duration>,
    },
    /// An answer that is not what the route answers.
    Unreadable {
        /// The status.
        status: u16,
        /// What is wrong with it.
        why: String,
        /// How it begins.
        begins: String,
    },
    /// A redirect that leaves the server, or cannot be followed.
    Redirected {
        /// Where to.
        to: String,
    },
    /// A version that a device cannot sync with.
    TooOld(Unsupported),
    /// Routes that this version does not have.
    NoSync {
        /// What the server is.
        found: String,
        /// The routes.
        missing: &'static [&'static str],
    },
    /// It cannot even be asked.
    Unaskable {
        /// Why.
        why: String,
    },
}

impl ServerError {
    pub(crate) fn new(request: impl Into<String>, trouble: Trouble) -> Self {
        Self {
            request: request.into(),
            trouble,
        }
    }

    /// What an answer means that is no success.
    pub(crate) fn of_status(
        request: &str,
        status: StatusCode,
        after: Option<Duration>,
        body: &[u8],
    ) -> Self {
        let detail = detail(body);
        let trouble = match status.as_u16() {
            401 => Trouble::SignedOut,
            403 => Trouble::Forbidden { detail },
            404 if detail.starts_with(NO_DEVICE) => Trouble::NoDevice { detail },
            404 => Trouble::NotFound {
                detail: names_a_thing(body).then_some(detail),
            },
            409 => Trouble::Conflict { detail },
            429 => Trouble::RateLimited { after },
            status @ 500.. => Trouble::Broken {
                status,
                detail,
                after,
            },
            status => Trouble::Refused { status, detail },
        };
        Self::new(request, trouble)
    }

    /// Whether the server may have done what it was asked, although it did not say so.
    pub fn may_be_done(&self) -> bool {
        matches!(
            self.trouble,
            Trouble::Stalled { .. }
                | Trouble::CutOff { .. }
                | Trouble::Broken { .. }
                | Trouble::Unreadable { .. }
        )
    }
}

impl fmt::Display for ServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.request, self.trouble)
    }
}

impl Error for ServerError {}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable { why } => write!(
                f,
                "the server cannot be reached ({why}). Nothing was changed. Check the address and \
                 the network; {}",
                certificate_hint(why)
            ),
            Self::Stalled { after } => write!(
                f,
                "nothing moved for {} s. Nothing on this device was changed. Run it again; \
                 KEEPSAVE_STALL_SECONDS sets how long to wait",
                after.as_secs_f64()
            ),
            Self::CutOff { why } => write!(
                f,
                "the connection broke ({why}). Nothing on this device was changed. Run it again"
            ),
            Self::Redirected { to } => write!(
                f,
                "the server points to {to}, where this was not sent: the token stayed here and \
                 nothing was changed. If that is the right address, sign in there with `keepsave \
                 login`"
            ),
            Self::TooOld(unsupported) => write!(f, "{unsupported}. Nothing was changed"),
            Self::NoSync { found, missing } => write!(
                f,
                "the server ({found}) does not have {}. Nothing was changed. RomM {} or newer is \
                 needed, or a Keepsave",
                missing.join(", "),
                release::NEGOTIATES_FROM
            ),
            Self::Unaskable { why } => write!(f, "it cannot be sent ({why}). Nothing was changed"),
            answered => answered.tell_answer(f),
        }
    }
}

impl Trouble {
    /// What an error of the network library means.
    pub(crate) fn of_network(error: &reqwest::Error) -> Self {
        let why = innermost(error);
        if error.is_connect() {
            Self::Unreachable { why }
        } else if error.is_builder() {
            Self::Unaskable { why }
        } else {
            Self::CutOff { why }
        }
    }

    /// Where the server answered with a status that is no success, or with nonsense.
    fn tell_answer(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SignedOut => f.write_str(
                "the server does not know this token or password. Nothing was changed. Sign in \
                 with `keepsave login`",
            ),
            Self::Forbidden { detail } => write!(
                f,
                "not allowed ({detail}). Nothing was changed. Sign in with `keepsave login` and \
                 approve what it asks for"
            ),
            Self::NotFound { detail: None } => f.write_str(
                "the server has no such route. Nothing was changed. Is a RomM or a Keepsave at \
                 that address, and is it new enough for this?",
            ),
            Self::NotFound {
                detail: Some(detail),
            } => write!(f, "{detail}. Nothing was changed"),
            Self::NoDevice { detail } => write!(
                f,
                "{detail}. Nothing was changed. `keepsave sync device list` shows the devices that \
                 there are, and `keepsave sync device register --name NAME` makes this machine one"
            ),
            Self::Conflict { detail } => write!(
                f,
                "refused, for the server holds something else ({detail}). Nothing on this device \
                 was changed"
            ),
            Self::RateLimited { after } => {
                f.write_str("the server wants fewer requests. Nothing was changed. ")?;
                match after {
                    Some(after) => write!(f, "Run it again in {} s", after.as_secs()),
                    None => f.write_str("Run it again in a minute"),
                }
            }
            Self::Refused { status, detail } => {
                write!(f, "refused with {status} ({detail}). Nothing was changed")
            }
            Self::Broken { status, detail, .. } => write!(
                f,
                "the server failed with {status} ({detail}). Nothing on this device was changed. \
                 Its log says more; run it again when it is well"
            ),
            Self::Unreadable {
                status,
                why,
                begins,
            } => write!(
                f,
                "answered {status} with what cannot be read ({why}): {begins:?}. Nothing on this \
                 device was changed. Is a RomM or a Keepsave at that address?"
            ),
            _ => f.write_str("the request failed. Nothing on this device was changed"),
        }
    }
}

fn certificate_hint(why: &str) -> &'static str {
    if why.contains("certificate") {
        "KEEPSAVE_CA_FILE names certificates to trust"
    } else {
        "run it again when it is there"
    }
}

/// The cause at the bottom: what lies above only says that there was one.
fn innermost(error: &dyn Error) -> String {
    let mut inner = error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    inner.to_string()
}

/// What an error answer says: RomM's `detail` is a text, a list of wrong fields, or an object.
fn detail(body: &[u8]) -> String {
    let Ok(json) = serde_json::from_slice::<Value>(body) else {
        let text = String::from_utf8_lossy(body);
        // A page for browsers tells a person nothing here.
        let is_page = text.trim_start().starts_with('<');
        return if is_page || text.trim().is_empty() {
            "it does not say why".to_owned()
        } else {
            shown(&text)
        };
    };
    shown(&words(json.get("detail").unwrap_or(&json)))
}

fn words(detail: &Value) -> String {
    match detail {
        Value::String(text) => text.clone(),
        Value::Array(fields) => {
            let fields: Vec<String> = fields.iter().map(field).collect();
            fields.join("; ")
        }
        Value::Object(object) => match object.get("message").and_then(Value::as_str) {
            Some(message) => message.to_owned(),
            None => detail.to_string(),
        },
        other => other.to_string(),
    }
}

/// `body.sync_mode: Input should be ..`.
fn field(wrong: &Value) -> String {
    let Some(message) = wrong.get("msg").and_then(Value::as_str) else {
        return words(wrong);
    };
    let place = wrong.get("loc").and_then(Value::as_array);
    let place = place.into_iter().flatten().map(|part| match part {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    });
    let place: Vec<String> = place.collect();
    format!("{}: {message}", place.join("."))
}

/// A route that is not there is answered `Not Found`; a thing that is not there is named.
fn names_a_thing(body: &[u8]) -> bool {
    let json = serde_json::from_slice::<Value>(body).unwrap_or_default();
    let detail = json.get("detail");
    detail.is_some_and(|detail| detail.as_str() != Some("Not Found"))
}

/// The beginning of a text, on one line.
pub(crate) fn shown(text: &str) -> String {
    let clean = text
        .trim()
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c });
    let mut shown: String = clean.take(limits::SERVER_ANSWER_SHOWN_CHARS).collect();
    if text.trim().chars().count() > limits::SERVER_ANSWER_SHOWN_CHARS {
        shown.push_str("..");
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(status: u16, body: &str, expected: &Trouble) {
        let status = StatusCode::from_u16(status).unwrap();
        let error = ServerError::of_status("GET /api/x", status, None, body.as_bytes());
        assert_eq!(error.trouble, *expected, "{body}");
        assert!(error.to_string().starts_with("GET /api/x: "));
    }

    #[test]
    fn a_detail_is_a_text_a_list_or_an_object() {
        let refused = |detail: &str| Trouble::Refused {
            status: 422,
            detail: detail.into(),
        };
        check(422, r#"{"detail":"no"}"#, &refused("no"));
        check(
            422,
            r#"{"detail":[{"type":"x","loc":["query","limit"],"msg":"too small","input":"0"},"y"]}"#,
            &refused("query.limit: too small; y"),
        );
        check(
            422,
            r#"{"detail":{"error":"x","message":"taken"}}"#,
            &refused("taken"),
        );
        check(422, r#"{"error":"x"}"#, &refused(r#"{"error":"x"}"#));
        check(422, "<html>nginx", &refused("it does not say why"));
        check(422, "", &refused("it does not say why"));
        check(422, "a\nb", &refused("a b"));
    }

    #[test]
    fn each_status_has_its_meaning() {
        let detail = || "Internal Server Error".to_owned();
        check(
            401,
            r#"{"detail":"Not authenticated"}"#,
            &Trouble::SignedOut,
        );
        check(403, &detail(), &Trouble::Forbidden { detail: detail() });
        check(
            409,
            r#"{"detail":{"message":"Internal Server Error"}}"#,
            &Trouble::Conflict { detail: detail() },
        );
        check(429, "", &Trouble::RateLimited { after: None });
        for status in [500, 502, 503, 599] {
            let (detail, after) = (detail(), None);
            let broken = Trouble::Broken {
                status,
                detail: detail.clone(),
                after,
            };
            check(status, &detail, &broken);
        }
        check(
            418,
            &detail(),
            &Trouble::Refused {
                status: 418,
                detail: detail(),
            },
        );
    }

    #[test]
    fn a_missing_route_is_not_a_missing_thing() {
        check(
            404,
            r#"{"detail":"Not Found"}"#,
            &Trouble::NotFound { detail: None },
        );
        check(404, "<html>", &Trouble::NotFound { detail: None });
        check(404, "[]", &Trouble::NotFound { detail: None });
        let detail = Some("Save with ID 9 not found".to_owned());
        check(
            404,
            r#"{"detail":"Save with ID 9 not found"}"#,
            &Trouble::NotFound { detail },
        );
        let detail = "Device with ID 9 not found".to_owned();
        check(
            404,
            r#"{"detail":"Device with ID 9 not found"}"#,
            &Trouble::NoDevice { detail },
        );
    }

    #[test]
    fn long_answers_are_cut() {
        assert_eq!(shown(" a\tb "), "a b");
        let long = "é".repeat(limits::SERVER_ANSWER_SHOWN_CHARS + 1);
        assert_eq!(
            shown(&long).chars().count(),
            limits::SERVER_ANSWER_SHOWN_CHARS + 2
        );
    }
}
