//! Which game a disc or a card is, as it says itself: where emulators name saves after that.
//!
//! Reads a few sectors and never the whole. What cannot be read surely is none: nothing is guessed
//! from a file's name.

mod dreamcast;
mod iso;
mod nds;
mod ps1;
mod psp;
mod sectors;

#[cfg(test)]
pub(crate) mod tests;

pub use self::dreamcast::dreamcast_product;
pub use self::nds::is_dsiware;
pub use self::ps1::ps1_serial;
pub use self::psp::psp_id;

/// Four letters and five digits, as Sony names games.
fn is_sony(letters: &str, digits: &str) -> bool {
    let is = |text: &str, length: usize, kind: fn(&u8) -> bool| {
        text.len() == length && text.bytes().all(|byte| kind(&byte))
    };
    is(letters, 4, u8::is_ascii_uppercase) && is(digits, 5, u8::is_ascii_digit)
}
