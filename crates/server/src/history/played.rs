//! How long a game was played, where and when, as devices told it.

use std::collections::BTreeMap;

use keepsave_core::ids::{DeviceId, RomId, UserId};
use keepsave_core::limits;
use keepsave_core::time::Time;

use crate::app::App;
use crate::vault::play_sessions::{self, Filter, PlaySession};
use crate::vault::{Fault, Tx};

/// The play sessions of a game.
#[derive(Clone, Debug, Default)]
pub struct Sessions(Vec<PlaySession>);

/// How long, and in how many sessions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Played {
    /// How long.
    pub ms: i64,
    /// In how many sessions.
    pub sessions: usize,
}

impl Played {
    fn of<'a>(sessions: impl Iterator<Item = &'a PlaySession>) -> Self {
        sessions.fold(Self::default(), |all, session| Self {
            ms: all.ms.saturating_add(session.duration_ms),
            sessions: all.sessions + 1,
        })
    }
}

/// What was played on one device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnDevice {
    /// The device; none where the session did not name one, or it is gone.
    pub device: Option<DeviceId>,
    /// How much.
    pub played: Played,
    /// When it was last played there.
    pub last: Time,
}

impl Sessions {
    /// Reads them.
    pub fn of_game(tx: &Tx<'_>, user: UserId, rom: RomId) -> Result<Self, Fault> {
        let filter = Filter {
            rom: Some(rom),
            ..Filter::default()
        };
        play_sessions::list(tx, user, &filter).map(Self)
    }

    /// All that was played.
    pub fn total(&self) -> Played {
        Played::of(self.0.iter())
    }

    /// The sessions, the last begun first.
    pub fn each(&self) -> &[PlaySession] {
        &self.0
    }

    /// What was played on a device between two moments of the server, as far as the device's clock
    /// tells. A device reports a session a little after it sent the save that came of it, or before.
    pub fn between(&self, device: &DeviceId, after: Time, until: Time) -> Played {
        let late = |at: Time| at.plus_seconds(limits::PLAY_SESSION_AHEAD_SECONDS);
        Played::of(self.0.iter().filter(|session| {
            session.device_id.as_ref() == Some(device)
                && session.end_time > late(after)
                && session.end_time <= late(until)
        }))
    }

    /// Device by device, the one that was played longest first.
    pub fn by_device(&self) -> Vec<OnDevice> {
        let mut devices: BTreeMap<Option<&DeviceId>, Vec<&PlaySession>> = BTreeMap::new();
        for session in &self.0 {
            let sessions = devices.entry(session.device_id.as_ref()).or_default();
            sessions.push(session);
        }
        let mut all: Vec<_> = devices
            .into_iter()
            .map(|(device, sessions)| OnDevice {
                device: device.cloned(),
                played: Played::of(sessions.iter().copied()),
                last: sessions.first().map_or(Time::EPOCH, |last| last.end_time),
            })
            .collect();
        all.sort_by_key(|one| std::cmp::Reverse(one.played.ms));
        all
    }
}

/// What a person played of a game.
pub fn of_game(app: &App, user: UserId, rom: RomId) -> Result<Sessions, Fault> {
    app.vault.read(|tx| Sessions::of_game(tx, user, rom))
}
