//! Talks to a `RetroArch` over its network commands, where a person allowed them: what it plays, and
//! that it writes its saves.
//!
//! It listens on this machine alone. No answer is none: it may not run, or run without them.

use std::io;
use std::net::Ipv4Addr;

use keepsave_core::limits;
use tokio::net::UdpSocket;
use tokio::time::timeout;

/// The longest answer that matters.
const ANSWER: usize = 4096;

/// What a `RetroArch` says that it plays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// Nothing: it shows its menu.
    Nothing,
    /// The content whose name, without its extension, is this.
    Plays(String),
}

/// Asks what the one on that port plays.
pub async fn status(port: u16) -> Option<Status> {
    let answer = ask(port, "GET_STATUS").await.ok()??;
    read(&answer)
}

/// Has it write its saves. It says nothing to that.
pub async fn write_saves(port: u16) -> io::Result<()> {
    let socket = socket(port).await?;
    socket.send(b"SAVE_FILES").await.map(drop)
}

async fn ask(port: u16, command: &str) -> io::Result<Option<String>> {
    let socket = socket(port).await?;
    socket.send(command.as_bytes()).await?;
    let mut answer = [0; ANSWER];
    match timeout(limits::EMULATOR_ANSWER_WAIT, socket.recv(&mut answer)).await {
        Ok(length) => Ok(Some(
            String::from_utf8_lossy(&answer[..length?]).into_owned(),
        )),
        Err(_elapsed) => Ok(None),
    }
}

async fn socket(port: u16) -> io::Result<UdpSocket> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    socket.connect((Ipv4Addr::LOCALHOST, port)).await?;
    Ok(socket)
}

/// `GET_STATUS PAUSED super_nes,Zelda,crc32=deadbeef`. A name may have commas in it.
fn read(answer: &str) -> Option<Status> {
    let said = answer.trim().strip_prefix("GET_STATUS ")?;
    if said == "CONTENTLESS" {
        return Some(Status::Nothing);
    }
    let (state, content) = said.split_once(' ')?;
    if !matches!(state, "PLAYING" | "PAUSED") {
        return None;
    }
    let (_system, named) = content.split_once(',')?;
    let name = named.rsplit_once(",crc32=").map_or(named, |(name, _)| name);
    Some(Status::Plays(name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plays(name: &str) -> Status {
        Status::Plays(name.to_owned())
    }

    #[test]
    fn an_answer_names_the_content() {
        for (answer, status) in [
            ("GET_STATUS CONTENTLESS", Some(Status::Nothing)),
            (
                "GET_STATUS PLAYING game_boy,Zelda,crc32=0a1b2c3d\n",
                Some(plays("Zelda")),
            ),
            (
                "GET_STATUS PAUSED snes,Zelda, A Link,crc32=0",
                Some(plays("Zelda, A Link")),
            ),
            ("GET_STATUS PLAYING snes,Zelda", Some(plays("Zelda"))),
            ("GET_STATUS SLEEPING snes,Zelda", None),
            ("GET_STATUS PLAYING", None),
            ("VERSION 1.19", None),
            ("", None),
        ] {
            assert_eq!(read(answer), status, "{answer}");
        }
    }

    #[tokio::test]
    async fn it_is_asked_and_told() {
        let emulator = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = emulator.local_addr().unwrap().port();
        let emulated = async {
            let mut heard = [0; 64];
            let (length, from) = emulator.recv_from(&mut heard).await.unwrap();
            assert_eq!(&heard[..length], b"GET_STATUS");
            let answer = b"GET_STATUS PLAYING gba,Zelda,crc32=1";
            emulator.send_to(answer, from).await.unwrap();
            let length = emulator.recv(&mut heard).await.unwrap();
            String::from_utf8_lossy(&heard[..length]).into_owned()
        };
        let asks = async {
            assert_eq!(status(port).await, Some(plays("Zelda")));
            write_saves(port).await.unwrap();
        };
        let ((), told) = tokio::join!(asks, emulated);
        assert_eq!(told, "SAVE_FILES");
    }

    #[tokio::test]
    async fn nobody_answers_where_nobody_is() {
        let taken = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = taken.local_addr().unwrap().port();
        assert_eq!(status(port).await, None, "it says nothing");
        drop(taken);
        assert_eq!(status(port).await, None);
    }
}
