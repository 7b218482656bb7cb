//! `GET /openapi.json`: what the server can be asked, for programs.

use std::sync::LazyLock;

use axum::response::IntoResponse;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Components, OpenApi, PathItem, RefOr, Response};

use crate::http::error::Failure;
use crate::http::router;

/// The document does not change while the server runs.
static DOCUMENT: LazyLock<Option<String>> = LazyLock::new(|| router::openapi().to_json().ok());

/// Sends the document. Apps read the templates of the paths in it before they use a route.
pub async fn openapi() -> axum::response::Response {
    match &*DOCUMENT {
        Some(document) => ([(CONTENT_TYPE, "application/json")], document.as_str()).into_response(),
        None => Failure::internal().into_response(),
    }
}

/// What is true of every route: a name of its own, and how to sign in.
pub fn finish_document(document: &mut OpenApi) {
    for (path, item) in &mut document.paths.paths {
        for (method, operation) in operations(item) {
            operation.operation_id = Some(operation_id(method, path));
            // A comment's line breaks are none of the sentence.
            operation.summary = operation.summary.take().map(|text| text.replace('\n', " "));
            for (status, response) in &mut operation.responses.responses {
                describe(status, response);
            }
        }
    }
    let components = document.components.get_or_insert_with(Components::new);
    for (name, scheme) in [
        ("password", HttpAuthScheme::Basic),
        ("token", HttpAuthScheme::Bearer),
    ] {
        components.add_security_scheme(name, SecurityScheme::Http(Http::new(scheme)));
    }
    let by = |name: &str| SecurityRequirement::new(name, [""; 0]);
    // Either of them, or a browser's session, or for some routes none at all.
    document.security = Some(vec![
        by("token"),
        by("password"),
        SecurityRequirement::default(),
    ]);
}

/// The format demands a description of every answer: the status says enough.
fn describe(status: &str, response: &mut RefOr<Response>) {
    let known = status
        .parse()
        .ok()
        .and_then(|code| StatusCode::from_u16(code).ok());
    if let (RefOr::T(response), Some(status)) = (response, known)
        && response.description.is_empty()
    {
        status
            .canonical_reason()
            .unwrap_or_default()
            .clone_into(&mut response.description);
    }
}

/// `get_api_saves_id_content`.
fn operation_id(method: &str, path: &str) -> String {
    let words = path.split(|sign: char| !sign.is_ascii_alphanumeric());
    let words = words.filter(|word| !word.is_empty());
    [method]
        .into_iter()
        .chain(words)
        .collect::<Vec<_>>()
        .join("_")
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    [
        ("get", &mut item.get),
        ("post", &mut item.post),
        ("put", &mut item.put),
        ("patch", &mut item.patch),
        ("delete", &mut item.delete),
        ("head", &mut item.head),
        ("options", &mut item.options),
    ]
    .into_iter()
    .filter_map(|(method, operation)| operation.as_mut().map(|operation| (method, operation)))
}
