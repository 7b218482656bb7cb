//! Where work is done that blocks: reading and writing files, the state, waiting for a lock.
//!
//! Usually on threads of its own, so that nothing that waits for the network is held up. Whoever
//! has but one thread and wants all of it in one order (a simulation) says [`in_place`].

use std::future::{Future, Ready, ready};

use futures_util::future::Either;
use tokio::task::{JoinError, JoinHandle, spawn_blocking};

tokio::task_local! {
    static IN_PLACE: ();
}

/// Work that blocks and was begun. It goes on when nobody waits for it any more.
pub(crate) type Elsewhere<T> = Either<JoinHandle<T>, Ready<Result<T, JoinError>>>;

/// Begins work that blocks, on another thread.
pub(crate) fn elsewhere<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Elsewhere<T> {
    if IN_PLACE.try_with(|()| ()).is_ok() {
        Either::Right(ready(Ok(work())))
    } else {
        Either::Left(spawn_blocking(work))
    }
}

/// Does `work` with all that blocks in it where it comes up, on the thread that asks for it.
pub async fn in_place<T>(work: impl Future<Output = T>) -> T {
    IN_PLACE.scope((), work).await
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[tokio::test]
    async fn what_blocks_is_done_elsewhere_unless_it_is_to_be_in_place() {
        let here = thread::current().id();
        let where_done = || async { elsewhere(|| thread::current().id()).await.unwrap() };
        assert_ne!(where_done().await, here);
        assert_eq!(in_place(where_done()).await, here);
    }
}
