//! How a file's name is written into the headers of its download.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What Python's `quote` leaves as it is.
const QUOTED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'_')
    .remove(b'.')
    .remove(b'-')
    .remove(b'~')
    .remove(b'/');

/// Whether a browser saves a file or shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disposition {
    /// It is saved.
    Attachment,
    /// It is shown.
    Inline,
}

/// `Content-Disposition` of a save, state or screenshot.
pub fn content_disposition(disposition: Disposition, name: &str) -> String {
    let disposition = match disposition {
        Disposition::Attachment => "attachment",
        Disposition::Inline => "inline",
    };
    let quoted = utf8_percent_encode(name, QUOTED).to_string();
    if quoted == name {
        format!("{disposition}; filename=\"{name}\"")
    } else {
        format!("{disposition}; filename*=utf-8''{quoted}")
    }
}

/// `Content-Disposition` of a game's content. RomM writes it in another form.
pub fn rom_content_disposition(name: &str) -> String {
    let quoted = utf8_percent_encode(name, QUOTED);
    format!("attachment; filename*=UTF-8''{quoted}; filename=\"{quoted}\"")
}
