//! How long a command waits for the network: to the end, for so long, or until somebody says stop.

use std::cell::Cell;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::time::Duration;

use keepsave_core::limits;
use keepsave_device::engine::Stop;
use keepsave_device::session::launch::code_of_signal;
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::exit::Failure;
use crate::reach;
use crate::terminal::note;

/// What waits, and what ends the waiting. A clone shares both.
#[derive(Clone)]
pub struct Patience {
    /// It lives as long as the program: to shut it down would wait for what cannot be given up, as
    /// the look-up of a name where there is no network.
    runtime: &'static Runtime,
    over: watch::Sender<bool>,
    listens: Rc<Cell<bool>>,
    within: Option<Duration>,
}

impl Patience {
    /// Waits as long as it takes.
    pub fn endless() -> Result<Self, Failure> {
        let runtime = Box::leak(Box::new(reach::runtime()?));
        Ok(Self::on(runtime, None))
    }

    /// Waits no longer than that, from now on.
    pub fn within(&self, limit: Duration) -> Self {
        let patience = Self::on(self.runtime, Some(limit));
        let over = patience.over.clone();
        patience.runtime.spawn(async move {
            sleep(limit).await;
            over.send_replace(true);
        });
        patience
    }

    /// Waits as long as it takes, whatever was said before.
    pub fn anew(&self) -> Self {
        Self::on(self.runtime, None)
    }

    fn on(runtime: &'static Runtime, within: Option<Duration>) -> Self {
        Self {
            runtime,
            over: watch::channel(false).0,
            listens: Rc::default(),
            within,
        }
    }

    /// Waits for something that ends by itself.
    pub fn wait<T>(&self, work: impl Future<Output = T>) -> T {
        // What drives a use case is in the program once, not once for each use case.
        let work: Pin<&mut dyn Future<Output = T>> = pin!(work);
        self.runtime.block_on(work)
    }

    /// Begins what goes on by itself whenever something is waited for.
    pub fn spawn<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> JoinHandle<T> {
        self.runtime.spawn(work)
    }

    /// Whether it is over.
    pub fn is_over(&self) -> bool {
        *self.over.borrow()
    }

    /// Waits for what may be given up at any moment.
    pub fn ask<T, E>(&self, work: impl Future<Output = Result<T, E>>) -> Result<T, Failure>
    where
        Failure: From<E>,
    {
        self.wait_and(Duration::ZERO, work)
    }

    /// Waits for what stops by itself when it is told to, and a little longer than it may take.
    pub fn ask_for_what_stops<T, E>(
        &self,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, Failure>
    where
        Failure: From<E>,
    {
        // Without an end, nobody else waits either.
        let grace = self.within.map_or(Duration::MAX, |_| limits::STOP_GRACE);
        self.wait_and(grace, work)
    }

    fn wait_and<T, E>(
        &self,
        grace: Duration,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, Failure>
    where
        Failure: From<E>,
    {
        let mut done = None;
        self.wait_until_given_up(grace, pin!(async { done = Some(work.await) }));
        done.map_or_else(|| Err(self.given_up()), |done| Ok(done?))
    }

    fn wait_until_given_up(&self, grace: Duration, work: Pin<&mut dyn Future<Output = ()>>) {
        let mut over = self.over.subscribe();
        self.wait(async {
            let given_up = async {
                // The sender is held by this.
                let _told = over.wait_for(|over| *over).await;
                sleep(grace).await;
            };
            tokio::select! {
                biased;
                () = work => {}
                () = given_up => {}
            }
        });
    }

    fn given_up(&self) -> Failure {
        Failure::unusable(match self.within {
            Some(limit) => format!(
                "the server did not answer within {} s, which is how long it may take",
                limit.as_secs()
            ),
            None => "stopped before anything was moved".to_owned(),
        })
    }

    /// Turns true when it is over.
    pub fn stop(&self) -> Stop {
        self.over.subscribe()
    }

    /// From now on the first of these signals ends the waiting. At the second the program ends at
    /// once, as it would at any moment: no file is ever half-written.
    pub fn ends_at(&self, signals: &[SignalKind]) {
        if self.listens.replace(true) {
            return;
        }
        for kind in signals.iter().copied() {
            // Listened to from now on, not from when there is time for it.
            let Ok(mut heard) = self.wait(async { signal(kind) }) else {
                continue;
            };
            let over = self.over.clone();
            self.runtime.spawn(async move {
                let mut was_heard = false;
                while heard.recv().await.is_some() {
                    if was_heard {
                        let code = code_of_signal(kind.as_raw_value());
                        std::process::exit(code.into());
                    }
                    was_heard = true;
                    over.send_replace(true);
                    note("stopping: what is being put in its place is finished");
                }
            });
        }
    }
}
