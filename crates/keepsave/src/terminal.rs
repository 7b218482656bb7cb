//! How commands talk: data on stdout, as a table or as JSON; talk and progress on stderr.

use std::io::{BufRead, IsTerminal, Write, stderr, stdin, stdout};
use std::sync::atomic::{AtomicU64, Ordering};

use keepsave_core::time::Time;
use serde::Serialize;

use crate::exit::Failure;

/// Writes data to stdout. Whoever reads it may have gone, as `head` does; that is no failure.
pub fn print(text: &str) {
    let _gone = writeln!(stdout(), "{text}");
}

/// Says something to the person, beside the data.
pub fn note(text: &str) {
    for line in text.lines() {
        let _gone = writeln!(stderr(), "keepsave: {line}");
    }
}

/// Writes a value to stdout as JSON.
pub fn print_json(value: &impl Serialize) -> Result<(), Failure> {
    print(&serde_json::to_string_pretty(value).map_err(Failure::failed)?);
    Ok(())
}

/// Rows under their headings, in columns. Headings are upper case everywhere.
pub fn table<const N: usize>(headings: [&str; N], rows: &[[String; N]]) -> String {
    let headings = headings.map(str::to_uppercase);
    let all = || std::iter::once(&headings).chain(rows);
    let width = |column: usize| {
        all()
            .map(|row| row[column].chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..N).map(width).collect();
    let line = |row: &[String; N]| {
        let cells = row
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    all().map(line).collect::<Vec<_>>().join("\n")
}

/// `1 content`, `2 contents`.
pub fn counted(count: u64, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{plural}")
}

/// `1.5 MiB`.
pub fn bytes(count: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if count < 1024 {
        return counted(count, "byte");
    }
    let power = (count.ilog2() / 10).min(4);
    let tenths = u128::from(count) * 10 / (1_u128 << (10 * power));
    format!(
        "{}.{} {}",
        tenths / 10,
        tenths % 10,
        UNITS[power as usize - 1]
    )
}

/// `2026-11-20 07:28:30`, or a dash.
pub fn moment(at: Option<Time>) -> String {
    at.map_or_else(
        || "-".to_owned(),
        |at| at.with_space().to_string().chars().take(19).collect(),
    )
}

/// A text, or a dash.
pub fn or_dash(text: Option<&str>) -> String {
    text.filter(|text| !text.is_empty())
        .unwrap_or("-")
        .to_owned()
}

/// A line on the terminal that says how far long work is; nothing when stderr is no terminal.
pub struct Bar {
    what: &'static str,
    shown: Option<AtomicU64>,
}

impl Bar {
    /// For work of that name.
    pub fn new(what: &'static str) -> Self {
        let shown = stderr().is_terminal().then(|| AtomicU64::new(u64::MAX));
        Self { what, shown }
    }

    /// So much is done, of so much.
    pub fn at(&self, done: u64, of: u64) {
        let percent = (u128::from(done) * 100 / u128::from(of.max(1))).min(100);
        let percent = u64::try_from(percent).unwrap_or(100);
        if let Some(shown) = &self.shown
            && shown.swap(percent, Ordering::Relaxed) != percent
        {
            let _gone = write!(stderr(), "\r{} {percent} %", self.what);
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        if self.shown.is_some() {
            let _gone = write!(stderr(), "\r\x1b[K");
        }
    }
}

/// A new password: asked for twice on a terminal, else the first line of stdin. Never an argument,
/// which others could see.
#[cfg(feature = "server")]
pub fn new_password() -> Result<String, Failure> {
    if stdin().is_terminal() {
        let ask = |prompt| rpassword::prompt_password(prompt).map_err(Failure::failed);
        let password = ask("New password: ")?;
        return if ask("Once more: ")? == password {
            Ok(password)
        } else {
            Err(Failure::usage(
                "the two passwords differ; nothing was changed",
            ))
        };
    }
    let mut line = String::new();
    stdin()
        .lock()
        .read_line(&mut line)
        .map_err(Failure::failed)?;
    let password = line.trim_end_matches(['\r', '\n']);
    if password.is_empty() {
        return Err(Failure::usage(
            "no password came on stdin; nothing was changed",
        ));
    }
    Ok(password.to_owned())
}

/// Asks a person who sits at the terminal; none when they ended the conversation.
pub fn question(asked: &str) -> Result<Option<String>, Failure> {
    eprint!("{asked}");
    let mut line = String::new();
    let read = stdin().read_line(&mut line).map_err(Failure::failed)?;
    Ok((read > 0).then(|| line.trim().to_owned()))
}

/// Asks a person who sits at the terminal: yes or no.
pub fn confirm(question: &str) -> Result<bool, Failure> {
    let answer = self::question(&format!("{question} [y/N] "))?;
    Ok(matches!(answer.as_deref(), Some("y" | "Y" | "yes" | "Yes")))
}

/// The password of someone who signs in: asked for on a terminal, else the first line of stdin.
pub fn password_of(user: &str) -> Result<String, Failure> {
    if !stdin().is_terminal() {
        return secret_of("-");
    }
    let prompt = format!("Password of {user}: ");
    rpassword::prompt_password(prompt).map_err(Failure::failed)
}

/// What a file holds, without the end of its line; `-` is stdin. A secret belongs in no argument,
/// which others could see.
pub fn secret_of(file: &str) -> Result<String, Failure> {
    let mut text = String::new();
    if file == "-" {
        stdin()
            .lock()
            .read_line(&mut text)
            .map_err(Failure::failed)?;
    } else {
        text = fs_err::read_to_string(file).map_err(Failure::usage)?;
    }
    let secret = text.trim_end_matches(['\r', '\n']);
    if secret.is_empty() {
        let place = if file == "-" { "stdin" } else { file };
        return Err(Failure::usage(format!(
            "there is nothing in {place}, where a secret was expected; nothing was changed"
        )));
    }
    Ok(secret.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_they_must_be() {
        let rows = [["1", "ada"], ["12", "bob the second"]];
        let rows = rows.map(|row| row.map(str::to_owned));
        assert_eq!(
            table(["id", "name"], &rows),
            "ID  NAME\n1   ada\n12  bob the second"
        );
    }

    #[test]
    fn sizes_are_said_as_people_say_them() {
        for (count, said) in [
            (0, "0 bytes"),
            (1, "1 byte"),
            (1023, "1023 bytes"),
            (1024, "1.0 KiB"),
            (1536, "1.5 KiB"),
            (1 << 20, "1.0 MiB"),
            (u64::MAX, "16777215.9 TiB"),
        ] {
            assert_eq!(bytes(count), said);
        }
    }
}
