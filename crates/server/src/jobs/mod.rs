//! What the server does by itself, beside answering: each job again and again, never twice at once.
//!
//! A job that fails says so in the log and is tried again when it is due. When the server is told
//! to stop, no job begins any more.

mod rhythm;

use std::pin::Pin;
use std::time::{Duration, Instant};

use futures_util::future::join_all;

use crate::app::App;
use crate::library;
use crate::maintenance::{retention, sweep, tree};
use crate::vault::blobs::in_background;
use crate::vault::{Fault, census, expiry};
use rhythm::{Rhythm, rest};

type Doing = Pin<Box<dyn Future<Output = Result<(), Fault>> + Send>>;

/// Something to do.
struct Job {
    name: &'static str,
    rhythm: Rhythm,
    run: fn(App) -> Doing,
}

const JOBS: [Job; 4] = [
    Job {
        name: "put the asset tree right",
        rhythm: Rhythm::AtStart,
        run: |app| Box::pin(put_tree_right(app)),
    },
    Job {
        name: "forget what has run out",
        rhythm: Rhythm::Every(Duration::from_hours(1)),
        run: |app| Box::pin(forget_expired(app)),
    },
    Job {
        name: "give up what nobody asked to keep",
        rhythm: Rhythm::Every(Duration::from_hours(6)),
        run: |app| Box::pin(thin_out(app)),
    },
    Job {
        name: "count what there is",
        rhythm: Rhythm::Every(Duration::from_mins(5)),
        run: |app| Box::pin(count(app)),
    },
];

/// What there is to know of the library, for those who need it once.
const SCAN: Job = Job {
    name: "scan the library",
    rhythm: Rhythm::AtStart,
    run: |app| Box::pin(scan_library(app)),
};

/// Does every job in its rhythm, and keeps the library in step with the disk, until the server is
/// told to stop.
pub async fn run(app: App) {
    let jobs = join_all(JOBS.iter().map(|job| repeat(job, app.clone())));
    tokio::join!(jobs, library::keep(app.clone(), library::SETTLE));
}

/// Does every job once. For those who need to know that it is done.
pub async fn run_once(app: &App) {
    for job in JOBS.iter().chain([&SCAN]) {
        once(job, app).await;
    }
}

async fn repeat(job: &Job, app: App) {
    while !app.stopping.has_begun() {
        let began = app.now();
        once(job, &app).await;
        let Rhythm::Every(every) = job.rhythm else {
            return;
        };
        while let Some(rest) = rest(began, app.now(), every) {
            tokio::select! {
                () = app.stopping.begun() => return,
                () = tokio::time::sleep(rest) => {}
            }
        }
    }
}

async fn once(job: &Job, app: &App) {
    let began = Instant::now();
    match (job.run)(app.clone()).await {
        Ok(()) => tracing::debug!(job = job.name, took = ?began.elapsed(), "did a job"),
        Err(fault) => tracing::error!(job = job.name, %fault, "a job failed"),
    }
}

async fn put_tree_right(app: App) -> Result<(), Fault> {
    in_background(move || {
        let done = tree::reconcile(&app)?;
        if done != tree::Reconciled::default() {
            let (placed, withdrawn) = (done.placed, done.withdrawn);
            tracing::info!(placed, withdrawn, "the asset tree was put right");
        }
        Ok(())
    })
    .await
}

async fn scan_library(app: App) -> Result<(), Fault> {
    library::scan(&app).await.map(|_report| ())
}

async fn forget_expired(app: App) -> Result<(), Fault> {
    let now = app.now();
    app.vault.write(move |tx| expiry::forget(tx, now)).await
}

async fn thin_out(app: App) -> Result<(), Fault> {
    for timeline in retention::apply(&app).await? {
        let (place, versions) = (&timeline.place, timeline.given_up.len());
        tracing::info!(
            user = place.username,
            game = place.game,
            slot = place.slot,
            versions,
            "retention gave versions up"
        );
    }
    in_background(move || {
        let swept = sweep::sweep(&app)?;
        if swept.contents > 0 {
            let (contents, bytes) = (swept.contents, swept.bytes);
            tracing::info!(contents, bytes, "contents that no row needs were removed");
        }
        Ok(())
    })
    .await
}

async fn count(app: App) -> Result<(), Fault> {
    in_background(move || {
        app.metrics.counted(&app.vault.read(census::take)?);
        Ok(())
    })
    .await
}
