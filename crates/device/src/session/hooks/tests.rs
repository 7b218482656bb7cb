//! Hooks of every frontend, on machines made of a few files.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::*;
use crate::library::tree::Tree;

const SETTINGS: &str = "<?xml version=\"1.0\"?>\n\
    <bool name=\"CustomEventScripts\" value=\"false\" />\n<int name=\"Other\" value=\"3\" />\n";

/// A machine with every frontend.
fn everything() -> Tree {
    let tree = Tree::new();
    tree.file("~/ES-DE/settings/es_settings.xml", SETTINGS);
    let config = "~/.var/app/net.retrodeck.retrodeck/config";
    tree.file(
        &format!("{config}/retrodeck/retrodeck.json"),
        "{\"paths\": {\"rd_home_path\": \"/players/deck/retrodeck\"}}",
    );
    tree.directory("~/retrodeck/ES-DE");
    tree.directory("/userdata/system");
    tree.file("/mnt/SDCARD/.userdata/shared/minuisettings.txt", "");
    tree.directory("/mnt/SDCARD/.userdata/tg5040");
    tree.directory("~/.steam");
    tree
}

fn hooks(tree: &Tree, program: &Path) -> Vec<Hooks> {
    found(&tree.machine(), program)
}

/// Every file of the machine and what is in it.
fn files(directory: &Path, into: &mut BTreeMap<PathBuf, String>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, into);
        } else {
            into.insert(path.clone(), fs::read_to_string(&path).unwrap());
        }
    }
}

fn all_files(tree: &Tree) -> BTreeMap<PathBuf, String> {
    let mut all = BTreeMap::new();
    files(&tree.at("/"), &mut all);
    all
}

fn make(changes: &[Change]) {
    for change in changes {
        change.make().unwrap();
    }
}

#[test]
fn what_is_installed_is_there_once_and_goes_without_a_trace() {
    let tree = everything();
    let machine = tree.machine();
    let before = all_files(&tree);
    let all = hooks(&tree, Path::new("/opt/keep save"));
    let names: Vec<&str> = all.iter().map(|one| one.name).collect();
    assert_eq!(names, ["es-de", "retrodeck", "batocera", "nextui", "steam"]);
    for one in &all {
        let by_hand = one.name == "steam";
        let standing = if by_hand {
            Standing::ByHand
        } else {
            Standing::Absent
        };
        assert_eq!(one.standing().unwrap(), standing, "{}", one.name);
        let changes = one.install(&machine).unwrap();
        assert_eq!(changes.is_empty(), by_hand);
        make(&changes);
        assert_eq!(one.install(&machine).unwrap(), [], "{}", one.name);
        if by_hand {
            assert!(one.notes[0].ends_with("'/opt/keep save' play -- %command%"));
        } else {
            assert_eq!(one.standing().unwrap(), Standing::Installed);
        }
    }
    for script in [
        "~/ES-DE/scripts/game-start/keepsave.sh",
        "~/ES-DE/scripts/game-end/keepsave.sh",
        "~/retrodeck/ES-DE/scripts/game-start/keepsave.sh",
        "/userdata/system/scripts/keepsave.sh",
        "/mnt/SDCARD/.userdata/tg5040/.hooks/pre-launch.d/keepsave.sh",
        "/mnt/SDCARD/.userdata/tg5040/.hooks/post-launch.d/keepsave.sh",
    ] {
        let mode = fs::metadata(tree.at(script)).unwrap().permissions().mode();
        assert_eq!(mode & 0o700, 0o700, "{script}");
    }
    let settings = tree.at("~/ES-DE/settings/es_settings.xml");
    let on = SETTINGS.replace("\"false\"", "\"true\"");
    assert_eq!(fs::read_to_string(settings).unwrap(), on);
    for one in &all {
        make(&one.remove(&machine).unwrap());
        assert_eq!(one.remove(&machine).unwrap(), [], "{}", one.name);
    }
    let mut after = all_files(&tree);
    // ES-DE's settings of RetroDECK were not there; what they say is what counts without them.
    let made = after.remove(&tree.at("~/retrodeck/ES-DE/settings/es_settings.xml"));
    assert!(made.unwrap().contains("value=\"false\""));
    assert_eq!(after, before);
}

#[test]
fn what_another_wrote_stays() {
    let tree = everything();
    let machine = tree.machine();
    let theirs = tree.file(
        "~/ES-DE/scripts/game-start/keepsave.sh",
        "#!/bin/sh\n# mine\n",
    );
    let all = hooks(&tree, Path::new("/opt/keepsave"));
    assert!(matches!(all[0].install(&machine), Err(Refused::Foreign(path)) if path == theirs));
    assert!(matches!(all[0].remove(&machine), Err(Refused::Foreign(_))));
    assert!(matches!(all[0].standing(), Err(Refused::Foreign(_))));
    fs::remove_file(&theirs).unwrap();
    // One that comes between the look and the change.
    let changes = all[0].install(&machine).unwrap();
    fs::write(&theirs, "#!/bin/sh\n# mine\n").unwrap();
    assert!(changes[0].make().is_err());
    assert_eq!(fs::read_to_string(&theirs).unwrap(), "#!/bin/sh\n# mine\n");
}

#[test]
fn scripts_of_others_go_on_being_run() {
    let tree = everything();
    let machine = tree.machine();
    let es_de = hooks(&tree, Path::new("/opt/keepsave")).swap_remove(0);
    make(&es_de.install(&machine).unwrap());
    tree.file("~/ES-DE/scripts/quit/lights.sh", "#!/bin/sh\n");
    make(&es_de.remove(&machine).unwrap());
    let settings = fs::read_to_string(tree.at("~/ES-DE/settings/es_settings.xml")).unwrap();
    assert!(settings.contains("name=\"CustomEventScripts\" value=\"true\""));
    // Who had turned it on keeps it.
    fs::remove_file(tree.at("~/ES-DE/scripts/quit/lights.sh")).unwrap();
    make(&es_de.install(&machine).unwrap());
    make(&es_de.remove(&machine).unwrap());
    assert_eq!(
        fs::read_to_string(tree.at("~/ES-DE/settings/es_settings.xml")).unwrap(),
        settings
    );
}

#[test]
fn settings_are_not_changed_under_a_running_es_de() {
    let tree = everything();
    let machine = tree.machine();
    let running = tree.file("/proc/4711/comm", "es-de\n");
    let es_de = hooks(&tree, Path::new("/opt/keepsave")).swap_remove(0);
    assert!(matches!(es_de.install(&machine), Err(Refused::Running)));
    fs::remove_file(running).unwrap();
    tree.file("/proc/4712/comm", "retroarch\n");
    make(&es_de.install(&machine).unwrap());
}

#[test]
fn a_newer_program_writes_its_hooks_anew() {
    let tree = everything();
    let machine = tree.machine();
    let at = |program: &str| hooks(&tree, Path::new(program)).swap_remove(0);
    make(&at("/opt/old").install(&machine).unwrap());
    let new = at("/opt/new");
    assert_eq!(new.standing().unwrap(), Standing::Partly);
    make(&new.install(&machine).unwrap());
    assert_eq!(new.standing().unwrap(), Standing::Installed);
    // What was off before the first time is off in the end.
    make(&new.remove(&machine).unwrap());
    let settings = tree.at("~/ES-DE/settings/es_settings.xml");
    assert_eq!(fs::read_to_string(settings).unwrap(), SETTINGS);
}

/// Runs a script with a program that tells with which arguments it was called.
fn called(one: &Hooks, script: usize, arguments: &[&str], told: &Path) -> String {
    let _none = fs::remove_file(told);
    let mut command = Command::new("/bin/sh");
    command
        .arg(&one.scripts[script].path)
        .args(arguments)
        .env("HOOK_TYPE", "rom")
        .env("HOOK_ROM_PATH", arguments[0]);
    assert!(command.status().unwrap().success());
    fs::read_to_string(told).unwrap()
}

#[test]
fn scripts_call_the_program_with_the_game() {
    let tree = everything();
    let machine = tree.machine();
    let told = tree.at("/told");
    let program = tree.file(
        "/opt/it's here/keepsave",
        format!(
            "#!/bin/sh\nprintf '%s|' \"$@\" > '{}'\nexit 3\n",
            told.display()
        ),
    );
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let rom = "/roms/gba/Zelda (USA) $HOME's.gba";
    let all = hooks(&tree, &program);
    for one in &all {
        make(&one.install(&machine).unwrap());
    }
    let pull = format!("pull|--hook|--game|{rom}|");
    assert_eq!(called(&all[0], 0, &[rom], &told), pull);
    assert_eq!(called(&all[1], 0, &[rom], &told), pull);
    let event = ["gameStart", "gba", "libretro", "mgba", rom];
    assert_eq!(called(&all[2], 0, &event, &told), pull);
    assert_eq!(called(&all[3], 0, &[rom], &told), pull);
    for (one, script) in [(&all[0], 1), (&all[1], 1), (&all[2], 0), (&all[3], 1)] {
        let text = &one.scripts[script].text;
        assert!(text.contains("push --hook --game \"$"), "{text}");
    }
}

/// A machine that can start an agent in every way.
fn everything_that_starts() -> Tree {
    let tree = Tree::new();
    tree.directory("/run/systemd/system");
    tree.directory("/run/muos/storage");
    tree.directory("/mnt/SDCARD/.tmp_update/startup");
    tree
}

#[test]
fn an_agent_is_started_by_what_is_there_and_taken_away_without_a_trace() {
    let tree = everything_that_starts();
    let program = Path::new("/opt/keep save/keepsave");
    assert!(starters(&Tree::new().machine(), program).is_empty());
    let before = all_files(&tree);
    for starter in starters(&tree.machine(), program) {
        assert_eq!(starter.standing().unwrap(), Standing::Absent);
        make(&starter.install(&tree.machine()).unwrap());
        assert_eq!(starter.standing().unwrap(), Standing::Installed);
        assert!(starter.install(&tree.machine()).unwrap().is_empty());
    }
    let after = all_files(&tree);
    assert_eq!(after.len(), before.len() + 3);
    for (path, text) in &after {
        let mode = fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let is_script = path.extension().unwrap() == "sh";
        assert_eq!(mode, if is_script { 0o755 } else { 0o644 }, "{text}");
    }
    for starter in starters(&tree.machine(), program) {
        make(&starter.remove(&tree.machine()).unwrap());
    }
    assert_eq!(all_files(&tree), before);
}

#[test]
fn what_another_wrote_is_not_written_over_by_what_starts_an_agent() {
    let tree = everything_that_starts();
    let unit = "~/.config/systemd/user/keepsave.service";
    tree.file(unit, "[Service]\nExecStart=/bin/true\n");
    let starter = starters(&tree.machine(), Path::new("/keepsave")).remove(0);
    assert!(matches!(
        starter.install(&tree.machine()),
        Err(Refused::Foreign(_))
    ));
    assert!(matches!(
        starter.remove(&tree.machine()),
        Err(Refused::Foreign(_))
    ));
}

/// Boot scripts end at once, whatever the agent does, and the agent goes on with a home.
#[test]
fn a_boot_script_leaves_an_agent_behind() {
    let tree = everything_that_starts();
    let told = tree.at("/told");
    let pipe = Command::new("mkfifo").arg(&told).status().unwrap();
    assert!(pipe.success());
    let program = tree.file(
        "/it's here/keepsave",
        format!("#!/bin/sh\necho \"$HOME $*\" >'{}'\n", told.display()),
    );
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let machine = tree.machine();
    let all = starters(&machine, &program).into_iter();
    for starter in all.filter(|starter| starter.name != "systemd") {
        make(&starter.install(&machine).unwrap());
        let script = starter.places().next().unwrap();
        let is_right = Command::new("sh").arg("-n").arg(script).status().unwrap();
        assert!(is_right.success(), "{}", starter.name);
        // Nobody reads what the agent tells before the script has ended: it did not wait for it.
        let ended = Command::new("sh").arg(script).env_clear().status().unwrap();
        assert!(ended.success(), "{}", starter.name);
        let said = fs::read_to_string(&told).unwrap();
        let home = machine.home_name().display();
        assert_eq!(said, format!("{home} watch\n"), "{}", starter.name);
    }
}

#[test]
fn systemd_takes_the_unit() {
    let tree = everything_that_starts();
    let program = tree.file("/a 50% $place/keepsave", "#!/bin/sh\n");
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let starter = starters(&tree.machine(), &program).remove(0);
    make(&starter.install(&tree.machine()).unwrap());
    let unit = starter.places().next().unwrap();
    let verified = Command::new("systemd-analyze")
        .args(["verify", "--user", "--man=no"])
        .arg(unit)
        .env("XDG_RUNTIME_DIR", tree.directory("/run/user"))
        .output();
    let verified = verified.expect("systemd-analyze comes with systemd");
    let said = String::from_utf8_lossy(&verified.stderr);
    assert!(verified.status.success(), "{said}");
    assert!(!said.contains("keepsave.service"), "{said}");
}
