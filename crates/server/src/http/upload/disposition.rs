//! `Content-Disposition` of a part: its field, and its file name when it is a file.
//!
//! The multipart reader knows `filename` but not `filename*`, which reqwest, among others, writes
//! for every name with a space in it.

use percent_encoding::percent_decode_str;

/// What a part is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Disposition {
    /// The field it fills.
    pub name: String,
    /// None for a text.
    pub file_name: Option<String>,
}

const NOT_UTF8: &str = "The file name is not valid UTF-8";
const NAMELESS: &str = r#"The Content-Disposition header field "name" must be provided."#;

impl Disposition {
    /// Reads the header, or says what is wrong with it.
    pub fn of(header: &[u8]) -> Result<Self, &'static str> {
        let header = std::str::from_utf8(header).map_err(|_| NOT_UTF8)?;
        let (mut name, mut plain, mut extended) = (None, None, None);
        let mut rest = header.split_once(';').map_or("", |(_kind, rest)| rest);
        while let Some((key, after)) = rest.split_once('=') {
            let value;
            (value, rest) = split_value(after.trim_start());
            match key.trim().to_ascii_lowercase().as_str() {
                "name" => name = Some(value),
                "filename" => plain = Some(value),
                "filename*" => extended = Some(decoded(&value)?),
                _ => {}
            }
        }
        Ok(Self {
            name: name.ok_or(NAMELESS)?,
            file_name: extended.or(plain),
        })
    }
}

/// A parameter's value, and what follows behind its semicolon.
fn split_value(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let (value, rest) = text.split_once(';').unwrap_or((text, ""));
        return (value.trim().to_owned(), rest);
    };
    let mut value = String::new();
    let mut letters = quoted.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => {
                let rest = &quoted[at + 1..];
                return (value, rest.split_once(';').map_or("", |(_, rest)| rest));
            }
            '\\' => {
                // A backslash before anything else is one that a client forgot to escape.
                let escaped = letters.next_if(|(_, next)| matches!(next, '"' | '\\'));
                value.push(escaped.map_or('\\', |(_, escaped)| escaped));
            }
            letter => value.push(letter),
        }
    }
    (value, "")
}

/// `utf-8''Golden%20Sun.srm`
fn decoded(value: &str) -> Result<String, &'static str> {
    let mut parts = value.splitn(3, '\'');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(charset), Some(_language), Some(text)) if charset.eq_ignore_ascii_case("utf-8") => {
            percent_decode_str(text)
                .decode_utf8()
                .map(|name| name.into_owned())
                .map_err(|_| NOT_UTF8)
        }
        _ => Err(NOT_UTF8),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(header: &str, name: &str, file_name: Option<&str>) {
        let expected = Disposition {
            name: name.to_owned(),
            file_name: file_name.map(str::to_owned),
        };
        assert_eq!(Disposition::of(header.as_bytes()), Ok(expected), "{header}");
    }

    #[test]
    fn names_as_clients_write_them() {
        check("form-data; name=\"saveFile\"", "saveFile", None);
        check(
            "form-data; name=\"saveFile\"; filename=\"Golden Sun.srm\"",
            "saveFile",
            Some("Golden Sun.srm"),
        );
        check(
            "form-data; filename=a.srm; name=saveFile",
            "saveFile",
            Some("a.srm"),
        );
        check("form-data; name=f; filename=\"\"", "f", Some(""));
        check("form-data; NAME=\"f\"; FileName=\"a\"", "f", Some("a"));
        check("form-data;name=\"f\" ; filename = \"a\"", "f", Some("a"));
        check(
            "form-data; name=\"f\"; filename=\"Pokémon ピカ.srm\"",
            "f",
            Some("Pokémon ピカ.srm"),
        );
    }

    #[test]
    fn extended_names_count_before_plain_ones() {
        check(
            "form-data; name=\"f\"; filename*=utf-8''Pok%C3%A9mon%20Emerald.srm",
            "f",
            Some("Pokémon Emerald.srm"),
        );
        check(
            "form-data; name=\"f\"; filename*=UTF-8'en'%E2%82%AC.srm; filename=\"E.srm\"",
            "f",
            Some("€.srm"),
        );
    }

    #[test]
    fn quotes_and_backslashes() {
        check(
            r#"form-data; name="f"; filename="a;b=\"c\".srm""#,
            "f",
            Some(r#"a;b="c".srm"#),
        );
        check(
            r#"form-data; name="f"; filename="a\b:c\\d.srm""#,
            "f",
            Some(r"a\b:c\d.srm"),
        );
        check(
            r#"form-data; name="f"; filename="never closed"#,
            "f",
            Some("never closed"),
        );
    }

    #[test]
    fn what_cannot_be_read() {
        for header in [
            &b"form-data; name=\"f\"; filename=\"\xFF.srm\""[..],
            b"form-data; name=\"f\"; filename*=utf-8''%FF.srm",
            b"form-data; name=\"f\"; filename*=latin9''x.srm",
            b"form-data; name=\"f\"; filename*=x.srm",
        ] {
            assert_eq!(Disposition::of(header), Err(NOT_UTF8));
        }
        for header in [&b""[..], b"form-data", b"form-data; filename=\"a\""] {
            assert_eq!(Disposition::of(header), Err(NAMELESS));
        }
    }
}
