//! What of a disk would survive a power cut: what was flushed, and of the rest what luck has.
//!
//! A change of names counts once its directory was flushed, the bytes of a file once the file was.
//! Until then each is lost or kept by itself, in any order; two names that change in one step in one
//! directory change together. Bytes that were not flushed may be there, be what they were, be
//! nothing, end early, or be zeros.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::seed::Dice;

/// What has a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Node {
    Directory,
    /// By its inode.
    File(u64),
}

/// A name, and what has it from then on.
type Named = (PathBuf, Option<Node>);

/// What is not flushed yet.
#[derive(Debug, Default)]
pub(super) struct Unflushed {
    /// What each name that was changed stood for when that was last flushed.
    before: BTreeMap<PathBuf, Option<Node>>,
    /// The changes since, oldest first.
    changes: Vec<Vec<Named>>,
    /// Files whose bytes changed: where one is, and the bytes that were flushed.
    files: BTreeMap<u64, (PathBuf, Vec<u8>)>,
    /// What files held that have no name any more.
    nameless: BTreeMap<u64, Vec<u8>>,
}

impl Unflushed {
    /// Does what changes these names, and remembers it.
    pub fn names<T>(
        &mut self,
        names: &[&Path],
        act: impl FnOnce() -> std::io::Result<T>,
    ) -> std::io::Result<T> {
        let before: Vec<Named> = names.iter().map(|name| named(name)).collect();
        for (name, node) in &before {
            if let Some(Node::File(inode)) = node {
                let bytes = fs::read(name).unwrap_or_default();
                self.nameless.insert(*inode, bytes);
            }
        }
        let done = act()?;
        let after: Vec<Named> = names.iter().map(|name| named(name)).collect();
        for (name, node) in before {
            self.before.entry(name).or_insert(node);
        }
        for (name, node) in &after {
            if let Some(Node::File(inode)) = node {
                self.nameless.remove(inode);
                if let Some((path, _)) = self.files.get_mut(inode) {
                    path.clone_from(name);
                }
            }
        }
        self.changes.push(after);
        Ok(done)
    }

    /// The bytes of a file are about to change.
    pub fn bytes(&mut self, path: &Path) {
        if let (_, Some(Node::File(inode))) = named(path)
            && !self.files.contains_key(&inode)
        {
            let is_new = self.changes.iter().flatten();
            let is_new = is_new
                .clone()
                .any(|(_, node)| *node == Some(Node::File(inode)))
                && !self
                    .before
                    .values()
                    .any(|node| *node == Some(Node::File(inode)));
            let flushed = if is_new {
                Vec::new()
            } else {
                fs::read(path).unwrap_or_default()
            };
            self.files.insert(inode, (path.to_owned(), flushed));
        }
    }

    /// The bytes of a file are flushed.
    pub fn flushed(&mut self, path: &Path) {
        if let (_, Some(Node::File(inode))) = named(path) {
            self.files.remove(&inode);
        }
    }

    /// The names in a directory are flushed.
    pub fn directory_flushed(&mut self, directory: &Path) {
        let is_in = |name: &Path| name.parent() == Some(directory);
        self.before.retain(|name, _| !is_in(name));
        for change in &mut self.changes {
            change.retain(|(name, _)| !is_in(name));
        }
        self.changes.retain(|change| !change.is_empty());
    }

    /// Whether luck could change what stands at a path.
    pub fn is_about(&self, path: &Path) -> bool {
        let is_open = match named(path).1 {
            Some(Node::File(inode)) => self.files.contains_key(&inode),
            _ => false,
        };
        is_open || self.before.contains_key(path)
    }

    /// The power goes off. What is left is what there is when it comes back.
    pub fn cut(&mut self, dice: &Dice) {
        let Self {
            before,
            changes,
            files,
            nameless,
        } = std::mem::take(self);
        let mut names = before;
        for change in &changes {
            let mut kept: BTreeMap<&Path, bool> = BTreeMap::new();
            for (name, node) in change {
                let directory = name.parent().unwrap_or(name);
                if *kept.entry(directory).or_insert_with(|| dice.happens(500)) {
                    names.insert(name.clone(), *node);
                }
            }
        }
        let mut contents = nameless;
        for (name, node) in names.keys().map(|name| named(name)) {
            if let Some(Node::File(inode)) = node {
                contents.insert(inode, fs::read(name).unwrap_or_default());
            }
        }
        for (inode, (path, flushed)) in &files {
            let is_here = named(path).1 == Some(Node::File(*inode));
            let now = match contents.get(inode) {
                Some(now) => now.clone(),
                None if is_here => fs::read(path).unwrap_or_default(),
                None => continue,
            };
            let left = left_of(&now, flushed, dice);
            if is_here && !names.contains_key(path) && left != now {
                put(path, &left);
            }
            contents.insert(*inode, left);
        }
        for (name, node) in &names {
            come_back(name, *node, &contents);
        }
    }
}

/// What luck leaves of bytes that were not flushed.
fn left_of(now: &[u8], flushed: &[u8], dice: &Dice) -> Vec<u8> {
    match dice.below(5) {
        0 => flushed.to_vec(),
        1 => Vec::new(),
        2 => now[..dice.index(now.len() + 1)].to_vec(),
        3 => vec![0; now.len()],
        _ => now.to_vec(),
    }
}

/// What a name stands for after the power came back. Those above come before those below.
fn come_back(name: &Path, node: Option<Node>, contents: &BTreeMap<u64, Vec<u8>>) {
    let directory_is_there = name.parent().is_some_and(Path::is_dir);
    match node {
        _ if !directory_is_there => {}
        None if name.is_dir() => drop(fs::remove_dir_all(name)),
        None => drop(fs::remove_file(name)),
        Some(Node::Directory) => drop(fs::create_dir(name)),
        Some(Node::File(inode)) => {
            let bytes = contents.get(&inode).map_or(&[][..], Vec::as_slice);
            let is_so = fs::read(name).is_ok_and(|now| now == bytes);
            if !is_so || named(name).1 != node {
                put(name, bytes);
            }
        }
    }
}

/// Anew, so that nobody takes it for the file that it was.
fn put(path: &Path, bytes: &[u8]) {
    let mode = fs::metadata(path).map(|file| file.permissions());
    drop(fs::remove_file(path));
    fs::write(path, bytes).unwrap();
    if let Ok(mode) = mode {
        fs::set_permissions(path, mode).unwrap();
    }
}

fn named(name: &Path) -> Named {
    let node = fs::symlink_metadata(name).ok().map(|found| {
        if found.is_dir() {
            Node::Directory
        } else {
            Node::File(found.ino())
        }
    });
    (name.to_owned(), node)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// What may stand in a directory after a power cut that comes after `act`.
    fn outcomes(act: impl Fn(&Path, &mut Unflushed)) -> BTreeSet<Vec<(String, String)>> {
        let cut = |seed| {
            let room = super::super::disk::room();
            fs::write(room.path().join("a"), "old").unwrap();
            let mut unflushed = Unflushed::default();
            act(room.path(), &mut unflushed);
            unflushed.cut(&Dice::of(seed));
            let files = fs::read_dir(room.path())
                .unwrap()
                .map(|file| file.unwrap().path());
            let mut files: Vec<_> = files
                .map(|path| {
                    let name = path.file_name().unwrap().to_string_lossy().into_owned();
                    (name, String::from_utf8(fs::read(path).unwrap()).unwrap())
                })
                .collect();
            files.sort();
            files
        };
        (0..200).map(cut).collect()
    }

    fn beside_and_renamed(directory: &Path, unflushed: &mut Unflushed, flush: (bool, bool)) {
        let (a, b) = (directory.join("a"), directory.join("b"));
        unflushed.names(&[&b], || fs::write(&b, "")).unwrap();
        unflushed.bytes(&b);
        fs::write(&b, "new").unwrap();
        if flush.0 {
            unflushed.flushed(&b);
        }
        unflushed.names(&[&b, &a], || fs::rename(&b, &a)).unwrap();
        if flush.1 {
            unflushed.directory_flushed(directory);
        }
    }

    fn only_a(files: &[(String, String)]) -> Option<&str> {
        let mut named_a = files.iter().filter(|(name, _)| name == "a");
        named_a.next().map(|(_, content)| content.as_str())
    }

    #[test]
    fn what_is_flushed_stays_and_what_is_not_may_be_anything() {
        let all = outcomes(|at, unflushed| beside_and_renamed(at, unflushed, (true, true)));
        assert_eq!(all.len(), 1, "{all:?}");
        let names = outcomes(|at, unflushed| beside_and_renamed(at, unflushed, (true, false)));
        let a: BTreeSet<_> = names.iter().map(|files| only_a(files)).collect();
        assert_eq!(a, BTreeSet::from([Some("old"), Some("new")]));
        let bytes = outcomes(|at, unflushed| beside_and_renamed(at, unflushed, (false, true)));
        let a: BTreeSet<_> = bytes.iter().map(|files| only_a(files)).collect();
        assert!(a.contains(&Some("")) && a.contains(&Some("new")), "{a:?}");
        assert!(!a.contains(&Some("old")), "its name was flushed");
    }

    #[test]
    fn what_was_written_in_place_may_be_lost_with_what_was_there() {
        let all = outcomes(|at, unflushed| {
            let a = at.join("a");
            unflushed.bytes(&a);
            fs::write(&a, "new").unwrap();
        });
        let a: BTreeSet<_> = all.iter().map(|files| only_a(files)).collect();
        for possible in ["old", "", "n", "ne", "new", "\0\0\0"] {
            assert!(a.contains(&Some(possible)), "{possible:?}");
        }
    }

    #[test]
    fn a_removed_file_may_come_back() {
        let all = outcomes(|at, unflushed| {
            let a = at.join("a");
            unflushed.names(&[&a], || fs::remove_file(&a)).unwrap();
        });
        let a: BTreeSet<_> = all.iter().map(|files| only_a(files)).collect();
        assert_eq!(a, BTreeSet::from([None, Some("old")]));
    }
}
