//! What a Keepsave tells as it happens: `/api/keepsave/events`.
//!
//! Hints for who is there now. Whoever missed one asks the ordinary routes.

use bytes::BytesMut;
use keepsave_core::ids::{DeviceId, RomId};
use keepsave_core::limits;
use reqwest::Response;
use reqwest::header::{ACCEPT, HeaderValue};
use serde::Deserialize;

use super::ask::Call;
use super::error::Trouble;
use super::pulse::Pulse;
use super::seen::lenient;
use super::{Server, ServerError};

const ROUTE: &str = "/api/keepsave/events";

/// Listens to a server.
#[derive(Debug)]
pub struct Listener {
    server: Server,
    response: Response,
    heard: BytesMut,
}

/// What was heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// A slot of the game has a new head.
    Changed {
        /// The game.
        rom: RomId,
        /// The device that made it.
        by: Option<DeviceId>,
    },
    /// Something was missed.
    Missed,
}

#[derive(Deserialize)]
struct Frame {
    #[serde(deserialize_with = "lenient::number")]
    rom_id: RomId,
    #[serde(default, deserialize_with = "lenient::any")]
    device_id: Option<DeviceId>,
}

impl Server {
    /// Has the server tell what happens from now on. None where it does not do that.
    pub async fn listen(&self) -> Result<Option<Listener>, ServerError> {
        let call = Call::get(ROUTE);
        let name = call.name();
        let mut request = self.request(&call, &name)?;
        let kind = HeaderValue::from_static("text/event-stream");
        request.headers_mut().insert(ACCEPT, kind);
        let pulse = Pulse::new(self.timing().stall);
        match self.send(request, &name, &pulse).await {
            Ok(response) => Ok(Some(Listener {
                server: self.clone(),
                response,
                heard: BytesMut::new(),
            })),
            Err(ServerError {
                trouble: Trouble::NotFound { .. } | Trouble::Forbidden { .. },
                ..
            }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl Listener {
    /// Waits for the next thing that matters here; none when the server has ended it.
    pub async fn next(&mut self) -> Result<Option<Heard>, ServerError> {
        let pulse = Pulse::new(limits::SERVER_EVENTS_STALL);
        loop {
            while let Some(end) = end_of_frame(&self.heard) {
                let frame = self.heard.split_to(end);
                if let Some(heard) = read(&String::from_utf8_lossy(&frame)) {
                    return Ok(Some(heard));
                }
            }
            if self.heard.len() > limits::SERVER_EVENT_BYTES {
                self.heard.clear();
                return Ok(Some(Heard::Missed));
            }
            let name = format!("GET {ROUTE}");
            let piece = self.server.next_piece(&mut self.response, &name, &pulse);
            match piece.await? {
                Some(piece) => self.heard.extend_from_slice(&piece),
                None => return Ok(None),
            }
        }
    }
}

/// How long the first frame is, with the empty line at its end.
fn end_of_frame(heard: &[u8]) -> Option<usize> {
    let end = heard.windows(2).position(|pair| pair == b"\n\n");
    end.map(|at| at + 2)
}

/// None for what does not matter here: that it is alive, a session that ended.
fn read(frame: &str) -> Option<Heard> {
    let field = |name: &str| {
        let mut lines = frame.lines();
        lines.find_map(|line| Some(line.strip_prefix(name)?.strip_prefix(':')?.trim_start()))
    };
    match field("event")? {
        "missed" => Some(Heard::Missed),
        "changed" => {
            let frame: Frame = serde_json::from_str(field("data")?).ok()?;
            Some(Heard::Changed {
                rom: frame.rom_id,
                by: frame.device_id,
            })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_read_for_what_matters_here() {
        let changed = |device: &str| Heard::Changed {
            rom: RomId(3),
            by: (!device.is_empty()).then(|| DeviceId(device.to_owned())),
        };
        for (frame, heard) in [
            (": alive\n\n", None),
            ("event: missed\ndata: {}\n\n", Some(Heard::Missed)),
            (
                "event: changed\ndata: {\"rom_id\":3,\"device_id\":\"d\",\"more\":[]}\n\n",
                Some(changed("d")),
            ),
            (
                "event:changed\ndata:{\"rom_id\":3,\"device_id\":null}\n\n",
                Some(changed("")),
            ),
            ("event: changed\ndata: {\n\n", None),
            ("event: changed\n\n", None),
            ("event: finished\ndata: {}\n\n", None),
            ("data: {}\n\n", None),
        ] {
            assert_eq!(read(frame), heard, "{frame}");
            assert_eq!(end_of_frame(frame.as_bytes()), Some(frame.len()));
            assert_eq!(end_of_frame(&frame.as_bytes()[..frame.len() - 1]), None);
        }
    }
}
