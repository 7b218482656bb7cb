//! A device, as pages show it: its icon, its name, its state.

use super::page::{Page, icon};
use super::state::marked;
use super::words::Markup;
use crate::overview::devices::State;
use crate::vault::devices::Device;

/// What kind of device it seems to be, by its platform and by what else it says of itself: the name
/// of an icon.
pub(super) fn kind(platform: Option<&str>, more: &[Option<&str>]) -> &'static str {
    let said = platform.iter().chain(more.iter().flatten());
    let said: Vec<String> = said.map(|text| text.to_lowercase()).collect();
    let has = |words: &[&str]| {
        let mut all = said.iter();
        all.any(|text| words.iter().any(|word| text.contains(word)))
    };
    if platform == Some("Web") {
        "browser"
    } else if has(&["deck", "steamos", "bazzite", "rog ally", "legion go"]) {
        "deck"
    } else if has(&[
        "grout", "muos", "knulli", "onion", "nextui", "miyoo", "anbernic", "rg3", "trimui",
    ]) {
        "handheld"
    } else if has(&[
        "android", "argosy", "ios", "phone", "tablet", "retroid", "odin",
    ]) {
        "phone"
    } else {
        "pc"
    }
}

impl Page {
    /// The icon of what kind of device it seems to be.
    pub fn device_icon(&self, device: &Device) -> Markup {
        let more = [&device.name, &device.client, &device.hostname];
        icon(kind(
            device.platform.as_deref(),
            &more.map(|text| text.as_deref()),
        ))
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
