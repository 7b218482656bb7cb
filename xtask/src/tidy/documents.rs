//! Rules for documents that make promises: an invariant or a deviation names the test that holds
//! it, and a decision is listed.

use std::collections::BTreeSet;

use super::Finding;
use super::rust_files::test_names;
use super::tree::{File, Tree};

const ARCHITECTURE: &str = "ARCHITECTURE.md";
const DEVIATIONS: &str = "docs/deviations.md";
const DECISIONS: &str = "docs/adr/";
const DECISION_LIST: &str = "docs/adr/README.md";

pub fn findings(tree: &Tree) -> Vec<Finding> {
    let tests: BTreeSet<String> = tree
        .rust_files()
        .flat_map(|file| test_names(&file.text))
        .collect();
    let mut findings = decisions(tree);
    findings.extend(checked(tree, ARCHITECTURE, |file| invariants(file, &tests)));
    findings.extend(checked(tree, DEVIATIONS, |file| deviations(file, &tests)));
    findings
}

fn checked(tree: &Tree, path: &str, rule: impl Fn(&File) -> Vec<Finding>) -> Vec<Finding> {
    match tree.file(path) {
        Some(file) => rule(file),
        None => vec![Finding::new(path, "is missing")],
    }
}

/// Each item under `## Invariants` ends in `Held by` and its tests.
fn invariants(file: &File, tests: &BTreeSet<String>) -> Vec<Finding> {
    let mut items: Vec<(usize, String)> = Vec::new();
    let mut inside = false;
    for (index, line) in file.text.lines().enumerate() {
        if line.starts_with("## ") {
            inside = line == "## Invariants";
        } else if inside && line.starts_with("- ") {
            items.push((index, line.to_owned()));
        } else if inside
            && line.starts_with("  ")
            && let Some((_, item)) = items.last_mut()
        {
            item.push(' ');
            item.push_str(line.trim());
        }
    }
    if items.is_empty() {
        return vec![file.finding("has no items under `## Invariants`")];
    }
    items
        .into_iter()
        .flat_map(|(index, item)| {
            let holders = item
                .rsplit_once("Held by")
                .map_or("", |(_, holders)| holders);
            names_tests(file, index, holders, tests)
        })
        .collect()
}

/// The last cell of each row names the tests that pin the deviation.
fn deviations(file: &File, tests: &BTreeSet<String>) -> Vec<Finding> {
    let lines: Vec<&str> = file.text.lines().collect();
    let is_row = |index: usize| lines.get(index).is_some_and(|line| line.starts_with('|'));
    let is_rule = |index: usize| {
        lines
            .get(index)
            .is_some_and(|line| line.starts_with("| --"))
    };
    let mut findings = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        if is_row(index) && !is_rule(index) && !is_rule(index + 1) {
            let last = line
                .trim_end_matches(['|', ' '])
                .rsplit('|')
                .next()
                .unwrap_or_default();
            findings.extend(names_tests(file, index, last, tests));
        }
    }
    findings
}

fn names_tests(file: &File, index: usize, text: &str, tests: &BTreeSet<String>) -> Vec<Finding> {
    let named: Vec<&str> = text
        .split('`')
        .skip(1)
        .step_by(2)
        .map(|path| path.rsplit("::").next().unwrap_or(path))
        .collect();
    if named.is_empty() {
        return vec![file.finding_at(index, "names no test that holds it")];
    }
    let unknown = named.into_iter().filter(|name| !tests.contains(*name));
    unknown
        .map(|name| file.finding_at(index, format!("there is no test `{name}`")))
        .collect()
}

/// Every decision is in the list, has a number of its own, and says why and what follows.
fn decisions(tree: &Tree) -> Vec<Finding> {
    let list = tree.file(DECISION_LIST).map_or("", |file| &file.text);
    let mut findings = Vec::new();
    let mut numbers = BTreeSet::new();
    for file in &tree.files {
        let Some(name) = file.path.strip_prefix(DECISIONS) else {
            continue;
        };
        if file.path == DECISION_LIST {
            continue;
        }
        if !list.contains(&format!("({name})")) {
            findings.push(file.finding(format!("is not listed in {DECISION_LIST}")));
        }
        let number = name.split('-').next().unwrap_or_default();
        if number.len() != 4 || number.parse::<u16>().is_err() || !numbers.insert(number) {
            findings.push(file.finding("has no number of its own: NNNN-title.md"));
        }
        for heading in ["## Context", "## Decision", "## Consequences"] {
            if !file.text.lines().any(|line| line == heading) {
                findings.push(file.finding(format!("has no `{heading}`")));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tests() -> BTreeSet<String> {
        BTreeSet::from(["holds".to_owned(), "holds_too".to_owned()])
    }

    fn messages(found: &[Finding]) -> Vec<String> {
        found.iter().map(ToString::to_string).collect()
    }

    fn check_invariants(items: &str) -> Vec<String> {
        let text = format!("# Map\n- not one\n## Invariants\n{items}## After\n- nor this\n");
        messages(&invariants(&File::new(ARCHITECTURE, text), &tests()))
    }

    fn check_deviations(row: &str) -> Vec<String> {
        let text = format!("# Deviations\n\n| what | test |\n| --- | --- |\n{row}\n\nText.\n");
        messages(&deviations(&File::new(DEVIATIONS, text), &tests()))
    }

    #[test]
    fn an_invariant_names_a_test_that_exists() {
        assert_eq!(check_invariants("- It holds. Held by `holds`.\n"), [""; 0]);
        let wrapped = "- It holds with `words`.\n  Held by `a::b::holds`,\n  `holds_too`.\n";
        assert_eq!(check_invariants(wrapped), [""; 0]);
        assert_eq!(
            check_invariants("- It holds.\n"),
            ["ARCHITECTURE.md:4: names no test that holds it"]
        );
        assert_eq!(
            check_invariants("- One. Held by `holds`.\n- Two. Held by `gone`.\n"),
            ["ARCHITECTURE.md:5: there is no test `gone`"]
        );
        assert_eq!(
            check_invariants(""),
            ["ARCHITECTURE.md: has no items under `## Invariants`"]
        );
    }

    #[test]
    fn a_deviation_names_a_test_that_exists() {
        assert_eq!(
            check_deviations("| a | `holds`, `it::holds_too` |"),
            [""; 0]
        );
        assert_eq!(
            check_deviations("| a `holds` | none |"),
            ["docs/deviations.md:5: names no test that holds it"]
        );
        assert_eq!(
            check_deviations("| a | `gone` |"),
            ["docs/deviations.md:5: there is no test `gone`"]
        );
    }

    #[test]
    fn a_missing_document_is_found() {
        let found = messages(&findings(&Tree { files: Vec::new() }));
        assert_eq!(
            found,
            [
                "ARCHITECTURE.md: is missing",
                "docs/deviations.md: is missing"
            ]
        );
    }

    #[test]
    fn a_decision_is_listed_numbered_and_complete() {
        let whole = "# A\n\n## Context\n\n## Decision\n\n## Consequences\n";
        let list = File::new(DECISION_LIST, "- [A](0001-a.md)\n- [C](0001-c.md)\n");
        let tree = Tree {
            files: vec![
                list,
                File::new("docs/adr/0001-a.md", whole),
                File::new("docs/adr/0002-b.md", whole),
                File::new("docs/adr/0001-c.md", "# C\n\n## Context\n\n## Decision\n"),
            ],
        };
        assert_eq!(
            messages(&decisions(&tree)),
            [
                "docs/adr/0002-b.md: is not listed in docs/adr/README.md",
                "docs/adr/0001-c.md: has no number of its own: NNNN-title.md",
                "docs/adr/0001-c.md: has no `## Consequences`",
            ]
        );
    }
}
