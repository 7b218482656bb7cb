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

    /// Asks the server how long every game was played, and remembers it. A server that knows no
    /// play sessions is asked for the notes of the games that were played here.
    pub async fn ask_for_all(&self) -> Result<(), PlaytimeError> {
        let sums = match self.all_seconds().await {
            Ok(sums) => sums,
            Err(ServerError {
                trouble: Trouble::NotFound { detail: None },
                ..
            }) => {
                let mut sums = HashMap::new();
                for (rom, _) in self.state.playtimes()? {
                    sums.extend(self.noted_seconds(rom).await?.map(|sum| (rom, sum)));
                }
                sums
            }
            Err(error) => return Err(error.into()),
        };
        Ok(self.state.know_server_seconds(&sums)?)
    }

    async fn all_seconds(&self) -> Result<HashMap<RomId, i64>, ServerError> {
        let mut sessions = HashMap::new();
        let page = self.server.all_play_sessions(None).await?;
        sessions.extend(page.rows.into_iter().map(|session| (session.id, session)));
        for device in self.other_devices().await? {
            let page = self.server.all_play_sessions(Some(&device)).await?;
            sessions.extend(page.rows.into_iter().map(|session| (session.id, session)));
        }
        let mut millis: HashMap<RomId, i64> = HashMap::new();
        for session in sessions.into_values() {
            if let Some(rom) = session.rom_id {
                let sum = millis.entry(rom).or_default();
                *sum = sum.saturating_add(session.duration_ms.max(0));
            }
        }
        Ok(millis
            .into_iter()
            .map(|(rom, millis)| (rom, millis / 1_000))
            .collect())
    }

    async fn server_seconds(&self, rom: RomId) -> Result<i64, ServerError> {
        let mut sessions = HashMap::new();
        self.collect(rom, None, &mut sessions).await?;
        for device in self.other_devices().await? {
            self.collect(rom, Some(&device), &mut sessions).await?;
        }
        let millis: i64 = sessions.values().copied().fold(0, i64::saturating_add);
        Ok(millis / 1_000)
    }

    /// Who is let in as a device is shown that one's sessions only, and asks for each of these.
    async fn other_devices(&self) -> Result<Vec<DeviceId>, ServerError> {
        if self.server.me().await?.seen.current_device_id.is_none() {
            return Ok(Vec::new());
        }
        let devices = self.server.devices().await?.seen.rows.into_iter();
        Ok(devices.map(|device| device.id).collect())
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
