//! `keepsave docs`: prints the documents that are generated from the code. For this repository.

use std::fmt::Write as _;

use clap::{Args, Command, CommandFactory, ValueEnum};
use keepsave_server::config;
use keepsave_server::http::router;

use crate::Keepsave;
use crate::exit::{Exit, Failure};
use crate::terminal::print;

/// Prints a document that is generated from the code.
#[derive(Args)]
pub struct Docs {
    /// Which.
    #[arg(value_enum)]
    document: Document,
}

#[derive(Clone, Copy, ValueEnum)]
enum Document {
    /// docs/openapi.json
    Openapi,
    /// docs/commands.md
    Commands,
    /// docs/configuration.md
    Configuration,
}

impl Docs {
    pub fn run(&self) -> Result<Exit, Failure> {
        let document = match self.document {
            Document::Openapi => router::openapi()
                .to_pretty_json()
                .map_err(Failure::failed)?,
            Document::Commands => commands(),
            Document::Configuration => config::reference(),
        };
        print(document.trim_end());
        Ok(Exit::Done)
    }
}

const HEAD: &str = "\
# Commands

<!-- Written by `cargo xtask docs` from the commands themselves. Change them there. -->

What each command says about itself with `--help`.
";

fn commands() -> String {
    let mut page = HEAD.to_owned();
    let mut root = Keepsave::command().disable_help_subcommand(true);
    root.build();
    describe(&mut page, &mut root, "");
    page
}

fn describe(page: &mut String, command: &mut Command, parent: &str) {
    let name = format!("{parent}{}", command.get_name());
    let help = command.render_long_help().to_string();
    let help = help
        .lines()
        .map(str::trim_end)
        .collect::<Vec<_>>()
        .join("\n");
    // Writing to a string cannot fail.
    let _ = write!(page, "\n## `{name}`\n\n```text\n{}\n```\n", help.trim_end());
    for inner in command
        .get_subcommands_mut()
        .filter(|inner| !inner.is_hide_set())
    {
        describe(page, inner, &format!("{name} "));
    }
}
