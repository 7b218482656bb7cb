//! The grammar of `retroarch.cfg`, as its own parser reads it: not that of an INI file.
//!
//! A key is a run of graphic characters, so one written tight against its `=` takes the `=` in and
//! sets nothing. The first of a repeated key counts. What is included counts where it stands: what
//! came before it wins, what comes after it does not. `.info`, `.opt` and override files are
//! written the same way.

use std::collections::HashMap;
use std::path::Path;

use keepsave_core::limits;

use super::spelling::Spelling;
use crate::library::looking::Looking;

/// What a file sets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cfg {
    values: HashMap<String, String>,
    /// Keys whose lines set nothing, because of how they are written.
    pub dropped: Vec<String>,
}

impl Cfg {
    /// Reads a file and those that it includes. What cannot be read sets nothing.
    pub fn read(what: &str, path: &Path, spelling: &Spelling, looking: &mut Looking) -> Self {
        load(what, path, spelling, 0, looking)
    }

    /// Reads a text that includes nothing.
    pub fn parse(text: &str) -> Self {
        parse(text, &mut |_| Self::default())
    }

    /// What `key` is set to; an empty value is one.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.values.get(key).map(String::as_str)
    }

    /// What a switch is set to. Anything but these four words sets nothing.
    pub fn flag(&self, key: &str) -> Option<bool> {
        match self.get(key)? {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        }
    }

    /// Every key and what it is set to.
    #[cfg(any(test, fuzzing))]
    pub fn entries(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// Whether any key begins with `prefix`.
    pub fn knows(&self, prefix: &str) -> bool {
        self.values.keys().any(|key| key.starts_with(prefix))
    }

    /// Takes what `later` sets over what this sets.
    pub fn append(&mut self, later: &Self) {
        let settings = later.values.iter();
        let own = |(key, value): (&String, &String)| (key.clone(), value.clone());
        self.values.extend(settings.map(own));
        self.dropped.extend(later.dropped.iter().cloned());
    }

    /// Sets `key` over what it was set to.
    pub fn put(&mut self, key: &str, value: String) {
        self.values.insert(key.to_owned(), value);
    }

    fn set(&mut self, key: &str, value: &str) {
        if !self.values.contains_key(key) {
            self.values.insert(key.to_owned(), value.to_owned());
        }
    }
}

fn load(what: &str, path: &Path, spelling: &Spelling, depth: usize, looking: &mut Looking) -> Cfg {
    let text = looking.text(what, path);
    let text = text.unwrap_or_default();
    parse(&text, &mut |included| {
        if depth >= limits::SETTINGS_DEPTH {
            return Cfg::default();
        }
        match spelling.included(included, path) {
            Some(path) => load("included settings", &path, spelling, depth + 1, looking),
            None => Cfg::default(),
        }
    })
}

fn parse(text: &str, include: &mut dyn FnMut(&str) -> Cfg) -> Cfg {
    let mut cfg = Cfg::default();
    // Its parser works on a text that ends at the first NUL, as a power cut may leave them.
    let text = text.split('\0').next().unwrap_or_default();
    for line in text.split('\n') {
        if let Some(comment) = line.strip_prefix('#') {
            let included = comment.strip_prefix("include ").map(value);
            if let Some(included) = included.filter(|path| !path.is_empty()) {
                let included = include(included);
                for (key, value) in &included.values {
                    cfg.set(key, value);
                }
                cfg.dropped.extend(included.dropped);
            }
            continue;
        }
        let line = without_comment(line).trim_start_matches(is_blank);
        let (key, rest) = graphic(line);
        if key.is_empty() {
            continue;
        }
        match rest.trim_start_matches(is_blank).strip_prefix('=') {
            Some(rest) => cfg.set(key, value(rest)),
            None => cfg.dropped.extend(aimed_at(key)),
        }
    }
    cfg
}

/// The key that a line which sets nothing was meant for.
fn aimed_at(key: &str) -> Option<String> {
    let (aimed, _) = key.split_once('=')?;
    (!aimed.is_empty()).then(|| aimed.to_owned())
}

/// Only the first two quotes are weighed against the first `#`.
fn without_comment(line: &str) -> &str {
    let Some(comment) = line.find('#') else {
        return line;
    };
    let quoted = line.find('"').filter(|start| *start < comment);
    let end = quoted.and_then(|start| Some(start + 1 + line[start + 1..].find('"')?));
    match end {
        Some(end) if end > comment => line,
        _ => &line[..comment],
    }
}

fn value(text: &str) -> &str {
    let text = text.trim_start_matches(is_blank);
    match text.strip_prefix('"') {
        // A quote that is never closed quotes the rest of the line.
        Some(quoted) => quoted.split('"').next().unwrap_or_default(),
        None => graphic(text).0,
    }
}

fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\r' | '\n')
}

/// The run of visible ASCII at the start, and the rest.
fn graphic(text: &str) -> (&str, &str) {
    let end = text.find(|character: char| !character.is_ascii_graphic());
    text.split_at(end.unwrap_or(text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::game::Found;
    use crate::library::tree::Tree;

    fn value_of(line: &str) -> Option<String> {
        Cfg::parse(line).get("key").map(str::to_owned)
    }

    #[test]
    fn a_line_is_read_as_its_own_parser_reads_it() {
        for (line, value) in [
            (r#"key = "/mnt/my saves""#, Some("/mnt/my saves")),
            (r"key = /mnt/my saves", Some("/mnt/my")),
            ("  key\t=\"a\"   ", Some("a")),
            (r#"key = "a" "b""#, Some("a")),
            (r#"key = "a"#, Some("a")),
            (r#"key = """#, Some("")),
            ("key =", Some("")),
            ("key = \"a\"\r", Some("a")),
            (r#"key="a""#, None),
            (r#"key= "a""#, None),
            (r#"key "a""#, None),
            ("key", None),
            (r#"KEY = "a""#, None),
            (r#"# key = "a""#, None),
            (r#"#key = "a""#, None),
            (r#"key = "a # b""#, Some("a # b")),
            (r#"key = "a" # "b""#, Some("a")),
            (r"key = a#b", Some("a")),
            (r#"  # key = "a""#, None),
            ("key = caf\u{e9}/a", Some("caf")),
            ("key = \"caf\u{e9}/a\"", Some("caf\u{e9}/a")),
        ] {
            assert_eq!(value_of(line).as_deref(), value, "{line:?}");
        }
    }

    #[test]
    fn the_first_of_a_repeated_key_counts() {
        let cfg = Cfg::parse("key = \"first\"\nkey = \"second\"\n");
        assert_eq!(cfg.get("key"), Some("first"));
    }

    #[test]
    fn nothing_after_a_nul_is_read() {
        let cfg = Cfg::parse("a = \"1\"\nb = \"2\0 3\"\nc = \"4\"");
        assert_eq!(
            (cfg.get("a"), cfg.get("b"), cfg.get("c")),
            (Some("1"), Some("2"), None)
        );
    }

    #[test]
    fn a_dropped_line_is_named() {
        let cfg = Cfg::parse("savefile_directory=\"/x\"\nplain words\n==\n");
        assert_eq!(cfg.dropped, ["savefile_directory"]);
    }

    #[test]
    fn a_switch_has_four_words() {
        for (word, flag) in [
            ("true", Some(true)),
            ("1", Some(true)),
            ("false", Some(false)),
            ("0", Some(false)),
            ("TRUE", None),
            ("yes", None),
            ("", None),
        ] {
            assert_eq!(
                Cfg::parse(&format!("key = \"{word}\"")).flag("key"),
                flag,
                "{word}"
            );
        }
        assert_eq!(Cfg::default().flag("key"), None);
    }

    #[test]
    fn what_is_included_last_yields_to_the_file_itself() {
        let tree = Tree::new();
        let main = tree.file(
            "/opt/ra/retroarch.cfg",
            "a = \"main\"\n#include \"/opt/ra/more.cfg\"\nb = \"after\"\n# include \"no.cfg\"\n",
        );
        tree.file(
            "/opt/ra/more.cfg",
            "a = \"more\"\nb = \"more\"\n#include \"sub/last.cfg\"\n",
        );
        tree.file(
            "/opt/ra/sub/last.cfg",
            "c = \"last\"\n#include \"~/home.cfg\"\n",
        );
        tree.file("~/home.cfg", "d = \"home\"\n");
        let spelling = Spelling::plain(&tree.machine());
        let mut looking = Looking::default();
        let cfg = Cfg::read("settings", &main, &spelling, &mut looking);
        let values = ["a", "b", "c", "d"].map(|key| cfg.get(key));
        assert_eq!(
            values,
            [Some("main"), Some("more"), Some("last"), Some("home")]
        );
        assert_eq!(looking.looked.len(), 4);
        assert!(
            looking
                .looked
                .iter()
                .all(|looked| looked.found == Found::Yes)
        );
    }

    #[test]
    fn files_that_include_themselves_or_nothing_come_to_an_end() {
        let tree = Tree::new();
        let main = tree.file(
            "/opt/ra/retroarch.cfg",
            "#include \"retroarch.cfg\"\n#include \"gone.cfg\"\n#include \"\"\na = \"1\"\n",
        );
        let spelling = Spelling::plain(&tree.machine());
        let mut read = Looking::default();
        let cfg = Cfg::read("settings", &main, &spelling, &mut read);
        assert_eq!(cfg.get("a"), Some("1"));
        assert!(read.looked.iter().any(|looked| looked.found == Found::No));
        assert!(read.looked.len() > limits::SETTINGS_DEPTH);
    }

    proptest::proptest! {
        #[test]
        fn no_text_breaks_the_parser(text in "[ a=\"#\\n\\r\\t\u{0}\u{e9}]{0,60}") {
            let cfg = Cfg::parse(&text);
            proptest::prop_assert!(cfg.values.keys().all(|key| !key.is_empty()));
        }
    }
}
