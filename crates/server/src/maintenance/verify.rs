//! Is the store whole: every content that a row needs is there and is what it was.

use std::fmt;
use std::sync::mpsc::{Receiver, Sender, channel, sync_channel};
use std::sync::{Mutex, PoisonError};

use keepsave_core::content::{BlobHash, ContentHash};
use serde::Serialize;

use super::tree::{self, Difference, Reconciled};
use super::{Progress, hold};
use crate::app::App;
use crate::vault::contents::{self, Holder};
use crate::vault::{Blobs, Fault};

/// What was found.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// How many contents were read.
    pub contents: u64,
    /// How many bytes they have.
    pub bytes: u64,
    /// Contents that no row needs, such as those of uploads under way. They are no fault: the
    /// server removes them in time.
    pub unneeded: u64,
    /// What is wrong.
    pub findings: Vec<Finding>,
    /// What was put right; only with `repair`.
    pub repairs: Vec<String>,
}

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "finding", rename_all = "snake_case")]
pub enum Finding {
    /// A content is not there.
    Missing {
        /// Its hash.
        blob: BlobHash,
        /// The rows that need it.
        held_by: Vec<Holder>,
    },
    /// A content's bytes are not the ones that were stored.
    Damaged {
        /// Its hash.
        blob: BlobHash,
        /// The rows that need it.
        held_by: Vec<Holder>,
    },
    /// A content cannot be read.
    Unreadable {
        /// Its hash.
        blob: BlobHash,
        /// What the system said.
        error: String,
        /// The rows that need it.
        held_by: Vec<Holder>,
    },
    /// A row says something else about its content than the content is.
    Disagrees {
        /// The content.
        blob: BlobHash,
        /// The row.
        row: Holder,
        /// How many bytes there are.
        size: u64,
        /// Their content hash.
        content_hash: Option<ContentHash>,
    },
    /// The database contradicts itself.
    Database {
        /// How.
        sentence: String,
    },
    /// A file of the asset tree does not show what it should.
    Tree {
        /// Below the asset directory.
        path: String,
        /// Whether it should not be there at all.
        stray: bool,
    },
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { blob, held_by } => {
                write!(f, "The content {blob} is missing. {}", needed_by(held_by))
            }
            Self::Damaged { blob, held_by } => {
                write!(f, "The content {blob} is damaged. {}", needed_by(held_by))
            }
            Self::Unreadable {
                blob,
                error,
                held_by,
            } => write!(
                f,
                "The content {blob} cannot be read: {error}. {}",
                needed_by(held_by)
            ),
            Self::Disagrees { blob, row, .. } => write!(
                f,
                "The {} {} ({}) has another size or hash than its content {blob}.",
                row.kind, row.id, row.file_name
            ),
            Self::Database { sentence } => write!(f, "The database: {sentence}."),
            Self::Tree { path, stray: false } => {
                write!(f, "The file assets/{path} does not show what it should.")
            }
            Self::Tree { path, stray: true } => {
                write!(f, "The file assets/{path} should not be there any more.")
            }
        }
    }
}

fn needed_by(holders: &[Holder]) -> String {
    let rows = holders
        .iter()
        .map(|row| format!("{} {} ({})", row.kind, row.id, row.file_name));
    format!("Needed by {}.", rows.collect::<Vec<_>>().join(", "))
}

/// Reads everything. Changes nothing, unless `repair`: then damaged contents are set aside, so that
/// the next upload stores them again, and the asset tree is put right.
pub fn verify(app: &App, repair: bool, progress: Progress<'_>) -> Result<Report, Fault> {
    let _hold = hold::keep_all(&app.settings.data)?;
    let mut report = Report::default();
    let sentences = app.vault.read(contents::contradictions)?;
    let sentences = sentences.into_iter();
    report
        .findings
        .extend(sentences.map(|sentence| Finding::Database { sentence }));
    examine_all(app, &mut report, progress)?;
    if repair {
        set_aside(app, &mut report)?;
    }
    for difference in tree::differences(app)? {
        report.findings.push(match difference {
            Difference::Wrong(path) => Finding::Tree { path, stray: false },
            Difference::Stray(path) => Finding::Tree { path, stray: true },
        });
    }
    if repair {
        let Reconciled { placed, withdrawn } = tree::reconcile(app)?;
        if placed + withdrawn > 0 {
            let sentence = format!("The asset tree: {placed} files placed, {withdrawn} withdrawn.");
            report.repairs.push(sentence);
        }
    }
    Ok(report)
}

fn set_aside(app: &App, report: &mut Report) -> Result<(), Fault> {
    for finding in &report.findings {
        if let Finding::Damaged { blob, .. } = finding
            && let Some(aside) = app.vault.blobs().quarantine(blob)?
        {
            report.repairs.push(format!(
                "The damaged content {blob} is now {}. The next upload of it stores it again.",
                aside.display()
            ));
        }
    }
    Ok(())
}

/// A content and the rows that need it.
type Held = (BlobHash, Vec<Holder>);

/// Hashing takes the time, so every processor helps.
fn examine_all(app: &App, report: &mut Report, progress: Progress<'_>) -> Result<(), Fault> {
    let helpers = std::thread::available_parallelism().map_or(1, usize::from);
    let (work, waiting) = sync_channel::<Held>(helpers * 4);
    let waiting = Mutex::new(waiting);
    let (found, findings) = channel();
    std::thread::scope(|scope| {
        for _ in 0..helpers {
            let (found, waiting) = (found.clone(), &waiting);
            scope.spawn(move || examine(app.vault.blobs(), waiting, &found));
        }
        drop(found);
        for first in 0..=u8::MAX {
            progress(first.into(), 256);
            // In this order: what came in between is needed, and not taken for unneeded.
            let there = app.vault.blobs().beginning_with(first)?;
            let held = grouped(app.vault.read(|tx| contents::beginning_with(tx, first))?);
            let is_needed = |blob| held.binary_search_by_key(blob, |(held, _)| *held).is_ok();
            let unneeded = there.iter().filter(|(blob, _)| !is_needed(blob)).count();
            report.unneeded += unneeded as u64;
            for content in held {
                // Only after every helper has ended would no one take it.
                let _sent = work.send(content);
            }
        }
        drop(work);
        for (bytes, mut finding) in findings {
            report.contents += 1;
            report.bytes += bytes;
            if let Some(Finding::Missing { blob, .. }) = &finding
                && !app.vault.read(|tx| contents::is_needed(tx, blob))?
            {
                // Given up by retention a moment ago.
                finding = None;
            }
            report.findings.extend(finding);
        }
        progress(256, 256);
        Ok(())
    })
}

fn grouped(rows: Vec<(BlobHash, Holder)>) -> Vec<Held> {
    let mut groups: Vec<Held> = Vec::new();
    for (blob, holder) in rows {
        match groups.last_mut() {
            Some((last, holders)) if *last == blob => holders.push(holder),
            _ => groups.push((blob, vec![holder])),
        }
    }
    groups
}

type Examined = (u64, Option<Finding>);

fn examine(blobs: &Blobs, waiting: &Mutex<Receiver<Held>>, found: &Sender<Examined>) {
    loop {
        let next = waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .recv();
        let Ok((blob, held_by)) = next else { return };
        let examined = match blobs.examine(&blob) {
            Ok(stored) if stored.content.blob != blob => {
                (stored.size, Some(Finding::Damaged { blob, held_by }))
            }
            Ok(stored) => {
                let (size, content_hash) = (stored.size, stored.content.hash);
                let differs = |row: &Holder| {
                    row.size != size || row.kind == "version" && row.content_hash != content_hash
                };
                let row = held_by.into_iter().find(differs);
                (
                    size,
                    row.map(|row| Finding::Disagrees {
                        blob,
                        row,
                        size,
                        content_hash,
                    }),
                )
            }
            Err(Fault::BlobMissing(_)) => (0, Some(Finding::Missing { blob, held_by })),
            Err(fault) => {
                let error = fault.to_string();
                (
                    0,
                    Some(Finding::Unreadable {
                        blob,
                        error,
                        held_by,
                    }),
                )
            }
        };
        // Whoever asked has gone when the walk over the store failed.
        let _sent = found.send(examined);
    }
}
