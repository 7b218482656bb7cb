//! Forms of files, read the way the contract's examples are written.

use bytes::Bytes;

/// A part of a form.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub field: String,
    /// None for a plain field.
    pub file_name: Option<String>,
    pub content: Bytes,
}

/// The parts of a `multipart/form-data` body of that content type. What is none has none.
pub(super) fn parts(content_type: &str, body: &Bytes) -> Vec<Part> {
    let Some((kind, boundary)) = content_type.split_once("boundary=") else {
        return Vec::new();
    };
    if !kind.starts_with("multipart/form-data") {
        return Vec::new();
    }
    let delimiter = format!("--{}", boundary.trim_matches('"'));
    let mut found = Vec::new();
    let mut at = match find(body, delimiter.as_bytes(), 0) {
        Some(start) => start + delimiter.len(),
        None => return found,
    };
    let delimiter = format!("\r\n{delimiter}");
    while let Some(head_end) = find(body, b"\r\n\r\n", at) {
        let Some(end) = find(body, delimiter.as_bytes(), head_end + 2) else {
            break;
        };
        let head = String::from_utf8_lossy(&body[at..head_end]);
        // An empty part's delimiter begins with the head's own last line end.
        let content = body.slice((head_end + 4).min(end)..end);
        if let Some(field) = attribute(&head, "name") {
            found.push(Part {
                field,
                file_name: attribute(&head, "filename"),
                content,
            });
        }
        at = end + delimiter.len();
    }
    found
}

/// An attribute of the disposition; `\\` and `\"` are what they quote.
fn attribute(head: &str, name: &str) -> Option<String> {
    let disposition = head.lines().find(|line| {
        line.to_ascii_lowercase()
            .starts_with("content-disposition:")
    })?;
    let start = disposition.find(&format!("; {name}=\""))? + name.len() + 4;
    let mut value = String::new();
    let mut rest = disposition[start..].chars();
    while let Some(next) = rest.next() {
        match next {
            '"' => return Some(value),
            '\\' => value.extend(rest.next()),
            other => value.push(other),
        }
    }
    None
}

fn find(body: &[u8], wanted: &[u8], from: usize) -> Option<usize> {
    let rest = body.get(from..)?;
    let first = *wanted.first()?;
    let mut at = 0;
    while let Some(skip) = rest[at..].iter().position(|byte| *byte == first) {
        at += skip;
        if rest[at..].starts_with(wanted) {
            return Some(from + at);
        }
        at += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_its_parts() {
        let body = Bytes::from_static(
            b"--x\r\nContent-Disposition: form-data; name=\"saveFile\"; filename=\"a\\\\b.srm\"\r\n\
              Content-Type: application/octet-stream\r\n\r\none\r\n--not\r\n--x\r\n\
              Content-Disposition: form-data; name=\"empty\"\r\n\r\n\r\n--x--\r\n",
        );
        let parts = parts("multipart/form-data; boundary=x", &body);
        let seen: Vec<_> = parts
            .iter()
            .map(|part| {
                (
                    part.field.as_str(),
                    part.file_name.as_deref(),
                    &*part.content,
                )
            })
            .collect();
        assert_eq!(
            seen,
            [
                ("saveFile", Some("a\\b.srm"), &b"one\r\n--not"[..]),
                ("empty", None, &b""[..]),
            ]
        );
    }

    #[test]
    fn what_is_no_form_has_no_parts() {
        let body = Bytes::from_static(b"--x\r\n\r\n--x--");
        assert!(parts("application/json", &body).is_empty());
        assert!(parts("multipart/form-data; boundary=y", &body).is_empty());
    }
}
