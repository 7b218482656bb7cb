//! `/language`: in which language pages are, in this browser.

use axum::response::{AppendHeaders, IntoResponse, Response};
use http::header::SET_COOKIE;

use super::failure::Refusal;
use super::login::here;
use super::see;
use super::visitor::Sent;
use super::words::Words;

/// The cookie that keeps it.
pub const COOKIE: &str = "keepsave_language";

/// Keeps the choice and goes back to where it was made.
pub async fn choose(sent: Sent) -> Result<Response, Refusal> {
    let back = see(here(sent.form.get("back")));
    let Some(words) = sent.form.get("language").and_then(Words::named) else {
        return Ok(back);
    };
    let cookie = format!(
        "{COOKIE}={}; Path=/; Max-Age=31536000; SameSite=lax",
        words.tag()
    );
    Ok((AppendHeaders([(SET_COOKIE, cookie)]), back).into_response())
}
