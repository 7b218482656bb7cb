//! Whether anything still moves on a connection. There is no bound on how long a transfer takes,
//! only on how long it may stand still.

use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

/// Beats whenever bytes move.
#[derive(Debug)]
pub struct Pulse {
    began: Instant,
    /// Milliseconds from the beginning to the last beat.
    last: AtomicU64,
    patience: Duration,
}

/// Nothing moved for too long.
#[derive(Debug, PartialEq, Eq)]
pub struct Still;

impl Pulse {
    /// Beats now, and gives up when it does not for so long.
    pub fn new(patience: Duration) -> Self {
        Self {
            began: Instant::now(),
            last: AtomicU64::new(0),
            patience,
        }
    }

    /// Something moved.
    pub fn beat(&self) {
        let now = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.last.fetch_max(now, Ordering::Relaxed);
    }

    fn deadline(&self) -> Instant {
        self.began + Duration::from_millis(self.last.load(Ordering::Relaxed)) + self.patience
    }

    /// Waits for the work as long as something moves.
    pub async fn watch<T>(&self, work: impl Future<Output = T>) -> Result<T, Still> {
        self.beat();
        let mut work = std::pin::pin!(work);
        loop {
            let deadline = self.deadline();
            if let Ok(done) = timeout_at(deadline, work.as_mut()).await {
                return Ok(done);
            }
            if self.deadline() <= deadline {
                return Err(Still);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(30);

    #[tokio::test(start_paused = true)]
    async fn what_moves_may_take_for_ever_and_what_stands_still_may_not() {
        let pulse = Arc::new(Pulse::new(PATIENCE));
        let beating = pulse.clone();
        let (stop, mut stopped) = tokio::sync::oneshot::channel::<()>();
        let heart = tokio::spawn(async move {
            let mut ticks = tokio::time::interval(PATIENCE * 9 / 10);
            for _ in 0..100 {
                ticks.tick().await;
                beating.beat();
            }
            drop(stop);
        });
        let began = Instant::now();
        let told = pulse.watch(&mut stopped).await;
        assert!(told.is_ok_and(|closed| closed.is_err()));
        assert!(began.elapsed() > PATIENCE * 89);
        heart.await.unwrap();

        let began = Instant::now();
        assert_eq!(pulse.watch(std::future::pending::<()>()).await, Err(Still));
        assert!(began.elapsed() < PATIENCE + Duration::from_secs(1));
    }
}
