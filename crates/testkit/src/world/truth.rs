//! What really happened, as only the World knows it: every content that an emulator finished, and
//! which save grew from which.

use std::collections::BTreeMap;

use keepsave_core::content::{BlobHash, Digest};
use keepsave_core::layouts::part_of;

use super::machine::Game;

/// The files of one game's save together, in the order of its endings; none where a file is missing.
pub type Files = Vec<Option<BlobHash>>;

/// A save as it stood when somebody finished it, and those that it grew from.
#[derive(Debug)]
pub struct Moment {
    /// In words.
    pub label: String,
    /// What it consists of.
    pub files: Files,
    /// What it grew from.
    pub parents: Vec<usize>,
    /// Whether nobody wanted it.
    pub is_accident: bool,
}

/// A content that an emulator finished.
#[derive(Debug)]
pub struct Content {
    /// In words.
    pub label: String,
    /// Whether it must be there for ever: false once a player played on over it before any sync
    /// could see it.
    pub is_owed: bool,
    /// Whether it is what an accident left.
    pub is_accident: bool,
}

/// All of it, for every game and machine.
#[derive(Debug)]
pub struct Truth {
    games: Vec<Game>,
    contents: BTreeMap<BlobHash, Content>,
    moments: Vec<Vec<Moment>>,
    /// Which moment stands on a machine, by machine and game.
    here: Vec<Vec<Option<usize>>>,
    /// Which moment is the newest on the server, by game; none while it is no whole one.
    head: Vec<Option<usize>>,
}

impl Truth {
    /// Nothing was played yet.
    pub fn of(games: &[Game], machines: usize) -> Self {
        Self {
            games: games.to_vec(),
            contents: BTreeMap::new(),
            moments: games.iter().map(|_| Vec::new()).collect(),
            here: vec![vec![None; games.len()]; machines],
            head: vec![None; games.len()],
        }
    }

    /// The next content of a file, and what it says: as many bytes as every other one of its kind.
    pub fn next_content(&mut self, machine: &str, game: usize, ending: &str) -> Vec<u8> {
        const BYTES: usize = 192;
        let number = self.contents.len() + 1;
        let label = format!("{}.{ending} #{number} of {machine}", self.games[game].stem);
        let mut bytes = label.clone().into_bytes();
        bytes.resize(BYTES, b'.');
        let content = Content {
            label,
            is_owed: true,
            is_accident: false,
        };
        self.contents.insert(Digest::of(&bytes).blob, content);
        bytes
    }

    /// An emulator finished a save.
    pub fn played(&mut self, machine: usize, game: usize, files: Files) {
        let label = self.label(&files);
        let parents = self.here[machine][game].into_iter().collect();
        let moment = self.add(game, label, files, parents);
        self.here[machine][game] = Some(moment);
    }

    /// Something happened to a save that nobody wanted: the power went off over what was not flushed,
    /// or an emulator died over its work. What is left is what stands there now.
    pub fn accident(&mut self, machine: usize, game: usize, files: Files) {
        for blob in files.iter().flatten() {
            let label = || Content {
                label: format!("what an accident left ({})", &blob.to_string()[..8]),
                is_owed: false,
                is_accident: true,
            };
            self.contents.entry(*blob).or_insert_with(label);
        }
        let label = format!("{} after an accident", self.label(&files));
        let parents = self.here[machine][game].into_iter().collect();
        let moment = self.add(game, label, files, parents);
        self.moments[game][moment].is_accident = true;
        self.here[machine][game] = Some(moment);
    }

    /// A person brought these files back, or chose them: they stand after what was there before.
    pub fn chosen(&mut self, game: usize, files: Files, parents: Vec<usize>) -> usize {
        let label = format!("{}, chosen", self.label(&files));
        self.add(game, label, files, parents)
    }

    fn add(&mut self, game: usize, label: String, files: Files, parents: Vec<usize>) -> usize {
        let moments = &mut self.moments[game];
        moments.push(Moment {
            label,
            files,
            parents,
            is_accident: false,
        });
        moments.len() - 1
    }

    /// Every content that must be there.
    pub fn owed(&self) -> impl Iterator<Item = (&BlobHash, &Content)> {
        self.contents.iter().filter(|(_, content)| content.is_owed)
    }

    /// A player played on over this one, and nobody else had seen it.
    pub fn is_played_over(&mut self, blob: &BlobHash) {
        if let Some(content) = self.contents.get_mut(blob) {
            content.is_owed = false;
        }
    }

    /// A content in words; none for what no emulator ever finished.
    pub fn content(&self, blob: &BlobHash) -> Option<&Content> {
        self.contents.get(blob)
    }

    /// Files in words.
    pub fn label(&self, files: &Files) -> String {
        let name = |blob: &Option<BlobHash>| match blob {
            None => "nothing",
            Some(blob) => self
                .contents
                .get(blob)
                .map_or("what nobody wrote", |content| content.label.as_str()),
        };
        files.iter().map(name).collect::<Vec<_>>().join(" + ")
    }

    /// The moment that stands on a machine.
    pub fn here(&self, machine: usize, game: usize) -> Option<usize> {
        self.here[machine][game]
    }

    /// Another moment stands on a machine now.
    pub fn stands(&mut self, machine: usize, game: usize, moment: usize) {
        self.here[machine][game] = Some(moment);
    }

    /// The newest moment on the server.
    pub fn head(&self, game: usize) -> Option<usize> {
        self.head[game]
    }

    /// Another moment is the newest on the server now, or something that is no whole one.
    pub fn is_head(&mut self, game: usize, moment: Option<usize>) {
        self.head[game] = moment;
    }

    /// A moment.
    pub fn moment(&self, game: usize, moment: usize) -> &Moment {
        &self.moments[game][moment]
    }

    /// Whether a moment is one that a person should be asked about: blank, torn, or half of one.
    pub fn is_odd(&self, game: usize, moment: usize) -> bool {
        let moment = self.moment(game, moment);
        let mut contents = moment.files.iter().flatten();
        let is_accident = |blob| {
            self.content(blob)
                .is_some_and(|content| content.is_accident)
        };
        moment.is_accident || contents.any(is_accident)
    }

    /// The newest moment with these files.
    pub fn moment_with(&self, game: usize, files: &Files) -> Option<usize> {
        let moments = &self.moments[game];
        moments
            .iter()
            .rposition(|moment| self.is_same(game, &moment.files, files))
    }

    /// Whether two saves are the same but for a clock, which is no progress and goes with either.
    pub fn is_same(&self, game: usize, one: &Files, other: &Files) -> bool {
        let endings = self.games[game].endings.iter();
        let mut files = endings.zip(one.iter().zip(other));
        files.all(|(ending, (one, other))| {
            let is_clock = part_of(&format!("x.{ending}")).is_clock();
            one == other || is_clock && one.is_some() == other.is_some()
        })
    }

    /// Whether one moment is the other, or grew into it.
    pub fn grew_into(&self, game: usize, one: usize, other: usize) -> bool {
        let mut open = vec![other];
        let mut seen = vec![false; self.moments[game].len()];
        while let Some(at) = open.pop() {
            if at == one {
                return true;
            }
            if !std::mem::replace(&mut seen[at], true) {
                open.extend(&self.moments[game][at].parents);
            }
        }
        false
    }
}
