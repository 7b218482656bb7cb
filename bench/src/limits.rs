//! What the machine can do at best, in the same run: durable files, and the same bytes from a
//! server that does nothing else.

use std::fs::File;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use anyhow::Result;

use crate::Options;
use crate::http::Connection;
use crate::load::Rate;

/// Measures and prints.
pub fn report(options: &Options) -> Result<()> {
    crate::report(
        "the machine: durable files of that size",
        durable_files(options)?,
    );
    crate::report(
        "the machine: such answers from memory",
        bare_answers(options)?,
    );
    Ok(())
}

/// Files written and flushed, as many threads at once as there were clients.
fn durable_files(options: &Options) -> Result<Rate> {
    let mut directory = tempfile::tempdir_in(".")?;
    directory.disable_cleanup(options.keep);
    let bytes = vec![7; options.size];
    let next = AtomicUsize::new(0);
    let start = Instant::now();
    std::thread::scope(|scope| {
        let writers: Vec<_> = (0..options.connections)
            .map(|_| {
                scope.spawn(|| -> Result<()> {
                    loop {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        if number >= options.saves {
                            return Ok(());
                        }
                        let mut file = File::create(directory.path().join(number.to_string()))?;
                        file.write_all(&bytes)?;
                        file.sync_all()?;
                    }
                })
            })
            .collect();
        writers
            .into_iter()
            .try_for_each(|writer| match writer.join() {
                Ok(result) => result,
                Err(panic) => std::panic::resume_unwind(panic),
            })
    })?;
    Ok(Rate::of(options.saves, start.elapsed()))
}

/// A thread for each connection that sends the same answer to whatever it reads.
fn bare_answers(options: &Options) -> Result<Rate> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let per_client = options.requests / options.connections;
    let start = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..options.connections {
            scope.spawn(|| {
                listener
                    .accept()
                    .map(|(stream, _)| answer_all(stream, options.size))
            });
        }
        let clients: Vec<_> = (0..options.connections)
            .map(|_| {
                scope.spawn(|| -> Result<()> {
                    let mut connection = Connection::open(address, "Bearer none")?;
                    for _ in 0..per_client {
                        connection.get("/")?;
                    }
                    Ok(())
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
    Ok(Rate::of(per_client * options.connections, start.elapsed()))
}

fn answer_all(mut stream: TcpStream, size: usize) {
    let mut answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n").into_bytes();
    answer.resize(answer.len() + size, 7);
    let mut request = [0; 4096];
    // A request of this client fits one read; it sends the next after the answer.
    while stream.read(&mut request).is_ok_and(|count| count > 0) {
        if stream.write_all(&answer).is_err() {
            return;
        }
    }
}
