//! Who looks at a page: the browser's session decides, no header and no kiosk.

use axum::extract::{FromRequest, FromRequestParts, Request};
use http::StatusCode;
use http::header::ACCEPT_LANGUAGE;
use http::request::Parts;
use percent_encoding::percent_decode_str;

use super::failure::Refusal;
use super::language;
use super::notice::Notice;
use super::page::{Page, Place, Who};
use super::words::{Words, Zone, zone_of};
use crate::app::App;
use crate::auth::Caller;
use crate::auth::csrf::Token;
use crate::auth::gate::cookie_of;
use crate::auth::scope::Scope;
use crate::auth::session::{Browser, Current};
use crate::http::error::Failure;
use crate::http::form::Form;

/// The cookie in which the script says where the browser is.
const ZONE: &str = "keepsave_zone";

/// Who looks at a page.
pub struct Visitor {
    /// The person who is signed in here.
    pub caller: Option<Caller>,
    /// What this page's forms carry.
    pub csrf: Token,
    /// Their browser.
    pub browser: Browser,
    /// The words of their language.
    pub words: Words,
    /// The session, where someone is signed in.
    pub session: Option<Current>,
    zone: Zone,
    notice: Option<Notice>,
    path: String,
}

impl Visitor {
    /// What surrounds the page that is shown to them.
    pub fn page(&self, app: &App, place: Place) -> Result<Page, Refusal> {
        let who = match &self.caller {
            Some(caller) => Some(who(app, caller)?),
            None => None,
        };
        Ok(Page {
            who,
            ..self.bare_page(app, place)
        })
    }

    /// The same as if nobody were signed in: nothing is asked of the store.
    pub fn bare_page(&self, app: &App, place: Place) -> Page {
        Page {
            words: self.words,
            csrf: self.csrf.as_str().to_owned(),
            who: None,
            place,
            path: self.path.clone(),
            notice: self.notice.clone(),
            now: app.now(),
            zone: self.zone.clone(),
        }
    }

    /// The person who is signed in; whoever is not goes to where that is done and comes back.
    pub fn person(&self) -> Result<&Caller, Refusal> {
        let away = || Refusal::sign_in_first(&self.path);
        self.caller.as_ref().ok_or_else(away)
    }
}

fn who(app: &App, caller: &Caller) -> Result<Who, Refusal> {
    let shell = crate::overview::shell(app, caller.id())?;
    Ok(Who {
        name: caller.user.username.clone(),
        is_admin: caller.scopes.has(Scope::UsersWrite),
        games: shell.games,
        conflicts: shell.conflicts,
    })
}

impl FromRequestParts<App> for Visitor {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        let csrf = Token::from_request_parts(parts, app).await?;
        let session = parts.extensions.get::<Current>().copied();
        let caller = parts.extensions.get::<Caller>().cloned();
        let zone = cookie_of(&parts.headers, ZONE).unwrap_or_default();
        let zone = percent_decode_str(zone).decode_utf8_lossy();
        let chosen = cookie_of(&parts.headers, language::COOKIE).and_then(Words::named);
        let accepted = || {
            let header = parts.headers.get(ACCEPT_LANGUAGE)?.to_str().ok()?;
            Words::accepted(header)
        };
        let path = parts.uri.path_and_query();
        Ok(Self {
            words: chosen.or_else(accepted).unwrap_or_else(Words::english),
            caller: caller.filter(|_| session.is_some()),
            notice: session.and_then(|session| Notice::of(&parts.headers, &session)),
            zone: zone_of(
                Some(&zone)
                    .filter(|zone| !zone.is_empty())
                    .map(AsRef::as_ref),
            ),
            path: path.map_or("/", |path| path.as_str()).to_owned(),
            csrf,
            browser: Browser::of(parts, app),
            session,
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
        let forged = Failure::new(StatusCode::FORBIDDEN, "CSRF token verification failed");
        Err(forged.into())
    }
}
