//! All that happened, as one hash: two runs of a seed that differ anywhere differ in it.

use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use keepsave_core::content::Digester;

/// What happened so far. A clone is another hold of the same.
#[derive(Clone, Default)]
pub struct Trace(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    digester: Digester,
    notes: u64,
    /// Where someone wants to read it.
    told: Option<Vec<String>>,
}

/// A line without what is chance in the ids of a journal: `20261120-072830-1a2b3c4d`.
fn without_chance(line: &str) -> String {
    const MOMENT: usize = "20261120-072830-".len();
    const CHANCE: usize = "1a2b3c4d".len();
    let is_id = |at: usize| {
        let id = line.as_bytes().get(at..at + MOMENT + CHANCE);
        id.is_some_and(|id| {
            let dashes = id[8] == b'-' && id[15] == b'-';
            let digits = id[..8].iter().chain(&id[9..15]);
            dashes && digits.clone().all(u8::is_ascii_digit)
        })
    };
    let mut kept = String::with_capacity(line.len());
    let mut from = 0;
    for at in (0..line.len()).filter(|at| is_id(*at)) {
        kept.push_str(&line[from..at + MOMENT]);
        from = at + MOMENT + CHANCE;
    }
    kept.push_str(&line[from..]);
    kept
}

impl fmt::Debug for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} things that happened", self.notes())
    }
}

impl Trace {
    /// One that can be read, too.
    pub fn told() -> Self {
        let trace = Self::default();
        trace.inner().told = Some(Vec::new());
        trace
    }

    /// Notes what happened.
    pub fn note(&self, what: fmt::Arguments<'_>) {
        let line = without_chance(&what.to_string());
        let mut inner = self.inner();
        inner.digester.update(line.as_bytes());
        inner.digester.update(b"\n");
        inner.notes += 1;
        if let Some(told) = &mut inner.told {
            told.push(line);
        }
    }

    /// Notes a step on a disk. What a scratch file is called is chance, and no part of it.
    pub fn step(&self, machine: &str, step: &str, path: &Path) {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let name = match name.split_once(".keepsave-") {
            Some((name, _)) => name,
            None => &name,
        };
        self.note(format_args!("{machine}: {step} {name}"));
    }

    /// The hash of it.
    pub fn hash(&self) -> String {
        let digester = std::mem::take(&mut self.inner().digester);
        digester.finish().blob.to_string()
    }

    /// How much was noted.
    pub fn notes(&self) -> u64 {
        self.inner().notes
    }

    /// Line by line, where it is told.
    pub fn lines(&self) -> Vec<String> {
        self.inner().told.clone().unwrap_or_default()
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
