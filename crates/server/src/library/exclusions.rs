//! What in a library is no game: RomM's defaults, and hidden files.

/// Folders that are neither platforms nor games.
pub const FOLDERS: &[&str] = &[
    "@eaDir",
    "assets",
    "__MACOSX",
    "#recycle",
    "$RECYCLE.BIN",
    ".Trash-*",
    ".stfolder",
    ".Spotlight-V100",
    ".fseventsd",
    ".DocumentRevisions-V100",
    "System Volume Information",
];

/// Files that are neither games nor part of one.
pub const FILES: &[&str] = &[
    ".DS_Store",
    ".localized",
    ".Trashes",
    ".stfolder",
    "@SynoResource",
    "*:Zone.Identifier",
    "gamelist.xml",
    "metadata.pegasus.txt",
];

/// Endings of such files.
pub const EXTENSIONS: &[&str] = &[
    "db",
    "ini",
    "tmp",
    "bak",
    "lock",
    "log",
    "cache",
    "crdownload",
];

/// Whether a folder is left out. Hidden ones always are: they hold what programs keep to
/// themselves.
pub fn leaves_out_folder(name: &str) -> bool {
    is_hidden(name)
        || FOLDERS
            .iter()
            .any(|pattern| fits(&pattern.to_lowercase(), &name.trim().to_lowercase()))
}

/// Whether a file is left out. Hidden ones always are: copying tools write to a hidden name first,
/// and what is half there is no game.
pub fn leaves_out_file(name: &str) -> bool {
    let extension = name.rsplit_once('.').map(|(_, extension)| extension);
    is_hidden(name)
        || extension.is_some_and(|extension| {
            EXTENSIONS
                .iter()
                .any(|left_out| extension.eq_ignore_ascii_case(left_out))
        })
        || FILES.iter().any(|pattern| fits(pattern, name))
}

fn is_hidden(name: &str) -> bool {
    name.starts_with('.')
}

/// Whether a name fits a pattern in which `*`, at its start or end, stands for anything.
fn fits(pattern: &str, name: &str) -> bool {
    if let Some(end) = pattern.strip_prefix('*') {
        name.ends_with(end)
    } else if let Some(start) = pattern.strip_suffix('*') {
        name.starts_with(start)
    } else {
        name == pattern
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_romm_leaves_out_is_left_out() {
        for name in [
            "@eaDir",
            "@EADIR",
            "assets",
            "$RECYCLE.BIN",
            ".Trash-1000",
            ".hidden",
        ] {
            assert!(leaves_out_folder(name), "{name}");
        }
        for name in [
            "gamelist.xml",
            "thumbs.DB",
            "Game.gba.crdownload",
            "Game.gba:Zone.Identifier",
            ".Game.gba.x8Yz1A",
        ] {
            assert!(leaves_out_file(name), "{name}");
        }
        for name in ["Game.gba", "db", "Game.bin", "log.nes"] {
            assert!(!leaves_out_file(name) && !leaves_out_folder(name), "{name}");
        }
    }
}
