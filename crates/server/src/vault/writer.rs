//! The one writer: a thread that does units of work in turn and lets them share commits.
//!
//! Each work runs in a savepoint of its own, so one that fails takes nothing else with it. What
//! waits while a commit is on its way to the disk joins the next one: eight uploads at once cost
//! little more than one.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;

use keepsave_disk::Disk;
use rusqlite::Connection;
use tokio::sync::oneshot;

use super::sql::run;
use super::{Fault, Tx};

/// How many works share a commit at most, so that none waits long for its answer.
const WORKS_PER_COMMIT: usize = 64;

/// Runs in the writer's thread, without a connection when no transaction could be begun; returns
/// what to do once the commit has succeeded or failed.
type Work = Box<dyn FnOnce(Option<&Connection>) -> Answer + Send>;
type Answer = Box<dyn FnOnce(&Result<(), String>) + Send>;

pub(super) struct Writer {
    // None once no work is taken any more.
    works: Option<mpsc::Sender<Work>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(super) fn start(connection: Connection, disk: Arc<dyn Disk>) -> Result<Self, Fault> {
        let (works, queue) = mpsc::channel();
        let thread = std::thread::Builder::new()
            .name("keepsave-writer".to_owned())
            .spawn(move || serve(&connection, &*disk, &queue))?;
        Ok(Self {
            works: Some(works),
            thread: Some(thread),
        })
    }

    pub(super) async fn write<T, E>(
        &self,
        work: impl FnOnce(&Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Fault> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let job: Work = Box::new(move |connection| {
            let result = connection.map(|connection| in_savepoint(connection, work));
            Box::new(move |committed| {
                let result = match (result, committed) {
                    (Some(result), Ok(())) => result,
                    (Some(Err(error)), Err(_)) => Err(error),
                    (None | Some(Ok(_)), Err(fault)) => Err(commit_failed(fault).into()),
                    (None, Ok(())) => Err(Fault::Stopped.into()),
                };
                // The caller may have gone away; its work stands all the same.
                let _gone = answer.send(result);
            })
        });
        let works = self.works.as_ref().ok_or(Fault::Stopped)?;
        works.send(job).map_err(|_| Fault::Stopped)?;
        answered.await.map_err(|_| Fault::Stopped)?
    }
}

/// Who lets go of a store finds its files at rest.
impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.works.take());
        if let Some(thread) = self.thread.take()
            // The last hold of a store may be that of a work.
            && thread.thread().id() != std::thread::current().id()
        {
            let _ended = thread.join();
        }
    }
}

fn commit_failed(reason: &str) -> Fault {
    if reason == DISK_FULL {
        Fault::Full
    } else {
        Fault::File(std::io::Error::other(reason.to_owned()))
    }
}

const DISK_FULL: &str = "the disk is full";

fn serve(connection: &Connection, disk: &dyn Disk, queue: &mpsc::Receiver<Work>) {
    let mut answers = Vec::new();
    while let Ok(first) = queue.recv() {
        let begun = run(connection, "BEGIN IMMEDIATE");
        // Without a transaction around it, each savepoint would be a commit of its own.
        let within = begun.is_ok().then_some(connection);
        answers.push(first(within));
        while answers.len() < WORKS_PER_COMMIT
            && let Ok(next) = queue.try_recv()
        {
            // When the disk is full, SQLite may undo the whole transaction by itself.
            answers.push(next(
                within.filter(|connection| !connection.is_autocommit()),
            ));
        }
        let committed = begun
            .and_then(|()| Ok(disk.commit()?))
            .and_then(|()| run(connection, "COMMIT"));
        let outcome = committed.map_err(|fault| {
            tracing::error!(%fault, "a commit failed; nothing of it was kept");
            if !connection.is_autocommit() {
                let _already_undone = run(connection, "ROLLBACK");
            }
            if fault.is_full() {
                DISK_FULL.to_owned()
            } else {
                fault.to_string()
            }
        });
        for answer in answers.drain(..) {
            answer(&outcome);
        }
    }
}

fn in_savepoint<T, E: From<Fault>>(
    connection: &Connection,
    work: impl FnOnce(&Tx<'_>) -> Result<T, E>,
) -> Result<T, E> {
    run(connection, "SAVEPOINT work")?;
    let result =
        catch_unwind(AssertUnwindSafe(|| work(&Tx::new(connection)))).unwrap_or_else(|_| {
            tracing::error!("a unit of work panicked; it was undone");
            Err(Fault::Stopped.into())
        });
    let undone = match &result {
        Ok(_) => Ok(()),
        Err(_) => run(connection, "ROLLBACK TO work"),
    };
    let ended = undone.and_then(|()| run(connection, "RELEASE work"));
    // Why a work failed says more than that there is nothing left to undo.
    let value = result?;
    ended?;
    Ok(value)
}

#[cfg(test)]
mod tests {
    use keepsave_disk::RealDisk;

    use super::*;

    #[tokio::test]
    async fn without_a_transaction_nothing_is_done() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("test.db");
        let other = Connection::open(&path).unwrap();
        other
            .execute_batch("CREATE TABLE things (name TEXT); BEGIN IMMEDIATE;")
            .unwrap();
        let ours = Connection::open(&path).unwrap();
        ours.execute_batch("PRAGMA busy_timeout = 0;").unwrap();
        let writer = Writer::start(ours, Arc::new(RealDisk)).unwrap();

        let refused = writer
            .write(move |tx| {
                drop(other);
                tx.execute("INSERT INTO things VALUES ('refused')", &[])
            })
            .await;
        assert!(matches!(refused, Err(Fault::File(_))), "{refused:?}");

        let count: i64 = writer
            .write(|tx| tx.one("SELECT COUNT(*) FROM things", &[], |row| row.get()))
            .await
            .unwrap();
        assert_eq!(count, 0);
    }
}
