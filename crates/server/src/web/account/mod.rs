//! `/account`: one's own password, tokens, and where one is signed in.

mod browser;
mod password;
mod sessions;
mod tokens;

use axum::Router;
use axum::routing::{get, post};

use crate::app::App;

/// The pages of one's own account.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/account", get(password::show))
        .route("/account/password", post(password::change))
        .route("/account/tokens", get(tokens::show).post(tokens::create))
        .route("/account/tokens/renew", post(tokens::renew))
        .route("/account/tokens/code", post(tokens::code))
        .route("/account/tokens/revoke", post(tokens::revoke))
        .route("/account/sessions", get(sessions::show))
        .route("/account/sessions/end", post(sessions::end))
        .route("/account/sessions/end-others", post(sessions::end_others))
}

/// The pages' tabs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tab {
    Account,
    Tokens,
    Sessions,
}
