//! Rules for every text file: white space, line ends, and no path of anyone's machine.

use super::Finding;
use super::tree::File;

/// Folders whose files are kept byte for byte because something outside produced them.
const RECORDED: &[&str] = &["corpus", "fixtures", "golden", "snapshots", "transcripts"];

/// Starts of paths that mean something on one machine only.
const MACHINE_PATHS: &[&str] = &[
    concat!("/ho", "me/"),
    concat!("/Us", "ers/"),
    concat!("/ro", "ot/"),
    concat!("/wo", "rk/"),
    concat!("C:\\Us", "ers\\"),
];

pub fn findings(file: &File) -> Vec<Finding> {
    if file.path.split('/').any(|part| RECORDED.contains(&part)) {
        return Vec::new();
    }
    let rules = [line_ends, white_space, machine_paths];
    rules.into_iter().flat_map(|rule| rule(file)).collect()
}

fn line_ends(file: &File) -> Vec<Finding> {
    let mut findings = Vec::new();
    if file.text.contains('\r') {
        findings.push(file.finding("has carriage returns: lines end in LF"));
    }
    if !file.text.is_empty() && !file.text.ends_with('\n') {
        findings.push(file.finding("does not end in a newline"));
    }
    if file.text.ends_with("\n\n") {
        findings.push(file.finding("ends in an empty line"));
    }
    findings
}

fn white_space(file: &File) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, line) in file.text.lines().enumerate() {
        if line.ends_with([' ', '\t']) {
            findings.push(file.finding_at(index, "trailing white space"));
        }
        if line.contains('\t') {
            findings.push(file.finding_at(index, "a tab: indent with spaces"));
        }
    }
    findings
}

fn machine_paths(file: &File) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, line) in file.text.lines().enumerate() {
        for path in MACHINE_PATHS {
            if starts_a_path(line, path) {
                let message = format!("`{path}` is a path of one machine");
                findings.push(file.finding_at(index, message));
            }
        }
    }
    findings
}

/// Whether `path` stands in `line` as a beginning, not as the middle of a longer path.
fn starts_a_path(line: &str, path: &str) -> bool {
    line.match_indices(path).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        before.is_none_or(|c| !c.is_alphanumeric() && !"_-.}>/".contains(c))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(text: &str) -> Vec<String> {
        let found = findings(&File::new("docs/a.md", text));
        found.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_clean_file_passes() {
        assert_eq!(messages("# Title\n\nText.\n"), [""; 0]);
        assert_eq!(messages(""), [""; 0]);
    }

    #[test]
    fn carriage_returns_and_a_missing_newline_are_found() {
        assert_eq!(
            messages("a\r\nb"),
            [
                "docs/a.md: has carriage returns: lines end in LF",
                "docs/a.md: does not end in a newline",
            ]
        );
        assert_eq!(messages("a\n\n"), ["docs/a.md: ends in an empty line"]);
    }

    #[test]
    fn trailing_white_space_and_tabs_are_found() {
        assert_eq!(messages("a \n"), ["docs/a.md:1: trailing white space"]);
        assert_eq!(
            messages("a\n\tb\n"),
            ["docs/a.md:2: a tab: indent with spaces"]
        );
    }

    #[test]
    fn machine_paths_are_found() {
        for path in MACHINE_PATHS {
            let found = messages(&format!("see {path}someone\n"));
            assert_eq!(
                found,
                [format!("docs/a.md:1: `{path}` is a path of one machine")]
            );
            assert_eq!(messages(&format!("https://example.org{path}x\n")), [""; 0]);
        }
    }

    #[test]
    fn recorded_files_are_left_as_they_are() {
        let file = File::new("crates/wire/tests/golden/save.json", "a \r\n\tb");
        assert_eq!(findings(&file), []);
    }
}
