//! Can the server do its work.

use std::io::Write;

use crate::app::App;
use crate::bind;
use crate::vault::Fault;
use crate::vault::blobs::in_background;

/// What keeps the server from its work; nothing when it is ready.
#[derive(Debug)]
pub struct Readiness {
    /// One sentence each.
    pub problems: Vec<String>,
}

/// Asks the store, writes to the disk.
pub async fn check(app: &App) -> Readiness {
    let mut problems = Vec::new();
    if app.stopping.has_begun() {
        problems.push("The server is stopping.".to_owned());
    }
    let answered = app
        .vault
        .read(|tx| tx.one("SELECT 1", bind![], |row| row.get::<i64>()));
    if let Err(fault) = answered {
        tracing::error!(%fault, "the store does not answer");
        problems.push("The store does not answer; the log says why.".to_owned());
    }
    let data = app.settings.data.clone();
    let written = in_background(move || {
        let mut file = tempfile::tempfile_in(data)?;
        file.write_all(b"ready")?;
        Ok(file.sync_data()?)
    });
    if let Err(fault) = written.await {
        tracing::error!(%fault, "the data directory cannot be written to");
        problems.push(if fault.is_full() {
            Fault::Full.to_string()
        } else {
            "The data directory cannot be written to; the log says why.".to_owned()
        });
    }
    Readiness { problems }
}
