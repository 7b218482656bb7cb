//! How each `RetroArch` lays out its saves, and how it did while saves may still stand there.
//!
//! Knows nothing of how a layout is found or what it means.

use std::path::Path;

use rusqlite::Connection;

use super::store::unpoisoned;
use super::{State, StateError, column};
use crate::library::Layout;

/// The layouts of one `RetroArch`: `save_sort_settings`, and what came before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layouts {
    /// As it is now.
    pub current: Layout,
    /// Those that were left since saves were moved last, in the order in which they were. Saves may
    /// have been written under each of them. The one of now is among them where it came back.
    pub previous: Vec<Layout>,
}

impl Layouts {
    /// What is true when saves are found to be laid out so.
    #[must_use]
    pub fn seen(mut self, now: Layout) -> Self {
        if self.current != now {
            if !self.previous.contains(&self.current) {
                self.previous.push(self.current);
            }
            self.current = now;
        }
        self
    }

    /// The others under which saves may have been written, in the order in which they were left.
    pub fn others(&self) -> impl Iterator<Item = &Layout> {
        self.previous
            .iter()
            .filter(|before| **before != self.current)
    }

    /// Whether it is as it was when saves were moved last.
    pub fn is_back(&self) -> bool {
        self.previous.first() == Some(&self.current)
    }
}

impl State {
    /// The layouts of the `RetroArch` whose settings are there; none when it was never seen.
    pub fn layouts(&self, config: &Path) -> Result<Option<Layouts>, StateError> {
        unpoisoned(&self.store).with(|connection| find(connection, config))
    }

    /// A `RetroArch` was found that lays out saves so. Cheap when nothing changed.
    pub fn layout_seen(&self, config: &Path, now: &Layout) -> Result<Layouts, StateError> {
        unpoisoned(&self.store).with(|connection| {
            let transaction = connection.transaction()?;
            let before = find(&transaction, config)?;
            let after = match before.clone() {
                Some(layouts) => layouts.seen(now.clone()),
                None => Layouts {
                    current: now.clone(),
                    previous: Vec::new(),
                },
            };
            if before.as_ref() != Some(&after) {
                put(&transaction, config, &after)?;
                transaction.commit()?;
            }
            Ok(after)
        })
    }

    /// Its saves stand where the layout says, and none where one of those before said: unless it
    /// changed again meanwhile. Whether that is so.
    pub fn layout_settled(&self, config: &Path, seen: &Layouts) -> Result<bool, StateError> {
        unpoisoned(&self.store).with(|connection| {
            let transaction = connection.transaction()?;
            let is_so = find(&transaction, config)?.as_ref() == Some(seen);
            if is_so {
                let settled = Layouts {
                    previous: Vec::new(),
                    ..seen.clone()
                };
                put(&transaction, config, &settled)?;
                transaction.commit()?;
            }
            Ok(is_so)
        })
    }
}

fn find(connection: &Connection, config: &Path) -> rusqlite::Result<Option<Layouts>> {
    let query = "SELECT root, sort_by_content, sort_by_core, in_content_directory FROM layouts
        WHERE retroarch = ?1 ORDER BY number";
    let mut statement = connection.prepare_cached(query)?;
    let rows = statement.query_map([config.to_string_lossy()], |row| {
        Ok(Layout {
            root: row.get::<_, Option<Vec<u8>>>(0)?.map(column::path_of),
            sort_by_content: row.get(1)?,
            sort_by_core: row.get(2)?,
            in_content_directory: row.get(3)?,
        })
    })?;
    let mut all = rows.collect::<rusqlite::Result<Vec<_>>>()?.into_iter();
    Ok(all.next().map(|current| Layouts {
        current,
        previous: all.collect(),
    }))
}

fn put(connection: &Connection, config: &Path, layouts: &Layouts) -> rusqlite::Result<()> {
    let retroarch = config.to_string_lossy();
    connection.execute("DELETE FROM layouts WHERE retroarch = ?1", [&retroarch])?;
    let statement = "INSERT INTO layouts (retroarch, number, root, sort_by_content, sort_by_core,
        in_content_directory) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let mut statement = connection.prepare_cached(statement)?;
    let all = std::iter::once(&layouts.current).chain(&layouts.previous);
    for (number, layout) in (0_i64..).zip(all) {
        statement.execute((
            &retroarch,
            number,
            layout.root.as_deref().map(column::path),
            layout.sort_by_content,
            layout.sort_by_core,
            layout.in_content_directory,
        ))?;
    }
    Ok(())
}
