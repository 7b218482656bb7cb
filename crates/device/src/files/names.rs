//! Which names of a server may become names of files here.
//!
//! A name is taken as it is or not at all: a name that is changed on the way could meet another's.
//! Whether the file system at hand can have it, only that knows: see
//! [`Problem::Name`](super::incoming::Problem::Name).

use keepsave_core::limits;
use keepsave_core::names::FileName;

use super::scratch;

/// What Windows takes for a device, whatever its extension: cards and shares are read there, too.
const DEVICES: [&str; 22] = [
    "con", "prn", "aux", "nul", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8",
    "com9", "lpt1", "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9",
];

/// Why a server's name becomes no file. Nothing was written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the server's name {name:?} is refused: {reason}. Give the file another name on the server"
)]
pub struct NameRefused {
    /// The name, as the server says it.
    pub name: String,
    reason: &'static str,
}

/// The file name for what the server calls `name`.
pub fn local_name(name: &str) -> Result<FileName, NameRefused> {
    match fault(name) {
        None => Ok(FileName::stored(name)),
        Some(reason) => Err(NameRefused {
            name: name.to_owned(),
            reason,
        }),
    }
}

fn fault(name: &str) -> Option<&'static str> {
    let stem = name.split('.').next().unwrap_or_default().trim_end();
    let device = || DEVICES.contains(&stem.to_ascii_lowercase().as_str());
    Some(match () {
        () if name.trim().is_empty() => "it is empty",
        () if matches!(name, "." | "..") => "it leads to a directory",
        () if name.contains(['/', '\\']) => "it leads to another directory",
        () if name.chars().any(char::is_control) => "it has control characters",
        () if name.len() > limits::PATH_COMPONENT_BYTES => "it is longer than a file's name can be",
        () if device() => "it is the name of a device on Windows",
        () if scratch::is_scratch(name.as_ref()) => "files that are being written have such names",
        () => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::path::{Component, Path};

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_leads_elsewhere_or_cannot_be_is_refused() {
        for name in [
            "",
            " ",
            ".",
            "..",
            "/etc/passwd",
            "../up.srm",
            "a/b.srm",
            "..\\up.srm",
            "a\0b",
            "a\nb.srm",
            "NUL",
            "con.srm",
            "Aux .sav",
            ".a.srm.keepsave-0123456789ab",
            &"é".repeat(128),
        ] {
            assert!(local_name(name).is_err(), "{name:?}");
        }
    }

    #[test]
    fn ordinary_names_of_any_script_stay_as_they_are() {
        for name in [
            "Zelda.srm",
            "ゼルダの伝説 [2026-11-20_07-28-30].srm",
            "Pokémon - Édition Rouge (France).sav",
            "...srm",
            "console.srm",
            "what: is *this*?.srm",
            &"a".repeat(255),
        ] {
            assert_eq!(local_name(name).unwrap().as_str(), name);
        }
    }

    #[test]
    fn a_refusal_names_the_name_and_what_to_do() {
        assert_eq!(
            local_name("../up.srm").unwrap_err().to_string(),
            "the server's name \"../up.srm\" is refused: it leads to another directory. Give the \
             file another name on the server"
        );
    }

    proptest! {
        #[test]
        fn whatever_is_taken_stays_inside_and_is_no_other_names(
            name in prop_oneof!["[./\\\\a\0\n ]{0,5}", ".*"],
        ) {
            if let Ok(taken) = local_name(&name) {
                prop_assert_eq!(taken.as_str(), &name);
                let parts: Vec<_> = Path::new(taken.as_str()).components().collect();
                prop_assert_eq!(parts, [Component::Normal(name.as_ref())]);
            }
        }
    }
}
