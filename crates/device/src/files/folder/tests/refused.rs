//! What cannot be a save: it is said, and nothing there has changed.

use std::os::unix::ffi::OsStrExt as _;

use super::super::super::trial::as_nobody;
use super::*;

fn refused(zip: &[u8]) -> String {
    let here = Savedata::with(&old_save());
    let found = here.found();
    let refused = here.put(&real(), zip, found.as_ref()).unwrap_err();
    assert_eq!(refused.safe, Safe::Untouched);
    assert_eq!(here.held(), old_save(), "{refused}");
    assert!(!here.container.join("../../escaped").exists());
    assert!(here.kept().is_empty());
    refused.to_string()
}

#[test]
fn a_zip_that_leads_elsewhere_is_refused_as_a_whole() {
    for name in [
        "../escaped",
        "ULUS10064DATA00/../../escaped",
        "/etc/escaped",
        "ULUS10064DATA00//x",
        "ULUS10064DATA00/a\\b",
        "ULUS10064DATA00/NUL",
        "ULUS10064DATA00",
        "UCUS98751DATA00/PARAM.SFO",
        "data/PARAM.SFO",
    ] {
        let mut save = new_save();
        save.insert(name.to_owned(), b"evil".to_vec());
        let why = refused(&zip_of(&save));
        assert!(why.contains("what came is no such folder"), "{name}: {why}");
    }
}

#[test]
fn a_link_in_a_zip_and_damage_are_refused() {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    writer
        .add_symlink("ULUS10064DATA00/x", "../../../escaped", options)
        .unwrap();
    assert!(refused(&writer.finish().unwrap().into_inner()).contains("is a link"));
    assert!(refused(b"no zip").contains("no zip"));
    let zip = zip_of(&new_save());
    refused(&zip[..zip.len() - 30]);
    assert!(refused(&zip_of(&Files::new())).contains("holds nothing"));
}

#[test]
fn what_claims_to_unpack_too_far_is_not_unpacked() {
    let mut zip = zip_of(&files(&[("ULUS10064DATA00/x", b"small")]));
    let entry = zip
        .windows(4)
        .position(|four| four == b"PK\x01\x02")
        .unwrap();
    let large = u32::try_from(limits::FOLDER_SAVE_BYTES + 1).unwrap();
    zip[entry + 24..entry + 28].copy_from_slice(&large.to_le_bytes());
    assert!(refused(&zip).contains("more than a save does"));
}

#[test]
fn a_file_and_a_folder_of_one_name_are_refused() {
    let save = files(&[
        ("ULUS10064A/x", b"file"),
        ("ULUS10064A/x/y", b"within a file"),
    ]);
    refused(&zip_of(&save));
}

#[test]
fn what_no_save_holds_is_said_and_the_folder_is_not_read() {
    let why = |make: &dyn Fn(&Path)| {
        let here = Savedata::with(&old_save());
        make(&here.container.join("ULUS10064DATA00"));
        let error = snapshot(&here.path(), here.form, &NothingKnown).unwrap_err();
        assert!(matches!(error, ReadError::Part { .. }), "{error}");
        error.to_string()
    };
    let outside = tempdir().unwrap();
    assert!(why(&|root| symlink(outside.path(), root.join("link")).unwrap()).contains("is a link"));
    assert!(why(&|root| symlink("loop", root.join("loop")).unwrap()).contains("is a link"));
    let odd = |root: &Path| fs::write(root.join(OsStr::from_bytes(b"caf\xe9")), "x").unwrap();
    assert!(why(&odd).contains("name"));
    assert!(why(&|root| fs::write(root.join("a\\b"), "x").unwrap()).contains("name"));
    let pipe = |root: &Path| {
        rustix::fs::mknodat(
            rustix::fs::CWD,
            root.join("pipe"),
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::RUSR,
            0,
        )
        .unwrap();
    };
    assert!(why(&pipe).contains("neither"));
    let deep = |root: &Path| {
        let below: PathBuf = std::iter::repeat_n("d", 20).collect();
        fs::create_dir_all(root.join(below)).unwrap();
    };
    assert!(why(&deep).contains("more files than a save"));
}

#[test]
fn a_root_that_is_a_link_is_no_save() {
    let here = Savedata::with(&old_save());
    let outside = tempdir().unwrap();
    symlink(outside.path(), here.container.join("ULUS10064LINK")).unwrap();
    let error = snapshot(&here.path(), here.form, &NothingKnown).unwrap_err();
    assert!(error.to_string().contains("is a link"));
}

#[test]
fn a_card_that_is_not_in_is_said() {
    let here = Savedata::with(&Files::new());
    let nowhere = here.container.join("nowhere");
    symlink("/does/not/exist", &nowhere).unwrap();
    for form in [Form::Folder, Form::Folders] {
        let error = snapshot(&nowhere.join("ULUS10064"), form, &NothingKnown).unwrap_err();
        assert!(matches!(error, ReadError::LeadsNowhere { .. }), "{error}");
    }
}

#[test]
fn a_full_disk_leaves_everything_as_it_was() {
    for step in [
        Step::Create,
        Step::CreateDirectory,
        Step::Sync,
        Step::Rename,
        Step::Exchange,
    ] {
        let here = Savedata::with(&old_save());
        let found = here.found();
        let disk = TrialDisk::failing(step, "ULUS10064", Errno::NOSPC);
        here.put(&disk, &zip_of(&new_save()), found.as_ref())
            .unwrap_err();
        assert_eq!(here.held(), old_save(), "{step:?}");
    }
}

#[test]
fn what_is_someone_elses_is_said_and_stays_as_it_is() {
    use std::os::unix::fs::PermissionsExt as _;
    let here = Savedata::with(&old_save());
    let root = here.container.join("ULUS10064DATA00");
    let lock = |mode| fs::set_permissions(&root, fs::Permissions::from_mode(mode)).unwrap();
    lock(0o700);
    let path = here.path();
    let read = as_nobody(|| snapshot(&path, here.form, &NothingKnown));
    assert!(
        matches!(read, Err(ReadError::Unreadable { .. })),
        "{read:?}"
    );
    lock(0o755);
    // It can be read, and not be replaced: the directory that it stands in is someone else's.
    let found = here.found();
    fs::create_dir(&here.journal).unwrap();
    fs::set_permissions(&here.journal, fs::Permissions::from_mode(0o777)).unwrap();
    let zip = zip_of(&new_save());
    let refused = as_nobody(|| here.put(&real(), &zip, found.as_ref()).unwrap_err());
    assert!(matches!(refused.problem, Problem::Denied), "{refused}");
    assert_eq!(here.held(), old_save());
}
