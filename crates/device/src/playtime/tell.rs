//! Tells the server of the play sessions that wait.

use keepsave_core::ids::RomId;
use keepsave_core::limits;
use keepsave_wire::play_sessions::PlaySessionEntry;

use super::{PlaytimeError, Playtimes};
use crate::server::play_sessions::SeenIngest;
use crate::server::{ServerError, Trouble};
use crate::state::Untold;

/// What a person is told once while it lasts.
const NOT_ALLOWED: &str = "the token may not tell play sessions";

/// What became of the sessions that waited.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// How many the server has from now on.
    pub new: usize,
    /// How many it had already: the answer to an earlier attempt was lost.
    pub known: usize,
    /// Those that it will never have, and why. They count here.
    pub refused: Vec<Refused>,
    /// What a person should know.
    pub said: Vec<String>,
}

/// A session that the server does not take.
#[derive(Debug, PartialEq, Eq)]
pub struct Refused {
    /// The game.
    pub rom: RomId,
    /// In the server's words.
    pub why: String,
}

/// Whether there is more to do.
pub(super) enum Next {
    More,
    Enough,
}

impl Playtimes {
    /// Tells the server of every session that waits.
    pub async fn tell(&self) -> Result<Told, PlaytimeError> {
        let mut told = Told::default();
        loop {
            let batch = self.state.untold(limits::PLAY_SESSIONS)?;
            if batch.is_empty() {
                return Ok(told);
            }
            let sent = self.send(&batch).await;
            if let Next::Enough = self.after(sent, &batch, &mut told).await? {
                return Ok(told);
            }
        }
    }

    async fn after(
        &self,
        sent: Result<SeenIngest, ServerError>,
        batch: &[Untold],
        told: &mut Told,
    ) -> Result<Next, PlaytimeError> {
        let error = match sent {
            Ok(answer) => {
                self.state.tell_again(NOT_ALLOWED)?;
                return self.settle(batch, &answer, told);
            }
            Err(error) => error,
        };
        match &error.trouble {
            // A server from before there were play sessions.
            Trouble::NotFound { detail: None } => self.note_all(told).await,
            Trouble::NoDevice { detail }
            | Trouble::NotFound {
                detail: Some(detail),
            } => {
                told.said.push(format!(
                    "{detail}. What was played is told once this machine is registered again"
                ));
                Ok(Next::Enough)
            }
            Trouble::Forbidden { .. } => self.not_allowed(told),
            Trouble::Refused { .. } => self.one_by_one(batch, told).await,
            _ => Err(error.into()),
        }
    }

    /// The totals here go on; a person is told so once.
    pub(super) fn not_allowed(&self, told: &mut Told) -> Result<Next, PlaytimeError> {
        if self.state.tell_once(NOT_ALLOWED)? {
            told.said.push(
                "the token may not tell the server what was played (scope roms.user.write), so \
                 playtime is counted on this machine alone. Sign in again with `keepsave login` \
                 to change that"
                    .to_owned(),
            );
        }
        Ok(Next::Enough)
    }

    async fn send(&self, sessions: &[Untold]) -> Result<SeenIngest, ServerError> {
        let entries = sessions.iter().map(|session| PlaySessionEntry {
            rom_id: Some(session.rom),
            save_slot: session.slot.clone(),
            start_time: session.start,
            end_time: session.end,
            duration_ms: session.duration_ms,
        });
        let device = self.device.as_ref();
        let told = self.server.tell_play_sessions(device, entries.collect());
        Ok(told.await?.seen)
    }

    /// What the server answered of is told, one way or the other.
    fn settle(
        &self,
        batch: &[Untold],
        answer: &SeenIngest,
        told: &mut Told,
    ) -> Result<Next, PlaytimeError> {
        let mut done = Vec::new();
        for result in &answer.results {
            let Some(session) = batch.get(result.index) else {
                continue;
            };
            match result.status.as_str() {
                "created" => told.new += 1,
                "duplicate" => told.known += 1,
                _ => told.refused.push(Refused {
                    rom: session.rom,
                    why: result.detail.clone().unwrap_or_default(),
                }),
            }
            done.push(session.number);
        }
        self.state.told(&done)?;
        if done.is_empty() {
            told.said.push(format!(
                "the server did not say what became of {} play sessions; they are told again",
                batch.len()
            ));
            return Ok(Next::Enough);
        }
        Ok(Next::More)
    }

    /// A server refuses a batch as a whole for one that it does not take.
    async fn one_by_one(&self, batch: &[Untold], told: &mut Told) -> Result<Next, PlaytimeError> {
        for session in batch {
            let one = std::slice::from_ref(session);
            match self.send(one).await {
                Ok(answer) => {
                    self.settle(one, &answer, told)?;
                }
                Err(ServerError {
                    trouble: Trouble::Refused { detail, .. },
                    ..
                }) => {
                    self.state.told(&[session.number])?;
                    told.refused.push(Refused {
                        rom: session.rom,
                        why: detail,
                    });
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(Next::More)
    }
}
