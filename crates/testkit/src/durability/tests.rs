//! A power cut forgets what was not made durable, and nothing else.

use std::os::unix::fs::MetadataExt;
use std::sync::Arc;

use keepsave_disk::{Disk, RealDisk};

use super::*;
use crate::mortal::MortalDisk;

struct Room {
    directory: tempfile::TempDir,
    disk: Arc<MortalDisk>,
}

impl Room {
    /// A directory in which one file stands for sure.
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("old"), "old").unwrap();
        Self {
            disk: Arc::new(MortalDisk::sound(directory.path())),
            directory,
        }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn write(&self, name: &str, text: &str) -> fs::File {
        let mut file = self.disk.create(&self.at(name), 0o600).unwrap();
        self.disk.write(&mut file, text.as_bytes()).unwrap();
        file
    }

    /// What is there after a power cut with that fate for everything: names and contents.
    fn left(&self, fate: u64) -> Vec<(String, String)> {
        let to = tempfile::tempdir().unwrap();
        let fate = &mut |ways: u64| fate.min(ways - 1);
        self.disk.left(|it| it.left_by_power_cut(to.path(), fate));
        let entries = fs::read_dir(to.path()).unwrap().map(Result::unwrap);
        let mut found: Vec<_> = entries
            .filter(|entry| entry.path().is_file())
            .map(|entry| {
                let name = entry.file_name().into_string().unwrap();
                (name, fs::read_to_string(entry.path()).unwrap())
            })
            .collect();
        found.sort();
        found
    }
}

fn files(files: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(name, text): &(&str, &str)| ((*name).to_owned(), (*text).to_owned());
    files.iter().map(owned).collect()
}

#[test]
fn bytes_and_names_are_forgotten_each_by_itself() {
    let room = Room::new();
    let file = room.write("new", "new!");
    let old = ("old", "old");
    assert_eq!(room.left(0), files(&[old]));
    assert_eq!(room.left(1), files(&[("new", "\0\0\0\0"), old]));
    assert_eq!(room.left(2), files(&[("new", "ne"), old]));
    assert_eq!(room.left(3), files(&[("new", "new!"), old]));
    room.disk.sync(&file).unwrap();
    assert_eq!(room.left(0), files(&[old]), "its name is not durable");
    room.disk.sync_directory(room.directory.path()).unwrap();
    assert_eq!(room.left(0), files(&[("new", "new!"), old]));
}

#[test]
fn a_rename_takes_place_or_not() {
    let room = Room::new();
    let file = room.write("new", "new");
    room.disk.sync(&file).unwrap();
    room.disk.sync_directory(room.directory.path()).unwrap();
    room.disk.rename(&room.at("new"), &room.at("old")).unwrap();
    assert_eq!(room.left(0), files(&[("new", "new"), ("old", "old")]));
    assert_eq!(room.left(1), files(&[("old", "new")]));
}

#[test]
fn what_is_removed_may_come_back() {
    let room = Room::new();
    room.disk.remove(&room.at("old")).unwrap();
    assert_eq!(room.left(0), files(&[("old", "old")]));
    assert_eq!(room.left(1), []);
}

#[test]
fn between_directories_a_rename_is_two_things() {
    let room = Room::new();
    room.disk
        .create_directory(&room.at("below"), 0o700)
        .unwrap();
    room.disk.sync_directory(room.directory.path()).unwrap();
    let to = room.at("below/old");
    room.disk.rename(&room.at("old"), &to).unwrap();
    room.disk.sync_directory(&room.at("below")).unwrap();
    let left = tempfile::tempdir().unwrap();
    let forget = &mut |_: u64| 0;
    room.disk
        .left(|it| it.left_by_power_cut(left.path(), forget));
    let inode = |name: &str| left.path().join(name).metadata().unwrap().ino();
    assert_eq!(inode("old"), inode("below/old"), "it has both names");
}

#[test]
fn what_nobody_told_of_stays_as_it_is() {
    let room = Room::new();
    fs::write(room.at("database"), "rows").unwrap();
    assert_eq!(room.left(0), files(&[("database", "rows"), ("old", "old")]));
}

#[test]
fn nothing_happens_after_a_death_and_a_write_gets_half_way() {
    let directory = tempfile::tempdir().unwrap();
    let disk = MortalDisk::dying_at(directory.path(), 1);
    let path = directory.path().join("new");
    let mut file = disk.create(&path, 0o600).unwrap();
    disk.write(&mut file, b"new!").unwrap_err();
    disk.write(&mut file, b"more").unwrap_err();
    disk.remove(&path).unwrap_err();
    assert_eq!(fs::read(&path).unwrap(), b"ne");
    assert!(disk.died());
    assert_eq!(disk.steps(), ["create new", "write new"]);
    RealDisk.remove(&path).unwrap();
}
