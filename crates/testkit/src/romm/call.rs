//! A request as the routes see it, and what they answer, in the way its framework says things.
//!
//! Knows no route and no row.

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode, header};
use serde_json::{Value, json};

use super::forms::{Part, parts};

/// A request that arrived as a whole.
pub(super) struct Call {
    pub method: Method,
    /// `/api/saves/3`
    pub path: String,
    pub query: Vec<(String, String)>,
    pub headers: HeaderMap,
    pub body: Bytes,
    /// What stood in the path where the route has a name in braces.
    pub params: Vec<(&'static str, String)>,
}

impl Call {
    /// The first value of a name in the query.
    pub fn query(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// What stood at a name in the path.
    pub fn param(&self, name: &str) -> &str {
        let found = self.params.iter().find(|(known, _)| *known == name);
        found.map_or("", |(_, value)| value)
    }

    pub fn header(&self, name: impl header::AsHeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The parts of a form; none when the body is no form.
    pub fn form(&self) -> Vec<Part> {
        let kind = self.header(header::CONTENT_TYPE).unwrap_or_default();
        parts(kind, &self.body)
    }

    /// The body as JSON; null when there is none.
    pub fn json(&self) -> Result<Value, Reply> {
        if self.body.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&self.body).map_err(|error| {
            let expecting = match error.classify() {
                serde_json::error::Category::Syntax if self.body.first() == Some(&b'{') => {
                    "Expecting property name enclosed in double quotes"
                }
                _ => "Expecting value",
            };
            Reply::unprocessable(&[json!({
                "type": "json_invalid",
                "loc": ["body", error.column().saturating_sub(1)],
                "msg": "JSON decode error",
                "input": {},
                "ctx": {"error": expecting},
            })])
        })
    }
}

/// What a route answers, or why it does not.
pub(super) type Answered = Result<Reply, Reply>;

/// An answer.
#[derive(Debug)]
pub(super) struct Reply {
    pub status: StatusCode,
    pub headers: Vec<(&'static str, String)>,
    pub body: Bytes,
}

impl Reply {
    /// A status and a JSON body.
    pub fn json(status: u16, body: &Value) -> Self {
        let mut reply = Self::empty(status);
        reply.body = body.to_string().into();
        reply.with("content-type", "application/json")
    }

    /// 200 with a JSON body.
    pub fn ok(body: &Value) -> Self {
        Self::json(200, body)
    }

    /// A refusal in words.
    pub fn detail(status: u16, detail: &str) -> Self {
        Self::json(status, &json!({"detail": detail}))
    }

    /// A body of words.
    pub fn text(status: u16, text: &str) -> Self {
        let mut reply = Self::empty(status);
        reply.body = text.to_owned().into();
        reply.with("content-type", "text/plain; charset=utf-8")
    }

    /// An exception that nothing caught.
    pub fn crashed() -> Self {
        Self::text(500, "Internal Server Error")
    }

    /// Everything that is wrong with a request.
    pub fn unprocessable(errors: &[Value]) -> Self {
        Self::json(422, &json!({"detail": errors}))
    }

    /// No body at all.
    pub fn empty(status: u16) -> Self {
        Self {
            status: StatusCode::from_u16(status).unwrap(),
            headers: Vec::new(),
            body: Bytes::new(),
        }
    }

    /// With a header more.
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}
