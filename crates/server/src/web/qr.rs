//! A text as a QR code: for the phone that is played on.

use std::fmt::Write;

use qrcode::{Color, QrCode};

use super::page::Page;
use super::words::Markup;

/// How much stays empty around it, in modules.
const QUIET: usize = 2;

impl Page {
    /// A picture of the address; empty where it is too long for one.
    pub fn qr(&self, address: impl AsRef<str>) -> Markup {
        let address = address.as_ref();
        let Ok(code) = QrCode::new(address) else {
            return Markup::default();
        };
        let (width, name) = (code.width(), self.connect_qr(address));
        let side = width + 2 * QUIET;
        let mut html = format!(
            "<svg class=\"qr\" role=\"img\" aria-label=\"{name}\" viewBox=\"0 0 {side} {side}\" \
             shape-rendering=\"crispEdges\"><path fill=\"currentColor\" d=\""
        );
        for (index, color) in code.to_colors().into_iter().enumerate() {
            if color == Color::Dark {
                let (x, y) = (index % width + QUIET, index / width + QUIET);
                let _never = write!(html, "M{x} {y}h1v1h-1z");
            }
        }
        html.push_str("\"/></svg>");
        Markup::new(html, name.plain())
    }
}
