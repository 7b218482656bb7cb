//! This machine as a device of the account: made on its first sync, and again where the server does
//! not know it any more.

use keepsave_core::ids::DeviceId;
use keepsave_wire::devices::{DeviceCreatePayload, SyncMode};

use crate::server::{Server, ServerError};

/// How a machine introduces itself.
#[derive(Clone, Debug)]
pub struct Introduction {
    /// What its person calls it.
    pub name: String,
    /// The version of this program.
    pub client_version: String,
}

impl Introduction {
    /// Makes the machine a device of the account: a new one in any case, for two machines may have
    /// one host name.
    pub async fn enrol(&self, server: &Server) -> Result<DeviceId, ServerError> {
        let device = DeviceCreatePayload {
            name: Some(self.name.clone()),
            platform: Some(std::env::consts::OS.to_owned()),
            client: Some("keepsave".to_owned()),
            client_version: Some(self.client_version.clone()),
            sync_mode: Some(SyncMode::Api),
            ..DeviceCreatePayload::default()
        };
        Ok(server.register_device(&device).await?.seen.device_id)
    }
}
