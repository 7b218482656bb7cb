//! Users, and what the caller may do.

mod add;
mod change;
mod delete;
mod get;
mod identifiers;
mod list;
mod me;
mod permissions;
mod view;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;

/// Users, and what the caller may do.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list_users, add::add_user))
        .routes(routes!(identifiers::user_identifiers))
        .routes(routes!(me::current_user))
        .routes(routes!(
            get::get_user,
            change::change_user,
            delete::delete_user
        ))
        .routes(routes!(permissions::own_permissions))
}
