//! Saves without their bytes: `/api/saves`. The bytes travel in `upload` and `download`.

use keepsave_core::ids::{DeviceId, RomId, SaveId};
use keepsave_wire::assets::Visibility;
use reqwest::Method;
use serde_json::json;

use super::ask::{Call, Told, path};
use super::seen::{Rows, SeenSave};
use super::{Server, ServerError};

/// Which saves to list; all where nothing is chosen.
#[derive(Clone, Copy, Debug, Default)]
pub struct Listed<'a> {
    /// Of this game.
    pub rom: Option<RomId>,
    /// In this slot. The archive of slotless saves cannot be asked for.
    pub slot: Option<&'a str>,
    /// With what the server knows of this device.
    pub device: Option<&'a DeviceId>,
}

impl Server {
    /// Saves of the account, in no order.
    pub async fn saves(&self, listed: Listed<'_>) -> Result<Told<Rows<SeenSave>>, ServerError> {
        let call = Call::get("/api/saves")
            .query("rom_id", listed.rom)
            .query("slot", listed.slot)
            .query("device_id", listed.device);
        self.ask(call).await?.read()
    }

    /// One save.
    pub async fn save(
        &self,
        id: SaveId,
        device: Option<&DeviceId>,
    ) -> Result<Told<SeenSave>, ServerError> {
        let call = Call::get(path(&["api", "saves", &id.to_string()])).query("device_id", device);
        self.ask(call).await?.read()
    }

    /// Says that the device holds what the save shows: only once the bytes are in their place.
    pub async fn confirm_download(&self, id: SaveId, device: &DeviceId) -> Result<(), ServerError> {
        self.tell_of_device(id, "downloaded", device).await
    }

    /// Lets a device sync that save again.
    pub async fn track(&self, id: SaveId, device: &DeviceId) -> Result<(), ServerError> {
        self.tell_of_device(id, "track", device).await
    }

    /// Leaves that save out of a device's syncs.
    pub async fn untrack(&self, id: SaveId, device: &DeviceId) -> Result<(), ServerError> {
        self.tell_of_device(id, "untrack", device).await
    }

    /// The answer is the save, but some servers leave it empty, and nothing of it is needed.
    async fn tell_of_device(
        &self,
        id: SaveId,
        what: &str,
        device: &DeviceId,
    ) -> Result<(), ServerError> {
        let call = Call::safe(Method::POST, path(&["api", "saves", &id.to_string(), what]));
        let call = call.json(&json!({ "device_id": device }));
        self.ask(call).await.map(drop)
    }

    /// Lets others see a save, or not.
    pub async fn publish_save(
        &self,
        id: SaveId,
        is_public: bool,
    ) -> Result<Told<SeenSave>, ServerError> {
        let route = path(&["api", "saves", &id.to_string(), "visibility"]);
        let call = Call::safe(Method::PUT, route).json(&Visibility { is_public });
        self.ask(call).await?.read()
    }

    /// Deletes saves: all of them or none at a Keepsave.
    pub async fn delete_saves(&self, ids: &[SaveId]) -> Result<(), ServerError> {
        // A second time they are not found, which would be told as if nothing had been deleted.
        let call = Call::once(Method::POST, "/api/saves/delete").json(&json!({ "saves": ids }));
        self.ask(call).await.map(drop)
    }
}
