//! The person may stop a run. What waits for the network is given up then; what is being put in its
//! place is finished.

use std::future::pending;

use tokio::sync::watch;

/// Turns true when the person wants it to end.
pub type Stop = watch::Receiver<bool>;

/// It was stopped.
#[derive(Debug)]
pub(super) struct Stopped;

/// Nobody can stop it.
pub(super) fn never() -> Stop {
    watch::channel(false).1
}

/// Waits for the work until the person stops it.
pub(super) async fn unless_stopped<T, E, F>(
    stop: &Stop,
    work: impl Future<Output = Result<T, E>>,
) -> Result<T, F>
where
    F: From<E> + From<Stopped>,
{
    tokio::select! {
        done = work => Ok(done?),
        () = stopped(stop.clone()) => Err(Stopped.into()),
    }
}

async fn stopped(mut stop: Stop) {
    if stop.wait_for(|stop| *stop).await.is_err() {
        // Whoever could have stopped it is gone.
        pending::<()>().await;
    }
}
