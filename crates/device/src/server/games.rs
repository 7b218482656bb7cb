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
        let speaks = self.speaks().await?;
        let mut games = Rows::default();
        let mut offset = 0;
        loop {
            let (page, total) = match speaks {
                Speaks::Lineage => self.known_games(offset).await?,
                Speaks::Lists | Speaks::Negotiates => self.listed_games(offset).await?,
            };
            let told = page.rows.len() + page.unreadable.len();
            games.rows.extend(page.rows);
            games.unreadable.extend(page.unreadable);
            offset += told;
            if told == 0 || offset >= total {
                return Ok(games);
            }
        }
    }

    /// A page, with what a device needs to know of each game, and how many there are at least.
    async fn known_games(&self, offset: usize) -> Result<(Rows<SeenGame>, usize), ServerError> {
        let at_once = limits::GAMES_AT_ONCE_OF_KEEPSAVE;
        let call = Call::get("/api/keepsave/library/games")
            .query("limit", Some(at_once))
            .query("offset", Some(offset));
        let page: Rows<SeenGame> = self.ask(call).await?.read()?.seen;
        let is_full = page.rows.len() + page.unreadable.len() >= at_once;
        Ok((page, if is_full { usize::MAX } else { offset }))
    }

    /// A page, with all that a RomM says of each game, and how many there are.
    async fn listed_games(&self, offset: usize) -> Result<(Rows<SeenGame>, usize), ServerError> {
        let at_once = limits::GAMES_AT_ONCE;
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
        let is_full = items.rows.len() + items.unreadable.len() >= at_once;
        Ok((items, total.unwrap_or(if is_full { usize::MAX } else { 0 })))
    }
}
