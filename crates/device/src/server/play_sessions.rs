//! Play sessions: `/api/play-sessions`.

use keepsave_core::ids::{DeviceId, PlaySessionId, RomId};
use keepsave_core::limits;
use keepsave_core::time::Time;
use keepsave_wire::play_sessions::{PlaySessionEntry, PlaySessionIngestPayload};
use reqwest::Method;
use serde::Deserialize;

use super::ask::{Call, Told};
use super::seen::{Rows, lenient};
use super::{Server, ServerError};

/// What became of play sessions that a server was told.
#[derive(Debug, Deserialize)]
pub struct SeenIngest {
    /// One for each of them, in no order.
    #[serde(default, deserialize_with = "lenient::each")]
    pub results: Vec<SeenIngested>,
}

/// What became of one.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[expect(missing_docs, reason = "RomM's fields")]
pub struct SeenIngested {
    pub index: usize,
    /// `created`, `duplicate` or `error`.
    pub status: String,
    #[serde(default, deserialize_with = "lenient::any")]
    pub detail: Option<String>,
}

/// A play session, as far as the device needs it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[expect(missing_docs, reason = "RomM's fields")]
pub struct SeenPlaySession {
    #[serde(deserialize_with = "lenient::number")]
    pub id: PlaySessionId,
    #[serde(default, deserialize_with = "lenient::perhaps_number")]
    pub rom_id: Option<RomId>,
    #[serde(default, deserialize_with = "lenient::any")]
    pub duration_ms: i64,
}

impl Server {
    /// Tells when games were played. A session that the server knows is not stored twice, so done
    /// twice it is as if done once.
    pub async fn tell_play_sessions(
        &self,
        device: Option<&DeviceId>,
        sessions: Vec<PlaySessionEntry>,
    ) -> Result<Told<SeenIngest>, ServerError> {
        let payload = PlaySessionIngestPayload {
            device_id: device.map(|device| device.0.clone()),
            sessions,
        };
        let call = Call::safe(Method::POST, "/api/play-sessions").json(&payload);
        self.ask(call).await?.read()
    }

    /// The play sessions of a game from so many on, the last begun first: all, or those of a
    /// device. Who is let in as a device sees its own where none is named.
    pub async fn play_sessions(
        &self,
        rom: RomId,
        device: Option<&DeviceId>,
        from: usize,
    ) -> Result<Rows<SeenPlaySession>, ServerError> {
        let call = Call::get("/api/play-sessions")
            .query("rom_id", Some(rom))
            .query("device_id", device)
            .query("limit", Some(limits::PLAY_SESSIONS))
            .query("offset", Some(from));
        Ok(self.ask(call).await?.read()?.seen)
    }

    /// The play sessions of every game, in one answer: a range of time is listed as a whole.
    pub async fn all_play_sessions(
        &self,
        device: Option<&DeviceId>,
    ) -> Result<Rows<SeenPlaySession>, ServerError> {
        let call = Call::get("/api/play-sessions")
            .query("device_id", device)
            .query("start_after", Some(Time::EPOCH));
        Ok(self.ask(call).await?.read()?.seen)
    }
}
