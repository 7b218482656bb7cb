//! Where work is done that blocks: reading and writing files, the state, waiting for a lock.
//!
//! Usually on threads of its own, so that nothing that waits for the network is held up. Whoever
//! has but one thread and wants all of it in one order (a simulation) says [`in_place`].

use std::any::Any;
use std::future::{Future, Ready, ready};
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_util::future::Either;
use tokio::task::{JoinError, JoinHandle, spawn_blocking};

tokio::task_local! {
    static IN_PLACE: ();
}

/// Work that blocks and was begun. It goes on when nobody waits for it any more.
///
/// What runs it does not know what it returns, so that it is in the program once, not once for each
/// work.
pub(crate) struct Elsewhere<T> {
    done: Either<JoinHandle<Returned>, Ready<Result<Returned, JoinError>>>,
    of: PhantomData<fn() -> T>,
}

/// What a work returned.
type Returned = Box<dyn Any + Send>;

/// Begins work that blocks, on another thread.
pub(crate) fn elsewhere<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Elsewhere<T> {
    let done = if IN_PLACE.try_with(|()| ()).is_ok() {
        Either::Right(ready(Ok(Box::new(work()) as Returned)))
    } else {
        Either::Left(begin(Box::new(move || Box::new(work()))))
    };
    Elsewhere {
        done,
        of: PhantomData,
    }
}

fn begin(work: Box<dyn FnOnce() -> Returned + Send>) -> JoinHandle<Returned> {
    spawn_blocking(work)
}

impl<T: 'static> Future for Elsewhere<T> {
    type Output = Result<T, JoinError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let returned = ready!(Pin::new(&mut self.done).poll(context))?;
        match returned.downcast() {
            Ok(returned) => Poll::Ready(Ok(*returned)),
            Err(_) => unreachable!("it is what the work returned"),
        }
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
