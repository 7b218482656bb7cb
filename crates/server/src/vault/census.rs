//! How much of everything there is.

use super::{Fault, Tx};
use crate::bind;

/// How much of everything there is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is its name")]
pub struct Census {
    pub users: i64,
    pub games: i64,
    pub saves: i64,
    pub versions: i64,
    /// Refused uploads that nobody has settled yet.
    pub open_branches: i64,
    pub states: i64,
    pub screenshots: i64,
    pub devices: i64,
    /// Contents that rows refer to, and their bytes.
    pub blobs: i64,
    pub blob_bytes: i64,
}

/// Counts everything. It reads whole tables, so it is not for requests.
pub fn take(tx: &Tx<'_>) -> Result<Census, Fault> {
    let count = |sql: &str| tx.one(sql, bind![], |row| row.get::<i64>());
    let (blobs, blob_bytes) = tx.one(
        "SELECT COUNT(*), CAST(COALESCE(SUM(size), 0) AS BIGINT) FROM (\
             SELECT blob, size FROM versions WHERE purged_at IS NULL \
             UNION SELECT blob, size FROM states \
             UNION SELECT blob, size FROM screenshots \
             UNION SELECT blob, size FROM earlier_contents\
         ) AS contents",
        bind![],
        |row| Ok((row.get()?, row.get()?)),
    )?;
    Ok(Census {
        users: count("SELECT COUNT(*) FROM users")?,
        games: count("SELECT COUNT(*) FROM roms")?,
        saves: count("SELECT COUNT(*) FROM saves WHERE hidden IS NULL")?,
        versions: count("SELECT COUNT(*) FROM versions")?,
        open_branches: count(
            "SELECT COUNT(*) FROM versions WHERE refused = 1 AND settled_at IS NULL",
        )?,
        states: count("SELECT COUNT(*) FROM states WHERE hidden_at IS NULL")?,
        screenshots: count("SELECT COUNT(*) FROM screenshots WHERE hidden_at IS NULL")?,
        devices: count("SELECT COUNT(*) FROM devices")?,
        blobs,
        blob_bytes,
    })
}
