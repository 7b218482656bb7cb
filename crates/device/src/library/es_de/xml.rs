//! Reads what ES-DE calls XML: several roots, none, tags that nobody closes.
//!
//! Knows elements, attributes and text; not what they mean.

use keepsave_core::limits;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

/// What is met on the way through a file.
#[derive(Clone, Copy, Debug)]
pub enum Step<'a> {
    /// An element begins.
    Open {
        /// Its name.
        name: &'a str,
        /// Its attributes.
        attributes: &'a [(String, String)],
    },
    /// An element ends.
    Close {
        /// Its name.
        name: &'a str,
        /// The text since the last element began or ended, without blanks around it.
        text: &'a str,
    },
}

/// The value of the attribute `name`.
pub fn attribute<'a>(attributes: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let found = attributes.iter().find(|(known, _)| known == name)?;
    Some(&found.1)
}

/// Goes through `text` from its beginning. Returns what is wrong with it, if it cannot be read to
/// its end; everything before was walked.
pub fn walk(text: &str, mut step: impl FnMut(Step)) -> Option<String> {
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    config.allow_dangling_amp = true;
    config.trim_markup_names_in_closing_tags = true;
    let mut open = Open::default();
    loop {
        match reader.read_event() {
            Ok(Event::Start(start)) => {
                if open.names.len() == limits::FRONTEND_NESTING {
                    return Some("its elements stand too deep in one another".to_owned());
                }
                open.begin(&start, &mut step);
            }
            Ok(Event::Empty(start)) => {
                open.begin(&start, &mut step);
                open.end(start.name().as_ref(), &mut step);
            }
            Ok(Event::End(end)) => open.end(end.name().as_ref(), &mut step),
            Ok(Event::Text(text)) => open.text.push_str(&text),
            Ok(Event::CData(text)) => open.text.push_str(&text),
            Ok(Event::GeneralRef(reference)) => open.push_reference(&reference),
            Ok(Event::Eof) => return open.unfinished(),
            Ok(_) => {}
            Err(error) => {
                let at = reader.error_position();
                return Some(format!("it breaks off at byte {at}: {error}"));
            }
        }
    }
}

/// The elements that have begun and not ended, and the text read since.
#[derive(Default)]
struct Open {
    names: Vec<String>,
    text: String,
}

impl Open {
    fn begin(&mut self, start: &BytesStart, step: &mut impl FnMut(Step)) {
        let name = start.name().as_ref().to_owned();
        let attributes: Vec<(String, String)> = start
            .html_attributes()
            .flatten()
            .map(|attribute| {
                let key = attribute.key.as_ref().to_owned();
                let value = attribute.normalized_value(XmlVersion::Implicit1_0);
                let value = value.map_or_else(|_| attribute.value.to_string(), |v| v.to_string());
                (key, value)
            })
            .collect();
        step(Step::Open {
            name: &name,
            attributes: &attributes,
        });
        self.text.clear();
        self.names.push(name);
    }

    /// An end that belongs to an outer element ends what was left open within it; one that belongs
    /// to none is passed over.
    fn end(&mut self, name: &str, step: &mut impl FnMut(Step)) {
        let Some(at) = self.names.iter().rposition(|open| open == name) else {
            return;
        };
        while self.names.len() > at {
            if let Some(name) = self.names.pop() {
                step(Step::Close {
                    name: &name,
                    text: self.text.trim(),
                });
            }
            self.text.clear();
        }
    }

    fn push_reference(&mut self, reference: &BytesRef) {
        if let Ok(Some(character)) = reference.resolve_char_ref() {
            self.text.push(character);
        } else if let Some(known) = resolve_predefined_entity(reference) {
            self.text.push_str(known);
        } else {
            self.text.push('&');
            self.text.push_str(reference);
            self.text.push(';');
        }
    }

    fn unfinished(&self) -> Option<String> {
        let name = self.names.last()?;
        Some(format!("it breaks off within `{name}`"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `<name`, `name=text`: what was walked, and what was wrong.
    fn walked(text: &str) -> (Vec<String>, Option<String>) {
        let mut steps = Vec::new();
        let fault = walk(text, |step| match step {
            Step::Open { name, attributes } => {
                let attributes: Vec<_> = attributes
                    .iter()
                    .map(|(k, v)| format!(" {k}:{v}"))
                    .collect();
                steps.push(format!("<{name}{}", attributes.concat()));
            }
            Step::Close { name, text } => steps.push(format!("{name}={text}")),
        });
        (steps, fault)
    }

    #[test]
    fn several_roots_references_and_comments_are_read() {
        let text = "\u{feff}<?xml version=\"1.0\"?>\n<!-- <gone>x</gone> -->\n<one>\n  <a k=\"x &amp; y\" j='2'/>\n</one>\
            <two>Tom &amp; &#x4a;erry &co; & so on <![CDATA[<b>]]></two>";
        let (steps, fault) = walked(text);
        assert_eq!(fault, None);
        assert_eq!(
            steps,
            [
                "<one",
                "<a k:x & y j:2",
                "a=",
                "one=",
                "<two",
                "two=Tom & Jerry &co; & so on <b>"
            ]
        );
    }

    #[test]
    fn what_stands_before_the_fault_is_read() {
        for (text, steps, fault) in [
            (
                "<l><a>1</a><b>2",
                vec!["<l", "<a", "a=1", "<b"],
                "within `b`",
            ),
            ("<l><a>1</a><b", vec!["<l", "<a", "a=1"], "byte"),
            // What nobody closes, or closes twice, ends with what is around it.
            (
                "<l><a>1<b>2</l><m/>",
                vec!["<l", "<a", "<b", "b=2", "a=", "l=", "<m", "m="],
                "",
            ),
            ("</x><a>1</a></a>", vec!["<a", "a=1"], ""),
            ("<a k=v q>1</a>", vec!["<a k:v q:", "a=1"], ""),
            ("", vec![], ""),
            ("no XML at all", vec![], ""),
        ] {
            let (found, said) = walked(text);
            assert_eq!(found, steps, "{text}");
            match said {
                Some(said) => assert!(!fault.is_empty() && said.contains(fault), "{text}: {said}"),
                None => assert_eq!(fault, "", "{text}"),
            }
        }
    }

    #[test]
    fn what_is_nested_without_end_is_left() {
        let deep = "<a>".repeat(100_000);
        let (steps, fault) = walked(&deep);
        assert_eq!(steps.len(), limits::FRONTEND_NESTING);
        assert!(fault.unwrap().contains("too deep"));
    }
}
