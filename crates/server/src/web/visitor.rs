//! Who looks at a page: the browser's session decides, no header and no kiosk.

use axum::extract::{FromRequest, FromRequestParts, Request};
use http::StatusCode;
use http::request::Parts;

use super::failure::Refusal;
use crate::app::App;
use crate::auth::Caller;
use crate::auth::csrf::Token;
use crate::auth::session::{Browser, Current};
use crate::http::error::Failure;
use crate::http::form::Form;

/// Who looks at a page.
pub struct Visitor {
    /// The person who is signed in here.
    pub caller: Option<Caller>,
    /// What this page's forms carry.
    pub csrf: Token,
    /// Their browser.
    pub browser: Browser,
}

impl FromRequestParts<App> for Visitor {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        let csrf = Token::from_request_parts(parts, app).await?;
        let signed_in = parts.extensions.get::<Current>().is_some();
        let caller = parts.extensions.get::<Caller>().cloned();
        Ok(Self {
            caller: caller.filter(|_| signed_in),
            csrf,
            browser: Browser::of(parts, app),
        })
    }
}

/// A form that came from one of our pages.
pub struct Sent {
    /// Who sent it.
    pub visitor: Visitor,
    /// What they wrote.
    pub form: Form,
}

impl FromRequest<App> for Sent {
    type Rejection = Refusal;

    async fn from_request(request: Request, app: &App) -> Result<Self, Refusal> {
        let (mut parts, body) = request.into_parts();
        let visitor = Visitor::from_request_parts(&mut parts, app).await?;
        let form = Form::from_request(Request::from_parts(parts, body), app).await?;
        let token = form.get("csrf_token").unwrap_or_default();
        if app.settings.disable_csrf_protection || visitor.csrf.is_repeated_by(token) {
            return Ok(Self { visitor, form });
        }
        let sentence = "It was open for too long. Go back, load it again and try once more. \
                        Nothing was changed.";
        Err(Failure::new(StatusCode::FORBIDDEN, sentence).into())
    }
}
