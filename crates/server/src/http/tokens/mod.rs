//! Client tokens and the codes that hand them to a client.

mod create;
mod delete;
mod delete_any;
mod exchange;
mod list;
mod list_all;
mod pair;
mod pair_status;
mod regenerate;
mod view;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;

/// Client tokens.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list_tokens, create::create_token))
        .routes(routes!(list_all::list_all_tokens))
        .routes(routes!(exchange::exchange_code))
        .routes(routes!(pair_status::pair_status))
        .routes(routes!(delete::delete_token))
        .routes(routes!(delete_any::delete_any_token))
        .routes(routes!(regenerate::regenerate_token))
        .routes(routes!(pair::pair_token))
}
