//! What the server has of a game's states and this device does not, and taking one of them because
//! a person chose it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use keepsave_core::ids::{RomId, StateId};
use keepsave_core::states::{Ending, Mark, NotLoadable, Row, SaveHere, Stamp, heads};
use tokio::task::JoinError;

use super::act::Coming;
use super::{Going, Subject, Waiting};
use crate::engine::error::LineError;
use crate::engine::{Engine, EngineError};
use crate::files::{Snapshot, unpacked};
use crate::games::Present;
use crate::journal::Kept;
use crate::server::seen::SeenState;
use crate::threads::elsewhere;

/// A state of the server.
#[derive(Clone, Debug)]
pub struct Offer {
    /// The game, as it is called here.
    pub game: String,
    /// The state.
    pub state: SeenState,
    /// What it says of itself.
    pub stamp: Option<Stamp>,
    /// Why it is not offered; none where it is.
    pub why_not: Option<String>,
}

/// Which state a person takes, and how.
#[derive(Clone, Copy, Debug)]
pub struct Taking {
    /// Which.
    pub state: StateId,
    /// As which of the game's states; by default the one that it was.
    pub onto: Option<Ending>,
    /// Whether it is taken though it is not known to load.
    pub anyway: bool,
}

/// A state that was taken.
#[derive(Debug)]
pub struct TakenState {
    /// Where it is.
    pub path: PathBuf,
    /// What was there before.
    pub kept: Option<Kept>,
    /// What a person should know beside it.
    pub notes: Vec<String>,
}

/// Why a state was not taken. None of them changed anything but where it says so.
#[derive(Debug, thiserror::Error)]
pub enum TakeError {
    /// Nothing could be asked or begun.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// States of the game are not looked for.
    #[error("{0}. Nothing was changed")]
    Waiting(String),
    /// It is another game's.
    #[error(
        "state {state} is of game {rom}, not of this one. Nothing was changed. See `keepsave \
         states offered`"
    )]
    OtherGame {
        /// The state.
        state: StateId,
        /// Whose it is.
        rom: RomId,
    },
    /// It would not load, or bring back an older save.
    #[error(
        "{why}. Nothing was changed. `--anyway` takes it all the same; what is in its place goes \
         into the journal"
    )]
    Refused {
        /// Why.
        why: String,
    },
    /// Its name does not say which of the game's states it is.
    #[error(
        "its name does not say which state of the game it is: say it with `--as 0`. Nothing was changed"
    )]
    Nameless,
    /// It did not come, or not into its place.
    #[error("{0}")]
    Failed(String),
}

impl From<LineError> for TakeError {
    fn from(error: LineError) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<JoinError> for TakeError {
    fn from(error: JoinError) -> Self {
        Self::Engine(error.into())
    }
}

/// Why an auto-state is not offered.
const OLDER_SAVE: &str = "it was made with another save than the one that is here, and the game \
                          would load it over that unasked: `--as` and a number puts it where it is \
                          loaded only by hand";

impl Engine {
    /// The states that the server has of these games and that are not here.
    pub async fn states_offered(
        &self,
        present: &[Present],
    ) -> Result<(Vec<Offer>, Vec<Waiting>), EngineError> {
        let (mut subjects, mut waiting) = (BTreeMap::new(), Vec::new());
        for one in present {
            match Subject::of(one, None) {
                Some(Ok(subject)) => {
                    subjects.insert(subject.rom, subject);
                }
                Some(Err(why)) => waiting.push(why),
                None => {}
            }
        }
        let one = match present {
            [one] => one.rom(),
            _ => None,
        };
        if subjects.is_empty() {
            return Ok((Vec::new(), waiting));
        }
        let listed = self.server.states(one).await?.seen.rows;
        let engine = self.clone();
        let offers = move || {
            let mut by_game: BTreeMap<RomId, Vec<SeenState>> = BTreeMap::new();
            for state in listed {
                by_game.entry(state.rom_id).or_default().push(state);
            }
            let of_games = by_game.into_iter();
            let of_games = of_games.filter_map(|(rom, states)| Some((subjects.get(&rom)?, states)));
            of_games
                .flat_map(|(subject, states)| engine.offers_of(subject, states))
                .collect()
        };
        Ok((elsewhere(offers).await?, waiting))
    }

    fn offers_of(&self, subject: &Subject, states: Vec<SeenState>) -> Vec<Offer> {
        let stamped: Vec<(SeenState, Option<Stamp>)> = states
            .into_iter()
            .map(|state| {
                let stamp = Stamp::read(&state.file_name);
                (state, stamp)
            })
            .collect();
        let mut rows: BTreeMap<(String, Ending), Vec<Row>> = BTreeMap::new();
        for (state, stamp) in &stamped {
            if let Some(stamp) = stamp {
                let of = rows.entry((stamp.core.clone(), stamp.ending)).or_default();
                of.push(Row {
                    id: state.id,
                    stamp: stamp.clone(),
                });
            }
        }
        let of_all = rows.values().flat_map(|rows| heads(rows));
        let newest: Vec<StateId> = of_all.map(|row| row.id).collect();
        let save = self.save_here(subject);
        let is_here = |stamp: &Stamp| {
            let found = unpacked(&subject.place.path(stamp.ending), &*self.state);
            let content = found
                .ok()
                .flatten()
                .map(|found| Mark::of(&found.content.blob));
            content == Some(stamp.content)
        };
        let offered = stamped.into_iter().filter(|(state, stamp)| match stamp {
            Some(stamp) => newest.contains(&state.id) && !is_here(stamp),
            None => true,
        });
        offered
            .map(|(state, stamp)| Offer {
                game: subject.stem.clone(),
                why_not: why_not(subject, stamp.as_ref(), save, None),
                state,
                stamp,
            })
            .collect()
    }

    /// Puts a state of the server in its place here. What is there goes into the journal.
    pub async fn take_state(
        &self,
        present: &Present,
        taking: Taking,
        going: &Going,
    ) -> Result<TakenState, TakeError> {
        let subject = match Subject::of(present, None) {
            Some(Ok(subject)) => subject,
            Some(Err(waiting)) => return Err(TakeError::Waiting(waiting.why)),
            None => return Err(TakeError::Waiting(NOT_LOOKED_FOR.to_owned())),
        };
        let roms = [subject.rom].into();
        let _held = self.hold(&roms, &going.watch, &going.stop).await?;
        let asked = self.server.state(taking.state).await;
        let state = asked.map_err(EngineError::from)?.seen;
        if state.rom_id != subject.rom {
            return Err(TakeError::OtherGame {
                state: state.id,
                rom: state.rom_id,
            });
        }
        let stamp = Stamp::read(&state.file_name);
        let named = stamp.as_ref().map(|stamp| stamp.ending);
        let named = named.or_else(|| Ending::at_the_end_of(&state.file_name));
        let ending = taking.onto.or(named).ok_or(TakeError::Nameless)?;
        let path = subject.place.path(ending);
        let (save, found) = self.around(&subject, path.clone()).await?;
        let refused = why_not(&subject, stamp.as_ref(), save, Some(ending));
        if let Some(why) = refused.filter(|_| !taking.anyway) {
            return Err(TakeError::Refused { why });
        }
        let coming = Coming {
            state: &state,
            content: stamp.as_ref().map(|stamp| stamp.content),
            path: path.clone(),
            form: found
                .as_ref()
                .map_or(subject.place.form, |found| found.form),
            found,
            reason: "replaced by a save state that was taken from the server",
        };
        going
            .watch
            .expects(state.file_size_bytes.unwrap_or_default());
        let (placed, notes) = self.bring(&coming, going).await?;
        let content = placed.snapshot.content.blob;
        // Who takes one that is loaded unasked wants it loaded over the save that is here.
        let made_with = match (ending, save) {
            (Ending::Auto, SaveHere::Is(save)) => save,
            _ => stamp
                .as_ref()
                .map_or(Some(Mark::UNKNOWN), |stamp| stamp.save),
        };
        self.saw_state(&path, subject.rom, content, made_with)
            .await?;
        if stamp.is_some_and(|stamp| stamp.ending == ending && stamp.core == subject.loader.core) {
            self.note_state(&subject, ending, content, state.id).await?;
        }
        Ok(TakenState {
            path,
            kept: placed.kept,
            notes,
        })
    }

    /// The save that is here, and what stands where a state is to be put.
    async fn around(
        &self,
        subject: &Subject,
        path: PathBuf,
    ) -> Result<(SaveHere, Option<Snapshot>), LineError> {
        let (engine, subject) = (self.clone(), subject.clone());
        let look = move || -> Result<_, LineError> {
            let found = unpacked(&path, &*engine.state)?;
            Ok((engine.save_here(&subject), found))
        };
        elsewhere(look).await?
    }
}

const NOT_LOOKED_FOR: &str = "`RetroArch` does not play this game here, so it has no save states \
                              that could be replaced";

/// Why a state is not offered, or not in the place of `onto`.
fn why_not(
    subject: &Subject,
    stamp: Option<&Stamp>,
    save: SaveHere,
    onto: Option<Ending>,
) -> Option<String> {
    let loader = &subject.loader;
    let version = |version: &Option<String>| match version {
        Some(version) => format!("version {version}"),
        None => "a version that is not known".to_owned(),
    };
    let refused = loader.loads(stamp).err();
    match (refused, stamp) {
        (Some(NotLoadable::OtherCore), Some(stamp)) => Some(format!(
            "{} made it, and {} plays the game here",
            stamp.core, loader.core
        )),
        (Some(NotLoadable::OtherVersion), Some(stamp)) => Some(format!(
            "{} of {} made it, and {} is here",
            version(&stamp.version),
            stamp.core,
            version(&loader.version)
        )),
        (Some(_), _) | (None, None) => {
            Some("another program sent it, and it does not say which core made it".to_owned())
        }
        (None, Some(stamp)) => {
            let is_auto = onto.unwrap_or(stamp.ending) == Ending::Auto;
            let goes_with_the_save = save == SaveHere::Is(stamp.save);
            (is_auto && !goes_with_the_save).then(|| OLDER_SAVE.to_owned())
        }
    }
}
