//! What a file holds, and how it is replaced.

use std::fs::File;
use std::time::{Duration, SystemTime};

use keepsave_core::decide;
use keepsave_core::layouts::part_of;

use super::*;
use crate::files::rzip::packed;
use crate::files::trial::{Step as DiskStep, TrialDisk, When};
use crate::session::rest;

#[test]
fn trap_02_what_an_emulator_writes_meanwhile_is_never_replaced() {
    let saves = Saves::in_sync();
    let found = saves.found();
    let path = saves.save.clone();
    // It saves between the look and the replacing, in each of the two steps on the way.
    for at in [DiskStep::Rename, DiskStep::Exchange] {
        fs::write(&saves.save, PROGRESS).unwrap();
        let found = content_at(&path, Form::Raw, &NothingKnown)
            .unwrap()
            .unwrap();
        let target = path.clone();
        let done = std::sync::atomic::AtomicBool::new(false);
        let disk = TrialDisk::with(move |when, step, _| {
            let first = when == When::Before && step == at;
            if first && !done.swap(true, std::sync::atomic::Ordering::Relaxed) {
                fs::write(&target, b"what was just played")?;
            }
            Ok(())
        });
        saves
            .put(Arc::new(disk), b"from the server", &found)
            .unwrap_err();
        assert_eq!(
            fs::read(&saves.save).unwrap(),
            b"what was just played",
            "{at:?}"
        );
    }
    // And before it began.
    saves
        .put(Arc::new(RealDisk), b"from the server", &found)
        .unwrap_err();
    assert_eq!(fs::read(&saves.save).unwrap(), b"what was just played");
}

#[test]
fn trap_03_a_file_that_was_only_rewritten_or_a_clock_alone_is_no_progress() {
    let saves = Saves::in_sync();
    // Older versions rewrite at every close.
    assert!(matches!(saves.step_with(PROGRESS), Step::Skip { .. }));
    let clock = [
        (part_of("Game.srm"), saves.step()),
        (part_of("Game.rtc"), Step::Upload),
        (part_of("Game.smpc"), Step::Upload),
    ];
    let steps = decide::together(&clock);
    for choice in &steps[1..] {
        assert!(
            matches!(choice.unwrap().step, Step::Skip { .. }),
            "{choice:?}"
        );
    }
}

#[test]
fn trap_04_what_is_blank_or_only_formatted_never_beats_what_was_played() {
    let saves = Saves::in_sync();
    let mut card = vec![0; 131_072];
    card[..2].copy_from_slice(b"MC");
    for frame in card[128..2048].chunks_mut(128) {
        frame[0] = 0xA0;
    }
    let fresh = [vec![0xFF; 131_072], vec![0; 131_072], Vec::new(), card];
    for (at, bytes) in fresh.iter().enumerate() {
        assert_eq!(saves.step_with(bytes), Step::Conflict, "{at}");
    }
    assert_eq!(saves.step_with(&vec![9; 131_072]), Step::Upload);
}

#[tokio::test(start_paused = true)]
async fn trap_05_a_save_that_is_being_written_is_waited_for_and_a_torn_one_never_travels() {
    let saves = Saves::in_sync();
    for length in [0, 1, 4096, 65_535] {
        assert_eq!(
            saves.step_with(&PROGRESS[..length]),
            Step::Conflict,
            "{length}"
        );
    }
    let place = crate::library::SavePlace {
        directory: saves.room.path().to_owned(),
        stem: "Game".to_owned(),
        ending: "srm".to_owned(),
        ..crate::library::SavePlace::default()
    };
    let looks = std::cell::Cell::new(0);
    let rested = rest::until_at_rest(|| {
        looks.set(looks.get() + 1);
        if looks.get() < 4 {
            fs::write(&saves.save, &PROGRESS[..looks.get() * 1000]).unwrap();
        }
        rest::look(&place)
    });
    assert!(rested.await);
    assert_eq!(looks.get(), 4, "two looks in a row saw the same");
}

#[test]
fn trap_06_a_packed_save_is_what_it_holds() {
    let saves = Saves::in_sync();
    assert!(matches!(
        saves.step_with(&packed(PROGRESS)),
        Step::Skip { .. }
    ));
    let file = saves.found();
    assert_eq!((file.form, file.size), (Form::Rzip, PROGRESS.len() as u64));
    assert_eq!(file.content.hash, saves.was.hash);
    // What comes for it is packed, too.
    let journal = saves.journal();
    let disk = Arc::new(RealDisk);
    put(disk, &saves.save, file.form, b"newer", &file, &journal).unwrap();
    assert_eq!((saves.found().form, saves.found().size), (Form::Rzip, 5));
}

#[test]
fn trap_08_a_save_that_another_core_cut_short_is_a_question() {
    let saves = Saves::in_sync();
    assert_eq!(
        saves.step_with(&vec![9; 32_768]),
        Step::Conflict,
        "of 128 KiB"
    );
    assert_eq!(
        saves.step_with(&vec![9; 65_536]),
        Step::Upload,
        "half of it is a chip's size"
    );
}

#[test]
fn trap_09_a_folder_is_never_gone_while_another_takes_its_place() {
    let room = tempdir().unwrap();
    let folder = room.path().join("ULUS10064DATA00");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("PARAM.SFO"), "old").unwrap();
    let path = room.path().join("ULUS10064");
    let found = content_at(&path, Form::Folders, &NothingKnown)
        .unwrap()
        .unwrap();
    let elsewhere = tempdir().unwrap();
    let from = elsewhere.path().join("ULUS10064DATA00");
    fs::create_dir(&from).unwrap();
    fs::write(from.join("PARAM.SFO"), "new").unwrap();
    let from = elsewhere.path().join("ULUS10064");
    let mut zip = Vec::new();
    let mut zipping = crate::files::folder::Zipping::begin(&from, Form::Folders).unwrap();
    std::io::Read::read_to_end(&mut zipping, &mut zip).unwrap();
    let seen = Arc::new(std::sync::Mutex::new(Vec::new()));
    let (looked, file) = (Arc::clone(&seen), folder.join("PARAM.SFO"));
    let disk = TrialDisk::with(move |_, _, _| {
        looked.lock().unwrap().push(fs::read_to_string(&file)?);
        Ok(())
    });
    let journal = Journal::open(&room.path().join("journal")).unwrap();
    let journal = Journal::on(Arc::new(disk), journal.directory()).unwrap();
    put(
        Arc::clone(journal.disk()),
        &path,
        Form::Folders,
        &zip,
        &found,
        &journal,
    )
    .unwrap();
    let mut seen = seen.lock().unwrap().clone();
    assert!(seen.len() > 50, "{}", seen.len());
    seen.dedup();
    assert_eq!(seen, ["old", "new"]);
}

#[test]
fn trap_10_a_folder_is_taken_with_all_that_is_in_it_and_nothing_beside_it() {
    let room = tempdir().unwrap();
    let write = |name: &str| {
        let path = room.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, name).unwrap();
    };
    for name in [
        "ULUS10064DATA00/PARAM.SFO",
        "ULUS10064DATA00/.hidden",
        "ULUS10064DATA00/deep/er/SAVE.BIN",
        "ULUS10064SYSTEM/OPTIONS.DAT",
    ] {
        write(name);
    }
    let path = room.path().join("ULUS10064");
    let of = || {
        content_at(&path, Form::Folders, &NothingKnown)
            .unwrap()
            .unwrap()
            .content
    };
    let before = of();
    for name in [
        "ULUS10065DATA00/PARAM.SFO",
        "cache/ULUS10064",
        "UCES00995/x",
    ] {
        write(name);
    }
    // What a run of our own is writing there is none of the save's.
    write("ULUS10064DATA00/.SAVE.BIN.keepsave-0123456789ab");
    assert_eq!(of(), before);
    for name in ["ULUS10064DATA00/.hidden2", "ULUS10064DATA01/PARAM.SFO"] {
        write(name);
        assert_ne!(of(), before, "{name}");
    }
}

#[test]
fn trap_13_no_clock_from_1970_to_2099_decides_what_was_in_sync() {
    let years = [0, 1, 315_532_800, 946_684_800, 1_700_000_001, 4_102_444_799];
    let saves = Saves::in_sync();
    for seconds in years {
        let set = |bytes: &[u8]| {
            fs::write(&saves.save, bytes).unwrap();
            let file = File::options().write(true).open(&saves.save).unwrap();
            file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
                .unwrap();
            saves.step()
        };
        assert!(matches!(set(PROGRESS), Step::Skip { .. }), "{seconds}");
        assert_eq!(set(&vec![9; 131_072]), Step::Upload, "{seconds}");
        assert_eq!(set(&vec![0; 131_072]), Step::Conflict, "{seconds}");
    }
}

#[test]
fn trap_18_a_file_that_is_a_zip_has_the_hash_of_its_entries() {
    let zip = |level: i64| {
        let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        let options = zip::write::SimpleFileOptions::default()
            .compression_method(zip::CompressionMethod::Deflated)
            .compression_level(Some(level));
        zip.start_file("SAVE.DAT", options).unwrap();
        std::io::Write::write_all(&mut zip, &[7; 5000]).unwrap();
        zip.finish().unwrap().into_inner()
    };
    let room = tempdir().unwrap();
    let hash = |bytes: &[u8]| {
        let path = room.path().join("Game.pure.zip");
        fs::write(&path, bytes).unwrap();
        content_at(&path, Form::Raw, &NothingKnown)
            .unwrap()
            .unwrap()
            .content
    };
    let (one, other) = (hash(&zip(1)), hash(&zip(9)));
    assert_ne!(one.blob, other.blob, "other bytes");
    assert!(one.same(&other) && one.hash.is_some(), "the same save");
}
