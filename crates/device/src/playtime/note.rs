//! Playtime on a server that knows no play sessions: a note on the game, as decky-romm-sync writes
//! it, which is read, increased by what this device has not told yet, and written.
//!
//! The note bears a mark of what each device added last. Where an answer is lost, that tells
//! whether it is in already: nothing is counted twice, and nothing is left out.

use std::collections::BTreeSet;

use keepsave_core::ids::{RomId, UserId};
use keepsave_core::limits;
use keepsave_core::time::Time;
use serde_json::{Map, Value as Json, json};

use super::tell::{Next, Refused, Told};
use super::{PlaytimeError, Playtimes};
use crate::server::notes::SeenNote;
use crate::server::{ServerError, Trouble};
use crate::state::{NoteReport, Untold};

/// What the note is called.
pub const TITLE: &str = "romm-sync:playtime";
/// The field of the note in which each device leaves its mark.
const MARKS: &str = "marks";

/// What a note says.
struct Content(Map<String, Json>);

impl Content {
    /// None where a person wrote something else under that title.
    fn parse(text: &str) -> Option<Self> {
        match serde_json::from_str(text) {
            Ok(Json::Object(fields)) => {
                let content = Self(fields);
                content.seconds().is_some().then_some(content)
            }
            _ => None,
        }
    }

    fn new() -> Self {
        Self([("seconds".to_owned(), json!(0))].into_iter().collect())
    }

    /// How long the game was played on all devices; Python may have written a fraction.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "whole seconds are meant, and what is beyond is the largest"
    )]
    fn seconds(&self) -> Option<i64> {
        let seconds = self.0.get("seconds")?;
        let seconds = seconds
            .as_i64()
            .or_else(|| Some(seconds.as_f64()?.floor() as i64));
        seconds.map(|seconds| seconds.max(0))
    }

    fn bears(&self, device: &str, mark: &str) -> bool {
        let marks = self.0.get(MARKS);
        let own = marks.and_then(|marks| marks.get(device));
        own.and_then(Json::as_str) == Some(mark)
    }

    fn add(&mut self, seconds: i64, (device, mark): (&str, &str), said: (&str, Time)) {
        let total = self.seconds().unwrap_or(0).saturating_add(seconds);
        let (name, now) = said;
        self.0.insert("seconds".to_owned(), json!(total));
        self.0.insert("updated".to_owned(), json!(now));
        self.0.insert("device".to_owned(), json!(name));
        let marks = self.0.entry(MARKS).or_insert_with(|| json!({}));
        if !marks.is_object() {
            *marks = json!({});
        }
        marks[device] = json!(mark);
    }

    fn text(&self) -> String {
        Json::Object(self.0.clone()).to_string()
    }
}

impl Playtimes {
    /// Adds every session that waits to the note of its game.
    pub(super) async fn note_all(&self, told: &mut Told) -> Result<Next, PlaytimeError> {
        let user = self.server.me().await?.seen.id;
        let waiting = self.state.untold(usize::MAX)?;
        let games: BTreeSet<RomId> = waiting.iter().map(|session| session.rom).collect();
        for rom in games {
            match self.note_game(user, rom, told).await {
                Err(PlaytimeError::Server(ServerError {
                    trouble: Trouble::Forbidden { .. },
                    ..
                })) => return self.not_allowed(told),
                Err(PlaytimeError::Server(ServerError {
                    trouble: Trouble::NotFound { detail: Some(why) },
                    ..
                })) => self.give_up(rom, &why, told)?,
                done => done?,
            }
        }
        Ok(Next::Enough)
    }

    /// The server has no such game any more.
    fn give_up(&self, rom: RomId, why: &str, told: &mut Told) -> Result<(), PlaytimeError> {
        let sessions = self.state.untold_of(rom)?;
        let numbers: Vec<i64> = sessions.iter().map(|session| session.number).collect();
        self.state.told(&numbers)?;
        told.refused.extend(sessions.iter().map(|_| Refused {
            rom,
            why: why.to_owned(),
        }));
        Ok(())
    }

    async fn note_game(
        &self,
        user: UserId,
        rom: RomId,
        told: &mut Told,
    ) -> Result<(), PlaytimeError> {
        // Twice at most: what an earlier attempt was about, and what came since.
        loop {
            let waiting = self.state.untold_of(rom)?;
            let Some(last) = waiting.last() else {
                return Ok(());
            };
            let report = self.state.note_report(rom, last.number)?;
            let notes = self.server.notes(rom).await?;
            let Some((note, content)) = self.find(rom, user, notes)? else {
                told.said.push(format!(
                    "the note `{TITLE}` on game {rom} was written by a person: it was left as it \
                     is, and playtime waits"
                ));
                return Ok(());
            };
            let among = |session: &&Untold| session.number <= report.up_to;
            let sessions: Vec<&Untold> = waiting.iter().filter(among).collect();
            self.add(rom, &report, &sessions, (note, content), told)
                .await?;
        }
    }

    /// The note and what it says; an empty one where there is none yet, nothing where it is not
    /// ours.
    fn find(
        &self,
        rom: RomId,
        user: UserId,
        notes: Vec<SeenNote>,
    ) -> Result<Option<(Option<SeenNote>, Content)>, PlaytimeError> {
        let cached = self.state.playtime(rom)?.note;
        let is_ours = |note: &SeenNote| note.title == TITLE && note.user_id == Some(user);
        let mut own: Vec<SeenNote> = notes.into_iter().filter(is_ours).collect();
        own.sort_by_key(|note| (Some(note.id) != cached, note.id.0));
        let Some(note) = own.into_iter().next() else {
            return Ok(Some((None, Content::new())));
        };
        let content = Content::parse(&note.content);
        Ok(content.map(|content| (Some(note), content)))
    }

    async fn add(
        &self,
        rom: RomId,
        report: &NoteReport,
        sessions: &[&Untold],
        (note, mut content): (Option<SeenNote>, Content),
        told: &mut Told,
    ) -> Result<(), PlaytimeError> {
        let device = match &self.device {
            Some(device) => device.0.clone(),
            None => self.state.machine_id()?,
        };
        let note = match note {
            Some(note) if content.bears(&device, &report.mark) => {
                told.known += sessions.len();
                note.id
            }
            note => {
                let seconds = sessions.iter().map(|one| one.duration_ms / 1_000).sum();
                let said = (self.device_name.as_str(), self.clock.now());
                content.add(seconds, (&device, &report.mark), said);
                let text = content.text();
                let id = match note {
                    Some(note) => {
                        self.server.change_note(rom, note.id, &text).await?;
                        note.id
                    }
                    None => self.server.write_note(rom, TITLE, &text).await?.id,
                };
                told.new += sessions.len();
                self.played(rom, sessions, told).await;
                id
            }
        };
        let seconds = content.seconds().unwrap_or(0);
        self.state.noted(rom, report, (note, seconds))?;
        Ok(())
    }

    /// A server that knows no sessions cannot tell from them when a game was last played, and can
    /// only be told that it was now.
    async fn played(&self, rom: RomId, sessions: &[&Untold], told: &mut Told) {
        let now = self.clock.now().seconds();
        let ended = sessions.iter().map(|session| session.end.seconds()).max();
        let just_now =
            ended.is_some_and(|end| (now - end).abs() <= limits::PLAYED_JUST_NOW_SECONDS);
        if !just_now {
            return;
        }
        if let Err(error) = self.server.played_now(rom).await {
            told.said.push(format!(
                "the server could not be told that game {rom} was played just now ({error})"
            ));
        }
    }

    /// What the note of a game says, in seconds; none when there is no such note.
    pub(super) async fn noted_seconds(&self, rom: RomId) -> Result<Option<i64>, PlaytimeError> {
        let user = self.server.me().await?.seen.id;
        let notes = self.server.notes(rom).await?;
        let found = self.find(rom, user, notes)?;
        Ok(found.and_then(|(note, content)| note.and(content.seconds())))
    }
}
