//! Keeps what is known of the library in step with the disk while the server runs.
//!
//! Events of the file system are hints: whatever they say, a scan looks for itself. Without them
//! the library is scanned at the start and on demand.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use notify::event::{AccessKind, AccessMode, MetadataKind, ModifyKind};
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::Notify;

use super::{hash_pending, take_stock};
use crate::app::App;
use crate::vault::Fault;
use crate::vault::blobs::in_background;

/// How long the library must be quiet before it is looked at: copying a game changes it often.
pub const SETTLE: Duration = Duration::from_secs(2);

/// How long changes that never end can put a scan off.
const PATIENCE: Duration = Duration::from_mins(1);

/// Scans the library, then again whenever it changes, until the server stops.
///
/// Taking stock and reading bytes go on beside each other: a new game is there at once, however
/// many large files are still to be read.
pub async fn keep(app: App, settle: Duration) {
    let (changed, added) = (Arc::new(Notify::new()), Notify::new());
    // Begun before the first scan, so that no change falls between the two.
    let _watcher = watch(&app, &changed).await;
    let work = async {
        tokio::join!(
            stocktaking(&app, &changed, &added, settle),
            reading(&app, &added)
        );
    };
    tokio::select! {
        () = app.stopping.begun() => {}
        () = work => {}
    }
}

async fn stocktaking(app: &App, changed: &Notify, added: &Notify, settle: Duration) {
    loop {
        match take_stock(app).await {
            Ok(_report) => added.notify_one(),
            Err(fault) => {
                tracing::error!(%fault, "the library could not be scanned; nothing was changed");
            }
        }
        changed.notified().await;
        let quiet = async {
            while tokio::time::timeout(settle, changed.notified())
                .await
                .is_ok()
            {}
        };
        // Whether it is quiet at last or the patience is over: it is time to look.
        let _quiet = tokio::time::timeout(PATIENCE, quiet).await;
    }
}

async fn reading(app: &App, added: &Notify) {
    loop {
        added.notified().await;
        if let Err(fault) = hash_pending(app).await {
            tracing::error!(%fault, "new games could not be read; the next scan tries again");
        }
    }
}

/// Begins to watch the library; the watching ends when what is returned is dropped.
async fn watch(app: &App, changed: &Arc<Notify>) -> Option<RecommendedWatcher> {
    let (library, changed) = (app.settings.library.clone(), changed.clone());
    let own = app.settings.library.starts_with(&app.settings.data);
    let watching = in_background(move || {
        if own {
            // Within our own directory: where games can be put is better seen than read about.
            fs_err::create_dir_all(&library)?;
        }
        Ok::<_, Fault>(begin(&library, &changed))
    });
    match watching.await {
        Ok(Ok(watcher)) => Some(watcher),
        Ok(Err(error)) => {
            not_watched(&error);
            None
        }
        Err(fault) => {
            not_watched(&fault);
            None
        }
    }
}

fn not_watched(why: &dyn std::fmt::Display) {
    tracing::warn!(%why, "the library is not watched: it is scanned at the start and on demand");
}

fn begin(library: &Path, changed: &Arc<Notify>) -> notify::Result<RecommendedWatcher> {
    let changed = changed.clone();
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        // An error may stand for events that were lost.
        if event.is_ok_and(|event| !event.need_rescan() && says_nothing(event.kind)) {
            return;
        }
        changed.notify_one();
    })?;
    if let Err(error) = watcher.watch(library, RecursiveMode::Recursive) {
        // Some folders may be watched all the same.
        tracing::warn!(%error, "not all of the library is watched");
    }
    Ok(watcher)
}

/// Whether an event is about something that changes no game, such as our own reading.
fn says_nothing(kind: EventKind) -> bool {
    match kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => false,
        EventKind::Access(_)
        | EventKind::Modify(ModifyKind::Metadata(MetadataKind::AccessTime)) => true,
        _ => false,
    }
}
