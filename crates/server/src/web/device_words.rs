//! A device, as pages show it: its icon, its name, its state.

use super::page::{Page, icon};
use super::state::marked;
use super::words::Markup;
use crate::overview::devices::State;
use crate::vault::devices::Device;

impl Page {
    /// The icon of what kind of device it seems to be.
    pub fn device_icon(&self, device: &Device) -> Markup {
        let texts = [
            &device.name,
            &device.platform,
            &device.client,
            &device.hostname,
        ];
        let said = texts.into_iter().flatten().map(|text| text.to_lowercase());
        let said: String = said.collect::<Vec<_>>().join(" ");
        let has = |words: &[&str]| words.iter().any(|word| said.contains(word));
        let kind = if device.platform.as_deref() == Some("Web") {
            "browser"
        } else if has(&["deck", "steamos", "bazzite"]) {
            "deck"
        } else if has(&[
            "grout", "muos", "knulli", "nextui", "miyoo", "anbernic", "trimui",
        ]) {
            "handheld"
        } else if has(&["android", "argosy", "ios", "phone", "retroid", "odin"]) {
            "phone"
        } else {
            "pc"
        };
        icon(kind)
    }

    /// Its name.
    pub fn device_name(&self, device: &Device) -> String {
        let name = device
            .name
            .as_deref()
            .filter(|name| !name.trim().is_empty());
        name.map_or_else(|| self.devices_unnamed().plain(), str::to_owned)
    }

    /// The pill of how it stands over all its slots.
    pub fn device_state(&self, state: &State) -> Markup {
        let (look, sign, word) = match *state {
            State::NeedsYou => (" warn", "fork", self.state_needs_you()),
            State::SyncOff => ("", "off", self.state_sync_off()),
            State::Failed => (" bad", "alert", self.state_failed()),
            State::Silent(seen) => ("", "devices", self.state_silent(self.days_since(seen))),
            State::Behind(slots) => ("", "behind", self.state_behind(slots)),
            State::InSync => (" ok", "check", self.state_in_sync()),
            State::NoSave => ("", "off", self.state_no_save()),
        };
        marked("pill", look, sign, &word)
    }
}
