//! Which rows need which blob: what must be there, and what no row needs any more.

use keepsave_core::content::{BlobHash, ContentHash};
use keepsave_core::names::AssetKind;
use serde::Serialize;

use super::sql::Value;
use super::{Fault, Row, Tx};
use crate::bind;

/// A row that needs a blob, and what it says about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Holder {
    /// `version`, `state`, `screenshot` or `earlier content`.
    pub kind: String,
    /// Its id.
    pub id: i64,
    /// The file's name.
    pub file_name: String,
    /// How many bytes it says there are.
    pub size: u64,
    /// The content hash it says they have; only versions say one.
    pub content_hash: Option<ContentHash>,
}

/// Every row that needs a blob whose hash begins with this byte, in the order of the blobs.
pub fn beginning_with(tx: &Tx<'_>, first: u8) -> Result<Vec<(BlobHash, Holder)>, Fault> {
    // As texts of bytes compare, each hash that begins with the byte lies between these two.
    let (from, to) = ([first], [&[first][..], &[0xff; 32]].concat());
    tx.all(
        "SELECT blob, 'version' AS kind, id, file_name, size, content_hash FROM versions \
         WHERE blob >= $1 AND blob <= $2 AND purged_at IS NULL \
         UNION ALL SELECT blob, 'state', id, file_name, size, NULL FROM states \
         WHERE blob >= $1 AND blob <= $2 \
         UNION ALL SELECT blob, 'screenshot', id, file_name, size, NULL FROM screenshots \
         WHERE blob >= $1 AND blob <= $2 \
         UNION ALL SELECT blob, 'earlier content', id, file_name, size, NULL FROM earlier_contents \
         WHERE blob >= $1 AND blob <= $2 ORDER BY blob, kind, id",
        &[Value::Blob(&from), Value::Blob(&to)],
        holder,
    )
}

fn holder(row: &mut Row<'_>) -> Result<(BlobHash, Holder), Fault> {
    Ok((
        row.get()?,
        Holder {
            kind: row.get()?,
            id: row.get()?,
            file_name: row.get()?,
            size: row.get()?,
            content_hash: row.get()?,
        },
    ))
}

/// Whether any row needs the blob.
pub fn is_needed(tx: &Tx<'_>, blob: &BlobHash) -> Result<bool, Fault> {
    tx.exists(
        "SELECT 1 FROM versions WHERE blob = $1 AND purged_at IS NULL \
         UNION ALL SELECT 1 FROM states WHERE blob = $1 \
         UNION ALL SELECT 1 FROM screenshots WHERE blob = $1 \
         UNION ALL SELECT 1 FROM earlier_contents WHERE blob = $1",
        bind![blob],
    )
}

/// A visible row and what its file in the asset tree shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The row's id among those of its kind.
    pub id: i64,
    /// Below the asset directory.
    pub path: String,
    /// The content.
    pub blob: BlobHash,
}

/// How many rows are read at once where all of them are looked at.
const ROWS_AT_ONCE: i64 = 500;

/// The next visible rows of a kind behind an id, in the order of their ids; none at the end.
pub fn shown_after(tx: &Tx<'_>, kind: AssetKind, id: i64) -> Result<Vec<Shown>, Fault> {
    let visible = match kind {
        AssetKind::Save => "saves WHERE hidden IS NULL",
        AssetKind::State => "states WHERE hidden_at IS NULL",
        AssetKind::Screenshot => "screenshots WHERE hidden_at IS NULL",
    };
    let sql = format!(
        "SELECT id, file_path || '/' || file_name, blob FROM {visible} AND id > $1 \
         ORDER BY id LIMIT $2"
    );
    tx.all(&sql, bind![id, ROWS_AT_ONCE], |row| {
        Ok(Shown {
            id: row.get()?,
            path: row.get()?,
            blob: row.get()?,
        })
    })
}

/// What one file of the asset tree shows now; none when nothing does.
pub fn shown_at(tx: &Tx<'_>, path: &str) -> Result<Option<BlobHash>, Fault> {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    tx.optional(
        "SELECT blob FROM saves WHERE file_path = $1 AND file_name = $2 AND hidden IS NULL \
         UNION ALL SELECT blob FROM states \
         WHERE file_path = $1 AND file_name = $2 AND hidden_at IS NULL \
         UNION ALL SELECT blob FROM screenshots \
         WHERE file_path = $1 AND file_name = $2 AND hidden_at IS NULL",
        bind![folder, name],
        |row| row.get(),
    )
}

/// Whether a row that is hidden by now had its file there.
pub fn was_shown_at(tx: &Tx<'_>, path: &str) -> Result<bool, Fault> {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    tx.exists(
        "SELECT 1 FROM saves WHERE file_path = $1 AND file_name = $2 AND hidden IS NOT NULL \
         UNION ALL SELECT 1 FROM states \
         WHERE file_path = $1 AND file_name = $2 AND hidden_at IS NOT NULL \
         UNION ALL SELECT 1 FROM screenshots \
         WHERE file_path = $1 AND file_name = $2 AND hidden_at IS NOT NULL",
        bind![folder, name],
    )
}

/// What the database finds wrong with itself, and rows that disagree with one another.
pub fn contradictions(tx: &Tx<'_>) -> Result<Vec<String>, Fault> {
    let text = |row: &mut Row<'_>| row.get::<String>();
    let mut found = tx.all("PRAGMA integrity_check", bind![], text)?;
    found.retain(|line| line != "ok");
    found.extend(tx.all(
        "SELECT 'A row of ' || \"table\" || ' refers to one of ' || parent || ' that is gone' \
         FROM pragma_foreign_key_check",
        bind![],
        text,
    )?);
    for (sentence, sql) in [
        (
            "does not say what the version it shows says",
            "SELECT s.id FROM saves s JOIN versions v ON v.id = s.version_id \
             WHERE s.blob <> v.blob OR s.size <> v.size OR s.timeline_id <> v.timeline_id \
             OR COALESCE(s.content_hash, x'') <> COALESCE(v.content_hash, x'') ORDER BY s.id",
        ),
        (
            "is listed, but the bytes of the version it shows were given up",
            "SELECT s.id FROM saves s JOIN versions v ON v.id = s.version_id \
             WHERE s.hidden IS NULL AND v.purged_at IS NOT NULL ORDER BY s.id",
        ),
        (
            "is the newest of its timeline, but not its head",
            "SELECT s.id FROM saves s JOIN timelines t ON t.id = s.timeline_id \
             WHERE s.hidden IS NULL AND t.head_save_id IS NOT s.id AND s.id = (SELECT n.id \
             FROM saves n WHERE n.timeline_id = t.id AND n.hidden IS NULL \
             ORDER BY n.updated_at DESC, n.id DESC LIMIT 1) ORDER BY s.id",
        ),
    ] {
        let ids = tx.all(sql, bind![], |row| row.get::<i64>())?;
        found.extend(ids.into_iter().map(|id| format!("Save {id} {sentence}")));
    }
    Ok(found)
}
