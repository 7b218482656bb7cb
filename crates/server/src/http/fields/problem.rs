//! What is wrong with a field, in the words that RomM's clients know. Does not know how fields are
//! read.

use serde_json::{Value, json};

/// One thing that is wrong with one field.
#[derive(Debug)]
pub struct Problem {
    pub(super) kind: &'static str,
    pub(super) place: Vec<Value>,
    pub(super) message: String,
    pub(super) input: Value,
    pub(super) context: Option<Value>,
}

impl Problem {
    pub(in crate::http) fn into_json(self) -> Value {
        let mut entry = json!({
            "type": self.kind, "loc": self.place, "msg": self.message, "input": self.input,
        });
        if let (Some(context), Some(entry)) = (self.context, entry.as_object_mut()) {
            entry.insert("ctx".to_owned(), context);
        }
        entry
    }

    /// A value that is understood but not allowed.
    pub fn value(place: Vec<Value>, message: &str, input: Value) -> Self {
        Self {
            kind: "value_error",
            place,
            message: format!("Value error, {message}"),
            input,
            context: Some(json!({ "error": {} })),
        }
    }

    /// A field that must be there.
    pub fn missing(place: Vec<Value>, input: Value) -> Self {
        Self {
            kind: "missing",
            place,
            message: "Field required".to_owned(),
            input,
            context: None,
        }
    }
}

/// `'a', 'b' or 'c'`
pub(super) fn one_of(words: &[&str]) -> String {
    let quoted: Vec<_> = words.iter().map(|word| format!("'{word}'")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => quoted.concat(),
    }
}

/// Where in the body the parser stopped.
pub(super) fn offset(body: &[u8], error: &serde_json::Error) -> usize {
    let before: usize = body
        .split_inclusive(|byte| *byte == b'\n')
        .take(error.line().saturating_sub(1))
        .map(<[u8]>::len)
        .sum();
    // Where the text ends too soon, the parser counts what it has read.
    before + error.column() - usize::from(!error.is_eof() && error.column() > 0)
}

/// The parser's complaint in the words of RomM's parser, where that has some.
pub(super) fn complaint(error: &serde_json::Error) -> String {
    const WORDS: [(&str, &str); 5] = [
        (
            "key must be a string",
            "Expecting property name enclosed in double quotes",
        ),
        ("expected value", "Expecting value"),
        ("expected `:`", "Expecting ':' delimiter"),
        ("expected `,`", "Expecting ',' delimiter"),
        ("trailing characters", "Extra data"),
    ];
    let own = error.to_string();
    let theirs = WORDS.iter().find(|(ours, _)| own.starts_with(ours));
    theirs.map_or(own, |(_, theirs)| (*theirs).to_owned())
}
