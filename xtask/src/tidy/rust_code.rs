//! What of a Rust source is code: the rest (comments, strings, characters) is blanked, so that a
//! rule may look for words without being misled by text about them.

/// `source` with every comment, string and character replaced by spaces, line for line.
pub fn code_only(source: &str) -> String {
    let mut code = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let (token, after) = if let Some(length) = opaque(rest) {
            let (text, after) = rest.split_at(length);
            code.extend(text.chars().map(|c| if c == '\n' { c } else { ' ' }));
            ("", after)
        } else if is_word(first) {
            rest.split_at(rest.find(|c| !is_word(c)).unwrap_or(rest.len()))
        } else {
            rest.split_at(first.len_utf8())
        };
        code.push_str(token);
        rest = after;
    }
    code
}

/// Whether `word` stands in `code` by itself, not as part of a longer name.
pub fn has_word(code: &str, word: &str) -> bool {
    code.match_indices(word).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        let after = code[at + word.len()..].chars().next();
        let goes_on = word.ends_with(is_word) && after.is_some_and(is_word);
        !goes_on && !before.is_some_and(is_word)
    })
}

/// Whether `c` can be part of a name.
pub fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The length of the comment or literal that `rest` begins with.
fn opaque(rest: &str) -> Option<usize> {
    line_comment(rest)
        .or_else(|| block_comment(rest))
        .or_else(|| raw_string(rest))
        .or_else(|| string(rest))
        .or_else(|| character(rest))
}

fn line_comment(rest: &str) -> Option<usize> {
    rest.starts_with("//")
        .then(|| rest.find('\n').unwrap_or(rest.len()))
}

/// Block comments nest.
fn block_comment(rest: &str) -> Option<usize> {
    rest.strip_prefix("/*")?;
    let mut depth = 0_usize;
    let mut at = 0;
    while at < rest.len() {
        if rest[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return Some(at);
            }
        } else {
            at += rest[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    Some(rest.len())
}

fn raw_string(rest: &str) -> Option<usize> {
    let body = rest.trim_start_matches(['b', 'c']).strip_prefix('r')?;
    let opened = body.trim_start_matches('#');
    let hashes = &body[..body.len() - opened.len()];
    let inner = opened.strip_prefix('"')?;
    let close = format!("\"{hashes}");
    let start = rest.len() - inner.len();
    let length = inner.find(&close).map(|at| start + at + close.len());
    Some(length.unwrap_or(rest.len()))
}

fn string(rest: &str) -> Option<usize> {
    let inner = rest
        .strip_prefix("b\"")
        .or_else(|| rest.strip_prefix('"'))?;
    let start = rest.len() - inner.len();
    let mut escaped = false;
    for (at, c) in inner.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some(start + at + 1),
            _ => {}
        }
    }
    Some(rest.len())
}

/// A quoted character; a lifetime is none.
fn character(rest: &str) -> Option<usize> {
    let inner = rest.strip_prefix('\'')?;
    let first = inner.chars().next()?;
    if first == '\\' {
        // The escaped character may itself be a quote.
        let skipped = 1 + inner[1..].chars().next()?.len_utf8();
        return inner[skipped..].find('\'').map(|at| 1 + skipped + at + 1);
    }
    let closed = inner[first.len_utf8()..].starts_with('\'');
    closed.then(|| 1 + first.len_utf8() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(source: &str, expected: &str) {
        let code = code_only(source);
        assert_eq!(code.lines().count(), source.lines().count(), "{source}");
        let words: Vec<&str> = code.split_whitespace().collect();
        assert_eq!(words.join(" "), expected, "{source}");
    }

    #[test]
    fn comments_are_blanked() {
        check("a // b\nc", "a c");
        check("a /* b /* c */ d */ e", "a e");
        check("//! head\nfn f() {}", "fn f() {}");
    }

    #[test]
    fn strings_are_blanked() {
        check(r#"a "b \" c" d"#, "a d");
        check("a r#\"b \" c\"# d", "a d");
        check("a br\"b\\\" d", "a d");
        check("a b\"x\" d", "a d");
        check("a \"b\nc\" d", "a d");
        check("for \"x\" in r#type", "for in r#type");
    }

    #[test]
    fn characters_are_blanked_and_lifetimes_are_not() {
        check("a '\"' b", "a b");
        check(r"a '\'' b", "a b");
        check(r"a '\u{1f}' b", "a b");
        check("a 'é' b", "a b");
        check("fn f<'a>(x: &'a str)", "fn f<'a>(x: &'a str)");
    }

    #[test]
    fn words_are_found_whole() {
        assert!(has_word("x = sleep(1)", "sleep("));
        assert!(has_word("time::sleep(1)", "sleep("));
        assert!(!has_word("no_sleep(1)", "sleep("));
        assert!(has_word("mod utils;", "utils"));
        assert!(!has_word("mod utilslike;", "utils"));
    }
}
