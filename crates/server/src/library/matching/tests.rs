//! Which game is which, over every small library: three names, three contents, and what can happen
//! to them between two scans.

use keepsave_core::ids::{PlatformId, RomFileId, RomId};
use proptest::prelude::*;

use super::*;
use crate::library::walk::SeenFile;
use crate::vault::roms::Hashes;

/// How large every file is: all the same, so that only contents tell them apart.
const SIZE: u64 = 1000;

/// A file: its platform, its name, and what is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Placed {
    platform: &'static str,
    name: &'static str,
    content: u8,
}

/// The moment at which a content was written: files keep it when they are renamed.
fn written(content: u8) -> Time {
    Time::from_micros(i64::from(content))
}

fn identity(content: u8) -> Identity {
    Identity([content; 32])
}

fn known(id: i64, at: Placed, missing: bool) -> KnownGame {
    KnownGame {
        id: RomId(id),
        platform_id: PlatformId(1),
        platform: at.platform.to_owned(),
        fs_name: at.name.to_owned(),
        fs_path: format!("roms/{}", at.platform),
        is_folder: false,
        name: at.name.to_owned(),
        named: false,
        hashed: true,
        identity: Some(identity(at.content)),
        identity_size: SIZE,
        registered: false,
        listed: false,
        missing,
        files: vec![RomFile {
            id: RomFileId(id),
            rom_id: RomId(id),
            file_name: at.name.to_owned(),
            file_path: format!("roms/{}", at.platform),
            size: SIZE,
            modified_at: written(at.content),
            inode: id,
            hashes: Hashes::default(),
            hashed: true,
            uniform: false,
            archive_members: None,
            created_at: Time::EPOCH,
            updated_at: Time::EPOCH,
        }],
    }
}

fn found(at: Placed) -> FoundGame {
    FoundGame {
        platform: at.platform.to_owned(),
        seen: SeenGame {
            fs_name: at.name.to_owned(),
            is_folder: false,
            files: vec![SeenFile {
                within: String::new(),
                name: at.name.to_owned(),
                size: SIZE,
                modified_at: written(at.content),
                inode: 0,
                has_twin: false,
            }],
        },
        identity_size: SIZE,
        read: None,
    }
}

/// Pairs the way a scan does: reads what must be read, then settles.
fn pair<'a>(known: &'a [KnownGame], found: &mut [FoundGame], contents: &[u8]) -> Pairs<'a> {
    let mut pairs = Pairs::unchanged(known, found);
    for at in pairs.to_read(found) {
        found[at].read = Some(ReadGame {
            files: Vec::new(),
            hashes: Hashes::default(),
            identity: Some(identity(contents[at])),
        });
    }
    pairs.settle_rest(found);
    pairs
}

/// The ids of the known games that the files on the disk are.
fn paired(before: &[(Placed, bool)], after: &[Placed]) -> Vec<Option<i64>> {
    let known: Vec<_> = (1..)
        .zip(before)
        .map(|(id, (at, missing))| known(id, *at, *missing))
        .collect();
    let mut on_disk: Vec<_> = after.iter().copied().map(found).collect();
    let contents: Vec<_> = after.iter().map(|at| at.content).collect();
    let pairs = pair(&known, &mut on_disk, &contents);
    (0..after.len())
        .map(|at| pairs.known_of(at).map(|game| game.id.0))
        .collect()
}

const fn at(platform: &'static str, name: &'static str, content: u8) -> Placed {
    Placed {
        platform,
        name,
        content,
    }
}

#[test]
fn contents_go_before_names() {
    let there = |at| (at, false);
    // Renamed onto the name of one that was deleted.
    let before = [there(at("gba", "a", 1)), there(at("gba", "b", 2))];
    assert_eq!(paired(&before, &[at("gba", "a", 2)]), [Some(2)]);
    // Traded names.
    let after = [at("gba", "a", 2), at("gba", "b", 1)];
    assert_eq!(paired(&before, &after), [Some(2), Some(1)]);
    // Gone, and something else in its place.
    assert_eq!(paired(&before[..1], &[at("gba", "a", 3)]), [Some(1)]);
}

#[test]
fn of_equal_contents_only_names_tell() {
    let there = |at| (at, false);
    let before = [there(at("gba", "a", 1)), there(at("gba", "b", 1))];
    let after = [at("gba", "c", 1), at("gba", "d", 1)];
    assert_eq!(paired(&before, &after), [None, None]);
    let after = [at("gb", "b", 1), at("gb", "a", 1)];
    assert_eq!(paired(&before, &after), [Some(2), Some(1)]);
    let after = [at("gba", "a", 1), at("gba", "c", 1)];
    assert_eq!(paired(&before, &after), [Some(1), Some(2)]);
    // One game, and two that could be it.
    let after = [at("gba", "c", 1), at("gba", "d", 1)];
    assert_eq!(paired(&before[..1], &after), [None, None]);
    let after = [at("gba", "c", 1), at("gb", "d", 1)];
    assert_eq!(paired(&before[..1], &after), [Some(1), None]);
}

#[test]
fn a_game_that_is_there_goes_before_one_long_gone() {
    let before = [(at("gba", "a", 1), true), (at("gba", "a", 2), false)];
    assert_eq!(paired(&before, &[at("gba", "a", 3)]), [Some(2)]);
    assert_eq!(paired(&before, &[at("gba", "a", 1)]), [Some(1)]);
}

#[test]
fn what_was_never_read_is_known_by_size_and_time() {
    let mut unread = known(1, at("gba", "a", 1), false);
    unread.identity = None;
    unread.hashed = false;
    let known = [unread];
    let renamed = at("gba", "b", 1);
    let pairs = pair(&known, &mut [found(renamed)], &[1]);
    assert_eq!(pairs.known_of(0).map(|game| game.id), Some(RomId(1)));
    let other = at("gba", "b", 2);
    let pairs = pair(&known, &mut [found(other)], &[2]);
    assert!(pairs.known_of(0).is_none());
}

#[test]
fn nothing_is_read_that_could_be_no_other_game() {
    let before = [known(1, at("gba", "a", 1), false)];
    let same = [found(at("gba", "a", 1))];
    assert!(Pairs::unchanged(&before, &same).to_read(&same).is_empty());
    // Other bytes in its place: whatever they are, it is this game.
    let changed = [found(at("gba", "a", 2))];
    assert!(
        Pairs::unchanged(&before, &changed)
            .to_read(&changed)
            .is_empty()
    );
    // New, while one of the same size is gone.
    let new = [found(at("gba", "b", 2))];
    assert_eq!(Pairs::unchanged(&before, &new).to_read(&new), [0]);
    let mut other_size = found(at("gba", "b", 2));
    other_size.identity_size = SIZE + 1;
    let new = [other_size];
    assert!(Pairs::unchanged(&before, &new).to_read(&new).is_empty());
}

fn placed() -> impl Strategy<Value = Placed> {
    let platforms = prop::sample::select(vec!["gb", "gba"]);
    let names = prop::sample::select(vec!["a", "b", "A"]);
    (platforms, names, 1..4u8).prop_map(|(platform, name, content)| at(platform, name, content))
}

/// Files on a disk: no two in one place.
fn disk() -> impl Strategy<Value = Vec<Placed>> {
    prop::collection::btree_map((0..2usize, 0..3usize), 1..4u8, 0..6).prop_map(|files| {
        files
            .into_iter()
            .map(|((platform, name), content)| {
                at(["gb", "gba"][platform], ["a", "b", "A"][name], content)
            })
            .collect()
    })
}

proptest! {
    #[test]
    fn every_game_is_at_most_one_and_keeps_what_is_surely_its_own(
        there in disk(),
        gone in prop::collection::vec(placed(), 0..3),
        after in disk(),
    ) {
        let before: Vec<_> = there
            .iter()
            .map(|at| (*at, false))
            .chain(gone.into_iter().map(|at| (at, true)))
            .collect();
        let ids = paired(&before, &after);

        let mut taken: Vec<_> = ids.iter().flatten().collect();
        taken.sort_unstable();
        let count = taken.len();
        taken.dedup();
        prop_assert_eq!(taken.len(), count, "two files became one game");

        let known = |id: i64| before[usize::try_from(id - 1).unwrap()].0;
        for (file, id) in after.iter().zip(&ids) {
            if let Some(index) = there.iter().position(|other| other == file) {
                prop_assert_eq!(*id, i64::try_from(index + 1).ok(), "it did not change");
            }
            let Some(id) = *id else { continue };
            let same_content = known(id).content == file.content;
            let same_name = known(id).platform == file.platform
                && known(id).name.eq_ignore_ascii_case(file.name);
            prop_assert!(same_content || same_name, "{file:?} has nothing of {:?}", known(id));
        }
        for content in 1..4 {
            let holders: Vec<_> = (before.iter().enumerate())
                .filter(|(_, (at, _))| at.content == content)
                .map(|(index, _)| i64::try_from(index + 1).unwrap())
                .collect();
            let files: Vec<_> = (after.iter().zip(&ids))
                .filter(|(at, _)| at.content == content)
                .collect();
            if let ([holder], [(_, id)]) = (holders.as_slice(), files.as_slice()) {
                prop_assert_eq!(**id, Some(*holder), "the only one with its content");
            }
        }
    }
}
