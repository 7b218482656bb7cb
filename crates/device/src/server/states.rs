//! Save states without their bytes: `/api/states`.

use keepsave_core::ids::{RomId, StateId};
use keepsave_wire::assets::Visibility;
use reqwest::Method;
use serde_json::json;

use super::ask::{Call, Told, path};
use super::seen::{Rows, SeenState};
use super::{Server, ServerError};

impl Server {
    /// States of the account, or of one game.
    pub async fn states(&self, rom: Option<RomId>) -> Result<Told<Rows<SeenState>>, ServerError> {
        let call = Call::get("/api/states").query("rom_id", rom);
        self.ask(call).await?.read()
    }

    /// One state.
    pub async fn state(&self, id: StateId) -> Result<Told<SeenState>, ServerError> {
        let call = Call::get(path(&["api", "states", &id.to_string()]));
        self.ask(call).await?.read()
    }

    /// Lets others see a state, or not.
    pub async fn publish_state(
        &self,
        id: StateId,
        is_public: bool,
    ) -> Result<Told<SeenState>, ServerError> {
        let route = path(&["api", "states", &id.to_string(), "visibility"]);
        let call = Call::safe(Method::PUT, route).json(&Visibility { is_public });
        self.ask(call).await?.read()
    }

    /// Deletes states.
    pub async fn delete_states(&self, ids: &[StateId]) -> Result<(), ServerError> {
        let call = Call::once(Method::POST, "/api/states/delete").json(&json!({ "states": ids }));
        self.ask(call).await.map(drop)
    }
}
