//! What runs on the machine: which emulators, what each plays, and whether a save is in use.
//!
//! Looks at `/proc` only, through the machine that is looked at. Knows no server and moves nothing.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};

use super::which;
use crate::library::Machine;

/// How the programs of emulators begin, in small letters: what comes after is a build or a version.
const EMULATORS: [&str; 44] = [
    "retroarch",
    "ra32",
    "ra64",
    "minarch",
    "mgba",
    "vbam",
    "visualboyadvance",
    "sameboy",
    "gambatte",
    "melonds",
    "drastic",
    "desmume",
    "citra",
    "azahar",
    "lime3ds",
    "snes9x",
    "bsnes",
    "ares",
    "mesen",
    "nestopia",
    "fceux",
    "mupen64plus",
    "rmg",
    "simple64",
    "duckstation",
    "pcsx",
    "swanstation",
    "ppsspp",
    "rpcs3",
    "vita3k",
    "dolphin-emu",
    "primehack",
    "cemu",
    "ryujinx",
    "yuzu",
    "flycast",
    "redream",
    "yabasanshiro",
    "kronos",
    "mednafen",
    "xemu",
    "scummvm",
    "mame",
    "blastem",
];

/// An emulator that runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Emulator {
    /// Its process.
    pub pid: u32,
    /// Its program.
    pub name: String,
    /// The paths that its arguments may mean, where the machine really has them.
    pub names: Vec<PathBuf>,
}

/// Who uses a save.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Its process.
    pub pid: u32,
    /// Its program.
    pub name: String,
}

impl Emulator {
    /// Whether it is a `RetroArch`, which may run without a game.
    pub fn is_retroarch(&self) -> bool {
        let name = self.name.to_ascii_lowercase();
        let mut builds = ["retroarch", "ra32", "ra64"].iter();
        builds.any(|build| name.starts_with(build))
    }

    /// Whether its arguments name no content: no file but a core, settings or a log.
    pub fn is_without_content(&self) -> bool {
        const OTHERS: [&str; 5] = ["so", "cfg", "log", "dll", "lpl"];
        let is_other = |name: &PathBuf| {
            let extension = name.extension().and_then(OsStr::to_str);
            extension.is_none_or(|extension| OTHERS.contains(&extension))
        };
        self.names.iter().all(is_other)
    }
}

/// The emulators that run.
pub fn emulators(machine: &Machine) -> Vec<Emulator> {
    let running = processes(machine).into_iter();
    running
        .filter_map(|process| emulator(machine, &process))
        .collect()
}

/// What runs on a machine, as of one moment.
#[derive(Debug, Default)]
pub struct Running {
    emulators: Vec<Emulator>,
    /// Files that are open, as the machine calls them.
    open: HashMap<PathBuf, Holder>,
}

impl Running {
    /// Looks at a machine.
    pub fn on(machine: &Machine) -> Self {
        let mut running = Self::default();
        for process in processes(machine) {
            running.emulators.extend(emulator(machine, &process));
            let holder = Holder {
                pid: process.pid,
                name: process.name(),
            };
            let open = process.open_files().map(|path| (path, holder.clone()));
            running.open.extend(open);
        }
        running
    }

    /// Who uses the save at `path`: an emulator that plays one of these ROMs, or whoever has the
    /// file open.
    pub fn holder(&self, machine: &Machine, path: &Path, roms: &[PathBuf]) -> Option<Holder> {
        let plays = |emulator: &&Emulator| emulator.names.iter().any(|name| roms.contains(name));
        let player = self.emulators.iter().find(plays).map(|emulator| Holder {
            pid: emulator.pid,
            name: emulator.name.clone(),
        });
        player.or_else(|| {
            let real = path.canonicalize().ok()?;
            self.open.get(&machine.called(&real)).cloned()
        })
    }
}

/// A process, ours excepted.
struct Process {
    pid: u32,
    directory: PathBuf,
    arguments: Vec<OsString>,
}

fn processes(machine: &Machine) -> Vec<Process> {
    let all = fs::read_dir(machine.at(Path::new("/proc")));
    let all = all.into_iter().flatten().flatten();
    all.filter_map(|entry| {
        let pid = entry.file_name().to_str()?.parse().ok()?;
        let directory = entry.path();
        let line = fs::read(directory.join("cmdline")).ok()?;
        // The system's own have none.
        if pid == std::process::id() || line.is_empty() {
            return None;
        }
        let words = line.split(|byte| *byte == 0);
        Some(Process {
            pid,
            directory,
            arguments: words
                .map(|word| OsString::from_vec(word.to_vec()))
                .collect(),
        })
    })
    .collect()
}

impl Process {
    fn name(&self) -> String {
        let program = self.arguments.first().map(Path::new);
        let name = program.and_then(Path::file_name).unwrap_or_default();
        name.to_string_lossy().into_owned()
    }

    /// None of sockets and devices.
    fn open_files(&self) -> impl Iterator<Item = PathBuf> {
        let files = fs::read_dir(self.directory.join("fd"));
        let files = files.into_iter().flatten().flatten();
        let open = files.filter_map(|file| fs::read_link(file.path()).ok());
        open.filter(|path| path.is_absolute() && !path.starts_with("/dev"))
    }

    /// Where it stands: what its relative paths begin with.
    fn stands_in(&self) -> Option<PathBuf> {
        fs::read_link(self.directory.join("cwd")).ok()
    }
}

fn emulator(machine: &Machine, process: &Process) -> Option<Emulator> {
    let name = process.name();
    let small = name.to_ascii_lowercase();
    if !EMULATORS.iter().any(|known| small.starts_with(known)) {
        return None;
    }
    let arguments = process.arguments.iter().skip(1);
    let mut names = Vec::new();
    for path in arguments.flat_map(|argument| which::spellings(argument)) {
        let Some(path) = absolute(path, process) else {
            continue;
        };
        let real = machine.at(&path);
        names.extend(which::real(&real).filter(|other| *other != real));
        names.push(real);
    }
    Some(Emulator {
        pid: process.pid,
        name,
        names,
    })
}

/// None for what is no path: an option, a word.
fn absolute(path: PathBuf, process: &Process) -> Option<PathBuf> {
    if path.is_absolute() {
        return Some(path);
    }
    let text: &OsStr = path.as_os_str();
    if text.as_bytes().starts_with(b"-") || path.extension().is_none() {
        return None;
    }
    Some(process.stands_in()?.join(path))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;
    use crate::library::tree::Tree;

    const ROM: &str = "/roms/gba/Zelda.gba";

    fn runs(tree: &Tree, pid: u32, line: &[&str]) {
        tree.file(&format!("/proc/{pid}/cmdline"), line.join("\0") + "\0");
    }

    fn names(tree: &Tree) -> Vec<(String, bool)> {
        let rom = tree.at(ROM);
        let running = emulators(&tree.machine()).into_iter();
        let mut names: Vec<_> = running
            .map(|emulator| (emulator.name.clone(), emulator.names.contains(&rom)))
            .collect();
        names.sort();
        names
    }

    #[test]
    fn an_emulator_plays_the_rom_that_its_arguments_name() {
        let tree = Tree::new();
        tree.file(ROM, "rom");
        symlink(tree.at("/roms"), tree.at("/card")).unwrap();
        runs(&tree, 1, &["/sbin/init"]);
        tree.file("/proc/2/cmdline", "");
        tree.file("/proc/self/cmdline", "retroarch\0");
        runs(
            &tree,
            10,
            &["/usr/bin/retroarch", "-L", "/cores/mgba_libretro.so", ROM],
        );
        runs(&tree, 11, &["/opt/mgba-qt", "-f", "Zelda.gba"]);
        symlink("/roms/gba", tree.at("/proc/11/cwd")).unwrap();
        runs(&tree, 12, &["melonDS", "/card/gba/Zelda.gba"]);
        runs(&tree, 13, &["PPSSPPSDL", "/roms/gba/Other.gba"]);
        runs(&tree, 14, &["RetroArch-Linux-x86_64.AppImage", "--menu"]);
        runs(
            &tree,
            15,
            &["/usr/bin/keepsave", "pull", "--hook", "--game", ROM],
        );
        runs(
            &tree,
            16,
            &[
                "sh",
                "/opt/muos/script/launch/lr-general.sh",
                "Zelda",
                "mgba",
                ROM,
            ],
        );
        runs(&tree, 17, &["cp", ROM, "/backup"]);
        let expected = [
            ("PPSSPPSDL", false),
            ("RetroArch-Linux-x86_64.AppImage", false),
            ("melonDS", true),
            ("mgba-qt", true),
            ("retroarch", true),
        ];
        assert_eq!(
            names(&tree),
            expected.map(|(name, plays)| (name.to_owned(), plays))
        );
    }

    #[test]
    fn a_save_is_in_use_while_its_game_is_played_or_its_file_is_open() {
        let tree = Tree::new();
        let (rom, save) = (tree.file(ROM, "rom"), tree.file("/saves/Zelda.srm", "save"));
        let other = tree.file("/saves/Other.srm", "save");
        let machine = tree.machine();
        let roms = std::slice::from_ref(&rom);
        let held = |path: &Path| Running::on(&machine).holder(&machine, path, roms);
        assert_eq!(held(&save), None);
        runs(&tree, 10, &["some-editor", "-x"]);
        tree.directory("/proc/10/fd");
        symlink("/saves/Zelda.srm", tree.at("/proc/10/fd/3")).unwrap();
        let editor = Holder {
            pid: 10,
            name: "some-editor".to_owned(),
        };
        assert_eq!(held(&save), Some(editor));
        assert_eq!(held(&other), None);
        runs(&tree, 11, &["retroarch", ROM]);
        let playing = held(&tree.at("/saves/not-there.srm"));
        assert_eq!(playing.unwrap().pid, 11);
    }
}
