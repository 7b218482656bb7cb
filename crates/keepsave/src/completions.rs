//! `keepsave completions`: what a shell needs to complete commands and flags.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::Keepsave;
use crate::exit::Exit;

/// Prints the completions for a shell.
#[derive(Args)]
#[command(after_help = "\
Examples:
  keepsave completions bash > ~/.local/share/bash-completion/completions/keepsave
  keepsave completions fish > ~/.config/fish/completions/keepsave.fish")]
pub struct Completions {
    /// The shell.
    shell: Shell,
}

impl Completions {
    pub fn run(&self) -> Exit {
        clap_complete::generate(
            self.shell,
            &mut Keepsave::command(),
            "keepsave",
            &mut std::io::stdout(),
        );
        Exit::Done
    }
}
