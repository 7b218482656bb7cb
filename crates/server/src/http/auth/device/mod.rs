//! How a device is let in: it asks, a person decides, it polls.

mod approve;
mod deny;
mod init;
mod pending;
mod token;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;

/// How a device is let in.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(init::init))
        .routes(routes!(pending::pending))
        .routes(routes!(approve::approve))
        .routes(routes!(deny::deny))
        .routes(routes!(token::token))
}

/// The longest text in which a code is looked for, in characters.
const CODE_CHARS: usize = 32;
/// The longest secret that a device may poll with, in characters.
const DEVICE_CODE_CHARS: usize = 128;
