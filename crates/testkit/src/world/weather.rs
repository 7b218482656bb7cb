//! What becomes of requests on their way.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::Request;
use serde::{Deserialize, Serialize};

use super::seed::Dice;

/// What happens to a request or to its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mishap {
    /// No connection.
    Unreachable,
    /// It breaks off on its way there.
    CutRequest(At),
    /// It is done, and nobody hears of that.
    LostAnswer,
    /// It comes twice.
    Twice,
    /// It comes later, when others were sent meanwhile; nobody waits for the answer any more.
    Late,
    /// The answer breaks off.
    CutAnswer(At),
}

impl Mishap {
    /// What it is called where such are counted.
    const fn kind(self) -> &'static str {
        match self {
            Self::Unreachable => "no connection",
            Self::CutRequest(_) => "a request broke off",
            Self::LostAnswer => "done, and the answer lost",
            Self::Twice => "a request came twice",
            Self::Late => "a request came late",
            Self::CutAnswer(_) => "an answer broke off",
        }
    }
}

/// How far something gets, as a share of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct At(u16);

impl At {
    /// So many of so many bytes; never all.
    pub fn of(self, length: usize) -> usize {
        length.saturating_sub(1) * usize::from(self.0) / usize::from(u16::MAX)
    }
}

/// How often something happens to a request, in a thousand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rates {
    /// No connection.
    pub unreachable: u64,
    /// Breaks off on its way there.
    pub cut_request: u64,
    /// Done, and the answer lost.
    pub lost_answer: u64,
    /// Comes twice.
    pub twice: u64,
    /// Comes later.
    pub late: u64,
    /// The answer breaks off.
    pub cut_answer: u64,
}

/// The weather on the way of one machine.
pub(super) struct Weather(Mutex<Sky>);

struct Sky {
    dice: Dice,
    rates: Rates,
    /// What is on its way, and after how many requests it arrives.
    late: Vec<(u64, Request<Bytes>)>,
    happened: BTreeMap<&'static str, u64>,
}

impl Weather {
    pub fn fine() -> Self {
        Self(Mutex::new(Sky {
            dice: Dice::of(0),
            rates: Rates::default(),
            late: Vec::new(),
            happened: BTreeMap::new(),
        }))
    }

    /// From now on, as these dice say.
    pub fn becomes(&self, rates: Rates, dice: Dice) {
        let mut sky = self.sky();
        (sky.rates, sky.dice) = (rates, dice);
    }

    /// What happens to the next request.
    pub fn mishap(&self) -> Option<Mishap> {
        let mut sky = self.sky();
        let (rates, dice) = (sky.rates, &sky.dice);
        if rates == Rates::default() {
            return None;
        }
        let at = At(u16::try_from(dice.below(u64::from(u16::MAX))).unwrap_or_default());
        let kinds = [
            (rates.unreachable, Mishap::Unreachable),
            (rates.cut_request, Mishap::CutRequest(at)),
            (rates.lost_answer, Mishap::LostAnswer),
            (rates.twice, Mishap::Twice),
            (rates.late, Mishap::Late),
            (rates.cut_answer, Mishap::CutAnswer(at)),
        ];
        let mut roll = dice.below(1_000);
        let mishap = kinds.into_iter().find_map(|(rate, mishap)| {
            let hit = roll < rate;
            roll = roll.saturating_sub(rate);
            hit.then_some(mishap)
        })?;
        *sky.happened.entry(mishap.kind()).or_default() += 1;
        Some(mishap)
    }

    /// A request takes its time.
    pub fn keep_for_later(&self, request: Request<Bytes>) {
        let mut sky = self.sky();
        let after = 1 + sky.dice.below(12);
        sky.late.push((after, request));
    }

    /// Those that arrive before the next one.
    pub fn arriving_now(&self) -> Vec<Request<Bytes>> {
        let mut sky = self.sky();
        for (after, _) in &mut sky.late {
            *after -= 1;
        }
        let all = std::mem::take(&mut sky.late);
        let (now, later): (Vec<_>, Vec<_>) = all.into_iter().partition(|(after, _)| *after == 0);
        sky.late = later;
        now.into_iter().map(|(_, request)| request).collect()
    }

    /// What happened, and how often.
    pub fn happened(&self) -> BTreeMap<&'static str, u64> {
        self.sky().happened.clone()
    }

    fn sky(&self) -> MutexGuard<'_, Sky> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
