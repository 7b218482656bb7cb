//! A peer that answers each request as the test wrote it down, and remembers what it was asked.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use keepsave_device::server::{Address, Connection, Credential, Secret, Server, Timing};

/// For silence that a test waits for.
const LITTLE_PATIENCE: Duration = Duration::from_millis(200);

/// For answers that come, however busy the machine is.
const PATIENCE: Duration = Duration::from_mins(1);

/// What happens once a request has come in.
#[derive(Clone, Debug)]
pub enum Then {
    /// It is answered: status line and headers, body.
    Say(&'static str, String),
    /// These bytes are sent and the connection ends.
    Cut(String),
    /// These bytes are sent and nothing after them, until the other side goes.
    Hang(String),
    /// It is answered before its body is read.
    Early(&'static str),
    /// Its body is not read, and it is not answered.
    Deaf,
}

/// An answer with a status and a JSON body.
pub fn json(status: &'static str, body: &str) -> Then {
    Then::Say(status, body.to_owned())
}

/// A peer on a port of its own. Each request takes the next line of its script.
pub struct Peer {
    pub url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    patience: Duration,
}

/// A request as it came in.
#[derive(Clone, Debug)]
pub struct Asked {
    pub head: String,
    pub body: Vec<u8>,
}

impl Asked {
    /// `GET /api/heartbeat HTTP/1.1`.
    pub fn line(&self) -> &str {
        self.head.lines().next().unwrap()
    }

    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let headers = self.head.lines().filter_map(|line| line.split_once(": "));
        let mut named = headers.filter(|(known, _)| known.eq_ignore_ascii_case(name));
        named.next().map(|(_, value)| value)
    }
}

impl Peer {
    pub fn new(script: Vec<Then>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::<Mutex<Vec<Asked>>>::default();
        let falls_silent = |then: &Then| matches!(then, Then::Hang(_) | Then::Deaf);
        let patience = if script.iter().any(falls_silent) {
            LITTLE_PATIENCE
        } else {
            PATIENCE
        };
        let remembered = asked.clone();
        std::thread::spawn(move || {
            for then in script {
                let (stream, _) = listener.accept().unwrap();
                let remembered = remembered.clone();
                // On a thread of its own, so that the next connection is taken meanwhile.
                std::thread::spawn(move || converse(&stream, &then, &remembered));
            }
        });
        Self {
            url,
            asked,
            patience,
        }
    }

    /// Everything that it was asked.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// The lines of everything that it was asked.
    pub fn lines(&self) -> Vec<String> {
        let asked = self.asked();
        asked.iter().map(|asked| asked.line().to_owned()).collect()
    }

    /// A device that asks it, with little patience where it falls silent.
    pub fn server(&self) -> Server {
        connect(&self.url, token(), self.patience)
    }
}

/// A device that asks the server at that address with a token.
pub fn server(url: &str) -> Server {
    connect(url, token(), PATIENCE)
}

fn token() -> Credential {
    Credential::Token(Secret::new("rmm_sesame"))
}

pub fn connect(url: &str, credential: Credential, stall: Duration) -> Server {
    let connection = Connection {
        timing: Timing {
            connect: Duration::from_secs(5),
            stall,
            pause: Duration::from_millis(1),
        },
        ca_file: None,
        agent: "keepsave/9.9".to_owned(),
    };
    Server::new(Address::parse(url).unwrap(), credential, &connection).unwrap()
}

/// The script's order is that of the connections, and each is remembered once it was read.
fn converse(mut stream: &TcpStream, then: &Then, remembered: &Mutex<Vec<Asked>>) {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert_ne!(reader.read_line(&mut head).unwrap(), 0, "{head}");
    }
    let mut asked = Asked {
        head,
        body: Vec::new(),
    };
    if let Then::Early(status) = then {
        let head = format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
        stream.write_all(head.as_bytes()).unwrap();
    }
    if !matches!(then, Then::Deaf) {
        let length = asked.header("content-length").unwrap_or("0").parse();
        let body = reader.by_ref().take(length.unwrap());
        // Whoever sends may break off.
        let _broken = { body }.read_to_end(&mut asked.body);
    }
    remembered.lock().unwrap().push(asked);
    let text = match then {
        Then::Say(head, body) => {
            let length = body.len();
            let head = format!("HTTP/1.1 {head}\r\nconnection: close\r\ncontent-length: {length}");
            format!("{head}\r\n\r\n{body}")
        }
        Then::Cut(text) | Then::Hang(text) => text.clone(),
        Then::Early(_) | Then::Deaf => String::new(),
    };
    // It may be gone.
    let _sent = stream.write_all(text.as_bytes());
    match then {
        Then::Hang(_) => {
            let _gone = reader.read(&mut [0]);
        }
        // It would have to read to learn that the other side went; it ends with the test.
        Then::Deaf => loop {
            std::thread::park();
        },
        _ => {}
    }
}
