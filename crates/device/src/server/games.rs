//! The games of a server, as far as a device asks for them: `/api/roms`.

use keepsave_core::ids::RomId;

use super::ask::{Call, Told, path};
use super::seen::SeenGame;
use super::{Server, ServerError};

impl Server {
    /// One game.
    pub async fn game(&self, id: RomId) -> Result<Told<SeenGame>, ServerError> {
        let call = Call::get(path(&["api", "roms", &id.to_string()]));
        self.ask(call).await?.read()
    }
}
