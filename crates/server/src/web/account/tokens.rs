//! `/account/tokens`: what apps and scripts sign in with. A secret is shown once, on the answer to
//! the form that made it.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use keepsave_core::ids::TokenId;
use keepsave_core::limits;
use keepsave_core::time::Time;

use super::Tab;
use crate::app::App;
use crate::auth::client_tokens::{self, Minted, Purpose};
use crate::auth::scope::Scopes;
use crate::http::form::Form;
use crate::vault::tokens::{self, ClientToken};
use crate::web::failure::{Refusal, sentence};
use crate::web::notice::Notice;
use crate::web::page::{Page, Place};
use crate::web::permissions;
use crate::web::render;
use crate::web::visitor::{Sent, Visitor};
use crate::web::words::Phrase;

const PATH: &str = "/account/tokens";

#[derive(Template)]
#[template(path = "account_tokens.html")]
struct TokensPage {
    page: Page,
    tab: Tab,
    rows: Vec<Row>,
    purposes: Vec<Choice>,
    fresh: Option<Fresh>,
    wrong: Option<String>,
    name: String,
}

struct Row {
    id: TokenId,
    name: String,
    may: Vec<Phrase<'static>>,
    used: Option<Time>,
    made: Time,
    ends: Option<Time>,
    has_ended: bool,
}

/// What a token can be for.
struct Choice {
    name: &'static str,
    label: Phrase<'static>,
    hint: Phrase<'static>,
    is_chosen: bool,
}

/// What is shown once.
struct Fresh {
    id: TokenId,
    name: String,
    secret: Shown,
}

enum Shown {
    Secret(String),
    /// For typing, in groups.
    Code(String),
}

/// One's tokens, and the form for another.
pub async fn show(State(app): State<App>, visitor: Visitor) -> Result<Response, Refusal> {
    render(StatusCode::OK, &listed(&app, &visitor, Purpose::Saves)?)
}

fn listed(app: &App, visitor: &Visitor, chosen: Purpose) -> Result<TokensPage, Refusal> {
    let (user, now, words) = (visitor.person()?.id(), app.now(), visitor.words);
    let own = app.vault.read(|tx| tokens::of_user(tx, user))?;
    let row = |token: ClientToken| Row {
        id: token.id,
        may: permissions::in_words(words, Scopes::parse(&token.scopes)),
        used: token.last_used_at,
        made: token.created_at,
        has_ended: token.expires_at.is_some_and(|end| end <= now),
        ends: token.expires_at,
        name: token.name,
    };
    let choice = |purpose: Purpose| Choice {
        name: purpose.as_str(),
        label: match purpose {
            Purpose::Saves => words.account_for_saves(),
            Purpose::Reading => words.account_for_reading(),
            Purpose::Everything => words.account_for_everything(),
        },
        hint: match purpose {
            Purpose::Saves => words.account_for_saves_hint(),
            Purpose::Reading => words.account_for_reading_hint(),
            Purpose::Everything => words.account_for_everything_hint(),
        },
        is_chosen: purpose == chosen,
    };
    Ok(TokensPage {
        page: visitor.page(app, Place::Elsewhere)?,
        tab: Tab::Tokens,
        rows: own.into_iter().map(row).collect(),
        purposes: Purpose::ALL.into_iter().map(choice).collect(),
        fresh: None,
        wrong: None,
        name: String::new(),
    })
}

/// Makes a token and shows its secret.
pub async fn create(State(app): State<App>, sent: Sent) -> Result<Response, Refusal> {
    let Sent { visitor, form } = sent;
    let caller = visitor.person()?;
    let name = form.get("name").unwrap_or_default().trim();
    let name: String = name.chars().take(limits::TOKEN_NAME_CHARS).collect();
    let purpose = form.get("for").and_then(Purpose::named);
    let purpose = purpose.unwrap_or(Purpose::Saves);
    if name.is_empty() {
        let wrong = visitor.words.account_token_nameless().plain();
        return again(
            &app,
            &visitor,
            purpose,
            name,
            StatusCode::BAD_REQUEST,
            wrong,
        );
    }
    let scopes = purpose.scopes(caller.scopes);
    let scopes: Vec<String> = scopes.iter().map(|scope| scope.to_string()).collect();
    let lifetime = form.get("ends");
    match client_tokens::create(&app, caller, name.clone(), &scopes, lifetime).await {
        Ok(minted) => show_secret(&app, &visitor, minted),
        Err(failure) if failure.status().is_client_error() => {
            let wrong = sentence(visitor.words, &failure);
            again(&app, &visitor, purpose, name, failure.status(), wrong)
        }
        Err(failure) => Err(failure.into()),
    }
}

fn again(
    app: &App,
    visitor: &Visitor,
    purpose: Purpose,
    name: String,
    status: StatusCode,
    wrong: String,
) -> Result<Response, Refusal> {
    let shown = TokensPage {
        wrong: Some(wrong),
        name,
        ..listed(app, visitor, purpose)?
    };
    render(status, &shown)
}

fn show_secret(app: &App, visitor: &Visitor, minted: Minted) -> Result<Response, Refusal> {
    let Minted { token, secret } = minted;
    show_once(app, visitor, token, Shown::Secret(secret))
}

fn show_once(
    app: &App,
    visitor: &Visitor,
    token: ClientToken,
    secret: Shown,
) -> Result<Response, Refusal> {
    let shown = TokensPage {
        fresh: Some(Fresh {
            id: token.id,
            name: token.name,
            secret,
        }),
        ..listed(app, visitor, Purpose::Saves)?
    };
    render(StatusCode::OK, &shown)
}

/// Gives a token another secret and shows that.
pub async fn renew(State(app): State<App>, sent: Sent) -> Result<Response, Refusal> {
    let Sent { visitor, form } = sent;
    let renewed = client_tokens::regenerate(&app, visitor.person()?, named(&form)?);
    show_secret(&app, &visitor, renewed.await?)
}

/// Shows a code with which an app fetches a token, for a short while.
pub async fn code(State(app): State<App>, sent: Sent) -> Result<Response, Refusal> {
    let Sent { visitor, form } = sent;
    let (caller, id) = (visitor.person()?, named(&form)?);
    let code = client_tokens::pair(&app, caller, id).await?;
    let token = app.vault.read(|tx| tokens::by_id(tx, caller.id(), id))?;
    let token = token.ok_or_else(Refusal::not_found)?;
    let (one, two) = code.split_at(code.len() / 2);
    show_once(&app, &visitor, token, Shown::Code(format!("{one}-{two}")))
}

/// Takes a token away.
pub async fn revoke(State(app): State<App>, sent: Sent) -> Result<Response, Refusal> {
    let Sent { visitor, form } = sent;
    let (caller, id) = (visitor.person()?, named(&form)?);
    let token = app.vault.read(|tx| tokens::by_id(tx, caller.id(), id))?;
    let name = token.ok_or_else(Refusal::not_found)?.name;
    client_tokens::delete(&app, caller, id).await?;
    let revoked = Notice::done(&visitor.words.account_token_revoked(&name));
    Ok(revoked.on(PATH, visitor.session.as_ref()))
}

/// The token that a form is about.
fn named(form: &Form) -> Result<TokenId, Refusal> {
    let id = form.get("token").and_then(|id| id.parse().ok());
    id.map(TokenId).ok_or_else(Refusal::not_found)
}
