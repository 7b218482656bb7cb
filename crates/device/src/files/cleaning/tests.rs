//! What a killed run left behind goes, and only that.

use std::fs;

use keepsave_core::ids::RomId;
use tempfile::tempdir;

use super::*;

fn about(name: &OsStr) -> About {
    About {
        account: "player at example.org".into(),
        rom: RomId(7),
        slot: None,
        file_name: name.to_string_lossy().into_owned(),
        reason: "left behind by a run that was killed".into(),
    }
}

#[test]
fn unfinished_files_go_and_swapped_out_ones_go_into_the_journal_first() {
    let room = tempdir().unwrap();
    let saves = room.path().join("saves");
    fs::create_dir(&saves).unwrap();
    let journal = Journal::open(&room.path().join("journal")).unwrap();
    let in_saves = |name: &str, bytes: &str| fs::write(saves.join(name), bytes).unwrap();
    in_saves("a.srm", "a");
    journal
        .keep(&saves.join("a.srm"), &about("a.srm".as_ref()), Time::EPOCH)
        .unwrap();
    in_saves(".a.srm.keepsave-0123456789ab", "half of someth");
    in_saves(".a.srm.keepsave-0123456789ac.out", "a");
    in_saves(".b.srm.keepsave-0123456789ad.out", "unsynced");
    in_saves(".hidden.srm", "not ours");

    let cleaned = clean(&saves, &journal, Time::EPOCH, &about).unwrap();
    assert_eq!(cleaned.removed.len(), 3);
    assert_eq!(cleaned.kept.len(), 1, "the journal had the other");
    let kept = &cleaned.kept[0];
    assert_eq!(kept.path, saves.join("b.srm"));
    assert_eq!(kept.about.file_name, "b.srm");
    let mut bytes = String::new();
    io::Read::read_to_string(&mut journal.open_content(kept).unwrap(), &mut bytes).unwrap();
    assert_eq!(bytes, "unsynced");
    let mut names: Vec<_> = fs::read_dir(&saves)
        .unwrap()
        .map(|it| it.unwrap().file_name())
        .collect();
    names.sort();
    assert_eq!(names, [".hidden.srm", "a.srm"]);
    let again = clean(&saves, &journal, Time::EPOCH, &about).unwrap();
    assert!(again.removed.is_empty() && again.kept.is_empty() && again.left.is_empty());
}

#[test]
fn what_cannot_be_journalled_stays_where_it_is() {
    use crate::files::trial::{Step, TrialDisk};
    let room = tempdir().unwrap();
    let place = room.path().join("journal");
    Journal::open(&place).unwrap();
    let disk = TrialDisk::failing(Step::Write, "journal", rustix::io::Errno::NOSPC);
    let journal = Journal::on(disk, &place).unwrap();
    let left = room.path().join(".b.srm.keepsave-0123456789ad.out");
    fs::write(&left, "unsynced").unwrap();
    let cleaned = clean(room.path(), &journal, Time::EPOCH, &about).unwrap();
    assert_eq!(cleaned.left.len(), 1);
    assert!(
        cleaned.left[0].1.contains("cannot be written"),
        "{:?}",
        cleaned.left
    );
    assert_eq!(fs::read(&left).unwrap(), b"unsynced");
}
