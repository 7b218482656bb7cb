//! How each installation lays out its saves, and how it did while saves still stand there.
//!
//! Knows nothing of how a layout is found or what it means.

use std::path::PathBuf;

use rusqlite::{Connection, OptionalExtension};

use super::store::unpoisoned;
use super::{State, StateError, column};

/// How an installation lays out its saves: `save_sort_settings`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// The directory that they are below.
    pub root: Option<PathBuf>,
    /// In folders named after the ROM's folder.
    pub sort_by_content: bool,
    /// In folders named after the core.
    pub sort_by_core: bool,
    /// Beside the ROMs instead.
    pub in_content_directory: bool,
}

/// The layout of an installation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layouts {
    /// As it is now.
    pub current: Layout,
    /// As it was while saves were written that are still to be moved; none when nothing is.
    pub previous: Option<Layout>,
}

impl Layouts {
    /// What is true when an installation is found with that layout. Saves stand where they were
    /// written first: a second change does not make the layout between the two the previous one.
    #[must_use]
    pub fn seen(self, now: Layout) -> Self {
        let previous = self.previous.unwrap_or(self.current);
        Self {
            previous: (previous != now).then_some(previous),
            current: now,
        }
    }

    /// Where saves were written last that are in their place.
    pub fn settled(&self) -> &Layout {
        self.previous.as_ref().unwrap_or(&self.current)
    }
}

impl State {
    /// The layout of an installation; none when it was never seen.
    pub fn layouts(&self, installation: &str) -> Result<Option<Layouts>, StateError> {
        unpoisoned(&self.store).with(|connection| find(connection, installation))
    }

    /// An installation was found with that layout. Cheap when nothing changed.
    pub fn layout_seen(&self, installation: &str, now: &Layout) -> Result<Layouts, StateError> {
        unpoisoned(&self.store).with(|connection| {
            let transaction = connection.transaction()?;
            let before = find(&transaction, installation)?;
            let after = match before.clone() {
                Some(layouts) => layouts.seen(now.clone()),
                None => Layouts {
                    current: now.clone(),
                    previous: None,
                },
            };
            if before.as_ref() != Some(&after) {
                put(&transaction, installation, &after)?;
                transaction.commit()?;
            }
            Ok(after)
        })
    }

    /// Its saves stand where the layout says.
    pub fn layout_settled(&self, installation: &str) -> Result<(), StateError> {
        unpoisoned(&self.store).with(|connection| {
            connection.execute(
                "DELETE FROM layouts WHERE installation = ?1 AND previous = 1",
                [installation],
            )?;
            Ok(())
        })
    }
}

fn find(connection: &Connection, installation: &str) -> rusqlite::Result<Option<Layouts>> {
    let query = "SELECT root, sort_by_content, sort_by_core, in_content_directory FROM layouts
        WHERE installation = ?1 AND previous = ?2";
    let mut statement = connection.prepare_cached(query)?;
    let mut one = |previous: bool| {
        let found = statement.query_row((installation, previous), |row| {
            Ok(Layout {
                root: row.get::<_, Option<Vec<u8>>>(0)?.map(column::path_of),
                sort_by_content: row.get(1)?,
                sort_by_core: row.get(2)?,
                in_content_directory: row.get(3)?,
            })
        });
        found.optional()
    };
    let (current, previous) = (one(false)?, one(true)?);
    Ok(current.map(|current| Layouts { current, previous }))
}

fn put(connection: &Connection, installation: &str, layouts: &Layouts) -> rusqlite::Result<()> {
    connection.execute(
        "DELETE FROM layouts WHERE installation = ?1",
        [installation],
    )?;
    let both = [
        (false, Some(&layouts.current)),
        (true, layouts.previous.as_ref()),
    ];
    for (previous, layout) in both {
        let Some(layout) = layout else { continue };
        let statement = "INSERT INTO layouts (installation, previous, root, sort_by_content,
            sort_by_core, in_content_directory) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        connection.prepare_cached(statement)?.execute((
            installation,
            previous,
            layout.root.as_deref().map(column::path),
            layout.sort_by_content,
            layout.sort_by_core,
            layout.in_content_directory,
        ))?;
    }
    Ok(())
}
