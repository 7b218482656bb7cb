//! The ids in a page's path. What is no id is no page.

use axum::extract::{FromRequestParts, Path};
use http::request::Parts;

use crate::app::App;
use crate::web::failure::Refusal;

/// The numbers of a path, in order, and the word that may follow them.
pub struct Ids<const N: usize> {
    /// The numbers.
    pub ids: [i64; N],
    /// The last part of a path that says what is done; empty where there is none.
    pub act: String,
}

impl<const N: usize> FromRequestParts<App> for Ids<N> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        let path = Path::<Vec<(String, String)>>::from_request_parts(parts, app).await;
        let Path(given) = path.map_err(|_| Refusal::not_found())?;
        let mut given = given.into_iter().map(|(_, text)| text);
        let mut ids = [0; N];
        for id in &mut ids {
            let text = given.next().unwrap_or_default();
            *id = text.parse().map_err(|_| Refusal::not_found())?;
        }
        Ok(Self {
            ids,
            act: given.next().unwrap_or_default(),
        })
    }
}
