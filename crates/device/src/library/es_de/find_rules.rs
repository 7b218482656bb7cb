//! `es_find_rules.xml`: where ES-DE looks for an emulator.

use super::xml::{Step, attribute, walk};

/// The places where emulators may be, in the order in which they are looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FindRules {
    emulators: Vec<(String, Vec<Candidate>)>,
}

/// A place where an emulator may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Candidate {
    /// A program of that name, wherever programs are.
    Program(String),
    /// A file; `~` is the home, and `*` stands for anything in its name.
    File(String),
}

impl FindRules {
    /// Where the emulator `name` may be.
    pub fn of(&self, name: &str) -> &[Candidate] {
        let found = self.emulators.iter().find(|(known, _)| known == name);
        found.map_or(&[], |(_, candidates)| candidates)
    }

    /// These rules, laid over others: an emulator that both name is as it is here.
    #[must_use]
    pub fn over(self, bundled: Self) -> Self {
        let mut emulators = self.emulators;
        for (name, candidates) in bundled.emulators {
            if !emulators.iter().any(|(known, _)| *known == name) {
                emulators.push((name, candidates));
            }
        }
        Self { emulators }
    }
}

/// Reads the file, and says what is wrong with it.
pub fn parse(text: &str) -> (FindRules, Option<String>) {
    let mut rules = FindRules::default();
    let mut emulator: Option<(String, Vec<Candidate>)> = None;
    let mut kind = String::new();
    let fault = walk(text, |step| match step {
        Step::Open { name, attributes } => match name {
            "emulator" => {
                let name = attribute(attributes, "name").unwrap_or_default();
                emulator = Some((name.to_owned(), Vec::new()));
            }
            "rule" => {
                kind.clear();
                kind.push_str(attribute(attributes, "type").unwrap_or_default());
            }
            _ => {}
        },
        Step::Close { name, text } => match (name, &mut emulator) {
            ("entry", Some((_, candidates))) => match kind.as_str() {
                "systempath" => candidates.push(Candidate::Program(text.to_owned())),
                "staticpath" => candidates.push(Candidate::File(text.to_owned())),
                _ => {}
            },
            ("emulator", _) => rules.emulators.extend(emulator.take()),
            _ => {}
        },
    });
    (rules, fault)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: &str = r#"<ruleList>
        <emulator name="RETROARCH">
          <rule type="systempath"><entry>retroarch</entry></rule>
          <rule type="staticpath">
            <entry>~/Applications/RetroArch-Linux*.AppImage</entry>
            <entry>/var/lib/flatpak/exports/bin/org.libretro.RetroArch</entry> <!-- Flatpak -->
          </rule>
        </emulator>
        <core name="RETROARCH"><rule type="corepath"><entry>~/.config/retroarch/cores</entry></rule></core>
        <emulator name="XEMU"><rule type="systempath"><entry>xemu</entry></rule></emulator>
      </ruleList>"#;

    fn file(path: &str) -> Candidate {
        Candidate::File(path.to_owned())
    }

    fn program(name: &str) -> Candidate {
        Candidate::Program(name.to_owned())
    }

    #[test]
    fn places_of_emulators_are_read_in_order() {
        let (rules, fault) = parse(RULES);
        assert_eq!(fault, None);
        let expected = [
            program("retroarch"),
            file("~/Applications/RetroArch-Linux*.AppImage"),
            file("/var/lib/flatpak/exports/bin/org.libretro.RetroArch"),
        ];
        assert_eq!(rules.of("RETROARCH"), expected);
        assert_eq!(rules.of("PCSX2"), []);
    }

    #[test]
    fn a_players_own_rules_lie_over_those_that_are_bundled() {
        let own = "<ruleList><emulator name='RETROARCH'><rule type='staticpath'>\
                   <entry>/opt/retroarch</entry></rule></emulator></ruleList>";
        let rules = parse(own).0.over(parse(RULES).0);
        assert_eq!(rules.of("RETROARCH"), [file("/opt/retroarch")]);
        assert_eq!(rules.of("XEMU"), [program("xemu")]);
    }
}
