//! The built program in a sandbox: its own directory, no variable but those a test gives, and every
//! process ended with the test.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::thread::JoinHandle;

use http::{Method, Request, header};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::server::{Answer, basic, multipart_body};

/// A directory of its own and the program to run in it.
pub struct Sandbox {
    program: PathBuf,
    directory: tempfile::TempDir,
}

/// What a program that has ended left behind. The sandbox's path reads `[sandbox]`.
#[derive(Debug)]
pub struct Ran {
    /// The exit code; none when a signal ended it.
    pub code: Option<i32>,
    /// Its data.
    pub stdout: String,
    /// Its talk.
    pub stderr: String,
}

impl Sandbox {
    /// For the program at that path: `env!("CARGO_BIN_EXE_keepsave")`.
    pub fn new(program: &str) -> Self {
        Self {
            program: program.into(),
            directory: tempfile::tempdir().unwrap(),
        }
    }

    /// Where the program runs.
    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// The program with these arguments, not started yet.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(arguments)
            .current_dir(self.path())
            .env_clear()
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs the program to its end.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        self.run_with(arguments, &[], "")
    }

    /// Runs the program to its end, with variables and with something on stdin.
    pub fn run_with(&self, arguments: &[&str], variables: &[(&str, &str)], stdin: &str) -> Ran {
        let mut command = self.command(arguments);
        command
            .envs(variables.iter().copied())
            .stdin(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // A program that reads none of it may have ended already.
        let _unread = child.stdin.take().unwrap().write_all(stdin.as_bytes());
        let output = child.wait_with_output().unwrap();
        let text = |bytes: Vec<u8>| {
            let text = String::from_utf8(bytes).unwrap();
            text.replace(&self.path().display().to_string(), "[sandbox]")
        };
        Ran {
            code: output.status.code(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }

    /// Starts a server on a free port and waits until it listens.
    pub fn serve(&self, arguments: &[&str]) -> Running {
        self.serve_with(arguments, &[])
    }

    /// Starts a server with variables.
    pub fn serve_with(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Running {
        let fixed = ["server", "--json", "--listen", "127.0.0.1:0"];
        let mut command = self.command(&[&fixed, arguments].concat());
        command.envs(variables.iter().copied());
        Running::start(command)
    }
}

impl Ran {
    /// Demands an exit code and gives stdout.
    #[track_caller]
    pub fn expect(self, code: i32) -> String {
        assert_eq!(self.code, Some(code), "{}{}", self.stdout, self.stderr);
        self.stdout
    }

    /// Demands an exit code and gives stdout as JSON.
    #[track_caller]
    pub fn json(self, code: i32) -> Value {
        serde_json::from_str(&self.expect(code)).unwrap()
    }
}

/// A server that listens. It is killed when this is dropped.
pub struct Running {
    child: Child,
    talk: Option<JoinHandle<String>>,
    /// What it said on stdout once it listened.
    pub ready: Value,
}

impl Running {
    /// Starts a server with `--json` and waits for its line.
    pub fn start(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let talk = read_all(child.stderr.take().unwrap());
        let mut line = String::new();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        stdout.read_line(&mut line).unwrap();
        let mut running = Self {
            child,
            talk: Some(talk),
            ready: Value::Null,
        };
        let ready = serde_json::from_str(&line);
        assert!(ready.is_ok(), "it did not start: {}", running.wait().1);
        running.ready = ready.unwrap();
        running
    }

    /// `127.0.0.1:34567`.
    pub fn address(&self) -> &str {
        let url = self.ready["listening"].as_str().unwrap();
        url.strip_prefix("http://").unwrap()
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends SIGTERM, SIGINT or SIGKILL.
    pub fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(self.child.id().try_into().unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
    }

    /// Waits for the end; the status, and all that it said on stderr.
    pub fn wait(&mut self) -> (ExitStatus, String) {
        let status = self.child.wait().unwrap();
        let talk = self.talk.take().unwrap().join().unwrap();
        (status, talk)
    }

    /// Stops it as an operator would and demands that it stopped well; what it said on stderr.
    pub fn stop(mut self) -> String {
        self.signal(Signal::TERM);
        let (status, talk) = self.wait();
        assert!(status.success(), "{talk}");
        talk
    }

    /// Ends it as a power cut would.
    pub fn kill(mut self) {
        self.signal(Signal::KILL);
        self.wait();
    }

    /// Asks as a user.
    pub fn user(&self, name: &str, password: &str) -> Client {
        Client {
            address: self.address().to_owned(),
            authorization: Some(basic(name, password)),
        }
    }

    /// Asks with a bearer token.
    pub fn bearer(&self, token: &str) -> Client {
        Client {
            address: self.address().to_owned(),
            authorization: Some(format!("Bearer {token}")),
        }
    }

    /// Asks without saying who.
    pub fn nobody(&self) -> Client {
        Client {
            address: self.address().to_owned(),
            authorization: None,
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already; either way none is left behind.
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// Reads on a thread of its own, so that the program never waits for us.
fn read_all(mut from: ChildStderr) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let mut all = Vec::new();
        from.read_to_end(&mut all).unwrap();
        String::from_utf8_lossy(&all).into_owned()
    })
}

/// Someone who asks over the wire, a connection for each request.
#[derive(Clone)]
pub struct Client {
    address: String,
    authorization: Option<String>,
}

/// The connection failed or ended before the answer.
#[derive(Debug)]
pub struct Unanswered;

impl Client {
    /// Asks the server at that address as a user.
    pub fn at(address: &str, name: &str, password: &str) -> Self {
        Self {
            address: address.to_owned(),
            authorization: Some(basic(name, password)),
        }
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Answer {
        let answer = self.send(Method::GET, path, "application/json", Vec::new());
        answer.await.unwrap()
    }

    /// POST with a JSON body.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        let body = body.to_string().into();
        let answer = self.send(Method::POST, path, "application/json", body);
        answer.await.unwrap()
    }

    /// POST of files: (field, file name, bytes).
    pub async fn upload(
        &self,
        path: &str,
        files: &[(&str, &str, &[u8])],
    ) -> Result<Answer, Unanswered> {
        let (kind, body) = multipart_body(files);
        self.send(Method::POST, path, &kind, body).await
    }

    /// PUT of files: (field, file name, bytes).
    pub async fn replace(
        &self,
        path: &str,
        files: &[(&str, &str, &[u8])],
    ) -> Result<Answer, Unanswered> {
        let (kind, body) = multipart_body(files);
        self.send(Method::PUT, path, &kind, body).await
    }

    /// Any request.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        content_type: &str,
        body: Vec<u8>,
    ) -> Result<Answer, Unanswered> {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, &self.address)
            .header(header::CONTENT_TYPE, content_type);
        if let Some(authorization) = &self.authorization {
            request = request.header(header::AUTHORIZATION, authorization);
        }
        let request = request.body(Full::new(bytes::Bytes::from(body))).unwrap();
        self.answer(request).await.ok_or(Unanswered)
    }

    async fn answer(&self, request: Request<Full<bytes::Bytes>>) -> Option<Answer> {
        let stream = tokio::net::TcpStream::connect(&self.address).await.ok()?;
        let handshake = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await;
        let (mut sender, connection) = handshake.ok()?;
        let driving = tokio::spawn(connection);
        let (parts, body) = sender.send_request(request).await.ok()?.into_parts();
        let bytes = body.collect().await.ok()?.to_bytes().to_vec();
        driving.abort();
        Some(Answer {
            status: parts.status,
            headers: parts.headers,
            bytes,
        })
    }
}
