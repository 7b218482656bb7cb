//! `keepsave server restore`: a data directory from a backup.

use std::path::PathBuf;

use clap::Args;
use keepsave_server::config::Settings;
use keepsave_server::environment::Environment;
use keepsave_server::maintenance::restore::{NotRestored, restore};
use keepsave_server::maintenance::tree;
use keepsave_server::run::open_beside;

use crate::exit::{Exit, Failure};
use crate::terminal::{Bar, bytes, counted, print, print_json};

/// Makes a new data directory from a backup.
///
/// The directory that --data names must be new or empty: a restore replaces nothing. Every content
/// is checked on the way; a file that is not a whole backup restores nothing.
#[derive(Args)]
#[command(after_help = "\
Examples:
  keepsave server restore /mnt/usb/keepsave.tar --data /srv/keepsave
  keepsave server --data /srv/keepsave")]
pub struct Restore {
    /// The backup
    file: PathBuf,
}

impl Restore {
    pub fn run(&self, settings: &Settings, json: bool) -> Result<Exit, Failure> {
        let bar = Bar::new("restoring");
        let restored = restore(&self.file, &settings.data, &|done, of| bar.at(done, of));
        drop(bar);
        let restored = restored.map_err(|error| match error {
            NotRestored::NotEmpty(_) => Failure::usage(error),
            NotRestored::NotABackup(_) | NotRestored::File(_) => Failure::failed(error),
            NotRestored::Store(_) => Failure::unusable(error),
        })?;
        show(settings.clone());
        let (about, written) = (&restored.about, &restored.written);
        if json {
            print_json(&restored)?;
        } else {
            for blob in &written.left_out {
                print(&format!(
                    "The content {blob} was damaged when the backup was made."
                ));
            }
            print(&format!(
                "Restored {}, {}, as of {}, to {}.",
                counted(written.contents, "content"),
                bytes(written.bytes),
                about.created_at,
                settings.data.display()
            ));
        }
        Ok(if written.left_out.is_empty() {
            Exit::Done
        } else {
            Exit::Found
        })
    }
}

/// Makes the asset tree, which no backup holds. A server does so at its start, too.
fn show(settings: Settings) {
    let shown = open_beside(settings, Environment::real()).map(|app| tree::reconcile(&app));
    match shown {
        Ok(Ok(_)) => {}
        Ok(Err(error)) => not_shown(&error),
        Err(error) => not_shown(&error),
    }
}

fn not_shown(error: &dyn std::error::Error) {
    tracing::warn!(%error, "everything was restored, but the asset tree could not be made; the \
         server tries again when it starts");
}
