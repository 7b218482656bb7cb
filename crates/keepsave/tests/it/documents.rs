//! The documents that are generated from the code are checked in, and are the ones it generates.

use std::path::Path;

use crate::sandbox;

#[track_caller]
fn demand_same(document: &str, file: &str) {
    let generated = sandbox().run(&["docs", document]).expect(0);
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(file);
    let checked_in = std::fs::read_to_string(path).unwrap_or_default();
    let differs = generated
        .lines()
        .zip(checked_in.lines())
        .position(|(new, old)| new != old);
    assert!(
        generated == checked_in,
        "{file} is not what the code says, from line {} on: run `cargo xtask docs`",
        differs.map_or(0, |line| line + 1)
    );
}

#[test]
fn the_commands_are_documented() {
    demand_same("commands", "docs/commands.md");
}

#[test]
fn the_configuration_is_documented() {
    demand_same("configuration", "docs/configuration.md");
}

#[test]
fn the_api_is_documented() {
    demand_same("openapi", "docs/openapi.json");
}

#[test]
fn every_command_has_an_example_of_itself() {
    let page = sandbox().run(&["docs", "commands"]).expect(0);
    let sections: Vec<&str> = page.split("\n## `").skip(1).collect();
    assert!(sections.len() > 30, "{}", sections.len());
    for section in sections {
        let (name, help) = section.split_once('`').unwrap();
        let (_, examples) = help.split_once("\nExamples:\n").unwrap_or_default();
        assert!(examples.contains(&format!("  {name}")), "{name}: {help}");
    }
}
