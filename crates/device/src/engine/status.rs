//! How a game stands, in a word and a sentence: the same on the terminal, in JSON and elsewhere.

use std::collections::HashMap;

use keepsave_core::decide::Step;
use keepsave_core::ids::RomId;
use serde::Serialize;
use serde_json::{Value, json};

use super::line::{Line, Todo};
use super::outcome::{Done, Outcome};
use super::plan::Plan;
use super::run::{Rehearsal, Report};
use super::sync::{Considered, Hindrance, Synced};

/// How a game stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// A person must choose between two contents.
    Conflict,
    /// Something stands in the way of its sync.
    Waiting,
    /// It was tried and did not work, or was left out.
    Failed,
    /// What is here is to go up.
    Upload,
    /// What is on the server is to come down.
    Download,
    /// The server does not have the game.
    Unmatched,
    /// Both sides have the same.
    Synced,
    /// Neither side has a save.
    NoSave,
}

impl Status {
    /// The word for it once something was done.
    pub const fn done(self) -> &'static str {
        match self {
            Self::Upload => "uploaded",
            Self::Download => "downloaded",
            other => other.as_str(),
        }
    }

    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Conflict => "conflict",
            Self::Waiting => "waiting",
            Self::Failed => "failed",
            Self::Upload => "upload",
            Self::Download => "download",
            Self::Unmatched => "not on the server",
            Self::Synced => "synced",
            Self::NoSave => "no save",
        }
    }
}

/// One game and its files.
#[derive(Debug)]
pub struct GameStatus<'a> {
    /// The game.
    pub game: &'a Considered,
    /// How it stands.
    pub status: Status,
    /// Why, in a sentence, and where something is to be done, what.
    pub why: String,
    /// Its files, as the plan has them.
    pub lines: Vec<&'a Line>,
    /// What became of them, where something was done.
    pub outcomes: Vec<&'a Outcome>,
}

impl Synced<Rehearsal> {
    /// Every game and how it stands, in the order of the library.
    pub fn statuses(&self) -> Vec<GameStatus<'_>> {
        let lines = by_game(&self.report.plan.lines, |line| line.rom);
        let games = self.games.iter();
        games
            .map(|game| {
                let lines = of_game(game, &lines);
                let (status, why) = planned(game, &lines);
                GameStatus {
                    game,
                    status,
                    why,
                    lines,
                    outcomes: Vec::new(),
                }
            })
            .collect()
    }
}

impl<T> Synced<T> {
    /// What stands in the way of games, in sentences.
    pub fn hindrances(&self) -> Vec<String> {
        let hindered = self.games.iter();
        hindered.filter_map(Considered::waits_for).collect()
    }
}

impl Synced<Report> {
    /// Every game and what became of it, in the order of the library.
    pub fn statuses(&self) -> Vec<GameStatus<'_>> {
        let outcomes = by_game(&self.report.outcomes, |outcome| outcome.line.rom);
        let games = self.games.iter();
        games
            .map(|game| {
                let outcomes = of_game(game, &outcomes);
                let lines: Vec<&Line> = outcomes.iter().map(|outcome| &outcome.line).collect();
                let (status, why) = became(game, &outcomes);
                GameStatus {
                    game,
                    status,
                    why,
                    lines,
                    outcomes,
                }
            })
            .collect()
    }
}

impl GameStatus<'_> {
    /// Whether nothing is to be done.
    pub fn is_settled(&self) -> bool {
        matches!(self.status, Status::Synced | Status::NoSave)
    }

    /// The game, how it stands, and its files.
    pub fn json(&self, plan: &Plan) -> Value {
        let game = &self.game.present.game;
        let files: Vec<Value> = if self.outcomes.is_empty() {
            self.lines.iter().map(|line| plan.operation(line)).collect()
        } else {
            let outcomes = self.outcomes.iter();
            outcomes.map(|outcome| outcome.json(plan)).collect()
        };
        let mut json = json!({
            "game": game.stem,
            "rom_id": self.game.present.rom(),
            "system": game.folder,
            "installation": game.installation,
            "path": game.path.to_string_lossy(),
            "emulator": game.emulator,
            "core": game.core,
            "slot": self.game.slot,
            "status": self.status,
            "why": self.why,
            "files": files,
        });
        if let Some(core) = &self.game.other_core {
            json["last_synced_core"] = json!(core);
        }
        match &self.game.hindrance {
            Some(Hindrance::Unconfirmed { scenario, offers }) => {
                json["scenario"] = json!(scenario);
                json["slots"] = json!(offers);
            }
            Some(Hindrance::SlotGone { slot, offers }) => {
                json["slot"] = json!(slot);
                json["slots"] = json!(offers);
            }
            Some(Hindrance::Unsure { roms, .. }) => json["candidates"] = json!(roms),
            Some(Hindrance::Several(paths) | Hindrance::TwoCopies { paths }) => {
                let paths = paths.iter().map(|path| path.to_string_lossy());
                json["places"] = json!(paths.collect::<Vec<_>>());
            }
            _ => {}
        }
        json
    }
}

fn by_game<T>(all: &[T], rom: impl Fn(&T) -> RomId) -> HashMap<RomId, Vec<&T>> {
    let mut games: HashMap<RomId, Vec<&T>> = HashMap::new();
    for one in all {
        games.entry(rom(one)).or_default().push(one);
    }
    games
}

fn of_game<'a, T>(game: &Considered, by_game: &HashMap<RomId, Vec<&'a T>>) -> Vec<&'a T> {
    let rom = game.present.rom();
    let all = rom.and_then(|rom| by_game.get(&rom));
    all.cloned().unwrap_or_default()
}

/// What a game without lines waits for.
fn without_lines(game: &Considered) -> (Status, String) {
    match &game.hindrance {
        Some(hindrance @ Hindrance::Unknown) => (Status::Unmatched, hindrance.told(game)),
        Some(hindrance) => (Status::Waiting, hindrance.told(game)),
        None => (
            Status::NoSave,
            "There is no save here and none on the server".to_owned(),
        ),
    }
}

fn planned(game: &Considered, lines: &[&Line]) -> (Status, String) {
    let status = |line: &&&Line| match line.step() {
        Some(Step::Conflict) => Status::Conflict,
        Some(Step::Upload) => Status::Upload,
        Some(Step::Download { .. }) => Status::Download,
        Some(Step::Skip { .. }) => Status::Synced,
        None if line.todo == Todo::Held => Status::Waiting,
        None => Status::Failed,
    };
    let first = lines.iter().min_by_key(status);
    first.map_or_else(
        || without_lines(game),
        |line| (status(&line), line.reason.clone()),
    )
}

fn became(game: &Considered, outcomes: &[&Outcome]) -> (Status, String) {
    let status = |outcome: &&&Outcome| match &outcome.result {
        Done::Conflict { .. } => Status::Conflict,
        Done::LeftOut { .. } if outcome.line.todo == Todo::Held => Status::Waiting,
        Done::Failed { .. } | Done::LeftOut { .. } => Status::Failed,
        Done::InUse { .. } => Status::Waiting,
        Done::Uploaded { .. } => Status::Upload,
        Done::Downloaded { .. } | Done::PutAway { .. } => Status::Download,
        Done::Nothing => Status::Synced,
    };
    let first = outcomes.iter().min_by_key(status);
    first.map_or_else(
        || without_lines(game),
        |outcome| (status(&outcome), outcome.said()),
    )
}
