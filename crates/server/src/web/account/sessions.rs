//! `/account/sessions`: where one is signed in, and signing out from afar.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use keepsave_core::time::Time;

use super::{Tab, browser};
use crate::app::App;
use crate::auth::session;
use crate::vault::sessions::OpenSession;
use crate::vault::tokens::Hash;
use crate::web::failure::Refusal;
use crate::web::notice::Notice;
use crate::web::page::{Page, Place};
use crate::web::render;
use crate::web::visitor::{Sent, Visitor};
use crate::web::words::Words;

const PATH: &str = "/account/sessions";

#[derive(Template)]
#[template(path = "account_sessions.html")]
struct SessionsPage {
    page: Page,
    tab: Tab,
    rows: Vec<Row>,
}

struct Row {
    id: String,
    name: String,
    address: String,
    began: Time,
    used: Time,
    is_this: bool,
}

/// Where one is signed in.
pub async fn show(State(app): State<App>, visitor: Visitor) -> Result<Response, Refusal> {
    let caller = visitor.person()?;
    let current = visitor.session.map(|session| session.0);
    let own = session::own(&app, caller)?;
    let rows = own.into_iter().map(|open| Row {
        id: hex::encode(open.hash),
        name: name(visitor.words, &open),
        is_this: Some(open.hash) == current,
        address: open.ip_address.unwrap_or_default(),
        began: open.created_at,
        used: open.last_used_at,
    });
    let shown = SessionsPage {
        page: visitor.page(&app, Place::Elsewhere)?,
        tab: Tab::Sessions,
        rows: rows.collect(),
    };
    render(StatusCode::OK, &shown)
}

fn name(words: Words, open: &OpenSession) -> String {
    let told = open.user_agent.as_deref().unwrap_or_default();
    match browser::named(told) {
        Some((browser, system)) => words.account_browser_on(browser, system).plain(),
        None => words.account_browser_unknown().plain(),
    }
}

/// Signs one browser out.
pub async fn end(State(app): State<App>, sent: Sent) -> Result<Response, Refusal> {
    let Sent { visitor, form } = sent;
    let caller = visitor.person()?;
    let mut hash = Hash::default();
    let id = form.get("session").unwrap_or_default();
    hex::decode_to_slice(id, &mut hash).map_err(|_| Refusal::not_found())?;
    session::end_own(&app, caller, hash).await?;
    let ended = Notice::done(&visitor.words.account_session_ended());
    Ok(ended.on(PATH, visitor.session.as_ref()))
}

/// Signs all others out.
pub async fn end_others(State(app): State<App>, sent: Sent) -> Result<Response, Refusal> {
    let visitor = sent.visitor;
    let caller = visitor.person()?;
    let current = visitor.session.ok_or_else(Refusal::not_found)?;
    let count = session::end_others(&app, caller, current).await?;
    let ended = Notice::done(&visitor.words.account_sessions_ended(count));
    Ok(ended.on(PATH, Some(&current)))
}
