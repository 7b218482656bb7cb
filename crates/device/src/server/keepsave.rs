//! What only a Keepsave can be asked: `/api/keepsave`.

use keepsave_core::ids::RomId;
use reqwest::Method;
use serde_json::json;

use super::ask::Call;
use super::{Server, ServerError};

impl Server {
    /// Copies a slot with its history to one that has none.
    pub async fn copy_slot(&self, rom: RomId, from: &str, to: &str) -> Result<(), ServerError> {
        self.carry_slot("/api/keepsave/slots/copy", rom, from, to)
            .await
    }

    /// Gives a slot another name: its saves, its history and every device's place in it stay.
    pub async fn move_slot(&self, rom: RomId, from: &str, to: &str) -> Result<(), ServerError> {
        self.carry_slot("/api/keepsave/slots/move", rom, from, to)
            .await
    }

    async fn carry_slot(
        &self,
        route: &str,
        rom: RomId,
        from: &str,
        to: &str,
    ) -> Result<(), ServerError> {
        // A second time the one is not there or the other is taken.
        let call = Call::once(Method::POST, route);
        let call = call.json(&json!({ "rom_id": rom, "from": from, "to": to }));
        self.ask(call).await.map(drop)
    }
}
