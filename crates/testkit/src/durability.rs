//! What of a directory would survive a power cut.
//!
//! It is told each step that is taken there, and knows which of them were made durable: the bytes of
//! a file by a sync of the file, the names in a directory by a sync of the directory. All others are
//! kept or forgotten one by one, as whoever cuts the power chooses: what a file held since its last
//! sync, a name that was given, taken away or exchanged. A rename from one directory to another is
//! two of them. Files that nobody told of, such as a database's, are as durable as they look: they
//! are their owner's affair.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// A directory, as it is and as it would be.
#[derive(Debug)]
pub struct Durability {
    root: PathBuf,
    nodes: Vec<Node>,
    /// What has which name in which directory, now and for sure.
    now: Names,
    durable: Names,
    /// What was done to names since their directory was synced.
    pending: Vec<Change>,
}

type At = usize;
type Name = (At, OsString);
type Names = BTreeMap<Name, At>;
const ROOT: At = 0;

/// A file or a directory, whatever it is called.
#[derive(Debug)]
enum Node {
    Directory,
    File {
        /// What it held when it was last synced; none when it still does.
        before: Option<Vec<u8>>,
        /// What it held when it lost its last name.
        last: Option<Vec<u8>>,
    },
}

/// Something that was done to the names in one directory.
#[derive(Clone, Debug)]
enum Change {
    Given(Name, At),
    Taken(Name),
    Moved { from: Name, to: Name, node: At },
    Exchanged(Name, Name),
}

/// Decides what becomes of something that was not durable: one of so many ways.
pub type Fate<'a> = &'a mut dyn FnMut(u64) -> u64;

impl Durability {
    /// Everything that is in a directory now is durable.
    pub fn of(root: &Path) -> Self {
        let mut this = Self {
            root: root.to_owned(),
            nodes: vec![Node::Directory],
            now: Names::new(),
            durable: Names::new(),
            pending: Vec::new(),
        };
        this.take_stock(ROOT, root);
        this.durable = this.now.clone();
        this
    }

    fn take_stock(&mut self, directory: At, path: &Path) {
        use std::os::unix::fs::MetadataExt;
        let mut linked: BTreeMap<u64, At> = BTreeMap::new();
        let mut open = vec![(directory, path.to_owned())];
        while let Some((directory, path)) = open.pop() {
            for entry in fs::read_dir(path).unwrap() {
                let entry = entry.unwrap();
                let about = entry.path().symlink_metadata().unwrap();
                let known = linked.get(&about.ino()).copied();
                let node = known.unwrap_or_else(|| self.add(about.is_dir()));
                linked.insert(about.ino(), node);
                self.now.insert((directory, entry.file_name()), node);
                if about.is_dir() {
                    open.push((node, entry.path()));
                }
            }
        }
    }

    fn add(&mut self, is_directory: bool) -> At {
        self.nodes.push(if is_directory {
            Node::Directory
        } else {
            Node::File {
                before: None,
                last: None,
            }
        });
        self.nodes.len() - 1
    }

    /// The name of a path; none outside of the root.
    fn name(&self, path: &Path) -> Option<Name> {
        let below = path.strip_prefix(&self.root).ok()?;
        let directory = self.node(path.parent()?)?;
        Some((directory, below.file_name()?.to_owned()))
    }

    fn node(&self, path: &Path) -> Option<At> {
        let below = path.strip_prefix(&self.root).ok()?;
        below.iter().try_fold(ROOT, |directory, name| {
            self.now.get(&(directory, name.to_owned())).copied()
        })
    }

    fn give(&mut self, name: Name, node: At) {
        self.pending.push(Change::Given(name.clone(), node));
        self.now.insert(name, node);
    }

    /// A file was made.
    pub fn created(&mut self, path: &Path) {
        if let Some(name) = self.name(path) {
            let node = self.add(false);
            self.nodes[node] = Node::File {
                before: Some(Vec::new()),
                last: None,
            };
            self.give(name, node);
        }
    }

    /// A file is about to be written to.
    pub fn writes(&mut self, path: &Path) {
        if let Some(node) = self.node(path)
            && let Node::File { before, .. } = &mut self.nodes[node]
            && before.is_none()
        {
            *before = Some(fs::read(path).unwrap_or_default());
        }
    }

    /// A file was synced.
    pub fn synced(&mut self, path: &Path) {
        if let Some(node) = self.node(path)
            && let Node::File { before, .. } = &mut self.nodes[node]
        {
            *before = None;
        }
    }

    /// The names in a directory were synced.
    pub fn synced_directory(&mut self, path: &Path) {
        let Some(directory) = self.node(path) else {
            return;
        };
        let (synced, pending) = std::mem::take(&mut self.pending)
            .into_iter()
            .partition(|change| change.directory() == directory);
        self.pending = pending;
        let synced: Vec<Change> = synced;
        for change in synced {
            change.apply(&mut self.durable);
        }
    }

    /// A directory was made, and those above it that were missing.
    pub fn made_directory(&mut self, path: &Path) {
        let mut missing: Vec<&Path> = path.ancestors().collect();
        missing.retain(|at| at.starts_with(&self.root));
        for at in missing.into_iter().rev() {
            if self.node(at).is_none()
                && let Some(name) = self.name(at)
            {
                let node = self.add(true);
                self.give(name, node);
            }
        }
    }

    /// A file got a second name.
    pub fn linked(&mut self, file: &Path, name: &Path) {
        if let (Some(node), Some(name)) = (self.node(file), self.name(name)) {
            self.give(name, node);
        }
    }

    /// A file or directory is about to get another name.
    pub fn renames(&mut self, from: &Path, to: &Path) {
        self.loses(to);
        let (Some(from), Some(node)) = (self.name(from), self.node(from)) else {
            return;
        };
        self.now.remove(&from);
        match self.name(to) {
            Some(to) if to.0 == from.0 => {
                self.now.insert(to.clone(), node);
                self.pending.push(Change::Moved { from, to, node });
            }
            to => {
                self.pending.push(Change::Taken(from));
                if let Some(to) = to {
                    self.give(to, node);
                }
            }
        }
    }

    /// Two files or directories are about to exchange their names.
    pub fn exchanges(&mut self, one: &Path, other: &Path) {
        if let (Some(one), Some(other)) = (self.name(one), self.name(other)) {
            let change = Change::Exchanged(one, other);
            change.apply(&mut self.now);
            self.pending.push(change);
        }
    }

    /// A file is about to be removed.
    pub fn removes(&mut self, path: &Path) {
        self.loses(path);
        if let Some(name) = self.name(path)
            && self.now.remove(&name).is_some()
        {
            self.pending.push(Change::Taken(name));
        }
    }

    /// A directory is about to be removed with all that is in it.
    pub fn removes_all(&mut self, path: &Path) {
        for entry in fs::read_dir(path).into_iter().flatten().flatten() {
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => self.removes_all(&entry.path()),
                _ => self.removes(&entry.path()),
            }
        }
        self.removes(path);
    }

    /// What a file holds is remembered before its name goes: it may be its last one.
    fn loses(&mut self, path: &Path) {
        if let Some(node) = self.node(path)
            && let Node::File { last, .. } = &mut self.nodes[node]
        {
            *last = fs::read(path).ok();
        }
    }

    /// What is left in `to` of the directory as it is now: a process died, and the power is on.
    pub fn left_by_death(&self, to: &Path) {
        self.leave(&self.now, to, &mut |ways| ways - 1);
    }

    /// What is left in `to` after the power was cut, when each thing that was not durable has that
    /// fate.
    pub fn left_by_power_cut(&self, to: &Path, fate: Fate<'_>) {
        let mut names = self.durable.clone();
        for change in &self.pending {
            if fate(2) == 1 {
                change.apply(&mut names);
            }
        }
        self.leave(&names, to, fate);
    }

    fn leave(&self, names: &Names, to: &Path, fate: Fate<'_>) {
        let mut left: BTreeMap<At, PathBuf> = BTreeMap::new();
        let mut open = vec![(ROOT, to.to_owned())];
        let mut entered = BTreeSet::new();
        while let Some((directory, to)) = open.pop() {
            // Of two names that a directory has in between, one is as good as the other.
            if !entered.insert(directory) {
                continue;
            }
            fs::create_dir_all(&to).unwrap();
            self.leave_what_nobody_told_of(directory, &to);
            let within = names.range((directory, OsString::new())..);
            for ((_, name), &node) in within.take_while(|((at, _), _)| *at == directory) {
                let to = to.join(name);
                match (&self.nodes[node], left.get(&node)) {
                    (Node::Directory, _) => open.push((node, to)),
                    (Node::File { .. }, Some(first)) => fs::hard_link(first, &to).unwrap(),
                    (Node::File { .. }, None) => {
                        if self.leave_file(node, &to, fate) {
                            left.insert(node, to);
                        }
                    }
                }
            }
        }
    }

    /// A file as it was when it was last synced, empty of what came since, cut short, or as it is;
    /// whether it is there at all, for its owner may have removed it and told nobody.
    fn leave_file(&self, node: At, to: &Path, fate: Fate<'_>) -> bool {
        let Node::File { before, last } = &self.nodes[node] else {
            return false;
        };
        let path = self.path(node);
        let now = path.as_ref().and_then(|path| fs::read(path).ok());
        let Some(now) = now.or_else(|| last.clone()) else {
            return false;
        };
        let bytes = match before {
            None => now,
            Some(before) => match fate(4) {
                0 => before.clone(),
                1 => vec![0; now.len()],
                2 => now[..now.len() / 2].to_vec(),
                _ => now,
            },
        };
        fs::write(to, bytes).unwrap();
        let mode = path.and_then(|path| path.metadata().ok());
        if let Some(mode) = mode {
            fs::set_permissions(to, mode.permissions()).unwrap();
        } else if last.is_some() {
            fs::set_permissions(to, fs::Permissions::from_mode(0o444)).unwrap();
        }
        true
    }

    fn leave_what_nobody_told_of(&self, directory: At, to: &Path) {
        let Some(path) = self.path(directory) else {
            return;
        };
        for entry in fs::read_dir(path).into_iter().flatten().flatten() {
            let is_told_of = self.now.contains_key(&(directory, entry.file_name()));
            if !is_told_of && entry.path().is_file() {
                fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
            }
        }
    }

    /// Where something is now.
    fn path(&self, node: At) -> Option<PathBuf> {
        if node == ROOT {
            return Some(self.root.clone());
        }
        let ((directory, name), _) = self.now.iter().find(|(_, at)| **at == node)?;
        Some(self.path(*directory)?.join(name))
    }
}

impl Change {
    /// Whose names it is about.
    fn directory(&self) -> At {
        match self {
            Self::Given((directory, _), _)
            | Self::Taken((directory, _))
            | Self::Moved {
                from: (directory, _),
                ..
            }
            | Self::Exchanged((directory, _), _) => *directory,
        }
    }

    fn apply(&self, names: &mut Names) {
        match self {
            Self::Given(name, node) => {
                names.insert(name.clone(), *node);
            }
            Self::Taken(name) => {
                names.remove(name);
            }
            Self::Moved { from, to, node } => {
                names.remove(from);
                names.insert(to.clone(), *node);
            }
            Self::Exchanged(one, other) => {
                let (first, second) = (names.remove(one), names.remove(other));
                names.extend(second.map(|node| (one.clone(), node)));
                names.extend(first.map(|node| (other.clone(), node)));
            }
        }
    }
}

#[cfg(test)]
mod tests;
