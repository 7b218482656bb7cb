//! How much room there is.

use crate::app::App;
use crate::vault::Fault;

/// The size of the database and the room left beside it, in bytes.
pub fn sizes(app: &App) -> Result<(u64, u64), Fault> {
    let data = &app.settings.data;
    let disk = rustix::fs::statvfs(data).map_err(std::io::Error::from)?;
    Ok((app.vault.database_bytes()?, disk.f_bavail * disk.f_frsize))
}
