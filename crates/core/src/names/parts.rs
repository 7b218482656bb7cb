//! A file name's parts, as RomM stores and sends them beside the name.

/// What RomM calls `file_name_no_tags`, `file_name_no_ext` and `file_extension`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameParts {
    /// Without the extension and the groups in `( )` and `[ ]` at its end.
    pub no_tags: String,
    /// Without the extension.
    pub no_ext: String,
    /// Without its dot; `tar.gz` is one extension.
    pub extension: String,
}

impl NameParts {
    /// Takes `name` apart.
    pub fn of(name: &str) -> Self {
        let (stem, extension) = split_long_extension(name);
        let no_ext = stem.trim();
        Self {
            no_tags: without_groups(no_ext).trim().to_owned(),
            no_ext: no_ext.to_owned(),
            extension: extension.to_owned(),
        }
    }
}

/// The longest extension: a word, and the lower-case words before it, dots between them.
fn split_long_extension(name: &str) -> (&str, &str) {
    let mut split = (name, "");
    for (dot, _) in name.rmatch_indices('.') {
        let word = name[dot + 1..].split('.').next().unwrap_or_default();
        let is_last = split.1.is_empty();
        let fits = if is_last {
            word.chars()
                .all(|character| character.is_alphanumeric() || character == '_')
        } else {
            word.chars().all(|character| character.is_ascii_lowercase())
        };
        if word.is_empty() || !fits {
            break;
        }
        split = (&name[..dot], &name[dot + 1..]);
    }
    split
}

/// Drops the groups at the end of a name. A group ends at the first bracket that closes it, so
/// what stands within another one is no group of its own.
fn without_groups(name: &str) -> &str {
    name.char_indices()
        .map(|(start, _)| name.split_at(start))
        .find(|(_, rest)| is_groups(rest))
        .map_or(name, |(title, _)| title)
}

fn is_groups(mut text: &str) -> bool {
    text = text.trim();
    if text.is_empty() {
        return false;
    }
    while !text.is_empty() {
        let close = match text.as_bytes()[0] {
            b'(' => ')',
            b'[' => ']',
            _ => return false,
        };
        let Some((_, rest)) = text.split_once(close) else {
            return false;
        };
        text = rest.trim_start();
    }
    true
}
