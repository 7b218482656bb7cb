//! The last lines of the log, for an admin who looks at the server from afar. So many, each so long:
//! whoever wants more reads the log itself.
//!
//! What is in a line is the business of whoever writes it. No secret is.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use keepsave_core::limits;
use keepsave_core::time::Time;
use tracing::Level;

/// A line of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// When it was written.
    pub at: Time,
    /// How important it is.
    pub level: Level,
    /// What it says.
    pub text: String,
}

/// The last lines of the log. All clones are one.
#[derive(Clone, Default)]
pub struct RecentLines(Arc<Mutex<VecDeque<Line>>>);

impl RecentLines {
    /// Takes a line, and lets go of the oldest when there are too many.
    pub fn add(&self, mut line: Line) {
        line.text
            .truncate(line.text.floor_char_boundary(limits::LOG_LINE_BYTES));
        let mut lines = self.lines();
        if lines.len() == limits::LOG_LINES {
            lines.pop_front();
        }
        lines.push_back(line);
    }

    /// The lines, the last one first.
    pub fn newest_first(&self) -> Vec<Line> {
        self.lines().iter().rev().cloned().collect()
    }

    fn lines(&self) -> MutexGuard<'_, VecDeque<Line>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: String) -> Line {
        Line {
            at: Time::EPOCH,
            level: Level::INFO,
            text,
        }
    }

    #[test]
    fn it_remembers_a_bounded_number_of_bounded_lines() {
        let recent = RecentLines::default();
        for number in 0..limits::LOG_LINES + 3 {
            recent.add(line(number.to_string()));
        }
        let lines = recent.newest_first();
        assert_eq!(lines.len(), limits::LOG_LINES);
        assert_eq!(lines[0].text, (limits::LOG_LINES + 2).to_string());
        assert_eq!(lines.last().map(|line| line.text.as_str()), Some("3"));

        recent.add(line("\u{00e9}".repeat(limits::LOG_LINE_BYTES)));
        let longest = &recent.newest_first()[0].text;
        assert_eq!(longest.len(), limits::LOG_LINE_BYTES);
    }
}
