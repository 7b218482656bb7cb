//! Where things are kept on this machine: beneath the user's own directories, as XDG names them,
//! or where variables say.

use std::ffi::OsString;
use std::path::PathBuf;

/// Where things are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Places {
    /// What a person chose, and the credentials.
    pub config: PathBuf,
    /// What is known of each account's saves.
    pub state: PathBuf,
    /// What was replaced.
    pub journal: PathBuf,
}

/// There is no home directory to keep things in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "it is not known where to keep things: HOME is not set. Set it, or XDG_CONFIG_HOME, \
     KEEPSAVE_STATE_DIR and KEEPSAVE_JOURNAL_DIR"
)]
pub struct Homeless;

impl Places {
    /// As the variables say.
    pub fn of(variable: impl Fn(&str) -> Option<OsString>) -> Result<Self, Homeless> {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        // A relative one would mean another place in every directory; XDG says to ignore it.
        let absolute = |name: &str| {
            set(name)
                .map(PathBuf::from)
                .filter(|path| path.is_absolute())
        };
        let home = |below: &str| Some(absolute("HOME")?.join(below));
        let config = absolute("XDG_CONFIG_HOME").or_else(|| home(".config"));
        let state = absolute("XDG_STATE_HOME").or_else(|| home(".local/state"));
        let data = absolute("XDG_DATA_HOME").or_else(|| home(".local/share"));
        let chosen = |name: &str, usual: Option<PathBuf>| {
            let chosen = set(name).map(PathBuf::from);
            chosen.or(usual).ok_or(Homeless)
        };
        Ok(Self {
            config: config.ok_or(Homeless)?.join("keepsave"),
            state: chosen("KEEPSAVE_STATE_DIR", state.map(|at| at.join("keepsave")))?,
            journal: chosen(
                "KEEPSAVE_JOURNAL_DIR",
                data.map(|at| at.join("keepsave/journal")),
            )?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(variables: &[(&str, &str)]) -> Result<[String; 3], Homeless> {
        let places = Places::of(|name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| value.into())
        })?;
        let Places {
            config,
            state,
            journal,
        } = places;
        Ok([config, state, journal].map(|path| path.display().to_string()))
    }

    #[test]
    fn the_first_that_is_said_counts() {
        let usual = [
            "/ada/.config/keepsave",
            "/ada/.local/state/keepsave",
            "/ada/.local/share/keepsave/journal",
        ];
        let home = ("HOME", "/ada");
        assert_eq!(places(&[home]).unwrap(), usual);
        let empty = [
            home,
            ("XDG_CONFIG_HOME", ""),
            ("XDG_STATE_HOME", "relative"),
        ];
        assert_eq!(places(&empty).unwrap(), usual);
        let xdg = [
            home,
            ("XDG_CONFIG_HOME", "/c"),
            ("XDG_STATE_HOME", "/s"),
            ("XDG_DATA_HOME", "/d"),
        ];
        let beneath = ["/c/keepsave", "/s/keepsave", "/d/keepsave/journal"];
        assert_eq!(places(&xdg).unwrap(), beneath);
        let ours = [
            ("KEEPSAVE_STATE_DIR", "state"),
            ("KEEPSAVE_JOURNAL_DIR", "/j"),
        ];
        let chosen = ["/c/keepsave", "state", "/j"];
        assert_eq!(places(&[&xdg[..], &ours].concat()).unwrap(), chosen);
    }

    #[test]
    fn without_a_home_nothing_is_guessed() {
        assert_eq!(places(&[]), Err(Homeless));
        assert_eq!(places(&[("XDG_CONFIG_HOME", "/c")]), Err(Homeless));
        let enough = [
            ("XDG_CONFIG_HOME", "/c"),
            ("KEEPSAVE_STATE_DIR", "/s"),
            ("KEEPSAVE_JOURNAL_DIR", "/j"),
        ];
        assert!(places(&enough).is_ok());
    }
}
