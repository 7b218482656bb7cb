//! Puts a server farther away: every byte takes as long as on a network, however many there are.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::channel;
use std::thread::{sleep, spawn};
use std::time::{Duration, Instant};

use anyhow::Result;

/// An address at which the server answers that much later, as long as this program runs.
pub fn put_away(server: SocketAddr, round_trip: Duration) -> Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    spawn(move || {
        for near in listener.incoming().flatten() {
            let Ok(far) = TcpStream::connect(server) else {
                continue;
            };
            if let (Ok(back), Ok(there)) = (far.try_clone(), near.try_clone()) {
                carry(near, far, round_trip / 2);
                carry(back, there, round_trip / 2);
            }
        }
    });
    Ok(address)
}

fn carry(mut from: TcpStream, mut to: TcpStream, delay: Duration) {
    let (send, due) = channel::<(Instant, Vec<u8>)>();
    // Whoever closes one end ends both threads.
    let _whole = to.set_nodelay(true);
    spawn(move || {
        let mut piece = vec![0; 64 * 1024];
        while let Ok(count @ 1..) = from.read(&mut piece) {
            if send
                .send((Instant::now() + delay, piece[..count].to_vec()))
                .is_err()
            {
                return;
            }
        }
    });
    spawn(move || {
        for (when, piece) in due {
            sleep(when.saturating_duration_since(Instant::now()));
            if to.write_all(&piece).is_err() {
                break;
            }
        }
        let _closed = to.shutdown(Shutdown::Write);
    });
}
