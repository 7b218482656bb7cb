//! Runs the World over many seeds: `cargo xtask world --seeds 0..1000 --minutes 5`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use keepsave_testkit::world::Trace;
use keepsave_testkit::world::history::{Faults, History};
use keepsave_testkit::world::ledger::{self, Run};
use keepsave_testkit::world::story::{play, play_by_any_clock, shorten};
use keepsave_testkit::world::tally::Tally;

const USAGE: &str = "\
Usage: world [--seeds A..B] [--seed N] [--minutes N] [--cores N] [--machines N] [--events N] [--calm]

  --seeds A..B   runs these seeds
  --seed N       runs this one, tells all that happens, and the hash of it
  --minutes N    stops after so long
  --cores N      runs so many histories side by side, each in one thread (1)
  --machines N   so many machines in each (2)
  --events N     so many events in each (40)
  --calm         nothing goes wrong
  --record       writes the run into the ledger, and its figures into docs/reliability.md";

/// How often it is said how far it is.
const PROGRESS: Duration = Duration::from_secs(10);

struct Wanted {
    seeds: std::ops::Range<u64>,
    is_one: bool,
    minutes: Option<u64>,
    cores: usize,
    machines: usize,
    events: u32,
    faults: Faults,
    is_recorded: bool,
}

fn main() -> ExitCode {
    let Some(wanted) = wanted(std::env::args().skip(1)) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    if wanted.is_one {
        one(&wanted)
    } else {
        many(&wanted)
    }
}

fn wanted(mut arguments: impl Iterator<Item = String>) -> Option<Wanted> {
    let mut wanted = Wanted {
        seeds: 0..1_000,
        is_one: false,
        minutes: None,
        cores: 1,
        machines: 2,
        events: 40,
        faults: Faults::ALL,
        is_recorded: false,
    };
    while let Some(name) = arguments.next() {
        if name == "--calm" {
            wanted.faults = Faults::NONE;
            continue;
        }
        if name == "--record" {
            wanted.is_recorded = true;
            continue;
        }
        let value = arguments.next()?;
        match name.as_str() {
            "--seeds" => {
                let (from, to) = value.split_once("..")?;
                wanted.seeds = from.parse().ok()?..to.parse().ok()?;
            }
            "--seed" => {
                let seed = value.parse().ok()?;
                (wanted.seeds, wanted.is_one) = (seed..seed + 1, true);
            }
            "--minutes" => wanted.minutes = Some(value.parse().ok()?),
            "--cores" => wanted.cores = value.parse().ok()?,
            "--machines" => wanted.machines = value.parse().ok()?,
            "--events" => wanted.events = value.parse().ok()?,
            _ => return None,
        }
    }
    Some(wanted)
}

impl Wanted {
    fn history(&self, seed: u64) -> History {
        History::of(seed, self.machines, self.events, self.faults)
    }
}

fn one(wanted: &Wanted) -> ExitCode {
    let history = wanted.history(wanted.seeds.start);
    let verdict = play(&history, Trace::told());
    for line in verdict.trace.lines() {
        println!("{line}");
    }
    println!("trace {}", verdict.trace.hash());
    let Some((_, breach)) = verdict.breach else {
        return ExitCode::SUCCESS;
    };
    println!("{breach}\n\n{}", shorten(&history, breach.law).told());
    ExitCode::FAILURE
}

/// Many histories under way.
struct Shift<'w> {
    wanted: &'w Wanted,
    begun: Instant,
    next: AtomicU64,
    is_over: AtomicBool,
    tally: Mutex<Tally>,
}

impl Shift<'_> {
    fn tally(&self) -> Tally {
        let tally = self.tally.lock();
        tally.unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn goes_on(&self) -> bool {
        let limit = self
            .wanted
            .minutes
            .map(|minutes| Duration::from_secs(minutes * 60));
        let in_time = limit.is_none_or(|limit| self.begun.elapsed() < limit);
        in_time && !self.is_over.load(Ordering::Relaxed)
    }

    /// One history after another, until one breaks a law.
    fn work(&self) {
        while self.goes_on() {
            let seed = self.next.fetch_add(1, Ordering::Relaxed);
            if seed >= self.wanted.seeds.end {
                break;
            }
            let history = self.wanted.history(seed);
            let verdict = play_by_any_clock(&history);
            let tally = self.tally.lock();
            tally
                .unwrap_or_else(PoisonError::into_inner)
                .add(&verdict.tally);
            if let Some((_, breach)) = verdict.breach {
                self.is_over.store(true, Ordering::Relaxed);
                let story = shorten(&history, breach.law);
                println!("{}\n\nto keep it: {}", story.told(), story.kept());
            }
        }
    }

    fn tell(&self) {
        let done = self.tally().histories;
        let minutes = self.begun.elapsed().as_secs_f64() / 60.0;
        #[expect(clippy::cast_precision_loss, reason = "it is shown to a person")]
        let speed = done as f64 / minutes / self.wanted.cores as f64;
        eprintln!("{done} histories, {speed:.0} a minute and core");
    }
}

fn many(wanted: &Wanted) -> ExitCode {
    let shift = Shift {
        wanted,
        begun: Instant::now(),
        next: AtomicU64::new(wanted.seeds.start),
        is_over: AtomicBool::new(false),
        tally: Mutex::default(),
    };
    std::thread::scope(|scope| {
        let (working, ended) = mpsc::channel::<()>();
        for _ in 0..wanted.cores {
            let (working, shift) = (working.clone(), &shift);
            scope.spawn(move || {
                shift.work();
                drop(working);
            });
        }
        drop(working);
        // Nothing is ever sent: the channel ends with the last who works.
        while ended.recv_timeout(PROGRESS) == Err(RecvTimeoutError::Timeout) {
            shift.tell();
        }
    });
    shift.tell();
    let tally = shift.tally();
    println!("{tally:?}");
    let next = shift.next.load(Ordering::Relaxed).min(wanted.seeds.end);
    let has_failed = tally.failures > 0;
    let run = Run {
        day: jiff::Timestamp::now().strftime("%F").to_string(),
        seeds: wanted.seeds.start..next,
        machines: wanted.machines,
        tally,
    };
    if wanted.is_recorded
        && let Err(error) = ledger::record(&root(), &run)
    {
        eprintln!("the run could not be recorded: {error}");
        return ExitCode::FAILURE;
    }
    if has_failed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}

/// The repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
