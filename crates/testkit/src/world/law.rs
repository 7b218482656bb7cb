//! The laws, each by its letter: what must hold whenever nothing is under way.

use std::collections::BTreeSet;
use std::fmt;

use keepsave_core::content::BlobHash;
use keepsave_device::engine::status::Status;

use super::client::Choice;
use super::ours::Says;
use super::truth::{Files, Truth};

/// A law that was broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breach {
    /// Its letter.
    pub law: char,
    /// What is not as it must be.
    pub says: String,
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "law ({}): {}", self.law, self.says)
    }
}

fn broken<T>(law: char, says: String) -> Result<T, Breach> {
    Err(Breach { law, says })
}

/// Where contents are: what nobody can lose any more, and what stands where it is played.
#[derive(Debug, Default)]
pub struct Reachable {
    /// Versions on the server.
    pub server: BTreeSet<BlobHash>,
    /// What the journals keep.
    pub journals: BTreeSet<BlobHash>,
    /// What stands on the machines.
    pub disks: BTreeSet<BlobHash>,
}

impl Reachable {
    /// Whether it is a version or in a journal.
    pub fn is_safe(&self, blob: &BlobHash) -> bool {
        self.server.contains(blob) || self.journals.contains(blob)
    }

    fn has(&self, blob: &BlobHash) -> bool {
        self.is_safe(blob) || self.disks.contains(blob)
    }
}

/// What one client did to one game, and how it stands now.
#[derive(Debug)]
pub struct Done<'a> {
    /// Which machine, by its number and name.
    pub machine: (usize, &'a str),
    /// The game's number.
    pub game: usize,
    /// What stood there before.
    pub before: &'a Files,
    /// What stands there now.
    pub after: &'a Files,
    /// What of it the server had before.
    pub was_on_server: &'a BTreeSet<BlobHash>,
    /// What the slot shows now.
    pub head: &'a Files,
    /// What a person chose.
    pub choice: Choice,
    /// What the client says, if it lived to say it.
    pub says: Option<&'a Says>,
}

/// (a) Every content that an emulator finished is a version, in a journal, or where it was played.
pub fn nothing_is_lost(truth: &Truth, reachable: &Reachable) -> Result<(), Breach> {
    let mut lost = truth.owed().filter(|(blob, _)| !reachable.has(blob));
    match lost.next() {
        None => Ok(()),
        Some((_, content)) => broken('a', format!("{} is nowhere any more", content.label)),
    }
}

/// (a) No file holds what no emulator finished.
pub fn nothing_is_torn(truth: &Truth, machine: &str, files: &Files) -> Result<(), Breach> {
    let mut known = files.iter().flatten();
    if known.all(|blob| truth.content(blob).is_some()) {
        return Ok(());
    }
    let label = truth.label(files);
    broken(
        'a',
        format!("on {machine} stands what nobody wrote: {label}"),
    )
}

/// (b) What no server has is replaced only where a person chose so.
pub fn no_edit_is_replaced_unasked(truth: &Truth, done: &Done<'_>) -> Result<(), Breach> {
    for (before, after) in done.before.iter().zip(done.after) {
        let Some(blob) = before.filter(|_| before != after) else {
            continue;
        };
        let is_unsynced = !done.was_on_server.contains(&blob);
        if is_unsynced && done.choice == Choice::Later {
            let label = truth.label(&vec![Some(blob)]);
            let by = truth.label(&vec![*after]);
            let name = done.machine.1;
            return broken(
                'b',
                format!("{label} was replaced on {name} by {by}, and nobody was asked"),
            );
        }
    }
    Ok(())
}

/// (d) A conflict is reported only between saves of which neither grew from the other.
pub fn a_conflict_is_one(truth: &Truth, done: &Done<'_>) -> Result<(), Breach> {
    if done.says.is_none_or(|says| says.status != Status::Conflict) {
        return Ok(());
    }
    let (machine, game) = (done.machine.0, done.game);
    let (Some(here), Some(head)) = (truth.here(machine, game), truth.head(game)) else {
        return Ok(());
    };
    if truth.is_odd(game, here) || truth.is_odd(game, head) {
        // What is blank or torn is asked about, and should be.
        return Ok(());
    }
    if truth.grew_into(game, here, head) || truth.grew_into(game, head, here) {
        let (here, head) = (truth.moment(game, here), truth.moment(game, head));
        let (name, why) = (
            done.machine.1,
            done.says.map_or("", |says| says.why.as_str()),
        );
        return broken(
            'd',
            format!(
                "{name} reports a conflict between {} and the head {}, of which one grew from the \
                 other ({why})",
                here.label, head.label
            ),
        );
    }
    Ok(())
}

/// (f) Files that stand together were written or kept together.
pub fn no_set_is_mixed(truth: &Truth, done: &Done<'_>) -> Result<(), Breach> {
    if !done.says.is_some_and(is_settled)
        || is_nothing(done.after)
        || truth.moment_with(done.game, done.after).is_some()
    {
        return Ok(());
    }
    let label = truth.label(done.after);
    broken(
        'f',
        format!(
            "{} says all is well, and has a mixed save: {label}",
            done.machine.1
        ),
    )
}

/// (i) What is said to be in sync is the head, and where no save is said to be there is none.
pub fn what_is_said_is_so(truth: &Truth, done: &Done<'_>) -> Result<(), Breach> {
    let is_so = match done.says.map(|says| says.status) {
        Some(Status::NoSave) => [done.after, done.head]
            .iter()
            .all(|files| is_nothing(files)),
        Some(Status::Synced | Status::Upload | Status::Download) => {
            truth.is_same(done.game, done.after, done.head)
        }
        _ => true,
    };
    if is_so {
        return Ok(());
    }
    let (here, head) = (truth.label(done.after), truth.label(done.head));
    let says = done.says.map(|says| (says.status, says.why.as_str()));
    broken(
        'i',
        format!(
            "{} says {says:?}, and has {here} while the head is {head}",
            done.machine.1
        ),
    )
}

fn is_nothing(files: &Files) -> bool {
    files.iter().all(Option::is_none)
}

fn is_settled(says: &Says) -> bool {
    matches!(
        says.status,
        Status::Synced | Status::Upload | Status::Download
    )
}
