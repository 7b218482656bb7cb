//! What stands in the scripts. Each calls `keepsave pull` before a game and `keepsave push` after,
//! and ends well whatever comes of it: a frontend may take a failure for a reason not to play.

use std::path::Path;

/// The line by which a script is known as ours.
const MARK: &str = "# Written by `keepsave hooks install`; `keepsave hooks remove` takes it away.";
/// The line that says what to undo.
const WAS_OFF: &str = "# CustomEventScripts was off before.";

/// Whether we wrote it.
pub(super) fn is_ours(text: &str) -> bool {
    text.lines().nth(1) == Some(MARK)
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
