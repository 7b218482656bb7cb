//! Looks for files and directories, and remembers what came of it for `doctor`.

use std::io::{self, Read};
use std::path::Path;

use keepsave_core::limits;

use super::game::{Found, Looked};

/// What was looked for so far.
#[derive(Debug, Default)]
pub struct Looking {
    /// In the order in which it was looked for.
    pub looked: Vec<Looked>,
}

impl Looking {
    /// The text of a file, if it is there and can be read. What is no UTF-8 in it is replaced.
    pub fn text(&mut self, what: &str, path: &Path) -> Option<String> {
        let read = read(path);
        let found = match &read {
            Ok(Some(_)) => Found::Yes,
            Ok(None) => Found::No,
            Err(why) => Found::Unreadable(why.clone()),
        };
        self.note(what, path, found);
        read.ok().flatten()
    }

    /// Whether a directory is there.
    pub fn directory(&mut self, what: &str, path: &Path) -> bool {
        let found = match path.metadata() {
            Ok(about) if about.is_dir() => Found::Yes,
            Ok(_) => Found::Unreadable("it is no directory".to_owned()),
            Err(error) if is_absent(&error) => Found::No,
            Err(error) => Found::Unreadable(error.to_string()),
        };
        let there = found == Found::Yes;
        self.note(what, path, found);
        there
    }

    /// Remembers what was found.
    pub fn note(&mut self, what: &str, path: &Path, found: Found) {
        self.looked.push(Looked {
            what: what.to_owned(),
            path: path.to_owned(),
            found,
        });
    }

    /// Remembers what is wrong with something that was read, if anything is.
    pub fn fault(&mut self, what: &str, path: &Path, why: Option<String>) {
        if let Some(why) = why {
            self.note(what, path, Found::Unreadable(why));
        }
    }
}

/// Whether an error says that nothing is there.
fn is_absent(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

/// The text of a file that may not be there. What is no UTF-8 in it is replaced.
pub fn read(path: &Path) -> Result<Option<String>, String> {
    let limit = limits::FRONTEND_FILE_BYTES;
    match path.metadata() {
        // Opening a pipe would wait for its other end.
        Ok(about) if !about.is_file() => return Err("it is no file".to_owned()),
        Ok(about) if about.len() > limit => return Err(format!("it is larger than {limit} bytes")),
        Ok(_) => {}
        Err(error) if is_absent(&error) => return Ok(None),
        Err(error) => return Err(error.to_string()),
    }
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(|error| error.to_string())?;
    file.take(limit)
        .read_to_end(&mut bytes)
        .map_err(|error| error.to_string())?;
    Ok(Some(match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
    }))
}

#[cfg(test)]
mod tests {
    use super::super::tree::Tree;
    use super::*;

    #[test]
    fn what_was_looked_for_is_remembered_found_or_not() {
        let tree = Tree::new();
        let there = tree.file("/etc/some.cfg", b"caf\xe9 = yes");
        let large = tree.file("/etc/large.cfg", b"");
        let file = std::fs::File::create(&large).unwrap();
        file.set_len(limits::FRONTEND_FILE_BYTES + 1).unwrap();
        let directory = tree.directory("/etc/some.d");
        let absent = tree.at("/etc/none/at/all.cfg");
        let below_a_file = tree.at("/etc/some.cfg/more");
        let looped = tree.at("/etc/loop");
        std::os::unix::fs::symlink(&looped, &looped).unwrap();

        let mut looking = Looking::default();
        let text = looking.text("settings", &there);
        assert_eq!(text.as_deref(), Some("caf\u{fffd} = yes"));
        for path in [&large, &directory, &absent, &below_a_file, &looped] {
            assert_eq!(looking.text("settings", path), None, "{path:?}");
        }
        assert!(looking.directory("a directory", &directory));
        assert!(!looking.directory("a directory", &there));
        assert!(!looking.directory("a directory", &absent));

        let found: Vec<_> = looking
            .looked
            .into_iter()
            .map(|looked| looked.found)
            .collect();
        let unreadable = |found: &Found| matches!(found, Found::Unreadable(_));
        assert_eq!(found[0], Found::Yes);
        assert!(unreadable(&found[1]) && unreadable(&found[2]), "{found:?}");
        assert_eq!(found[3..5], [Found::No, Found::No]);
        assert!(unreadable(&found[5]), "a link in a loop: {found:?}");
        assert_eq!(found[6], Found::Yes);
        assert!(unreadable(&found[7]));
        assert_eq!(found[8], Found::No);
    }
}
