//! A machine that games are played on: a home of its own, and the program run in it.

use std::process::{Child, Command};

use keepsave_testkit::binary::{Ran, Sandbox};
use serde_json::Value;

use crate::sandbox;

/// A machine with an empty home.
pub struct Machine {
    sandbox: Sandbox,
}

/// What lets tests of trouble end soon.
const IMPATIENT: [(&str, &str); 2] = [
    ("KEEPSAVE_STALL_SECONDS", "2"),
    ("KEEPSAVE_RETRY_SECONDS", "0.01"),
];

impl Machine {
    pub fn new() -> Self {
        Self { sandbox: sandbox() }
    }

    /// Runs the program.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        self.run_with(arguments, &[], "")
    }

    /// Runs the program with variables and something on stdin.
    pub fn run_with(&self, arguments: &[&str], variables: &[(&str, &str)], stdin: &str) -> Ran {
        let home = self.sandbox.path().to_str().unwrap();
        let home = [("HOME", home)];
        let all = [&home, &IMPATIENT[..], variables].concat();
        self.sandbox.run_with(arguments, &all, stdin)
    }

    /// Starts the program and does not wait.
    pub fn start(&self, arguments: &[&str]) -> Child {
        self.command(arguments).spawn().unwrap()
    }

    /// The program, not started yet.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.sandbox.command(arguments);
        command.env("HOME", self.sandbox.path()).envs(IMPATIENT);
        command
    }

    /// Signs in with a token.
    pub fn signed_in(url: &str, token: &str) -> Self {
        let machine = Self::new();
        let login = machine.run_with(&["login", url, "--token-file", "-"], &[], token);
        login.expect(0);
        machine
    }

    /// A path below the home.
    pub fn path(&self, below: &str) -> std::path::PathBuf {
        self.sandbox.path().join(below)
    }

    /// The file of credentials, as text.
    pub fn credentials(&self) -> String {
        std::fs::read_to_string(self.path(CREDENTIALS)).unwrap_or_default()
    }
}

pub const CREDENTIALS: &str = ".config/keepsave/credentials.json";

/// The output of a program that was started, once it has ended.
pub fn ended(child: Child) -> (Option<i32>, Value, String) {
    let output = child.wait_with_output().unwrap();
    let talk = String::from_utf8(output.stderr).unwrap();
    let json = serde_json::from_slice(&output.stdout).unwrap_or_default();
    (output.status.code(), json, talk)
}
