//! Rules for Rust sources: size, names, heads, unfinished work, tests that wait or do not run,
//! limits outside the one place for limits.

use super::Finding;
use super::rust_code::{code_only, has_word, is_word};
use super::tree::File;

const LINES: usize = 500;

/// Longer files, each with the reason why it is one.
const LONG_FILES: &[(&str, &str)] = &[];

/// Tests that wait for real time, each with the reason why nothing else proves the same.
const SLEEPING_TESTS: &[(&str, &str)] = &[];

/// Names that say nothing about what a module holds.
const EMPTY_NAMES: &[&str] = &["utils", "util", "helpers", "common", "manager", "misc"];

const UNFINISHED: &[&str] = &["todo!", "unimplemented!", "dbg!"];

const LIMITS: &str = "crates/core/src/limits.rs";

pub fn findings(file: &File) -> Vec<Finding> {
    let code = code_only(&file.text);
    let mut findings = Vec::new();
    findings.extend(size(file));
    findings.extend(name(file));
    findings.extend(head(file));
    findings.extend(inner_names(file, &code));
    findings.extend(unfinished(file, &code));
    findings.extend(ignored_tests(file, &code));
    findings.extend(sleeping_tests(file, &code));
    findings.extend(stray_limits(file, &code));
    findings
}

fn size(file: &File) -> Option<Finding> {
    let lines = file.text.lines().count();
    (lines > LINES && !listed(LONG_FILES, file))
        .then(|| file.finding(format!("{lines} lines, more than {LINES}: split it")))
}

fn name(file: &File) -> Option<Finding> {
    let empty = |part: &str| EMPTY_NAMES.contains(&part.trim_end_matches(".rs"));
    let part = file.path.split('/').find(|part| empty(part))?;
    Some(file.finding(format!("`{part}` does not say what the module holds")))
}

fn inner_names(file: &File, code: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, line) in code.lines().enumerate() {
        for name in EMPTY_NAMES {
            if has_word(line, &format!("mod {name}")) {
                let message = format!("`mod {name}` does not say what the module holds");
                findings.push(file.finding_at(index, message));
            }
        }
    }
    findings
}

/// The first line tells a reader what lives here.
fn head(file: &File) -> Option<Finding> {
    let first = file.text.lines().next().unwrap_or_default();
    let words = first.strip_prefix("//!").unwrap_or_default();
    (words.split_whitespace().count() < 3)
        .then(|| file.finding("starts without a `//!` sentence that says what lives here"))
}

fn unfinished(file: &File, code: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, line) in code.lines().enumerate() {
        for word in UNFINISHED {
            if has_word(line, word) {
                findings.push(file.finding_at(index, format!("`{word}` is unfinished work")));
            }
        }
    }
    findings
}

fn ignored_tests(file: &File, code: &str) -> Vec<Finding> {
    let ignores = |line: &str| {
        let attribute = line.trim_start();
        attribute.starts_with("#[ignore")
            || attribute.starts_with("#[cfg_attr") && has_word(attribute, "ignore")
    };
    lines_where(code, ignores)
        .map(|index| file.finding_at(index, "an ignored test proves nothing"))
        .collect()
}

fn sleeping_tests(file: &File, code: &str) -> Vec<Finding> {
    if listed(SLEEPING_TESTS, file) {
        return Vec::new();
    }
    let tests_begin = first_test_line(file, code);
    lines_where(code, |line| {
        has_word(line, "sleep(") || has_word(line, "sleep_until(")
    })
    .filter(|index| *index >= tests_begin)
    .map(|index| {
        file.finding_at(
            index,
            "a test that sleeps: wait for the event, or move a clock",
        )
    })
    .collect()
}

/// A number with a limit's name is a limit, and limits have one home.
fn stray_limits(file: &File, code: &str) -> Vec<Finding> {
    if file.path == LIMITS || file.path.starts_with("xtask/") {
        return Vec::new();
    }
    let tests_begin = first_test_line(file, code);
    lines_where(code, declares_a_limit)
        .filter(|index| *index < tests_begin)
        .map(|index| file.finding_at(index, format!("a limit: its place is {LIMITS}")))
        .collect()
}

/// `const MAX_THINGS: usize = 10;` declares one; `Self::MAX`, the end of a type's range, does not.
fn declares_a_limit(line: &str) -> bool {
    let Some((_, constant)) = line.split_once("const ") else {
        return false;
    };
    let Some((name, rest)) = constant.split_once(':') else {
        return false;
    };
    let mut words = name.split('_');
    let names_a_limit = name.contains('_') && words.any(|word| ["MAX", "LIMIT"].contains(&word));
    let value = rest.split_once('=').map_or("", |(_, value)| value.trim());
    names_a_limit && value.starts_with(|c: char| c.is_ascii_digit())
}

/// Where tests begin: at once in a test file, else at the test module, else never.
fn first_test_line(file: &File, code: &str) -> usize {
    let parts: Vec<&str> = file.path.split('/').collect();
    if parts
        .iter()
        .any(|part| ["tests", "tests.rs", "testkit"].contains(part))
    {
        return 0;
    }
    lines_where(code, |line| line.trim_start().starts_with("#[cfg(test)]"))
        .next()
        .unwrap_or(usize::MAX)
}

fn lines_where(code: &str, holds: impl Fn(&str) -> bool) -> impl Iterator<Item = usize> {
    code.lines()
        .enumerate()
        .filter(move |(_, line)| holds(line))
        .map(|(index, _)| index)
}

fn listed(list: &[(&str, &str)], file: &File) -> bool {
    list.iter().any(|(path, _)| *path == file.path)
}

/// The names of the functions in `text` that the test runner runs.
pub fn test_names(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut is_test = false;
    for line in code_only(text).lines().map(str::trim) {
        if line.starts_with("#[") {
            is_test |= has_word(line, "test");
        } else if let Some((_, after)) = line.split_once("fn ") {
            if is_test {
                names.push(after.chars().take_while(|c| is_word(*c)).collect());
            }
            is_test = false;
        } else if line.contains([';', '}']) {
            is_test = false;
        }
    }
    names
}

#[cfg(test)]
mod tests;
