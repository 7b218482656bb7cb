//! Gives what is known to another program.

use keepsave_core::ids::RomId;

use super::document::{Chosen, GameDocument, SHARED_SETTINGS, SettingsDocument, StateDocument};
use super::{Game, State, StateError};
use crate::settings::{Choices, Setting};

/// The version of `settings.json` that holds these choices and no more.
const SETTINGS_VERSION: i64 = 4;

impl State {
    /// What `save_sync_state.json` would say. It has one slot for each game, the active one.
    pub fn export(&self) -> Result<StateDocument, StateError> {
        let mut document = StateDocument {
            machine: self.machine()?,
            ..StateDocument::default()
        };
        for (rom, game) in self.games()? {
            let exported = self.export_game(&document, rom, game)?;
            document.games.insert(rom, exported);
        }
        let playtimes = self.playtimes()?.into_iter();
        document.playtime = playtimes
            .filter(|(_, playtime)| playtime.is_of_this_machine())
            .collect();
        Ok(document)
    }

    fn export_game(
        &self,
        document: &StateDocument,
        rom: RomId,
        game: Game,
    ) -> Result<GameDocument, StateError> {
        let uploads = self.own_uploads(rom)?;
        let files = match &document.machine.server_device_id {
            Some(device) => self.files_of(device, rom, game.active_slot.as_deref())?,
            None => Vec::new(),
        };
        Ok(GameDocument {
            own_uploads: (uploads.are_all || !uploads.saves.is_empty()).then_some(uploads.saves),
            slots: self.slots(rom)?,
            files: files.into_iter().collect(),
            game,
        })
    }
}

impl SettingsDocument {
    /// What `settings.json` would say.
    pub fn of(choices: &Choices, server: Option<String>) -> Self {
        let shared = SHARED_SETTINGS
            .iter()
            .filter_map(|name| Setting::named(name));
        let values = shared.map(|setting| (setting, setting.get(choices)));
        Self {
            version: SETTINGS_VERSION,
            server,
            user: None,
            chosen: Chosen {
                values: values.collect(),
                had_no_slot: false,
            },
        }
    }
}
