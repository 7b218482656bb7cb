//! Makes a function of every entry of the catalogue of words, so that a page that asks for a
//! sentence that is not there, or leaves a parameter out, does not compile.
//!
//! `locales/en.toml` says which entries there are. Every other file there is a language that has
//! the same ones with the same parameters, or this build stops and says what is missing.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fmt::Write;
use std::{env, fs, path::Path};

use toml::{Table, Value};

/// The language that says which entries there are.
const FIRST: &str = "en";
/// The forms that an entry with a count may have, as CLDR names them; `other` is always there.
const FORMS: [&str; 5] = ["zero", "one", "two", "few", "many"];
/// What stands for the language itself, and is no entry.
const ABOUT: &str = "language";

/// The forms of one entry, by name. One that does not depend on a count has only `other`.
type Entry = BTreeMap<String, String>;
/// The entries of a language, by the names of their functions.
type Entries = BTreeMap<String, Entry>;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=locales");
    println!("cargo::rerun-if-changed=build.rs");
    let mut languages = BTreeMap::new();
    for file in fs::read_dir("locales")? {
        let path = file?.path();
        println!("cargo::rerun-if-changed={}", path.display());
        let tag = path.file_stem().unwrap_or_default().to_string_lossy();
        let told = |what: &dyn std::fmt::Display| format!("{}: {what}", path.display());
        let table: Table = fs::read_to_string(&path)?
            .parse()
            .map_err(|error| told(&error))?;
        let entries = entries(&table).map_err(|what| told(&what))?;
        languages.insert(tag.into_owned(), (table, entries));
    }
    let first = &languages.get(FIRST).ok_or("there is no locales/en.toml")?.1;
    let mut problems = String::new();
    for (tag, (_, entries)) in &languages {
        compare(tag, first, entries, &mut problems)?;
    }
    if !problems.is_empty() {
        return Err(problems.into());
    }
    let mut code = String::new();
    functions(first, &mut code)?;
    tables(&languages, &mut code)?;
    let place = env::var("OUT_DIR")?;
    fs::write(Path::new(&place).join("words.rs"), code)?;
    Ok(())
}

fn entries(table: &Table) -> Result<Entries, String> {
    let mut entries = Entries::new();
    for (section, members) in table.iter().filter(|(name, _)| *name != ABOUT) {
        let members = members.as_table().ok_or("an entry stands in no section")?;
        for (name, value) in members {
            let forms = match value {
                Value::String(text) => Entry::from([("other".to_owned(), text.clone())]),
                Value::Table(forms) => {
                    let text = |(form, text): (&String, &Value)| {
                        let known = form == "other" || FORMS.contains(&form.as_str());
                        let text = text.as_str().filter(|_| known);
                        text.map(|text| (form.clone(), text.to_owned()))
                    };
                    let forms: Option<Entry> = forms.iter().map(text).collect();
                    let forms = forms.filter(|forms| forms.contains_key("other"));
                    forms.ok_or(format!(
                        "{section}.{name} has a form that is none, or no `other`"
                    ))?
                }
                _ => return Err(format!("{section}.{name} is no text")),
            };
            entries.insert(format!("{section}_{name}"), forms);
        }
    }
    Ok(entries)
}

/// The parameters of a text in the order in which they come.
fn parameters(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for piece in text.split('{').skip(1) {
        let name = piece.split('}').next().unwrap_or_default();
        if !found.contains(&name) {
            found.push(name);
        }
    }
    found
}

fn compare(
    tag: &str,
    first: &Entries,
    entries: &Entries,
    problems: &mut String,
) -> Result<(), std::fmt::Error> {
    for (name, entry) in first {
        let Some(own) = entries.get(name) else {
            writeln!(problems, "locales/{tag}.toml: {name} is missing")?;
            continue;
        };
        let wanted: BTreeSet<_> = parameters(&entry["other"]).into_iter().collect();
        for (form, text) in own {
            // A form for one or none may say it without the number.
            let mut has: BTreeSet<_> = parameters(text).into_iter().collect();
            if form != "other" && wanted.contains("count") {
                has.insert("count");
            }
            if has != wanted {
                let wanted = Vec::from_iter(&wanted);
                writeln!(
                    problems,
                    "locales/{tag}.toml: {name} ({form}) must have {wanted:?}"
                )?;
            }
        }
        if own.len() > 1 && !wanted.contains("count") {
            writeln!(
                problems,
                "locales/{tag}.toml: {name} has forms and no {{count}}"
            )?;
        }
    }
    for name in entries.keys().filter(|name| !first.contains_key(*name)) {
        writeln!(
            problems,
            "locales/{tag}.toml: {name} is not in locales/{FIRST}.toml"
        )?;
    }
    Ok(())
}

fn functions(first: &Entries, code: &mut String) -> Result<(), std::fmt::Error> {
    code.push_str("impl Words {\n");
    for (index, (name, entry)) in first.iter().enumerate() {
        let text = &entry["other"];
        let names = parameters(text);
        let (mut arguments, mut given, mut count) = (String::new(), String::new(), "None");
        for name in names {
            if name == "count" {
                count = "Some(count.0)";
                write!(arguments, ", count: impl Into<Count>")?;
                write!(given, "(\"count\", Part::Number(count.0)), ")?;
            } else {
                write!(arguments, ", {name}: impl Into<Part<'a>>")?;
                write!(given, "(\"{name}\", {name}.into()), ")?;
            }
        }
        writeln!(code, "    #[doc = {text:?}]")?;
        writeln!(
            code,
            "    pub fn {name}<'a>(self{arguments}) -> Phrase<'a> {{"
        )?;
        if count != "None" {
            writeln!(code, "        let count: Count = count.into();")?;
        }
        writeln!(
            code,
            "        self.phrase({index}, {count}, vec![{given}])\n    }}"
        )?;
    }
    code.push_str("}\n");
    Ok(())
}

fn tables(
    languages: &BTreeMap<String, (Table, Entries)>,
    code: &mut String,
) -> Result<(), Box<dyn Error>> {
    writeln!(
        code,
        "static LANGUAGES: [Language; {}] = [",
        languages.len()
    )?;
    for (tag, (table, entries)) in languages {
        let about = |name: &str| {
            let text = table.get(ABOUT).and_then(|it| it.get(name));
            let text = text.and_then(Value::as_str);
            text.ok_or(format!("locales/{tag}.toml: language.{name} is missing"))
        };
        writeln!(
            code,
            "    Language {{ tag: {tag:?}, name: {:?},",
            about("name")?
        )?;
        writeln!(code, "        plural: Plural::{},", about("plural")?)?;
        let (thousands, decimal) = (about("thousands")?, about("decimal")?);
        writeln!(
            code,
            "        thousands: {thousands:?}, decimal: {decimal:?},"
        )?;
        writeln!(code, "        entries: &[")?;
        for (name, entry) in entries {
            writeln!(
                code,
                "            // {name}\n            &{:?},",
                Vec::from_iter(entry)
            )?;
        }
        writeln!(code, "        ],\n    }},")?;
    }
    code.push_str("];\n");
    Ok(())
}
