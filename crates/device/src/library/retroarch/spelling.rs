//! How paths are spelled in `RetroArch`'s settings, and where they really lead.

use std::path::{Path, PathBuf};

use crate::library::machine::Machine;

/// What a path in one installation's settings means.
#[derive(Clone, Debug)]
pub struct Spelling {
    machine: Machine,
    /// What it takes for the home directory.
    home: PathBuf,
    /// Where the program itself is, which `:` stands for.
    application: Option<PathBuf>,
    /// The Flatpak's id when it runs in a sandbox.
    sandbox: Option<String>,
}

impl Spelling {
    /// As a program spells paths that sees the machine as it is.
    pub fn plain(machine: &Machine) -> Self {
        Self {
            machine: machine.clone(),
            home: machine.home(""),
            application: None,
            sandbox: None,
        }
    }

    /// The same for a program that is in the directory `application`, a real path.
    pub fn with_application(machine: &Machine, application: &Path) -> Self {
        Self {
            application: Some(application.to_owned()),
            ..Self::plain(machine)
        }
    }

    /// The same for a program whose home directory is `home`, a real path.
    pub fn with_home(machine: &Machine, home: &Path) -> Self {
        Self {
            home: home.to_owned(),
            ..Self::plain(machine)
        }
    }

    /// As a Flatpak spells them.
    pub fn flatpak(machine: &Machine, id: &str) -> Self {
        Self {
            sandbox: Some(id.to_owned()),
            ..Self::plain(machine)
        }
    }

    /// The machine.
    pub fn machine(&self) -> &Machine {
        &self.machine
    }

    /// Where `spelled` really is. None where that depends on how the program was started.
    pub fn real(&self, spelled: &str) -> Option<PathBuf> {
        if let Some(below) = spelled.strip_prefix(":/").or(spelled.strip_prefix(":\\")) {
            let application = self.application.as_ref()?;
            return Some(application.join(below.replace('\\', "/")));
        }
        if spelled == "~" {
            return Some(self.home.clone());
        }
        if let Some(below) = spelled.strip_prefix("~/") {
            return Some(self.home.join(below.trim_start_matches('/')));
        }
        let path = Path::new(spelled);
        if !path.is_absolute() {
            return None;
        }
        let outside = self.sandbox.as_ref().and_then(|id| self.outside(id, path));
        Some(outside.unwrap_or_else(|| self.machine.at(path)))
    }

    /// Where a path really is that only exists in the sandbox. `/var/home`, where some systems keep
    /// the homes, is none of them.
    fn outside(&self, id: &str, path: &Path) -> Option<PathBuf> {
        for kind in ["config", "data", "cache"] {
            if let Ok(below) = path.strip_prefix(Path::new("/var").join(kind)) {
                let own = Path::new(".var/app").join(id).join(kind);
                return Some(self.machine.home(own.join(below)));
            }
        }
        let below = path.strip_prefix("/app").ok()?;
        let deployments = self.deployments(id);
        let there = deployments.iter().find(|files| files.is_dir());
        Some(there.unwrap_or(&deployments[0]).join(below))
    }

    /// Where a Flatpak's files may be: for all users, for this one.
    fn deployments(&self, id: &str) -> [PathBuf; 2] {
        let files = Path::new("app").join(id).join("current/active/files");
        let system = Path::new("/var/lib/flatpak").join(&files);
        let user = Path::new(".local/share/flatpak").join(&files);
        [self.machine.at(&system), self.machine.home(user)]
    }

    /// Where a file is that the settings at `from` include as `spelled`.
    pub fn included(&self, spelled: &str, from: &Path) -> Option<PathBuf> {
        match self.real(spelled) {
            Some(path) => Some(path),
            None if spelled.starts_with(['~', ':']) => None,
            None => Some(from.parent()?.join(spelled)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::tree::Tree;

    #[test]
    fn a_colon_is_where_the_program_is() {
        let tree = Tree::new();
        let machine = tree.machine();
        let application = tree.directory("/opt/retroarch");
        let portable = Spelling::with_application(&machine, &application);
        for spelled in [":/saves/gba", ":\\saves\\gba"] {
            assert_eq!(portable.real(spelled), Some(application.join("saves/gba")));
        }
        assert_eq!(Spelling::plain(&machine).real(":/saves"), None);
    }

    #[test]
    fn a_tilde_is_the_home_directory() {
        let tree = Tree::new();
        let plain = Spelling::plain(&tree.machine());
        assert_eq!(plain.real("~/saves"), Some(tree.at("~/saves")));
        assert_eq!(plain.real("~//saves"), Some(tree.at("~/saves")));
        assert_eq!(plain.real("~"), Some(tree.machine().home("")));
        assert_eq!(plain.real("~other/saves"), None);
    }

    #[test]
    fn a_relative_path_depends_on_how_the_program_was_started() {
        let tree = Tree::new();
        let plain = Spelling::plain(&tree.machine());
        assert_eq!(plain.real("saves"), None);
        assert_eq!(plain.real(""), None);
        let from = tree.at("/opt/ra/retroarch.cfg");
        let included = Some(tree.at("/opt/ra/more.cfg"));
        assert_eq!(
            plain.included("more.cfg", &from),
            included,
            "includes do not"
        );
    }

    #[test]
    fn a_sandbox_has_places_of_its_own() {
        let tree = Tree::new();
        let id = "org.libretro.RetroArch";
        let flatpak = Spelling::flatpak(&tree.machine(), id);
        for (spelled, real) in [
            (
                "/var/config/retroarch",
                "~/.var/app/org.libretro.RetroArch/config/retroarch",
            ),
            (
                "/var/data/saves",
                "~/.var/app/org.libretro.RetroArch/data/saves",
            ),
            ("/var/cache/x", "~/.var/app/org.libretro.RetroArch/cache/x"),
            ("/var/configuration/x", "/var/configuration/x"),
            ("/mnt/card/saves", "/mnt/card/saves"),
            (
                "/app/share/info",
                "/var/lib/flatpak/app/org.libretro.RetroArch/current/active/files/share/info",
            ),
        ] {
            assert_eq!(flatpak.real(spelled), Some(tree.at(real)), "{spelled}");
        }
        let own = "~/.local/share/flatpak/app/org.libretro.RetroArch/current/active/files";
        let deployed = tree.directory(own);
        assert_eq!(flatpak.real("/app/share"), Some(deployed.join("share")));
    }

    #[test]
    fn a_home_under_var_is_not_the_sandboxs() {
        let tree = Tree::new();
        for spelling in [
            Spelling::flatpak(&tree.machine(), "org.libretro.RetroArch"),
            Spelling::plain(&tree.machine()),
        ] {
            let real = spelling.real("/var/home/deck/saves");
            assert_eq!(real, Some(tree.at("/var/home/deck/saves")));
        }
        let plain = Spelling::plain(&tree.machine());
        assert_eq!(plain.real("/var/config/x"), Some(tree.at("/var/config/x")));
    }
}
