//! Does what was decided about a state: sends it, brings one, moves one aside.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use keepsave_core::content::BlobHash;
use keepsave_core::ids::{RomId, StateId};
use keepsave_core::limits;
use keepsave_core::states::{Ending, Here, Mark, Row, Stamp, superseded};
use keepsave_core::time::Time;

use super::gather::Work;
use super::report::StateLine;
use super::{Going, PARENTS, Subject};
use crate::engine::Engine;
use crate::engine::error::LineError;
use crate::engine::run::Meter;
use crate::engine::stop::{Stop, unless_stopped};
use crate::files::removing::move_aside;
use crate::files::{
    Expected, Form, Incoming, NothingKnown, PlaceError, Placed, Problem, Replacing, Snapshot,
    snapshot,
};
use crate::journal::{About, Journal, Kept};
use crate::server::Unwatched;
use crate::server::seen::SeenState;
use crate::server::upload::{Outgoing, Picture};
use crate::state::{Sighting, State, StateBaseline};
use crate::threads::elsewhere;

/// Why the journal has a state.
const REPLACED: &str = "replaced by the server's newer save state";
const ASIDE: &str = "would have been loaded over a save that it was not made with";

/// A state of the server, and where it is to stand here.
pub(super) struct Coming<'a> {
    pub state: &'a SeenState,
    /// What it must be, where that is known.
    pub content: Option<Mark>,
    pub path: PathBuf,
    /// What stands there.
    pub found: Option<Snapshot>,
    pub form: Form,
    pub reason: &'static str,
}

impl Engine {
    /// Does it. What fails stops nothing else, and of one state what follows is left out.
    pub(super) async fn do_state(&self, mut work: Work, keep: usize, going: &Going) -> StateLine {
        if let Err(error) = self.steps(&mut work, keep, going).await {
            work.line.error = Some(error.to_string());
        }
        work.line
    }

    async fn steps(&self, work: &mut Work, keep: usize, going: &Going) -> Result<(), LineError> {
        if *going.stop.borrow() {
            return Err(LineError::Stopped);
        }
        if let (Some(state), Some(found)) = (work.line.decision.adopt, &work.found) {
            let content = found.content.blob;
            self.note_state(&work.subject, work.ending, content, state)
                .await?;
        }
        if let (Some(stamp), Some(found)) = (work.send.clone(), work.found.clone()) {
            match self.send_state(&work.subject, &stamp, &found, going).await {
                Ok(state) => {
                    work.line.sent = Some(state);
                    work.rows.push(Row { id: state, stamp });
                    work.line
                        .notes
                        .extend(self.clear_outdated(&work.rows, keep).await);
                }
                // It must not stay, sent or not: the journal keeps it.
                Err(error) if work.line.decision.here == Here::Aside => {
                    work.line.notes.push(error.to_string());
                }
                Err(error) => return Err(error),
            }
        }
        match work.line.decision.here {
            Here::Leave => {}
            Here::Aside => {
                if let Some(found) = work.found.take() {
                    let kept = self.aside(work.subject.rom, found).await?;
                    work.line.kept = Some(Box::new(kept));
                    work.line.moved = true;
                }
            }
            Here::Bring(_) => self.bring_planned(work, going).await?,
        }
        Ok(())
    }

    /// Sends a state, and its picture with it.
    async fn send_state(
        &self,
        subject: &Subject,
        stamp: &Stamp,
        found: &Snapshot,
        going: &Going,
    ) -> Result<StateId, LineError> {
        let beside = picture_of(&found.path);
        let bytes = elsewhere(move || picture(&beside)).await?;
        let (name, picture_name) = (
            stamp.file_name(&subject.stem),
            stamp.picture_name(&subject.stem),
        );
        let picture = bytes.map(|bytes| Picture {
            name: &picture_name,
            bytes,
        });
        let file = Outgoing {
            path: &found.real,
            name: &name,
            size: found.size,
            blob: found.content.blob,
            form: found.form,
        };
        let game = (subject.rom, subject.emulator.as_deref());
        let sending =
            self.server
                .upload_state(game, &file, picture.as_ref(), Meter::of(&going.watch));
        let sent = unless_stopped::<_, _, LineError>(&going.stop, sending).await?;
        let sent = sent.seen;
        self.note_state(subject, stamp.ending, found.content.blob, sent.id)
            .await?;
        Ok(sent.id)
    }

    /// What both sides hold now.
    pub(super) async fn note_state(
        &self,
        subject: &Subject,
        ending: Ending,
        content: BlobHash,
        state: StateId,
    ) -> Result<(), LineError> {
        let (known, rom) = (self.state.clone(), subject.rom);
        let core = subject.loader.core.clone();
        let baseline = StateBaseline { content, state };
        let record = move || known.record_state(rom, &core, ending, &baseline);
        Ok(elsewhere(record).await??)
    }

    /// Has the server forget states that others grew from, beyond those that are kept.
    async fn clear_outdated(&self, rows: &[Row], keep: usize) -> Option<String> {
        let outdated = superseded(rows, keep);
        if outdated.is_empty() {
            return None;
        }
        let error = self.server.delete_states(&outdated).await.err()?;
        Some(format!("older ones could not be cleared away: {error}"))
    }

    async fn bring_planned(&self, work: &mut Work, going: &Going) -> Result<(), LineError> {
        let Some((state, stamp)) = &work.bring else {
            return Err(LineError::NoId);
        };
        let found = work.found.clone();
        let coming = Coming {
            state,
            content: Some(stamp.content),
            path: work.line.path.clone(),
            form: found
                .as_ref()
                .map_or(work.subject.place.form, |found| found.form),
            found,
            reason: REPLACED,
        };
        let (placed, notes) = self.bring(&coming, going).await?;
        work.line.notes.extend(notes);
        work.line.moved = true;
        work.line.kept = placed.kept.map(Box::new);
        let content = placed.snapshot.content.blob;
        self.saw_state(&work.line.path, work.subject.rom, content, stamp.save)
            .await?;
        self.note_state(&work.subject, work.ending, content, state.id)
            .await
    }

    /// A state stands at `path` that was made with that save.
    pub(super) async fn saw_state(
        &self,
        path: &Path,
        rom: RomId,
        content: BlobHash,
        save: Option<Mark>,
    ) -> Result<(), LineError> {
        let (known, path) = (self.state.clone(), path.to_owned());
        let saw = move || known.saw(&path, &Sighting { rom, content, save });
        Ok(elsewhere(saw).await??)
    }

    /// Puts a state of the server there, and its picture beside it: the picture first, so that a run
    /// that dies between the two does both again.
    pub(super) async fn bring(
        &self,
        coming: &Coming<'_>,
        going: &Going,
    ) -> Result<(Placed, Vec<String>), LineError> {
        let (path, form) = (coming.path.clone(), coming.form);
        let begin = move || Incoming::beside(&path, PARENTS)?.in_form(form);
        let incoming = elsewhere(begin).await??;
        let meter = Meter::of(&going.watch);
        let fetching = self.server.download_state(coming.state, incoming, &*meter);
        let incoming = unless_stopped::<_, _, LineError>(&going.stop, fetching).await?;
        let expected = Expected {
            size: coming.state.file_size_bytes,
            hash: None,
        };
        let (path, content) = (coming.path.clone(), coming.content);
        let verify = move || {
            let verified = incoming.verify(&expected)?;
            let got = Mark::of(&verified.fingerprint().content.blob);
            match content.filter(|content| *content != got) {
                None => Ok(verified),
                Some(expected) => Err(PlaceError {
                    path,
                    problem: Problem::WrongContent {
                        expected: expected.to_string(),
                        got: got.to_string(),
                    },
                    safe: crate::files::Safe::Untouched,
                }),
            }
        };
        let verified = elsewhere(verify).await??;
        let notes = self.bring_picture(coming, &going.stop).await;
        let about = self.about(coming.state.rom_id, &coming.path, coming.reason);
        let (engine, found) = (self.clone(), coming.found.clone());
        let mtime = coming.state.updated_at;
        let place = move || {
            verified.commit(&Replacing {
                found: found.as_ref(),
                journal: &engine.journal,
                about: &about,
                mtime,
                now: engine.clock.now(),
            })
        };
        Ok((elsewhere(place).await??, notes))
    }

    /// A picture is worth no failure.
    async fn bring_picture(&self, coming: &Coming<'_>, stop: &Stop) -> Vec<String> {
        let Some(shown) = &coming.state.screenshot else {
            return Vec::new();
        };
        if shown.file_size_bytes > Some(limits::STATE_PICTURE_BYTES) {
            return Vec::new();
        }
        let path = picture_of(&coming.path);
        let bring = async {
            let begin = {
                let path = path.clone();
                move || -> Result<_, LineError> {
                    let found = snapshot(&path, &NothingKnown)?;
                    Ok((found, Incoming::beside(&path, PARENTS)?))
                }
            };
            let (found, incoming) = elsewhere(begin).await??;
            let fetching = self.server.download_picture(shown, incoming, &Unwatched);
            let incoming = unless_stopped::<_, _, LineError>(stop, fetching).await?;
            let about = self.about(coming.state.rom_id, &path, coming.reason);
            let engine = self.clone();
            let place = move || -> Result<(), LineError> {
                let expected = Expected::default();
                let verified = incoming.verify(&expected)?;
                let is_same = found
                    .as_ref()
                    .is_some_and(|found| found.content.blob == verified.fingerprint().content.blob);
                if is_same {
                    return Ok(());
                }
                verified.commit(&Replacing {
                    found: found.as_ref(),
                    journal: &engine.journal,
                    about: &about,
                    mtime: None,
                    now: engine.clock.now(),
                })?;
                Ok(())
            };
            elsewhere(place).await?
        };
        let brought: Result<(), LineError> = bring.await;
        let error = brought.err();
        error
            .map(|error| format!("its picture did not come: {error}"))
            .into_iter()
            .collect()
    }

    /// Moves a state into the journal. Should a person bring it back, it counts as made with the
    /// save that is here then: they chose so.
    pub(super) async fn aside(&self, rom: RomId, found: Snapshot) -> Result<Kept, LineError> {
        let engine = self.clone();
        let aside = move || {
            let now = engine.clock.now();
            let known = (&*engine.state, &engine.journal);
            put_aside(known, &engine.account, (rom, &found), now)
        };
        elsewhere(aside).await?
    }

    fn about(&self, rom: RomId, path: &Path, reason: &str) -> About {
        about(&self.account, rom, path, reason)
    }
}

/// Moves a state of a game into the journal, and forgets that it was seen.
pub(super) fn put_aside(
    (state, journal): (&State, &Journal),
    account: &str,
    (rom, found): (RomId, &Snapshot),
    now: Time,
) -> Result<Kept, LineError> {
    let about = about(account, rom, &found.path, ASIDE);
    let kept = move_aside(found, journal, &about, now)?;
    state.lost_sight(&found.path)?;
    Ok(kept)
}

fn about(account: &str, rom: RomId, path: &Path, reason: &str) -> About {
    let name = path.file_name().unwrap_or_default();
    About {
        account: account.to_owned(),
        rom,
        slot: None,
        file_name: name.to_string_lossy().into_owned(),
        reason: reason.to_owned(),
    }
}

/// Where the picture of a state is.
fn picture_of(state: &Path) -> PathBuf {
    let mut name = state.as_os_str().to_owned();
    name.push(".png");
    name.into()
}

/// A picture's bytes; none where there is none that can travel.
fn picture(path: &Path) -> Option<Vec<u8>> {
    let file = std::fs::File::open(path).ok()?;
    let mut bytes = Vec::new();
    let most = limits::STATE_PICTURE_BYTES;
    file.take(most + 1).read_to_end(&mut bytes).ok()?;
    let fits = !bytes.is_empty() && bytes.len() as u64 <= most;
    fits.then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_travels_if_it_holds_something_and_not_too_much() {
        let room = tempfile::tempdir().unwrap();
        let path = room.path().join("Zelda.state.png");
        assert_eq!(picture(&path), None);
        let most = usize::try_from(limits::STATE_PICTURE_BYTES).unwrap();
        for (length, travels) in [(0, false), (1, true), (most, true), (most + 1, false)] {
            std::fs::write(&path, vec![1; length]).unwrap();
            let bytes = picture(&path).map(|bytes| bytes.len());
            assert_eq!(bytes, travels.then_some(length));
        }
    }
}
