//! How long a game was played, on all devices.

use std::collections::HashMap;

use keepsave_core::ids::{DeviceId, RomId};
use keepsave_core::{limits, playtime};

use super::{PlaytimeError, Playtimes};
use crate::server::{ServerError, Trouble};
use crate::state::State;

/// The total to show of a game, as far as is known without asking anyone.
pub fn known(state: &State, rom: RomId) -> Result<i64, crate::state::StateError> {
    let known = state.playtime(rom)?;
    Ok(playtime::shown(known.total_seconds, known.server_seconds))
}

impl Playtimes {
    /// Asks the server how long a game was played, remembers it, and gives the total to show: the
    /// larger one, for the server may not have been told of everything here.
    pub async fn total(&self, rom: RomId) -> Result<i64, PlaytimeError> {
        let sum = match self.server_seconds(rom).await {
            Ok(sum) => Some(sum),
            Err(ServerError {
                trouble: Trouble::NotFound { detail: None },
                ..
            }) => self.noted_seconds(rom).await?,
            Err(ServerError {
                trouble: Trouble::Forbidden { .. },
                ..
            }) => None,
            Err(error) => return Err(error.into()),
        };
        if let Some(sum) = sum {
            self.state
                .change_playtime(rom, |playtime| playtime.server_seconds = Some(sum))?;
        }
        Ok(known(&self.state, rom)?)
    }

    async fn server_seconds(&self, rom: RomId) -> Result<i64, ServerError> {
        let mut sessions = HashMap::new();
        self.collect(rom, None, &mut sessions).await?;
        // Who is let in as a device was shown that one's only.
        if self.server.me().await?.seen.current_device_id.is_some() {
            for device in self.server.devices().await?.seen.rows {
                self.collect(rom, Some(&device.id), &mut sessions).await?;
            }
        }
        let millis: i64 = sessions.values().copied().fold(0, i64::saturating_add);
        Ok(millis / 1_000)
    }

    async fn collect(
        &self,
        rom: RomId,
        device: Option<&DeviceId>,
        sessions: &mut HashMap<i64, i64>,
    ) -> Result<(), ServerError> {
        let mut from = 0;
        loop {
            let page = self.server.play_sessions(rom, device, from).await?;
            let told = page.rows.len() + page.unreadable.len();
            let rows = page.rows.iter();
            sessions.extend(rows.map(|session| (session.id.0, session.duration_ms.max(0))));
            from += told;
            if told < limits::PLAY_SESSIONS {
                return Ok(());
            }
        }
    }
}
