//! Places that cannot be written: what is there stays as it was, and the run says why.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use keepsave_testkit::binary::Ran;
use keepsave_testkit::faults::Fault::StallInAnswerBody;

use super::faults::{downloads, progress};
use super::process::Process;
use super::{Device, World, results};

/// `pocket` has an older save in `games/zelda.srm` than the server.
async fn behind(world: &World) -> (Device, Device) {
    let (deck, pocket) = (world.device("Deck").await, world.device("Pocket").await);
    deck.lists_zelda();
    pocket.lists(&[(1, "games/zelda.srm", Some("autosave"))]);
    deck.write("zelda.srm", &progress(0));
    deck.run(&[]).expect(0);
    pocket.run(&[]).expect(0);
    deck.write("zelda.srm", &progress(1));
    deck.run(&[]).expect(0);
    (deck, pocket)
}

/// Demands that the run failed for that reason and that nothing was touched; then, that it works
/// once the reason is gone.
fn assert_untouched(pocket: &Device, ran: Ran, reason: &str) {
    let report = ran.json(1);
    assert_eq!(results(&report), ["failed"], "{report}");
    let error = report["results"][0]["error"].as_str().unwrap();
    assert!(error.contains(reason), "{error}");
    assert!(error.contains("zelda.srm"), "{error}");
    assert!(pocket.read("games/zelda.srm") == progress(0));
    assert_eq!(pocket.files("games"), ["zelda.srm"]);
}

fn assert_works(pocket: &Device) {
    assert_eq!(results(&pocket.run(&[]).json(0)), ["downloaded"]);
    assert!(pocket.read("games/zelda.srm") == progress(1));
    assert_eq!(pocket.files("games"), ["zelda.srm"]);
    assert!(pocket.journal() == [progress(0)]);
    assert_eq!(results(&pocket.run(&[]).json(0)), ["nothing"]);
}

/// Runs with mounts of its own, which the script makes.
fn run_on(pocket: &Device, mounts: &str, after: &str) -> Ran {
    let namespace = if rustix::process::getuid().is_root() {
        "--mount"
    } else {
        "-Urm"
    };
    let script = format!("{mounts}\ncode=0; \"$@\" || code=$?\n{after}\nexit $code");
    let program = pocket.command(&pocket.arguments("run", &[]));
    let mut command = Command::new("unshare");
    command
        .args([namespace, "sh", "-ec", &script, "sh"])
        .arg(program.get_program())
        .args(program.get_args())
        .current_dir(pocket.sandbox.path())
        .env_clear()
        .envs(
            program
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        )
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    Process::start(command).wait()
}

#[tokio::test]
async fn a_read_only_directory_is_told_and_left_alone() {
    let world = World::keepsave().await;
    let (_deck, pocket) = behind(&world).await;
    let mounts = "mount --bind games games && mount -o remount,bind,ro games";
    assert_untouched(&pocket, run_on(&pocket, mounts, ""), "read-only");
    assert_works(&pocket);
}

#[tokio::test]
async fn a_full_disk_is_told_and_what_was_there_stays() {
    let world = World::keepsave().await;
    let (_deck, pocket) = behind(&world).await;
    // Room for what is there and half of what comes.
    let mounts = "mkdir -p small && mount -t tmpfs -o size=320k tmpfs small && \
                  cp -p games/zelda.srm small && mount --bind small games";
    let after = "ls -A games > listing; cp games/zelda.srm found";
    assert_untouched(&pocket, run_on(&pocket, mounts, after), "full");
    assert_eq!(pocket.read("listing"), "zelda.srm\n");
    assert!(pocket.read("found") == progress(0));
    assert_works(&pocket);
}

#[tokio::test]
async fn what_the_journal_cannot_keep_is_not_replaced() {
    let world = World::keepsave().await;
    let (_deck, mut pocket) = behind(&world).await;
    pocket.set("KEEPSAVE_JOURNAL_DIR", "small/journal");
    let mounts = "mkdir -p small && mount -t tmpfs -o size=128k tmpfs small";
    let ran = run_on(&pocket, mounts, "");
    let report = ran.json(1);
    assert_eq!(results(&report), ["failed"]);
    let error = report["results"][0]["error"].as_str().unwrap();
    assert!(error.contains("journal"), "{error}");
    assert!(pocket.read("games/zelda.srm") == progress(0));
    assert_eq!(pocket.files("games"), ["zelda.srm"]);

    pocket.set("KEEPSAVE_JOURNAL_DIR", "saves.json/journal");
    let ran = pocket.run(&[]);
    assert_eq!(ran.code, Some(1), "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stderr.contains("journal"), "{}", ran.stderr);
    assert!(pocket.read("games/zelda.srm") == progress(0));
}

#[tokio::test]
async fn a_directory_that_vanishes_is_told_and_made_again() {
    let world = World::keepsave().await;
    let proxy = world.proxy();
    let deck = world.device("Deck").await;
    let pocket = world.device_behind(&proxy, "Pocket").await;
    deck.lists_zelda();
    pocket.lists(&[(1, "games/zelda.srm", Some("autosave"))]);
    deck.write("zelda.srm", &progress(0));
    deck.run(&[]).expect(0);
    proxy.fault(downloads(), StallInAnswerBody(100_000));
    let run = pocket.start(&[]);
    proxy.until_stalled(1);
    fs::remove_dir_all(pocket.path("games")).unwrap();
    proxy.release();
    let report = run.wait().json(1);
    assert_eq!(results(&report), ["failed"]);
    let error = report["results"][0]["error"].as_str().unwrap();
    assert!(error.contains("directory is not there"), "{error}");
    assert!(!pocket.path("games").exists());
    assert_eq!(results(&pocket.run(&[]).json(0)), ["downloaded"]);
    assert!(pocket.read("games/zelda.srm") == progress(0));
}

#[tokio::test]
async fn a_card_that_is_not_in_is_not_made_up() {
    let world = World::keepsave().await;
    let (_deck, pocket) = behind(&world).await;
    let card = crate::sandbox();
    let path = card.path().join("card/zelda.srm");
    pocket.lists(&[(1, path.to_str().unwrap(), Some("autosave"))]);
    let report = pocket.run(&[]).json(1);
    assert_eq!(results(&report), ["failed"]);
    let error = report["results"][0]["error"].as_str().unwrap();
    assert!(error.contains("mount it"), "{error}");
    assert!(!card.path().join("card").exists());
    fs::create_dir(card.path().join("card")).unwrap();
    assert_eq!(results(&pocket.run(&[]).json(0)), ["downloaded"]);
}

#[tokio::test]
async fn what_stands_in_the_way_of_a_download_stays() {
    let world = World::keepsave().await;
    let (_deck, pocket) = behind(&world).await;
    fs::remove_file(pocket.path("games/zelda.srm")).unwrap();
    pocket.write("games/zelda.srm/inside", "mine");
    let report = pocket.run(&[]).json(1);
    assert!(
        results(&report).iter().all(|result| *result == "left_out"),
        "{report}"
    );
    assert_eq!(pocket.read("games/zelda.srm/inside"), "mine");
    fs::remove_dir_all(pocket.path("games/zelda.srm")).unwrap();
    assert_eq!(results(&pocket.run(&[]).json(0)), ["downloaded"]);
}

#[tokio::test]
async fn a_file_stays_open_to_those_whom_it_was_open_to() {
    let world = World::keepsave().await;
    let (_deck, pocket) = behind(&world).await;
    let mode = |mode| fs::Permissions::from_mode(mode);
    fs::set_permissions(pocket.path("games/zelda.srm"), mode(0o640)).unwrap();
    assert_works(&pocket);
    let metadata = fs::metadata(pocket.path("games/zelda.srm")).unwrap();
    assert_eq!(metadata.permissions().mode() & 0o777, 0o640);
}
