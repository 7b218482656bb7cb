//! The credentials of the recorded requests.
//!
//! The recordings mask every secret and show only a header's first characters, so this table says
//! which earlier answer each of them came from.

use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::recording::{Answer, Exchange, Payload};

/// Where a masked header came from: the label, the answer and the field that held it.
const TOKENS: [(&str, &str, &str); 6] = [
    (
        "Bearer rmm_e35..",
        "00_setup/client token assets.read only",
        "raw_token",
    ),
    (
        "Bearer rmm_a81..",
        "02_client_tokens/create 30d",
        "raw_token",
    ),
    (
        "Bearer rmm_f8d..",
        "02_client_tokens/regenerate",
        "raw_token",
    ),
    (
        "Bearer rmm_d14..",
        "02_client_tokens/exchange dashed lower",
        "raw_token",
    ),
    (
        "Bearer rmm_ade..",
        "03_device_auth/token approved",
        "access_token",
    ),
    (
        "Bearer rmm_371..",
        "07_saves/client token without devices.write",
        "raw_token",
    ),
];

/// All JWTs begin alike; these are told apart by the exchange that sends them.
const GRANTS: [(&str, &str, &str); 3] = [
    (
        "01_heartbeat_auth/me: jwt",
        "01_heartbeat_auth/token: password grant with scopes",
        "access_token",
    ),
    (
        "01_heartbeat_auth/me: jwt without scopes",
        "01_heartbeat_auth/token: password grant no scope",
        "access_token",
    ),
    (
        "01_heartbeat_auth/me: refresh token as access",
        "01_heartbeat_auth/token: password grant with scopes",
        "refresh_token",
    ),
];

const REFRESHED: &str = "01_heartbeat_auth/token: password grant with scopes";
const LOGIN: &str = "01_heartbeat_auth/login basic -> session cookie";

/// What our server handed out.
#[derive(Default)]
pub(super) struct Secrets {
    fields: HashMap<(String, &'static str), String>,
    cookies: HashMap<String, String>,
}

impl Secrets {
    /// Keeps what an answer hands out.
    pub fn keep(&mut self, exchange: &Exchange, ours: &Answer) {
        if let Payload::Json(Value::Object(body)) = &ours.payload {
            for field in ["raw_token", "access_token", "refresh_token"] {
                if let Some(secret) = body.get(field).and_then(Value::as_str) {
                    let from = (exchange.full_name(), field);
                    self.fields.insert(from, secret.to_owned());
                }
            }
        }
        let cookies = ours.headers.get("set-cookie").into_iter();
        for cookie in cookies.flat_map(|lines| lines.lines()) {
            if cookie.starts_with("romm_session=") {
                let pair = cookie.split(';').next().unwrap_or_default();
                self.cookies.insert(exchange.full_name(), pair.to_owned());
            }
        }
    }

    /// The `Authorization` header that a recorded request stands for.
    pub fn authorization(&self, exchange: &Exchange) -> Result<Option<String>, String> {
        let header = match exchange.auth.as_str() {
            "none" => return Ok(None),
            "admin" => basic("admin:RefAdmin123"),
            "bob" => basic("bob:RefBob12345"),
            "Basic YWRtaW46.." => basic("admin:nope"),
            "Basic !!!.." => "Basic !!!".to_owned(),
            "Bearer.." => "Bearer".to_owned(),
            "Bearer garbage.." => "Bearer garbage".to_owned(),
            "Bearer rmm_000.." => format!("Bearer rmm_{}", "0".repeat(64)),
            "Bearer rmm_111.." => format!("Bearer rmm_{}", "1".repeat(64)),
            label => {
                let (_, from, field) = TOKENS
                    .into_iter()
                    .find(|(known, _, _)| *known == label)
                    .or_else(|| {
                        let sender = exchange.full_name();
                        GRANTS.into_iter().find(|(known, _, _)| *known == sender)
                    })
                    .ok_or_else(|| format!("whose credentials are {label}?"))?;
                format!("Bearer {}", self.field(from, field)?)
            }
        };
        Ok(Some(header))
    }

    /// The refresh token that recorded forms mask.
    pub fn refresh_token(&self) -> Result<&str, String> {
        self.field(REFRESHED, "refresh_token")
    }

    /// The session cookie that recorded headers mask.
    pub fn cookie(&self) -> Result<&str, String> {
        let cookie = self.cookies.get(LOGIN).map(String::as_str);
        cookie.ok_or_else(|| format!("{LOGIN} set no session cookie"))
    }

    fn field(&self, from: &str, field: &'static str) -> Result<&str, String> {
        let secret = self.fields.get(&(from.to_owned(), field));
        secret
            .map(String::as_str)
            .ok_or_else(|| format!("{from} gave no {field}"))
    }
}

fn basic(credentials: &str) -> String {
    format!("Basic {}", STANDARD.encode(credentials))
}
