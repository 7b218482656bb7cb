//! What happened to a game, in words.

use super::page::Page;
use super::words::Phrase;
use crate::vault::shelf::Newest;

/// Who saved, and when.
pub fn happened<'a>(page: &Page, newest: &'a Newest) -> Phrase<'a> {
    let time = page.time(newest.updated_at);
    match (newest.made_by.as_str(), newest.device.as_deref()) {
        ("restore", _) => page.home_restored(time),
        ("copy", _) => page.home_copied(time),
        (_, Some(device)) => page.home_saved(time, device),
        (_, None) => page.home_saved_alone(time),
    }
}
