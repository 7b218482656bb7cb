//! What happens in a household, as data: made from a seed, and run again as often as wanted.

use std::fmt;

use serde::{Deserialize, Serialize};

use keepsave_core::time::Time;

use super::client::Choice;
use super::clock::belief;
use super::disk::Mood;
use super::seed::Dice;
use super::weather::Rates;

/// What happens, one after the other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct History {
    /// From which all of it was made, and from which all that happens within an event comes.
    pub seed: u64,
    /// How many machines there are.
    pub machines: usize,
    /// What makes their clocks wrong; all are right where there is nothing.
    pub clocks: Option<u64>,
    /// What happens.
    pub events: Vec<Event>,
}

/// Something that happens on one machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Its number in the history that was made: it keeps it when others are left out.
    pub number: u32,
    /// On which machine.
    pub machine: usize,
    /// What.
    pub act: Act,
    /// How requests fare meanwhile.
    pub weather: Rates,
    /// Before which of its steps the process dies, if it gets that far.
    pub dies_at: Option<u64>,
    /// Whether it dies because the power goes off; without a death it goes off afterwards.
    pub loses_power: bool,
    /// Whether so much time passed before that all that was written is flushed.
    pub is_settled: bool,
    /// How the disk is meanwhile.
    pub disk: Mood,
    /// Whether the machine's clock jumps before.
    pub clock_jumps: bool,
}

/// What somebody does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Act {
    /// Plays a game, and the emulator writes its save.
    Play(usize, Writes),
    /// Syncs all games, or one.
    Sync(Option<usize>, Choice),
    /// Goes back to an older version, counted from the newest on.
    Restore(usize, usize),
    /// Does nothing for so many minutes.
    Wait(u32),
}

/// What an emulator writes, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Writes {
    /// Which files.
    pub files: Which,
    /// Whether it empties a file before it fills it, rather than putting a new one in its place.
    pub in_place: bool,
}

/// Which files of a save an emulator writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Which {
    /// All of them.
    All,
    /// The save itself.
    Main,
    /// All but the save itself.
    Companions,
}

/// How often something happens, in a thousand, unless said otherwise.
#[derive(Clone, Copy, Debug)]
pub struct Faults {
    /// An event has bad weather.
    pub weather: u64,
    /// A process dies at some step.
    pub death: u64,
    /// The power goes off.
    pub power: u64,
    /// Something is wrong with a disk.
    pub disk: u64,
    /// Nothing was flushed by itself before an event.
    pub haste: u64,
    /// A clock jumps. No clock is right where one may.
    pub clock: u64,
}

impl Faults {
    /// Nothing goes wrong.
    pub const NONE: Self = Self {
        weather: 0,
        death: 0,
        power: 0,
        disk: 0,
        haste: 0,
        clock: 0,
    };
    /// What a household may expect in its worst year.
    pub const ALL: Self = Self {
        weather: 300,
        death: 120,
        power: 80,
        disk: 60,
        haste: 300,
        clock: 60,
    };
}

/// How many games are on each machine.
const GAMES: u64 = 2;
/// How many steps a process may take before it dies, at most: the longest flows take fewer.
const LONGEST_LIFE: u64 = 160;

impl History {
    /// The one that a seed makes.
    pub fn of(seed: u64, machines: usize, length: u32, faults: Faults) -> Self {
        let dice = Dice::apart(seed, 1);
        let event = |number| {
            let act = act(&dice);
            let is_hit = |rate| dice.happens(rate);
            Event {
                number,
                machine: dice.index(machines),
                act,
                weather: if is_hit(faults.weather) {
                    weather(&dice)
                } else {
                    Rates::default()
                },
                dies_at: is_hit(faults.death).then(|| dice.below(LONGEST_LIFE)),
                loses_power: is_hit(faults.power),
                is_settled: !is_hit(faults.haste),
                disk: if is_hit(faults.disk) {
                    mood(&dice)
                } else {
                    Mood::Sound
                },
                clock_jumps: is_hit(faults.clock),
            }
        };
        Self {
            seed,
            machines,
            clocks: (faults.clock > 0).then_some(seed),
            events: (0..length).map(event).collect(),
        }
    }

    /// The same with other clocks.
    #[must_use]
    pub fn by_other_clocks(&self) -> Self {
        let clocks = Some(self.clocks.unwrap_or_default().wrapping_add(1));
        Self {
            clocks,
            ..self.clone()
        }
    }

    /// What a machine takes the time to be when it is `now`: at first, or where an event has its
    /// clock jump.
    pub(super) fn belief(&self, now: Time, machine: usize, event: Option<&Event>) -> Time {
        let Some(clocks) = self.clocks else {
            return now;
        };
        let purpose = event.map_or(machine as u64, |event| 1_000 + u64::from(event.number));
        belief(now, &Dice::apart(clocks, purpose))
    }

    /// What decides within one event, for one purpose, whatever was left out before it.
    pub(super) fn dice(&self, event: &Event, purpose: u64) -> Dice {
        Dice::apart(self.seed, 1_000 + u64::from(event.number) * 8 + purpose)
    }
}

impl Event {
    /// Everything is well, and a machine syncs all its games.
    pub(super) fn calm_sync(machine: usize, choice: Choice) -> Self {
        Self {
            number: u32::MAX,
            machine,
            act: Act::Sync(None, choice),
            weather: Rates::default(),
            dies_at: None,
            loses_power: false,
            is_settled: true,
            disk: Mood::Sound,
            clock_jumps: false,
        }
    }
}

fn act(dice: &Dice) -> Act {
    let game = || usize::try_from(dice.below(GAMES)).unwrap_or(0);
    match dice.below(100) {
        0..40 => Act::Play(game(), writes(dice)),
        40..85 => {
            let choice = dice.weighed(&[
                (70, Choice::Later),
                (10, Choice::Local),
                (10, Choice::Server),
                (10, Choice::Both),
            ]);
            Act::Sync(dice.happens(600).then(game), choice)
        }
        85..90 => Act::Restore(game(), dice.index(4)),
        _ => Act::Wait(u32::try_from(1 + dice.below(2_000)).unwrap_or(1)),
    }
}

fn writes(dice: &Dice) -> Writes {
    Writes {
        files: dice.weighed(&[(80, Which::All), (15, Which::Main), (5, Which::Companions)]),
        in_place: dice.happens(700),
    }
}

fn mood(dice: &Dice) -> Mood {
    let failing = Mood::Failing(1 + dice.below(100));
    dice.weighed(&[(1, Mood::Full), (1, Mood::ReadOnly), (2, failing)])
}

fn weather(dice: &Dice) -> Rates {
    let rate = |most: u64| {
        if dice.happens(350) {
            dice.below(most)
        } else {
            0
        }
    };
    Rates {
        unreachable: rate(300),
        cut_request: rate(150),
        lost_answer: rate(200),
        twice: rate(150),
        late: rate(150),
        cut_answer: rate(200),
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            number, machine, ..
        } = self;
        write!(f, "{number:>3}. machine {machine}: {:?}", self.act)?;
        if self.weather != Rates::default() {
            write!(f, ", in bad weather ({:?})", self.weather)?;
        }
        if self.disk != Mood::Sound {
            write!(f, ", on a bad disk ({:?})", self.disk)?;
        }
        if self.clock_jumps {
            write!(f, ", when its clock has jumped")?;
        }
        if !self.is_settled {
            write!(f, ", in haste")?;
        }
        match (self.dies_at, self.loses_power) {
            (Some(step), false) => write!(f, ", and dies before step {step}"),
            (Some(step), true) => write!(f, ", and the power goes off before step {step}"),
            (None, true) => write!(f, ", and the power goes off afterwards"),
            (None, false) => Ok(()),
        }
    }
}
