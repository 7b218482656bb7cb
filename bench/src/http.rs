//! The least HTTP client that can load a server: one connection, one request at a time, no copies
//! that the server would be blamed for.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// A connection that is kept alive.
pub struct Connection {
    stream: BufReader<TcpStream>,
    /// The header that says who asks.
    credentials: String,
}

/// What came back.
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
    /// The cookies that were set, as they are sent back.
    pub cookies: Vec<String>,
}

impl Answer {
    /// The body as JSON, when the status is a good one.
    pub fn json(&self) -> Result<Value> {
        if !(200..300).contains(&self.status) {
            bail!(
                "the server answered {}: {}",
                self.status,
                String::from_utf8_lossy(&self.body)
            );
        }
        Ok(serde_json::from_slice(&self.body)?)
    }
}

impl Connection {
    /// Connects; `authorization` goes with every request.
    pub fn open(address: SocketAddr, authorization: &str) -> Result<Self> {
        Self::with(address, format!("Authorization: {authorization}"))
    }

    /// Connects as a browser with these cookies.
    pub fn of_browser(address: SocketAddr, cookies: &[String]) -> Result<Self> {
        Self::with(address, format!("Cookie: {}", cookies.join("; ")))
    }

    fn with(address: SocketAddr, credentials: String) -> Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream: BufReader::with_capacity(64 * 1024, stream),
            credentials,
        })
    }

    /// GET.
    pub fn get(&mut self, path: &str) -> Result<Answer> {
        self.send("GET", path, "", &[])
    }

    /// POST of JSON.
    pub fn post(&mut self, path: &str, body: &Value) -> Result<Answer> {
        self.send(
            "POST",
            path,
            "application/json",
            body.to_string().as_bytes(),
        )
    }

    /// POST of one file.
    pub fn upload(&mut self, path: &str, name: &str, bytes: &[u8]) -> Result<Answer> {
        let mut body = format!(
            "--b\r\nContent-Disposition: form-data; name=\"saveFile\"; filename=\"{name}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n"
        )
        .into_bytes();
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n--b--\r\n");
        self.send("POST", path, "multipart/form-data; boundary=b", &body)
    }

    /// Any request.
    pub fn send(&mut self, method: &str, path: &str, kind: &str, body: &[u8]) -> Result<Answer> {
        let kind = if kind.is_empty() {
            String::new()
        } else {
            format!("Content-Type: {kind}\r\n")
        };
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\n{}\r\n\
             Content-Length: {}\r\n{kind}\r\n",
            self.credentials,
            body.len()
        );
        let mut bytes = request.into_bytes();
        bytes.extend_from_slice(body);
        self.stream.get_mut().write_all(&bytes)?;
        self.receive()
    }

    fn receive(&mut self) -> Result<Answer> {
        let mut line = String::new();
        self.stream.read_line(&mut line)?;
        let status = line
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok())
            .with_context(|| format!("not an answer: {line:?}"))?;
        let (mut length, mut cookies) = (0, Vec::new());
        loop {
            line.clear();
            self.stream.read_line(&mut line)?;
            if line == "\r\n" || line.is_empty() {
                break;
            }
            let (name, value) = line.split_once(':').unwrap_or_default();
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse()?;
            } else if name.eq_ignore_ascii_case("set-cookie") {
                let pair = value.split(';').next().unwrap_or_default();
                cookies.push(pair.trim().to_owned());
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body)?;
        Ok(Answer {
            status,
            body,
            cookies,
        })
    }
}
