//! Rules for crates: what core may depend on, and in which direction the crates know each other.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, bail};
use serde::Deserialize;

use super::Finding;

/// What core may depend on: pure libraries only.
const CORE_MAY_USE: &[&str] = &[
    "blake3",
    "bzip2",
    "crc32fast",
    "flate2",
    "hex",
    "jiff",
    "lzma-rust2",
    "md-5",
    "percent-encoding",
    "serde",
    "thiserror",
    "unicode-normalization",
];
/// What core's tests may use besides.
const CORE_TESTS_MAY_USE: &[&str] = &["proptest", "serde_json", "zip"];

const TESTKIT: &str = "keepsave-testkit";

/// Which crates of the house each of them may know. Tests may also use the testkit.
const MAY_KNOW: &[(&str, &[&str])] = &[
    ("keepsave-core", &[]),
    ("keepsave-disk", &[]),
    ("keepsave-wire", &["keepsave-core"]),
    (
        "keepsave-server",
        &["keepsave-core", "keepsave-disk", "keepsave-wire"],
    ),
    (
        "keepsave-device",
        &["keepsave-core", "keepsave-disk", "keepsave-wire"],
    ),
    (
        "keepsave",
        &[
            "keepsave-core",
            "keepsave-disk",
            "keepsave-wire",
            "keepsave-server",
            "keepsave-device",
        ],
    ),
    (
        TESTKIT,
        &[
            "keepsave-core",
            "keepsave-disk",
            "keepsave-wire",
            "keepsave-server",
            "keepsave-device",
        ],
    ),
    ("keepsave-model", &["keepsave-core"]),
    ("keepsave-bench", &[]),
    ("xtask", &[]),
];

/// The part of `cargo metadata` that the rules read.
#[derive(Deserialize)]
pub struct Metadata {
    pub packages: Vec<Package>,
    workspace_members: Vec<String>,
}

/// One package of the resolved graph.
#[derive(Deserialize)]
pub struct Package {
    id: String,
    pub name: String,
    pub version: String,
    pub license: Option<String>,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    /// `dev` or `build`; nothing for what is shipped.
    kind: Option<String>,
}

impl Metadata {
    /// Asks cargo for the resolved graph of the workspace at `root`.
    pub fn ask_cargo(root: &Path) -> anyhow::Result<Self> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let output = Command::new(cargo)
            .args(["metadata", "--format-version=1", "--locked"])
            .current_dir(root)
            .output()
            .context("cargo could not be started")?;
        if !output.status.success() {
            bail!(
                "cargo metadata: {}",
                String::from_utf8_lossy(&output.stderr).trim()
            );
        }
        Ok(serde_json::from_slice(&output.stdout)?)
    }

    /// The crates of this repository.
    fn members(&self) -> impl Iterator<Item = &Package> {
        self.packages
            .iter()
            .filter(|package| self.workspace_members.contains(&package.id))
    }
}

pub fn findings(metadata: &Metadata) -> Vec<Finding> {
    let mut findings = Vec::new();
    for package in metadata.members() {
        if package.name == "keepsave-core" {
            findings.extend(core_is_pure(package));
        }
        findings.extend(direction(package));
    }
    findings
}

fn core_is_pure(core: &Package) -> Vec<Finding> {
    let allowed = |dependency: &&Dependency| {
        let name = dependency.name.as_str();
        let is_test = dependency.kind.as_deref() == Some("dev");
        CORE_MAY_USE.contains(&name) || is_test && CORE_TESTS_MAY_USE.contains(&name)
    };
    let forbidden = core
        .dependencies
        .iter()
        .filter(|dependency| !allowed(dependency));
    forbidden
        .map(|dependency| {
            let message = format!("core must not depend on {}", dependency.name);
            Finding::new("crates/core/Cargo.toml", message)
        })
        .collect()
}

fn direction(package: &Package) -> Vec<Finding> {
    let place = |message: String| Finding::new(&package.name, message);
    let Some((_, known)) = MAY_KNOW.iter().find(|(name, _)| *name == package.name) else {
        return vec![place(
            "has no place in the house: say in tidy what it may know".into(),
        )];
    };
    let of_the_house = |name: &str| MAY_KNOW.iter().any(|(member, _)| *member == name);
    let mut findings = Vec::new();
    for Dependency { name, kind } in &package.dependencies {
        let in_tests = kind.as_deref() == Some("dev");
        let allowed = known.contains(&name.as_str()) || in_tests && name == TESTKIT;
        if of_the_house(name) && !allowed {
            findings.push(place(format!("must not know {name}")));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A workspace of one crate with these dependencies, each `name` or `dev name`.
    fn messages(name: &str, dependencies: &[&str]) -> Vec<String> {
        let dependencies: Vec<Dependency> = dependencies
            .iter()
            .map(|text| match text.split_once(' ') {
                Some((kind, name)) => (name, Some(kind.to_owned())),
                None => (*text, None),
            })
            .map(|(name, kind)| Dependency {
                name: name.to_owned(),
                kind,
            })
            .collect();
        let metadata = Metadata {
            workspace_members: vec!["it".into()],
            packages: vec![Package {
                id: "it".into(),
                name: name.into(),
                version: "0.1.0".into(),
                license: None,
                dependencies,
            }],
        };
        findings(&metadata)
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn core_depends_on_pure_libraries_only() {
        assert_eq!(
            messages("keepsave-core", &["serde", "dev proptest"]),
            [""; 0]
        );
        assert_eq!(
            messages("keepsave-core", &["tokio"]),
            ["crates/core/Cargo.toml: core must not depend on tokio"]
        );
        assert_eq!(
            messages("keepsave-core", &["proptest"]),
            ["crates/core/Cargo.toml: core must not depend on proptest"]
        );
    }

    #[test]
    fn crates_know_each_other_in_one_direction() {
        assert_eq!(
            messages("keepsave-server", &["keepsave-wire", "axum"]),
            [""; 0]
        );
        for (crate_name, forbidden) in [
            ("keepsave-wire", "keepsave-server"),
            ("keepsave-server", "keepsave-device"),
            ("keepsave-device", "keepsave-server"),
            ("keepsave-server", "keepsave"),
            ("xtask", "keepsave-core"),
        ] {
            assert_eq!(
                messages(crate_name, &[forbidden]),
                [format!("{crate_name}: must not know {forbidden}")]
            );
            assert_eq!(
                messages(crate_name, &[&format!("dev {forbidden}")]).len(),
                1
            );
        }
    }

    #[test]
    fn nothing_ships_the_testkit() {
        assert_eq!(
            messages("keepsave-server", &["dev keepsave-testkit"]),
            [""; 0]
        );
        assert_eq!(
            messages("keepsave", &["keepsave-testkit"]),
            ["keepsave: must not know keepsave-testkit"]
        );
    }

    #[test]
    fn a_new_crate_must_be_placed() {
        assert_eq!(
            messages("keepsave-extras", &[]),
            ["keepsave-extras: has no place in the house: say in tidy what it may know"]
        );
    }
}
