//! Log lines as the server remembers them, for the page that shows them.

use std::io;

use keepsave_server::environment::Environment;
use keepsave_server::logs::Line;
use tracing::{Level, Metadata};
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::format::{DefaultFields, FormatFields, Writer};
use tracing_subscriber::fmt::{self, MakeWriter};

use crate::logging::Lines;

/// Remembers each line, however it looks elsewhere.
pub fn lines(environment: &Environment) -> Lines {
    Box::new(
        fmt::layer()
            .with_ansi(false)
            .with_level(false)
            .with_target(false)
            .without_time()
            .fmt_fields(Plain(DefaultFields::new()))
            .with_writer(Remembering(environment.clone())),
    )
}

/// Fields as a layer of its own formats them: those of another may be coloured.
struct Plain(DefaultFields);

impl<'writer> FormatFields<'writer> for Plain {
    fn format_fields<R: RecordFields>(
        &self,
        writer: Writer<'writer>,
        fields: R,
    ) -> std::fmt::Result {
        self.0.format_fields(writer, fields)
    }
}

struct Remembering(Environment);

impl Remembering {
    fn entry(&self, level: Level) -> Entry<'_> {
        Entry {
            environment: &self.0,
            level,
        }
    }
}

impl<'a> MakeWriter<'a> for Remembering {
    type Writer = Entry<'a>;

    fn make_writer(&'a self) -> Entry<'a> {
        self.entry(Level::INFO)
    }

    fn make_writer_for(&'a self, metadata: &Metadata<'_>) -> Entry<'a> {
        self.entry(*metadata.level())
    }
}

/// A line, which is written in one piece.
struct Entry<'a> {
    environment: &'a Environment,
    level: Level,
}

impl io::Write for Entry<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.environment.log.add(Line {
            at: self.environment.now(),
            level: self.level,
            text: String::from_utf8_lossy(bytes).trim().to_owned(),
        });
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
