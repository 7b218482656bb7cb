//! Forms: the two ways in which a page or a client sends one.

use axum::extract::{FromRequest, Request};
use futures_util::stream;
use http::header::CONTENT_TYPE;

use super::body::SmallBody;
use super::error::Failure;
use super::fields::form_pairs;
use crate::app::App;

/// The texts of a form. Files in it are left out, and so are empty fields: RomM takes them as not
/// there. A body of another kind is a form without fields.
pub struct Form(Vec<(String, String)>);

impl Form {
    /// A field; the last one where it is repeated.
    pub fn get(&self, name: &str) -> Option<&str> {
        let mut fields = self.0.iter().rev();
        fields.find_map(|(key, value)| (key == name).then_some(value.as_str()))
    }

    /// A field as a text of its own.
    pub fn text(&self, name: &str) -> Option<String> {
        self.get(name).map(str::to_owned)
    }
}

impl FromRequest<App> for Form {
    type Rejection = Failure;

    async fn from_request(request: Request, app: &App) -> Result<Self, Failure> {
        let kind = request
            .headers()
            .get(CONTENT_TYPE)
            .and_then(|kind| kind.to_str().ok())
            .unwrap_or_default()
            .to_owned();
        let SmallBody(body) = SmallBody::from_request(request, app).await?;
        let mut fields = if let Ok(boundary) = multer::parse_boundary(&kind) {
            parts(body, boundary).await?
        } else if kind.starts_with("application/x-www-form-urlencoded") {
            form_pairs(&body)
        } else {
            Vec::new()
        };
        fields.retain(|(_, value)| !value.is_empty());
        Ok(Self(fields))
    }
}

async fn parts(body: bytes::Bytes, boundary: String) -> Result<Vec<(String, String)>, Failure> {
    let broken = |_| Failure::bad_request("There was an error parsing the body");
    let whole = stream::once(async { Ok::<_, std::convert::Infallible>(body) });
    let mut parts = multer::Multipart::new(whole, boundary);
    let mut fields = Vec::new();
    while let Some(part) = parts.next_field().await.map_err(broken)? {
        let name = part.name().map(str::to_owned);
        if let Some(name) = name.filter(|_| part.file_name().is_none()) {
            fields.push((name, part.text().await.map_err(broken)?));
        }
    }
    Ok(fields)
}
