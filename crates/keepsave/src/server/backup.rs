//! `keepsave server backup`: everything in one file.

use std::path::PathBuf;

use clap::Args;
use keepsave_server::maintenance::backup::{NotBackedUp, backup};

use super::store::Store;
use crate::exit::{Exit, Failure};
use crate::terminal::{Bar, bytes, counted, print, print_json};

/// Writes one file with everything: users, games, and every version of every save.
///
/// The server may go on running: the file shows one moment. It holds no games and no passwords, only
/// the hashes of passwords and tokens. It appears under its name when it is complete and on the
/// disk. Exits with 1 when contents had to be left out because they are damaged or missing.
#[derive(Args)]
#[command(after_help = "\
Examples:
  keepsave server backup /mnt/usb/keepsave.tar
  keepsave server backup \"keepsave-$(date +%F).tar\" --data /srv/keepsave")]
pub struct Backup {
    /// The file to write; it must not exist
    file: PathBuf,
}

impl Backup {
    pub fn run(&self, store: &Store, json: bool) -> Result<Exit, Failure> {
        let bar = Bar::new("backing up");
        let written = backup(&store.app, &self.file, &|done, of| bar.at(done, of));
        drop(bar);
        let written = written.map_err(|error| match error {
            NotBackedUp::Exists(_) => Failure::usage(error),
            NotBackedUp::Unwritable(_) => Failure::failed(error),
            NotBackedUp::Store(_) => Failure::unusable(error),
        })?;
        if json {
            print_json(&written)?;
        } else {
            for blob in &written.left_out {
                print(&format!(
                    "The content {blob} is damaged or missing and was left out."
                ));
            }
            print(&format!(
                "Wrote {}, {}, to {}.",
                counted(written.contents, "content"),
                bytes(written.bytes),
                self.file.display()
            ));
        }
        Ok(if written.left_out.is_empty() {
            Exit::Done
        } else {
            Exit::Found
        })
    }
}
