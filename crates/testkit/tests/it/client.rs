//! A client that speaks just enough HTTP to see what really arrives, byte for byte.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};

use serde_json::{Value, json};

/// What arrived of an answer.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Arrived {
    /// The first lines, whole or not.
    pub head: String,
    /// The body, whole or not.
    pub body: Vec<u8>,
    /// Whether the whole answer arrived.
    pub is_whole: bool,
}

impl Arrived {
    pub fn status(&self) -> Option<u16> {
        self.head.split_whitespace().nth(1)?.parse().ok()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (known, value) = line.split_once(": ")?;
            known.eq_ignore_ascii_case(name).then_some(value)
        })
    }
}

/// A connection that stays open from one request to the next.
pub struct Connection {
    stream: BufReader<TcpStream>,
}

impl Connection {
    pub fn to(address: SocketAddr) -> Self {
        Self {
            stream: BufReader::new(TcpStream::connect(address).unwrap()),
        }
    }

    /// Sends a request with a body and reads what comes.
    pub fn ask(&mut self, line: &str, headers: &[(&str, &str)], body: &[u8]) -> Arrived {
        // What breaks off while it is sent shows in what arrives.
        let _sent = self.send(line, headers, body);
        let mut arrived = Arrived::default();
        let _ended = self.receive(&mut arrived);
        arrived
    }

    /// Sends a request only.
    pub fn send(&mut self, line: &str, headers: &[(&str, &str)], body: &[u8]) -> io::Result<()> {
        let given = headers
            .iter()
            .flat_map(|(name, value)| [*name, ": ", *value, "\r\n"]);
        let given: String = given.collect();
        let length = if headers.iter().any(|(name, _)| *name == "content-length") {
            String::new()
        } else {
            format!("content-length: {}\r\n", body.len())
        };
        let head = format!("{line} HTTP/1.1\r\nhost: stand-in\r\n{given}{length}\r\n");
        let stream = self.stream.get_mut();
        stream.write_all(head.as_bytes())?;
        stream.write_all(body)
    }

    /// Reads an answer as far as it comes.
    pub fn receive(&mut self, arrived: &mut Arrived) -> io::Result<()> {
        while !arrived.head.ends_with("\r\n\r\n") {
            if self.stream.read_line(&mut arrived.head)? == 0 {
                return Ok(());
            }
        }
        let length: usize = arrived
            .header("content-length")
            .map_or(0, |text| text.parse().unwrap());
        let mut body = self.stream.by_ref().take(length as u64);
        body.read_to_end(&mut arrived.body)?;
        arrived.is_whole = arrived.body.len() == length;
        Ok(())
    }
}

/// A form of one file, and its content type.
pub fn form(field: &str, name: &str, content: &[u8]) -> (Vec<u8>, &'static str) {
    let mut body = format!(
        "--x\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\n\r\n"
    )
    .into_bytes();
    body.extend_from_slice(content);
    body.extend_from_slice(b"\r\n--x--\r\n");
    (body, "multipart/form-data; boundary=x")
}

/// Someone who asks a stand-in, each time on a connection of its own.
pub struct Client {
    address: SocketAddr,
    authorization: String,
}

impl Client {
    pub fn new(address: SocketAddr, token: &str) -> Self {
        Self {
            address,
            authorization: format!("Bearer {token}"),
        }
    }

    /// Asks with a JSON body, and gives status and JSON.
    pub fn ask(&self, line: &str, body: &Value) -> (u16, Value) {
        let text = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let headers = [("authorization", &*self.authorization)];
        let arrived = Connection::to(self.address).ask(line, &headers, text.as_bytes());
        answer(&arrived)
    }

    /// Asks for something, which must be there.
    pub fn get(&self, path: &str) -> Value {
        let (status, body) = self.ask(&format!("GET {path}"), &Value::Null);
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    /// Sends a JSON body, which must be taken.
    pub fn post(&self, path: &str, body: &Value) -> Value {
        let (status, answer) = self.ask(&format!("POST {path}"), body);
        assert!(matches!(status, 200 | 201), "{path}: {status} {answer}");
        answer
    }

    /// Sends a save as `POST /api/saves?rom_id=1` or `PUT /api/saves/1`.
    pub fn upload(&self, line: &str, name: &str, content: &[u8]) -> (u16, Value) {
        let (body, kind) = form("saveFile", name, content);
        let headers = [
            ("authorization", &*self.authorization),
            ("content-type", kind),
        ];
        answer(&Connection::to(self.address).ask(line, &headers, &body))
    }

    /// Registers a device and gives its id.
    pub fn device(&self, name: &str) -> String {
        let device = self.post("/api/devices", &json!({"name": name}));
        device["device_id"].as_str().unwrap().to_owned()
    }
}

fn answer(arrived: &Arrived) -> (u16, Value) {
    let body = serde_json::from_slice(&arrived.body).unwrap_or_default();
    (arrived.status().unwrap(), body)
}
