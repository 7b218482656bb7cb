//! What is asked about one game costs the same however many games there are.

use super::*;

const SOURCES: [&str; 9] = [
    include_str!("../baselines.rs"),
    include_str!("../games.rs"),
    include_str!("../hashes.rs"),
    include_str!("../layouts.rs"),
    include_str!("../machine.rs"),
    include_str!("../matches.rs"),
    include_str!("../outbox.rs"),
    include_str!("../playtime.rs"),
    include_str!("../slots.rs"),
];

/// Every statement of the sources that is about some rows and not all.
fn statements() -> Vec<String> {
    let literals = SOURCES
        .iter()
        .flat_map(|source| source.split('"').skip(1).step_by(2));
    let of_some = literals.filter(|text| {
        let is_statement = ["SELECT ", "DELETE ", "UPDATE "]
            .iter()
            .any(|word| text.starts_with(word));
        is_statement && text.contains("WHERE")
    });
    of_some.map(str::to_owned).collect()
}

#[test]
fn no_statement_about_a_game_reads_through_a_table() {
    let room = Room::new();
    drop(room.open());
    let connection = Connection::open(room.file()).unwrap();
    let statements = statements();
    assert!(statements.len() > 20, "{} were found", statements.len());
    for statement in statements {
        let mut plan = connection
            .prepare(&format!("EXPLAIN QUERY PLAN {statement}"))
            .unwrap();
        let parameters = plan.parameter_count();
        let nothing = vec![rusqlite::types::Null; parameters];
        let steps = plan.query_map(rusqlite::params_from_iter(nothing), |row| {
            row.get::<_, String>(3)
        });
        for step in steps.unwrap() {
            let step = step.unwrap();
            assert!(!step.starts_with("SCAN"), "{step}: {statement}");
        }
    }
}
