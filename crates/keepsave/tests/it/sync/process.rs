//! A run that is under way: heard, stopped, killed, waited for.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStderr, ChildStdout, Command};
use std::sync::mpsc::{Receiver, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use keepsave_testkit::binary::Ran;
use rustix::process::{Pid, Signal, kill_process};

/// How long what must be said may take.
const PATIENCE: Duration = Duration::from_mins(1);

/// A program that runs. It is killed when this is dropped.
pub struct Process {
    child: Child,
    stdout: Option<JoinHandle<String>>,
    talk: Receiver<String>,
    said: String,
}

impl Process {
    /// Starts it.
    pub fn start(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let stdout = read_all(child.stdout.take().unwrap());
        let talk = read_lines(child.stderr.take().unwrap());
        Self {
            child,
            stdout: Some(stdout),
            talk,
            said: String::new(),
        }
    }

    /// Sends SIGINT or SIGKILL.
    pub fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(self.child.id().try_into().unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
    }

    /// Waits until it has said something on stderr.
    pub fn until_says(&mut self, text: &str) {
        self.until_says_times(text, 1);
    }

    /// Waits until it has said it so often.
    pub fn until_says_times(&mut self, text: &str, times: usize) {
        while self.said.matches(text).count() < times {
            let line = self.talk.recv_timeout(PATIENCE);
            assert!(line.is_ok(), "`{text}` was never said: {}", self.said);
            self.said += &line.unwrap();
        }
    }

    /// What it is to the system.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The most memory that it held until now, in bytes.
    pub fn peak_memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM:"));
        let kibibytes = line.unwrap().split_whitespace().nth(1).unwrap();
        kibibytes.parse::<u64>().unwrap() * 1024
    }

    /// Waits for its end.
    pub fn wait(mut self) -> Ran {
        let status = self.child.wait().unwrap();
        let stdout = self.stdout.take().unwrap().join().unwrap();
        let rest: String = self.talk.iter().collect();
        Ran {
            code: status.code(),
            stdout,
            stderr: std::mem::take(&mut self.said) + &rest,
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already; either way none is left behind.
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

fn read_all(mut from: ChildStdout) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let mut all = String::new();
        from.read_to_string(&mut all).unwrap();
        all
    })
}

fn read_lines(from: ChildStderr) -> Receiver<String> {
    let (tell, told) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(from).lines() {
            // Nobody may listen any more.
            let _gone = tell.send(line.unwrap() + "\n");
        }
    });
    told
}
