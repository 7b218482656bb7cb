//! Rebuilds a recorded request with our ids, secrets and the real uploads.

use std::fmt::Write as _;
use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::ConnectInfo;
use http::Request;
use http::header::{AUTHORIZATION, COOKIE};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value};

use super::identities::{Identities, Kind};
use super::recording::{Exchange, Recordings};
use super::secrets::Secrets;
use super::texts::{translated, translated_id};

const BOUNDARY: &str = "----romm-capture-boundary";

/// Where all recorded requests came from.
const CLIENT: ([u8; 4], u16) = ([127, 0, 0, 1], 50_000);

/// The request as our server must see it.
pub(super) fn build(
    exchange: &Exchange,
    recordings: &Recordings,
    identities: &Identities,
    secrets: &Secrets,
) -> Result<Request<Body>, String> {
    let mut request = Request::builder()
        .method(exchange.method.as_str())
        .uri(translated(&exchange.path, identities))
        .extension(ConnectInfo(SocketAddr::from(CLIENT)));
    if let Some(authorization) = secrets.authorization(exchange)? {
        request = request.header(AUTHORIZATION, authorization);
    }
    for (name, value) in &exchange.headers {
        let value = value.as_str().unwrap_or_default();
        request = match name.as_str() {
            "Cookie" => request.header(COOKIE, secrets.cookie()?),
            "If-None-Match" => request.header(name, identities.ours(Kind::Etag, value)),
            _ => request.header(name, value),
        };
    }
    let body = body(exchange, recordings, identities, secrets)?;
    request
        .body(Body::from(body))
        .map_err(|error| format!("the request cannot be rebuilt: {error}"))
}

fn body(
    exchange: &Exchange,
    recordings: &Recordings,
    identities: &Identities,
    secrets: &Secrets,
) -> Result<Vec<u8>, String> {
    if let Some(raw) = &exchange.raw_body {
        return Ok(raw.clone().into_bytes());
    }
    let content_type = exchange.headers.get("Content-Type").and_then(Value::as_str);
    match (&exchange.body, content_type.unwrap_or_default()) {
        (Value::Null, _) => Ok(Vec::new()),
        (Value::Object(fields), "application/x-www-form-urlencoded") => form(fields, secrets),
        (Value::Object(files), kind) if kind.starts_with("multipart/form-data") => {
            multipart(files, recordings)
        }
        (json, _) => Ok(translated_json(json, "", exchange.route(), identities)
            .to_string()
            .into_bytes()),
    }
}

fn form(fields: &Map<String, Value>, secrets: &Secrets) -> Result<Vec<u8>, String> {
    let mut form = String::new();
    for (name, value) in fields {
        let value = match name.as_str() {
            "refresh_token" => secrets.refresh_token()?,
            _ => value.as_str().unwrap_or_default(),
        };
        let separator = if form.is_empty() { "" } else { "&" };
        let value = utf8_percent_encode(value, NON_ALPHANUMERIC);
        let _ = write!(form, "{separator}{name}={value}");
    }
    Ok(form.into_bytes())
}

fn multipart(files: &Map<String, Value>, recordings: &Recordings) -> Result<Vec<u8>, String> {
    let mut body = Vec::new();
    for (field, file) in files {
        let mut head = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{field}\"");
        if let Some(name) = file["filename"].as_str() {
            let _ = write!(head, "; filename=\"{name}\"");
        }
        head.push_str("\r\nContent-Type: application/octet-stream\r\n\r\n");
        let md5 = file["md5"].as_str().unwrap_or_default();
        let content = recordings
            .content(md5)
            .ok_or_else(|| format!("no content with the MD5 {md5}"))?;
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
    Ok(body)
}

fn translated_json(value: &Value, key: &str, route: &str, identities: &Identities) -> Value {
    match value {
        Value::Object(fields) => fields
            .iter()
            .map(|(key, value)| {
                let value = match (value.as_u64(), Kind::of_number(key, fields)) {
                    (Some(id), Some(kind)) => our_number(kind, id, identities),
                    _ => translated_json(value, key, route, identities),
                };
                (key.clone(), value)
            })
            .collect(),
        Value::Array(items) => {
            let kind = Kind::of_list(key, route);
            let items = items.iter().map(|item| match (item.as_u64(), kind) {
                (Some(id), Some(kind)) => our_number(kind, id, identities),
                _ => translated_json(item, key, route, identities),
            });
            items.collect()
        }
        Value::String(text) => match Kind::of_text(key) {
            Some(kind) => translated_id(kind, text, identities).into(),
            None => translated(text, identities).into(),
        },
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

fn our_number(kind: Kind, id: u64, identities: &Identities) -> Value {
    let recorded = id.to_string();
    let ours = identities.ours(kind, &recorded);
    ours.parse::<u64>()
        .map_or_else(|_| ours.into(), Value::from)
}
