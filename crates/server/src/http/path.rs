//! Ids in paths: `/api/saves/{id}`, `/api/devices/{device_id}`.

use std::marker::PhantomData;

use axum::extract::{FromRequestParts, RawPathParams};
use http::request::Parts;
use keepsave_core::ids::{
    EarlierContentId, NoteId, PlatformId, PlaySessionId, RomFileId, RomId, SaveId, ScreenshotId,
    SessionId, StateId, TimelineId, TokenId, UserId, VersionId,
};
use serde_json::json;

use super::error::Failure;
use super::fields::Fields;
use crate::app::App;

/// An integer id that stands in a path.
pub trait PathId: Sized {
    /// The id of that number.
    fn from_number(number: i64) -> Self;
    /// The least number that RomM lets through to the look-up.
    const LEAST: i64;
}

macro_rules! path_ids {
    ($($name:ident >= $least:expr;)*) => {$(
        impl PathId for $name {
            const LEAST: i64 = $least;

            fn from_number(number: i64) -> Self {
                Self(number)
            }
        }
    )*};
}

path_ids! {
    PlatformId >= 1;
    RomId >= 1;
    RomFileId >= 1;
    SaveId >= i64::MIN;
    StateId >= i64::MIN;
    ScreenshotId >= 1;
    EarlierContentId >= i64::MIN;
    NoteId >= 1;
    TokenId >= i64::MIN;
    UserId >= i64::MIN;
    SessionId >= i64::MIN;
    PlaySessionId >= i64::MIN;
    VersionId >= i64::MIN;
    TimelineId >= i64::MIN;
}

/// The id at position `AT` among the path's parameters (from 0).
pub struct Id<T, const AT: usize = 0>(pub T, PhantomData<()>);

impl<T: PathId, const AT: usize> FromRequestParts<App> for Id<T, AT> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        let params = RawPathParams::from_request_parts(parts, app)
            .await
            .map_err(|_| Failure::not_found("Not Found"))?;
        let (name, text) = params.iter().nth(AT).unwrap_or_default();
        let mut fields = Fields::of_path(name, text);
        let number = fields
            .bounded_integer(name, T::LEAST, i64::MAX)
            .unwrap_or_default();
        fields.finish(Self(T::from_number(number), PhantomData))
    }
}

/// The text at position `AT` among the path's parameters (from 0): an id that is no number.
pub struct Text<const AT: usize = 0>(pub String);

impl<const AT: usize> FromRequestParts<App> for Text<AT> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        let params = RawPathParams::from_request_parts(parts, app)
            .await
            .map_err(|_| Failure::not_found("Not Found"))?;
        let (_, text) = params.iter().nth(AT).unwrap_or_default();
        Ok(Self(text.to_owned()))
    }
}

impl Fields {
    fn of_path(name: &str, text: &str) -> Self {
        Self::of(
            "path",
            [(name.to_owned(), json!(text))].into_iter().collect(),
        )
    }
}
