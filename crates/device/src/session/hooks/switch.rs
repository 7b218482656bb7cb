//! ES-DE's setting that lets it run scripts. Its file is a list of elements without a root, one on
//! each line; every other byte of it stays.

use std::path::Path;

use super::Refused;
use super::change::{Change, read};

const NAME: &str = "name=\"CustomEventScripts\"";

/// What turns it on or off; nothing where it is so.
pub(super) fn turned(path: &Path, on: bool) -> Result<Option<Change>, Refused> {
    let before = read(path)?;
    let text = before.as_deref().unwrap_or("<?xml version=\"1.0\"?>\n");
    if is_on(text) == on {
        return Ok(None);
    }
    let line = format!("<bool {NAME} value=\"{on}\" />");
    Ok(Some(Change::Set {
        path: path.to_owned(),
        after: with(text, &line),
        before,
        line,
    }))
}

/// It is off at first.
fn is_on(text: &str) -> bool {
    let mut lines = text.lines();
    lines.any(|line| line.contains(NAME) && line.contains("value=\"true\""))
}

fn with(text: &str, element: &str) -> String {
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    if !text.contains(NAME) {
        let gap = if text.is_empty() || text.ends_with('\n') {
            ""
        } else {
            end
        };
        return format!("{text}{gap}{element}{end}");
    }
    let lines = text.split_inclusive('\n').map(|line| {
        if !line.contains(NAME) {
            return line.to_owned();
        }
        let indent = &line[..line.len() - line.trim_start().len()];
        let ended = &line[line.trim_end_matches(['\r', '\n']).len()..];
        format!("{indent}{element}{ended}")
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_its_own_line_changes() {
        const ON: &str = "<bool name=\"CustomEventScripts\" value=\"true\" />";
        for (before, after) in [
            ("", format!("{ON}\n")),
            (
                "<int name=\"A\" value=\"1\" />",
                format!("<int name=\"A\" value=\"1\" />\n{ON}\n"),
            ),
            (
                "<?xml?>\r\n\t<bool name=\"CustomEventScripts\" value=\"false\" />\r\n<b/>\r\n",
                format!("<?xml?>\r\n\t{ON}\r\n<b/>\r\n"),
            ),
        ] {
            assert!(!is_on(before));
            assert_eq!(with(before, ON), after);
            assert!(is_on(&after));
        }
    }
}
