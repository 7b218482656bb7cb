//! `GET /livez`: is the process up.

/// Answers as long as the process does. Restart it when this does not.
#[utoipa::path(get, path = "/livez", tag = "system", responses((status = OK, body = String)))]
pub async fn livez() -> &'static str {
    "ok"
}
