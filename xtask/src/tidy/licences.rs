//! Licences: every package of the resolved graph is under terms that deny.toml allows.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::Finding;
use super::crates::{Metadata, Package};

/// The list in deny.toml, the one place where licences are allowed.
#[derive(Deserialize)]
pub struct Allowed {
    allow: BTreeSet<String>,
    #[serde(default)]
    exceptions: Vec<Exception>,
}

/// More licences, for one package only.
#[derive(Deserialize)]
struct Exception {
    #[serde(rename = "crate")]
    package: String,
    allow: BTreeSet<String>,
}

impl Allowed {
    /// Reads the table `[licenses]`.
    pub fn from_deny_toml(text: &str) -> anyhow::Result<Self> {
        #[derive(Deserialize)]
        struct DenyToml {
            licenses: Allowed,
        }
        Ok(toml::from_str::<DenyToml>(text)?.licenses)
    }

    fn allows(&self, licence: &str, package: &str) -> bool {
        let excepted = |exception: &Exception| {
            exception.package == package && exception.allow.contains(licence)
        };
        self.allow.contains(licence) || self.exceptions.iter().any(excepted)
    }
}

pub fn findings(metadata: &Metadata, allowed: &Allowed) -> Vec<Finding> {
    let packages = metadata.packages.iter();
    packages
        .filter_map(|package| finding(package, allowed))
        .collect()
}

fn finding(package: &Package, allowed: &Allowed) -> Option<Finding> {
    let place = format!("{} {}", package.name, package.version);
    let Some(licence) = &package.license else {
        return Some(Finding::new(place, "names no licence"));
    };
    let accepted = is_met(licence, |id| allowed.allows(id, &package.name));
    (!accepted).then(|| Finding::new(place, format!("`{licence}` is not allowed by deny.toml")))
}

/// Whether a licence expression can be met with the licences that `allows` accepts. An expression
/// that cannot be read is not met.
fn is_met(expression: &str, allows: impl Fn(&str) -> bool) -> bool {
    // Older packages write `MIT/Apache-2.0`.
    let spaced = expression
        .replace('/', " OR ")
        .replace('(', " ( ")
        .replace(')', " ) ");
    let mut words: Vec<&str> = spaced.split_whitespace().rev().collect();
    either(&mut words, &allows) == Some(true) && words.is_empty()
}

fn either(words: &mut Vec<&str>, allows: &impl Fn(&str) -> bool) -> Option<bool> {
    let mut met = both(words, allows)?;
    while words.pop_if(|word| *word == "OR").is_some() {
        met |= both(words, allows)?;
    }
    Some(met)
}

fn both(words: &mut Vec<&str>, allows: &impl Fn(&str) -> bool) -> Option<bool> {
    let mut met = single(words, allows)?;
    while words.pop_if(|word| *word == "AND").is_some() {
        met &= single(words, allows)?;
    }
    Some(met)
}

fn single(words: &mut Vec<&str>, allows: &impl Fn(&str) -> bool) -> Option<bool> {
    let first = words.pop()?;
    if first == "(" {
        let met = either(words, allows)?;
        return words.pop_if(|word| *word == ")").map(|_| met);
    }
    if words.pop_if(|word| *word == "WITH").is_some() {
        let exception = words.pop()?;
        return Some(allows(&format!("{first} WITH {exception}")));
    }
    Some(allows(first))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed() -> Allowed {
        let text = "
            [licenses]
            allow = ['MIT', 'Apache-2.0', 'Unicode-3.0']
            [[licenses.exceptions]]
            crate = 'notify'
            allow = ['CC0-1.0']
        ";
        Allowed::from_deny_toml(text).unwrap()
    }

    fn check(package: &str, licence: &str) -> bool {
        is_met(licence, |id| allowed().allows(id, package))
    }

    #[test]
    fn expressions_are_read_as_written() {
        for licence in [
            "MIT",
            "MIT OR GPL-3.0-only",
            "GPL-3.0-only/MIT",
            "MIT AND Apache-2.0",
            "(MIT OR GPL-3.0-only) AND Unicode-3.0",
            "GPL-2.0 WITH Classpath-exception-2.0 OR MIT",
        ] {
            assert!(check("any", licence), "{licence}");
        }
    }

    #[test]
    fn what_is_not_allowed_is_found() {
        for licence in [
            "GPL-3.0-only",
            "MIT AND GPL-3.0-only",
            "(MIT OR Apache-2.0) AND GPL-3.0-only",
            "GPL-3.0-only OR LGPL-3.0-only",
            "Apache-2.0 WITH Commons-Clause",
            "CC0-1.0",
            "",
            "MIT OR",
            "(MIT",
            "MIT MIT",
        ] {
            assert!(!check("any", licence), "{licence}");
        }
    }

    #[test]
    fn an_exception_holds_for_its_package_only() {
        assert!(check("notify", "CC0-1.0"));
        assert!(!check("other", "CC0-1.0"));
    }

    #[test]
    fn a_package_without_a_licence_is_found() {
        let json = r#"{"packages": [
            {"id": "a", "name": "a", "version": "1.0.0", "license": null, "dependencies": []},
            {"id": "b", "name": "b", "version": "2.0.0", "license": "AGPL-3.0-only", "dependencies": []},
            {"id": "c", "name": "c", "version": "3.0.0", "license": "MIT", "dependencies": []}
        ], "workspace_members": []}"#;
        let metadata: Metadata = serde_json::from_str(json).unwrap();
        let found = findings(&metadata, &allowed());
        let found: Vec<String> = found.iter().map(ToString::to_string).collect();
        assert_eq!(
            found,
            [
                "a 1.0.0: names no licence",
                "b 2.0.0: `AGPL-3.0-only` is not allowed by deny.toml",
            ]
        );
    }
}
