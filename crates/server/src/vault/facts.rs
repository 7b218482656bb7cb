//! Single facts about this installation, by name.

use super::{Fault, Tx};
use crate::bind;

/// A fact.
pub fn get(tx: &Tx<'_>, name: &str) -> Result<Option<String>, Fault> {
    tx.optional(
        "SELECT value FROM facts WHERE name = $1",
        bind![name],
        |row| row.get(),
    )
}

/// States a fact.
pub fn set(tx: &Tx<'_>, name: &str, value: &str) -> Result<(), Fault> {
    tx.execute(
        "INSERT INTO facts (name, value) VALUES ($1, $2) \
         ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        bind![name, value],
    )?;
    Ok(())
}

/// Takes a fact back.
pub fn remove(tx: &Tx<'_>, name: &str) -> Result<(), Fault> {
    tx.execute("DELETE FROM facts WHERE name = $1", bind![name])?;
    Ok(())
}
