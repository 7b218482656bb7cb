//! Long work that one request begins and others look at: it goes on by itself, once at a time, and
//! says how far it is. What came of it is remembered until it is begun again.

use std::sync::Arc;

use keepsave_core::time::Time;
use tokio::sync::watch;

use super::retention::{self, Thinned};
use super::verify;
use crate::app::App;
use crate::vault::Fault;
use crate::vault::blobs::in_background;

/// What an admin can begin.
#[derive(Default)]
pub struct Works {
    /// Reads every content.
    pub verify: Work<verify::Report>,
    /// Gives up what the settings do not keep.
    pub retention: Work<Vec<Thinned>>,
}

/// One kind of work.
pub struct Work<T>(watch::Sender<Standing<T>>);

/// How it stands with it.
#[derive(Debug)]
pub enum Standing<T> {
    /// Not begun since the server started.
    NotBegun,
    /// It goes on.
    UnderWay {
        /// Since when.
        since: Time,
        /// So much is done.
        done: u64,
        /// Of so much; 0 while that is not known.
        of: u64,
    },
    /// It ended well.
    Done {
        /// When.
        at: Time,
        /// What came of it.
        found: Arc<T>,
    },
    /// It ended early; the log says why.
    Failed {
        /// When.
        at: Time,
    },
}

impl<T> Clone for Standing<T> {
    fn clone(&self) -> Self {
        match self {
            Self::NotBegun => Self::NotBegun,
            Self::UnderWay { since, done, of } => Self::UnderWay {
                since: *since,
                done: *done,
                of: *of,
            },
            Self::Done { at, found } => Self::Done {
                at: *at,
                found: found.clone(),
            },
            Self::Failed { at } => Self::Failed { at: *at },
        }
    }
}

impl<T> Default for Work<T> {
    fn default() -> Self {
        Self(watch::Sender::new(Standing::NotBegun))
    }
}

impl<T: Send + Sync + 'static> Work<T> {
    /// How it stands, and a way to wait until that changes.
    pub fn standing(&self) -> watch::Receiver<Standing<T>> {
        self.0.subscribe()
    }

    /// Begins it, unless it goes on already.
    fn begin<F>(&self, app: &App, work: impl FnOnce(Meter<T>) -> F)
    where
        F: Future<Output = Result<T, Fault>> + Send + 'static,
    {
        let (since, done, of) = (app.now(), 0, 0);
        let begun = self.0.send_if_modified(|standing| {
            let goes_on = matches!(standing, Standing::UnderWay { .. });
            if !goes_on {
                *standing = Standing::UnderWay { since, done, of };
            }
            !goes_on
        });
        if !begun {
            return;
        }
        let meter = Meter {
            standing: self.0.clone(),
            since,
        };
        let (app, standing) = (app.clone(), self.0.clone());
        // In a task of its own: whatever becomes of it, it does not seem to go on for ever.
        let work = tokio::spawn(work(meter));
        tokio::spawn(async move {
            let found = work.await;
            let at = app.now();
            standing.send_replace(match found {
                Ok(Ok(found)) => Standing::Done {
                    at,
                    found: Arc::new(found),
                },
                Ok(Err(fault)) => {
                    tracing::error!(%fault, "what an admin began has failed");
                    Standing::Failed { at }
                }
                Err(_panicked) => Standing::Failed { at },
            });
        });
    }
}

/// Tells how far work is.
struct Meter<T> {
    standing: watch::Sender<Standing<T>>,
    since: Time,
}

impl<T> Meter<T> {
    fn at(&self, done: u64, of: u64) {
        let since = self.since;
        self.standing
            .send_replace(Standing::UnderWay { since, done, of });
    }
}

/// Begins to read every content, and changes nothing.
pub fn begin_verifying(app: &App) {
    let of_verifying = app.clone();
    app.works.verify.begin(app, move |meter| async move {
        in_background(move || verify::verify(&of_verifying, false, &|done, of| meter.at(done, of)))
            .await
    });
}

/// Begins to give up what the settings do not keep.
pub fn begin_thinning_out(app: &App) {
    let of_thinning = app.clone();
    app.works.retention.begin(
        app,
        |_meter| async move { retention::apply(&of_thinning).await },
    );
}
