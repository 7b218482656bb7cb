//! A history that breaks a law, made as short as it can be and told in words.

use serde::{Deserialize, Serialize};

use super::disk::Mood;
use super::history::{Event, History};
use super::law::Breach;
use super::run::Verdict;
use super::trace::Trace;
use super::weather::Rates;
use super::{run, runtime};

/// A history that breaks a law, and of which nothing can be left out.
#[derive(Debug)]
pub struct Story {
    /// What happens.
    pub history: History,
    /// All that happens when it is run.
    pub verdict: Verdict,
}

/// A history that broke a law once, and what it found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// In words.
    pub found: String,
    /// What happens.
    pub history: History,
}

/// Those that broke a law once: none may ever again. They are kept as what happens rather than as
/// seeds, for what a seed makes changes with every kind of event that is added.
pub fn kept() -> Vec<Kept> {
    let lines = include_str!("kept.jsonl").lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Runs a history in a time of its own.
pub fn play(history: &History, trace: Trace) -> Verdict {
    runtime().block_on(run::run(history, trace))
}

/// Runs a history, and where it keeps the laws once more by other clocks: (e) what comes of it must
/// be the same.
pub fn play_by_any_clock(history: &History) -> Verdict {
    let mut verdict = play(history, Trace::default());
    if verdict.breach.is_some() || history.clocks.is_none() {
        return verdict;
    }
    let other = play(&history.by_other_clocks(), Trace::default());
    let mut both = verdict.outcomes.iter().zip(&other.outcomes);
    if let Some((one, other)) = both.find(|(one, other)| one != other) {
        let says = format!("by other clocks it ends otherwise:\n{one}\n{other}");
        verdict.breach = Some((None, Breach { law: 'e', says }));
    }
    verdict.tally.failures = u64::from(verdict.breach.is_some());
    verdict
}

/// Leaves out of a history what it breaks the law without.
pub fn shorten(history: &History, law: char) -> Story {
    let breaks = |events: &[Event]| {
        let shorter = History {
            events: events.to_vec(),
            ..*history
        };
        let breach = play_by_any_clock(&shorter).breach;
        breach.is_some_and(|(_, breach)| breach.law == law)
    };
    let mut events = history.events.clone();
    let mut at_once = events.len().div_ceil(2);
    loop {
        let mut from = 0;
        let mut is_shorter = false;
        while from < events.len() {
            let to = (from + at_once).min(events.len());
            let left: Vec<Event> = [&events[..from], &events[to..]].concat();
            if breaks(&left) {
                events = left;
                is_shorter = true;
            } else {
                from = to;
            }
        }
        if at_once == 1 && !is_shorter {
            break;
        }
        at_once = if is_shorter {
            at_once
        } else {
            at_once.div_ceil(2)
        };
        at_once = at_once.min(events.len()).max(1);
    }
    calm(&mut events, breaks);
    let history = History { events, ..*history };
    let told = play(&history, Trace::told());
    let breach = play_by_any_clock(&history).breach;
    let verdict = Verdict { breach, ..told };
    Story { history, verdict }
}

/// Takes away what happens to the events that are left, where it makes no difference.
fn calm(events: &mut [Event], breaks: impl Fn(&[Event]) -> bool) {
    for index in 0..events.len() {
        let changes: [fn(&mut Event); 6] = [
            |event| event.weather = Rates::default(),
            |event| event.disk = Mood::Sound,
            |event| event.dies_at = None,
            |event| event.loses_power = false,
            |event| event.is_settled = true,
            |event| event.clock_jumps = false,
        ];
        for change in changes {
            let before = events[index];
            change(&mut events[index]);
            if events[index] != before && !breaks(events) {
                events[index] = before;
            }
        }
    }
}

impl Story {
    /// The law that it breaks.
    pub fn breach(&self) -> Option<&Breach> {
        self.verdict.breach.as_ref().map(|(_, breach)| breach)
    }

    /// As a line of the kept histories.
    pub fn kept(&self) -> String {
        let found = self.breach().map(ToString::to_string).unwrap_or_default();
        let kept = Kept {
            found,
            history: self.history.clone(),
        };
        serde_json::to_string(&kept).unwrap()
    }

    /// Told in words, step by step.
    pub fn told(&self) -> String {
        let mut told = format!("seed {}, shortened:\n", self.history.seed);
        for line in self.verdict.trace.lines() {
            told.push_str("  ");
            told.push_str(&line);
            told.push('\n');
        }
        if let Some(breach) = self.breach() {
            told.push_str(&breach.to_string());
        }
        told
    }
}
