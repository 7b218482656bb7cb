//! `gamelist.xml`: what ES-DE notes about the games of one system. ES-DE writes it over and over;
//! here it is only read.

use std::collections::HashMap;

use super::xml::{Step, walk};

/// Which emulators were chosen in place of the usual one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gamelist {
    /// The label of the command that plays this system.
    pub system_label: Option<String>,
    /// The label of the command that plays a game, by the game's path as it is written.
    pub game_labels: HashMap<String, String>,
}

/// Reads the file, and says what is wrong with it.
pub fn parse(text: &str) -> (Gamelist, Option<String>) {
    let mut list = Gamelist::default();
    let mut for_the_system = false;
    let (mut path, mut label) = (String::new(), None);
    let fault = walk(text, |step| match step {
        Step::Open { name, .. } => match name {
            "alternativeEmulator" => for_the_system = true,
            "game" => {
                path.clear();
                label = None;
            }
            _ => {}
        },
        Step::Close { name, text } => match name {
            "label" if for_the_system && !text.is_empty() => {
                list.system_label = Some(text.to_owned());
            }
            "alternativeEmulator" => for_the_system = false,
            "path" => text.clone_into(&mut path),
            "altemulator" if !text.is_empty() => label = Some(text.to_owned()),
            "game" => {
                if let Some(label) = label.take() {
                    list.game_labels.insert(std::mem::take(&mut path), label);
                }
            }
            _ => {}
        },
    });
    (list, fault)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn emulators_are_read_from_two_roots() {
        let (list, fault) = parse(
            "<?xml version=\"1.0\"?>\n<alternativeEmulator>\n\t<label>gpSP</label>\n</alternativeEmulator>\n\
             <gameList>\n\t<game>\n\t\t<path>./Golden Sun.zip</path>\n\t\t<name>Golden Sun</name>\n\
             \t\t<altemulator>mGBA (Standalone)</altemulator>\n\t\t<playcount>3</playcount>\n\t</game>\n\
             <folder><path>./sub</path><name>x</name></folder>\n\
             <game><path>./sub/Rock &amp; Roll.gba</path><altemulator>VBA-M</altemulator></game>\n\
             <game><path>./plain.gba</path></game></gameList>",
        );
        assert_eq!(fault, None);
        assert_eq!(list.system_label.as_deref(), Some("gpSP"));
        let own = |(path, label): (&str, &str)| (path.to_owned(), label.to_owned());
        let expected = [
            ("./Golden Sun.zip", "mGBA (Standalone)"),
            ("./sub/Rock & Roll.gba", "VBA-M"),
        ];
        assert_eq!(list.game_labels, HashMap::from(expected.map(own)));
    }

    #[test]
    fn a_label_elsewhere_is_not_the_systems() {
        let (list, fault) =
            parse("<gameList><game><path>./a</path><label>gpSP</label></game></gameList>");
        assert_eq!((list, fault), (Gamelist::default(), None));
    }

    #[test]
    fn what_stands_before_a_fault_counts() {
        let (list, fault) = parse(
            "<gameList><game><path>./a.gba</path><altemulator>gpSP</altemulator></game><game><path>./b",
        );
        assert!(fault.is_some());
        assert_eq!(list.game_labels["./a.gba"], "gpSP");
    }
}
