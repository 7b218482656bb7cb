//! The devices of an account: `/api/devices`.

use keepsave_core::ids::DeviceId;
use keepsave_wire::devices::{DeviceCreatePayload, DeviceUpdatePayload};
use reqwest::Method;

use super::ask::{Call, Told, path};
use super::seen::{Rows, SeenDevice, SeenRegistration};
use super::{Server, ServerError};

impl Server {
    /// Makes a device, or finds the one with that fingerprint.
    pub async fn register_device(
        &self,
        device: &DeviceCreatePayload,
    ) -> Result<Told<SeenRegistration>, ServerError> {
        // One that is known by its fingerprint is not made twice.
        let has_fingerprint =
            device.mac_address.is_some() || device.hostname.is_some() && device.platform.is_some();
        let call = if has_fingerprint && device.allow_existing && !device.allow_duplicate {
            Call::safe(Method::POST, "/api/devices")
        } else {
            Call::once(Method::POST, "/api/devices")
        };
        self.ask(call.json(device)).await?.read()
    }

    /// Every device of the account.
    pub async fn devices(&self) -> Result<Told<Rows<SeenDevice>>, ServerError> {
        self.ask(Call::get("/api/devices")).await?.read()
    }

    /// One device.
    pub async fn device(&self, id: &DeviceId) -> Result<Told<SeenDevice>, ServerError> {
        let call = Call::get(path(&["api", "devices", &id.0]));
        self.ask(call).await?.read()
    }

    /// Changes a device.
    pub async fn change_device(
        &self,
        id: &DeviceId,
        change: &DeviceUpdatePayload,
    ) -> Result<Told<SeenDevice>, ServerError> {
        let call = Call::safe(Method::PUT, path(&["api", "devices", &id.0]));
        self.ask(call.json(change)).await?.read()
    }

    /// Removes a device and all that the server knows of its syncs.
    pub async fn delete_device(&self, id: &DeviceId) -> Result<(), ServerError> {
        let call = Call::safe(Method::DELETE, path(&["api", "devices", &id.0]));
        self.ask(call).await.map(drop)
    }
}
