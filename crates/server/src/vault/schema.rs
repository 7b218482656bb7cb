//! The tables, as numbered steps that are only ever added to.

use keepsave_disk::Disk;
use rusqlite::Connection;

use super::Fault;

/// Each step runs once, in order. Never change one that has been released: add the next.
const STEPS: &[&str] = &[
    include_str!("schema/0001_people.sql"),
    include_str!("schema/0002_library.sql"),
    include_str!("schema/0003_saves.sql"),
    include_str!("schema/0004_sync.sql"),
    include_str!("schema/0005_saves_by_user.sql"),
    include_str!("schema/0006_file_numbers.sql"),
    include_str!("schema/0007_pages.sql"),
];

/// Whether the tables are as this program makes them, or older ones that it can bring up to date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Age {
    /// As this program makes them.
    Current,
    /// Steps are missing.
    Older,
}

/// How old the tables are, if this program knows them.
pub(super) fn check(connection: &Connection) -> Result<Age, Fault> {
    let (found, known) = steps(connection)?;
    Ok(if found < known {
        Age::Older
    } else {
        Age::Current
    })
}

fn steps(connection: &Connection) -> Result<(i64, i64), Fault> {
    let known = i64::try_from(STEPS.len()).unwrap_or(i64::MAX);
    let found: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if found > known {
        return Err(Fault::SchemaTooNew { found, known });
    }
    Ok((found, known))
}

/// All that is missing or nothing, and one wait for the disk.
pub(super) fn migrate(connection: &Connection, disk: &dyn Disk) -> Result<(), Fault> {
    let (found, known) = steps(connection)?;
    let missing: Vec<_> = (1..=known)
        .zip(STEPS)
        .filter(|(number, _)| *number > found)
        .map(|(_, step)| *step)
        .collect();
    if !missing.is_empty() {
        disk.commit()?;
        connection.execute_batch(&format!(
            "BEGIN IMMEDIATE; {}; PRAGMA user_version = {known}; COMMIT;",
            missing.join(";")
        ))?;
    }
    Ok(())
}
