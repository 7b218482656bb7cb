//! What stands in the scripts. Each calls `keepsave pull` before a game and `keepsave push` after,
//! and ends well whatever comes of it: a frontend may take a failure for a reason not to play.

use std::path::Path;

/// The line by which a script is known as ours.
const MARK: &str = "# Written by `keepsave hooks install`; `keepsave hooks remove` takes it away.";
/// The same of what starts an agent.
const AGENTS_MARK: &str =
    "# Written by `keepsave watch install`; `keepsave watch remove` takes it away.";
/// The line that says what to undo.
const WAS_OFF: &str = "# CustomEventScripts was off before.";

/// Whether we wrote it.
pub(super) fn is_ours(text: &str) -> bool {
    let mark = text.lines().nth(1);
    mark.is_some_and(|mark| [MARK, AGENTS_MARK].contains(&mark))
}

/// Whether it says that ES-DE's setting was off.
pub(super) fn was_off(text: &str) -> bool {
    text.lines().any(|line| line == WAS_OFF)
}

/// The script, with a note of what to undo where there is something.
pub(super) fn noting(text: &str, was_off: bool) -> String {
    if was_off {
        text.replacen(MARK, &format!("{MARK}\n{WAS_OFF}"), 1)
    } else {
        text.to_owned()
    }
}

/// Before a game: the frontend waits for it, as long as the settings say.
pub(super) fn before(program: &Path) -> String {
    script(&format!("{} >/dev/null 2>&1", pull(program, "\"$1\"")))
}

/// After a game: nobody waits for it.
pub(super) fn after(program: &Path) -> String {
    script(&format!("{} >/dev/null 2>&1 &", push(program, "\"$1\"")))
}

/// The same from inside a Flatpak, where the program is outside.
pub(super) fn outside(inside: &str) -> String {
    inside.replacen(
        '\'',
        "run() { if [ -e /.flatpak-info ]; then flatpak-spawn --host \"$@\"; else \"$@\"; fi; }\n\
         run '",
        1,
    )
}

/// Batocera's: one script for all events, with the ROM as the fifth argument.
pub(super) fn batocera(program: &Path) -> String {
    script(&format!(
        "case \"$1\" in\n\
         gameStart) {} >/dev/null 2>&1 ;;\n\
         gameStop) {} >/dev/null 2>&1 & ;;\n\
         esac",
        pull(program, "\"$5\""),
        push(program, "\"$5\"")
    ))
}

/// `NextUI` says in variables what is launched.
pub(super) fn nextui_before(program: &Path) -> String {
    let pull = pull(program, "\"$HOOK_ROM_PATH\"");
    script(&format!("{NEXTUI_ROM}\n{pull} >/dev/null 2>&1"))
}

/// And again after it.
pub(super) fn nextui_after(program: &Path) -> String {
    let push = push(program, "\"$HOOK_ROM_PATH\"");
    script(&format!("{NEXTUI_ROM}\n{push} >/dev/null 2>&1 &"))
}

const NEXTUI_ROM: &str = "[ \"$HOOK_TYPE\" = rom ] || exit 0";

/// At boot: the system may wait for it to end, so the agent is left behind. It waits for the network
/// itself. What boots a machine may know no home.
pub(super) fn at_boot(program: &Path, home: &Path) -> String {
    let (program, home) = (quoted(program), quoted(home));
    format!(
        "#!/bin/sh\n{AGENTS_MARK}\nexport HOME={home}\n\
         {program} watch </dev/null >/dev/null 2>&1 &\nexit 0\n"
    )
}

/// A unit of systemd. One that fails is started again, but not at once.
pub(super) fn unit(program: &Path) -> String {
    // It takes no quotes in the name of a program, however they are written.
    let program = program.to_string_lossy().replace('%', "%%");
    format!(
        "# Keeps the saves of this machine in step with the server.\n{AGENTS_MARK}\n\
         [Unit]\nDescription=Keepsave keeps the saves of this machine in step\n\n\
         [Service]\nExecStart=\"{program}\" watch\nRestart=on-failure\nRestartSec=60\nNice=10\n\n\
         [Install]\nWantedBy=default.target\n"
    )
}

fn pull(program: &Path, rom: &str) -> String {
    format!("{} pull --hook --game {rom}", quoted(program))
}

fn push(program: &Path, rom: &str) -> String {
    format!("{} push --hook --game {rom}", quoted(program))
}

fn script(lines: &str) -> String {
    format!("#!/bin/sh\n{MARK}\n{lines}\nexit 0\n")
}

/// As a shell takes it for one word.
pub(super) fn quoted(path: &Path) -> String {
    format!("'{}'", path.to_string_lossy().replace('\'', "'\\''"))
}
