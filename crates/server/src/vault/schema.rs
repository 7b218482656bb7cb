//! The tables, as numbered steps that are only ever added to.

use rusqlite::Connection;

use super::Fault;

/// Each step runs once, in order. Never change one that has been released: add the next.
const STEPS: &[&str] = &[
    include_str!("schema/0001_people.sql"),
    include_str!("schema/0002_library.sql"),
    include_str!("schema/0003_saves.sql"),
    include_str!("schema/0004_sync.sql"),
];

pub(super) fn migrate(connection: &Connection) -> Result<(), Fault> {
    let known = i64::try_from(STEPS.len()).unwrap_or(i64::MAX);
    let found: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if found > known {
        return Err(Fault::SchemaTooNew { found, known });
    }
    for (number, step) in (1..=known).zip(STEPS).filter(|(number, _)| *number > found) {
        connection.execute_batch(&format!(
            "BEGIN IMMEDIATE; {step}; PRAGMA user_version = {number}; COMMIT;"
        ))?;
    }
    Ok(())
}
