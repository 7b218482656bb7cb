//! The games of a server, as far as a device asks for them: `/api/roms`.

use keepsave_core::ids::RomId;
use keepsave_core::limits;
use keepsave_core::release::Speaks;
use reqwest::Method;
use serde_json::json;

use super::ask::{Call, Told, path};
use super::seen::{Rows, SeenGame, SeenGames};
use super::{Server, ServerError};

impl Server {
    /// One game.
    pub async fn game(&self, id: RomId) -> Result<Told<SeenGame>, ServerError> {
        let call = Call::get(path(&["api", "roms", &id.to_string()]));
        self.ask(call).await?.read()
    }

    /// Makes a game known whose file stays on devices. The same platform and name are the same game,
    /// however often it is done. A RomM knows only games whose files it has.
    pub async fn register_game(
        &self,
        platform: &str,
        file_name: &str,
    ) -> Result<Told<SeenGame>, ServerError> {
        let call = Call::safe(Method::POST, "/api/roms");
        let call = call.json(&json!({ "platform": platform, "file_name": file_name }));
        self.ask(call).await?.read()
    }

    /// All games, page by page.
    pub async fn games(&self) -> Result<Rows<SeenGame>, ServerError> {
        let at_once = match self.speaks().await? {
            Speaks::Lineage => limits::GAMES_AT_ONCE_OF_KEEPSAVE,
            Speaks::Lists | Speaks::Negotiates => limits::GAMES_AT_ONCE,
        };
        let mut games = Rows::default();
        let mut offset = 0;
        loop {
            let call = Call::get("/api/roms")
                .query("limit", Some(at_once))
                .query("offset", Some(offset))
                // Of two games with one name, the pages would not agree which comes first.
                .query("order_by", Some("id"))
                .query("with_char_index", Some(false))
                .query("with_filter_values", Some(false))
                .query("with_rom_id_index", Some(false));
            let page: Told<SeenGames> = self.ask(call).await?.read()?;
            let SeenGames { items, total } = page.seen;
            let told = items.rows.len() + items.unreadable.len();
            games.rows.extend(items.rows);
            games.unreadable.extend(items.unreadable);
            offset += told;
            let is_last = total.map_or(told < at_once, |total| offset >= total);
            if told == 0 || is_last {
                return Ok(games);
            }
        }
    }
}
