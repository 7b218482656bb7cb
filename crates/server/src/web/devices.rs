//! `/devices`: every device of the person, how it stands, and what can be done about it.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use keepsave_core::ids::DeviceId;
use keepsave_core::limits;

use super::failure::Refusal;
use super::home::address;
use super::notice::Notice;
use super::page::{Page, Place};
use super::render;
use super::visitor::{Sent, Visitor};
use super::words::Phrase;
use crate::app::App;
use crate::devices::change::{self, Changes};
use crate::http::fields::Change;
use crate::overview::devices::{self, DeviceView, State as How};
use crate::overview::sessions::{self, Synced};
use crate::vault::devices::Device;

#[derive(Template)]
#[template(path = "devices.html")]
struct DevicesPage {
    page: Page,
    address: String,
    devices: Vec<DeviceView>,
    browsers: Vec<DeviceView>,
}

#[derive(Template)]
#[template(path = "device.html")]
struct DevicePage {
    page: Page,
    view: DeviceView,
    syncs: Vec<Synced>,
}

/// All of them.
pub async fn list(
    State(app): State<App>,
    visitor: Visitor,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let all = devices::list(&app, visitor.person()?.id())?;
    let (browsers, devices) = all.into_iter().partition(DeviceView::is_browser);
    let shown = DevicesPage {
        page: visitor.page(&app, Place::Devices)?,
        address: address(&headers, visitor.browser.origin().secure),
        devices,
        browsers,
    };
    render(StatusCode::OK, &shown)
}

/// One of them.
pub async fn show(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let user = visitor.person()?.id();
    let id = DeviceId(id);
    let view = devices::one(&app, user, &id)?.ok_or_else(Refusal::not_found)?;
    let shown = DevicePage {
        page: visitor.page(&app, Place::Devices)?,
        syncs: sessions::of_device(&app, user, &id)?,
        view,
    };
    render(StatusCode::OK, &shown)
}

/// Does what a form asks for: `rename`, `stop`, `start` or `forget`.
pub async fn act(
    State(app): State<App>,
    Path((id, act)): Path<(String, String)>,
    sent: Sent,
) -> Result<Response, Refusal> {
    let Sent { visitor, form } = sent;
    let user = visitor.person()?.id();
    let (words, id) = (visitor.words, DeviceId(id));
    let before = crate::devices::one(&app, user, &id)?.ok_or_else(Refusal::not_found)?;
    let page = visitor.bare_page(&app, Place::Devices);
    let old = page.device_name(&before);
    let here = format!("/devices/{}", id.0);
    let notice = match act.as_str() {
        "forget" => {
            crate::devices::remove(&app, user, id).await?;
            let notice = Notice::done(&words.devices_forgotten(&old));
            return Ok(notice.on("/devices", visitor.session.as_ref()));
        }
        "stop" | "start" => {
            let enabled = act == "start";
            let changes = Changes {
                sync_enabled: Some(enabled),
                ..Changes::none()
            };
            change::change(&app, user, id, changes).await?;
            if enabled {
                let undo = format!("{here}/stop");
                Notice::done(&words.devices_started(&old)).or_undo(undo, &[])
            } else {
                let undo = format!("{here}/start");
                Notice::done(&words.devices_stopped(&old)).or_undo(undo, &[])
            }
        }
        "rename" => match form.text("name").filter(|name| is_name(name)) {
            Some(name) => {
                let changes = Changes {
                    name: Change::Set(Some(name.trim().to_owned())),
                    ..Changes::none()
                };
                change::change(&app, user, id, changes).await?;
                let done = Notice::done(&words.devices_renamed(&old, name.trim()));
                match before.name.as_deref() {
                    Some(before) => done.or_undo(format!("{here}/rename"), &[("name", before)]),
                    None => done,
                }
            }
            None => Notice::failed(&words.devices_bad_name()),
        },
        _ => return Err(Refusal::not_found()),
    };
    Ok(notice.on(&here, visitor.session.as_ref()))
}

fn is_name(name: &str) -> bool {
    !name.trim().is_empty() && name.chars().count() <= limits::DEVICE_NAME_CHARS
}

impl Page {
    /// What is true of a device, sentence by sentence.
    pub(super) fn device_sentences(&self, view: &DeviceView) -> Vec<Phrase<'static>> {
        let standing = &view.standing;
        let mut said = Vec::new();
        if view.waiting > 0 {
            said.push(self.devices_needs(view.waiting));
        }
        match (view.state, &view.last) {
            (How::SyncOff, _) => said.push(self.devices_off_sentence()),
            (How::Failed, Some(last)) => {
                said.push(self.devices_failed_sentence(self.time(last.updated_at)));
            }
            (How::Silent(seen), _) => said.push(self.devices_silent_sentence(self.date(seen))),
            _ => {}
        }
        if standing.timelines == 0 {
            said.push(self.devices_nothing());
        } else if standing.in_sync == standing.timelines {
            said.push(self.devices_all_in_sync(standing.in_sync));
        } else {
            said.push(self.devices_some_in_sync(standing.in_sync, standing.timelines));
        }
        if view.behind() > view.waiting && view.state != How::SyncOff {
            said.push(self.devices_gets(view.behind() - view.waiting));
        }
        if standing.off > 0 {
            said.push(self.devices_off_in(standing.off));
        }
        said
    }

    /// The app and what it runs on.
    pub(super) fn device_app(&self, device: &Device) -> Option<String> {
        let version = device.client_version.as_deref().unwrap_or_default();
        let app = device.client.as_deref();
        let app = app.map(|app| format!("{app} {version}").trim_end().to_owned());
        match (app, device.platform.as_deref()) {
            (Some(app), Some(platform)) => Some(self.devices_app(&app, platform).plain()),
            (app, platform) => app.or_else(|| platform.map(str::to_owned)),
        }
    }
}
