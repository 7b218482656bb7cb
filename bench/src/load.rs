//! Many clients at once, each with a connection and a thread of its own.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::http::Connection;
use crate::server::Server;

/// So many in so much time.
#[derive(Clone, Copy)]
pub struct Rate {
    per_second: f64,
    /// What each cost the server.
    processor: Option<Duration>,
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.0} /s", self.per_second)?;
        match self.processor {
            Some(time) => write!(f, ", {} µs of a processor each", time.as_micros()),
            None => Ok(()),
        }
    }
}

impl Rate {
    /// `count` in `time`.
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
    pub fn of(count: usize, time: Duration) -> Self {
        Self {
            per_second: count as f64 / time.as_secs_f64(),
            processor: None,
        }
    }
}

/// The one in the middle.
pub fn median(mut rates: Vec<Rate>) -> Rate {
    rates.sort_by(|a, b| a.per_second.total_cmp(&b.per_second));
    rates[rates.len() / 2]
}

/// Does `total` numbered requests over so many connections, each taking the next number.
pub fn in_parallel(
    server: &Server,
    connections: usize,
    total: usize,
    ask: impl Fn(&mut Connection, usize) -> Result<()> + Sync,
) -> Result<Rate> {
    let next = AtomicUsize::new(0);
    let processor = server.processor_time()?;
    let start = Instant::now();
    std::thread::scope(|scope| {
        let clients: Vec<_> = (0..connections)
            .map(|_| {
                scope.spawn(|| -> Result<()> {
                    let mut connection = server.connect()?;
                    loop {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        if number >= total {
                            return Ok(());
                        }
                        ask(&mut connection, number)?;
                    }
                })
            })
            .collect();
        clients
            .into_iter()
            .try_for_each(|client| match client.join() {
                Ok(result) => result,
                Err(panic) => std::panic::resume_unwind(panic),
            })
    })?;
    let rate = Rate::of(total, start.elapsed());
    let processor = server.processor_time()?.saturating_sub(processor);
    Ok(Rate {
        processor: processor.checked_div(u32::try_from(total)?),
        ..rate
    })
}

/// How long the slowest of a second's requests takes while eight clients try passwords.
pub fn beside_password_checks(
    server: &Server,
    ask: impl Fn(&mut Connection) -> Result<()>,
) -> Result<Duration> {
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for client in 0..8 {
            let done = &done;
            scope.spawn(move || -> Result<()> {
                let mut attempt = 0;
                while !done.load(Ordering::Relaxed) {
                    attempt += 1;
                    let mut connection = server.connect_as(&format!("wrong {client} {attempt}"))?;
                    connection.get("/api/users/me")?;
                }
                Ok(())
            });
        }
        let slowest = slowest_of_a_second(server, ask);
        done.store(true, Ordering::Relaxed);
        slowest
    })
}

fn slowest_of_a_second(
    server: &Server,
    ask: impl Fn(&mut Connection) -> Result<()>,
) -> Result<Duration> {
    let mut connection = server.connect()?;
    let (begin, mut slowest) = (Instant::now(), Duration::ZERO);
    while begin.elapsed() < Duration::from_secs(1) {
        let start = Instant::now();
        ask(&mut connection)?;
        slowest = slowest.max(start.elapsed());
    }
    Ok(slowest)
}
